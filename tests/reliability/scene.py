"""The repositories on which faults are tried, and what was acknowledged in them.

`origin.git` is bare. Ada's clone `app` has a linked worktree, `app-tests`; Grace's is `laptop`. All
three have claimed and written; each clone has operations that the remote has not got yet.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

from gitledger.core.text import escape
from tests.ledgers import MAIN
from tests.reliability.actor import Actor, Answer

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
TITLES: Final = (
    "Write the schema",
    "Build the API",
    "Build the page",
    "Write the docs",
    "Measure the API",
    "Review the schema",
    "Ship it",
)

Fact: TypeAlias = tuple[str, str, str]
"""What was acknowledged: of which task (by its title), which field, which value."""


@dataclass
class Scene:
    """The repositories, in a directory of their own.

    Attributes:
        folder: that directory.
        actor: plays the commands.
        ids: the tasks' ids, by title.
        now: the time that the next command sees; each further one sees a minute more.
    """

    folder: Path
    actor: Actor
    ids: dict[str, str]
    now: datetime = NOON

    @property
    def git_dir(self) -> Path:
        """Ada's repository, which is the one that faults befall."""
        return self.folder / "app" / ".git"

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of every command, in which commits have the same id on each run."""
        now = self.now.isoformat()
        return {**os.environ, "GIT_AUTHOR_DATE": now, "GIT_COMMITTER_DATE": now}

    def play(self, line: str, where: str = "app", stdin: str = "") -> Answer:
        """Carry out a command line, words parted by blanks; `{Title}` stands for a task's id."""
        return self.words(*self.typed(line), where=where, stdin=stdin)

    def typed(self, line: str) -> list[str]:
        """Return the words of a command line as `play` takes it."""
        return [self._id(word) for word in _words(line)]

    def words(self, *words: str, where: str = "app", stdin: str = "") -> Answer:
        """Carry out a command given as words."""
        answer = self.actor.play(self.folder / where, words, self.now, self.environ, stdin)
        self.now += timedelta(minutes=1)
        assert "unexpected" not in answer.err, answer.err
        assert "Traceback" not in answer.err, answer.err
        lines = (answer.out + answer.err).split("\n")
        assert lines == [escape(line) for line in lines]  # nothing acts upon a terminal
        assert (answer.code == 0) or answer.err or "error" in answer.out, words
        return answer

    def must(self, line: str, where: str = "app") -> Answer:
        """Carry out a command line that has to succeed."""
        answer = self.play(line, where)
        assert answer.code == 0, f"git ledger {line}: {answer.code}: {answer.err}{answer.out}"
        return answer

    def go_back(self, command: str, where: str = "app") -> None:
        """Carry out a command of a way back, `git ledger …`; it has to succeed."""
        self.must(command.removeprefix("git ledger "), where)

    def agree(self) -> bool:
        """Tell whether both clones and the remote have the same commit of the list."""
        places = ("app", "laptop", "origin.git")
        return len({self.git(place, "rev-parse", MAIN) for place in places}) == 1

    def git(self, where: str, *args: str, stdin: bytes = b"") -> str:
        """Run git and return its output; it has to succeed."""
        done = subprocess.run(
            ["git", *args],
            cwd=self.folder / where,
            env=self.environ,
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, f"git {' '.join(args)}: {done.stderr.decode()}"
        return done.stdout.decode(errors="surrogateescape").strip()

    def fsck(self, where: str) -> str:
        """Return what git finds wrong with a repository; it is empty where nothing is."""
        done = subprocess.run(
            ["git", "fsck", "--strict", "--no-dangling", "--no-progress"],
            cwd=self.folder / where,
            capture_output=True,
            check=False,
        )
        said = (done.stdout + done.stderr).decode(errors="replace")
        return said or (f"exit code {done.returncode}" if done.returncode else "")

    def facts(self, where: str) -> set[Fact]:
        """Return what a place's list says of its tasks."""
        answer = self.words("list", "--all", "--json", where=where)
        assert answer.code == 0, answer.err
        found: set[Fact] = set()
        for task in json.loads(answer.out)["tasks"]:
            title = task["title"]
            found |= {(title, key, task[key]) for key in ("id", "status", "owner") if task[key]}
            found |= {(title, "note", note["text"]) for note in task["notes"]}
        return found

    def copied(self, folder: Path) -> Scene:
        """Return the same repositories in another directory, which must not exist."""
        shutil.copytree(self.folder, folder, symlinks=True)
        scene = Scene(folder, self.actor, self.ids, self.now)
        link = folder / "app-tests" / ".git"
        link.write_text(f"gitdir: {folder}/app/.git/worktrees/app-tests\n")
        (folder / "app/.git/worktrees/app-tests/gitdir").write_text(f"{link}\n")
        return scene

    def _id(self, word: str) -> str:
        return self.ids[word[1:-1]] if word.startswith("{") else word


def _words(line: str) -> list[str]:
    """Return the words of a line; braces keep a title together, quotes a text."""
    words: list[str] = []
    for part in line.split(" "):
        if words and (words[-1].startswith("{") > words[-1].endswith("}")):
            words[-1] += f" {part}"
        else:
            words.append(part)
    return words


def build(folder: Path, actor: Actor) -> Scene:
    """Make the repositories.

    Args:
        folder: an empty directory.
        actor: plays the commands.
    """
    scene = Scene(folder, actor, {})
    scene.git(".", "init", "-q", "--bare", "--template=", "origin.git")
    scene.git(".", "clone", "-q", "--template=", "origin.git", "app")
    scene.git("app", "commit", "-q", "--allow-empty", "-m", "first")
    scene.git("app", "push", "-q", "origin", "main")
    scene.git(".", "clone", "-q", "--template=", "origin.git", "laptop")
    scene.git("app", "worktree", "add", "-q", "../app-tests")
    for name, person in (("app", "Ada"), ("laptop", "Grace")):
        scene.git(name, "config", "user.name", person)
        scene.git(name, "config", "gitledger.session", person.lower())
        # Wherever the scene is copied to, its remote comes along.
        scene.git(name, "remote", "set-url", "origin", "../origin.git")
    _work(scene)
    return scene


def _work(scene: Scene) -> None:
    scene.must("init")
    for title in TITLES:
        answer = scene.words("add", title, "--json")
        scene.ids[title] = json.loads(answer.out)["task"]["id"]
    scene.must("start {Write the schema}")
    scene.must("note {Write the schema} published")
    scene.must("sync")
    scene.must("init", "laptop")
    scene.must("claim {Build the page}", "laptop")
    scene.must("sync", "laptop")
    scene.must("sync")
    # What nobody else has yet.
    scene.must("note {Build the page} unpublished", "laptop")
    scene.must("claim {Build the API}", "app-tests")
    scene.must("note {Write the schema} unpublished")
    scene.must("note {Write the docs} last")
    unpublished = f"refs/gitledger-remotes/origin/main..{MAIN}"
    assert scene.git("app", "rev-list", "--count", unpublished) == "3"
