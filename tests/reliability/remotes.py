"""What remotes may do to a sync, and what is left of the work when they are well again."""

from __future__ import annotations

import shutil
from typing import Final

from tests.ledgers import MAIN, install_hook
from tests.reliability.damage import TRACKING
from tests.reliability.declared import Back, Fault, Table
from tests.reliability.forgery import Forger
from tests.reliability.page import shown
from tests.reliability.scene import Fact, Scene

SYNC: Final = ("git ledger sync",)
"""The way back from whatever has happened to a remote that is well again."""
_THEIRS: Final = "elsewhere: git ledger sync --accept-remote"
AGAIN: Final = ("git ledger sync", _THEIRS)
"""The way back where we have published the list again, and others had seen more of it than we."""
ACCEPT: Final = ("git ledger sync --accept-remote", _THEIRS)
"""The way back where what is published is another history now."""


def _trial(fault: Fault, scene: Scene) -> tuple[str, ...]:
    """Sync while there is work on both sides, go on working, and sync when all is well again."""
    scene.must("sync", "laptop")
    known = scene.facts("app") | scene.facts("laptop")
    by_hand = fault.inflict(scene)
    before = scene.facts("app")

    answer = scene.play(fault.command or "sync")
    assert (answer.code,) == fault.codes
    assert before <= scene.facts("app")
    if answer.code == 6:
        left = scene.git("app", "rev-list", "--count", f"{TRACKING}..{MAIN}")
        assert (left == "0") or f"; {left} operations unpublished" in answer.err
    scene.must("note {Measure the API} meanwhile", "app-tests")
    known.add(("Measure the API", "note", "meanwhile"))

    if by_hand:
        by_hand()
    for command in fault.back:
        plain = command.removeprefix("elsewhere: ")
        scene.go_back(plain, "app" if plain == command else "laptop")
    lost = _shared(scene, known)
    assert {(title, key) for title, key, _ in lost} == fault.lost
    for title, _, value in lost:
        assert value in _backup(scene, title)
    return shown(answer.line, scene), str(answer.code), _then(fault, lost)


def _backup(scene: Scene, title: str) -> str:
    """Return a task's file in the ref that keeps what was there before a remote was accepted."""
    ref = scene.git("laptop", "for-each-ref", "--format=%(refname)", "refs/gitledger-backup")
    task_id = scene.ids[title]
    return scene.git("laptop", "show", f"{ref}:tasks/{task_id[0]}/{task_id[1]}/{task_id}.toml")


def _shared(scene: Scene, known: set[Fact]) -> set[Fact]:
    """Return what of the facts is lost when all have synced and have the same."""
    for where in ("laptop", "app", "laptop"):
        scene.must("sync", where)
    assert scene.facts("app") == scene.facts("laptop")
    assert scene.agree()
    assert scene.fsck("app") == scene.fsck("laptop") == scene.fsck("origin.git") == ""
    return known - scene.facts("app")


def _then(fault: Fault, lost: set[Fact]) -> str:
    commands = [f"`{command}`".replace("git ledger ", "") for command in fault.back]
    commands = [command.replace("`elsewhere: ", "elsewhere `") for command in commands]
    steps = ", ".join(filter(None, [fault.hand, *commands]))
    kept = (f"the {key} '{value}' of '{title}'" for title, key, value in sorted(lost))
    rest = f"in the backup ref alone: {', '.join(kept)}" if lost else "all is there"
    return f"{steps}: {rest}"


TABLE = Table(
    "remotes",
    ("the remote", "`git ledger sync` says", "exit", "then"),
    _trial,
    codes=(6,),
    back=SYNC,
)


# -- it cannot be reached ----------------------------------------------------------------------


def _address(scene: Scene, url: str) -> Back:
    scene.git("app", "remote", "set-url", "origin", url)
    return lambda: scene.git("app", "remote", "set-url", "origin", "../origin.git")


@TABLE.fault("its host cannot be reached")
def _(scene: Scene) -> Back:
    return _address(scene, "git://127.0.0.1:1/origin.git")


@TABLE.fault("its repository is gone")
def _(scene: Scene) -> Back:
    away = scene.folder / "away.git"
    scene.origin.rename(away)
    return lambda: away.rename(scene.origin)


@TABLE.fault("it does not answer", command="sync --timeout 1")
def _(scene: Scene) -> Back:
    return _server(scene, "exec sleep 30")


@TABLE.fault("the connection breaks off while fetching")
def _(scene: Scene) -> Back:
    return _server(scene, 'git upload-pack "$@" | (dd bs=1 count=700 2>&-; kill $$)')


@TABLE.fault("the connection breaks off while pushing")
def _(scene: Scene) -> Back:
    return _server(scene, 'head -c 400 | git receive-pack "$@"', "receivepack")


def _server(scene: Scene, script: str, service: str = "uploadpack") -> Back:
    """Let another program answer for the remote."""
    program = scene.folder / "server"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    scene.git("app", "config", f"remote.origin.{service}", str(program))
    return lambda: scene.git("app", "config", "--unset", f"remote.origin.{service}")


# -- it refuses --------------------------------------------------------------------------------


@TABLE.fault("a hook there declines the push")
def _(scene: Scene) -> Back:
    install_hook(scene.origin, "pre-receive", "exit 1")
    return (scene.origin / "hooks/pre-receive").unlink


@TABLE.fault("it sends escape sequences")
def _(scene: Scene) -> Back:
    install_hook(scene.origin, "update", "printf '\\033[2J\\033]0;x\\007\\n' >&2; exit 1")
    return (scene.origin / "hooks/update").unlink


@TABLE.fault("it hides refs of the ledger's name space")
def _(scene: Scene) -> Back:
    scene.git("origin.git", "config", "receive.hideRefs", "refs/gitledger")
    return lambda: scene.git("origin.git", "config", "--unset", "receive.hideRefs")


@TABLE.fault("it takes no push at all")
def _(scene: Scene) -> Back:
    return _server(scene, "echo 'fatal: Permission denied' >&2; exit 128", "receivepack")


@TABLE.fault("a killed push has left its lock there", hand="remove the lock there")
def _(scene: Scene) -> Back:
    lock = scene.origin / f"{MAIN}.lock"
    lock.touch()
    return lock.unlink


@TABLE.fault("objects of it are damaged", hand="mend it there")
def _(scene: Scene) -> Back:
    oid = scene.git("origin.git", "rev-parse", f"{MAIN}^{{tree}}")
    path = scene.origin / "objects" / oid[:2] / oid[2:]
    aside = scene.folder / "aside"
    path.rename(aside)
    return lambda: aside.rename(path)


# -- it has changed ----------------------------------------------------------------------------


@TABLE.fault("the list is deleted there", 0)
def _(scene: Scene) -> None:
    _publish(scene)
    scene.git("origin.git", "update-ref", "-d", MAIN)


@TABLE.fault(
    "the list is deleted there, with what we have never fetched",
    0,
    back=AGAIN,
    lost=[("Build the page", "note")],
)
def _(scene: Scene) -> None:
    scene.git("origin.git", "update-ref", "-d", MAIN)


@TABLE.fault("the list was set back to an older commit", hand="the `git push` of the hint")
def _(scene: Scene) -> Back:
    _publish(scene)
    tip = scene.git("app", "rev-parse", MAIN)
    scene.git("origin.git", "update-ref", MAIN, f"{MAIN}~3")
    return lambda: scene.git("app", "push", "--force", "origin", f"{tip}:{MAIN}")


def _publish(scene: Scene) -> None:
    """Let both clones publish what they have."""
    for where in ("app", "laptop"):
        scene.must("sync", where)


@TABLE.fault("the list was replaced by another history", back=ACCEPT)
def _(scene: Scene) -> None:
    _rewrite(scene)


def _rewrite(scene: Scene) -> None:
    """Let somebody with write access make other commits of all but the first of the list."""
    commits = scene.git("origin.git", "rev-list", "--reverse", MAIN).split()
    tip = commits[0]
    for commit in commits[1:]:
        args = ("commit-tree", f"{commit}^{{tree}}", "-p", tip, "-m", "rewritten")
        tip = scene.git("origin.git", *args)
    scene.git("origin.git", "update-ref", MAIN, tip)


@TABLE.fault("it has a history that shares nothing with ours", hand="publish ours again")
def _(scene: Scene) -> Back:
    forger = Forger(scene)
    tip = scene.git("origin.git", "rev-parse", MAIN)
    stranger = scene.git("origin.git", "commit-tree", forger.tree(), "-m", "another")
    scene.git("origin.git", "update-ref", MAIN, stranger)
    return lambda: scene.git("origin.git", "update-ref", MAIN, tip)


@TABLE.fault("somebody removed all tasks there", 1, hand="revert it there")
def _(scene: Scene) -> Back:
    _publish(scene)
    tip = scene.git("origin.git", "rev-parse", MAIN)
    Forger(scene).graft([], without=b"tasks")
    return lambda: _revert(scene, tip)


def _revert(scene: Scene, tip: str) -> None:
    Forger(scene).publish(scene.git("origin.git", "rev-parse", f"{tip}^{{tree}}"))


@TABLE.fault("its repository was made anew, without the list", 0)
def _(scene: Scene) -> None:
    _publish(scene)
    shutil.rmtree(scene.origin)
    scene.git(".", "clone", "-q", "--bare", "--template=", "--single-branch", "app", "origin.git")
