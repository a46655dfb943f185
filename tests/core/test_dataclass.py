"""Data classes: as those of `dataclasses` are."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from gitledger.core import dataclass as ours

BOTH = pytest.mark.parametrize("of", [ours, dataclasses], ids=["ours", "theirs"])


def make(of: Any) -> tuple[Any, Any, Any]:
    """Return a data class whose fields are given by name, one by place, and one that can change."""

    @of.dataclass(frozen=True, slots=True, kw_only=True)
    class Named:
        """Has a docstring, a method and a property."""

        id: str
        size: int = 3
        tags: dict[str, str] = of.field(default_factory=dict, hash=False)
        note: Any = of.field(default=None, hash=False)

        def grown(self) -> Any:
            return of.replace(self, size=self.size + 1)

        @property
        def big(self) -> bool:
            return self.size > 3

    @of.dataclass(frozen=True, slots=True)
    class Placed:
        left: int
        right: int = 2

    @of.dataclass
    class Open:
        items: list[int] = of.field(default_factory=list)
        name: str = ""

    return Named, Placed, Open


@BOTH
def test_values_are_given_by_name_or_place_or_are_the_defaults(of: Any) -> None:
    named, placed, _ = make(of)
    one = named(id="a")
    assert (one.id, one.size, one.tags, one.note) == ("a", 3, {}, None)
    assert one.tags is not named(id="b").tags
    assert placed(1) == placed(left=1, right=2) == placed(1, right=2)
    assert [each.name for each in of.fields(named)] == ["id", "size", "tags", "note"]
    assert [each.name for each in of.fields(one)] == ["id", "size", "tags", "note"]


@BOTH
@pytest.mark.parametrize(
    ("place", "given"),
    [
        (0, {}),
        (0, {"id": "a", "other": 1}),
        (0, {"size": 1}),
        (0, ("a",)),
        (1, ()),
        (1, (1, 2, 3)),
        (1, {"left": 1, "rigth": 2}),
    ],
)
def test_a_value_too_many_or_too_few_is_an_error(of: Any, place: int, given: Any) -> None:
    kind = make(of)[place]
    with pytest.raises(TypeError, match=kind.__name__):
        kind(**given) if isinstance(given, dict) else kind(*given)


@BOTH
def test_a_value_given_twice_is_an_error(of: Any) -> None:
    with pytest.raises(TypeError, match="left"):
        make(of)[1](1, left=1)


@BOTH
def test_objects_are_equal_whose_fields_are(of: Any) -> None:
    named, placed, changing = make(of)
    assert named(id="a", note=[1]) == named(id="a", note=[1]) != named(id="a", note=[2])
    assert hash(named(id="a", note=[1])) == hash(named(id="a", note=[2], tags={"x": "y"}))
    assert hash(named(id="a")) != hash(named(id="b"))
    assert placed(1) != (1, 2)
    assert placed(1) != make(of)[1](1)
    assert changing([1]) == changing([1]) != changing([2])
    with pytest.raises(TypeError, match="unhashable"):
        hash(changing())


@BOTH
def test_what_is_frozen_cannot_be_changed_and_what_is_not_can(of: Any) -> None:
    named, _, changing = make(of)
    one = named(id="a")
    with pytest.raises(AttributeError, match="id"):
        one.id = "b"
    with pytest.raises(AttributeError, match="id"):
        del one.id
    with pytest.raises((AttributeError, TypeError)):
        one.other = 1
    assert one == named(id="a")
    two = changing()
    two.items.append(1)
    two.name = "x"
    assert two == changing([1], "x")


@BOTH
def test_methods_and_words_stay(of: Any) -> None:
    named, placed, _ = make(of)
    assert named(id="a").grown() == named(id="a", size=4)
    assert named(id="a").grown().big
    assert named.__doc__ == "Has a docstring, a method and a property."
    assert named.__qualname__ == "make.<locals>.Named"
    assert named.__module__ == __name__
    assert repr(placed(1)) == "make.<locals>.Placed(left=1, right=2)"
    match placed(1):
        case placed(left, 2):
            assert left == 1
        case _:
            pytest.fail("it does not match")


@ours.dataclass(frozen=True, slots=True)
class Copied:
    """At the top of a module, where `pickle` finds it."""

    value: list[int]


def test_objects_can_be_copied_and_sent_to_another_process() -> None:
    one = Copied([1])
    assert copy.copy(one) == copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one
    assert copy.deepcopy(one).value is not one.value
    assert copy.copy(one).value is one.value
