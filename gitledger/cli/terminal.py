"""The terminal: whether it has colour, how wide it is, its pager and its editor."""

from __future__ import annotations

import os

from gitledger.cli.style import Style
from gitledger.errors import LedgerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from typing import IO, TextIO

    from gitledger.cli.context import Context

_OFF = ("false", "never", "no", "off", "0")


def style(context: Context, stream: TextIO) -> Style:
    """Return the look for a stream, by `--color`, `NO_COLOR`, `color.ui`, and what it is."""
    terminal = _is_terminal(context, stream)
    return Style(
        color=_color(context, terminal=terminal),
        width=_size(context, stream).columns if terminal else None,
        unicode=_shows_unicode(context, stream),
    )


def page(lines: Iterable[str], context: Context, *, paged: bool) -> None:
    """Write the lines, through the user's pager where they are many and somebody reads them."""
    parts = (f"{line}\n" for line in lines)
    if not paged:
        context.stdout.writelines(parts)
        return
    if not context.stdout.isatty():
        from gitledger.cli.reply import write_parts

        write_parts(parts, context.stdout)
        return
    from itertools import chain, islice

    pager = _chosen(context, "GIT_PAGER", "core.pager", "PAGER", "less")
    # What is more than a screen is shown as it comes: all of a history may take minutes.
    height = _size(context, context.stdout).lines
    first = "".join(islice(parts, height))
    if first.count("\n") < height or pager in ("", "cat"):
        for part in chain([first], parts):
            context.stdout.write(part)
    else:
        _through(pager, chain([first], parts), context)


def edit(context: Context, path: Path) -> None:
    """Open a file in the user's editor and wait until it is closed.

    Raises:
        LedgerError: the editor cannot be started or fails, or there is none and no terminal.
    """
    import shlex

    default = context.environ.get("EDITOR", "")
    editor = _chosen(context, "GIT_EDITOR", "core.editor", "VISUAL", default)
    if not editor:
        # Without a terminal vi would wait for ever.
        if not (context.stdin.isatty() and context.stdout.isatty()):
            raise LedgerError(
                "there is no terminal to open an editor in",
                hint="say what to change: git ledger edit ID -p P1 -l +x …",
            )
        editor = "vi"
    if _run(f"{editor} {shlex.quote(str(path))}", context, context.environ) != 0:
        raise LedgerError(
            f"the editor failed: {editor}", hint="choose one: git config core.editor NAME"
        )


def start_detached(words: Sequence[str], context: Context) -> None:
    """Start a command line of ours that goes on by itself; nobody waits for what it says."""
    import subprocess
    import sys

    subprocess.Popen(
        # Without `-P` a folder or file of the repository could be taken for a module of ours.
        [sys.executable, "-P", "-m", "gitledger", *words],
        cwd=context.place,
        env=dict(context.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _is_terminal(context: Context, stream: TextIO) -> bool:
    """Tell whether people see the stream: on a terminal, or in the pager of `git -p ledger …`."""
    return stream.isatty() or context.environ.get("GIT_PAGER_IN_USE") == "true"


def _color(context: Context, *, terminal: bool) -> bool:
    asked = context.options.get("color")
    if asked in ("always", "never"):
        return bool(asked == "always")
    environ = context.environ
    if environ.get("NO_COLOR"):
        return False
    wanted = context.setting("color.ui") or "auto"
    dumb = environ.get("TERM") == "dumb"
    return wanted == "always" or (terminal and not dumb and wanted not in _OFF)


def _shows_unicode(context: Context, stream: TextIO) -> bool:
    """Tell whether signs beyond ASCII can be shown: not in the locale `C`, if it is asked for.

    Python writes UTF-8 even there, but a terminal or pager of that locale does not show it.
    """
    encoding = (getattr(stream, "encoding", None) or "utf-8").lower()
    names = (context.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    return "utf" in encoding and next(filter(None, names), "") not in ("C", "POSIX")


def _size(context: Context, stream: TextIO) -> os.terminal_size:
    """Return columns and lines; a number in the environment is stronger than the terminal's."""
    try:
        found = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        found = os.terminal_size((80, 24))
    given = (context.environ.get(name, "") for name in ("COLUMNS", "LINES"))
    sizes = (int(word) if word.isdecimal() else 0 for word in given)
    columns, lines = (size or there or 80 for size, there in zip(sizes, found, strict=True))
    return os.terminal_size((columns, lines))


def _through(pager: str, parts: Iterable[str], context: Context) -> None:
    """Show text in a pager as it comes; `LESS=FRX` unless the user has said otherwise, as git does.

    Who closes the pager wants no more of it.
    """
    environ = {"LESS": "FRX", "LV": "-c", "LESSCHARSET": "utf-8", **context.environ}
    encoding = getattr(context.stdout, "encoding", None) or "utf-8"
    _run(pager, context, environ, (part.encode(encoding, "replace") for part in parts))


def _run(
    command: str, context: Context, environ: Mapping[str, str], given: Iterable[bytes] | None = None
) -> int:
    """Run the user's own words, by the shell as git does, and return the exit code.

    Args:
        command: what to run.
        context: where to run it.
        environ: its environment.
        given: its standard input, written as it comes, as far as it is read; None leaves it ours.
    """
    import signal
    import subprocess

    # Ctrl-C is meant for what is on the screen, which knows what to do. A signal that is handled,
    # unlike one that is ignored, is the program's own again once it has started.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with subprocess.Popen(
            ["sh", "-c", command],
            env=environ,
            cwd=context.place,
            stdin=None if given is None else subprocess.PIPE,
        ) as process:
            if process.stdin is not None and given is not None:
                _give(process.stdin, given)
        return process.returncode
    finally:
        signal.signal(signal.SIGINT, before)


def _give(stream: IO[bytes], given: Iterable[bytes]) -> None:
    """Write what is given to a program, as it comes, until there is no more or it reads no more."""
    try:
        try:
            for part in given:
                stream.write(part)
                stream.flush()
        finally:
            stream.close()
    except BrokenPipeError:
        pass


def _chosen(context: Context, first: str, setting: str, last: str, default: str) -> str:
    """Return the program that the user has chosen: by the first of these that is set."""
    environ = context.environ
    found = (environ.get(first), context.setting(setting), environ.get(last))
    return next((program for program in found if program is not None), default)
