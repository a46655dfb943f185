"""Programs that do the same work, each behind the same few lines: Taskwarrior and Backlog.md.

A program is looked for in PATH, or where its environment variable says. What is not installed is
left out, in words.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.timing import Command, used_up

Data = Mapping[str, Any]
"""A task as `git ledger list --all --json` shows it."""


class Peer:
    """One program, with a store of its own in a folder.

    Attributes:
        name: what it is called.
        environ: the environment that it runs in.
        version: what it says of itself.
    """

    name: str
    program: str
    variable: str

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.environ = dict(environ)
        self.version = self.run("--version").strip()

    @classmethod
    def found(cls) -> str | None:
        """Return where the program is, None where it is not installed."""
        return os.environ.get(cls.variable) or shutil.which(cls.program)

    def run(self, *words: str, given: str = "") -> str:
        """Run it to its end and return what it printed."""
        done = subprocess.run(
            [self.found() or self.program, *words],
            cwd=self.folder,
            env=self.environ,
            input=given,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def make(self, tasks: Sequence[Data]) -> None:
        """Fill its store with the tasks and their dependencies."""
        raise NotImplementedError

    def commands(self, ready: Sequence[Data]) -> dict[str, Command]:
        """Return the command line of each verb; tasks that are to be done are ready ones."""
        raise NotImplementedError

    def _command(self, *words: str, named: Iterator[str] | None = None) -> Command:
        """Return a command; `{}` in it is the next of the names."""

        def line() -> list[str]:
            return [program, *(next(named) if named and word == "{}" else word for word in words)]

        program = self.found() or self.program
        return Command(line, self.folder, self.environ)


class Taskwarrior(Peer):
    """Taskwarrior: its own `import` takes the tasks."""

    name, program, variable = "Taskwarrior", "task", "TASKWARRIOR"

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        settings = folder / "taskrc"
        settings.write_text(f"data.location={folder}\nconfirmation=no\nverbose=nothing\nhooks=no\n")
        super().__init__(folder, {**environ, "TASKRC": str(settings), "TASKDATA": str(folder)})

    def make(self, tasks: Sequence[Data]) -> None:
        """Fill its store with the tasks and their dependencies."""
        self.run("import", "-", given=json.dumps([self._task(task) for task in tasks]))

    def commands(self, ready: Sequence[Data]) -> dict[str, Command]:
        """Return the command line of each verb; tasks that are to be done are ready ones."""
        names = used_up(_uuid(task["id"]) for task in ready)
        return {
            "add": self._command("add", "priority:M", "+api", "Fix the cache of the API"),
            "done": self._command("{}", "done", named=names),
            "next": self._command("limit:1", "next"),
            "list": self._command("list"),
        }

    def _task(self, task: Data) -> dict[str, Any]:
        high = {"P0": "H", "P1": "H", "P2": "M"}
        made = {
            "uuid": _uuid(task["id"]),
            "description": task["title"],
            "entry": _compact(task["created_at"]),
            "priority": high.get(task["priority"], "L"),
            "tags": task["labels"],
            "depends": [_uuid(other) for other in task["blocked_by"]],
            "status": "pending",
        }
        if task["completed_at"]:
            made |= {"status": "completed", "end": _compact(task["completed_at"])}
        return {key: value for key, value in made.items() if value}


class Backlog(Peer):
    """Backlog.md, without its looks at branches and remotes, which would cost it more."""

    name, program, variable = "Backlog.md", "backlog", "BACKLOG"

    def make(self, tasks: Sequence[Data]) -> None:
        """Fill its store with the tasks and their dependencies, as files of the form it writes."""
        without = ("--check-branches", "false", "--include-remote", "false", "--no-git")
        self.run("init", "bench", "--defaults", "--integration-mode", "none", *without)
        numbers = {task["id"]: number for number, task in enumerate(tasks, 1)}
        folder = self.folder / "backlog" / "tasks"
        folder.mkdir(exist_ok=True)
        for task in tasks:
            number = numbers[task["id"]]
            path = folder / f"task-{number} - {task['title'].replace(' ', '-')}.md"
            path.write_text(_front_matter(task, numbers))
        self._numbers = numbers

    def commands(self, ready: Sequence[Data]) -> dict[str, Command]:
        """Return the command line of each verb; tasks that are to be done are ready ones."""
        names = used_up(str(self._numbers[task["id"]]) for task in ready)
        add = ("task", "create", "Fix the cache of the API", "--priority", "medium", "-l", "api")
        return {
            "add": self._command(*add, "--plain"),
            "done": self._command("task", "edit", "{}", "-s", "Done", "--plain", named=names),
            "next": self._command("task", "list", "--ready", "--limit", "1", "--plain"),
            "list": self._command("task", "list", "--exclude-status", "Done", "--plain"),
        }


PEERS: Final = (Taskwarrior, Backlog)


def _uuid(task_id: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, task_id))


def _compact(moment: str) -> str:
    return moment.replace("-", "").replace(":", "")


def _front_matter(task: Data, numbers: Mapping[str, int]) -> str:
    status = "Done" if task["completed_at"] else "In Progress" if task["owner"] else "To Do"
    high = {"P0": "high", "P1": "high", "P2": "medium"}
    lines = [
        f"id: TASK-{numbers[task['id']]}",
        f"title: {json.dumps(task['title'])}",
        f"status: {status}",
        "assignee: []",
        f"created_date: '{task['created_at'][:16].replace('T', ' ')}'",
        f"labels: {json.dumps(task['labels'])}",
        f"dependencies: {json.dumps([f'TASK-{numbers[other]}' for other in task['blocked_by']])}",
        f"priority: {high.get(task['priority'], 'low')}",
    ]
    said = task["description"] or ""
    return "\n".join(["---", *lines, "---", "", "## Description", "", said, ""])
