"""post-rewrite: links follow commits that are amended and rebased."""

from __future__ import annotations

import sys

import pytest

from tests.hooks.scene import Scene
from tests.ledgers import subjects


def rewritten(scene: Scene, *pairs: tuple[str, str], kind: str = "rebase") -> list[str]:
    return scene.run("post-rewrite", kind, stdin="".join(f"{a} {b}\n" for a, b in pairs))


def amended(scene: Scene, message: str) -> tuple[str, list[str]]:
    """Amend, run post-commit as git does, and return the commit's id and the lines."""
    return scene.committed(message, "--amend")


def test_an_amended_commit_takes_the_others_place(scene: Scene) -> None:
    task = scene.add()
    old, _ = scene.committed(f"Ad\n\nCompletes: {task}")
    before = scene.operations()
    new, lines = amended(scene, f"Add\n\nCompletes: {task}")
    assert lines == [f"linked {task[:4]} Schema"]
    assert scene.task(task).commits == (new,)
    assert scene.operations() == before + 1
    assert rewritten(scene, (old, new), kind="amend") == []
    assert scene.operations() == before + 1


def test_an_amended_commit_that_was_never_seen_is_linked(scene: Scene) -> None:
    task = scene.add()
    scene.commit(f"Ad\n\nTask: {task}")
    new, _ = amended(scene, f"Add\n\nTask: {task}")
    assert scene.task(task).commits == (new,)


def test_an_amended_commit_that_was_never_seen_does_what_it_says(scene: Scene) -> None:
    """Another hook may have amended it before ours was run."""
    task = scene.add()
    scene.commit(f"Ad\n\nCompletes: {task}")
    amended(scene, f"Add\n\nCompletes: {task}")
    assert scene.task(task).status == "completed"


def test_an_amended_message_that_names_another_task_moves_the_link(scene: Scene) -> None:
    one, two = scene.add("One"), scene.add("Two")
    scene.committed(f"Add\n\nTask: {one}")
    new, _ = amended(scene, f"Add\n\nTask: {two}")
    assert (scene.task(one).commits, scene.task(two).commits) == ((), (new,))


def test_a_link_that_no_message_names_moves_along(scene: Scene) -> None:
    task = scene.add()
    old = scene.commit("Add")
    scene.ledger.link(task, old)
    new = scene.commit("Add it", "--amend")
    assert rewritten(scene, (old, new), kind="amend") == [f"linked {task[:4]} Schema"]
    assert scene.task(task).commits == (new,)


def test_an_amend_does_not_complete_again_what_was_reopened(scene: Scene) -> None:
    task = scene.add()
    scene.committed(f"Ad\n\nCompletes: {task}")
    scene.ledger.reopen(task)
    amended(scene, f"Add\n\nCompletes: {task}")
    assert scene.task(task).status == "pending"


def test_fifty_commits_are_one_operation(scene: Scene) -> None:
    tasks = [scene.add(f"Task {number}") for number in range(3)]
    olds = [scene.commit(f"Old {n}\n\nTask: {tasks[n % 3]}") for n in range(50)]
    with scene.ledger.transaction("commit") as transaction:
        for number, old in enumerate(olds):
            transaction.link(tasks[number % 3], old)
    news = [scene.commit(f"New {n}\n\nTask: {tasks[n % 3]}") for n in range(50)]
    before = scene.operations()
    lines = rewritten(scene, *zip(olds, news, strict=True))
    assert lines == [f"linked {task[:4]} Task {number}" for number, task in enumerate(tasks)]
    assert scene.operations() == before + 1
    assert subjects(scene.git, scene.ledger)[0] == "rewrite 3 tasks"
    for number, task in enumerate(tasks):
        assert scene.task(task).commits == tuple(sorted(news[number::3]))


def test_commits_that_become_one_are_one_link(scene: Scene) -> None:
    task = scene.add()
    first, _ = scene.committed(f"One\n\nTask: {task}")
    second, _ = scene.committed(f"Two\n\nTask: {task}")
    new = scene.commit(f"Both\n\nTask: {task}")
    rewritten(scene, (first, new), (second, new))
    assert scene.task(task).commits == (new,)


def test_a_reworded_commit_does_what_it_says_now(scene: Scene) -> None:
    task = scene.add()
    old, _ = scene.committed(f"Add\n\nTask: {task}")
    new = scene.commit(f"Add\n\nCompletes: {task}")
    assert rewritten(scene, (old, new)) == [f"completed {task[:4]} Schema"]
    assert scene.task(task).commits == (new,)


def test_a_rebase_does_not_do_again_what_its_commits_did(scene: Scene) -> None:
    task = scene.add()
    old, _ = scene.committed(f"Add\n\nStarts: {task}\nProgress: {task} 60%\nCompletes: {task}")
    scene.ledger.reopen(task)
    new = scene.commit(f"Add\n\nStarts: {task}\nProgress: {task} 60%\nCompletes: {task}\n\nx")
    assert rewritten(scene, (old, new)) == [f"linked {task[:4]} Schema"]
    assert (scene.task(task).status, scene.task(task).progress) == ("pending", None)


@pytest.mark.parametrize("given", ["", "\n", "abc\n", f"{'1' * 40} {'2' * 40}\n"])
def test_what_git_does_not_know_any_more_changes_nothing(scene: Scene, given: str) -> None:
    scene.add()
    before = scene.operations()
    assert scene.run("post-rewrite", "rebase", stdin=given) == []
    assert scene.operations() == before


def test_in_a_rebase_post_commit_leaves_it_to_post_rewrite(scene: Scene) -> None:
    task = scene.add()
    scene.commit(f"Add\n\nTask: {task}")
    (scene.path / ".git/rebase-merge").mkdir()
    assert scene.run("post-commit") == []
    assert scene.task(task).commits == ()


# -- by git itself -----------------------------------------------------------------------------


@pytest.fixture
def branch(hooked: Scene) -> tuple[Scene, str]:
    """Return a branch of three commits, all on one task, whose base has moved on."""
    task, git, path = hooked.add(), hooked.git, hooked.path
    git(path, "switch", "-q", "-c", "feature")
    for name in ("one", "two", "three"):
        (path / name).write_text(name)
        git(path, "add", name)
        git(path, "commit", "-q", "-m", f"Add {name}\n\nTask: {task}")
    git(path, "switch", "-q", "main")
    git(path, "commit", "-q", "--allow-empty", "-m", "On main")
    git(path, "switch", "-q", "feature")
    assert len(hooked.task(task).commits) == 3
    return hooked, task


def own(scene: Scene) -> tuple[str, ...]:
    return tuple(sorted(scene.git(scene.path, "rev-list", "main..HEAD").split()))


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_a_rebase_of_git_moves_all_links_in_one_operation(
    branch: tuple[Scene, str], backend: str
) -> None:
    scene, task = branch
    before = scene.operations()
    scene.git(scene.path, "rebase", "-q", backend, "main")
    assert scene.task(task).commits == own(scene)
    assert scene.operations() == before + 1


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_a_hook_that_is_given_no_input_finds_the_rewritten_commits(
    branch: tuple[Scene, str], backend: str
) -> None:
    """As in pre-commit's framework, which hands none on."""
    scene, task = branch
    shim = scene.path / ".git/hooks/post-rewrite"
    call = f"'{sys.executable}' -m gitledger hook post-rewrite"
    shim.write_text(f'#!/bin/sh\nexec {call} "$1" </dev/null\n')
    before = scene.operations()
    scene.git(scene.path, "rebase", "-q", backend, "main")
    assert scene.task(task).commits == own(scene)
    assert scene.operations() == before + 1
    (scene.path / ".git/hooks/post-commit").unlink()
    scene.git(scene.path, "commit", "-q", "--amend", "--no-edit", "--date=2001-01-01T12:00:00Z")
    assert scene.task(task).commits == own(scene)
    assert scene.operations() == before + 2


def test_an_autosquash_of_git_melts_the_links_too(
    branch: tuple[Scene, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, task = branch
    (scene.path / "one").write_text("better")
    scene.git(scene.path, "commit", "-q", "-a", "--fixup", "HEAD~2")
    assert len(scene.task(task).commits) == 3
    monkeypatch.setenv("GIT_SEQUENCE_EDITOR", "true")
    scene.git(scene.path, "rebase", "-q", "-i", "--autosquash", "main")
    assert scene.task(task).commits == own(scene)
    assert len(own(scene)) == 3


def test_a_commit_that_is_made_while_a_rebase_stands_still_counts(
    branch: tuple[Scene, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, task = branch
    monkeypatch.setenv("GIT_SEQUENCE_EDITOR", "sed -i 1abreak")
    scene.git(scene.path, "rebase", "-q", "-i", "main")
    (scene.path / "more").write_text("more")
    scene.git(scene.path, "add", "more")
    scene.git(scene.path, "commit", "-q", "-m", f"More\n\nCompletes: {task}")
    scene.git(scene.path, "rebase", "--continue")
    assert scene.task(task).commits == own(scene)
    assert scene.task(task).status == "completed"


def test_an_amend_by_git_moves_the_link(branch: tuple[Scene, str]) -> None:
    scene, task = branch
    scene.git(scene.path, "commit", "-q", "--amend", "--no-edit", "--date=2001-01-01T12:00:00Z")
    assert scene.task(task).commits == own(scene)


def test_an_amend_by_git_that_drops_the_name_drops_the_link(branch: tuple[Scene, str]) -> None:
    scene, task = branch
    gone = scene.head()
    scene.git(scene.path, "commit", "-q", "--amend", "-m", "Nothing")
    assert gone not in scene.task(task).commits
    assert scene.head() not in scene.task(task).commits


def test_commits_that_a_rebase_leaves_as_they_are_do_nothing_again(scene: Scene) -> None:
    task = scene.add()
    base = scene.head()
    scene.committed(f"Add\n\nCompletes: {task}")
    scene.ledger.reopen(task)
    old, new = scene.commit("Old"), scene.commit("New", "--amend")
    (scene.path / ".git/rebase-merge").mkdir()
    (scene.path / ".git/rebase-merge/onto").write_text(f"{base}\n")
    assert rewritten(scene, (old, new)) == []
    assert scene.task(task).status == "pending"
