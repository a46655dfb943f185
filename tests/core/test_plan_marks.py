"""Marks in titles: what is one, what is only text, and what is left of the title."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core.plan import PlanItem, parse_plan
from gitledger.errors import InvalidInput

WORD = "letters, digits and _ . + / - only, 64 characters at most"


def read(title: str) -> PlanItem:
    return parse_plan(f"- [ ] {title}\n- [ ] Other", "plan.md").items[0]


def refusal(title: str) -> tuple[str, str | None]:
    with pytest.raises(InvalidInput) as refused:
        read(title)
    return refused.value.message, refused.value.hint


@pytest.mark.parametrize(
    ("mark", "key", "value"),
    [
        ("[P1]", "priority", "P1"),
        ("[p0]", "priority", "P0"),
        ("(P3)", "priority", "P3"),
        ("[priority: 4]", "priority", "P4"),
        ("#api", "labels", ("api",)),
        ("#v1.2/größe+x", "labels", ("v1.2/größe+x",)),
        ("#b #a #b", "labels", ("a", "b")),
        ("[type: bug]", "type", "bug"),
        ("[Role:tester]", "role", "tester"),
        ("[estimate: 2H]", "estimate", "2h"),
        ("[due: next friday]", "due", "next friday"),
        ("[review]", "review", True),
        ("[blockedBy: 2]", "blocked_by", (1,)),
        ("[BLOCKED BY:2]", "blocked_by", (1,)),
        ("[blocked-by: #2; 2]", "blocked_by", (1,)),
        ("(blocked by: 2,)", "blocked_by", (1,)),
        ("(blocked_by: 2)", "blocked_by", (1,)),
        ("[depends on: Other]", "blocked_by", (1,)),
        ('(depends on: "Other", abc)', "blocked_by", (1,)),
        ("(depends on: none)", "blocked_by", ()),
        ("(blocked by #2, 2)", "blocked_by", (1,)),
        ("[blocked by 2]", "blocked_by", (1,)),
    ],
)
@pytest.mark.parametrize("form", ["{} Add a page", "Add {} a page", "Add a page {}"])
def test_a_mark_is_taken_out_of_the_title_wherever_it_stands(
    form: str, mark: str, key: str, value: object
) -> None:
    item = read(form.format(mark))
    assert (item.title, getattr(item, key)) == ("Add a page", value)


@pytest.mark.parametrize(
    "title",
    [
        "Fix #12",
        "Port to C# and F#",
        "Read a#b and /x#y",
        "Use `#define` and `[P1]`",
        "Use ``a ` #b`` here",
        r"Keep \#this and \[P1]",
        "See [P1](priorities.md#top) and ![x #y](z.png)",
        "Pages [1] and [2] (P)",
        "Call f(P1) and g(P1, x)",
        "Say [note: well] and (note: well)",
        "Add a user (role: admin)",
        "Add one (depends on the weather)",
        "Show [blocked by",
        "Snow — and rain",
        "Colour #fff$ or #",
        "__init__.py is *not* here",
        "**One** and **two**",
        "A\\*b",
    ],
)
def test_what_is_no_mark_stays_in_the_title(title: str) -> None:
    assert read(title) == PlanItem(place="1", line=1, title=title, status="pending")


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("**Add a page**", "Add a page"),
        ("__Add a page__ [P1]", "Add a page"),
        ("__Add a page #ui__", "Add a page"),
        ("***Add a page #ui***", "Add a page"),
        ("_Add_", "Add"),
        ("**[P1]** Add a page", "Add a page"),
        ("Add a page — [P1], #ui.", "Add a page"),
        ("[P1]: Add a page", "Add a page"),
        ("Add #ui, then show it", "Add then show it"),
        ("Add\ta\u00a0page  now", "Add a page now"),
        ("Add <!-- why --> a page<!-- [P9] -->", "Add a page"),
        ("Add `<!-- a -->`", "Add `<!-- a -->`"),
        ("Add a page <!-- open", "Add a page <!-- open"),
    ],
)
def test_what_surrounds_the_marks_goes_with_them(written: str, title: str) -> None:
    assert read(written).title == title


def test_a_line_of_marks_below_the_title_belongs_to_it() -> None:
    plan = parse_plan("- [ ] A\n  [P1] #ui [blockedBy: 2]\n  Text.\n- [ ] B", "plan.md")
    assert plan.items[0] == PlanItem(
        place="1",
        line=1,
        title="A",
        status="pending",
        priority="P1",
        labels=("ui",),
        blocked_by=(1,),
        description="Text.",
    )


@pytest.mark.parametrize(
    "line", ["Do #this [P1]", "[note: well]", "`#x`", "\n  #ui", "- #ui", "- [ ] B\n\n  #ui"]
)
def test_other_lines_below_the_title_are_the_description(line: str) -> None:
    item = parse_plan(f"- [ ] A\n  {line}", "plan.md").items[0]
    assert (item.description, item.labels) == (line.removeprefix("- [ ] B").strip(), None)


@pytest.mark.parametrize(
    ("title", "message", "hint"),
    [
        ("A [P7]", "unknown priority 'P7'", "one of: P0, P1, P2, P3, P4"),
        ("A [type: two words]", f"'two words' is no type: {WORD}", None),
        ("A [role: ]", "[role:] says nothing", None),
        (
            "A [estimate: soon]",
            "'soon' is no estimate",
            "write a number and m, h, d or w: 30m, 4h, 2d",
        ),
        ("A [P1] [P2]", "two values for 'priority': P1 and P2", None),
        ("A [blokedBy: 2]", "unknown mark [blokedBy: …]", "did you mean [blocked by: …]?"),
        ("A [rôle: x] [roles: x]", "unknown mark [roles: …]", "did you mean [role: …]?"),
        ("A [depends: 2]", "unknown mark [depends: …]", "did you mean [depends on: …]?"),
        (f"A #{'x' * 65}", f"'{'x' * 65}' is no label: {WORD}", None),
    ],
)
def test_a_wrong_mark_is_refused(title: str, message: str, hint: str | None) -> None:
    assert refusal(title) == (f"plan.md:1: {message}", hint)


def test_the_same_mark_twice_says_it_once() -> None:
    item = read("A [P1] [blockedBy: 2] (p1) (blocked by: 2)")
    assert (item.priority, item.blocked_by) == ("P1", (1,))


_words = st.lists(st.from_regex(r"[A-Za-z]{1,8}", fullmatch=True), min_size=1, max_size=5)
_marks = st.permutations(["[P1]", "#ui", "#api", "[blockedBy: 2]", "[type: bug]", "[review]"])


@settings(max_examples=60, deadline=None)
@given(_words, _marks, st.data())
def test_the_order_and_place_of_marks_do_not_matter(
    words: list[str], marks: list[str], data: st.DataObject
) -> None:
    mixed = list(words)
    for mark in marks:
        mixed.insert(data.draw(st.integers(0, len(mixed))), mark)
    assert read(" ".join(mixed)) == PlanItem(
        place="1",
        line=1,
        title=" ".join(words),
        status="pending",
        priority="P1",
        labels=("api", "ui"),
        type="bug",
        review=True,
        blocked_by=(1,),
    )
