"""`prime` and `statusline`: what programs and prompts read of everything; they stay short."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gitledger.cli.style import columns
from tests.cli.program import Program
from tests.cli.test_hostile import ACTING, EVIL, SINGLE_LINE
from tests.conftest import RunGit
from tests.ledgers import commit_by_hand

LONG_NAME = "n" * 64
TITLES = {
    "long": "Write the schema " * 29,
    "wide": "漢" * 500,
    "combining": "e" + "\u0301" * 499,
    "evil": SINGLE_LINE * 10,
}


def crowd(ledger: Program, title: str) -> None:
    """Fill a ledger: many tasks that are mine, ready, handed over, asked about; messages."""
    words = ["--session", LONG_NAME]
    ledger.ok("session", "start", LONG_NAME, "--role", "b" * 60)
    ids = [ledger.add(f"{title[:480]} {number}") for number in range(18)]
    ledger.ok("start", *ids[:6], *words)
    ledger.ok("handoff", *ids[6:12], "--to", LONG_NAME, "-m", "Yours", "--session", "grace")
    ledger.ok("ask", ids[12], "Why?", "--session", "grace")
    ledger.ok("tell", LONG_NAME, "Hello", "--session", "grace")


@pytest.mark.parametrize("title", TITLES)
def test_prime_stays_under_2000_characters(ledger: Program, git: RunGit, title: str) -> None:
    git(ledger.cwd, "checkout", "--quiet", "-b", "branch-" + "x" * 200)
    crowd(ledger, TITLES[title])
    shown = ledger.ok("prime").stdout
    assert len(shown) < 2000
    assert not ACTING.search(shown)
    assert "6 handoffs, 1 message, 1 question" in shown
    assert "  and 8 more" in shown


def test_prime_tells_what_fits_the_role(ledger: Program) -> None:
    ledger.ok("session", "start", "ada", "--role", "tester")
    ledger.add("Build it", "--role", "builder")
    ledger.add("Test it", "--role", "tester")
    ledger.add("Write about it")
    told = ledger.ok("prime", "--json").json
    assert [task["title"] for task in told["ready"]] == ["Test it", "Write about it"]
    assert (told["role"], told["ready_count"]) == ("tester", 2)


def test_prime_names_commands_that_there_are(ledger: Program) -> None:
    for each in ledger.ok("prime", "--json").json["commands"]:
        verb = each["command"].split()[2]
        assert ledger.ok(verb, "-h").stdout


@pytest.mark.parametrize("title", TITLES)
def test_the_statusline_takes_80_columns_at_most(ledger: Program, title: str) -> None:
    crowd(ledger, TITLES[title])
    shown = ledger.ok("statusline").stdout
    assert shown.count("\n") == 1
    assert columns(shown.rstrip("\n")) <= 80
    assert not ACTING.search(shown)
    assert shown.rstrip("\n").endswith("1 question")


def test_a_long_list_takes_80_columns_too(ledger: Program) -> None:
    ledger.ok("lists", "create", LONG_NAME)
    ledger.ok("add", "Write the schema", "--claim", "--list", LONG_NAME)
    shown = ledger.ok("statusline", "--list", LONG_NAME).stdout
    assert columns(shown.rstrip("\n")) <= 80


def test_the_statusline_counts_as_the_ledger_does(ledger: Program) -> None:
    first = ledger.add("First")
    second = ledger.add("Second", "-b", first)
    ledger.add("Third", "-b", first, "-b", second)
    ledger.add("Mine", "--claim")
    for expected in (1, 1, 1):
        told = ledger.ok("statusline", "--json").json
        assert told["ready"] == ledger.ok("status", "--json").json["counts"]["ready"] == expected
        if first:
            ledger.ok("cancel", first)
            first = ""
    assert told["title"] == "Mine"


def test_the_statusline_names_what_is_in_progress_first(ledger: Program) -> None:
    ledger.add("Urgent", "-p", "P0", "--claim")
    ledger.ok("start", ledger.add("Begun", "-p", "P3"))
    assert ledger.ok("statusline", "--json").json["title"] == "Begun"


def test_the_statusline_shows_what_somebody_wrote_by_hand(ledger: Program, git: RunGit) -> None:
    text = f'title = "{SINGLE_LINE}"\nstatus = "in_progress"\npriority = "P1"\ntype = "task"\n'
    commit_by_hand(
        git, ledger.cwd, f'100644 {text}owner = "ada"\n\ttasks/a/a/aaaa000000.toml', message=EVIL
    )
    shown = ledger.ok("statusline").stdout
    assert "red" in shown
    assert not ACTING.search(shown)


def test_a_ledger_that_is_damaged_is_an_error_of_the_statusline(
    ledger: Program, git: RunGit
) -> None:
    git(ledger.cwd, "update-ref", "refs/gitledger/main", git(ledger.cwd, "rev-parse", "HEAD"))
    done = ledger("statusline")
    assert (done.code, done.stdout) == (1, "")


def test_who_reviews_is_told_what_there_is_to_review(ledger: Program) -> None:
    ledger.ok("done", ledger.add("Write the schema", "--review"))
    for session, count in (("ada", 0), ("grace", 1)):
        told = ledger.ok("prime", "--session", session)
        assert ("in review, for you to approve" in told.stdout) == bool(count)
        assert ledger.ok("prime", "--json", "--session", session).json["review_count"] == count
        nothing = ledger("next", "--session", session)
        assert (nothing.code, "waits for review" in nothing.stderr) == (3, bool(count))


def test_a_prompt_that_refreshes_itself_keeps_no_session_alive(ledger: Program) -> None:
    ledger.add("Mine", "--claim")
    beat = ledger.cwd / ".git/gitledger/heartbeats/ada"
    seen = beat.stat().st_mtime
    ledger.now += timedelta(hours=3)
    assert "Mine" in ledger.ok("statusline").stdout
    assert beat.stat().st_mtime == seen
    ledger.ok("prime")
    assert beat.stat().st_mtime > seen
