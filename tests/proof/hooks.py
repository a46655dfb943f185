"""Our hooks beside the real husky, pre-commit and lefthook: `python -m tests.proof.hooks`.

In throw-away repositories with a hook of a person's, a tool and ours are installed in both orders,
commit and push, the tool is installed again and its settings are changed, and then one of the two
is taken away. The tools are those in PATH or the ones that are named; one that is not there is
said and left out. With `--framework` pre-commit installs ours from the manifest, too,
for which it fetches what gitledger needs. Exit code 1 and a line for each thing that is not so.

    python -m tests.proof.hooks --husky BIN/husky --lefthook BIN/lefthook --pre-commit pre-commit
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from gitledger import hookfiles
from gitledger.hookfiles import shims
from gitledger.repository import Repository
from tests.conftest import sealed

_HOOKS = ("commit-msg", "post-commit", "pre-push")
_OURS = ("post-commit", "pre-push")
_NAMED = "Work\n\nTask: 7f3k"


class Tool:
    """A tool that puts hooks in place.

    Args:
        program: its path.
        record: the file to which its hooks write that they ran.
    """

    name = ""

    def __init__(self, program: str, record: Path) -> None:
        self.program, self.record = program, record

    def prepare(self, repo: Path) -> None:
        """Write the tool's settings into the project."""
        raise NotImplementedError

    def install(self, repo: Path) -> None:
        run(repo, self.program, "install")

    def uninstall(self, repo: Path) -> None:
        run(repo, self.program, "uninstall")

    def change(self, repo: Path) -> None:
        """Change the tool's settings so that it installs itself again at the next commit."""


class PreCommit(Tool):
    """pre-commit, with a hook of the project's own."""

    name = "pre-commit"

    def prepare(self, repo: Path) -> None:
        lines = ["repos:", "- repo: local", "  hooks:"]
        for name in _HOOKS:
            lines += [
                f"  - id: {name}",
                f"    name: {name}",
                "    language: system",
                f"    entry: sh -c 'echo {name} >>{self.record}'",
                f"    stages: [{name}]",
                "    always_run: true",
                "    pass_filenames: false",
            ]
        (repo / ".pre-commit-config.yaml").write_text("\n".join(lines) + "\n")
        run(repo, "git", "add", ".pre-commit-config.yaml")

    def install(self, repo: Path) -> None:
        run(repo, self.program, "install", *(f"--hook-type={name}" for name in _HOOKS))

    def uninstall(self, repo: Path) -> None:
        run(repo, self.program, "uninstall", *(f"--hook-type={name}" for name in _HOOKS))


class Lefthook(Tool):
    """lefthook, with a command for each hook."""

    name = "lefthook"

    def prepare(self, repo: Path) -> None:
        text = "".join(
            f"{name}:\n  commands:\n    note:\n      run: echo {name} >>{self.record}\n"
            for name in _HOOKS
        )
        (repo / "lefthook.yml").write_text(text)

    def change(self, repo: Path) -> None:
        path = repo / "lefthook.yml"
        path.write_text(f"{path.read_text()}pre-rebase:\n  commands:\n    say:\n      run: echo\n")
        # It looks at the seconds alone.
        os.utime(path, (0, 0))


class Husky(Tool):
    """husky, with a file for each hook, to which our line is added where it has to be."""

    name = "husky"

    def prepare(self, repo: Path) -> None:
        (repo / ".husky").mkdir()
        for name in _HOOKS:
            (repo / ".husky" / name).write_text(f"echo {name} >>{self.record}\n")

    def install(self, repo: Path) -> None:
        run(repo, self.program)

    def uninstall(self, repo: Path) -> None:
        # As its documentation has it: the setting is removed.
        run(repo, "git", "config", "--unset", "core.hooksPath")


def check(tool: Tool, repo: Path, starts: Path, first: str, gone: str) -> Iterator[str]:
    """Play one order of installation, and yield what is not as it should be."""
    tool.prepare(repo)
    own = repo / ".git/hooks/commit-msg"
    own.parent.mkdir()
    own.write_text("#!/bin/sh\n# a person's\n")
    own.chmod(0o755)
    before = _hooks(repo)
    for step in (first, *({"ours", "tool"} - {first})):
        if step == "tool":
            tool.install(repo)
        else:
            _add(hookfiles.install(_opened(repo)))
    if first == "ours" and tool.name == "husky":
        _add(hookfiles.install(_opened(repo)))
    _settle(repo)
    yield from _ran(repo, tool, starts, "both installed", ours=True, theirs=True)
    tool.install(repo)
    _settle(repo)
    yield from _ran(repo, tool, starts, "the tool installed again", ours=True, theirs=True)
    tool.change(repo)
    run(repo, "git", "commit", "-q", "--allow-empty", "-m", "change")
    yield from _ran(repo, tool, starts, "its settings changed", ours=True, theirs=True)
    if gone == "ours":
        hookfiles.uninstall(_opened(repo))
        if tool.name != "husky" or hookfiles.status(_opened(repo)).place.configured:
            yield from _ran(repo, tool, starts, "ours gone", ours=False, theirs=True)
        tool.uninstall(repo)
    else:
        tool.uninstall(repo)
        if tool.name == "husky":
            hookfiles.install(_opened(repo))
        _settle(repo)
        yield from _ran(repo, tool, starts, "the tool gone", ours=True, theirs=False)
        hookfiles.uninstall(_opened(repo))
    if _hooks(repo) != before:
        yield f"left behind: {sorted(_hooks(repo) ^ before)}"


def _settle(repo: Path) -> None:
    """Let a hook of ours run that no tool here replaces, and puts back those that one has."""
    run(repo, "git", "checkout", "-q", "main")


def _add(hooks: hookfiles.Hooks) -> None:
    """Do what the installer says is to be done."""
    for each in hooks.states:
        if each.state == "to add" and each.name in _OURS and each.file and each.line:
            with each.file.open("a") as file:
                file.write(f"{each.line}\n")


def _ran(
    repo: Path, tool: Tool, starts: Path, when: str, *, ours: bool, theirs: bool
) -> Iterator[str]:
    """Commit and push, and yield what did not run as it should."""
    for path in (tool.record, starts):
        path.write_text("")
    # lefthook leaves commands away where no file has changed.
    (repo / when).touch()
    run(repo, "git", "add", when)
    run(repo, "git", "commit", "-q", "-m", _NAMED)
    run(repo, "git", "push", "-q", "origin", "main")
    expected = [*_HOOKS] if theirs else []
    if sorted(found := tool.record.read_text().split()) != expected:
        yield f"{when}: of {tool.name} ran {found}, not {expected}"
    if (found := starts.read_text().split()) != ([*_OURS] if ours else []):
        yield f"{when}: of ours ran {found}"


def run(path: Path, *command: str) -> str:
    """Run a command to its end, and raise with all that it said when it fails."""
    done = subprocess.run(
        command, cwd=path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def repository(folder: Path) -> Path:
    """Return a repository with a remote with which a ledger was shared."""
    repo = folder / "repo"
    run(folder, "git", "init", "-q", "--bare", "origin.git")
    run(folder, "git", "init", "-q", "--template=", str(repo))
    run(repo, "git", "commit", "-q", "--allow-empty", "-m", "first")
    run(repo, "git", "remote", "add", "origin", str(folder / "origin.git"))
    run(repo, "git", "update-ref", "refs/gitledger-remotes/origin/main", "HEAD")
    return repo


def stand_in(folder: Path) -> Path:
    """Put a program in the place of ours that writes down its starts, and return where to."""
    program = folder / "bin" / "git-ledger"
    program.parent.mkdir()
    restore = "import sys; sys.argv.pop(0); from gitledger.__main__ import main; main()"
    program.write_text(
        f"#!/bin/sh\n[ $2 != restore ] || exec '{sys.executable}' -c '{restore}' \"$0\" \"$@\"\n"
        f'echo "$2" >>"{folder}/starts"\n'
    )
    program.chmod(0o755)
    os.environ["PATH"] = f"{program.parent}:{os.environ['PATH']}"
    sys.argv[0] = str(program)
    return folder / "starts"


def _hooks(repo: Path) -> set[str]:
    folders = (repo / ".git/hooks", repo / ".git/hooks.gitledger-kept", repo / ".git/gitledger")
    return {str(path) for folder in folders for path in folder.rglob("*") if path.is_file()}


def _opened(repo: Path) -> Repository:
    return Repository.open(repo, os.environ)


def framework(program: str, folder: Path) -> Iterator[str]:
    """Let pre-commit install ours from the manifest and run it, with a real ledger."""
    source, repo = folder / "source", folder / "repo"
    root = Path(shims.__file__).parent.parent.parent
    shutil.copytree(
        root, source, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache")
    )
    run(source, "git", "init", "-q")
    run(source, "git", "add", ".")
    run(source, "git", "commit", "-q", "-m", "all")
    commit = run(source, "git", "rev-parse", "HEAD").strip()
    run(folder, "git", "init", "-q", str(repo))
    names = [name for name in shims.HOOKS if name != "post-applypatch"]
    ids = "".join(f"  - id: gitledger-{name}\n" for name in names)
    (repo / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {source}\n  rev: {commit}\n  hooks:\n{ids}"
    )
    run(repo, "git", "add", ".")
    run(repo, program, "install", *(f"--hook-type={name}" for name in names))
    ledger = [sys.executable, "-m", "gitledger"]
    run(repo, *ledger, "init")
    run(repo, *ledger, "add", "Schema")
    task = run(repo, *ledger, "list", "--json").partition('"id": "')[2][:10]
    said = run(repo, "git", "commit", "-m", f"Work\n\nCompletes: {task}")
    if '"completed"' not in run(repo, *ledger, "show", task, "--json"):
        yield f"the task was not completed: {said}"
    run(repo, "git", "checkout", "-q", "-b", "other")
    run(repo, "git", "commit", "-q", "--allow-empty", "-m", "Other")
    run(repo, "git", "checkout", "-q", "-")
    run(repo, "git", "merge", "-q", "--no-ff", "-m", "Join", "other")
    run(repo, "git", "commit", "-q", "--amend", "-m", "Joined")
    run(repo, "git", "checkout", "-q", "-b", "rebased", "HEAD~1")
    run(repo, "git", "commit", "-q", "--allow-empty", "-m", f"More [{task}]")
    run(repo, "git", "rebase", "-q", "-")
    rebased = run(repo, "git", "rev-parse", "HEAD").strip()
    if rebased not in run(repo, *ledger, "show", task, "--json"):
        yield "the link did not move with the rebase"
    if "\nhooks" in run(repo, "git", "status", "--porcelain"):
        yield "the working tree was changed"


def main() -> int:
    """Check what is asked for, print what was found, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    tools: tuple[type[Tool], ...] = (PreCommit, Lefthook, Husky)
    for kind in tools:
        parser.add_argument(f"--{kind.name}", metavar="PATH", default=shutil.which(kind.name))
    parser.add_argument("--framework", action="store_true")
    asked = vars(parser.parse_args())
    wrong = 0
    with TemporaryDirectory() as name:
        top = Path(name)
        os.environ |= sealed(top) | {"PRE_COMMIT_HOME": str(top / "pre-commit")}
        print(run(top, "git", "version").strip())
        cases = [
            (kind, asked[kind.name.replace("-", "_")], first, gone)
            for kind in tools
            for first in ("ours", "tool")
            for gone in ("ours", "tool")
        ]
        if asked["framework"] and asked["pre_commit"]:
            wrong += _tell("pre-commit's framework", framework(_absolute(asked["pre_commit"]), top))
        starts = stand_in(top)
        for number, (kind, program, first, gone) in enumerate(cases):
            label = f"{kind.name}, first {first}, then {gone} gone"
            if program is None:
                print(
                    f"not tried  {label}: {kind.name} is not in PATH, name it: --{kind.name} PATH"
                )
                continue
            folder = top / str(number)
            folder.mkdir()
            tool = kind(_absolute(program), folder / "ran")
            wrong += _tell(label, check(tool, repository(folder), starts, first, gone))
    return 1 if wrong else 0


def _absolute(program: str) -> str:
    return str(Path(program).absolute())


def _tell(label: str, found: Iterator[str]) -> int:
    problems = []
    try:
        problems += found
    except AssertionError as error:
        problems.append(str(error))
    print(f"{'WRONG' if problems else 'ok':10} {label}", *problems, sep="\n           ")
    return len(problems)


if __name__ == "__main__":
    sys.exit(main())
