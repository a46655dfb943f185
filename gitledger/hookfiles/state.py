"""What git does for a hook as things are: what of ours it runs, and what else."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path
from typing import NamedTuple

from gitledger.hookfiles import configured, files
from gitledger.hookfiles.place import Place
from gitledger.hookfiles.shims import content, program
from gitledger.hookfiles.tools import calls_ours, line, tool
from gitledger.repository import Repository


class State(NamedTuple):
    """One hook.

    Attributes:
        name: its name.
        state: `installed`; `chained` where another hook calls ours; `displaced` where another tool
            has put its hook in the place of ours; `to add` where a line is to be added to a file
            that is not ours to change; `another hook`; `absent`.
        path: our shim, None where there is none.
        others: what else git runs for the hook, in words.
        file: the file that a line is to be added to, None where none is.
        line: the line.
    """

    name: str
    state: str
    path: Path | None
    others: tuple[str, ...]
    file: Path | None = None
    line: str | None = None


def state_of(repository: Repository, place: Place, name: str) -> State:
    """Return how things are for a hook."""
    others = _others(repository, place, name)
    shim = _running(repository, place, name)
    if shim is not None:
        return State(name, "installed", shim, others)
    if _is_chained(repository, place, name):
        return State(name, "chained", None, others)
    displaced = files.found(place, name)
    if displaced is not None or files.leftover(place, name):
        return State(name, "displaced", displaced, others)
    if place.keeper is not None and not place.configured:
        edited = place.edited(name) if place.keeper != "nobody" else None
        return State(name, "to add", None, others, edited, line(name)) if edited else _off(name)
    return State(name, "another hook" if others else "absent", None, others)


def program_of(path: Path) -> str | None:
    """Return the program that a shim starts, None where neither it nor one in PATH is there."""
    for each in content(path).decode(errors="surrogateescape").splitlines():
        if each.strip().startswith("program="):
            named = shlex.split(each.strip().removeprefix("program="))[0]
            return named if os.access(named, os.X_OK) else shutil.which("git-ledger")
    return program()


def _off(name: str) -> State:
    return State(name, "absent", None, ())


def _running(repository: Repository, place: Place, name: str) -> Path | None:
    if place.configured and configured.runs(repository, name):
        return configured.folder(repository) / name
    if place.keeper != "nobody" and files.runs(place, name):
        return files.target(place, name)
    return None


def _is_chained(repository: Repository, place: Place, name: str) -> bool:
    files_ = {place.edited(name), place.folder / name}
    return any(calls_ours(path, name, repository.location.worktree) for path in files_)


def _others(repository: Repository, place: Place, name: str) -> tuple[str, ...]:
    said = configured.others(repository, name) if place.configured else []
    path = place.folder / name
    for each in (path, path.with_name(f"{name}.legacy"), place.kept / name):
        if each.suffix == ".legacy" and tool(path) != "pre-commit":
            continue
        if os.access(each, os.X_OK) and each.is_file() and files.found(place, name) != each:
            by = tool(each)
            said.append(f"{each} ({by})" if by else str(each))
    return tuple(said)
