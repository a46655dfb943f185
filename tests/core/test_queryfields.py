"""What each field of a query looks at, and which values it takes and refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core.query import FIELDS, IS_WORDS, QueryContext, parse_query
from gitledger.core.task import PRIORITIES, STATUSES, Note, Task
from gitledger.core.view import TaskView
from gitledger.errors import InvalidInput

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=timezone(timedelta(hours=1)))
"""A Wednesday."""
CONTEXT = QueryContext(me="anna", now=NOW, resolve=lambda prefix: prefix.ljust(10, "0"))


def matches(query: str, *, view: dict[str, Any] | None = None, **keys: Any) -> bool:
    """Whether the query matches a task with these keys."""
    task = Task(**{"id": "k3x9a00000", "title": "Log in", **keys})
    derived: dict[str, Any] = {"ready": False, "blocked": False, **(view or {})}
    return parse_query([query], CONTEXT).matches(TaskView(task=task, list="main", **derived))


def moment(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def note(kind: str, text: str = "") -> Note:
    return Note(id="n000000000", at=moment(2026, 1, 1), by="bert", kind=kind, text=text)


@pytest.mark.parametrize(
    ("query", "keys", "other"),
    [
        ("id:K3X", {}, {"id": "k3y9a00000"}),
        ("status:in-progress", {"status": "in_progress"}, {"status": "pending"}),
        ("owner:me", {"owner": "anna"}, {"owner": "bert"}),
        ("owner:Bert", {"owner": "bert"}, {"owner": "bertha"}),
        ("owner:b*t", {"owner": "bert"}, {"owner": "bertha"}),
        ("owner:none", {}, {"owner": "none-such"}),
        ("label:UI", {"labels": ("auth", "ui")}, {"labels": ("uix",)}),
        ("label:area/*", {"labels": ("area/auth",)}, {"labels": ("area",)}),
        ("label:none", {}, {"labels": ("ui",)}),
        ("priority:p1", {"priority": "P1"}, {"priority": "P2"}),
        ("type:bug", {"type": "bug"}, {"type": "task"}),
        ("role:tester", {"role": "tester"}, {"role": None}),
        ("role:none", {}, {"role": "tester"}),
        ("parent:abc", {"parent": "abc0000000"}, {"parent": "abcd000000"}),
        ("parent:none", {}, {"parent": "abc0000000"}),
        ("blocks:abc", {"view": {"blocks": ("abc0000000",)}}, {"blocked_by": ("abc0000000",)}),
        ("blocked-by:abc", {"blocked_by": ("abc0000000",)}, {"view": {"blocks": ("abc0000000",)}}),
        ("blocked-by:none", {}, {"blocked_by": ("abc0000000",)}),
        ("title:LOG", {}, {"title": "In", "description": "log"}),
        ("title:STRASSE", {"title": "Straße"}, {"title": "Strase"}),
        ("description:steps", {"description": "The Steps"}, {"title": "steps"}),
        ("note:why", {"notes": (note("note", "Why?"),)}, {"title": "why"}),
        ("text:why", {"notes": (note("note", "Why?"),)}, {"labels": ("why",)}),
        ("text:why", {"title": "why"}, {}),
        ("text:why", {"description": "why"}, {}),
        ("branch:feature/*", {"branch": "feature/x"}, {"branch": None}),
        ("branch:v1.*", {"branch": "v1.2"}, {"branch": "v12"}),
        ("branch:none", {}, {"branch": "main"}),
        ("commit:AB12", {"commits": ("ab12" + "0" * 36,)}, {"commits": ("0" * 36 + "ab12",)}),
        ("commit:none", {}, {"commits": ("ab12" + "0" * 36,)}),
        ("created-by:me", {"created_by": "anna"}, {"created_by": "bert", "updated_by": "anna"}),
        ("updated-by:me", {"updated_by": "anna"}, {"updated_by": "bert", "created_by": "anna"}),
        ("source:github", {"source": {"system": "github"}}, {"source": {"key": "github"}}),
        ("source:me/repo", {"source": {"list": "me/repo"}}, {}),
        ("source:none", {}, {"source": {"system": "github"}}),
        ("repo:backend", {"metadata": {"repository": "backend"}}, {"metadata": {"x": "backend"}}),
        ("repo:none", {}, {"metadata": {"repository": "backend"}}),
        ("is:stale", {"view": {"stale": True}}, {}),
        ("review:yes", {"review": True}, {"review": False}),
        ("review:no", {"review": False}, {"review": True}),
        ("metadata.team:Core", {"metadata": {"team": "core"}}, {"metadata": {"Team": "core"}}),
        ("metadata.jira.id:7", {"metadata": {"jira": {"id": 7}}}, {"metadata": {"jira": 7}}),
        ("metadata.tags:b", {"metadata": {"tags": ["a", "b"]}}, {"metadata": {"tags": "ab"}}),
        ("metadata.on:true", {"metadata": {"on": True}}, {"metadata": {"on": False}}),
        ("metadata.team:none", {}, {"metadata": {"team": "core"}}),
        ("log", {}, {"title": "In", "notes": (note("note", "log"),)}),
        ("log", {"title": "In", "labels": ("logging",)}, {"title": "In"}),
        ("log", {"title": "In", "description": "Log"}, {"title": "In", "owner": "log"}),
    ],
)
def test_a_field_tells_tasks_apart(query: str, keys: dict[str, Any], other: dict[str, Any]) -> None:
    assert matches(query, **keys)
    assert not matches(query, **other)


@pytest.mark.parametrize(
    ("word", "keys", "other"),
    [
        ("ready", {"view": {"ready": True}}, {}),
        ("blocked", {"view": {"blocked": True}}, {}),
        ("stale", {"view": {"stale": True}}, {}),
        ("overdue", {"view": {"overdue": True}}, {}),
        ("mine", {"owner": "anna"}, {"owner": "bert"}),
        ("claimed", {"owner": "bert"}, {}),
        ("unclaimed", {}, {"owner": "bert"}),
        ("finished", {"status": "cancelled"}, {"status": "in_review"}),
        ("unfinished", {"status": "in_review"}, {"status": "completed"}),
        ("conflicted", {"notes": (note("conflict"),)}, {"notes": (note("note"),)}),
        ("question", {"status": "waiting"}, {"notes": (note("question"),)}),
        *((status, {"status": status}, {"status": "other"}) for status in STATUSES),
    ],
)
def test_is_asks_for_a_state(word: str, keys: dict[str, Any], other: dict[str, Any]) -> None:
    assert word in IS_WORDS
    assert matches(f"is:{word.upper().replace('_', '-')}", **keys)
    assert not matches(f"is:{word}", **other)


# -- what has an order -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("priority>=P1", "P0 P1"),
        ("priority>P1", "P0"),
        ("priority<=P1", "P1 P2 P3 P4"),
        ("priority<P1", "P2 P3 P4"),
        ("priority:P0..P1", "P0 P1"),
        ("priority:P0,P4", "P0 P4"),
    ],
)
def test_a_higher_priority_is_a_more_urgent_one(query: str, expected: str) -> None:
    found = [priority for priority in PRIORITIES if matches(query, priority=priority)]
    assert " ".join(found) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("progress:50", [50]),
        ("progress<50%", [0]),
        ("progress<=50", [0, 50]),
        ("progress>50", [100]),
        ("progress>=50", [50, 100]),
        ("progress:0..50", [0, 50]),
        ("progress:none", [None]),
        ("progress!=50", [None, 0, 100]),
    ],
)
def test_progress_compares_as_a_number(query: str, expected: list[int | None]) -> None:
    assert [n for n in (None, 0, 50, 100) if matches(query, progress=n)] == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("estimate:16h", ["2d"]),
        ("estimate<=2d", ["30m", "2d"]),
        ("estimate>8h", ["2d", "1w"]),
        ("estimate:1h..1w", ["2d", "1w"]),
        ("estimate:none", [None, "someday"]),
    ],
)
def test_an_estimate_compares_by_hours_of_work(query: str, expected: list[str | None]) -> None:
    known = (None, "someday", "30m", "2d", "1w")
    assert [estimate for estimate in known if matches(query, estimate=estimate)] == expected


DUES = {
    "yesterday": date(2026, 11, 24),
    "last minute of yesterday": moment(2026, 11, 24, 22, 59, 59),
    "first minute of today": moment(2026, 11, 24, 23),
    "today": date(2026, 11, 25),
    "now": moment(2026, 11, 25, 8, 30),
    "last minute of today": moment(2026, 11, 25, 22, 59, 59),
    "tomorrow": date(2026, 11, 26),
    "sunday": date(2026, 11, 29),
    "unset": None,
}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("due:today", "first minute of today|today|now|last minute of today"),
        ("due<today", "yesterday|last minute of yesterday"),
        ("due>today", "tomorrow|sunday"),
        ("due<=yesterday", "yesterday|last minute of yesterday"),
        ("due>=tomorrow", "tomorrow|sunday"),
        ("due:eow", "sunday"),
        ('due:"next sunday"', "sunday"),
        ("due:2026-11-26..2026-11-30", "tomorrow|sunday"),
        ("due:none", "unset"),
        ("due:now", "today|now"),
        ("due<now", "yesterday|last minute of yesterday|first minute of today"),
        ("due>now", "last minute of today|tomorrow|sunday"),
        ("due>=2026-11-25T09:30", "today|now|last minute of today|tomorrow|sunday"),
        (
            "due:2026-11-25T09:00..tomorrow",
            "today|now|last minute of today|tomorrow",
        ),
    ],
)
def test_a_day_is_compared_by_local_days_and_a_moment_with_a_moment(
    query: str, expected: str
) -> None:
    assert "|".join(name for name, due in DUES.items() if matches(query, due=due)) == expected


MOMENTS = {"created_at", "updated_at", "claimed_at", "started_at", "completed_at"}


@pytest.mark.parametrize("field", sorted(name.removesuffix("_at") for name in MOMENTS))
def test_every_moment_of_a_task_can_be_asked_for(field: str) -> None:
    keys = {f"{field}_at": moment(2026, 11, 25, 8)}
    assert matches(f"{field}:today", **keys)
    assert matches(f"{field}>=2026-01-01", **keys)
    assert not matches(f"{field}:none", **keys)
    assert not matches(f"{field}<=2026-11-24", **keys)
    assert matches(f"{field}:none", **dict.fromkeys(MOMENTS - {*keys}, NOW))


dues = st.one_of(
    st.none(),
    st.dates(date(2026, 11, 20), date(2026, 11, 30)),
    st.integers(-10_000, 10_000).map(lambda minutes: NOW + timedelta(minutes=minutes)),
)
points = st.one_of(st.integers(-6, 6).map("{:+}d".format), st.integers(-90, 90).map("{:+}h".format))


@given(dues, points)
@settings(max_examples=100, deadline=None)
def test_before_at_and_after_a_point_exclude_each_other_and_unset_is_nowhere(
    due: date | None, point: str
) -> None:
    before, at, after = (matches(f"due{op}{point}", due=due) for op in "<:>")
    assert before + at + after == (due is not None)
    assert matches(f"due<={point}", due=due) == (before or at)
    assert matches(f"due>={point}", due=due) == (at or after)


# -- what a field refuses ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("id:ab", "'ab' is no task id"),
        ("id:oil", "'oil' is no task id"),
        ("status:pendng", "unknown status 'pendng'"),
        ("status:none", "unknown status 'none'"),
        ("status:pending,", "'status:' lacks a value"),
        ("priority:P9", "unknown priority 'P9'"),
        ("priority>=none", "unknown priority 'none'"),
        ("priority:P2..P1", "the range P2..P1 ends before it begins"),
        ("is:redy", "unknown state 'redy'"),
        ("is:none", "unknown state 'none'"),
        ("review:maybe", "'maybe' is neither yes nor no"),
        ("commit:xyz1", "'xyz1' is no commit"),
        ("commit:abc", "'abc' is no commit"),
        ("progress:half", "'half' is no progress"),
        ("progress:-5", "'-5' is no progress"),
        ("progress>101", "progress is a number from 0 to 100, not 101"),
        ("estimate<soon", "'soon' is no estimate"),
        ("due:tommorow", "'tommorow' is no date"),
        ("due:2026-02-30", "there is no date '2026-02-30'"),
        ("due<none", "'none' is neither before nor after a date"),
        ("due:none..today", "'none' is neither before nor after a date"),
        ("due:..today", "'..today' is half a range"),
        ("due:today..", "'today..' is half a range"),
        ("due:today...eow", "'.eow' is no date"),
        ("due:eow..today", "the range 2026-11-29..2026-11-25 ends before it begins"),
        ("due:0001-01-01", "the calendar ends within 0001-01-01"),
        ("due:9999-12-31T23:59Z", "the calendar ends before '9999-12-31T23:59Z' in this time zone"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_and_named(query: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        matches(query)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("is:redy", "did you mean 'ready'?"),
        ("is:xyzzy", "one of: mine, ready"),
        ("status:pendng", "did you mean 'pending'?"),
        ("due:tommorow", "did you mean 'tomorrow'?"),
        ("due<none", "write FIELD:none"),
    ],
)
def test_a_refused_value_comes_with_a_way_out(query: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        matches(query)
    assert hint in (caught.value.hint or "")


def test_a_pattern_of_many_stars_is_answered_at_once() -> None:
    assert not matches(f"branch:{'*a' * 60}", branch="a" * 59 + "b" * 2000)


@given(st.text("ab.\n*", min_size=1, max_size=6), st.text("ab.\n", max_size=6))
@settings(max_examples=150, deadline=None)
def test_a_star_stands_for_any_characters(pattern: str, branch: str) -> None:
    def fits(pattern: str, text: str) -> bool:
        if not pattern or not text:
            return pattern.strip("*") == text
        if pattern[0] == "*":
            return fits(pattern[1:], text) or fits(pattern, text[1:])
        return pattern[0] == text[0] and fits(pattern[1:], text[1:])

    if pattern.strip():  # a blank value is refused
        assert matches(f'branch:"{pattern}"', branch=branch) == fits(pattern, branch)


def test_every_field_says_in_one_line_which_values_it_takes() -> None:
    for field in FIELDS.values():
        assert field.help
        assert "\n" not in field.help
