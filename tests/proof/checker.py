"""The checker: what the workers were told, against the history that git has.

What holds:

- An acknowledged operation is in the history exactly once, as its session was told: verb, tasks,
  author date. A refused one, and one that had nothing to do, is not there. Nothing else is there.
- A sync leaves an operation out that changes nothing any more on what is published. Here every
  value is unique, and a claim that loses leaves a note, so that this can be the fate of `start`,
  `done` and `reopen` alone, where the task already is as they ask at the place in the history
  where they would stand.
- The operations of a session are in the order in which it made them.
- A value that was acknowledged is in its task at its commit and in the end: in its field, in the
  note of a conflict, or replaced by an acknowledged operation whose session saw it.
- A task goes from nobody to the session of the commit, or from that one to nobody. The owner that a
  refusal names has claimed the task.
- A claim is its session's at its commit, or it is lost: then a note keeps it, and a sync has told
  so, once.
- What was done stays done, unless it was reopened.
- The history is a straight line, and what was published stayed. All repositories have the same tip
  and are sound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.proof import history
from tests.proof.attempts import Record
from tests.proof.history import Change, Commit, Table

REF = "refs/gitledger/main"
BEGUN = ("init", "plan")
"""What is in the history before the race."""

_ASKED = {
    "start": ("in_progress",),
    "done": ("completed",),
    "reopen": ("pending", "in_progress", "waiting", "in_review"),
}
"""Verbs that may come to nothing, and the statuses of a task to which they bring nothing."""


@dataclass
class Evidence:
    """All that there is to know of a race.

    Attributes:
        logs: the records of each worker.
        commits: the published history, the oldest first.
        final: all tasks in the end.
        tips: the tip of each repository.
        published: all that the shared ref has named, the oldest first.
        faults: what `git fsck` says of each repository.
    """

    logs: list[list[Record]]
    commits: list[Commit]
    final: dict[str, Table]
    tips: dict[str, str]
    published: list[str]
    faults: dict[str, str]

    @classmethod
    def gather(
        cls, logs: list[list[Record]], shared: Path, others: Sequence[Path] = ()
    ) -> Evidence:
        """Read the repositories with plain git.

        Args:
            logs: the records of each worker.
            shared: the repository that all work in, or their remote.
            others: the clones.
        """
        places = (shared, *others)
        return cls(
            logs=logs,
            commits=history.commits(shared, REF),
            final=history.tasks(shared, REF),
            tips={place.name: history.tip(place, REF) for place in places},
            published=history.tips(shared, REF),
            faults={place.name: history.faults(place) for place in places},
        )

    @cached_property
    def records(self) -> list[Record]:
        """The attempts of all workers, without their syncs."""
        return [record for log in self.logs for record in log if record.key]

    @cached_property
    def acknowledged(self) -> list[Record]:
        """The operations that were acknowledged."""
        return [record for record in self.records if record.answer == "acknowledged"]

    @cached_property
    def places(self) -> dict[str, int]:
        """The place in the history of each attempt."""
        return {commit.key: place for place, commit in enumerate(self.commits) if commit.key}

    def commit(self, record: Record) -> Commit | None:
        """Return the commit of an attempt."""
        return self.commits[self.places[record.key]] if record.key in self.places else None

    def between(self, before: Sequence[Record], after: Sequence[Record]) -> range:
        """Return the places in the history where what a session did between these would stand."""
        first = next((self.places[it.key] for it in reversed(before) if it.key in self.places), 0)
        ends = (self.places[it.key] for it in after if it.key in self.places)
        return range(first, next(ends, len(self.commits)))

    def statuses(self, task: str, places: range) -> set[str]:
        """Return the statuses that a task has had at these places of the history."""
        found, status = set(), ""
        for place in range(places.stop):
            change = self.commits[place].changes.get(task)
            if change and change.after:
                status = change.after["status"]
            if place in places:
                found.add(status)
        return found


def violations(evidence: Evidence) -> list[str]:
    """Return what does not hold, each in one line."""
    return [line for law in LAWS for line in law(evidence)]


# -- operations --------------------------------------------------------------------------------


def each_acknowledged_operation_is_there_once(evidence: Evidence) -> Iterator[str]:
    times = Counter(commit.key for commit in evidence.commits)
    absorbed = {record.key for record in absorbed_operations(evidence)}
    for record in evidence.acknowledged:
        if times[record.key] > 1:
            yield f"doubled: {_call(record)} is in the history {times[record.key]} times"
        if times[record.key] == 0 and record.key not in absorbed:
            yield f"lost: {_call(record)} was acknowledged and is not in the history"
        commit = evidence.commit(record)
        if commit is not None:
            yield from _misrecorded(record, commit)


def _misrecorded(record: Record, commit: Commit) -> Iterator[str]:
    told = (record.verb, record.session, record.at, sorted(record.tasks))
    there = (commit.verb, commit.session, commit.at, sorted(commit.tasks))
    if told != there:
        yield f"altered: {_call(record)} was {told} and is {there} in {commit.id}"
    if not set(commit.changes) <= set(record.tasks):
        yield f"too much: {_call(record)} changes {sorted(commit.changes)} in {commit.id}"


def absorbed_operations(evidence: Evidence) -> list[Record]:
    """Return the acknowledged operations that came to nothing, as they may."""
    found = []
    for log in evidence.logs:
        for number, record in enumerate(log):
            asked = _ASKED.get(record.verb, ())
            if record.answer != "acknowledged" or not asked or record.key in evidence.places:
                continue
            place = evidence.between(log[:number], log[number + 1 :])
            if not record.claims and evidence.statuses(record.tasks[0], place) & {*asked}:
                found.append(record)
    return found


def a_session_keeps_its_order(evidence: Evidence) -> Iterator[str]:
    for log in evidence.logs:
        latest = -1
        for record in log:
            place = evidence.places.get(record.key, latest)
            if place < latest:
                yield f"out of order: {_call(record)} is before {_name(evidence.commits[latest])}"
            latest = place


def no_other_operation_is_there(evidence: Evidence) -> Iterator[str]:
    records = {record.key: record for record in evidence.records}
    for commit in evidence.commits:
        record = records.get(commit.key)
        if record is None and commit.verb not in BEGUN:
            yield f"unasked: nobody was told of {_name(commit)}"
        elif record is not None and record.answer != "acknowledged":
            yield f"{record.answer}, but there: {_call(record)} is {_name(commit)}"


def every_sync_comes_through(evidence: Evidence) -> Iterator[str]:
    for record in (record for log in evidence.logs for record in log):
        if record.verb == "sync" and record.answer == "refused":
            yield f"no sync: {record.session} was refused, {record.code}: {record.said}"


def every_worker_comes_to_its_end(evidence: Evidence) -> Iterator[str]:
    for log in evidence.logs:
        if not log or log[-1].verb != "end":
            last = (
                f"{log[-1].session} after {_call(log[-1])}" if log else "before its first attempt"
            )
            yield f"stopped: {last}"


# -- values ------------------------------------------------------------------------------------


def each_acknowledged_value_is_kept(evidence: Evidence) -> Iterator[str]:
    written = [(record, value) for record in evidence.acknowledged for value in record.values]
    replaced = {(task, field, old) for _, (task, field, _, old) in written}
    for record, (task, field, value, _) in written:
        commit = evidence.commit(record)
        change = commit and commit.changes.get(task or "")
        if commit and not (change and _holds(change.after, field, value)):
            yield f"empty: {_call(record)} does not bring {field} {value} in {commit.id}"
        kept = _holds(evidence.final.get(task or ""), field, value)
        if not kept and (task, field, value) not in replaced:
            yield f"gone: {field} {value} of {_call(record)}"


def no_refused_value_is_there(evidence: Evidence) -> Iterator[str]:
    refused = [record for record in evidence.records if record.answer == "refused"]
    for record in refused:
        for _, field, value, _ in record.values:
            for task, table in evidence.final.items():
                if _holds(table, field, value):
                    yield f"refused, but there: {field} {value} of {_call(record)}, in {task}"


def _holds(table: Table | None, field: str, value: str) -> bool:
    """Tell whether the value is in its field, or in the note of a conflict about it."""
    if table is None:
        return False
    name, _, key = field.partition(".")
    there = table.get(name, {}).get(key) if key else table.get(name)
    if name == "notes":
        return any(note["text"] == value for note in there or ())
    return (
        there == value
        or (isinstance(there, list) and value in there)
        or _set_aside(table, field, value) > 0
    )


def _set_aside(table: Table | None, field: str, value: str) -> int:
    """Count the notes of conflicts in which the value of the field lost."""
    notes = (table or {}).get("notes", ())
    return sum(note.get("field") == field and note.get("dropped") == value for note in notes)


# -- claims ------------------------------------------------------------------------------------


def ownership_passes_through_nobody(evidence: Evidence) -> Iterator[str]:
    for commit in evidence.commits:
        for task, change in commit.changes.items():
            before, after = _owners(change)
            if before != after and {before, after} != {None, commit.session}:
                yield f"two owners: {task} goes from {before} to {after} in {_name(commit)}"


def the_owner_named_in_a_refusal_has_claimed(evidence: Evidence) -> Iterator[str]:
    claims = {(task, record.session) for record in evidence.acknowledged for task in record.claims}
    for record in evidence.records:
        for task in record.tasks if record.owner else ():
            if (task, record.owner) not in claims:
                yield f"no owner: {_call(record)} was refused for {record.owner}"


def each_claim_is_held_or_told_as_lost(evidence: Evidence) -> Iterator[str]:
    lost: Counter[tuple[str, str]] = Counter()
    for record in evidence.acknowledged:
        commit = evidence.commit(record)
        for task in record.claims if commit else ():
            assert commit is not None
            change = commit.changes.get(task, Change(None, None))
            if _owners(change)[1] == record.session:
                continue
            lost[task, record.session] += 1
            kept = [_set_aside(side, "owner", record.session) for side in change]
            if kept[1] != kept[0] + 1:
                yield f"no note: {_call(record)} lost {task}, and no note says so"
    told = Counter(
        (task, session) for log in evidence.logs for it in log for task, session in it.lost
    )
    for task, session in sorted(lost.keys() | told.keys()):
        if (often := lost[task, session]) != (said := told[task, session]):
            yield f"untold: {session} lost {task} {often} times and was told {said} times"


def a_release_gives_the_task_back(evidence: Evidence) -> Iterator[str]:
    for record in evidence.acknowledged:
        commit = evidence.commit(record)
        if commit and record.verb == "release":
            for change in commit.changes.values():
                if _owners(change)[1] == record.session:
                    yield f"not given back: {_call(record)} in {commit.id}"


def what_is_done_stays_done(evidence: Evidence) -> Iterator[str]:
    reopened = {it.tasks[0] for it in evidence.acknowledged if it.verb == "reopen"}
    for record in evidence.acknowledged:
        for task in record.tasks if record.verb == "done" else ():
            status = evidence.final.get(task, {}).get("status")
            if task not in reopened and status != "completed":
                yield f"undone: {_call(record)} was acknowledged, and the task is {status}"


def _owners(change: Change) -> tuple[str | None, str | None]:
    return (change.before or {}).get("owner"), (change.after or {}).get("owner")


# -- repositories ------------------------------------------------------------------------------


def history_is_a_straight_line(evidence: Evidence) -> Iterator[str]:
    line: tuple[str, ...] = ()
    for commit in evidence.commits:
        if commit.parents != line:
            yield f"not straight: {commit.id} has the parents {commit.parents} and not {line}"
        line = (commit.id,)


def what_was_published_stays(evidence: Evidence) -> Iterator[str]:
    places = {commit.id: place for place, commit in enumerate(evidence.commits)}
    latest = -1
    for tip in evidence.published:
        if tip not in places:
            yield f"rewritten: {tip} was published and is not in the history"
        elif places[tip] < latest:
            yield f"rewound: {tip} was published after a later commit"
        latest = places.get(tip, latest)
    if not evidence.published or evidence.published[-1] != evidence.commits[-1].id:
        yield "unwatched: there is no record of what the shared ref has named"


def all_tips_are_equal(evidence: Evidence) -> Iterator[str]:
    shared = next(iter(evidence.tips.values()))
    for place, tip in evidence.tips.items():
        if tip != shared:
            yield f"apart: {place} is at {tip} and not at {shared}"


def all_repositories_are_sound(evidence: Evidence) -> Iterator[str]:
    for place, fault in evidence.faults.items():
        if fault:
            yield f"fsck: {place}: {fault}"


LAWS = (
    each_acknowledged_operation_is_there_once,
    no_other_operation_is_there,
    a_session_keeps_its_order,
    every_sync_comes_through,
    every_worker_comes_to_its_end,
    each_acknowledged_value_is_kept,
    no_refused_value_is_there,
    ownership_passes_through_nobody,
    the_owner_named_in_a_refusal_has_claimed,
    each_claim_is_held_or_told_as_lost,
    a_release_gives_the_task_back,
    what_is_done_stays_done,
    history_is_a_straight_line,
    what_was_published_stays,
    all_tips_are_equal,
    all_repositories_are_sound,
)


def _call(record: Record) -> str:
    return " ".join([record.verb, *record.tasks, f"({record.key or record.session})"])


def _name(commit: Commit) -> str:
    return f"{commit.verb} {' '.join(commit.tasks)} by {commit.session} in {commit.id}"
