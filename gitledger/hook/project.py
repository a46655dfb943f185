"""The project's own commits and branches, as the hooks need them."""

from __future__ import annotations

import os
from functools import cached_property

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from gitledger.repository import Repository

_HEADS: Final = "refs/heads/"
_USUAL: Final = ("main", "master")
_AMENDED: Final = "commit (amend)"
_LONGEST: Final = 4096
"""Bytes at the end of a reflog that hold its last line."""


class Commit:
    """A commit of the project.

    Args:
        id: its full id.
        parents: those of its parents.
        time: when it was committed, in seconds since the epoch.
        message: all of it.
    """

    __slots__ = ("id", "message", "parents", "time")

    def __init__(self, id: str, parents: tuple[str, ...], time: int, message: str) -> None:  # noqa: A002  # git's word
        self.id = id
        self.parents = parents
        self.time = time
        self.message = message


class Project:
    """The repository that somebody commits to.

    Args:
        repository: where we stand.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def read(self, names: Iterable[str]) -> list[Commit]:
        """Return commits by their names, in this order; without those that are not there."""
        asked = "".join(f"{name}\n" for name in names)
        if not asked:
            return []
        # Plumbing, which no setting of the user's (log.showSignature) adds lines to.
        printed = self._repository.git.run("cat-file", "--batch", input=asked.encode()).stdout
        found, place = [], 0
        while place < len(printed):
            end = printed.index(b"\n", place)
            head = printed[place:end].split()
            place = end + 1
            if len(head) == 3 and head[2].isdigit():
                content = printed[place : place + int(head[2])]
                place += len(content) + 1
                if head[1] == b"commit":
                    found.append(_commit(head[0].decode(), content))
        return found

    def head(self) -> Commit | None:
        """Return the commit that is checked out, None where there is none yet."""
        return next(iter(self.read(["HEAD"])), None)

    def listed(self, *args: str) -> list[str] | None:
        """Return the ids of the commits that `git rev-list ARGS` lists; None where it fails."""
        found = self._repository.git.run("rev-list", *args, "--", check=False)
        return found.stdout.decode().split() if found.code == 0 else None

    # -- branches ------------------------------------------------------------------------------

    @cached_property
    def branch(self) -> str | None:
        """The branch that is checked out, None where HEAD is detached."""
        # The file itself: one git less to start. A ref of another kind is no branch's.
        try:
            with open(self._file("HEAD"), encoding="utf-8", errors="replace") as file:
                said = file.readline()
        except OSError:
            return None
        name = said.removeprefix(f"ref: {_HEADS}").strip()
        if not said.startswith(f"ref: {_HEADS}"):
            return None
        if name != ".invalid":
            return name
        # A reftable repository keeps HEAD elsewhere.
        asked = ("symbolic-ref", "--quiet", "--short", "HEAD")
        found = self._repository.git.run(*asked, check=False)
        return found.stdout.decode(errors="replace").strip() or None

    @cached_property
    def default_branch(self) -> str | None:
        """The branch to which work goes in the end, None where that cannot be told.

        `gitledger.defaultBranch`; else what the remote's HEAD names; else `init.defaultBranch`,
        `main` or `master`, whichever there is, here or, in CI, say, at the remote alone.
        """
        configuration = self._repository.configuration
        if name := configuration.get("gitledger.defaultBranch"):
            return name.removeprefix(_HEADS)
        usual = [configuration.get("init.defaultBranch"), *_USUAL]
        refs = {
            f"{where}{name}": name for where in (_HEADS, self._remote) for name in usual if name
        }
        there = self._refs(f"{self._remote}HEAD", *refs)
        if target := there.get(f"{self._remote}HEAD"):
            return target.removeprefix(self._remote)
        return next((name for ref, name in refs.items() if ref in there), None)

    @property
    def on_default(self) -> bool:
        """Whether the default branch is checked out."""
        return self.branch is not None and self.branch == self.default_branch

    def default_refs(self) -> list[str]:
        """Return the refs of the default branch: ours, and the remote's as last fetched."""
        name = self.default_branch
        return list(self._refs(f"{_HEADS}{name}", f"{self._remote}{name}")) if name else []

    @cached_property
    def _remote(self) -> str:
        name = self._repository.configuration.get("gitledger.remote") or "origin"
        return f"refs/remotes/{name}/"

    def _refs(self, *names: str) -> dict[str, str]:
        """Return those of the refs that there are, with what symbolic ones stand for."""
        asked = ("for-each-ref", "--format=%(refname) %(symref)", *names)
        lines = self._repository.git.run(*asked).stdout.decode(errors="replace").splitlines()
        found = dict(line.partition(" ")[::2] for line in lines)
        return {name: found[name] for name in names if name in found}  # a folder's are no answer

    # -- what git is doing ---------------------------------------------------------------------

    @property
    def rebasing(self) -> bool:
        """Whether a rebase goes on: what becomes of its commits, `post-rewrite` is told at last."""
        return any(map(os.path.exists, map(self._file, ("rebase-merge", "rebase-apply/rebasing"))))

    @property
    def replaying(self) -> bool:
        """Whether git makes commits anew or joins them, rather than people making new ones."""
        signs = ("rebase-merge", "rebase-apply", "sequencer", "CHERRY_PICK_HEAD", "REVERT_HEAD",
                 "MERGE_HEAD")  # fmt: skip
        return any(map(os.path.exists, map(self._file, signs)))

    def onto(self) -> str | None:
        """Return the commit onto which a rebase goes, None where none goes on or it is unknown."""
        try:
            with open(self._file("rebase-merge/onto"), encoding="ascii") as file:
                return file.read().strip() or None
        except (OSError, UnicodeDecodeError):
            return None

    def rewritten(self, command: str) -> str:
        """Return what git tells post-rewrite on its standard input, for whoever does not hear it.

        A rebase keeps it in a file until the hook has run; of `--amend` the reflog tells.

        Args:
            command: `amend` or `rebase`.
        """
        if command == "amend":
            head = self.head()
            old = self.amended(head.id) if head else None
            return f"{old} {head.id}\n" if head and old else ""
        for name in ("rebase-merge/rewritten-list", "rebase-apply/rewritten"):
            try:
                with open(self._file(name), encoding="ascii") as file:
                    return file.read()
            except (OSError, UnicodeDecodeError):
                continue
        return ""

    def amended(self, commit: str) -> str | None:
        """Return the commit in whose place `--amend` has just put this one, or None."""
        try:
            with open(self._file("logs/HEAD"), "rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - _LONGEST))
                last = file.read().splitlines()[-1].decode(errors="replace")
        except (OSError, IndexError):
            return None
        ids, _, said = last.partition("\t")
        old, _, rest = ids.partition(" ")
        return old if rest.startswith(commit) and said.startswith(_AMENDED) else None

    def _file(self, name: str) -> str:
        return os.path.join(self._repository.location.git_dir_name, name)


def _commit(oid: str, content: bytes) -> Commit:
    head, _, message = content.partition(b"\n\n")
    parents, time, encoding = [], 0, "utf-8"
    for line in head.decode(errors="replace").splitlines():
        key, _, value = line.partition(" ")
        if key == "parent":
            parents.append(value)
        elif key == "committer":
            figure = value.split(" ")[-2] if value.count(" ") > 1 else ""
            time = int(figure) if figure.isdecimal() else 0
        elif key == "encoding":
            encoding = value
    try:
        text = message.decode(encoding, errors="replace")
    except LookupError:  # any word may stand there
        text = message.decode(errors="replace")
    return Commit(oid, tuple(parents), time, text)
