"""Sessions with their worktrees: real ones, of one repository and of two clones."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gitledger import binding, worktrees
from gitledger.errors import GitFailed, HoldsTasks, InvalidInput, NoSuchSession, StoreFailed
from gitledger.ledger import Ledger
from gitledger.repository import Repository
from gitledger.roster import host
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import NEW_YEAR, Team, interrupt, ledger_at, place, subjects


class Clock:
    """A clock that goes on only when it is told to, for all ledgers that have it."""

    def __init__(self) -> None:
        self.now = NEW_YEAR

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: int) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(repo: Path, clock: Clock) -> Ledger:
    return ledger_at(repo, clock=clock)


def at(path: Path, clock: Clock) -> Ledger:
    """Return the ledger as the next command in a place opens it, which is a sign of life."""
    ledger = Ledger.open(path, clock=clock)
    ledger.heartbeats.beat(ledger.session, ledger.now())
    return ledger


def started(ledger: Ledger, name: str, **given: Any) -> Path:
    """Start a session in a worktree of its own and return where that is."""
    made = ledger.sessions.start(name, worktree=True, **given).made
    assert made
    return made.path


def state(repo: Path, git: RunGit) -> tuple[str, ...]:
    """Return all that a start could leave behind."""
    return (
        git(repo, "for-each-ref"),
        git(repo, "worktree", "list"),
        " ".join(sorted(each.session for each in binding.bindings(repo / ".git"))),
        " ".join(sorted(os.listdir(repo.parent))),  # names, not paths
    )


# -- start -------------------------------------------------------------------------------------


def test_a_session_is_registered_and_bound_to_the_worktree_that_we_stand_in(
    ledger: Ledger, repo: Path, clock: Clock
) -> None:
    begun = ledger.sessions.start("api", role="builder", lease="2h")
    registered = ledger.snapshot().session("api")
    assert begun.session == registered
    assert (begun.worktree, begun.made) == (repo, None)
    assert registered
    assert (registered.role, registered.lease) == ("builder", "2h")
    assert (registered.host, registered.repository) == (host(), "repo")
    assert (registered.worktree, registered.branch) == ("repo", "main")
    assert registered.started_by == "Ada"
    assert at(repo, clock).session == "api"


def test_a_worktree_of_its_own_is_made_beside_the_repository(
    ledger: Ledger, repo: Path, clock: Clock, git: RunGit
) -> None:
    path = started(ledger, "api")
    assert path == repo.parent / "repo-api"
    assert git(path, "symbolic-ref", "--short", "HEAD") == "api"
    assert git(repo, "status", "--porcelain") == ""
    assert (at(path, clock).session, at(repo, clock).session) == ("api", "ada")
    registered = ledger.snapshot().session("api")
    assert registered
    assert (registered.worktree, registered.branch) == ("repo-api", "api")


def test_a_branch_that_only_the_remote_has_is_gone_on_with(
    ledger: Ledger, repo: Path, git: RunGit
) -> None:
    git(repo, "commit", "--quiet", "--allow-empty", "--message=theirs")
    git(repo, "update-ref", "refs/remotes/origin/topic", "HEAD")
    git(repo, "reset", "--quiet", "--hard", "HEAD~1")
    path = started(ledger, "api", branch="topic")
    assert git(path, "log", "-1", "--format=%s") == "theirs"


def test_a_fork_knows_its_origin_and_has_its_role_and_lease(ledger: Ledger) -> None:
    ledger.sessions.start("api", role="builder", lease="2h")
    fork = ledger.sessions.start("web", origin="api", worktree=True).session
    assert (fork.origin, fork.role, fork.lease) == ("api", "builder", "2h")


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("api", {}, "the session 'api' was started in the worktree repo on"),
        ("web", {}, "this worktree belongs to the session 'api'"),
        ("two words", {"worktree": True}, "'two words' is no session name"),
        ("web", {"worktree": True, "lease": "soon"}, "'soon' is no duration"),
        ("web", {"worktree": True, "role": "two words"}, "'two words' is no role"),
        ("web", {"branch": "topic"}, "a session gets a branch with a worktree of its own"),
        ("web", {"worktree": True, "branch": "main"}, "the branch 'main' is checked out at"),
        ("main", {"worktree": True}, "there is a branch 'main' already"),
        ("a..b", {"worktree": True}, "'a..b' is no name of a branch"),
        ("web", {"worktree": "taken"}, "there is something at"),
        ("web", {"worktree": "repo"}, "there is a worktree at"),
    ],
)
def test_what_is_taken_or_wrong_is_a_clear_choice_and_nothing_is_made(
    ledger: Ledger, repo: Path, git: RunGit, name: str, given: dict[str, Any], message: str
) -> None:
    ledger.sessions.start("api")
    (repo.parent / "taken").write_text("mine")
    if isinstance(given.get("worktree"), str):
        given = {"worktree": repo.parent / given["worktree"]}
    before = state(repo, git)
    with pytest.raises(InvalidInput) as error:
        ledger.sessions.start(name, **given)
    assert error.value.message.startswith(message)
    assert error.value.hint or "two words" in message
    assert state(repo, git) == before


def test_an_origin_that_nobody_knows_makes_nothing(ledger: Ledger, repo: Path, git: RunGit) -> None:
    before = state(repo, git)
    with pytest.raises(NoSuchSession, match="no session 'nobody'"):
        ledger.sessions.start("api", worktree=True, origin="nobody")
    assert state(repo, git) == before


def test_of_two_that_start_at_once_under_one_name_the_second_leaves_nothing(
    ledger: Ledger, repo: Path, git: RunGit, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ledger_at(repo, "grace", clock=clock)
    bind = binding.bind

    def overtaken(git_dir: Path, session: str) -> None:
        bind(git_dir, session)
        other.start_session("api")

    monkeypatch.setattr(binding, "bind", overtaken)
    with pytest.raises(InvalidInput, match="'api' was started"):
        ledger.sessions.start("api", worktree=True)
    assert not (repo.parent / "repo-api").exists()
    assert git(repo, "branch", "--format=%(refname:short)") == "main"
    assert list(binding.bindings(repo / ".git")) == []


def test_a_git_directory_that_cannot_be_written_registers_nothing(
    ledger: Ledger, repo: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(git_dir: Path, session: str) -> None:
        raise StoreFailed(f"cannot write to {git_dir}")

    monkeypatch.setattr(binding, "bind", refuse)
    before = state(repo, git)
    with pytest.raises(StoreFailed):
        ledger.sessions.start("api", worktree=True)
    assert state(repo, git) == before


@pytest.mark.parametrize("bound", [False, True])
def test_a_start_that_was_killed_half_way_tells_how_to_go_on(
    ledger: Ledger, repo: Path, clock: Clock, bound: bool
) -> None:
    made = worktrees.add(ledger.standing.git, repo.parent / "repo-api", "api", existing=False)
    if bound:
        binding.bind(repo / ".git/worktrees/repo-api", "api")
    with pytest.raises(InvalidInput) as error:
        ledger.sessions.start("api", worktree=True)
    assert error.value.message == f"there is a worktree at {made.path} already"
    assert (
        error.value.hint
        == "go on in it: cd there, then session start without --worktree and --branch"
    )
    begun = at(made.path, clock).sessions.start("api")
    assert begun.session.branch == "api"
    assert at(made.path, clock).session == "api"


def test_the_worktree_of_a_session_that_has_ended_is_free(ledger: Ledger) -> None:
    ledger.sessions.start("api")
    ledger.sessions.end("api")
    assert ledger.sessions.start("web").session.worktree == "repo"


def test_beside_a_submodule_nothing_is_made_unasked(
    repo: Path, make_repo: MakeRepo, git: RunGit, clock: Clock
) -> None:
    make_repo("lib")
    allowed = ("-c", "protocol.file.allow=always")
    git(repo, *allowed, "submodule", "--quiet", "add", str(repo.parent / "lib"), "lib")
    ledger = ledger_at(repo / "lib", clock=clock)
    with pytest.raises(InvalidInput, match="beside a submodule"):
        ledger.sessions.start("api", worktree=True)
    begun = ledger.sessions.start("api", worktree=repo.parent / "mine")
    assert at(repo.parent / "mine", clock).session == begun.session.name
    ledger.sessions.start("main")
    assert ledger.sessions.gone() == frozenset()


def test_a_bare_repository_has_sessions_too(bare: Path, clock: Clock) -> None:
    ledger = ledger_at(bare, clock=clock)
    begun = ledger.sessions.start("ci")
    assert (begun.worktree, begun.session.worktree) == (None, None)
    assert (at(bare, clock).session, ledger.sessions.worktree("ci")) == ("ci", None)
    assert started(ledger, "api") == bare.parent / "bare-api"
    assert ledger.sessions.gone() == frozenset()


def test_without_a_commit_no_worktree_is_made(tmp_path: Path, git: RunGit, clock: Clock) -> None:
    git(tmp_path, "init", "--quiet", "empty")
    ledger = ledger_at(tmp_path / "empty", clock=clock)
    with pytest.raises(InvalidInput, match="there is no commit yet"):
        ledger.sessions.start("api", worktree=True)
    assert ledger.sessions.start("api").session.branch == "main"


# -- resume ------------------------------------------------------------------------------------


def test_a_session_goes_on_in_another_worktree_and_the_old_one_has_none(
    ledger: Ledger, repo: Path, git: RunGit, clock: Clock
) -> None:
    path = started(ledger, "api")
    task = at(path, clock).add("Schema", claim=True)
    git(repo, "worktree", "add", "-q", "../other")
    begun = at(repo.parent / "other", clock).sessions.resume("api")
    assert begun.left == (path,)
    assert (begun.session.worktree, begun.session.branch) == ("other", "other")
    assert begun.former
    assert begun.former.worktree == "repo-api"
    assert at(repo.parent / "other", clock).task(task.id).owner == "api"
    assert (at(repo.parent / "other", clock).session, at(path, clock).session) == (
        "api",
        "ada-repo-api",
    )


def test_a_session_that_has_ended_goes_on(ledger: Ledger, clock: Clock, repo: Path) -> None:
    ledger.sessions.start("api")
    ledger.sessions.end("api")
    assert at(repo, clock).session == "ada"
    assert ledger.sessions.resume("api").session.ended_at is None
    assert at(repo, clock).session == "api"


def test_a_worktree_of_another_session_is_not_taken(ledger: Ledger, repo: Path) -> None:
    path = started(ledger, "api")
    ledger.sessions.start("web")
    with pytest.raises(InvalidInput) as error:
        ledger.sessions.resume("api")
    assert error.value.message == "this worktree belongs to the session 'web'"
    assert error.value.hint == (
        "resume it in another worktree; or end that one: git ledger session end web"
    )
    assert [(each.session, each.worktree) for each in binding.bindings(repo / ".git")] == [
        ("web", repo),
        ("api", path),
    ]


def test_nobody_is_resumed_who_was_not_there(ledger: Ledger, repo: Path) -> None:
    ledger.sessions.start("api")
    ledger.sessions.end("api")
    with pytest.raises(NoSuchSession) as error:
        ledger.sessions.resume("apo")
    assert error.value.hint == "did you mean 'api'?"
    assert binding.bound(repo / ".git") is None


# -- rename ------------------------------------------------------------------------------------


def test_a_new_name_goes_with_claims_worktree_and_signs_of_life(
    ledger: Ledger, git: RunGit, clock: Clock
) -> None:
    path = started(ledger, "api")
    worker = at(path, clock)
    task = worker.add("Schema", claim=True)
    assert worker.sessions.rename("api", "backend").name == "backend"
    assert worker.session == "backend"
    assert "Ledger-Session: backend" in git(path, "log", "-1", "refs/gitledger/main")
    later = at(path, clock)
    assert (later.session, later.task(task.id).owner) == ("backend", "backend")
    assert later.heartbeats.sessions() == ("backend",)
    clock.pass_(hours=50)
    assert [view.last_seen for view in ledger.sessions.views()] == [NEW_YEAR]


# -- end ---------------------------------------------------------------------------------------


def test_open_claims_must_be_spoken_for(ledger: Ledger, git: RunGit) -> None:
    path = started(ledger, "api")
    worker = Ledger.open(path)
    task = worker.add("Schema", claim=True)
    with pytest.raises(HoldsTasks) as error:
        worker.sessions.end("api", remove_worktree=True)
    assert error.value.held == (task.id,)
    assert path.exists()
    ended = worker.sessions.end("api", release=True)
    assert [each.owner for each in ended.tasks] == [None]
    assert ended.left == (path,)
    assert Ledger.open(path).session == "ada-repo-api"
    assert subjects(git, ledger)[0].startswith("session-end")


def test_claims_are_handed_on_or_kept(ledger: Ledger) -> None:
    for name in ("api", "web", "late"):
        started(ledger, name)
    api, web = ledger.as_session("api"), ledger.as_session("web")
    task = api.add("Schema", claim=True)
    assert api.sessions.end("api", to="web", text="the index is left").tasks[0].owner == "web"
    assert [item.note.text for item in web.inbox().handoffs] == ["the index is left"]
    assert web.sessions.end("web", keep=True).tasks[0].owner == "web"
    assert ledger.task(task.id).owner == "web"


def test_who_ends_another_session_is_in_the_history(ledger: Ledger, git: RunGit) -> None:
    path = started(ledger, "api")
    task = Ledger.open(path).add("Schema", claim=True)
    ledger.sessions.end("api", release=True)
    assert ledger.task(task.id).notes[-1].text == "released from api, which has ended"
    assert "Ledger-Session: ada" in git(place(ledger), "log", "-1", "refs/gitledger/main")


def test_a_clean_worktree_is_removed_when_asked_for_and_its_branch_stays(
    ledger: Ledger, repo: Path, git: RunGit
) -> None:
    path = started(ledger, "api")
    ended = Ledger.open(path).sessions.end("api", remove_worktree=True)
    assert (ended.removed, ended.left, ended.problem) == ((path,), (), None)
    assert not path.exists()
    assert git(repo, "branch", "--format=%(refname:short)").split() == ["api", "main"]


@pytest.mark.parametrize("spoil", ["new", "changed", "commit", "locked"])
def test_a_worktree_in_which_something_would_be_lost_keeps_its_session(
    ledger: Ledger, repo: Path, git: RunGit, spoil: str
) -> None:
    path = started(ledger, "api")
    if spoil == "new":
        (path / "new.txt").touch()
    elif spoil == "changed":
        (path / "hello.txt").write_text("changed")
    elif spoil == "commit":
        git(path, "switch", "--quiet", "--detach")
        git(path, "commit", "--quiet", "--allow-empty", "--message=lost")
    else:
        git(repo, "worktree", "lock", str(path))
    before = state(repo, git)
    with pytest.raises(InvalidInput) as error:
        ledger.sessions.end("api", remove_worktree=True)
    assert error.value.message.startswith(f"the worktree at {path} ")
    assert state(repo, git) == before


def test_a_worktree_that_is_not_there_or_the_main_one_is_not_removed(ledger: Ledger) -> None:
    ledger.start_session("far", worktree="elsewhere")
    with pytest.raises(InvalidInput, match="the session 'far' has no worktree here"):
        ledger.sessions.end("far", remove_worktree=True)
    ledger.sessions.start("api")
    with pytest.raises(InvalidInput, match="is the main worktree, which stays"):
        ledger.sessions.end("api", remove_worktree=True)
    assert not any(session.ended for session in ledger.snapshot().sessions().values())


def test_a_worktree_that_git_does_not_remove_after_all_is_told(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(git: object, path: Path) -> None:
        raise GitFailed("the worktree is not removed: busy")

    path = started(ledger, "api")
    monkeypatch.setattr(worktrees, "remove_clean", refuse)
    ended = ledger.sessions.end("api", remove_worktree=True)
    assert (ended.removed, ended.left) == ((), (path,))
    assert ended.problem == "the worktree is not removed: busy"
    assert ended.session.ended


# -- what is left behind -----------------------------------------------------------------------


@pytest.mark.parametrize("git_knows", [False, True])
def test_a_worktree_deleted_by_hand_is_shown_as_gone_and_tidied(
    ledger: Ledger, repo: Path, git: RunGit, clock: Clock, git_knows: bool
) -> None:
    path = started(ledger, "api")
    started(ledger, "web")
    task = at(path, clock).add("Schema", claim=True)
    at(path, clock)
    assert ledger.sessions.gone() == frozenset()
    shutil.rmtree(path)
    if git_knows:
        git(repo, "worktree", "prune")
    views = {view.name: view for view in ledger.sessions.views()}
    assert {name: view.gone for name, view in views.items()} == {"api": True, "web": False}
    assert views["api"].attention == ("gone",)
    before = len(subjects(git, ledger))
    tidied = ledger.sessions.prune()
    assert (tidied.ended, tidied.sessions) == (("api",), ())
    assert [each.id for each in tidied.tasks] == [task.id]
    assert ledger.task(task.id).notes[-1].text == "released from api, which has ended"
    assert len(subjects(git, ledger)) == before + 1
    assert ledger.sessions.gone() == frozenset()
    tip = ledger.tip()
    assert ledger.sessions.prune().ended == ()
    assert ledger.tip() == tip


def test_a_session_that_acts_elsewhere_while_others_tidy_up_goes_on(
    ledger: Ledger, repo: Path, clock: Clock
) -> None:
    shutil.rmtree(started(ledger, "api"))
    clock.pass_(hours=1)
    api = ledger_at(repo, "api", clock=clock)
    interrupt(ledger, lambda: api.add("Schema", claim=True))
    assert ledger.sessions.prune().ended == ()
    assert [task.owner for task in ledger.tasks()] == ["api"]


def test_a_place_that_was_deleted_by_hand_is_free_once_git_has_forgotten_it(
    ledger: Ledger, repo: Path, git: RunGit
) -> None:
    shutil.rmtree(started(ledger, "api"))
    ledger.sessions.prune()
    with pytest.raises(InvalidInput) as error:
        ledger.sessions.start("api", worktree=True)
    assert error.value.message == f"the worktree at {repo.parent / 'repo-api'} was deleted by hand"
    assert error.value.hint == "let git forget it: git worktree prune; then try again"
    git(repo, "worktree", "prune")
    assert started(ledger, "api", branch="api").exists()


def test_ended_and_silent_sessions_leave_the_list_and_the_next_one_tidies_up(
    ledger: Ledger, git: RunGit, clock: Clock
) -> None:
    started(ledger, "done")
    started(ledger, "dead")
    ledger.sessions.end("done")
    task = ledger.as_session("dead").add("Schema", claim=True)
    clock.pass_(days=29)
    assert [view.name for view in ledger.sessions.listed()[0]] == ["dead", "done"]
    clock.pass_(days=2)
    shown, past = ledger.sessions.listed()
    assert (shown, sorted(view.name for view in past)) == ([], ["dead", "done"])

    begun = ledger.sessions.start("next", worktree=True)

    assert begun.tidied.sessions == ("dead", "done")
    assert ledger.task(task.id).owner is None
    assert ledger.task(task.id).notes[-1].text == "released from dead, silent for 31d"
    newest = subjects(git, ledger)[0]
    assert newest.startswith("session-prune")
    assert "Ledger-Session: next" in git(place(ledger), "log", "-1", "refs/gitledger/main")
    assert list(ledger.snapshot().sessions()) == ["next"]


def test_within_its_lease_no_session_is_tidied_away(
    ledger: Ledger, repo: Path, clock: Clock, git: RunGit
) -> None:
    git(repo, "config", "gitledger.sessionRetention", "5m")
    started(ledger, "api", lease="2h")
    clock.pass_(hours=1)
    later = at(repo, clock)
    assert [view.name for view in later.sessions.listed()[0]] == ["api"]
    assert later.sessions.prune().sessions == ()
    clock.pass_(hours=2)
    assert [view.name for view in later.sessions.listed()[1]] == ["api"]
    assert later.sessions.prune().sessions == ("api",)


def test_a_holder_that_is_not_registered_stays_listed(ledger: Ledger, clock: Clock) -> None:
    ledger.as_session("somebody").add("Schema", claim=True)
    clock.pass_(days=90)
    shown, past = ledger.sessions.listed()
    assert [(view.name, view.status) for view in shown] == [("somebody", "stale")]
    assert past == []


def test_a_wrong_retention_starts_nothing(ledger: Ledger, repo: Path, git: RunGit) -> None:
    git(repo, "config", "gitledger.sessionRetention", "long")
    before = state(repo, git)
    with pytest.raises(InvalidInput, match=r"gitledger\.sessionRetention"):
        Ledger.open(repo).sessions.start("api", worktree=True)
    assert state(repo, git) == before


# -- several machines --------------------------------------------------------------------------


@pytest.fixture
def team(make_repo: MakeRepo, bare: Path, git: RunGit) -> Team:
    return Team(make_repo, bare, git)


def test_a_session_of_another_clone_is_never_gone_here_and_is_renamed_there(team: Team) -> None:
    path = started(team.ada, "api")
    team.meet()
    shutil.rmtree(path)
    registered = team.grace.snapshot().session("api")
    assert registered
    assert registered.repository == team.grace.standing.name
    assert team.grace.sessions.gone() == frozenset()
    assert team.ada.sessions.gone() == {"api"}
    with pytest.raises(InvalidInput) as error:
        team.grace.sessions.rename("api", "mine")
    assert error.value.hint == "rename it there, where its worktree is"


def test_a_session_that_goes_on_in_another_clone_is_not_gone_in_the_first(team: Team) -> None:
    path = started(team.ada, "api")
    team.meet()
    an_hour_later = Ledger.open(place(team.grace), clock=lambda: NEW_YEAR + timedelta(hours=1))
    an_hour_later.sessions.resume("api")
    shutil.rmtree(path)
    team.meet()
    assert team.ada.sessions.gone() == frozenset()


def test_of_two_sessions_of_one_name_the_later_one_gets_a_suffix_and_so_does_its_worktree(
    team: Team,
) -> None:
    mine, theirs = started(team.grace, "api"), started(team.ada, "api")
    report = team.meet()
    assert report.sessions_renamed == {"api": "api-2"}
    assert (Ledger.open(mine).session, Ledger.open(theirs).session) == ("api-2", "api")
    assert [view.name for view in team.ada.sessions.views()] == ["api", "api-2"]


def test_nothing_of_a_machine_is_in_the_history(team: Team, git: RunGit) -> None:
    path = started(team.grace, "api", role="builder", lease="1h")
    worker = Ledger.open(path)
    worker.claim(team.task.id)
    worker.sessions.rename("api", "backend")
    started(worker, "web", origin="backend")
    started(team.ada, "far")
    worker.sessions.end("backend", to="web", text="go on", remove_worktree=True)
    team.grace.sessions.start("main")
    team.grace.sessions.resume("main")
    shutil.rmtree(place(team.ada).parent / "ada-far")
    team.ada.sessions.prune()
    team.meet()
    told = git(team.bare, "log", "-p", "--format=raw", "refs/gitledger/main")
    assert "session-rename" in told
    assert str(Path(place(team.ada)).parent) not in told
    assert '"/' not in told
    assert str(os.getpid()) not in told.split()


def test_a_ledger_that_is_kept_elsewhere_binds_the_worktree_that_we_stand_in(
    make_repo: MakeRepo, clock: Clock, git: RunGit
) -> None:
    kept, front = make_repo("kept"), make_repo("front")
    ledger_at(kept, clock=clock)
    git(front, "config", "gitledger.repo", str(kept))
    begun = at(front, clock).sessions.start("web", worktree=True)
    assert begun.made
    assert begun.made.path == front.parent / "front-web"
    assert begun.session.repository == "front"
    assert at(begun.made.path, clock).session == "web"
    assert at(kept, clock).sessions.gone() == frozenset()
    assert Repository.open(kept, {}).name == "kept"
