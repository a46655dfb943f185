"""`demo`: the main job, played with real repositories in a throw-away directory."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Command, Option
from gitledger.cli.style import Style
from gitledger.errors import DemoFailed
from gitledger.ledger import Ledger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

_PLAN = """\
# Sign-in

- [ ] Write the schema [P1] #db
- [ ] Build the sign-in page [P1] #ui [blockedBy: 1]
  - [ ] Form
  - [ ] Error messages
- [ ] Build the API [P1] #api [blockedBy: 1]
- [ ] Write the docs [P3] [blockedBy: 2, 3]
"""


class Step(NamedTuple):
    """One command of the story.

    Attributes:
        where: the directory it runs in, below the demo's.
        command: what is typed; `{Title}` stands for a task's short id.
        exits: the exit code that it must have.
    """

    where: str
    command: str
    exits: int = 0


STORY: tuple[str | Step, ...] = (
    "Ada has a repository and a plan",
    Step("ada", "git ledger init"),
    Step("ada", "cat plan.md"),
    Step("ada", "git ledger add --file plan.md"),
    Step("ada", "git ledger"),
    "Two worktrees share the ledger; a task has one owner",
    Step("ada", "git worktree add -q ../ada-tests -b tests"),
    Step("ada", "git ledger start {Write the schema}"),
    Step("ada-tests", "git ledger claim {Write the schema}", 4),
    Step("ada-tests", "git ledger claim {Write the docs}", 4),
    Step("ada-tests", "git ledger next --claim"),
    "A commit completes a task",
    Step("ada", "git ledger hooks install"),
    Step(
        "ada", "git commit -q --allow-empty -m 'Add the schema' -m 'Completes: {Write the schema}'"
    ),
    Step("ada", "git ledger graph"),
    "Ada shares it; Grace has a clone of her own",
    Step("ada", "git ledger sync"),
    Step("grace", "git ledger init"),
    Step("grace", "git ledger ready"),
    "Both work without a connection, on the same task too",
    Step("ada", "git ledger claim {Build the API}"),
    Step("ada", "git ledger edit {Write the docs} -p P2 -l +manual"),
    Step("grace", "git ledger claim {Build the API}"),
    Step("grace", "git ledger note {Build the API} 'The old one speaks XML'"),
    Step("grace", "git ledger edit {Write the docs} --due +2w -l +web"),
    "Who publishes first has it; nothing of the other's words is lost",
    Step("ada", "git ledger sync"),
    Step("grace", "git ledger sync", 4),
    Step("ada", "git ledger sync"),
    Step("ada", "git ledger show {Build the API}"),
    Step("ada", "git ledger show {Write the docs}"),
    "And all of it is plain git",
    Step("ada", "git log -5 --format='%h %an: %s' refs/gitledger/main"),
    Step("ada", "git status --short --branch"),
)


def demo(context: Context, *, keep: bool) -> Reply:
    """Play the story and print each command with its real output."""
    steps: list[dict[str, Any]] = []

    def data() -> dict[str, Any]:
        for _ in lines(Style()):
            pass
        return {"steps": steps}

    def lines(style: Style) -> Iterator[str]:
        with _folder(keep=keep) as folder:
            stage = _Stage(folder, context.environ)
            stage.build()
            for part in STORY:
                if isinstance(part, str):
                    yield from ("", style.paint(f"# {part}", "bold"))
                    continue
                command = stage.command(part)
                yield f"{style.paint(part.where, 'yellow')} $ {style.paint(command, 'bold')}"
                output, code = stage.play(part.where, command)
                yield from output.splitlines()
                step = {"where": part.where, "command": command, "exit_code": code}
                steps.append({**step, "output": output})
                if code != part.exits:
                    raise DemoFailed(
                        f"'{command}' in {part.where} exited with {code}, not {part.exits}"
                    )
            stage.check()
            yield from ("", style.paint("Both clones have the same tip.", "green"))
            if keep:
                yield f"Look around: {folder}"

    return Reply("demo", data, lines)


@contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gitledger-demo-"))
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder)


class _Stage:
    """The repositories of the demo: a bare remote, two clones, a second worktree."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        kept = {
            name: value
            for name, value in environ.items()
            if not name.startswith(("GIT_", "GITLEDGER_", "CLAUDE_CODE_"))
        }
        # The demo shall look the same for everybody: settings and names of its own.
        self._environ = {
            **kept,
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "PATH": f"{folder / 'bin'}{os.pathsep}{environ.get('PATH', os.defpath)}",
            "NO_COLOR": "1",
        }

    def build(self) -> None:
        """Make the repositories, and `git ledger` as it is started here."""
        program = self._folder / "bin" / "git-ledger"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gitledger "$@"\n')
        program.chmod(0o755)
        self._must(".", "git init -q --bare remote.git")
        for name, person in (("ada", "Ada"), ("grace", "Grace")):
            self._must(".", f"git clone -q remote.git {name} 2>&1")
            self._must(name, f"git config user.name {person}")
            self._must(name, f"git config user.email {name}@example.org")
            self._must(name, "git checkout -q -B main")
        (self._folder / "ada" / "plan.md").write_text(_PLAN)
        self._must("ada", "git add plan.md && git commit -q -m 'Plan the sign-in'")
        self._must("ada", "git push -q origin main 2>&1")

    def command(self, step: Step) -> str:
        """Return what is typed, with the ids of the tasks that the step names."""
        if "{" not in step.command:
            return step.command
        ledger = Ledger.open(self._folder / step.where, environ=self._environ)
        ids = {task.title: ledger.short(task.id) for task in ledger.tasks()}
        return step.command.format(**ids)

    def play(self, where: str, command: str) -> tuple[str, int]:
        """Run a command in a directory and return its output and its exit code."""
        import subprocess

        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self._folder / where,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        return done.stdout, done.returncode

    def check(self) -> None:
        """Compare what the two clones ended up with.

        Raises:
            DemoFailed: they differ, or git finds something wrong.
        """
        tips = {self._must(name, "git rev-parse refs/gitledger/main") for name in ("ada", "grace")}
        if len(tips) != 1:
            raise DemoFailed("the two clones do not have the same tip")
        for name in ("ada", "grace"):
            self._must(name, "git fsck --strict 2>&1")

    def _must(self, where: str, command: str) -> str:
        output, code = self.play(where, command)
        if code:
            said = " ".join(output.split())
            raise DemoFailed(f"'{command}' exited with {code}: {said}")
        return output


COMMANDS = [
    Command(
        "demo",
        demo,
        """Play the main job in a throw-away directory.

        With real repositories: a bare remote, two clones, a second worktree. A plan is imported,
        worked on from both worktrees, a commit completes a task, and both sides sync. Each command
        is printed with its real output. Nothing outside of the directory is touched.
        """,
        [Option("--keep", help="Leave the directory there.")],
        panel="Start",
    )
]
