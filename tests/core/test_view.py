"""A task as JSON has it (contract, section 6)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from time import tzset
from typing import Any

import pytest
from hypothesis import given, settings

from gitledger.core.codec import decode, encode
from gitledger.core.dataclass import replace
from gitledger.core.task import TASK_KEYS, Note, Task
from gitledger.core.view import Claim, TaskView, note_json, plain, rfc3339, task_json
from tests.strategies import notes, tasks

bounded = settings(max_examples=60, deadline=None)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TASK = Task(id="7f3k2m9q0d", title="Add login")


def view(task: Task = TASK, **derived: Any) -> TaskView:
    return TaskView(task=task, list="main", **{"ready": False, "blocked": False} | derived)


def test_a_task_has_every_key_of_the_contract_and_what_follows_from_the_rest() -> None:
    assert task_json(view(ready=True)) == {
        "id": "7f3k2m9q0d",
        "list": "main",
        "title": "Add login",
        "status": "pending",
        "priority": "P2",
        "type": "task",
        **dict.fromkeys(("description", "parent", "owner", "role"), None),
        **{key: [] for key in ("labels", "blocked_by", "commits", "notes", "blocks")},
        "review": False,
        **dict.fromkeys(("progress", "estimate", "due", "branch"), None),
        **dict.fromkeys(("created_at", "created_by", "updated_at", "updated_by"), None),
        **dict.fromkeys(("claimed_at", "started_at", "completed_at"), None),
        "metadata": {},
        "source": {},
        "ready": True,
        **dict.fromkeys(("blocked", "stale", "overdue"), False),
        **dict.fromkeys(("claim", "revision"), None),
    }


@bounded
@given(tasks())
def test_every_task_is_json_with_the_same_keys(task: Task) -> None:
    data = task_json(view(decode(encode(task), task.id)))
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data.keys() == task_json(view()).keys() > {*TASK_KEYS}
    assert data["labels"] == list(task.labels)
    assert data["metadata"].keys() == {str(key) for key in task.metadata}


def test_a_claim_says_who_since_when_and_whether_the_remote_knows() -> None:
    claim = Claim(session="ana", at=NOON, state="tentative")
    assert task_json(view(claim=claim))["claim"] == {
        "session": "ana",
        "at": "2026-03-02T12:00:00Z",
        "state": "tentative",
    }


def test_what_follows_from_other_tasks_is_in_the_json() -> None:
    data = task_json(
        view(blocked=True, stale=True, overdue=True, blocks=("8g4m3n0r1e",), revision="a1" * 20)
    )
    assert (data["blocked"], data["stale"], data["overdue"]) == (True, True, True)
    assert (data["blocks"], data["revision"]) == (["8g4m3n0r1e"], "a1" * 20)


def test_a_note_leaves_out_what_is_not_set() -> None:
    note = Note(id="0000000001", at=NOON, by="ana", text="hello", extra={"mood": "good"})
    assert note_json(note) == {
        "id": "0000000001",
        "at": "2026-03-02T12:00:00Z",
        "by": "ana",
        "kind": "note",
        "text": "hello",
        "mood": "good",
    }
    handoff = note_json(replace(note, kind="handoff", to="ben"))
    assert (handoff["kind"], handoff["to"]) == ("handoff", "ben")


def test_a_conflict_keeps_both_values() -> None:
    note = Note(id="1", at=NOON, by="a", kind="conflict", field="due", dropped=date(2026, 3, 2))
    data = note_json(note)
    assert (data["field"], data["dropped"]) == ("due", "2026-03-02")
    assert "kept" not in data


@bounded
@given(notes())
def test_every_note_is_json(note: Note) -> None:
    assert json.loads(json.dumps(note_json(note), allow_nan=False))["id"] == note.id


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (date(2026, 3, 2), "2026-03-02"),
        (NOON, "2026-03-02T12:00:00Z"),
        (NOON.astimezone(timezone(timedelta(hours=-5))), "2026-03-02T12:00:00Z"),
        (NOON.replace(microsecond=500000), "2026-03-02T12:00:00.500000Z"),
        (NOON.replace(year=33), "0033-03-02T12:00:00Z"),
    ],
)
def test_times_are_those_of_rfc_3339_in_utc(moment: date, text: str) -> None:
    assert rfc3339(moment) == text


def test_a_time_without_a_zone_is_taken_for_utc_wherever_we_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        tzset()
        assert rfc3339(NOON.replace(tzinfo=None)) == "2026-03-02T12:00:00Z"
    tzset()


@pytest.mark.parametrize(
    ("value", "json_value"),
    [
        ({"a": [NOON, (1, 2)]}, {"a": ["2026-03-02T12:00:00Z", [1, 2]]}),
        ({1: None}, {"1": None}),
        (time(10, 30), "10:30:00"),
        (float("inf"), "inf"),
        (-1.5, -1.5),
        (True, True),
        (2**63 - 1, 2**63 - 1),
        ("größe", "größe"),
    ],
)
def test_a_value_of_toml_becomes_one_of_json(value: Any, json_value: Any) -> None:
    assert plain(value) == json_value
