"""Long lists: looked at bit by bit, the same as in one go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitledger.cli.rows import rows
from gitledger.cli.style import Style, columns
from gitledger.core.criteria import EVERYTHING, UNFINISHED
from gitledger.core.query import Query, QueryContext, parse_query
from gitledger.core.task import Task
from gitledger.core.text import escape
from gitledger.errors import StoreFailed
from gitledger.index import Index
from gitledger.index.rows import number
from gitledger.ledger import Ledger
from gitledger.listing import Listing
from gitledger.views import Views
from tests.cli.program import Program
from tests.index.worlds import commit_tasks, index_of
from tests.ledgers import NEW_YEAR, ledger_at


@pytest.fixture(autouse=True)
def _long_lists_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two tasks be as many as are looked at together."""
    monkeypatch.setattr("gitledger.listing._AT_ONCE", 2)
    monkeypatch.setattr("gitledger.index._PART", 2)
    monkeypatch.setattr("gitledger.index.shortening._FEW", 2)


@pytest.fixture
def ledger(repo: Path) -> Ledger:
    """A ledger of seven tasks that differ in what is shown of them."""
    ledger = ledger_at(repo)
    first = ledger.add("Write the schema", labels=["db"], priority="P1").id
    second = ledger.add("Build the API", blocked_by=[first]).id
    ledger.add("Straße pflastern " * 5, blocked_by=[first, second], due=NEW_YEAR.date())
    ledger.add("日本語の見出し", labels=["x", "y"])
    ledger.start(ledger.add("Deploy").id)
    ledger.progress(ledger.add("Tell\u202eall").id, 40)
    ledger.done(ledger.add("Done").id)
    return ledger


def everything_titled(word: str) -> Query:
    setting = QueryContext(me="ada", now=NEW_YEAR, resolve=lambda name: name)
    return parse_query([f"title:{word}"], setting)


@pytest.mark.parametrize("limit", [None, 0, 1, 3, 7])
@pytest.mark.parametrize("sort", ["priority", "-title", "id"])
def test_a_listing_is_what_a_search_finds(ledger: Ledger, sort: str, limit: int | None) -> None:
    everything = ledger.views()
    listing = ledger.listing(sort=sort, limit=limit)
    found, total = ledger.search(sort=sort, limit=limit)
    assert (list(listing), listing.total, len(listing)) == (found, total, len(found))
    assert total == len(everything)
    assert list(listing.ids) == [view.id for view in found]
    assert {view.id: view for view in found}.items() <= {
        view.id: view for view in everything
    }.items()


def test_a_query_that_no_index_answers_is_listed_likewise(ledger: Ledger) -> None:
    listing = ledger.listing(everything_titled("e"), limit=3)
    found, total = ledger.search(everything_titled("e"))
    assert list(listing) == found[:3]
    assert listing.total == total > 3


def test_it_stays_as_it_is_whatever_is_written_meanwhile(ledger: Ledger) -> None:
    listing = ledger.listing(criterion=UNFINISHED)
    before = list(listing)
    going = iter(listing)
    first = next(going)
    for view in before:
        ledger_at(Path(ledger.repository.location.worktree or ""), "grace").edit(
            view.id, title=f"New {view.id}"
        )
        ledger.views()
    assert [first, *going] == before
    assert list(listing) == before


@pytest.mark.parametrize(
    "style",
    [Style(), Style(width=60), Style(color=True, width=40), Style(unicode=False, width=200)],
)
@pytest.mark.parametrize("why", [False, True])
def test_its_lines_are_those_of_the_views_in_one_go(
    ledger: Ledger, style: Style, *, why: bool
) -> None:
    views = ledger.search()[0]
    listing = ledger.listing()
    lines = list(rows(listing, ledger.shortening(), style, why=why))
    assert lines == list(rows(views, ledger.short, style, why=why))
    assert len(lines) == len(views) == 7


TITLES = st.text(st.sampled_from("aß\u212a\u017fﬁé日\u0301\u202e"), min_size=1, max_size=9)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(titles=st.lists(TITLES, max_size=5), enough=st.integers(0, 20))
def test_the_widest_title_is_found_without_reading_them_all(
    ledger: Ledger, titles: list[str], enough: int
) -> None:
    store = ledger.repository.store
    named = tuple(Task(id=f"{place:010}", title=title) for place, title in enumerate(titles))
    index = index_of(store, commit_tasks(store, named))
    views = Views(index, list="main", now=ledger.now, silent=lambda names: (), published=Never)
    listing = Listing(index, views, index.numbers(EVERYTHING), len(titles))

    def width(title: str) -> int:
        return columns(escape(title))

    assert listing.widest(width, enough) == min(max(map(width, titles), default=0), enough)


def Never() -> Any:  # noqa: N802  # stands for a class
    raise AssertionError("nothing is claimed")


# -- as a command ------------------------------------------------------------------------------


def test_json_is_written_as_it_is_made(cli: Program, ledger: Ledger) -> None:
    found = json.loads(cli("list", "--all", "--json").stdout)["tasks"]
    assert [task["id"] for task in found] == [view.id for view in ledger.search()[0]]
    assert all(task["revision"] for task in found)
    cut = json.loads(cli("list", "--all", "--limit", "0", "--json").stdout)
    assert cut["tasks"] == []


@pytest.fixture
def _the_last_task_cannot_be_read(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    last = number(ledger.search()[0][-1].id)
    numbered = Index.numbered

    def fail(index: Index, numbers: Any) -> Any:
        if [*numbers] == [last]:
            raise StoreFailed("a file is damaged")
        return numbered(index, numbers)

    monkeypatch.setattr(Index, "numbered", fail)


@pytest.mark.usefixtures("_the_last_task_cannot_be_read")
@pytest.mark.parametrize("words", [["list", "--all"], ["list", "--all", "--json"]])
def test_a_short_answer_that_fails_midway_is_no_answer(cli: Program, words: list[str]) -> None:
    result = cli(*words)
    assert (result.code, result.stdout) == (1, "")
    assert "a file is damaged" in result.stderr


@pytest.mark.usefixtures("_the_last_task_cannot_be_read")
@pytest.mark.parametrize("words", [["list", "--all"], ["list", "--all", "--json"]])
def test_a_long_answer_that_fails_midway_says_so(
    cli: Program, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitledger.cli.reply._FEW", 1)
    result = cli(*words)
    assert result.code == 1
    assert result.stdout != ""
    assert "a file is damaged" in result.stderr
    with pytest.raises(ValueError, match=r"."):
        json.loads(result.stdout)
