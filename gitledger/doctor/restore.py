"""A list's ref, put back to a commit that is whole; what can be read after it comes along."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from gitledger.doctor import soundness
from gitledger.doctor.finding import Mend
from gitledger.doctor.ref_state import RefState, move_aside, replace
from gitledger.doctor.rescue import Rescue, plan
from gitledger.repository import Repository
from gitledger.store import reflog
from gitledger.store.base import Store
from gitledger.store.lock import lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_NOTHING = "0" * 40
_LARGEST = 1 << 24
"""Bytes of a loose object's file that may be one of a ledger's."""


def mend(repository: Repository, name: str, found: RefState, own: str | None) -> Mend | None:
    """Return how a list's ref can be put back; None where nothing is left. As `rescue.plan`."""
    rescue = plan(repository, name, found, own)
    if rescue is None:
        return None
    deed = f"put {found.name} back to {rescue.target[:12]} of {rescue.source}"
    if count := len(rescue.after):
        deed += f" and make {count} later operation{'' if count == 1 else 's'} again"
    if rescue.lost:
        deed += f" (lost: {rescue.lost})"
    return Mend(deed, partial(_restore, repository, name, found, rescue))


def _restore(repository: Repository, name: str, found: RefState, rescue: Rescue) -> str:
    store, common_dir = repository.store, repository.location.common_dir
    with lock(common_dir / "gitledger" / f"{name}.lock"):
        tip = _again(store, rescue)
        kept = replace(repository, found, tip, partial(_log, repository, found, rescue, tip))
        since = store.commit(rescue.target).committer.time
        for path in list(damaged_objects(common_dir, since)):
            move_aside(common_dir, path)
    said = [f"{found.name} is {tip[:12]} now, from {rescue.source}"]
    if rescue.lost:
        said.append(f"lost: {rescue.lost}")
    if kept:
        said.append(f"what stood there is kept: {kept}")
    return "; ".join(said)


def _again(store: Store, rescue: Rescue) -> str:
    """Make the later operations again, and return the new tip. Author, dates, message stay."""
    tip = rescue.target
    for commit, files in ((later.commit, later.files) for later in rescue.after):
        tip = store.write(tip, files, commit.message, commit.author, commit.committer)
    return tip


def _log(
    repository: Repository,
    found: RefState,
    rescue: Rescue,
    tip: str,
    moves: list[reflog.Move],
) -> list[reflog.Move]:
    """Return the reflog without what cannot be read any more, and with what is done now.

    A reflog that names what is not there makes `git fsck` and `git gc` fail.
    """
    there = {commit.id for commit in soundness.line(repository.store, tip)[0]} | {_NOTHING}
    others = {value for move in moves for value in (move.old, move.new)} - there - rescue.given_up
    if others and soundness.is_sound(repository, *others):
        there |= others
    else:
        there |= {value for value in others if soundness.is_sound(repository, value)}
    kept = [move for move in moves if {move.old, move.new} <= there]
    committer = repository.committer(datetime.now(UTC))
    who = f"{committer.name} <{committer.email}>"
    old = found.value if found.value in there else kept[-1].new if kept else _NOTHING
    return [*kept, reflog.entry(old, tip, who, int(time.time()), "doctor: put back")]


def damaged_objects(common_dir: Path, since: float) -> Iterator[Path]:
    """Yield the files of loose objects that are damaged.

    As long as one stands there git takes it for the object, and writes no whole one.

    Args:
        common_dir: the common git directory.
        since: when the oldest may have been written, in seconds since the epoch.
    """
    for path in sorted((common_dir / "objects").glob("[0-9a-f][0-9a-f]/*")):
        status = path.stat()
        if status.st_size <= _LARGEST and status.st_mtime >= since:
            oid = path.parent.name + path.name
            if soundness.damaged_file(common_dir, oid):
                yield path
