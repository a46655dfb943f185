"""The hooks in a repository: put in place beside what is there, and taken away again."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from gitledger.errors import LedgerError, StoreFailed
from gitledger.hookfiles import configured, files
from gitledger.hookfiles.place import Place, place_of
from gitledger.hookfiles.shims import HOOKS, content, program, shim
from gitledger.hookfiles.state import State, program_of, state_of
from gitledger.repository import Repository
from gitledger.settings import hook_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["HOOKS", "Hooks", "install", "restore", "status", "uninstall"]

_MADE = "made-hooks-directory"
"""A file in our own directory that says that the directory of hooks was not there before."""


class Hooks(NamedTuple):
    """The hooks of a repository.

    Attributes:
        place: where git takes them from.
        states: how things are, hook by hook.
        program: what the installed shims start, None where it is not to be found.
    """

    place: Place
    states: tuple[State, ...]
    program: str | None


def install(repository: Repository, names: Sequence[str] = HOOKS) -> Hooks:
    """Put our hooks where git runs them, beside what is there.

    Files that are not the repository's own are not changed: their states say what to add.

    Raises:
        LedgerError: hooks are switched off; or there are two earlier hooks of a name.
        StoreFailed: the directory or the configuration cannot be written.
    """
    where = place_of(repository)
    if where.keeper == "nobody":
        raise LedgerError(
            f"hooks are switched off: core.hooksPath is {where.setting}",
            hint="switch them on: git config --unset core.hooksPath",
        )
    words = hook_words(repository.configuration)
    with _told("write"), _alone(repository):
        before = [state_of(repository, where, name) for name in names]
        installed = [current.name for current in before if current.state != "chained"]
        for current in before:
            text = partial(_shim, current.name, words, installed)
            if current.state == "chained":
                continue
            if where.configured:
                configured.put(repository, current.name, text)
                files.take(where, current.name)
            elif where.keeper is None:
                configured.take(repository, current.name)
                _make(repository, where.folder)
                files.put(where, current.name, text)
    return status(_anew(repository), names)


def restore(repository: Repository, names: Sequence[str]) -> None:
    """Put back those of our hooks in whose place lefthook has put its own; the shims call it.

    Any other hook that somebody has put in the place of ours is left, and so is one that lefthook
    calls ours from: the shims that are there then look for it no more.

    Raises:
        LedgerError, StoreFailed: as `install`.
    """
    where = place_of(repository)
    states = [state_of(repository, where, name) for name in HOOKS]
    ours = [each.name for each in states if each.state == "installed"]
    lost = [
        each.name
        for each in states
        if each.name in names and each.name not in ours and files.is_lefthooks(where, each.name)
    ]
    install(repository, [name for name in HOOKS if name in ours or name in lost])


def uninstall(repository: Repository, names: Sequence[str] = HOOKS) -> Hooks:
    """Take our hooks away, so that all is as it was before.

    Raises:
        StoreFailed: the directory or the configuration cannot be written.
    """
    where = place_of(repository)
    # `core.hooksPath` may have been set, as by husky, after ours were put into git's own directory.
    folders = {where.folder, repository.location.common_dir / "hooks"}
    with _told("remove"), _alone(repository):
        for name in names:
            configured.take(repository, name)
            for folder in folders:
                files.take(where._replace(folder=folder), name)
        for folder in folders:
            _unmake(repository, folder)
        _forget(repository)
    return status(_anew(repository), names)


def status(repository: Repository, names: Sequence[str] = HOOKS) -> Hooks:
    """Return how things are."""
    where = place_of(repository)
    states = tuple(state_of(repository, where, name) for name in names)
    shims = [each.path for each in states if each.path]
    return Hooks(where, states, program_of(shims[0]) if shims else program())


def is_outdated(repository: Repository, hooks: Hooks) -> bool:
    """Tell whether installing again would change a shim that is in place."""
    words = hook_words(repository.configuration)
    return any(
        _lasting(content(each.path).decode(errors="replace"))
        != _lasting(_shim(each.name, words, (), ":"))
        for each in hooks.states
        if each.path is not None and each.state == "installed"
    )


def _shim(name: str, words: Sequence[str], installed: Sequence[str], condition: str) -> str:
    return shim(name, words=words, installed=installed, condition=condition)


def _lasting(text: str) -> list[str]:
    """Return the lines of a shim that do not depend on what stands beside it."""
    depend = ('-x "$kept"', "for name in ")
    return [line for line in text.splitlines() if not any(part in line for part in depend)]


def _anew(repository: Repository) -> Repository:
    """Return the repository with its configuration to be read again."""
    return Repository(repository.location, repository.environ)


def _make(repository: Repository, folder: Path) -> None:
    """Make the directory of hooks, and note down that it was not there."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True)
    ours = repository.location.common_dir / "gitledger"
    ours.mkdir(exist_ok=True)
    (ours / _MADE).touch()


def _unmake(repository: Repository, folder: Path) -> None:
    """Remove the directory of hooks where we made it and nothing else came into it."""
    if (repository.location.common_dir / "gitledger" / _MADE).exists():
        with suppress(OSError):
            folder.rmdir()


def _forget(repository: Repository) -> None:
    """Leave no trace in our own directory."""
    ours = repository.location.common_dir / "gitledger"
    (ours / _MADE).unlink(missing_ok=True)
    (ours / "message").unlink(missing_ok=True)  # commit-msg's
    (ours / "lefthook").unlink(missing_ok=True)  # hook.displaced's
    with suppress(OSError):
        ours.rmdir()


@contextmanager
def _alone(repository: Repository) -> Iterator[None]:
    """Let nobody else change the hooks meanwhile: shims of several worktrees may restore them."""
    descriptor = os.open(repository.location.common_dir, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _told(deed: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreFailed(
            f"cannot {deed} the hooks: {error.strerror}: {error.filename}",
            hint="check the permissions of the directory of hooks: git rev-parse --git-path hooks",
        ) from error
