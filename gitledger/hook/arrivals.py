"""Commits that no hook has seen: of others, or of a repository without hooks. `hook scan` looks.

Looking twice changes nothing: what a commit has completed once, and somebody has reopened since,
stays open.
"""

from __future__ import annotations

from gitledger import settings
from gitledger.errors import InvalidInput
from gitledger.hook.plan import Plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from gitledger.core.deeds import Deed
    from gitledger.hook.place import Place
    from gitledger.hook.project import Commit

_NEWEST: Final = 1000
"""How many commits of the default branch are looked at where no range is named."""
_CLOSED: Final = ("completed", "in_review")


def scan(place: Place, *revisions: str) -> list[str]:
    """Link and complete what commits name, and return a line for each task that changes.

    Args:
        place: where.
        revisions: which commits, as `git rev-list` takes them: `v1.0..main`; none: the newest
            thousand of the default branch.

    Raises:
        InvalidInput: there are no such commits, or no default branch is known.
    """
    for word in revisions:
        if word.startswith("-"):
            raise InvalidInput(f"'{word}' is no range of commits", hint="as in: v1.0..main")
    return close(place, "scan", *revisions)


def close(place: Place, name: str, *revisions: str) -> list[str]:
    """Do what commits ask for that have not been heard yet, as one operation of that name.

    Args, Raises: as `scan`.
    """
    plan = Plan(place)
    take_in(plan, *revisions)
    return plan.carry_out(name)


def take_in(plan: Plan, *revisions: str) -> None:
    """Put into a plan what commits ask for that have not been heard yet.

    What has reached the default branch completes a task whoever owns it: that is where its work
    was to go. With `gitledger.closeOn = merge` nothing else does.
    """
    place, project = plan.place, plan.place.project
    refs = project.default_refs()
    wanted = revisions or (f"--max-count={_NEWEST}", *refs)
    if not revisions and not refs:
        raise InvalidInput(
            "no default branch is known here",
            hint="name it: git config gitledger.defaultBranch NAME",
        )
    found = project.listed("--reverse", "--topo-order", *wanted)
    if found is None:
        raise InvalidInput(f"no such commits: {' '.join(revisions)}", hint="as in: v1.0..main")
    elsewhere = set(found)
    if refs:
        spared = [f"^{ref}" for ref in refs]
        elsewhere = set(project.listed(*wanted, *spared) or ()) if revisions else set()
    on_merge = settings.closes_on_merge(place.repository.configuration)
    times = {}
    for commit in project.read(found):
        arrived = commit.id not in elsewhere
        plan.add(commit, completes=arrived or not on_merge, works=False, force=arrived)
        times[commit.id] = commit.time
    plan.wrong.clear()  # whoever committed was told, and it is too late to mend it
    for deed in plan.deeds.values():
        if _was_heard(plan, deed, times):
            deed.completes = deed.reopens = False


def _was_heard(plan: Plan, deed: Deed, times: dict[str, int]) -> bool:
    """Tell whether a deed was done before, and somebody has taken it back since.

    It was where the task was so once, either linked to that commit, or after it.
    """
    ledger = plan.place.ledger
    task = ledger.snapshot().find(deed.task)
    last = deed.last
    if task is None or last is None or last not in times:
        return False
    if (task.status in _CLOSED) == deed.completes:
        return False  # there is nothing to do
    changed = task.updated_at.timestamp() if task.updated_at else 0
    if last not in task.commits and changed < times[last]:
        return False
    from gitledger.snapshot import Snapshot

    for entry in ledger.log(deed.task):
        then = Snapshot(ledger.repository.store, entry.commit).find(deed.task)
        heard = then is not None and (
            last in then.commits or (deed.completes and entry.at.timestamp() >= times[last])
        )
        if then and heard and (then.status in _CLOSED) == deed.completes:
            return True
    return False


def heads_of(commit: Commit) -> tuple[str, ...]:
    """Return the revisions that name what a merge commit brought to its first parent."""
    return (commit.id, f"^{commit.parents[0]}") if len(commit.parents) > 1 else ()
