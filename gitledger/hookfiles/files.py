"""Hook files: ours in the place of what was there, which is kept and goes on running."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from pathlib import Path

from gitledger.errors import LedgerError
from gitledger.hookfiles.place import Place
from gitledger.hookfiles.shims import HOOKS, content, is_ours, write
from gitledger.hookfiles.tools import tool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

_ASIDE: Final = (".legacy", ".old")
"""What pre-commit and lefthook add to the name of a hook that they find. The first runs it."""


def found(place: Place, name: str) -> Path | None:
    """Return where our shim of a hook is, under whatever name; None where it is nowhere."""
    paths = (place.folder / f"{name}{end}" for end in ("", *_ASIDE))
    return next((path for path in paths if is_ours(path, name)), None)


def runs(place: Place, name: str) -> bool:
    """Tell whether our shim is where it is run."""
    return found(place, name) == target(place, name)


def target(place: Place, name: str) -> Path:
    """Return where our shim belongs.

    pre-commit takes for granted that a hook of its name is its own, moves any other aside as
    `.legacy`, and runs that first, so there ours does not get in its way. In the place of
    pre-commit's hook ours would be moved aside by its next installation and then call it again.
    """
    path = place.folder / name
    return path.with_name(f"{name}.legacy") if tool(path) == "pre-commit" else path


def put(place: Place, name: str, text: Callable[[str], str]) -> None:
    """Put our shim where it is run; what is there is kept and run by ours.

    Args:
        place: where hooks are.
        name: the hook.
        text: makes the shim from the condition under which what was there before is run.

    Raises:
        LedgerError: there is more than one earlier hook.
        OSError: the directory cannot be written.
    """
    if not runs(place, name):
        take(place, name)
    path, kept = target(place, name), place.kept / name
    if _is_past(place, path, kept):
        kept.unlink()
    if _is_there(path) and not is_ours(path, name):
        _keep(path, kept)
        _link_siblings(place)
    shim = text(_condition(place, name) if tool(kept) == "lefthook" else ":")
    if content(path) != shim.encode() or not os.access(path, os.X_OK):
        write(path, shim)


def take(place: Place, name: str) -> None:
    """Take our shim away and put back what was in its place before.

    Raises:
        OSError: the directory cannot be written.
    """
    kept = place.kept / name
    path = found(place, name)
    if path is None and not _is_there(place.folder / name):
        path = place.folder / name
    elif path is None and tool(kept) == "lefthook":
        kept.unlink()  # lefthook has taken ours for its own, and put another one there
    elif path is None and tool(place.folder / name) == "lefthook" and _is_there(kept):
        _put_aside(place, name)
    if path is not None:
        if _is_past(place, path, kept):
            kept.unlink()
        if _is_there(kept):
            kept.replace(path)
        elif _is_there(path):
            path.unlink()
    _tidy(place)


def _put_aside(place: Place, name: str) -> None:
    """Put a hook that is kept where lefthook would have put it, had ours not been there."""
    aside = place.folder / f"{name}.old"
    if not _is_there(aside):
        (place.kept / name).replace(aside)


def _is_past(place: Place, path: Path, kept: Path) -> bool:
    """Tell whether what is kept is lefthook's, which has removed or replaced it in its own eyes."""
    if tool(kept) != "lefthook":
        return False
    watched = _is_installed(place).encode() in content(path)
    return (watched and not place.lefthook.exists()) or path.suffix == ".old"


def is_lefthooks(place: Place, name: str) -> bool:
    """Tell whether lefthook has put its hook in the place of ours, or taken ours for its own."""
    return "lefthook" in (tool(place.folder / name), tool(place.kept / name))


def _condition(place: Place, name: str) -> str:
    """Return the shell command that tells whether lefthook is installed.

    Its `uninstall` removes this file, and of its hooks only those that stand where it put them.
    Where it keeps somebody's hook as `.old` already, it would stop for good at a second one: by the
    word in capitals it takes ours for its own, and replaces it.
    """
    if not place.lefthook.exists():
        return ":"
    installed = _is_installed(place)
    aside = place.folder / f"{name}.old"
    return f": LEFTHOOK && {installed}" if _is_there(aside) else installed


def _is_installed(place: Place) -> str:
    return f"[ -e {shlex.quote(str(place.lefthook))} ]"


def leftover(place: Place, name: str) -> Path | None:
    """Return what is kept for a shim that another hook was put in the place of."""
    kept = place.kept / name
    return kept if found(place, name) is None and _is_there(kept) else None


def _keep(path: Path, kept: Path) -> None:
    """Keep a hook, byte for byte, link for link; git finds it until ours is in its place."""
    if _is_there(kept):
        if kept.samefile(path):
            return
        raise LedgerError(
            f"there are two earlier hooks: {path} and {kept}",
            hint="remove or rename the one that is out of date, and install again",
        )
    kept.parent.mkdir(exist_ok=True)
    try:
        os.link(path, kept, follow_symlinks=False)
    except OSError:  # a file system without hard links
        path.rename(kept)


def _link_siblings(place: Place) -> None:
    """Let a hook that is kept find the files beside which it stood."""
    for entry in place.folder.iterdir():
        link = place.kept / entry.name
        if entry.name in HOOKS or entry.suffix in (".sample", ".tmp", *_ASIDE):
            continue
        if not _is_there(link):
            link.symlink_to(Path("..", place.folder.name, entry.name))


def _tidy(place: Place) -> None:
    """Remove the links to siblings, and the directory, once nothing is kept in it."""
    if not place.kept.is_dir():
        return
    entries = list(place.kept.iterdir())
    if any(entry.name in HOOKS for entry in entries):
        return
    for entry in _links(place, entries):
        entry.unlink()
    with suppress(OSError):
        place.kept.rmdir()


def _links(place: Place, entries: list[Path]) -> Iterator[Path]:
    for entry in entries:
        if entry.is_symlink() and entry.readlink() == Path("..", place.folder.name, entry.name):
            yield entry


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)
