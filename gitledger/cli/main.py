"""From words to an exit code: the one boundary where errors become output."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from gitledger import __version__
from gitledger.cli import registry
from gitledger.cli.parse import parse, query_words
from gitledger.core.text import escape
from gitledger.errors import InvalidInput, LedgerError, RemoteFailed

if TYPE_CHECKING:
    from gitledger.cli.context import Context
    from gitledger.cli.reply import Reply
    from gitledger.cli.style import Style

INTERRUPTED = 130


def main(words: Sequence[str] | None = None) -> int:
    """Run a command line in this process's place and environment, and return its exit code."""
    from gitledger.cli.context import Context

    for stream in (sys.stdout, sys.stderr):
        # What a terminal cannot show is replaced; an output error must not hide the answer.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    context = Context(
        cwd=Path.cwd(),
        environ=os.environ,
        stdin=sys.stdin,
        stdout=sys.stdout,
        stderr=sys.stderr,
    )
    try:
        return run(sys.argv[1:] if words is None else words, context)
    except BrokenPipeError:
        # Whoever read our output has gone. Python's own flush at exit must find a closed door.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def run(words: Sequence[str], context: Context) -> int:
    """Run a command line in a context and return its exit code.

    Args:
        words: the command line without the program's name.
        context: where it runs; nothing else is read or written.
    """
    as_json = "--json" in words
    try:
        reply = _answer(list(words), context)
        if reply is None:
            return 0
        _print(reply, context)
        context.stdout.flush()
    except LedgerError as error:
        _report(error, context.stderr, as_json=as_json, verbose=_verbose(words))
        return error.exit_code
    except KeyboardInterrupt:
        context.stderr.write("interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:
        if context.environ.get("GITLEDGER_DEBUG"):
            raise
        text = escape(f"{type(error).__name__}: {error}")
        hint = "this is a fault of gitledger; GITLEDGER_DEBUG=1 shows where"
        wrong = LedgerError(f"unexpected {text}", hint=hint)
        _report(wrong, context.stderr, as_json=as_json, verbose=False)
        return wrong.exit_code
    return reply.exit_code


def _answer(words: list[str], context: Context) -> Reply | None:
    """Carry out the command; None where there is nothing left to print."""
    words = _stand(words, context)
    if words[:1] == ["--version"]:
        context.stdout.write(f"gitledger {__version__}\n")
        return None
    verb, rest = _verb(words)
    if verb is None:
        return _explained(words, context)
    command = registry.find(verb)
    rest = query_words(command, rest)
    values = parse(command, rest)
    if values is None:
        return _explained([*verb.split(), *rest], context)
    return _carry_out(verb, values, context)


def _carry_out(verb: str, values: Mapping[str, Any], context: Context) -> Reply:
    from gitledger.cli.spec import COMMON

    common = {option.name for option in COMMON}
    context.options = {name: value for name, value in values.items() if name in common}
    own = {name: value for name, value in values.items() if name not in common}
    return registry.find(verb).run(context, **own)


def _stand(words: list[str], context: Context) -> list[str]:
    """Follow `-C PATH`, as git does, and return the other words."""
    while words[:1] == ["-C"]:
        if len(words) < 2:
            raise InvalidInput("option -C needs a path")
        context.cwd = context.cwd / words[1]
        words = words[2:]
    return words


def _verb(words: list[str]) -> tuple[str | None, list[str]]:
    """Split off the verb; without one, or with only common options, it is `status`."""
    known = registry.verbs()
    if words and words[0].startswith("-") and words[0] not in ("-h", "--help"):
        return "status", words
    if not words:
        return "status", []
    two = " ".join(words[:2])
    if two in known:
        return two, words[2:]
    return (words[0], words[1:]) if words[0] in known else (None, words)


def _explained(words: list[str], context: Context) -> Reply | None:
    import contextlib

    from gitledger.cli.app import explain

    with contextlib.redirect_stdout(context.stdout):
        values = explain(words)
    verb, _ = _verb(words)
    return _carry_out(verb, values, context) if values and verb else None


def _print(reply: Reply, context: Context) -> None:
    if context.options.get("json"):
        _print_json(reply.kind, reply.data(), context.stdout)
    else:
        from gitledger.cli.terminal import page

        lines = reply.lines(_style(context, context.stdout))
        page(lines, context, always_plain=not reply.paged)
    for message in reply.messages:
        context.stderr.write(f"{message}\n")


def _print_json(kind: str, data: Mapping[str, Any], stream: TextIO) -> None:
    import json

    from gitledger.core.view import SCHEMA_VERSION

    whole = {"schema_version": SCHEMA_VERSION, "kind": kind, **data}
    stream.write(json.dumps(whole, ensure_ascii=False, indent=2) + "\n")


def _report(error: LedgerError, stream: TextIO, *, as_json: bool, verbose: bool) -> None:
    if as_json:
        body = {"code": error.code, "message": error.message, "hint": error.hint}
        _print_json("error", {"error": body}, stream)
        return
    stream.write(f"error: {escape(error.message)}\n")
    if error.hint:
        stream.write(f"hint: {escape(error.hint)}\n")
    if verbose and isinstance(error, RemoteFailed) and error.detail:
        stream.writelines(f"  git: {line}\n" for line in error.detail.splitlines())


def _verbose(words: Sequence[str]) -> bool:
    return "-v" in words or "--verbose" in words


def _style(context: Context, stream: TextIO) -> Style:
    from gitledger.cli.terminal import style

    return style(context, stream)
