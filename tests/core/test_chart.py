"""Pictures as data and as SVG: figures by hand, laws, and titles that mean harm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitledger.core.axes import Spread, count_ticks, time_ticks
from gitledger.core.chart import (
    KINDS,
    Bar,
    BurnUp,
    CycleTimes,
    Gantt,
    Level,
    burn_up,
    chart,
    chart_json,
    cycle_times,
    gantt,
)
from gitledger.core.chartsvg import to_svg
from tests.core.test_stats import MONDAY, NOW, THREE, at, done, moves, stats

HOSTILE = (
    "<script>alert(1)</script>",
    "]]> & ' \" <!-- &lt;",
    "\x00\x1b[31m\x85\ud800\ufffe\U0001ffff\u202e",
    "日本語 😀",
)


def test_lanes_with_work_stand_above_those_that_only_wait() -> None:
    waiting = [Bar(f"w{number}", "waiting", 0, 100, True) for number in range(3)]
    work = Bar("a", "in_progress", 50, 90, False)
    lanes = Gantt(0, 100, ()).lanes([*waiting, work], 40)
    assert [[placed.bar.task for placed in lane] for lane in lanes] == [
        ["a"],
        ["w0"],
        ["w1"],
        ["w2"],
    ]


def test_a_burn_up_of_one_task_says_so() -> None:
    assert burn_up(stats(done("a", 1, 2))).steps[-1].words == ("1 done", "of 1 task")
    assert burn_up(stats()).steps[-1].words == ("0 done", "of 0 tasks")


def test_a_burn_up_counts_done_and_scope_without_what_was_cancelled() -> None:
    cancelled = moves("x", (1, "pending"), (30, "cancelled"))
    gone = [*moves("y", (2, "pending")), moves("y", (3, "pending"))[0]._replace(status=None)]
    found = burn_up(stats(done("a", 1, 2), done("b", 24, 27), cancelled, gone))
    assert [(level.at, level.done, level.scope) for level in found.steps] == [
        (at(0), 0, 1),
        (at(1), 0, 2),
        (at(2), 1, 3),
        (at(3), 1, 2),
        (at(23), 1, 3),
        (at(27), 2, 3),
        (at(30), 2, 2),
    ]
    assert found.highest == 3


def test_a_burn_up_of_the_last_days_begins_with_what_was_there() -> None:
    found = burn_up(stats(*THREE, since=MONDAY + timedelta(days=5)))
    assert found.steps[0] == Level(at(5 * 24), 2, 2)


def test_samples_end_with_the_last_level() -> None:
    found = burn_up(stats(*THREE))
    for count in (1, 7, 100):
        levels = found.sampled(count)
        assert len(levels) == count
        assert levels[-1] == Level(NOW.timestamp(), 3, 3)
    assert BurnUp(5, 5, (Level(5, 0, 2),)).sampled(3) == [Level(5, 0, 2)] * 3


def test_a_scatter_has_a_point_for_each_task_that_was_started_and_completed() -> None:
    found = cycle_times(stats(*THREE, moves("x", (1, "pending"))))
    assert [(point.task, point.at, point.took) for point in found.points] == [
        ("a", at(2), 3600),
        ("b", at(27), 3 * 3600),
        ("c", at(202), 10 * 3600),
    ]


def test_a_gantt_shows_the_last_days_by_session() -> None:
    asked = moves("q", (200, "in_progress"), (205, "waiting"))
    found = gantt(stats(*THREE, asked))
    assert found.begin == NOW.timestamp() - 7 * 86_400
    assert found.sessions == (
        (
            "ada",
            (
                Bar("q", "in_progress", at(200), at(205), open=False),
                Bar("q", "waiting", at(205), NOW.timestamp(), open=True),
            ),
        ),
        ("grace", (Bar("c", "in_progress", at(192), at(202), open=False),)),
    )


BARS = st.lists(
    st.tuples(st.floats(-50, 150), st.floats(0, 120)).map(
        lambda span: Bar("t", "in_progress", span[0], span[0] + span[1], open=False)
    ),
    max_size=30,
)


@given(BARS, st.integers(1, 200), st.integers(1, 5), st.sampled_from((0, 100)))
def test_bars_stay_within_the_width_and_do_not_cover_each_other(
    bars: list[Bar], width: int, least: int, end: int
) -> None:
    bars.sort(key=lambda bar: bar.begin)
    lanes = Gantt(0, end, ()).lanes(bars, width, least=least)
    for lane in lanes:
        before = 0
        for placed in lane:
            assert before <= placed.left < placed.right <= width
            assert placed.right - placed.left >= min(least, width)
            before = placed.right
    assert sorted(placed.bar for lane in lanes for placed in lane) == sorted(bars)


@given(st.integers(0, 10**7), st.integers(2, 12))
def test_ticks_of_counts_are_round_and_few(highest: int, most: int) -> None:
    ticks = count_ticks(highest, most)
    assert ticks[0] == (0, "0")
    assert 1 <= len(ticks) <= most
    assert all(0 <= tick.place <= 1 for tick in ticks)
    assert all(tick.label.strip("0") in ("", "1", "2", "5") for tick in ticks[1:2])


@given(st.lists(st.integers(0, 10**10), min_size=1, max_size=20))
def test_every_span_has_a_place_on_its_axis(values: list[int]) -> None:
    spread = Spread(values)
    places = [spread.place(value) for value in sorted(values)]
    assert places == sorted(places)
    assert all(0 <= place <= 1 for place in (*places, *(t.place for t in spread.ticks())))
    assert spread.ticks()


def test_a_short_time_has_hours_for_ticks() -> None:
    def local(seconds: float) -> datetime:
        return datetime.fromtimestamp(seconds, UTC)

    assert time_ticks(local, at(9), at(12), 4) == [
        (0, "Mar 2 09:00"),
        (1 / 3, "10:00"),
        (2 / 3, "11:00"),
        (1, "12:00"),
    ]
    assert [tick.label for tick in time_ticks(local, at(0), at(96), 3)] == [
        "Mar 2",
        "Mar 4",
        "Mar 6",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_json_has_times_as_text_and_units_in_names(kind: str) -> None:
    found = chart_json(chart(kind, stats(*THREE)))
    assert found["kind"] == kind
    [(_, rows)] = [(key, value) for key, value in found.items() if isinstance(value, list)]
    assert len(rows) >= 1
    numbers = {key for row in rows for key, value in row.items() if isinstance(value, int)}
    assert numbers <= {"done_tasks", "scope_tasks", "took_seconds"}


# -- SVG ------------------------------------------------------------------------------------------


def svg(title: str, *, session: str = "ada") -> str:
    found = stats(
        *THREE,
        done("d", 150, 210, session=session),
        titles=lambda ids: dict.fromkeys(ids, title),
    )
    return "\n".join(to_svg([chart(kind, found) for kind in KINDS], found))


@pytest.mark.parametrize("words", HOSTILE)
def test_an_svg_is_well_formed_whatever_tasks_and_sessions_are_called(words: str) -> None:
    drawn = svg(words, session=words)
    drawn.encode()
    root = ElementTree.fromstring(drawn)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        *("svg", "g", "title", "style", "rect", "line", "text", "polygon", "circle"),
    }
    assert all(not name.startswith("on") for element in root.iter() for name in element.attrib)


@given(st.text(max_size=40))
def test_an_svg_is_well_formed_with_any_title(title: str) -> None:
    root = ElementTree.fromstring(svg(title))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_an_svg_names_the_whole_title_and_needs_no_other_file() -> None:
    drawn = svg("Find <b> & \u202e")
    assert "Find &lt;b&gt; &amp; \\u202e" in drawn
    assert "http" not in drawn.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "url(" not in drawn
    assert "prefers-color-scheme: dark" in drawn


def test_an_svg_stays_within_its_view() -> None:
    root = ElementTree.fromstring(svg("x" * 400))
    width = float(root.attrib["width"])
    for element in root.iter():
        left = float(element.get("x", element.get("cx", "0")))
        assert 0 <= left + float(element.get("width", "0")) <= width


def test_pictures_of_nothing_say_so() -> None:
    nothing = stats(moves("a", (1, "pending")))
    drawn = "\n".join(to_svg([chart(kind, nothing) for kind in KINDS], nothing))
    ElementTree.fromstring(drawn)
    assert "nothing was completed" in drawn
    assert "nobody worked on a task" in drawn
    assert isinstance(chart("cycle", nothing), CycleTimes)
