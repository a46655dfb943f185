"""The grammar of queries: how terms combine, and that what is not understood is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core.dataclass import replace
from gitledger.core.query import (
    FIELDS,
    Query,
    QueryContext,
    all_of,
    any_of,
    by_field,
    negate,
    parse_query,
)
from gitledger.core.task import Note, Task
from gitledger.core.view import TaskView
from gitledger.errors import InvalidInput, LedgerError, NoSuchTask

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=timezone(timedelta(hours=1)))
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

TASKS = (
    Task(id="aaaaaaaaaa", title="Log in", labels=("auth", "ui"), owner="anna", priority="P0"),
    Task(id="bbbbbbbbbb", title="Log out", labels=("auth",), blocked_by=("aaaaaaaaaa",)),
    Task(id="cccccccccc", title="Fix: a, b", status="waiting", owner="bert", priority="P1"),
    Task(id="dddddddddd", title="or else", status="completed", owner="anna", estimate="2d"),
    Task(id="eeeeeeeeee", title="Write", due=date(2026, 11, 25), created_at=LONG_AGO),
    Task(id="ffffffffff", title="See http://x", progress=50, metadata={"team": "core"}),
    Task(
        id="gggggggggg",
        title="Merge (again)",
        status="cancelled",
        due=LONG_AGO,
        notes=(Note(id="n", at=LONG_AGO, by="anna", kind="conflict", text="log"),),
    ),
)
VIEWS = tuple(
    TaskView(task=task, list="main", ready=task.owner is None, blocked=bool(task.blocked_by))
    for task in TASKS
)
EVERYTHING = "abcdefg"


def resolve(prefix: str) -> str:
    for task in TASKS:
        if task.id.startswith(prefix):
            return task.id
    raise NoSuchTask(f"no task '{prefix}'")


CONTEXT = QueryContext(me="anna", now=NOW, resolve=resolve)

TERMS = (
    ("status", "pending"),
    ("status", "pending,waiting"),
    ("owner", "me"),
    ("owner", "none"),
    ("label", "AUTH,u*"),
    ("priority", "P0..P1"),
    ("title", "log"),
    ("due", "today"),
    ("due", "none"),
    ("created", "2026-01-01..2026-02-01"),
    ("blocked-by", "aaa"),
    ("progress", "50"),
    ("estimate", "16h"),
    ("metadata.team", "core"),
    ("is", "unfinished"),
    ("is", "conflicted"),
)

quick = settings(max_examples=100, deadline=None)


def found(query: Query) -> str:
    """The first letters of the ids of the tasks that the query matches."""
    return "".join(view.task.id[0] for view in VIEWS if query.matches(view))


def find(text: str) -> str:
    return found(parse_query([text], CONTEXT))


def refused(text: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse_query([text], CONTEXT)
    assert "\n" not in caught.value.message
    return caught.value


def grouped(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(parts, st.sampled_from([" ", " and ", " or ", " OR "]), parts)
    return st.one_of(
        pairs.map("({0[0]}{0[1]}{0[2]})".format),
        parts.map("not {}".format),
        parts.map("-{}".format),
    )


terms = st.one_of(
    st.sampled_from([f"{field}:{value}" for field, value in TERMS]),
    st.sampled_from(["log", '"log in"', "priority>=P1", "due<=eow", "progress!=50"]),
)
queries = st.recursive(terms, grouped, max_leaves=6)


# -- how terms combine -------------------------------------------------------------------------


def test_no_words_mean_every_task() -> None:
    assert found(parse_query([], CONTEXT)) == EVERYTHING


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("log", "ab"),
        ("auth", "ab"),
        ("log in", "a"),
        ('"log in"', "a"),
        ("log and in", "a"),
        ("log or write", "abe"),
        ("log OR write", "abe"),
        ("write or log in", "ae"),
        ("(write or log) in", "a"),
        ("not log", "cdefg"),
        ("-log", "cdefg"),
        ("!log", "cdefg"),
        ("not not log", "ab"),
        ("-(log or write)", "cdfg"),
        ("auth -owner:me", "b"),
        ("-owner:me -status:pending", "cg"),
        ('title:"log out"', "b"),
        ('title:"a, b"', "c"),
        ('title:"a, b",write', "ce"),
        ('"or"', "d"),
        ('"http://x"', "f"),
        ('"(again)"', "g"),
        ("  owner:me\tstatus:completed ", "d"),
        ("(owner:me)status:completed", "d"),
        ("STATUS:Pending owner:ME", "a"),
        ("created_by:none owner=me", "ad"),
        ("owner!=me", "bcefg"),
        ("owner!=me,bert", "befg"),
    ],
)
def test_terms_combine(text: str, expected: str) -> None:
    assert find(text) == expected


def test_the_words_of_a_command_line_are_joined() -> None:
    assert found(parse_query(["(log", "or", "write)", "-owner:me"], CONTEXT)) == "be"


@given(queries)
@quick
def test_a_query_and_its_negation_share_out_the_tasks(text: str) -> None:
    query = parse_query([text], CONTEXT)
    for negation in (negate(query), parse_query([f"not ({text})"], CONTEXT)):
        assert sorted(found(query) + found(negation)) == sorted(EVERYTHING)


@given(queries, queries)
@quick
def test_and_is_the_intersection_and_or_the_union(one: str, other: str) -> None:
    first, second = parse_query([one], CONTEXT), parse_query([other], CONTEXT)
    both = set(found(first)) & set(found(second))
    some = set(found(first)) | set(found(second))
    assert set(find(f"({one}) ({other})")) == set(found(all_of(first, second))) == both
    assert set(find(f"({one}) or ({other})")) == set(found(any_of(first, second))) == some


def test_all_of_nothing_is_everything_and_any_of_nothing_is_nothing() -> None:
    assert found(all_of()) == EVERYTHING
    assert found(any_of()) == ""


# -- flags -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("field", "value"), TERMS)
def test_a_flag_is_exactly_the_term(field: str, value: str) -> None:
    assert found(by_field(field, value, CONTEXT)) == find(f"{field}:{value}")
    assert found(by_field(field, value, CONTEXT)) not in ("", EVERYTHING)


def test_a_flag_takes_several_values_with_blanks_between() -> None:
    assert found(by_field("title", "log in, write", CONTEXT)) == "ae"


@pytest.mark.parametrize(("field", "value"), [("statsu", "pending"), ("owner", ""), ("is", "a,")])
def test_a_flag_is_refused_as_the_term_is(field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        by_field(field, value, CONTEXT)
    assert caught.value.message == refused(f"{field}:{value}").message


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the query is empty"),
        ("  ", "the query is empty"),
        ("or", "a term is missing before 'or'"),
        ("log or", "a term is missing after 'or'"),
        ("log and or write", "a term is missing before 'or'"),
        ("log and", "a term is missing after 'and'"),
        ("log NOT", "a term is missing after 'not'"),
        ("()", "a term is missing before ')'"),
        ("-)", "a term is missing before ')'"),
        ("(", "a term is missing after '('"),
        ("(log", "'(' is not closed"),
        ("log)", "')' closes nothing"),
        ("fix - again", "'-' stands alone"),
        ("fix !", "'!' stands alone"),
        ('"log', 'a quote is not closed: "log'),
        ('write title:"log in', 'a quote is not closed: "log in'),
        ('""', "a text to search for cannot be empty"),
        ('" "', "a text to search for cannot be empty"),
        ("status:", "'status:' lacks a value"),
        ("status: pending", "'status:' lacks a value"),
        ('title:""', "'title:' lacks a value"),
        ("label:a,,b", "'label:' lacks a value"),
        ("due<", "'due<' lacks a value"),
        (":pending", "no field before ':'"),
        ("!=5", "no field before '='"),
        ("title<x", "'title' cannot be compared by '<'"),
        ("due<today,eow", "'due<' takes one value, not 2"),
        ("http://x", "unknown field 'http'"),
        ("12:30", "unknown field '12'"),
        ("metadata:core", "unknown field 'metadata'"),
        ("metadata.:core", "unknown field 'metadata.'"),
    ],
)
def test_what_is_not_understood_is_refused_and_named(text: str, message: str) -> None:
    assert refused(text).message == message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("statsu:pending", "did you mean 'status'?"),
        ("blocked_bye:aaa", "did you mean 'blocked-by'?"),
        ("metadata:core", "did you mean 'metadata.KEY'?"),
        ("http://x", "to search for a text, quote it"),
        ("xyzzy:1", "fields: id, status, "),
        ("status:", "status: pending, in_progress, "),
        (":", "quote it"),
        ("title<x", "write title:VALUE"),
        ("fix - again", "write -TERM, or quote it"),
    ],
)
def test_a_refusal_says_what_to_write_instead(text: str, hint: str) -> None:
    assert hint in (refused(text).hint or "")


def test_parentheses_nest_as_deep_as_anyone_writes_and_no_deeper() -> None:
    assert find("(" * 50 + "log" + ")" * 50) == "ab"
    assert "more than 50 parentheses" in refused("(" * 5000 + "log" + ")" * 5000).message


def test_a_long_query_is_no_deep_one() -> None:
    assert find("log " * 5000) == "ab"
    assert find("or ".join(["log "] * 5000)) == "ab"
    assert find("-" * 5000 + "log") == "ab"
    assert find("(log) " * 5000) == "ab"


def test_a_task_that_does_not_exist_is_no_such_task() -> None:
    with pytest.raises(NoSuchTask):
        parse_query(["blocked-by:zzz"], CONTEXT)


@st.composite
def near_misses(draw: st.DrawFn) -> str:
    """A query with one place cut out and something else put there."""
    text = draw(queries)
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(start + 3, len(text))))
    return text[:start] + draw(st.text('()":,<>=!-*. orantm50', max_size=3)) + text[end:]


@given(st.one_of(st.text(), near_misses()))
@settings(max_examples=300, deadline=None)
def test_any_text_makes_a_query_that_works_or_a_ledger_error(text: str) -> None:
    try:
        query = parse_query([text], CONTEXT)
    except LedgerError:
        return
    assert set(found(query)) <= set(EVERYTHING)


@given(st.data())
@quick
def test_a_mistyped_field_is_never_accepted(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name in FIELDS if name != "metadata.KEY"]))
    place = data.draw(st.integers(0, len(name)))
    cut = data.draw(st.integers(0, 1))
    typed = name[:place] + data.draw(st.text("abestu0._/-!", max_size=2)) + name[place + cut :]
    if typed.lstrip("-!").lower().replace("_", "-") in FIELDS:
        return
    for operator in (":", "<="):
        with pytest.raises(InvalidInput):
            parse_query([f"{typed}{operator}P1"], CONTEXT)


def test_a_role_that_nobody_has_ever_heard_of_is_a_typing_error() -> None:
    context = replace(CONTEXT, roles=("builder", "tester"))
    with pytest.raises(InvalidInput, match="unknown role 'testr'") as wrong:
        parse_query(["role:testr"], context)
    assert wrong.value.hint == "did you mean 'tester'?"
    for words in ("role:Tester", "role:none", "role:t*"):
        parse_query([words], context)
