"""Whether all of a commit can be read: its tree, its history, and the trees of that."""

from __future__ import annotations

from bisect import bisect_left
from pathlib import Path
from typing import NamedTuple

from gitledger.errors import Damaged, StoreFailed
from gitledger.repository import Repository
from gitledger.store import packing
from gitledger.store.base import FOLDER, Commit, Store
from gitledger.store.loose import read_loose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Final

ROOT_COMMITS: Final = frozenset(
    (
        "c084590eaaed08b0d93b6dabff32cbff9c7fcae2",
        "1f3a0aa923d2ddebe9ed9b1660d9b65c5bc66b0e2cd24a23865312f6ad6e8739",
    )
)
"""The first commit of every ledger (contract, section 2), by SHA-1 and by SHA-256."""

_ANY_SIZE: Final = 1 << 40
_NOT_READ: Final = (0o160000, FOLDER)
"""Modes of entries without content of their own: a submodule's commit is another repository's, and
a folder that is not entered was entered in another place."""
_TIMEOUT: Final = 300.0
"""Seconds for one look at a whole history; 10,000 operations take about two."""


class Hurt(NamedTuple):
    """An object that is missing or damaged.

    Attributes:
        oid: its id.
        place: what it is: a path, `a commit`, `a folder`.
        in_tip: whether the tasks as they are now need it, or what they once were alone.
    """

    oid: str
    place: str
    in_tip: bool


def is_sound(repository: Repository, *commits: str) -> bool:
    """Tell whether some commits and all that can be reached from them are there and whole.

    Neither a missing nor a damaged object makes it hang.
    """
    seen = _verify(repository, commits)
    return seen.readable and not seen.damaged


class _Seen(NamedTuple):
    """What git sees from some commits on.

    Attributes:
        readable: whether it can read all of it.
        damaged: ids of objects with a damaged file, as far as it gets.
    """

    readable: bool
    damaged: list[str]


def _verify(repository: Repository, commits: Sequence[str]) -> _Seen:
    # Neither a commit-graph nor a replacement may stand in for what is not there any more.
    result = repository.git.run(
        "--no-replace-objects",
        "-c",
        "core.commitGraph=false",
        "rev-list",
        "--verify-objects",
        "--no-object-names",
        "--stdin",
        input="".join(f"{commit}^{{commit}}\n" for commit in commits).encode(),
        timeout=_TIMEOUT,
        check=False,
    )
    # Of a blob with another content than its id says git speaks, and goes on; trees and commits
    # it believes.
    readable = result.code == 0 and "error: " not in result.stderr
    common_dir = repository.location.common_dir
    seen = result.stdout.decode().split()
    return _Seen(readable, [oid for oid in seen if damaged_file(common_dir, oid)])


def newest_sound(repository: Repository, commits: Sequence[str]) -> str | None:
    """Return the first of some commits, the newest first, that is sound; None: none is.

    The history of what is sound is sound. So not all are looked at, but the newest few, and then
    ever fewer of those between the last that was not sound and the first that was.
    """
    count, end = len(commits), 1
    while end < count and not is_sound(repository, commits[end - 1]):
        end *= 2
    place = bisect_left(
        range(count),
        True,
        lo=end // 2,
        hi=end - 1 if end < count else count,
        key=lambda place: is_sound(repository, commits[place]),
    )
    return commits[place] if place < count else None


def line(store: Store, tip: str) -> tuple[list[Commit], bool]:
    """Return the commits from a tip down to where they cannot be read, and whether all can be."""
    found = []
    try:
        for commit in store.history(tip):
            found.append(commit)
    except StoreFailed:
        return found, False
    return found, True


def is_ledgers(repository: Repository, commits: Sequence[Commit], *, whole: bool) -> bool:
    """Tell whether a line of commits can be a ledger's.

    Args:
        repository: where they are.
        commits: the newest first, as from `line`.
        whole: whether they go down to their root.
    """
    if not commits:
        return False
    ends = {*ROOT_COMMITS, *_shallow(repository.location.common_dir)}
    return not whole or commits[-1].id in ends


def hurts(repository: Repository, tip: str) -> list[Hurt]:
    """Return what is missing or damaged of a tip: what its tasks need first, then its history.

    Below a tree that cannot be read nothing can be looked at.
    """
    found: dict[str, Hurt] = {}
    for hurt in _all_hurts(repository.store, tip, _shallow(repository.location.common_dir)):
        found.setdefault(hurt.oid, hurt)
    # The store believes what a folder or a commit says, were it another's.
    for oid in _verify(repository, [tip]).damaged:
        found.setdefault(oid, Hurt(oid, "an object", in_tip=True))
    return list(found.values())


def read(store: Store, oid: str) -> bytes | None:
    """Return a blob; None of anything else.

    Raises:
        Damaged: it is missing, cannot be read, or holds what its id does not say.
    """
    content = store.read(oid, _ANY_SIZE)
    if content is not None and object_id("blob", content, oid) != oid:
        raise Damaged(f"object {oid} holds something else", subject=oid)
    return content


def object_id(kind: str, content: bytes, like: str) -> str:
    """Return the id that git gives to an object, in a repository with ids like another one."""
    return packing.object_id("sha1" if len(like) == 40 else "sha256", kind, content)


def _all_hurts(store: Store, tip: str, shallow: set[str]) -> Iterator[Hurt]:
    looked: set[str] = set()
    try:
        for entry in store.entries(tip, ""):
            looked.add(entry.oid)
            if entry.mode not in _NOT_READ and (
                hurt := _unreadable(store, entry.oid, entry.path, in_tip=True)
            ):
                yield hurt
    except StoreFailed as error:
        oid = _subject(error, tip)
        yield Hurt(oid, "a commit" if oid == tip else "a folder", in_tip=True)
    commits, whole = line(store, tip)
    if not whole and not (commits and commits[-1].id in shallow):
        missing = commits[-1].parent or "" if commits else tip
        yield Hurt(missing, "a commit", in_tip=missing == tip)
    for commit in commits:
        yield from _change_hurts(store, commit, looked, shallow)


def _change_hurts(
    store: Store, commit: Commit, looked: set[str], shallow: set[str]
) -> Iterator[Hurt]:
    """Yield what of the files that a commit changed cannot be read."""
    before = None if commit.id in shallow else commit.parent
    try:
        for change in store.changes(before, commit.id):
            if change.new and change.new.oid not in looked and change.new.mode not in _NOT_READ:
                looked.add(change.new.oid)
                if hurt := _unreadable(store, change.new.oid, change.path, in_tip=False):
                    yield hurt
    except StoreFailed as error:
        oid = _subject(error, commit.id)
        yield Hurt(oid, "a commit" if oid in (commit.id, before) else "a folder", in_tip=False)


def _unreadable(store: Store, oid: str, place: str, *, in_tip: bool) -> Hurt | None:
    try:
        read(store, oid)
    except StoreFailed:
        return Hurt(oid, place, in_tip)
    return None


def _subject(error: StoreFailed, asked: str) -> str:
    """Return the object that an error is about, as far as it says."""
    return error.subject if isinstance(error, Damaged) else asked


def _shallow(common_dir: Path) -> set[str]:
    """Return the commits whose parents a shallow clone does not have."""
    try:
        return set((common_dir / "shallow").read_text().split())
    except FileNotFoundError:
        return set()


def damaged_file(common_dir: Path, oid: str) -> Path | None:
    """Return the file of a loose object if it is damaged; None where it is whole, or not there."""
    try:
        found = read_loose(str(common_dir / "objects"), oid)
    except StoreFailed:
        pass
    else:
        if found is None or object_id(found.kind, found.content or b"", oid) == oid:
            return None
    return common_dir / "objects" / oid[:2] / oid[2:]
