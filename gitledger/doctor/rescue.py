"""To which commit a list's ref is put back when its own value is of no use."""

from __future__ import annotations

from gitledger import lists
from gitledger.core.dataclass import dataclass, replace
from gitledger.doctor import soundness
from gitledger.doctor.ref_state import Kind, RefState, look, names
from gitledger.errors import StoreFailed
from gitledger.repository import Repository
from gitledger.store import reflog
from gitledger.store.base import Commit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Final

_TOLD: Final = 3
"""Lost operations that are told by name."""


@dataclass(frozen=True, slots=True)
class Later:
    """An operation that is made again, as far as it can be read.

    Attributes:
        commit: the operation as it was.
        files: new content by path; None removes the path.
    """

    commit: Commit
    files: Mapping[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Rescue:
    """A plan for a ref.

    Attributes:
        target: the commit to put it back to.
        source: where that comes from, in words.
        lost: what was done and cannot be had back, in words; "" where nothing is lost.
        after: operations after the target, the oldest first, to be made again on top of it.
        given_up: ids of the commits after the target.
    """

    target: str
    source: str
    lost: str = ""
    after: tuple[Later, ...] = ()
    given_up: frozenset[str] = frozenset()


def plan(repository: Repository, name: str, found: RefState, own: str | None) -> Rescue | None:
    """Return what loses least: the list's own history, a tracking ref, what was put away.

    Args:
        repository: where the list is.
        name: the list's name.
        found: its ref as it stands.
        own: the commit that it names, or leads to; None where it names none.

    Returns:
        The plan; None where nothing is left.
    """
    tracked = tracking(repository, name)
    sound = {ref: tip for ref, tip in tracked.items() if soundness.is_sound(repository, tip)}
    best = _from_own(repository, name, found, own, fetchable=len(sound) < len(tracked))
    for ref, tip in sound.items():
        if best is None or (not best.after and _newer(repository, tip, best.target)):
            best = Rescue(tip, ref, "what was never synced")
    return best or _from_shelf(repository, name)


def tracking(repository: Repository, name: str) -> dict[str, str]:
    """Return the tracking refs of a list, with the commits that they name, readable or not."""
    refs = names(repository, lists.TRACKING)
    states = [look(repository, ref) for ref in sorted(refs) if ref.rpartition("/")[2] == name]
    return {state.name: state.value for state in states if state.kind is Kind.DIRECT}


def _from_own(
    repository: Repository, name: str, found: RefState, own: str | None, *, fetchable: bool
) -> Rescue | None:
    """Return the plan from the ref's own value and its reflog alone.

    What a remote has is fetched from there later on, and not made again here.
    """
    moves = reflog.read(repository.location.common_dir, lists.ref(name))[::-1]
    values = list(dict.fromkeys([*([own] if own else []), *(move.new for move in moves)]))
    head, commits, whole = _first_line(repository, values)
    if head is None:
        return None
    leading = found.value if found.kind is Kind.SYMBOLIC else "its history"
    source = leading if head == own else "its reflog"
    lost = [] if head == own else [move.reason for move in _before(moves, head)]
    if fetchable:
        return Rescue(head, source, _some(lost))
    line = [commit.id for commit in commits]
    older = [value for value in values[values.index(head) :] if value not in set(line)]
    target = soundness.newest_sound(repository, line + older)
    if target is None:
        return None
    if target in line:
        return _with_later(repository, target, source, commits[: line.index(target)], lost)
    if whole:
        return Rescue(target, "its reflog", _some([m.reason for m in _before(moves, target)]))
    # It lies before a commit that cannot be read. What that one did comes with the next one.
    rescue = _with_later(repository, target, "its reflog", commits, lost)
    record = f"the record of {(commits[-1].parent or '')[:12]}, not what it did"
    return replace(rescue, lost=", ".join(filter(None, [rescue.lost, record])))


def _with_later(
    repository: Repository, target: str, source: str, later: Sequence[Commit], lost: Sequence[str]
) -> Rescue:
    """Return the plan that makes later commits, the newest first, again on the target.

    Each is what differs from the last one that could be read, so that what an operation did whose
    own tree cannot be read comes back with the next one.
    """
    store, base = repository.store, target
    after, missed = [], list[str]()
    for commit in reversed(later):
        files: dict[str, bytes | None] = {}
        try:
            changes = list(store.changes(base, commit.id))
        except StoreFailed:
            missed.append(_subject(commit))
            continue
        base = commit.id
        for change in changes:
            try:
                new = soundness.read(store, change.new.oid) if change.new else None
            except StoreFailed:
                missed.append(_subject(commit))
            else:
                files[change.path] = new
        if files:
            after.append(Later(commit, files))
    missed = [*dict.fromkeys(missed), *lost]
    given_up = frozenset(commit.id for commit in later)
    return Rescue(target, source, _some(missed), tuple(after), given_up)


def _first_line(
    repository: Repository, values: Sequence[str]
) -> tuple[str | None, Sequence[Commit], bool]:
    """Return the first of some commits that is a ledger's, its line, and whether that is whole."""
    for value in values:
        commits, whole = soundness.line(repository.store, value)
        if soundness.is_ledgers(repository, commits, whole=whole):
            return value, commits, whole
    return None, (), False


def _before(moves: Sequence[reflog.Move], value: str) -> Iterator[reflog.Move]:
    """Yield the moves, the newest first, down to the one that put the value there."""
    for move in moves:
        if move.new == value:
            return
        yield move


def _from_shelf(repository: Repository, name: str) -> Rescue | None:
    """Return the plan from what was deleted or archived under this name: the newest of it."""
    store, archived = repository.store, f"{lists.ARCHIVE}{name}"
    refs = store.refs(f"{lists.BACKUP}{name}/")
    refs |= {ref: tip for ref, tip in store.refs(archived).items() if ref == archived}
    sound = [ref for ref in refs if soundness.is_sound(repository, refs[ref])]
    if not sound:
        return None
    newest = max(sound, key=lambda ref: store.commit(refs[ref]).committer.time)
    return Rescue(refs[newest], newest, "what was done after that")


def _newer(repository: Repository, one: str, other: str) -> bool:
    return one != other and repository.store.merge_base(one, other) == other


def _subject(commit: Commit) -> str:
    return commit.message.partition("\n")[0]


def _some(lines: Sequence[str]) -> str:
    """Return the first of some lines, and how many more there are; "" where there are none."""
    told = [f"'{line}'" for line in lines if line]
    more = f" and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
    return ", ".join(told[:_TOLD]) + more
