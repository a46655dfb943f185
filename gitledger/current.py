"""What the session of a worktree has begun: a small file in the worktree's own git directory.

The shims of the hooks read it in plain shell: where it is missing there is no task to name in a
commit, and no program is started. It is a hint: whoever uses it looks the task up.

    ENV <what the environment says of session, list and repository>
    <session> <ref>:<path of the task's file> <its blob> <task> <+ or -: it names a branch or not>
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Final

_FILE: Final = os.path.join("gitledger", "current")
_VARIABLES: Final = (
    "GITLEDGER_SESSION",
    "GITLEDGER_LIST",
    "GITLEDGER_REPO",
    "CLAUDE_CODE_SESSION_ID",
)
"""What decides, besides the worktree, whose tasks are meant."""
_UNKNOWN: Final = "?"
_FIELDS: Final = 5


class Entry:
    """A task that a session has begun.

    Args:
        session: who works on it.
        place: where git finds its file, as `refs/gitledger/main:tasks/7/f/7f3k2m9q0d.toml`.
        blob: the file's object when this was written; `-` where it is in another repository.
        task: its id.
        branch: whether it names one.
    """

    __slots__ = ("blob", "branch", "place", "session", "task")

    def __init__(self, session: str, place: str, blob: str, task: str, *, branch: bool) -> None:
        self.session = session
        self.place = place
        self.blob = blob
        self.task = task
        self.branch = branch

    def line(self) -> str:
        """Return it as a line of the file."""
        sign = "+" if self.branch else "-"
        return f"{self.session} {self.place} {self.blob} {self.task} {sign}\n"


def environment(environ: Mapping[str, str]) -> str:
    """Return what the environment says of session, list and repository, as one line."""
    said = "|".join(environ.get(name, "") for name in _VARIABLES)
    return said if said.isprintable() else _UNKNOWN


def read(git_dir: str | Path, environ: Mapping[str, str]) -> list[Entry] | None:
    """Return what was begun in a worktree; None where the file is not there or of no use here.

    Args:
        git_dir: the worktree's own git directory.
        environ: for whom; another session in the same worktree may have written it.
    """
    try:
        with open(os.path.join(git_dir, _FILE), encoding="utf-8") as file:
            first, *lines = file.read().splitlines()
    except (OSError, ValueError):
        return None
    fields = [line.split(" ") for line in lines]
    whole = all(len(each) == _FIELDS and each[0] != _UNKNOWN for each in fields)
    if not whole or first != f"ENV {environment(environ)}":
        return None
    return [
        Entry(session, place, blob, task, branch=sign == "+")
        for session, place, blob, task, sign in fields
    ]


def exists(git_dir: str | Path) -> bool:
    """Tell whether the file is there, whatever it says."""
    return os.path.exists(os.path.join(git_dir, _FILE))


def write(git_dir: str | Path, environ: Mapping[str, str], entries: Iterable[Entry]) -> None:
    """Write down what was begun in a worktree; where that cannot be, do without.

    Args: as `read`.
    """
    lines = [entry.line() for entry in entries]
    if lines:
        _put(git_dir, [f"ENV {environment(environ)}\n", *lines])
    else:
        try:
            os.unlink(os.path.join(git_dir, _FILE))
        except OSError:
            pass


def forget(git_dir: str | Path) -> None:
    """Write down that it has to be looked up what was begun in a worktree."""
    _put(git_dir, [f"ENV {_UNKNOWN}\n", f"{_UNKNOWN} - - - -\n"])


def _put(git_dir: str | Path, lines: list[str]) -> None:
    from gitledger.store.shared import make_folder, share

    path = os.path.join(git_dir, _FILE)
    new = f"{path}.{os.getpid()}"
    try:
        make_folder(os.path.dirname(path))
        with open(new, "w", encoding="utf-8") as file:
            file.writelines(lines)
        share(new)
        os.replace(new, path)
    except (OSError, UnicodeEncodeError):
        try:
            os.unlink(new)
        except OSError:
            pass  # it was not even made
