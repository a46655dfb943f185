"""What two lines have in common, for any history, and without a walk down to its beginning."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.errors import StoreFailed
from gitledger.store.ancestry import line_without, merge_bases

_places = st.integers(0, 100)
_histories = st.lists(st.lists(_places, max_size=2, unique=True), min_size=1, max_size=14)


class History:
    """Commits by number, each with its parents before it; remembers which were read."""

    def __init__(self, parents: list[list[int]]) -> None:
        self.parents = {
            str(at): tuple(dict.fromkeys(str(place % at) for place in places)) if at else ()
            for at, places in enumerate(parents)
        }
        self.seen: list[str] = []

    def read(self, oid: str) -> tuple[str, ...]:
        self.seen.append(oid)
        if oid not in self.parents:
            raise StoreFailed(f"object {oid} is missing")
        return self.parents[oid]

    def ancestors(self, oid: str) -> set[str]:
        found, pending = set(), [oid]
        while pending:
            if (oid := pending.pop()) not in found:
                found.add(oid)
                pending += self.parents[oid]
        return found

    def straight(self, first: str, count: int, *, onto: str | None = None) -> str:
        """Add a line of commits, and return its end."""
        for number in range(count):
            oid = f"{first}{number}"
            self.parents[oid] = (onto,) if onto is not None else ()
            onto = oid
        return str(onto)


@settings(max_examples=500)
@given(_histories, _places, _places)
def test_merge_bases_are_the_common_ancestors_that_no_other_descends_from(
    parents: list[list[int]], one: int, other: int
) -> None:
    history = History(parents)
    first, second = str(one % len(parents)), str(other % len(parents))
    common = history.ancestors(first) & history.ancestors(second)

    best = {
        oid for oid in common if not any(oid in history.ancestors(new) for new in common - {oid})
    }
    assert merge_bases(history.read, first, second) == best
    assert merge_bases(history.read, second, first) == best


@settings(max_examples=500)
@given(_histories, _places, st.lists(_places, max_size=3))
def test_a_line_is_left_where_the_first_commit_descends_from_what_is_hidden(
    parents: list[list[int]], tip: int, hidden: list[int]
) -> None:
    history = History(parents)
    oid, without = str(tip % len(parents)), [str(place % len(parents)) for place in hidden]
    gone = {each for end in without for each in history.ancestors(end)}

    line: list[str] = []
    following: str | None = oid
    while following is not None:
        line += [following] if following not in gone else []
        following = next(iter(history.parents[following]), None)
    assert line_without(history.read, oid, without) == line


@pytest.mark.parametrize(("above", "beside"), [(0, 0), (0, 5), (5, 0), (30, 1), (20, 20)])
def test_what_lies_far_below_the_meeting_is_not_read(above: int, beside: int) -> None:
    history = History([])
    base = history.straight("base", 1000)
    one = history.straight("one", above, onto=base)
    other = history.straight("other", beside, onto=base)

    assert merge_bases(history.read, one, other) == {base}
    assert len(line_without(history.read, one, [other])) == above
    assert len(history.seen) <= 6 * max(above, beside)


def test_a_line_that_ran_past_the_meeting_is_caught_up_with() -> None:
    history = History([])
    base = history.straight("base", 1000)
    one = history.straight("one", 3, onto=base)
    side = history.straight("side", 20, onto=base)
    history.parents["joined"] = (one, side)

    assert merge_bases(history.read, one, "joined") == {one}
    assert line_without(history.read, "joined", [one]) == ["joined"]
    assert line_without(history.read, "joined", [side]) == ["joined", "one2", "one1", "one0"]
    assert len(history.seen) < 400


def test_what_cannot_be_read_matters_only_where_it_is_not_common() -> None:
    history = History([])
    history.parents["cut"] = ("missing",)
    one = history.straight("one", 5, onto="cut")
    other = history.straight("other", 1, onto="cut")

    assert merge_bases(history.read, one, other) == {"cut"}
    assert line_without(history.read, one, ["cut"]) == [f"one{at}" for at in (4, 3, 2, 1, 0)]
    with pytest.raises(StoreFailed, match="missing"):
        merge_bases(history.read, one, history.straight("apart", 3))
