"""The git program is run on one repository, whatever the environment says, and to its end."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.configuration import Configuration
from gitledger.errors import GitFailed, InvalidInput
from gitledger.git import OBJECTS, Git, Result
from gitledger.spawn import Conversation
from gitledger.store.location import locate
from tests.conftest import MakeRepo, RunGit
from tests.forking import forked

SLEEP = "alias.x=!exec 3>pipe; sleep 60 & wait"
"""A command that holds a pipe open, together with a process that it started."""


def at(path: Path) -> Git:
    """Return git for the repository that the path is in."""
    return Git.at(locate(path, os.environ), os.environ)


# -- running ---------------------------------------------------------------------------------------


def test_a_command_gives_its_code_and_what_it_printed(repo: Path) -> None:
    assert at(repo).run("rev-parse", "--abbrev-ref", "HEAD") == Result(0, b"main\n", "")


def test_input_is_handed_over_and_an_empty_one_where_none_is_given(repo: Path) -> None:
    git = at(repo)
    big = b"a line\n" * 100_000

    assert git.run("stripspace", input=big).stdout == big
    assert git.run("stripspace").stdout == b""


def test_a_failure_is_an_error_of_one_line_that_says_why(repo: Path) -> None:
    with pytest.raises(GitFailed) as failed:
        at(repo).run("update-ref", "refs/x", "no-such-commit")
    assert failed.value.message == "git update-ref: no-such-commit: not a valid SHA1"


def test_an_error_shows_no_control_characters(repo: Path) -> None:
    with pytest.raises(GitFailed, match=r"a\\x1b\[31mb"):
        at(repo).run("-c", "alias.x=!printf 'a\\033[31mb' >&2; exit 3", "x")


def test_a_failure_without_a_word_names_the_code(repo: Path) -> None:
    with pytest.raises(GitFailed, match="code 3"):
        at(repo).run("-c", "alias.x=!exit 3", "x")


def test_a_failure_may_be_looked_at_instead(repo: Path) -> None:
    result = at(repo).run("cat-file", "-e", "1" * 40, check=False)

    assert result.code == 1
    assert result.stdout == b""


def test_output_that_is_not_utf8_is_no_error(repo: Path) -> None:
    result = at(repo).run("-c", "alias.x=!printf '\\377'; printf '\\377' >&2", "x")

    assert result.stdout == b"\xff"
    assert result.stderr == "\ufffd"


def test_a_missing_git_is_an_error_with_a_way_out(repo: Path, tmp_path: Path) -> None:
    with pytest.raises(GitFailed, match="not installed") as failed:
        Git(repo, {"PATH": str(tmp_path)}).run("version")
    assert failed.value.hint


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(GitFailed, match=str(tmp_path / "gone")):
        Git(tmp_path / "gone", os.environ).run("version")


# -- ending ----------------------------------------------------------------------------------------


@pytest.fixture
def pipe(repo: Path) -> Iterator[int]:
    """Return the reading end of a pipe in the repository, where commands run that open it."""
    os.mkfifo(repo / "pipe")
    descriptor = os.open(repo / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    yield descriptor
    os.close(descriptor)


def _is_closed(pipe: int) -> bool:
    """Tell whether nobody writes to the pipe any more, or stops doing so within seconds."""
    readable, _, _ = select.select([pipe], [], [], 10)
    return bool(readable) and os.read(pipe, 1) == b""


@pytest.mark.parametrize("terminal", [False, True])
def test_a_command_that_takes_too_long_fails(repo: Path, pipe: int, terminal: bool) -> None:
    git = Git(repo, os.environ, terminal=terminal)
    slow = "alias.x=!exec 3>pipe; exec sleep 60"

    result = git.run("-c", slow, "x", timeout=0.3, check=False)
    assert result.code != 0
    assert "timed out after 0.3 s" in result.stderr
    with pytest.raises(GitFailed, match=r"timed out after 0\.3 s"):
        git.run("-c", slow, "x", timeout=0.3)


def test_what_a_command_started_ends_with_it(repo: Path, pipe: int) -> None:
    at(repo).run("-c", SLEEP, "x", timeout=0.3, check=False)

    assert _is_closed(pipe)


def test_what_a_command_leaves_behind_is_not_waited_for(repo: Path) -> None:
    os.mkfifo(repo / "pipe")
    # It keeps both outputs of git open until somebody opens the pipe.
    result = at(repo).run("-c", "alias.x=!cat pipe & echo done", "x", timeout=30)

    assert result == Result(0, b"done\n", "")
    os.close(os.open(repo / "pipe", os.O_WRONLY))


# -- watching --------------------------------------------------------------------------------------


def test_a_watcher_is_told_what_git_says_last_while_it_runs(repo: Path) -> None:
    os.mkfifo(repo / "pipe")
    heard: list[str] = []

    def watch(said: str) -> None:
        if said.endswith("word") and not heard:
            heard.append(said)
            os.close(os.open(repo / "pipe", os.O_WRONLY))  # lets git go on

    long = "alias.x=!printf '%2000s' x >&2; printf 'last word' >&2; cat pipe; echo done"
    result = at(repo).run("-c", long, "x", watch=watch)
    assert (result.code, result.stdout, len(result.stderr)) == (0, b"done\n", 2009)
    assert heard[0] == f"{'x':>1015}last word"


def test_a_watcher_that_raises_ends_git_and_what_it_started(repo: Path, pipe: int) -> None:
    def watch(said: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        at(repo).run("-c", SLEEP, "x", watch=watch)
    assert _is_closed(pipe)


def test_a_command_that_is_watched_may_take_too_long(repo: Path, pipe: int) -> None:
    result = at(repo).run("-c", SLEEP, "x", timeout=0.3, check=False, watch=lambda said: None)
    assert "timed out after 0.3 s" in result.stderr
    assert _is_closed(pipe)


# -- where -----------------------------------------------------------------------------------------


def test_what_the_environment_says_of_another_repository_does_not_count(
    repo: Path, make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_repo("other")
    location = locate(repo, os.environ)
    # As in a hook of the other repository.
    for name, value in {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": str(other / "index"),
        "GIT_OBJECT_DIRECTORY": str(other / "objects"),
        "GIT_COMMON_DIR": str(other / ".git"),
        "GIT_PREFIX": "a/",
        "GIT_AUTHOR_NAME": "Somebody",
        "GIT_COMMITTER_EMAIL": "else@example.com",
        "GIT_QUARANTINE_PATH": str(other / "objects"),
    }.items():
        monkeypatch.setenv(name, value)
    git = Git.at(location, os.environ)

    assert git.run("rev-parse", "--absolute-git-dir").stdout == f"{repo}/.git\n".encode()
    assert git.run("update-ref", "refs/x", "HEAD").code == 0
    assert git.run("status", "--porcelain").stdout == b""
    assert git.run("var", "GIT_AUTHOR_IDENT").stdout.startswith(b"Ada <ada@example.com>")
    assert git.run("var", "GIT_COMMITTER_IDENT").stdout.startswith(b"Ada <ada@example.com>")


def test_every_variable_that_git_calls_local_is_dropped_but_those_of_settings(
    repo: Path, git: RunGit
) -> None:
    local = set(git(repo, "rev-parse", "--local-env-vars").split())
    kept = {"GIT_CONFIG_PARAMETERS": "'a.b'='c'", "GIT_CONFIG_COUNT": "0"}
    environ = dict.fromkeys(local, "1") | {"PATH": os.environ["PATH"]} | kept

    printed = Git(repo, environ).run("-c", "alias.x=!env", "x").stdout.decode()
    left = {line.partition("=")[0] for line in printed.splitlines()} & local
    # git sets GIT_PREFIX anew for a command that it starts.
    assert left - {"GIT_PREFIX"} == kept.keys()


@pytest.mark.parametrize("where", ["bare", "linked worktree", "named", "named bare"])
def test_git_runs_on_the_repository_that_was_located(
    repo: Path, bare: Path, tmp_path: Path, git: RunGit, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path
    if where == "bare":
        place = bare
    elif where == "linked worktree":
        place = tmp_path / "linked"
        git(repo, "worktree", "add", "--quiet", str(place))
    else:
        monkeypatch.setenv("GIT_DIR", str(repo / ".git" if where == "named" else bare))
        # What somebody names is used also where git is told to find no bare repository.
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.bareRepository")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", "explicit")
    location = locate(place, os.environ)

    found = Git.at(location, os.environ).run("rev-parse", "--absolute-git-dir").stdout
    assert found.decode() == f"{location.git_dir}\n"


def test_a_relative_address_of_a_remote_begins_at_the_worktree(
    repo: Path, bare: Path, git: RunGit
) -> None:
    git(repo, "remote", "add", "origin", "../bare.git")
    (repo / "sub").mkdir()

    assert at(repo / "sub").run("ls-remote", "origin", "main").stdout


@pytest.mark.parametrize("timeout", [None, 60.0])
def test_a_git_that_a_signal_ends_is_told_as_that(repo: Path, timeout: float | None) -> None:
    git = at(repo).using(("alias.x=!kill -KILL $PPID",))
    result = git.run("x", timeout=timeout, check=False)
    assert (result.code, result.stderr) == (-9, "fatal: ended by a signal: Killed\n")


# -- conversations ---------------------------------------------------------------------------------


def test_a_conversation_may_be_begun_before_it_is_wanted(repo: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    git = Git(repo, os.environ | {"GIT_TRACE2_EVENT": str(trace)})
    git.begin_conversation(*OBJECTS)
    git.begin_conversation(*OBJECTS)
    blob = _asked(git.converse(*OBJECTS))
    assert blob.endswith(b" blob 6\n")
    assert trace.read_text().count('"event":"start"') == 1


def test_a_conversation_in_other_words_is_another(repo: Path, tmp_path: Path) -> None:
    git = at(repo)
    git.begin_conversation("cat-file", "--batch-check=%(objecttype)")
    assert _asked(git.converse(*OBJECTS)).endswith(b" blob 6\n")
    assert _asked(git.converse("cat-file", "--batch-check=%(objecttype)")) == b"blob\n"


def test_a_conversation_that_the_parent_began_is_not_taken(repo: Path) -> None:
    git = at(repo)
    git.begin_conversation(*OBJECTS)

    def converse() -> None:
        assert git.converse(*OBJECTS).is_ours

    forked(converse)
    converse()


def _asked(talk: Conversation) -> bytes:
    """Return the first line that git answers when it is asked for the file of the repository."""
    talk.ask(b"HEAD:hello.txt\n")
    return talk.answers.readline()


# -- configuration ---------------------------------------------------------------------------------


def test_the_configuration_is_what_git_says_it_is(
    repo: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(repo, "config", "gitledger.autoSync", "claims")
    git(repo, "config", "remote.My.Fork.url", "a\nb = c")
    git(repo, "config", "--add", "gitledger.many", "one")
    git(repo, "config", "--add", "gitledger.many", "two")
    # As `git -c gitledger.list=work ledger …` hands it over.
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'gitledger.list'='work'")
    found = at(repo).configuration()

    assert found.get("user.name") == "Ada"
    assert found.get("gitledger.autosync") == "claims"
    assert found.get("GitLedger.AutoSync") == "claims"
    assert found.get("remote.My.Fork.url") == "a\nb = c"
    assert found.get("remote.my.fork.url") is None
    assert found.get("gitledger.many") == "two"
    assert found.get_all("gitledger.many") == ["one", "two"]
    assert found.get("gitledger.list") == "work"
    assert found.get("gitledger.nothing") is None
    assert found.get_all("gitledger.nothing") == []
    assert found.names("remote.*.url") == ("remote.My.Fork.url",)
    assert "gitledger.autosync" in list(found)


def test_the_configuration_is_read_once(repo: Path, git: RunGit) -> None:
    one = at(repo)
    one.configuration()
    git(repo, "config", "gitledger.list", "later")

    assert one.configuration().get("gitledger.list") is None


def test_a_forked_child_reads_the_configuration_itself(
    repo: Path, git: RunGit, tmp_path: Path
) -> None:
    git(repo, "config", "gitledger.list", "other")
    trace = tmp_path / "trace"
    one = Git(repo, os.environ | {"GIT_TRACE2_EVENT": str(trace)})
    one.begin_configuration()

    def read() -> None:
        assert one.configuration().get("gitledger.list") == "other"

    forked(read)
    read()
    assert trace.read_text().count('"event":"start"') == 2


def test_a_broken_configuration_is_one_line_that_says_where(repo: Path) -> None:
    with (repo / ".git" / "config").open("a") as config:
        config.write("[broken\n")

    with pytest.raises(GitFailed, match="bad config line"):
        at(repo).configuration()


@pytest.mark.parametrize("word", ["true", "YES", "On", "1", "2", "false", "no", "off", "0", ""])
def test_a_boolean_is_what_git_takes_it_for(repo: Path, git: RunGit, word: str) -> None:
    git(repo, "config", "a.b", word)

    assert at(repo).configuration().get_bool("a.b") == (
        git(repo, "config", "--type=bool", "a.b") == "true"
    )


def test_a_name_that_stands_alone_is_true(repo: Path) -> None:
    with (repo / ".git" / "config").open("a") as config:
        config.write("[gitledger]\n\tstrictCommits\n")
    found = at(repo).configuration()

    assert found.get_bool("gitledger.strictCommits")
    assert found.get("gitledger.strictCommits") == "true"


def test_a_boolean_that_is_not_set_is_the_default() -> None:
    assert not Configuration().get_bool("a.b")
    assert Configuration().get_bool("a.b", default=True)


def test_a_boolean_that_is_none_is_an_error_that_names_it() -> None:
    with pytest.raises(InvalidInput, match=r"'a\.b'.*perhaps"):
        Configuration([("a.b", "perhaps")]).get_bool("a.b")


_value = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@settings(max_examples=50, deadline=None)
@given(st.lists(_value, min_size=1, max_size=4), _value.filter(lambda text: "\n" not in text))
def test_any_value_is_taken_from_the_listing_as_it_is(values: list[str], subsection: str) -> None:
    name = f"remote.{subsection}.url"
    listing = "".join(f"{name}\n{value}\0" for value in values).encode()

    assert Configuration.parse(listing).get_all(name) == values
