"""The terminal: whether it has colour, how wide it is, its pager and its editor."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from gitledger.cli.context import Context
from gitledger.cli.style import Style
from gitledger.errors import LedgerError


def style(context: Context, stream: TextIO) -> Style:
    """Return the look for a stream: `--color`, then `NO_COLOR`, then `color.ui`, then a terminal."""
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
    from gitledger.git import run_pager

    run_pager(_chosen(context, "GIT_PAGER", "core.pager", "PAGER") or "less", text)


def edit(context: Context, path: Path) -> None:
    """Open a file in the user's editor and wait until it is closed.

    Raises:
        LedgerError: the editor cannot be started or fails.
    """
    from gitledger.git import run_editor

    editor = (
        _chosen(context, "GIT_EDITOR", "core.editor", "VISUAL")
        or context.environ.get("EDITOR")
        or "vi"
    )
    if run_editor(editor, path) != 0:
        raise LedgerError(f"the editor '{editor}' failed", hint="set EDITOR or git's core.editor")


def _chosen(context: Context, first: str, setting: str, last: str) -> str | None:
    environ = context.environ
    return environ.get(first) or _git_setting(context, setting) or environ.get(last)


def _git_setting(context: Context, key: str) -> str | None:
    try:
        return context.ledger.repository.configuration.get(key)
    except (LedgerError, OSError):
        return None
