"""What a value of a task may be (contract, section 2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from gitledger.core import names
from gitledger.core import task as rules
from gitledger.core.dataclass import replace
from gitledger.core.task import FINISHED, NOTE_KEYS, STATUSES, TASK_KEYS, Note, Task
from gitledger.errors import InvalidInput

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def label(word: str) -> str:
    return names.check_word(word, "label")


def test_a_new_task_is_pending_and_of_normal_priority() -> None:
    task = Task(id="7f3k2m9q0d", title="Add login")
    assert (task.status, task.priority, task.type, task.owner) == ("pending", "P2", "task", None)


def test_a_task_cannot_be_changed_in_place() -> None:
    task = Task(id="7f3k2m9q0d", title="Add login")
    with pytest.raises(AttributeError, match="title"):
        task.title = "Fix login"  # type: ignore[misc]


def test_tasks_and_notes_can_be_in_sets_although_they_hold_tables() -> None:
    note = Note(id="1", at=NOON, by="ana", kept=[1], dropped={}, extra={"a": []})
    task = Task(id="7f3k2m9q0d", title="T", notes=(note,), metadata={"a": []}, extra={"b": {}})
    assert len({task, replace(task), replace(task, title="U")}) == 2


def test_completed_and_cancelled_tasks_are_finished() -> None:
    finished = {s for s in STATUSES if Task(id="7f3k2m9q0d", title="T", status=s).finished}
    assert finished == FINISHED == {"completed", "cancelled"}


def test_the_keys_of_the_file_are_those_of_the_contract() -> None:
    keys = (
        *("title", "status", "priority", "type", "description", "labels", "blocked_by", "commits"),
        *("parent", "owner", "role", "review", "progress", "estimate", "due", "branch"),
        *("created_at", "created_by", "updated_at", "updated_by"),
        *("claimed_at", "started_at", "completed_at", "notes", "metadata", "source"),
    )
    assert keys == TASK_KEYS
    assert NOTE_KEYS[:6] == ("id", "at", "by", "kind", "text", "to")


@pytest.mark.parametrize(
    ("check", "value", "normal"),
    [
        (rules.check_title, "  Add login\t", "Add login"),
        (rules.check_title, "x" * 500, "x" * 500),
        (rules.check_title, f" {'größe ' * 80}", ("größe " * 80).strip()),
        (rules.check_status, "In-Progress", "in_progress"),
        (rules.check_status, "pending", "pending"),
        (rules.check_priority, "p0", "P0"),
        (rules.check_priority, "4", "P4"),
        (label, "v1.2", "v1.2"),
        (label, "area/größe+x_y-z", "area/größe+x_y-z"),
        (label, "x" * 64, "x" * 64),
        (rules.check_labels, ["ui", "auth", "ui"], ("auth", "ui")),
        (rules.check_labels, [], ()),
        (names.check_session, "Jürgen.K-2+x", "Jürgen.K-2+x"),
        (rules.check_progress, 0, 0),
        (rules.check_progress, 100, 100),
        (rules.check_estimate, " 30M ", "30m"),
        (rules.check_estimate, "99999w", "99999w"),
        (rules.check_description, "a\r\n\tb\x1b", "a\r\n\tb\x1b"),
        (rules.check_description, " \n ", None),
        (rules.check_description, None, None),
        (rules.check_description, "x" * rules.DESCRIPTION_LIMIT, "x" * rules.DESCRIPTION_LIMIT),
        (rules.check_text, " two\nlines ", " two\nlines "),
        (rules.check_branch, "feature/login", "feature/login"),
        (rules.check_due, date(2026, 3, 2), date(2026, 3, 2)),
        (rules.check_due, NOON, NOON),
        (rules.check_commit, "a1" * 20, "a1" * 20),
        (rules.check_commit, "a1" * 32, "a1" * 32),
    ],
)
def test_a_value_comes_back_in_its_normal_form(
    check: Callable[[Any], Any], value: Any, normal: Any
) -> None:
    assert check(value) == normal
    assert check(normal) == normal


def test_a_due_time_is_kept_in_utc() -> None:
    east = timezone(timedelta(hours=2))
    due = rules.check_due(datetime(2026, 3, 2, 14, tzinfo=east))
    assert isinstance(due, datetime)
    assert (due.tzinfo, due.hour) == (UTC, 12)


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (rules.check_title, "", "a title cannot be empty"),
        (rules.check_title, " \n ", "a title cannot be empty"),
        (rules.check_title, "x" * 501, "a title has at most 500 characters, this one has 501"),
        *(
            (rules.check_title, f"a{bad}b", "a title is one line, without control characters")
            for bad in "\n\r\x00\x1b\x7f\x85\u2028\u2029\ud800"
        ),
        (rules.check_status, "done", "unknown status 'done'"),
        (rules.check_priority, "P5", "unknown priority 'P5'"),
        (rules.check_priority, "", "unknown priority ''"),
        (rules.check_priority, "high", "unknown priority 'high'"),
        *(
            (label, bad, f"'{bad}' is no label: ")
            for bad in ("", "two words", "-x", "_x", "x" * 65, "a\n", "a,b", "../x")
        ),
        *(
            (names.check_session, bad, f"'{bad}' is no session name: ")
            for bad in ("", "a/b", "..", ".x", "-x", "a b", "x\n", "x" * 65)
        ),
        (rules.check_progress, 101, "progress is a number from 0 to 100, not 101"),
        (rules.check_progress, -1, "progress is a number from 0 to 100, not -1"),
        (rules.check_progress, 50.5, "progress is a number from 0 to 100, not 50.5"),
        (rules.check_progress, True, "progress is a number from 0 to 100, not True"),
        *(
            (rules.check_estimate, bad, f"'{bad}' is no estimate")
            for bad in ("", "0h", "h", "2", "1.5h", "2 h", "-2h", "100000m", "2y", "٣h")
        ),
        (
            rules.check_description,
            "ß" * (rules.DESCRIPTION_LIMIT // 2 + 1),
            "a description has at most 61440 bytes, not 61442",
        ),
        (rules.check_description, "a\x00b", "a description holds characters that are not text"),
        (rules.check_text, "\ud800", "a text holds characters that are not text"),
        (rules.check_text, " \t\n", "a text cannot be empty"),
        (rules.check_branch, "", "a branch cannot be empty"),
        (rules.check_branch, "a\nb", "a branch is one line, without control characters"),
        (rules.check_due, "2026-03-02", "'2026-03-02' is no due date"),
        (
            rules.check_due,
            datetime(2026, 3, 2),  # noqa: DTZ001 - that is what is wrong with it
            "'2026-03-02 00:00:00' is no due time: it names no time zone",
        ),
        (
            rules.check_due,
            datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))),
            "'9999-12-31 23:59:59.999999-01:00' is out of range",
        ),
        (lambda table: rules.check_table(table, "metadata"), [1], "metadata is a table of keys"),
        *(
            (rules.check_commit, bad, f"'{bad}' is no full commit id")
            for bad in ("", "a1b2c3", "A1" * 20, "a1" * 21, "a1" * 20 + "\n", "--" + "a" * 38)
        ),
    ],
)
def test_what_breaks_a_rule_is_refused_by_its_name(
    check: Callable[[Any], Any], value: Any, message: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(value)
    assert refused.value.message.startswith(message)


def test_a_misspelt_word_is_answered_with_the_nearest_known_one() -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.check_status("complete")
    assert refused.value.hint == "did you mean 'completed'?"


def test_a_word_near_to_none_is_answered_with_all_known_ones() -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.check_priority("urgent")
    assert refused.value.hint == "one of: P0, P1, P2, P3, P4"


def test_a_title_that_is_too_long_points_to_the_description() -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.check_title("x" * 501)
    assert refused.value.hint == "put the rest into the description: -d TEXT"
