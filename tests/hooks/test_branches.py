"""post-checkout, post-merge: the branch of a task, and what reaches the default branch."""

from __future__ import annotations

from tests.hooks.scene import Scene
from tests.ledgers import ledger_at


def checked_out(scene: Scene, *args: str) -> list[str]:
    """Switch, and run post-checkout as git does."""
    scene.git(scene.path, "switch", "-q", *args)
    return scene.run("post-checkout", "0" * 40, scene.head(), "1")


def test_the_task_at_hand_learns_its_branch_once(scene: Scene) -> None:
    task = scene.ledger.start(scene.add()).id
    before = scene.operations()
    assert checked_out(scene, "-c", "feature") == []
    assert checked_out(scene, "-c", "another") == []
    assert scene.task(task).branch == "feature"
    assert scene.operations() == before + 1


def test_the_default_branch_is_not_learnt(scene: Scene) -> None:
    task = scene.ledger.start(scene.add()).id
    assert checked_out(scene, "main") == []
    scene.git(scene.path, "config", "gitledger.defaultBranch", "trunk")
    checked_out(scene, "-c", "trunk")
    assert scene.task(task).branch is None


def test_no_branch_is_learnt_from_files_a_detached_head_or_a_rebase(scene: Scene) -> None:
    task = scene.ledger.start(scene.add()).id
    checked_out(scene, "--detach")
    scene.git(scene.path, "switch", "-q", "-c", "feature")
    scene.run("post-checkout", scene.head(), scene.head(), "0")
    (scene.path / ".git/rebase-merge").mkdir()
    scene.run("post-checkout", scene.head(), scene.head(), "1")
    assert scene.task(task).branch is None


def test_of_several_tasks_none_learns_a_branch(scene: Scene) -> None:
    tasks = [scene.ledger.start(scene.add(title)).id for title in ("One", "Two")]
    before = scene.operations()
    checked_out(scene, "-c", "feature")
    assert [scene.task(task).branch for task in tasks] == [None, None]
    assert scene.operations() == before


def test_a_merge_learns_the_branch_too(scene: Scene) -> None:
    task = scene.ledger.start(scene.add()).id
    scene.git(scene.path, "switch", "-q", "-c", "feature")
    assert scene.run("post-merge", "0") == []
    assert scene.task(task).branch == "feature"


# -- closeOn = merge ---------------------------------------------------------------------------


def feature(scene: Scene, message: str) -> str:
    """Commit on a branch as its session, with post-commit, and come back to main."""
    scene.git(scene.path, "switch", "-q", "-c", "feature")
    made, _ = scene.committed(message)
    scene.git(scene.path, "switch", "-q", "main")
    return made


def test_a_merge_completes_what_it_brings_to_the_default_branch(scene: Scene) -> None:
    task = scene.add()
    scene.git(scene.path, "config", "gitledger.closeOn", "merge")
    made = feature(scene, f"Add\n\nCompletes: {task}")
    assert scene.task(task).status == "pending"
    scene.git(scene.path, "merge", "-q", "feature")
    before = scene.operations()
    assert scene.run("post-merge", "0") == [f"completed {task[:4]} Schema"]
    assert (scene.task(task).status, scene.task(task).commits) == ("completed", (made,))
    assert scene.run("post-merge", "0") == []
    assert scene.operations() == before + 1


def test_whoever_merges_completes_the_work_of_others_with_a_note(scene: Scene) -> None:
    task = ledger_at(scene.path, "grace").start(scene.add()).id
    scene.git(scene.path, "config", "gitledger.closeOn", "merge")
    feature(scene, f"Add\n\nCompletes: {task}")
    scene.git(scene.path, "merge", "-q", "feature")
    assert scene.run("post-merge", "0") == [f"completed {task[:4]} Schema"]
    after = scene.task(task)
    assert (after.status, after.owner) == ("completed", "grace")
    assert "while owned by grace" in after.notes[-1].text


def test_a_merge_into_another_branch_completes_nothing(scene: Scene) -> None:
    task = scene.add()
    scene.git(scene.path, "config", "gitledger.closeOn", "merge")
    feature(scene, f"Add\n\nCompletes: {task}")
    scene.git(scene.path, "switch", "-q", "-c", "integration")
    scene.git(scene.path, "merge", "-q", "feature")
    assert scene.run("post-merge", "0") == []
    assert scene.task(task).status == "pending"


def test_a_squash_that_is_not_committed_yet_completes_nothing(scene: Scene) -> None:
    task = scene.add()
    scene.git(scene.path, "config", "gitledger.closeOn", "merge")
    feature(scene, f"Add\n\nCompletes: {task}")
    assert scene.run("post-merge", "1") == []
    assert scene.task(task).status == "pending"


def test_a_merge_of_colleagues_work_is_not_counted_as_ones_own(scene: Scene) -> None:
    """Without `closeOn = merge` whoever committed has counted it."""
    task = scene.add()
    scene.git(scene.path, "switch", "-q", "-c", "feature")
    scene.commit(f"Add\n\nCompletes: {task}")
    scene.git(scene.path, "switch", "-q", "main")
    scene.git(scene.path, "merge", "-q", "feature")
    assert scene.run("post-merge", "0") == []
    assert scene.task(task).commits == ()


def test_the_message_of_a_merge_counts(scene: Scene) -> None:
    task = scene.add()
    scene.git(scene.path, "switch", "-q", "-c", "feature")
    scene.commit("Add")
    scene.git(scene.path, "switch", "-q", "main")
    scene.git(scene.path, "merge", "-q", "--no-ff", "-m", f"Merge\n\nCompletes: {task}", "feature")
    assert scene.run("post-merge", "0") == [f"completed {task[:4]} Schema"]
