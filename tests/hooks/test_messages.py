"""prepare-commit-msg, commit-msg: what is added to a message, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hooks.scene import Scene
from tests.ledgers import ledger_at

TEMPLATE = "\n# Please enter the commit message.\n#\n# On branch main\n"
SCISSORS = f"# {'-' * 24} >8 {'-' * 24}\n# Do not touch\ndiff --git a b\n Task: 7f3k\n"


@pytest.fixture
def begun(scene: Scene) -> str:
    """Return the id of the one task that the session has begun."""
    return scene.ledger.start(scene.add()).id


def prepared(scene: Scene, text: str, *args: str) -> str:
    """Return what prepare-commit-msg makes of a message."""
    file = scene.path / ".git/COMMIT_EDITMSG"
    file.write_text(text)
    assert scene.run("prepare-commit-msg", ".git/COMMIT_EDITMSG", *args) == []
    return file.read_text()


def checked(scene: Scene, text: str) -> tuple[list[str], bool]:
    """Return what commit-msg says of a message."""
    (scene.path / ".git/COMMIT_EDITMSG").write_text(text)
    return scene.run_strictly("commit-msg", ".git/COMMIT_EDITMSG")


# -- prepare-commit-msg ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("Add\n", "Add\n\nTask: {}\n"),
        ("Add\n\nBody.\n", "Add\n\nBody.\n\nTask: {}\n"),
        (
            "Add\n\nSigned-off-by: Ada <a@b.c>\n",
            "Add\n\nSigned-off-by: Ada <a@b.c>\nTask: {}\n",
        ),
        ("Add [wed]\n\nFixes: #12\n", "Add [wed]\n\nFixes: #12\nTask: {}\n"),
        (TEMPLATE, f"\n\nTask: {{}}\n{TEMPLATE[1:]}"),
        (f"Add\n{SCISSORS}", f"Add\n\nTask: {{}}\n{SCISSORS}"),
    ],
)
def test_the_one_task_that_was_begun_is_added(
    scene: Scene, begun: str, text: str, then: str
) -> None:
    assert prepared(scene, text, "message") == then.format(begun)


@pytest.mark.parametrize(
    "text",
    [
        "Add\n\nTask: 9999\n",
        "Add\n\nCompletes: zzzz\n",
        "fixup! Add\n",
        "squash! Add\n",
        "",
        "\n\n",
    ],
)
def test_a_message_that_names_a_task_or_is_none_stays(scene: Scene, begun: str, text: str) -> None:
    assert prepared(scene, text, "message") == text


def test_a_message_that_names_a_task_in_its_subject_stays(scene: Scene, begun: str) -> None:
    text = f"[{scene.add('Other')}] Add\n"
    assert prepared(scene, text, "message") == text


@pytest.mark.parametrize("source", ["merge", "squash", "commit"])
def test_a_message_that_was_written_before_stays(scene: Scene, begun: str, source: str) -> None:
    assert prepared(scene, "Add\n", source, "HEAD") == "Add\n"


@pytest.mark.parametrize(
    "sign", ["rebase-merge", "rebase-apply", "sequencer", "CHERRY_PICK_HEAD", "MERGE_HEAD"]
)
def test_while_git_makes_commits_anew_nothing_is_added(scene: Scene, begun: str, sign: str) -> None:
    (scene.path / ".git" / sign).mkdir()
    assert prepared(scene, "Add\n", "message") == "Add\n"


def test_with_no_task_or_several_nothing_is_added(scene: Scene) -> None:
    assert prepared(scene, "Add\n", "message") == "Add\n"
    scene.ledger.start(scene.add("One"))
    scene.ledger.start(scene.add("Two"))
    assert prepared(scene, "Add\n", "message") == "Add\n"


def test_what_was_claimed_and_not_begun_is_not_added(scene: Scene) -> None:
    scene.ledger.claim(scene.add())
    assert prepared(scene, "Add\n", "message") == "Add\n"


def test_what_somebody_else_has_begun_is_not_added(scene: Scene) -> None:
    ledger_at(scene.path, "grace").start(scene.add())
    assert prepared(scene, "Add\n", "message") == "Add\n"


def test_a_task_that_was_taken_over_meanwhile_is_not_added(scene: Scene, begun: str) -> None:
    ledger_at(scene.path, "grace").start(begun, force=True)
    assert prepared(scene, "Add\n", "message") == "Add\n"
    assert not (scene.path / ".git/gitledger/current").exists()


def test_a_task_that_was_begun_elsewhere_is_found(scene: Scene) -> None:
    """Another worktree knows nothing of this one's file."""
    task = scene.ledger.start(scene.add()).id
    (scene.path / ".git/gitledger/current").unlink()
    assert prepared(scene, "Add\n", "message") == f"Add\n\nTask: {task}\n"
    assert task in (scene.path / ".git/gitledger/current").read_text()


def test_a_file_that_another_session_wrote_is_not_trusted(scene: Scene, begun: str) -> None:
    mine = ledger_at(scene.path, "grace").start(scene.add("Other")).id
    scene.git(scene.path, "config", "user.name", "Grace")
    assert prepared(scene, "Add\n", "message") == f"Add\n\nTask: {mine}\n"


def test_the_signs_of_comments_may_be_others(scene: Scene, begun: str) -> None:
    scene.git(scene.path, "config", "core.commentChar", ";")
    text = "\n; Please enter.\n"
    assert prepared(scene, text) == f"\n\nTask: {begun}\n; Please enter.\n"


# -- commit-msg --------------------------------------------------------------------------------


def test_an_unknown_and_an_ambiguous_id_are_told_and_stop_nothing(scene: Scene) -> None:
    task = scene.add()
    wrong = task[:5] + ("0" if task[5] != "0" else "1")
    assert checked(scene, f"Add\n\nCompletes: {wrong}\n") == (
        [f"no task '{wrong}'; did you mean '{task[:6]}'?"],
        False,
    )


@pytest.mark.parametrize(
    "text", ["Add\n", "Add [wed]\n\nFixes: #12\nCloses: 1234\n", f"Add\n{SCISSORS}"]
)
def test_a_message_without_wrong_names_is_let_through_in_strict_mode(
    scene: Scene, text: str
) -> None:
    scene.git(scene.path, "config", "gitledger.strictCommits", "true")
    assert checked(scene, text) == ([], False)
    assert checked(scene, f"Add\n\nTask: {scene.add()}\n") == ([], False)


def test_strict_mode_stops_an_unknown_id(scene: Scene) -> None:
    scene.git(scene.path, "config", "gitledger.strictCommits", "true")
    assert checked(scene, "Add\n\nTask: 9999\n") == (["no task '9999'"], True)


def test_strict_mode_lets_a_rebase_go_on(scene: Scene) -> None:
    scene.git(scene.path, "config", "gitledger.strictCommits", "true")
    (scene.path / ".git/rebase-merge").mkdir()
    assert checked(scene, "Add\n\nTask: 9999\n") == (["no task '9999'"], False)


def test_strict_mode_lets_everything_through_where_there_is_no_ledger(
    repo: Path, scene: Scene
) -> None:
    scene.git(scene.path, "config", "gitledger.strictCommits", "true")
    scene.git(scene.path, "config", "gitledger.list", "nowhere")
    lines, stops = checked(scene, "Add\n\nTask: 9999\n")
    assert (len(lines), stops) == (1, False)


def test_a_message_of_our_trailer_alone_is_emptied(scene: Scene, begun: str) -> None:
    """Whoever leaves the editor without a word wants no commit."""
    file = scene.path / ".git/COMMIT_EDITMSG"
    assert checked(scene, f"\n\nTask: {begun}\n# Please enter.\n") == ([], False)
    assert file.read_text() == "# Please enter.\n"


def test_a_message_that_somebody_wrote_is_never_emptied(scene: Scene, begun: str) -> None:
    for text in (f"Task: {begun}\n", f"Add\n\nTask: {begun}\n# Please enter.\n"):
        assert checked(scene, text) == ([], False)
        assert (scene.path / ".git/COMMIT_EDITMSG").read_text() == text


@pytest.mark.parametrize("source", ["", "template"])
def test_a_message_to_which_nobody_has_added_a_word_is_emptied(
    scene: Scene, begun: str, source: str
) -> None:
    """As git does with the untouched text of a template, which is no message of anybody's."""
    for text in ("", "Why:\n\nHow:\n# Please enter.\n", "\n\nSigned-off-by: Ada <a@b.c>\n#\n"):
        left = prepared(scene, text or "\n# Please enter.\n", source)
        assert begun in left
        scene.run("commit-msg", ".git/COMMIT_EDITMSG")
        assert begun not in (scene.path / ".git/COMMIT_EDITMSG").read_text()
        prepared(scene, text or "\n# Please enter.\n", source)
        typed = f"Typed{left}"
        assert checked(scene, typed) == ([], False)
        assert (scene.path / ".git/COMMIT_EDITMSG").read_text() == typed
        assert checked(scene, left.replace("#", "")) == ([], False)


def test_a_message_of_the_command_line_stays_as_it_is(scene: Scene, begun: str) -> None:
    left = prepared(scene, "Add\n", "message")
    assert checked(scene, left) == ([], False)
    assert (scene.path / ".git/COMMIT_EDITMSG").read_text() == left == f"Add\n\nTask: {begun}\n"


def test_a_sign_off_is_no_message(scene: Scene, begun: str) -> None:
    signed = f"\n\nSigned-off-by: Ada <a@b.c>\nTask: {begun}\n# Please enter.\n"
    assert checked(scene, signed) == ([], False)
    assert (scene.path / ".git/COMMIT_EDITMSG").read_text() == "# Please enter.\n"
