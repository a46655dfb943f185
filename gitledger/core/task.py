"""The task and its notes: frozen values that are valid by construction or not made at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from gitledger.core import dataclass as dataclasses
from gitledger.core.names import check_word
from gitledger.errors import InvalidInput, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Final

STATUSES: Final = ("pending", "in_progress", "waiting", "in_review", "completed", "cancelled")
FINISHED: Final = frozenset({"completed", "cancelled"})
PRIORITIES: Final = ("P0", "P1", "P2", "P3", "P4")
TYPES: Final = ("task", "bug", "feature", "chore", "epic")
ROLES: Final = ("planner", "builder", "tester", "reviewer")
"""Roles that everybody knows (contract, section 2); a team has others of its own."""
NOTE_KINDS: Final = ("note", "handoff", "question", "answer", "review", "conflict")

REPOSITORY: Final = "repository"
"""The key of a task's metadata that names the code repository it comes from, where several share
the ledger."""

TITLE_LIMIT: Final = 500
"""Characters in a title (contract, section 2)."""
DESCRIPTION_LIMIT: Final = 60 * 1024
"""Bytes in a description (contract, section 2)."""
FILE_LIMIT: Final = 64 * 1024
"""Bytes in a task's file; a larger one is quarantined (contract, section 9)."""

_YOUNGEST: Final = datetime.max.replace(tzinfo=UTC)
_CONTROL = r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]"
_NO_TEXT = r"[\x00\ud800-\udfff]"
_ESTIMATE = r"[1-9][0-9]{0,4}[mhdw]"
_COMMIT = r"[0-9a-f]{40}(?:[0-9a-f]{24})?"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something said on a task.

    `to` is set on a handoff, and `status`, which the task had then; `field`, `kept` and `dropped`
    on a conflict, where `dropped` is the value that lost in a merge, and `resolved` once somebody
    has settled it. `extra` holds keys that this version does not know.
    """

    id: str
    at: datetime
    by: str
    kind: str = "note"
    text: str = ""
    to: str | None = None
    status: str | None = None
    field: str | None = None
    kept: Any = dataclasses.field(default=None, hash=False)
    dropped: Any = dataclasses.field(default=None, hash=False)
    resolved: bool | None = None
    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict, hash=False)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A unit of work, as one TOML file keeps it. The meaning of each key is in the contract.

    Times are aware datetimes in UTC, whole seconds. `labels`, `blocked_by` and `commits` are
    sorted and without doubles. `extra` holds keys that this version does not know.
    """

    id: str
    title: str
    status: str = "pending"
    priority: str = "P2"
    type: str = "task"
    description: str | None = None
    labels: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    parent: str | None = None
    owner: str | None = None
    role: str | None = None
    review: bool = False
    progress: int | None = None
    estimate: str | None = None
    due: date | datetime | None = None
    branch: str | None = None
    created_at: datetime | None = None
    created_by: str | None = None
    updated_at: datetime | None = None
    updated_by: str | None = None
    claimed_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    notes: tuple[Note, ...] = ()
    metadata: Mapping[str, Any] = dataclasses.field(default_factory=dict, hash=False)
    source: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)
    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict, hash=False)

    @property
    def finished(self) -> bool:
        """Whether the task is completed or cancelled."""
        return self.status in FINISHED


TASK_KEYS: Final = tuple(f.name for f in dataclasses.fields(Task) if f.name not in ("id", "extra"))
"""The keys of a task's file, which has them in this order: values, then arrays, then tables."""
NOTE_KEYS: Final = tuple(f.name for f in dataclasses.fields(Note) if f.name != "extra")


def open_conflicts(task: Task) -> dict[int, Note]:
    """Return the conflict notes that nobody has settled yet, by their numbers.

    A conflict's number is its place among all of the task's conflicts, from 1: it stays the same
    when others are settled.
    """
    conflicts = (note for note in task.notes if note.kind == "conflict")
    return {number: note for number, note in enumerate(conflicts, 1) if not note.resolved}


def plan_place(task: Task) -> tuple[int, ...]:
    """Return the place that the task had in the plan it comes from, as numbers; (0,) without."""
    return source_place(task.source)


def source_place(source: Mapping[str, str]) -> tuple[int, ...]:
    """Return the place in its plan of the task that comes from this source."""
    parts = str(source.get("key", "")).split(".")
    return tuple(int(part) if part.isdecimal() and len(part) < 10 else 0 for part in parts)


def is_of_list(task: Task, system: str, name: str) -> bool:
    """Tell whether a task was imported from this list of a system."""
    return (task.source.get("system"), task.source.get("list")) == (system, name)


def writers(task: Task) -> set[str]:
    """Return the sessions that own the task or wrote anything on it, as far as it tells.

    What is not one line is no session's name, whoever wrote it there.
    """
    found = {task.owner, task.created_by, task.updated_by, *(note.by for note in task.notes)}
    return {name for name in found if name and "\n" not in name}


Age = tuple[datetime, tuple[int, ...], str]


def age(task: Task) -> Age:
    """Return what sorts tasks from the oldest to the youngest, those of one plan in its order."""
    return task.created_at or _YOUNGEST, plan_place(task), task.id


# -- what a value may be: each returns the normal form or raises InvalidInput -------------------


def check_title(title: str) -> str:
    """Return the title without outer blanks; it is one line of 1 to 500 characters."""
    title = title.strip()
    if not title:
        raise InvalidInput("a title cannot be empty")
    if not title.isprintable() and _has(_CONTROL, title):
        raise InvalidInput(
            "a title is one line, without control characters",
            hint="put the rest into the description: -d TEXT",
        )
    if len(title) > TITLE_LIMIT:
        raise InvalidInput(
            f"a title has at most {TITLE_LIMIT} characters, this one has {len(title)}",
            hint="put the rest into the description: -d TEXT",
        )
    return title


def check_description(text: str | None) -> str | None:
    """Return the description, None when it is blank; at most 60 KiB of UTF-8."""
    if text is None or not text.strip():
        return None
    check_text(text, "a description")
    size = len(text.encode())
    if size > DESCRIPTION_LIMIT:
        raise InvalidInput(f"a description has at most {DESCRIPTION_LIMIT} bytes, not {size}")
    return text


def check_text(text: str, what: str = "a text") -> str:
    """Return the text; it is not blank and can be written as UTF-8 and TOML."""
    if not text.strip():
        raise InvalidInput(f"{what} cannot be empty")
    plain = text.replace("\n", "").isprintable()  # nearly always, and then without `re`
    if not plain and _has(_NO_TEXT, text):
        raise InvalidInput(f"{what} holds characters that are not text")
    return text


def check_status(status: str) -> str:
    """Return the status if it is one of the six; `-` and case do not matter."""
    word = status.lower().replace("-", "_")
    if word not in STATUSES:
        raise _unknown("status", status, STATUSES)
    return word


def check_priority(priority: str) -> str:
    """Return the priority as `P0` to `P4`; `p1` and `1` are understood."""
    word = priority.upper()
    word = word if word.startswith("P") else f"P{word}"
    if word not in PRIORITIES:
        raise _unknown("priority", priority, PRIORITIES)
    return word


def check_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the labels sorted and without doubles."""
    return tuple(sorted({check_word(label, "label") for label in labels}))


def check_progress(progress: int) -> int:
    """Return the progress if it is a whole number between 0 and 100."""
    if type(progress) is not int or not 0 <= progress <= 100:
        raise InvalidInput(f"progress is a number from 0 to 100, not {progress}")
    return progress


def check_due(due: date) -> date:
    """Return the due date, or the time in UTC; a time has to name its zone."""
    if isinstance(due, datetime):
        try:
            if due.tzinfo is not None:
                return due.astimezone(UTC)
        except OverflowError:
            raise InvalidInput(f"'{due}' is out of range") from None
        raise InvalidInput(f"'{due}' is no due time: it names no time zone")
    if not isinstance(due, date):
        raise InvalidInput(f"'{due}' is no due date")
    return due


def check_branch(name: str) -> str:
    """Return a branch's name: one line, not blank."""
    if _has(_CONTROL, check_text(name, "a branch")):
        raise InvalidInput("a branch is one line, without control characters")
    return name


def check_table(table: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Return a table as a dict of its own."""
    if not isinstance(table, Mapping):
        raise InvalidInput(f"{what} is a table of keys and values")
    return dict(table)


def check_estimate(estimate: str) -> str:
    """Return the estimate: a whole number of minutes, hours, days or weeks, as `30m` or `2d`."""
    word = estimate.strip().lower()
    if not _is(_ESTIMATE, word):
        raise InvalidInput(
            f"'{estimate}' is no estimate", hint="write a number and m, h, d or w: 30m, 4h, 2d"
        )
    return word


def check_commit(commit: str) -> str:
    """Return a full commit id: 40 or 64 hexadecimal digits."""
    if not _is(_COMMIT, commit):
        raise InvalidInput(f"'{commit}' is no full commit id")
    return commit


def _unknown(what: str, word: str, known: tuple[str, ...]) -> InvalidInput:
    return InvalidInput(
        f"unknown {what} '{word}'",
        hint=did_you_mean(word, known) or f"one of: {', '.join(known)}",
    )


def _has(pattern: str, text: str) -> bool:
    import re

    return bool(re.search(pattern, text))


def _is(pattern: str, text: str) -> bool:
    import re

    return bool(re.fullmatch(pattern, text))
