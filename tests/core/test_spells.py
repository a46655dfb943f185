"""What has become of tasks, by hand-made moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gitledger.core.spells import Move, Past, Spell, pasts
from gitledger.core.task import STATUSES


def move(at: int, status: str | None, session: str | None = None, *, task: str = "a") -> Move:
    return Move(task, at, status, session, "task", (), None)


def past(*moves: Move, now: int = 100) -> Past:
    [found] = pasts(moves, now)
    return found


def test_a_task_goes_from_spell_to_spell() -> None:
    found = past(move(10, "pending"), move(20, "in_progress", "ada"), move(50, "completed", "ada"))
    assert found.spells == (
        Spell("pending", None, 10, 20),
        Spell("in_progress", "ada", 20, 50),
        Spell("completed", "ada", 50, None),
    )
    assert (found.status, found.session, found.completed) == ("completed", "ada", 50)


def test_a_task_in_other_hands_begins_another_spell() -> None:
    found = past(move(10, "in_progress", "ada"), move(30, "in_progress", "grace"))
    assert found.spells == (
        Spell("in_progress", "ada", 10, 30),
        Spell("in_progress", "grace", 30, None),
    )


def test_what_was_reopened_counts_from_its_last_completion() -> None:
    found = past(move(1, "pending"), move(2, "completed"), move(3, "pending"), move(9, "completed"))
    assert found.completed == 9
    assert past(move(1, "pending"), move(2, "completed"), move(3, "pending")).completed is None


def test_a_change_of_hands_afterwards_is_no_completion() -> None:
    found = past(move(1, "pending"), move(2, "completed", "ada"), move(3, "completed", "grace"))
    assert found.completed == 2


def test_what_came_in_finished_was_completed_by_nobody() -> None:
    assert past(move(1, "completed")).completed is None
    assert past(move(1, "cancelled"), move(2, "completed")).completed is None


def test_a_finished_task_that_is_put_away_stays_finished() -> None:
    found = past(move(1, "pending"), move(2, "completed"), move(5, None))
    assert (found.status, found.completed) == ("completed", 2)


def test_an_unfinished_task_that_is_removed_is_gone() -> None:
    found = past(move(1, "pending"), move(5, None))
    assert (found.status, found.spells) == (None, (Spell("pending", None, 1, 5),))


def test_a_task_that_comes_back_goes_on() -> None:
    found = past(move(1, "pending"), move(5, None), move(8, "pending"))
    assert found.spells == (Spell("pending", None, 1, 5), Spell("pending", None, 8, None))


def test_what_never_was_a_task_has_no_past() -> None:
    assert list(pasts([move(1, None)], 9)) == []


def test_a_label_alone_ends_no_spell() -> None:
    labelled = move(5, "pending")._replace(labels=("api",))
    found = past(move(1, "pending"), labelled)
    assert (len(found.spells), found.labels) == (1, ("api",))


@given(
    st.lists(
        st.tuples(
            st.integers(-(10**12), 10**12),
            st.sampled_from((*STATUSES, None)),
            st.sampled_from((None, "ada", "grace")),
        ),
        max_size=12,
    )
)
def test_clocks_that_are_wrong_make_no_time_run_backwards(
    moves: list[tuple[int, str | None, str | None]],
) -> None:
    now = 1_700_000_000
    for found in pasts((move(*each) for each in moves), now):
        at = 0
        for spell in found.spells:
            until = now if spell.until is None else spell.until
            assert at <= spell.since <= until <= now
            at = until
        assert all(spell.until is not None for spell in found.spells[:-1])
