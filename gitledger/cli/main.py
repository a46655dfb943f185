"""From words to an exit code: the one boundary where errors become output."""

from __future__ import annotations

import os
import sys

from gitledger import __version__
from gitledger.cli import registry
from gitledger.cli.parse import parse, query_words
from gitledger.cli.route import find_route, misplaced
from gitledger.cli.spec import COMMON_NAMES
from gitledger.errors import Interrupted, InvalidInput, LedgerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from gitledger.cli.context import Context
    from gitledger.cli.reply import Reply, Stream


def main(words: Sequence[str] | None = None) -> int:
    """Run a command line in this process's place and environment, and return its exit code."""
    return answer(sys.argv[1:] if words is None else words, here())


def here() -> Context:
    """Return this process's place, environment and streams."""
    from io import TextIOWrapper

    from gitledger.cli.context import Context

    # A closed stream is None. What a terminal cannot show is replaced; it must not hide the answer.
    sys.stdin, sys.stdout, sys.stderr = (
        stream or open(os.devnull, "r+", encoding="utf-8")  # noqa: SIM115  # as long as we run
        for stream in (sys.stdin, sys.stdout, sys.stderr)
    )
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    return Context(
        place=_here(),
        environ=os.environ,
        stdin=sys.stdin,
        stdout=sys.stdout,
        stderr=sys.stderr,
    )


def answer(words: Sequence[str], context: Context) -> int:
    """Run a command line in the context of this process, and return its exit code.

    What it said has been written then, and what it had open is closed.
    """
    try:
        code = run(words, context)
    except BrokenPipeError:
        code = 0  # whoever read our output has gone
    try:
        sys.stdout.flush()
    except OSError:
        # It has been told, or nobody wants it. Python's own flush at exit must find an open door.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    context.close()
    return code


def run(words: Sequence[str], context: Context) -> int:
    """Run a command line in a context and return its exit code.

    Args:
        words: the command line without the program's name.
        context: where it runs; nothing else is read or written.

    Raises:
        BrokenPipeError: nobody reads the output any more.
    """
    try:
        reply = _answer(list(words), context)
        if reply is None:
            return 0
        from gitledger.cli.output import write_reply

        write_reply(reply, context)
    except LedgerError as error:
        return _failed(error, words, context)
    except KeyboardInterrupt:
        return _failed(Interrupted("interrupted"), words, context)
    except BrokenPipeError:
        raise
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        where = f": {error.filename}" if error.filename else ""
        return _failed(LedgerError(f"{what}{where}"), words, context)
    except Exception as error:
        if context.environ.get("GITLEDGER_DEBUG"):
            raise
        hint = "this is a fault of gitledger; GITLEDGER_DEBUG=1 shows where"
        wrong = LedgerError(f"unexpected {type(error).__name__}: {error}", hint=hint)
        return _failed(wrong, words, context)
    finally:
        _afterwards(context)
    return reply.exit_code


def _answer(words: list[str], context: Context) -> Reply | Stream | None:
    """Carry out the command; None where there is nothing left to print."""
    words = _stand(words, context)
    if words[:1] == ["--version"]:
        context.stdout.write(f"gitledger {__version__}\n")
        return None
    verb, rest = find_route(words)
    if verb not in registry.verbs():
        _with_typer(context, lambda app: app.print_help(verb))
        return None
    command = registry.find(verb)
    rest = query_words(command, rest)
    values = parse(command, rest)
    if values is None and words[:1] != verb.split()[:1] and (wrong := misplaced(rest)):
        raise wrong
    if values is None:
        values = _with_typer(context, lambda app: app.explain(command, rest))
    if values is None:
        return None
    context.automatic, context.brief = command.automatic, not command.long
    if command.long:
        import gc

        gc.enable()
    context.options = {name: value for name, value in values.items() if name in COMMON_NAMES}
    own = {name: value for name, value in values.items() if name not in COMMON_NAMES}
    try:
        return command.run(context, **own)
    finally:
        context.settle()


def _afterwards(context: Context) -> None:
    """Note that the session is alive, where the command looked at its ledger; look after git, and
    after the index."""
    reader = None if context.automatic else context.__dict__.get("reader")
    if reader:
        reader.heartbeats.beat(reader.session, reader.now())
        if reader.has_large_index():
            from gitledger import completing

            completing.after_command(reader.repository, reader.list)
    ledger = context.__dict__.get("ledger")
    if ledger and ledger.wrote:
        from gitledger import upkeep

        try:
            ledger.operations().take_down()
        except LedgerError:
            pass  # whoever asks for the operations is told
        repository = ledger.repository
        upkeep.after_write(repository.git, repository.location.common_dir_name)
        lefthook = os.path.join(ledger.standing.location.common_dir_name, "info/lefthook.checksum")
        if os.path.exists(lefthook):
            from gitledger.hook import displaced

            displaced.put_back(ledger.standing, lefthook)


def _with_typer(context: Context, do: Any) -> Any:
    """Do something with the commands as a typer program, which prints to standard output."""
    import contextlib

    from gitledger.cli import app

    with contextlib.redirect_stdout(context.stdout):
        return do(app)


def _stand(words: list[str], context: Context) -> list[str]:
    """Follow `-C PATH`, as git does, and return the other words."""
    while words[:1] == ["-C"]:
        if len(words) < 2:
            raise InvalidInput("option -C needs a path")
        context.place = os.path.join(context.place, words[1])
        words = words[2:]
    return words


def _here() -> str:
    """Return the current directory; what it was called, where it has been removed."""
    try:
        return os.getcwd()
    except OSError:
        return os.environ.get("PWD", ".")


def _failed(error: LedgerError, words: Sequence[str], context: Context) -> int:
    from gitledger.cli.output import write_error

    options = words[: words.index("--")] if "--" in words else words
    try:
        write_error(
            error,
            context.stderr,
            as_json="--json" in options,
            verbose=bool(context.options.get("verbose")),
        )
    except OSError:
        pass  # nobody hears it; that it went wrong the exit code says all the same
    return error.exit_code
