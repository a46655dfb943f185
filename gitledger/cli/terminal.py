"""The terminal: whether it has colour, how wide it is, its pager and its editor."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from gitledger.cli.context import Context
from gitledger.cli.style import Style
from gitledger.core.text import escape
from gitledger.errors import LedgerError


def style(context: Context, stream: TextIO) -> Style:
    """Return the look for a stream, by `--color`, `NO_COLOR`, `color.ui`, and what it is."""
    terminal = stream.isatty()
    encoding = (getattr(stream, "encoding", None) or "utf-8").lower()
    return Style(
        color=_color(context, terminal=terminal),
        width=shutil.get_terminal_size().columns if terminal else None,
        unicode="utf" in encoding,
    )


def _color(context: Context, *, terminal: bool) -> bool:
    asked = context.options.get("color")
    if asked in ("always", "never"):
        return bool(asked == "always")
    if not terminal or context.environ.get("NO_COLOR") or context.environ.get("TERM") == "dumb":
        return False
    return _git_setting(context, "color.ui") not in ("false", "never", "no", "off", "0")


def page(lines: Iterable[str], context: Context, *, always_plain: bool) -> None:
    """Write the lines, through the user's pager where they are many and somebody reads them."""
    if always_plain or not context.stdout.isatty():
        context.stdout.writelines(f"{line}\n" for line in lines)
        return
    text = "".join(f"{line}\n" for line in lines)
    if text.count("\n") < shutil.get_terminal_size().lines:
        context.stdout.write(text)
        return
    _through(_chosen(context, "GIT_PAGER", "core.pager", "PAGER") or "less", text, context)


def _through(pager: str, text: str, context: Context) -> None:
    """Show the text in a pager; `LESS=FRX` unless the user has said otherwise, as git does."""
    import subprocess

    environ = {"LESS": "FRX", "LV": "-c", **context.environ}
    try:
        # The user's own words, which git too hands to the shell.
        subprocess.run(pager, shell=True, input=text, text=True, env=environ, check=False)  # noqa: S602
    except OSError:
        context.stdout.write(text)


def edit(context: Context, path: Path) -> None:
    """Open a file in the user's editor and wait until it is closed.

    Raises:
        LedgerError: the editor cannot be started or fails.
    """
    import shlex
    import subprocess

    editor = (
        _chosen(context, "GIT_EDITOR", "core.editor", "VISUAL")
        or context.environ.get("EDITOR")
        or "vi"
    )
    command = f"{editor} {shlex.quote(str(path))}"
    if subprocess.run(command, shell=True, check=False).returncode != 0:  # noqa: S602
        raise LedgerError(
            f"the editor failed: {escape(editor)}", hint="choose one: git config core.editor NAME"
        )


def _chosen(context: Context, first: str, setting: str, last: str) -> str | None:
    environ = context.environ
    return environ.get(first) or _git_setting(context, setting) or environ.get(last)


def _git_setting(context: Context, key: str) -> str | None:
    try:
        return context.ledger.repository.configuration.get(key)
    except (LedgerError, OSError):
        return None
