"""The refs of a list: its own, and the tracking refs that say what remotes have of it."""

from __future__ import annotations

import os
import time
from pathlib import Path

from gitledger import lists
from gitledger.doctor import objects, ref_state, ref_tables, restore, soundness
from gitledger.doctor.finding import Finding, Mend
from gitledger.doctor.ref_state import Kind, RefState, lock_of, look, remove
from gitledger.errors import StoreFailed
from gitledger.repository import Repository
from gitledger.store import reflog
from gitledger.store.lock import lock
from gitledger.store.ref_lock import PATIENCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def names(repository: Repository) -> list[str]:
    """Return the names of all lists, those with a broken or lost ref too, sorted."""
    common_dir = repository.location.common_dir
    logs = common_dir / "logs" / lists.REFS
    logged = {path.name for path in logs.glob("*") if path.is_file()}
    refs = {ref.removeprefix(lists.REFS) for ref in ref_state.names(repository, lists.REFS)}
    lost = {
        name
        for name in logged - refs
        if (last := reflog.last(common_dir, lists.ref(name))) and not last.deletes
    }
    return sorted(name for name in refs | lost if lists.is_name(name))


def examine(repository: Repository, name: str) -> Iterator[Finding]:
    """Yield what is wrong with a list's refs and the objects that they lead to."""
    tracked = sorted(_tracking_names(repository, name))
    for ref in (lists.ref(name), *tracked):
        yield from _lock(repository, name, ref)
    found = look(repository, lists.ref(name))
    trouble = _own(repository, name, found)
    if trouble:
        yield trouble
    elif not _has_reflog(repository, found.name):
        yield _without_reflog(repository, found)
    for ref in tracked:
        state = look(repository, ref)
        if state.kind is Kind.ABSENT:
            continue
        if state.kind is not Kind.DIRECT or objects.leads_nowhere(repository, found, state.value):
            yield _tracking(repository, name, state)
        # What the list's own ref shares with it is told, and mended, already.
        elif not (trouble and trouble.code.startswith("damaged")):
            yield from objects.examine_tracking(repository, name, state)


# -- the list's own ref ------------------------------------------------------------------------


def _own(repository: Repository, name: str, found: RefState) -> Finding | None:
    own = None
    match found.kind:
        case Kind.ABSENT:
            problem = "it is gone, though nobody has deleted or archived the list"
            trouble = ("lost-ref", found.name, problem)
        case Kind.BROKEN:
            trouble = ("broken-ref", found.name, found.said)
        case Kind.SYMBOLIC:
            own = repository.store.refs(found.value).get(found.value)
            problem = f"it is a symbolic ref to {found.value}; a list's ref is none"
            trouble = ("symbolic-ref", found.name, problem)
        case Kind.DIRECT:
            commits, whole = soundness.line(repository.store, found.value)
            if not whole or soundness.is_ledgers(repository, commits, whole=whole):
                return objects.examine_list(repository, name, found)
            problem = f"it names {found.value[:12]}, which is no commit of a ledger"
            trouble = ("foreign-ref", found.name, problem)
    mend = restore.mend(repository, name, found, own)
    return Finding(*trouble, mend=mend)


def _has_reflog(repository: Repository, ref: str) -> bool:
    # What git keeps in its tables nothing is restored from here.
    common_dir = repository.location.common_dir
    return ref_tables.are_used(repository) or reflog.path(common_dir, ref).exists()


def _without_reflog(repository: Repository, found: RefState) -> Finding:
    def do() -> str:
        repository.store.enable_reflog(found.name)
        return f"{found.name} has a reflog from now on"

    return Finding(
        "no-reflog",
        found.name,
        "it has no reflog, from which a lost value could be restored",
        severity="warning",
        mend=Mend(f"let git keep a reflog of {found.name}", do),
    )


# -- lock files --------------------------------------------------------------------------------


def _lock(repository: Repository, name: str, ref: str) -> Iterator[Finding]:
    path = lock_of(repository.location.common_dir / ref)
    try:
        seen = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return
    age = time.time() - seen.st_mtime
    if age < PATIENCE:
        return

    def do() -> str:
        with lock(repository.location.common_dir / "gitledger" / f"{name}.lock"):
            _unlink(path, seen)
        return f"removed {path.name} of {ref}"

    yield Finding(
        "stale-lock",
        ref,
        f"a writer that was killed has left its lock file: {path}",
        mend=Mend(f"remove the lock file {path}", do),
    )


def _unlink(path: Path, seen: os.stat_result) -> None:
    """Remove the lock file that was seen, if it is that one still."""
    try:
        now = path.stat()
        if (now.st_ino, now.st_mtime_ns) == (seen.st_ino, seen.st_mtime_ns):
            path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreFailed(f"cannot remove {path}: {error.strerror}") from error


# -- tracking refs -----------------------------------------------------------------------------


def _tracking_names(repository: Repository, name: str) -> set[str]:
    refs = ref_state.names(repository, lists.TRACKING)
    return {ref for ref in refs if ref.rpartition("/")[2] == name}


def _tracking(repository: Repository, name: str, found: RefState) -> Finding:
    """Return the finding on a tracking ref that is of no use.

    Without it, claims count as tentative until the next sync has fetched it again; what is
    unpublished stays, as that is in the list's own ref.
    """

    def do() -> str:
        with lock(repository.location.common_dir / "gitledger" / f"{name}.lock"):
            remove(repository, found)
        return f"removed {found.name}; the next sync fetches it again"

    match found.kind:
        case Kind.SYMBOLIC:
            problem = f"it is a symbolic ref to {found.value}"
        case Kind.DIRECT:
            problem = f"it names {found.value[:12]}, which is not here"
        case _:
            problem = found.said
    return Finding(
        "broken-tracking-ref",
        found.name,
        problem,
        mend=Mend(f"remove {found.name}, which the next sync fetches again", do),
    )
