"""What a command answered, and what went wrong, put on the right stream in the right form."""

from __future__ import annotations

from gitledger.cli.reply import Stream, write_parts
from gitledger.core.text import escape
from gitledger.errors import Interrupted, LedgerError, RemoteFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TextIO

    from gitledger.cli.context import Context
    from gitledger.cli.reply import Reply


def write_reply(reply: Reply | Stream, context: Context) -> None:
    """Write data to standard output and messages to standard error."""
    if isinstance(reply, Stream):
        write_stream(reply, context)
        return
    as_json = context.options.get("json")
    if as_json:
        write_json(reply.kind, reply.data(), context.stdout)
    else:
        from gitledger.cli.terminal import page, style

        lines = reply.lines(style(context, context.stdout))
        page(lines, context, paged=reply.paged)
    context.stdout.flush()
    told = [f"warning: {warning}" for warning in reply.warnings]
    if not as_json:
        told += [*reply.messages, *([f"hint: {reply.hint}"] if reply.hint else [])]
    try:
        context.stderr.writelines(f"{line}\n" for line in told)
    except OSError:
        pass  # nobody hears it, and the answer is out


def write_stream(stream: Stream, context: Context) -> None:
    """Write what comes, line by line, each at once; whoever interrupts it has had enough.

    Raises:
        BrokenPipeError: nobody reads it any more.
    """
    out = context.stdout
    try:
        if context.options.get("json"):
            for data in stream.data():
                write_json(stream.kind, data, out, indent=None)
                out.flush()
        else:
            from gitledger.cli.terminal import style

            for line in stream.lines(style(context, out)):
                out.write(f"{line}\n")
                out.flush()
    except KeyboardInterrupt:
        stream.exit_code = Interrupted.exit_code
        if context.stderr.isatty():
            context.stderr.write("\n")  # behind the ^C of the terminal


def write_json(
    kind: str, data: Mapping[str, Any], stream: TextIO, *, indent: int | None = 2
) -> None:
    """Write one JSON object; what a terminal might act upon is written as an escape.

    Args:
        kind: its kind.
        data: the rest of it; see `jsontext.parts`.
        stream: where to.
        indent: how far its parts stand to the right; None writes it as one line.
    """
    from gitledger.core import jsontext
    from gitledger.core.view import SCHEMA_VERSION

    whole = {"schema_version": SCHEMA_VERSION, "kind": kind, **data}
    write_parts(jsontext.parts(whole, indent=indent), stream)
    stream.write("\n")


def write_error(error: LedgerError, stream: TextIO, *, as_json: bool, verbose: bool) -> None:
    """Write an error: one line and a hint, or a JSON object.

    Args:
        error: what went wrong.
        stream: where to; standard error.
        as_json: whether JSON was asked for.
        verbose: whether to add what a remote said.
    """
    if as_json:
        body = {"code": error.code, "message": error.message, "hint": error.hint}
        write_json("error", {"error": body}, stream)
        return
    stream.write(f"error: {escape(error.message)}\n")
    if error.hint:
        stream.write(f"hint: {escape(error.hint)}\n")
    if verbose and isinstance(error, RemoteFailed):
        stream.writelines(f"  git: {escape(line)}\n" for line in error.detail.splitlines())
