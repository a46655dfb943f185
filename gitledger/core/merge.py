"""Three-way merge of a task, field by field (the table of the contract, section 5).

Three versions of a task meet when an unpublished commit is replayed on the published tip: the
base (at the commit's parent), published (at the tip) and mine (at the commit). What only one side
changed is taken from that side. What both changed differently is settled by the rule of its
field, and the value that loses is kept in a note of kind `conflict`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from gitledger.core.conflict import Conflict, with_conflicts
from gitledger.core.dataclass import dataclass, replace
from gitledger.core.task import Task
from gitledger.core.union import (
    Clashes,
    unite_description,
    unite_notes,
    unite_sets,
    unite_tables,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


@dataclass(frozen=True, slots=True)
class LostClaim:
    """A claim that came too late: another session's was published first.

    Attributes:
        task: the task's id.
        session: who lost it.
        owner: who holds the task.
        at: since when, where that is known.
    """

    task: str
    session: str
    owner: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a task (None: it is removed), and what lost on the way."""

    task: Task | None
    conflicts: tuple[Conflict, ...] = ()
    lost_claim: LostClaim | None = None


def merge_tasks(
    base: Task | None,
    published: Task | None,
    mine: Task | None,
    *,
    at: datetime,
    by: str,
    seed: str,
) -> Merged:
    """Return both sides' changes of one task in one; None stands for a task that is not there.

    Coherent versions make a coherent task: it has `completed_at` if and only if it is finished,
    and an owner if it is in progress. Whether it still fits into a file, and whether `blocked_by`
    and `parent` close a cycle, is for the caller to see.

    Args:
        base: what both sides started from. None while both sides are there: they made the same
            task, and a field that one of them left unset is the other's.
        published: the side that wins unless a rule says otherwise.
        mine: the other side.
        at: when the commit that brings mine was made, for the conflict notes.
        by: the session that made it.
        seed: its id, from which the ids of the conflict notes are derived.
    """
    if mine in (base, published):
        return Merged(published)
    if published == base:
        return Merged(mine)
    if published is None or mine is None:
        edited = published or mine
        assert edited is not None, "not both sides removed it"
        lost = removal_of(edited)
        return Merged(with_conflicts(edited, [lost], at=at, by=by, seed=seed), (lost,))

    versions = _Versions(base or Task(id=mine.id, title=""), published, mine)
    losses: _Losses = {}
    lost_claim = _lost_claim(versions)
    if lost_claim or _taken_away(versions, by):
        # Whoever is told of a lost claim knows that the work under it is lost as well.
        losses = {} if lost_claim else _work(versions)
        versions = versions._replace(mine=_without_work(versions))
    merged = _by_rules(versions, losses)
    merged = _held_while_in_progress(merged, versions, losses)

    conflicts = tuple(Conflict(mine.id, field, *values) for field, values in losses.items())
    merged = with_conflicts(merged, conflicts, at=at, by=by, seed=seed)
    return Merged(merged, conflicts, lost_claim)


def removal_of(task: Task) -> Conflict:
    """Return the conflict of a task that stays: what is set aside is that it was removed."""
    return Conflict(task.id, "task", kept=task.id, dropped=None)


class _Versions(NamedTuple):
    base: Task
    published: Task
    mine: Task


_Losses = Clashes
"""By field: the value that is kept, and the one that is dropped."""
_Rule = Callable[[_Versions, tuple[str, ...], _Losses], Mapping[str, Any]]
"""Returns the merged values of fields that both sides changed, and adds what loses."""


def _by_rules(versions: _Versions, losses: _Losses) -> Task:
    values: dict[str, Any] = {}
    for fields, rule in _RULES.items():
        base, published, mine = ([getattr(task, f) for f in fields] for task in versions)
        if mine in (base, published):
            continue
        if published == base:
            values |= zip(fields, mine, strict=True)
        else:
            values |= rule(versions, fields, losses)
    return replace(versions.published, **values)


# -- fields that are taken from one side -------------------------------------------------------


def _one_side(wins: Callable[[_Versions], Task], *, told: bool = True) -> _Rule:
    """Return the rule by which one side has its way in all these fields together.

    Of fields that go together the first is the one that people know; its loss is told.
    """

    def rule(versions: _Versions, fields: tuple[str, ...], losses: _Losses) -> Mapping[str, Any]:
        winner = wins(versions)
        loser = versions.published if winner is versions.mine else versions.mine
        kept, dropped = getattr(winner, fields[0]), getattr(loser, fields[0])
        if told and kept != dropped:
            losses[fields[0]] = kept, dropped
        return {field: getattr(winner, field) for field in fields}

    return rule


def _published(versions: _Versions) -> Task:
    return versions.published


def _holder(versions: _Versions) -> Task:
    """A claim published first wins; what published only gave up was free to be claimed."""
    base, published, mine = versions
    return mine if published.owner is None and mine.owner != base.owner else published


def _finisher(versions: _Versions) -> Task:
    """A finish wins; but to reopen what was finished is as deliberate as to finish it anew."""
    base, published, mine = versions
    return mine if mine.finished and not published.finished and not base.finished else published


def _further(versions: _Versions) -> Task:
    """The larger progress wins, but on a task that one side reopened it starts again."""
    base, published, mine = versions
    reopened = [side for side in (published, mine) if base.finished and not side.finished]
    if len(reopened) == 1:
        return reopened[0]
    return max(published, mine, key=lambda side: -1 if side.progress is None else side.progress)


def _earlier(versions: _Versions) -> Task:
    never = datetime.max.replace(tzinfo=UTC)
    return min(versions.published, versions.mine, key=lambda side: side.started_at or never)


def _later(versions: _Versions) -> Task:
    never = datetime.min.replace(tzinfo=UTC)
    return max(
        versions.published,
        versions.mine,
        key=lambda side: (side.updated_at or never, side.updated_by or ""),
    )


# -- fields that are put together from both sides ----------------------------------------------


def _united(unite: Callable[[Any, Any, Any], tuple[Any, Clashes]]) -> _Rule:
    """Return the rule by which both sides have a part in this one field."""

    def rule(versions: _Versions, fields: tuple[str, ...], losses: _Losses) -> Mapping[str, Any]:
        (field,) = fields
        value, clashes = unite(*(getattr(task, field) for task in versions))
        below = "" if field == "extra" else field
        losses |= {".".join(filter(None, (below, key))): pair for key, pair in clashes.items()}
        return {field: value}

    return rule


_RULES: Final[Mapping[tuple[str, ...], _Rule]] = {
    # A title is one line: two changes of it always clash.
    ("title",): _one_side(_published),
    ("status", "completed_at"): _one_side(_finisher),
    ("priority",): _one_side(_published),
    ("type",): _one_side(_published),
    ("description",): _united(unite_description),
    ("labels",): _united(unite_sets),
    ("blocked_by",): _united(unite_sets),
    ("commits",): _united(unite_sets),
    ("parent",): _one_side(_published),
    ("owner", "claimed_at"): _one_side(_holder),
    ("role",): _one_side(_published),
    ("review",): _one_side(_published),
    ("progress",): _one_side(_further),
    ("estimate",): _one_side(_published),
    ("due",): _one_side(_published),
    ("branch",): _one_side(_published),
    ("created_at", "created_by"): _one_side(_published, told=False),
    ("updated_at", "updated_by"): _one_side(_later, told=False),
    ("started_at",): _one_side(_earlier, told=False),
    ("notes",): _united(unite_notes),
    ("metadata",): _united(unite_tables),
    ("source",): _united(unite_tables),
    ("extra",): _united(unite_tables),
}


# -- what a claim means for other fields -------------------------------------------------------


def _lost_claim(versions: _Versions) -> LostClaim | None:
    """Return the claim that mine made and that another session's, published before, defeats."""
    base, published, mine = versions
    if published.owner is None or mine.owner in (None, base.owner, published.owner):
        return None
    if (published.owner, published.claimed_at) == (base.owner, base.claimed_at):
        return None
    return LostClaim(mine.id, mine.owner, published.owner, published.claimed_at)


def _taken_away(versions: _Versions, by: str) -> bool:
    """Tell whether the session that made my commit held the task, and does not any more."""
    base, published, mine = versions
    return by == mine.owner == base.owner != published.owner


def _without_work(versions: _Versions) -> Task:
    """Return mine as if its owner had not worked on the task, save for finishing it."""
    published, mine = versions.published, versions.mine
    mine = replace(mine, started_at=published.started_at, branch=published.branch)
    if mine.finished:
        return mine
    return replace(mine, status=published.status, completed_at=published.completed_at)


def _work(versions: _Versions) -> _Losses:
    """Return what `_without_work` takes away of mine, of what people know."""
    base, published, mine = versions
    losses = {}
    for field in ("branch",) if mine.finished else ("status", "branch"):
        kept, dropped = getattr(published, field), getattr(mine, field)
        if dropped not in (kept, getattr(base, field)):
            losses[field] = kept, dropped
    return losses


def _held_while_in_progress(merged: Task, versions: _Versions, losses: _Losses) -> Task:
    """Return the task with an owner, or pending, where one side released what the other started.

    Published decides: where its owner went to work, a release that did not know would invite a
    second session to the same work; where it released, the task is pending as after every release.
    """
    published, mine = versions.published, versions.mine
    if not _unheld(merged) or _unheld(published) or _unheld(mine):
        return merged
    if published.owner is None:
        losses["status"] = "pending", merged.status
        return replace(merged, status="pending")
    losses["owner"] = published.owner, None
    return replace(merged, owner=published.owner, claimed_at=published.claimed_at)


def _unheld(task: Task) -> bool:
    return task.status == "in_progress" and task.owner is None
