"""post-commit: what a commit does to the tasks that its message names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeRepo, RunGit
from tests.hooks.scene import Scene
from tests.ledgers import MAIN, ledger_at, numbered, subjects


@pytest.mark.parametrize("key", ["Completes", "Closes", "Fixes", "fixes"])
def test_a_commit_completes_the_task_that_it_names(scene: Scene, key: str) -> None:
    task = scene.add()
    made, lines = scene.committed(f"Add the schema\n\n{key}: {task[:4]}")
    assert lines == [f"completed {task[:4]} Schema"]
    after = scene.task(task)
    assert (after.status, after.commits, after.owner) == ("completed", (made,), "ada")
    assert subjects(scene.git, scene.ledger)[0] == f"commit {task}: Schema"


@pytest.mark.parametrize("message", ["Begin\n\nTask: {}", "[{}] Begin", "Begin\n\nRefs: {}"])
def test_a_commit_is_linked_to_the_task_that_it_names(scene: Scene, message: str) -> None:
    task = scene.add()
    made, lines = scene.committed(message.format(task))
    assert lines == [f"linked {task[:4]} Schema"]
    assert (scene.task(task).status, scene.task(task).commits) == ("pending", (made,))


def test_a_commit_starts_a_task(scene: Scene) -> None:
    task = scene.add()
    made, lines = scene.committed(f"Begin\n\nStarts: {task}")
    assert lines == [f"started {task[:4]} Schema"]
    after = scene.task(task)
    assert (after.status, after.owner, after.commits) == ("in_progress", "ada", (made,))


def test_a_commit_says_how_far_the_work_is(scene: Scene) -> None:
    task = scene.add()
    _, lines = scene.committed(f"More\n\nProgress: {task} 60%")
    assert lines == [f"60% {task[:4]} Schema"]
    assert (scene.task(task).progress, scene.task(task).status) == (60, "in_progress")


def test_all_tasks_of_a_commit_are_one_operation_with_a_line_each(scene: Scene) -> None:
    one, two, three, four = (scene.add(title) for title in ("One", "Two", "Three", "Four"))
    before = scene.operations()
    _, lines = scene.committed(
        f"All [{three}]\n\nTask: {one}\nCompletes: {one[:5]}, {two}\nStarts: {four}\n"
    )
    assert lines == [
        f"linked {three[:4]} Three",
        f"completed {one[:4]} One",
        f"completed {two[:4]} Two",
        f"started {four[:4]} Four",
    ]
    assert scene.operations() == before + 1
    assert subjects(scene.git, scene.ledger)[0] == "commit 4 tasks"


def test_one_task_that_cannot_be_completed_does_not_keep_the_others(scene: Scene) -> None:
    mine, theirs, blocker = scene.add("Mine"), scene.add("Theirs"), scene.add("First")
    blocked = scene.add("Blocked", blocked_by=[blocker])
    ledger_at(scene.path, "grace").claim(theirs)
    made, lines = scene.committed(f"All\n\nCompletes: {theirs} {blocked} {mine}")
    assert lines == [
        f"linked, not completed: {theirs[:4]} 'Theirs' belongs to grace",
        f"linked, not completed: {blocked[:4]} 'Blocked' waits for {blocker[:4]} 'First'",
        f"completed {mine[:4]} Mine",
    ]
    assert [scene.task(task).status for task in (theirs, blocked, mine)] == [
        "pending",
        "pending",
        "completed",
    ]
    assert all(scene.task(task).commits == (made,) for task in (theirs, blocked, mine))


def test_a_task_that_asks_for_a_review_is_brought_there(scene: Scene) -> None:
    task = scene.add(review=True)
    _, lines = scene.committed(f"Add it\n\nCompletes: {task}")
    assert lines == [f"to be reviewed {task[:4]} Schema"]
    assert scene.task(task).status == "in_review"
    _, again = scene.committed(f"Mend it\n\nCompletes: {task}")
    assert again == [f"linked {task[:4]} Schema"]


def test_a_cancelled_task_stays_cancelled(scene: Scene) -> None:
    task = scene.ledger.cancel(scene.add()).id
    _, lines = scene.committed(f"Add it\n\nCompletes: {task}")
    assert lines == [f"linked, not completed: {task[:4]} 'Schema' is cancelled"]


def test_running_twice_changes_nothing(scene: Scene) -> None:
    task = scene.add()
    scene.committed(f"Add it\n\nStarts: {task}\nCompletes: {task}")
    before = scene.operations()
    assert scene.run("post-commit") == []
    assert scene.operations() == before


# -- names that are none -----------------------------------------------------------------------


def test_an_ambiguous_prefix_is_one_line_and_changes_nothing(repo: Path, git: RunGit) -> None:
    scene = Scene(repo, git, ledger_at(repo, random_bytes=numbered()))
    scene.add("One")
    scene.add("Two")
    before = scene.operations()
    (line,) = scene.committed("Work\n\nCompletes: 000")[1]
    assert line.startswith("'000' names 2 tasks; say more of the id: ")
    assert scene.operations() == before


@pytest.mark.parametrize(
    "line", ["Fixes: #12", "Closes: the bug", "Fixes: tests", "Nothing here", "[wed]"]
)
def test_what_is_no_id_says_nothing(scene: Scene, line: str) -> None:
    scene.add()
    before = scene.operations()
    assert scene.committed(f"Work {line}\n\n{line}")[1] == []
    assert scene.operations() == before


def test_an_unknown_id_is_told_with_the_nearest(scene: Scene) -> None:
    task = scene.add()
    wrong = task[:4] + ("0" if task[4] != "0" else "1")
    assert scene.committed(f"Work\n\nTask: {wrong}")[1] == [
        f"no task '{wrong}'; did you mean '{task[:5]}'?"
    ]


def test_a_title_with_terminal_escapes_is_shown_escaped(scene: Scene) -> None:
    task = scene.add("Schema \u202egnihsif")
    assert scene.committed(f"Work\n\nTask: {task}")[1] == [
        f"linked {task[:4]} Schema \\u202egnihsif"
    ]


# -- other ways to commit ----------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["fixup!", "squash!", "amend!"])
def test_what_will_be_melted_into_another_commit_does_nothing(scene: Scene, mark: str) -> None:
    task = scene.add()
    assert scene.committed(f"{mark} Add\n\nCompletes: {task}")[1] == []
    assert scene.task(task).commits == ()


def test_a_squashed_merge_does_what_all_its_commits_say(scene: Scene) -> None:
    one, two = scene.add("One"), scene.add("Two")
    scene.git(scene.path, "switch", "-q", "-c", "feature")
    for name, message in (("a", f"A [{one}]"), ("b", f"B\n\nCompletes: {two}")):
        (scene.path / name).write_text(name)
        scene.git(scene.path, "add", name)
        scene.commit(message)
    scene.git(scene.path, "switch", "-q", "main")
    scene.git(scene.path, "merge", "-q", "--squash", "feature")
    scene.git(scene.path, "commit", "-q", "--no-edit")
    lines = scene.run("post-commit")
    assert sorted(lines) == sorted([f"linked {one[:4]} One", f"completed {two[:4]} Two"])


def test_a_revert_reopens_what_the_commit_completed_and_its_revert_completes_it(
    scene: Scene,
) -> None:
    one, two = scene.add("One"), scene.add("Two")
    first, _ = scene.committed(f"Add\n\nCompletes: {one}\nTask: {two}")
    second, lines = scene.committed(f'Revert "Add"\n\nThis reverts commit {first}.')
    assert lines == [f"reopened {one[:4]} One"]
    assert scene.task(one).status == "pending"
    third, lines = scene.committed(f'Reapply "Add"\n\nThis reverts commit {second}.')
    assert lines == [f"completed {one[:4]} One"]
    assert scene.task(one).commits == tuple(sorted((first, second, third)))
    assert scene.task(two).commits == (first,)


def test_a_revert_of_a_merge_reopens_what_its_commits_completed(scene: Scene) -> None:
    task = scene.add()
    scene.git(scene.path, "switch", "-q", "-c", "feature")
    scene.committed(f"Add\n\nCompletes: {task}")
    scene.git(scene.path, "switch", "-q", "main")
    scene.git(scene.path, "merge", "-q", "--no-ff", "-m", "Merge", "feature")
    merge, kept = scene.git(scene.path, "rev-parse", "HEAD", "HEAD^1").split()
    message = f"Revert\n\nThis reverts commit {merge}, reversing\nchanges made to {kept}."
    assert scene.committed(message)[1] == [f"reopened {task[:4]} Schema"]


def test_a_revert_leaves_a_task_alone_that_other_commits_have_completed(scene: Scene) -> None:
    task = scene.add()
    first = scene.commit(f"Add\n\nCompletes: {task}")
    scene.committed(f"Add once more\n\nCompletes: {task}")
    _, lines = scene.committed(f"Revert\n\nThis reverts commit {first}.")
    assert lines == [f"linked {task[:4]} Schema"]
    assert scene.task(task).status == "completed"


def test_a_revert_of_somebody_elses_commit_is_linked_and_reopens_nothing(scene: Scene) -> None:
    task = ledger_at(scene.path, "grace").add("Schema").id
    made = scene.commit(f"Add\n\nCompletes: {task}")
    grace = ledger_at(scene.path, "grace")
    grace.link(task, made)
    grace.done(task)
    _, lines = scene.committed(f"Revert\n\nThis reverts commit {made}.")
    assert lines == [f"linked, not reopened: {task[:4]} 'Schema' belongs to grace"]


def test_a_revert_of_what_is_not_there_says_nothing(scene: Scene) -> None:
    scene.add()
    assert scene.committed(f"Revert\n\nThis reverts commit {'0' * 39}1.")[1] == []


def test_a_pick_of_what_was_counted_already_is_linked_alone(scene: Scene) -> None:
    task = scene.add()
    first, _ = scene.committed(f"Add\n\nCompletes: {task}")
    scene.ledger.reopen(task)
    message = f"Add\n\nCompletes: {task}\n(cherry picked from commit {first})"
    assert scene.committed(message)[1] == [f"linked {task[:4]} Schema"]
    assert scene.task(task).status == "pending"


def test_a_pick_of_what_nobody_has_counted_completes(scene: Scene) -> None:
    task = scene.add()
    message = f"Add\n\nCompletes: {task}\n(cherry picked from commit {'ab' * 20})"
    assert scene.committed(message)[1] == [f"completed {task[:4]} Schema"]


def test_a_teams_own_words_count(scene: Scene) -> None:
    task = scene.add()
    scene.git(scene.path, "config", "gitledger.completeWords", "resolves, löst")
    assert scene.committed(f"Add\n\nLöst: {task}")[1] == [f"completed {task[:4]} Schema"]


@pytest.mark.parametrize("setting", [("log.showSignature", "true"), ("color.ui", "always")])
def test_settings_of_git_log_do_not_matter(scene: Scene, setting: tuple[str, str]) -> None:
    task = scene.add()
    scene.git(scene.path, "config", *setting)
    made, _ = scene.committed(f"Work\n\nTask: {task}")
    assert scene.task(task).commits == (made,)


def test_a_message_in_another_encoding_is_read(scene: Scene) -> None:
    task = scene.add()
    scene.git(scene.path, "config", "gitledger.completeWords", "löst")
    message = scene.path.parent / "message"
    message.write_bytes(f"W\xf6rter\n\nL\xf6st: {task}\n".encode("latin-1"))
    scene.git(scene.path, "-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "--allow-empty",
              "-F", str(message))  # fmt: skip
    assert scene.run("post-commit") == [f"completed {task[:4]} Schema"]


# -- who acts, when, and where -----------------------------------------------------------------


def test_the_user_acts_whoever_the_commits_author_is_and_whenever_it_was_made(
    scene: Scene,
) -> None:
    task = scene.ledger.claim(scene.add()).id
    scene.commit(f"Work of Bob\n\nCompletes: {task}", "--author=Bob <bob@example.com>",
                 "--date=2001-02-03T04:05:06Z")  # fmt: skip
    lines = scene.run(
        "post-commit",
        GIT_AUTHOR_NAME="Bob",
        GIT_AUTHOR_EMAIL="bob@example.com",
        GIT_AUTHOR_DATE="@981173106 +0000",
        GIT_COMMITTER_DATE="@981173106 +0000",
    )
    assert lines == [f"completed {task[:4]} Schema"]
    printed = scene.git(scene.path, "log", "-1", "--format=%an <%ae> %cn%n%at%n%ct", MAIN)
    who, authored, committed = printed.splitlines()
    assert who == "Ada <ada@example.com> Ada"
    assert min(int(authored), int(committed)) > 1_700_000_000
    assert scene.task(task).updated_by == "ada"


def test_a_committer_of_the_environment_acts(scene: Scene) -> None:
    task = scene.add()
    scene.commit(f"Work\n\nCompletes: {task}")
    scene.run("post-commit", GIT_COMMITTER_NAME="Grace", GIT_COMMITTER_EMAIL="grace@example.com")
    assert scene.task(task).owner == "grace"


def test_a_commit_is_linked_in_the_ledger_of_another_repository_with_its_name(
    make_repo: MakeRepo, git: RunGit
) -> None:
    code, tasks = make_repo("code"), ledger_at(make_repo("tasks"))
    task = tasks.add("Schema")
    git(code, "config", "gitledger.repo", "../tasks")
    git(code, "worktree", "add", "-q", "../elsewhere/linked")
    scene = Scene(code.parent / "elsewhere/linked", git, tasks)
    made = scene.commit(f"Work\n\nTask: {task.id}")
    scene.run("post-commit", GIT_DIR=str(code / ".git/worktrees/linked"))
    assert tasks.task(task.id).commits == (made,)
    assert tasks.task(task.id).metadata == {f"repository-{made[:12]}": "code"}


def test_a_commit_in_a_tasks_own_repository_needs_no_name(make_repo: MakeRepo, git: RunGit) -> None:
    code = make_repo("code")
    ledger_at(make_repo("tasks"))
    git(code, "config", "gitledger.repo", "../tasks")
    scene = Scene(code, git)
    task = scene.add()
    scene.committed(f"Work\n\nTask: {task}")
    assert scene.task(task).metadata == {"repository": "code"}


# -- closeOn = merge ---------------------------------------------------------------------------


def test_with_close_on_merge_a_commit_on_a_branch_is_linked_alone(scene: Scene) -> None:
    task = scene.add()
    scene.git(scene.path, "config", "gitledger.closeOn", "merge")
    scene.git(scene.path, "switch", "-q", "-c", "feature")
    assert scene.committed(f"Add\n\nCompletes: {task}")[1] == [f"linked {task[:4]} Schema"]
    assert scene.task(task).status == "pending"


def test_with_close_on_merge_a_commit_on_the_default_branch_completes(scene: Scene) -> None:
    task = scene.add()
    scene.git(scene.path, "config", "gitledger.closeOn", "merge")
    assert scene.committed(f"Add\n\nCompletes: {task}")[1] == [f"completed {task[:4]} Schema"]


def test_with_close_on_merge_a_merge_after_conflicts_completes_what_it_brings(
    scene: Scene,
) -> None:
    task = scene.add()
    scene.git(scene.path, "config", "gitledger.closeOn", "merge")
    scene.git(scene.path, "switch", "-q", "-c", "feature")
    scene.committed(f"Add\n\nCompletes: {task}")
    scene.git(scene.path, "switch", "-q", "main")
    scene.git(scene.path, "merge", "-q", "--no-ff", "--no-commit", "feature")
    scene.git(scene.path, "commit", "-q", "--no-edit")
    assert scene.run("post-commit") == [f"completed {task[:4]} Schema"]


def test_a_wrong_setting_is_one_line(scene: Scene) -> None:
    scene.git(scene.path, "config", "gitledger.closeOn", "merges")
    assert scene.committed(f"Add\n\nCompletes: {scene.add()}")[1] == [
        "'gitledger.closeOn' cannot be 'merges'"
    ]


# -- the branch --------------------------------------------------------------------------------


def test_a_task_of_ones_own_learns_its_branch_from_a_commit(scene: Scene) -> None:
    task = scene.ledger.start(scene.add()).id
    other = scene.add("Other")
    scene.git(scene.path, "switch", "-q", "-c", "feature")
    before = scene.operations()
    scene.committed(f"Add\n\nTask: {task}, {other}")
    assert (scene.task(task).branch, scene.task(other).branch) == ("feature", None)
    assert scene.operations() == before + 1
