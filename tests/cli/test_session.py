"""`session`: what it asks, how its table fits, and the sign of life of every command."""

from __future__ import annotations

import csv
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gitledger.cli import registry
from gitledger.cli.parse import parse
from gitledger.ledger import Ledger
from tests.cli.program import Program
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import clone


@pytest.fixture
def busy(ledger: Program) -> Program:
    """Return the program in the worktree of the session `api`, which holds a task."""
    ledger.ok("session", "start", "api", "--worktree")
    ledger.cwd = ledger.cwd.parent / "repo-api"
    ledger.add("Build the API", "--claim")
    return ledger


def owners(program: Program) -> list[str | None]:
    tasks: list[dict[str, Any]] = program.ok("list", "--all", "--json").json["tasks"]
    return [task["owner"] for task in tasks]


def names(program: Program, *words: str) -> list[str]:
    return [
        each["name"] for each in program.ok("session", "list", *words, "--json").json["sessions"]
    ]


def tip(program: Program, git: RunGit) -> str:
    return git(program.cwd, "rev-parse", "refs/gitledger/main")


# -- an option whose value may be left out -----------------------------------------------------


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("api", None),
        ("api --worktree", True),
        ("api --worktree ../x", "../x"),
        ("api --worktree=../x", "../x"),
        ("api --worktree --role builder", True),
        ("api --worktree -y", True),
        ("--worktree -- api", True),
        ("api --worktree -", "-"),
    ],
)
def test_a_worktree_may_be_asked_for_with_its_place_or_without(
    line: str, value: str | bool | None
) -> None:
    found = parse(registry.find("session start"), line.split())
    assert found is not None
    assert (found["name"], found["worktree"]) == ("api", value)


def test_a_name_that_was_taken_for_the_place_is_missed(ledger: Program) -> None:
    result = ledger("session", "start", "--worktree", "api")
    assert result.code == 2
    assert result.stderr == "error: missing NAME\nhint: usage: git ledger session start NAME\n"


# -- start -------------------------------------------------------------------------------------


def test_a_place_is_meant_from_where_one_stands(ledger: Program) -> None:
    below = ledger.cwd / "below"
    below.mkdir()
    ledger.cwd = below
    result = ledger.ok("session", "start", "api", "--worktree", "../../x y", "--json")
    made = below.parent.parent / "x y"
    assert result.json["path"] == str(made)
    assert made.is_dir()


def test_the_way_there_is_quoted_for_the_shell(ledger: Program) -> None:
    result = ledger.ok("session", "start", "api", "--worktree", "../x y")
    assert f"cd '{ledger.cwd.parent / 'x y'}'\n" in result.stdout


def test_a_name_in_the_environment_that_is_stronger_is_told(ledger: Program) -> None:
    result = ledger.ok("session", "start", "api", GITLEDGER_SESSION="other")
    assert "warning: GITLEDGER_SESSION names other, and is stronger" in result.stderr
    assert "warning" not in ledger.ok("session", "show", GITLEDGER_SESSION="api").stderr


def test_a_session_that_is_resumed_away_from_another_machine_is_told(
    ledger: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.ok("session", "start", "api")
    monkeypatch.setattr("gitledger.roster.host", lambda: "laptop")
    told = ledger.ok("session", "resume", "api").stderr
    assert "it was on desk in the worktree repo: whoever is still there acts as it, too\n" in told


def test_a_fork_goes_where_it_is_told_to(busy: Program) -> None:
    result = busy.ok("session", "fork", "web", "--worktree", "../x", "--json")
    assert result.json["path"] == str(busy.cwd.parent / "x")
    assert result.json["session"]["origin"] == "api"


# -- end ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "owner"),
    [("r\n", None), ("release\n", None), ("K\n", "api"), ("h\nweb\ngo on\n", "web")],
)
def test_on_a_terminal_an_end_asks_what_becomes_of_open_claims(
    busy: Program, typed: str, owner: str | None
) -> None:
    busy.ok("session", "start", "web", "--worktree")
    result = busy.ok("session", "end", stdin=typed, terminal=True)
    assert "Release them, hand them off, or keep them? [r/h/k] " in result.stderr
    assert owners(busy) == [owner]
    if owner == "web":
        handed = busy.ok("inbox", "--session", "web").stdout
        assert "go on" in handed


@pytest.mark.parametrize("typed", ["", "\n", "x\n", "h\n\n"])
def test_without_an_answer_nothing_ends(busy: Program, git: RunGit, typed: str) -> None:
    before = tip(busy, git)
    result = busy("session", "end", stdin=typed, terminal=True)
    assert result.code == 1
    assert "hint: give them back with --release" in result.stderr
    assert (tip(busy, git), owners(busy)) == (before, ["api"])


@pytest.mark.parametrize(
    ("words", "terminal"), [((), False), (("--no-input",), True), (("--yes",), True)]
)
def test_where_nobody_is_asked_the_ways_out_are_named(
    busy: Program, words: tuple[str, ...], terminal: bool
) -> None:
    result = busy("session", "end", *words, terminal=terminal)
    assert result.code == 1
    assert result.stderr.endswith(
        "hint: give them back with --release, on with --handoff-to NAME, or --keep them\n"
    )
    assert owners(busy) == ["api"]


def test_who_stands_in_the_worktree_that_goes_is_told_where_to_go(busy: Program) -> None:
    main = busy.cwd.parent / "repo"
    result = busy.ok("session", "end", "--release", "--remove-worktree", "--json")
    assert result.json["removed"] == [str(busy.cwd)]
    assert not busy.cwd.exists()
    busy.cwd = main
    busy.ok("session", "resume", "api")
    busy.ok("session", "end")
    busy.ok("session", "start", "web", "--worktree")
    busy.cwd = main.parent / "repo-web"
    told = busy.ok("session", "end", "--remove-worktree").stderr
    assert told == f"you stand in a directory that is gone: cd {main}\n"


def test_all_is_shared_in_the_background_where_that_is_set(
    busy: Program, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[list[str], Path]] = []
    monkeypatch.setattr(
        "gitledger.cli.terminal.start_detached",
        lambda words, context: started.append((words, context.cwd)),
    )
    git(busy.cwd, "remote", "add", "origin", "../nowhere")
    git(busy.cwd, "config", "gitledger.autoSync", "all")
    main = busy.cwd.parent / "repo"
    busy.ok("session", "end", "--release", "--remove-worktree")
    assert started == [(["sync", "--list", "main"], main)]


@pytest.mark.parametrize("remove", [(), ("--remove-worktree",)])
def test_a_handoff_at_the_end_is_published_where_claims_are(
    busy: Program, bare: Path, git: RunGit, remove: tuple[str, ...]
) -> None:
    git(busy.cwd, "remote", "add", "origin", str(bare))
    git(busy.cwd, "config", "gitledger.autoSync", "claims")
    busy.ok("session", "start", "web", "--worktree")
    main = busy.cwd.parent / "repo"
    busy.ok("session", "end", "--handoff-to", "web", *remove)
    busy.cwd = main
    assert git(bare, "rev-parse", "refs/gitledger/main") == tip(busy, git)
    assert owners(busy) == ["web"]


def test_who_has_ended_is_told_that_nobody_is_left_to_end(busy: Program) -> None:
    busy.ok("session", "end", "--release")
    result = busy("session", "end")
    assert result.code == 3
    assert result.stderr.startswith("error: no session to end here: you act as 'ada-repo-api'")
    assert "git ledger session end NAME" in result.stderr


# -- the list ----------------------------------------------------------------------------------


@pytest.fixture
def crowd(busy: Program) -> Program:
    """Return the program among sessions that have much to show."""
    busy.ok("session", "start", "web", "--worktree", "--role", "builder")
    busy.ok("session", "start", "tests", "--worktree", "--role", "tester")
    long = busy.add("Write down what everybody has to know before anything can begin", "-p", "P0")
    busy.ok("progress", long, "40", "--session", "web")
    busy.ok("ask", busy.add("Choose, with care", "--claim", "--session", "tests"), "Which?")
    return busy


def test_in_a_pipe_nothing_is_cut(crowd: Program) -> None:
    lines = crowd.ok("session", "list").stdout.splitlines()
    assert lines[0].split("  ")[1:] != []
    assert [line[:7].strip() for line in lines] == ["Sessi", "! tests", "web", "* api"]
    assert "before anything can begin" in lines[2]
    assert "waiting (question)" in lines[1]


@pytest.mark.parametrize("width", [30, 60, 80, 100, 140, 200])
def test_a_terminal_shows_what_fits(crowd: Program, width: int) -> None:
    lines = crowd.ok("session", "list", terminal=True, COLUMNS=str(width), NO_COLOR="1")
    shown = lines.stdout.splitlines()
    assert len(shown) == 4
    assert max(map(len, shown)) <= max(width, 60)
    assert all(word in shown[0] for word in ("Session", "Task", "Status"))
    assert ("Repository" in shown[0]) == (width == 200)


def test_the_table_has_colour_on_a_terminal_only_beside_the_words(crowd: Program) -> None:
    plain = crowd.ok("session", "list", terminal=True, COLUMNS="200", NO_COLOR="1").stdout
    crowd.now -= timedelta(minutes=1)
    painted = crowd.ok("session", "list", terminal=True, COLUMNS="200").stdout
    assert "\x1b[31m" in painted
    import re

    assert re.sub("\x1b\\[[0-9;]*m", "", painted) == plain


def test_csv_is_read_by_other_programs(crowd: Program) -> None:
    rows = list(csv.DictReader(crowd.ok("session", "list", "--csv").stdout.splitlines()))
    assert [row["name"] for row in rows] == ["tests", "web", "api"]
    assert (rows[0]["title"], rows[0]["attention"]) == ("Choose, with care", "question")
    assert rows[1]["progress"] == "40"


def test_groups_and_orders(crowd: Program) -> None:
    lines = crowd.ok("session", "list", "--group-by", "role").stdout.splitlines()
    assert [line for line in lines[1:] if line[:1] not in "*! "] == [
        "builder",
        "tester",
        "no role",
    ]
    assert names(crowd, "--sort", "priority") == ["web", "tests", "api"]
    assert names(crowd, "--sort", "eta")[0] == "web"
    assert names(crowd, "--group-by", "role") == ["web", "tests", "api"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--sort", "priorty"], "did you mean 'priority'?"),
        (["--group-by", "rol"], "did you mean 'role'?"),
        (["--csv", "--json"], "--csv and --json are two forms"),
    ],
)
def test_what_cannot_be_listed_is_an_error(crowd: Program, words: list[str], message: str) -> None:
    result = crowd("session", "list", *words)
    assert result.code == 2
    assert message in result.stderr


def test_what_others_wrote_is_shown_escaped(busy: Program, git: RunGit) -> None:
    evil = "\x1b[31mred\u202e"
    Ledger.open(busy.cwd).as_session("evil").start_session("evil", branch=evil, host=evil)
    for words in (["list"], ["list", "--csv"], ["show", "evil"], ["list", "--group-by", "host"]):
        shown = busy.ok("session", *words).stdout
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "red" in shown


def test_what_is_gone_or_past_is_mentioned_and_left_alone(busy: Program, git: RunGit) -> None:
    busy.cwd = busy.cwd.parent / "repo"
    shutil.rmtree(busy.cwd.parent / "repo-api")
    before = tip(busy, git)
    result = busy.ok("session", "list")
    assert "idle (gone)" in result.stdout
    advice = "1 session has left something behind; to tidy up: git ledger session prune\n"
    assert result.stderr == advice
    busy.now += timedelta(days=40)
    result = busy.ok("session", "list")
    assert result.stdout == ""
    assert result.stderr.startswith(advice)
    assert tip(busy, git) == before
    pruned = busy.ok("session", "prune", "--json").json
    assert (pruned["ended"], len(pruned["released"])) == (["api"], 1)
    assert owners(busy) == [None]
    assert busy.ok("session", "prune").stderr == "nothing to tidy\n"


def test_a_session_is_shown_although_its_retention_is_over(busy: Program) -> None:
    busy.now += timedelta(days=40)
    assert "stale" in busy.ok("session", "show", "api", "--session", "ada").stdout


# -- signs of life -----------------------------------------------------------------------------


def last_seen(program: Program, name: str) -> str:
    listed = program.ok("session", "list", "--json", "--session", "looker").json["sessions"]
    seen: str = next(each["last_seen"] for each in listed if each["name"] == name)
    return seen


def test_every_command_is_a_sign_of_life_and_none_is_a_commit(busy: Program, git: RunGit) -> None:
    before = tip(busy, git)
    for words, code in ((["list"], 0), (["show", "zzzz"], 3), (["claim", "zzzz"], 3)):
        busy.now += timedelta(hours=5)
        now = busy.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert busy(*words).code == code
        assert last_seen(busy, "api") == now
    assert tip(busy, git) == before


@pytest.mark.parametrize("words", [["--version"], ["list", "-h"], ["nonsense"]])
def test_what_does_not_look_at_the_ledger_is_none(busy: Program, words: list[str]) -> None:
    seen = last_seen(busy, "api")
    busy(*words)
    assert last_seen(busy, "api") == seen


def test_a_sign_of_life_that_cannot_be_left_fails_no_command(busy: Program) -> None:
    folder = busy.cwd.parent / "repo/.git/gitledger/heartbeats"
    shutil.rmtree(folder)
    folder.write_text("a file")
    assert busy.ok("list").stderr == ""


# -- several machines --------------------------------------------------------------------------


def test_a_worktree_goes_on_under_the_name_that_a_sync_gave_its_session(
    ledger: Program, make_repo: MakeRepo, bare: Path, git: RunGit
) -> None:
    git(ledger.cwd, "remote", "add", "origin", str(bare))
    other = clone(make_repo, bare, "grace")
    other.sessions.start("api", worktree=True)
    other.sync()
    ledger.ok("session", "start", "api", "--worktree")
    ledger.ok("sync")
    ledger.cwd = ledger.cwd.parent / "repo-api"
    assert ledger.ok("session", "show", "--json").json["session"]["name"] == "api-2"
