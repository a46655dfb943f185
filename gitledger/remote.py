"""One list on one remote: fetch and push of its ref with the git program."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from time import sleep
from typing import Final, TypeAlias

from gitledger import lists
from gitledger.core.text import escape
from gitledger.errors import InvalidInput, RemoteFailed
from gitledger.git import Git, Result

Progress: TypeAlias = Callable[[str, int, int], object]
"""Is told what is being done (`fetch`, `replay`, `push`), how much of it is done, and of how much;
0 of 0 where that is not known."""


def untold(deed: str, done: int, total: int) -> None:
    """Tell nobody."""


_KEPT: Final = "your work is kept here; try again: git ledger sync"
_FETCHES: Final = 8
"""Fetches that are tried while other processes of this repository move the tracking ref."""
_PAUSE: Final = 0.02
"""Seconds before the second of them; it doubles."""


class Fetched(Enum):
    """What came of a fetch."""

    DONE = "done"
    ABSENT = "absent"
    """The remote does not have the list; the tracking ref is left alone."""
    REPLACED = "replaced"
    """What it has does not contain what our tracking ref names; that is left alone, too."""


class Behind(RemoteFailed):
    """The push was refused because the remote has moved on: fetch first."""


@dataclass(frozen=True, slots=True)
class Remote:
    """One list on one remote.

    Attributes:
        name: the remote's name.
        list: the list's name.
        git: the git program on our repository.
        namespace: where the list's ref stands on the remote.
        timeout: seconds after which a fetch or push is given up; None waits.
        progress: is told how far a fetch or push is.
    """

    name: str
    list: str
    git: Git
    namespace: str = lists.REFS.rstrip("/")
    timeout: float | None = None
    progress: Progress = untold

    @classmethod
    def configured(
        cls,
        name: str,
        list_: str,
        git: Git,
        *,
        timeout: float | None = None,
        progress: Progress = untold,
    ) -> Remote:
        """Return a list on a remote, in the namespace of `gitledger.<remote>.namespace`.

        Raises:
            InvalidInput: that namespace is none.
        """
        key = f"gitledger.{name}.namespace"
        namespace = git.configuration().get(key) or lists.REFS
        if not namespace.startswith("refs/"):
            raise InvalidInput(
                f"'{namespace}' is no namespace of refs",
                hint=f"as in: git config {key} refs/heads/gitledger",
            )
        return cls(name, list_, git, namespace.rstrip("/"), timeout, progress)

    @property
    def ref(self) -> str:
        """The list's ref on the remote."""
        return f"{self.namespace}/{self.list}"

    @property
    def tracking(self) -> str:
        """Our ref that keeps what the remote had when it was last fetched or pushed."""
        return lists.tracking_ref(self.name, self.list)

    def fetch(self) -> Fetched:
        """Bring the remote's ref into our tracking ref, if it contains what that one names.

        Raises:
            RemoteFailed: the remote cannot be reached, or refuses.
        """
        for turn in range(_FETCHES):
            result = self._fetch()
            if result.code == 0:
                return Fetched.DONE
            if "couldn't find remote ref" in result.stderr:
                return Fetched.ABSENT
            if _REJECTED.search(result.stderr):
                return Fetched.REPLACED
            if "cannot lock ref" not in result.stderr:
                break
            sleep(_PAUSE * 2**turn)
        raise self._failed(result.stderr)

    def advertised(self) -> str | None:
        """Return the commit that the remote's ref names, without fetching it; None: no such ref.

        Raises:
            RemoteFailed: the remote cannot be reached, or refuses.
        """
        result = self._run("ls-remote", "--", self.name, self.ref)
        if result.code != 0:
            raise self._failed(result.stderr)
        lines = (line.split("\t") for line in result.stdout.decode(errors="replace").splitlines())
        # ls-remote takes the end of a ref's name for the name, too.
        return next((oid for oid, name in lines if name == self.ref), None)

    def push(self, commit: str) -> None:
        """Move the remote's ref to the commit, without force.

        Raises:
            Behind: the remote has commits that ours does not contain, or is just getting some.
            RemoteFailed: the remote cannot be reached, or refuses.
        """
        # Options: nothing but this ref, whatever the user's pushes are set to do besides.
        result = self._run(
            "push",
            *self._verbosity(),
            "--porcelain",
            "--no-verify",
            "--no-signed",
            "--no-follow-tags",
            "--recurse-submodules=no",
            "--",
            self.name,
            f"{commit}:{self.ref}",
        )
        if result.code == 0:
            return
        status = _STATUS.search(result.stdout.decode(errors="replace"))
        if status is None:
            raise self._failed(result.stderr)
        raise self._refused(status[1], result.stderr)

    def _fetch(self) -> Result:
        # Options: nothing of the user's refspecs, tags, FETCH_HEAD, submodules or partial-clone
        # filters may be touched by a fetch of the ledger.
        return self._run(
            "fetch",
            *self._verbosity(),
            "--refmap=",
            "--no-tags",
            "--no-prune",
            "--no-prune-tags",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            "--no-recurse-submodules",
            "--no-filter",
            "--",
            self.name,
            f"{self.ref}:{self.tracking}",
        )

    def _run(self, *args: str) -> Result:
        # A mirror refuses to push one ref; git 2.48 and later would set `<remote>/HEAD`.
        settings = ("mirror=false", "followRemoteHEAD=never") if "=" not in self.name else ()
        options = [word for setting in settings for word in ("-c", f"remote.{self.name}.{setting}")]
        return self.git.run(
            *options, *args, timeout=self.timeout, check=False, watch=self._watch(args[0])
        )

    def _verbosity(self) -> tuple[str, ...]:
        return () if self.progress is untold else ("--progress",)

    def _watch(self, command: str) -> Callable[[str], None] | None:
        """Return what hands on how far git is: its last line of progress, `name: 45% (9/20)`."""
        if self.progress is untold:
            return None

        def watch(said: str) -> None:
            told = _PROGRESS.findall(said)
            done, total = map(int, told[-1]) if told else (0, 0)
            self.progress(command, done, total)

        return watch

    def _refused(self, reason: str, stderr: str) -> RemoteFailed:
        kind = Behind if reason.startswith(_BEHIND) else RemoteFailed
        said = _REASONS.get(reason) or f"it refuses the push: {escape(reason)}"
        return kind(
            f"remote '{self.name}': {said}",
            remote=self.name,
            detail=_detail(stderr) or escape(reason),
            hint=_KEPT,
        )

    def _failed(self, stderr: str) -> RemoteFailed:
        reason = next((say for mark, say in _FAILURES.items() if mark in stderr), None)
        lines = [line for line in stderr.splitlines() if line.strip()]
        blamed = (line for line in lines if line.startswith(("fatal:", "error:", "remote:")))
        said = escape(next(blamed, "").partition(": ")[2])[:200]
        return RemoteFailed(
            f"remote '{self.name}': {reason or said or 'git failed'}",
            remote=self.name,
            detail=_detail(stderr),
            hint=_KEPT,
        )


_REJECTED: Final = re.compile(r"^ ! \[rejected\]", re.MULTILINE)
"""How `git fetch` reports that a ref would not be fast-forwarded; the objects are there then."""

_PROGRESS: Final = re.compile(r"\d+% \((\d+)/(\d+)\)")

_STATUS: Final = re.compile(r"^!\t[^\t]*\t\[[\w ]+\] \((.*)\)$", re.MULTILINE)
"""How `git push --porcelain` reports that the remote did not take a ref, with its reason."""

_BEHIND: Final = (
    "fetch first",
    "non-fast-forward",
    "stale info",
    # What a server says to the slower of two pushes at the same time; wording by git's version.
    "failed to update ref",
    "cannot lock ref",
    "incorrect old value",
    "reference already exists",
)

_REASONS: Final[Mapping[str, str]] = {
    "pre-receive hook declined": "a hook on the server declined the push",
    "hook declined": "a hook on the server declined the push",
    "protected branch hook declined": "the server protects the ref",
    "deny updating a hidden ref": "the server does not accept refs of the ledger's name space",
    "failed to update ref": "the server could not update the ref",
    "unpacker error": "the server could not store what was pushed",
}
"""What a server's reason for refusing a push means."""

_FAILURES: Final[Mapping[str, str]] = {
    "Could not resolve host": "its host cannot be found",
    "Connection refused": "its host refuses the connection",
    "Couldn't connect to server": "its host refuses the connection",
    "Connection timed out": "its host does not answer",
    "timed out": "it did not answer in time",
    "Authentication failed": "it does not accept the credentials",
    "could not read Username": "it asks for credentials",
    "Permission denied": "permission denied",
    "does not appear to be a git repository": "there is no git repository at its address",
    "Repository not found": "there is no git repository at its address",
    "not found": "there is no git repository at its address",
    "Host key verification failed": "its host key is not the one that is known",
    "certificate": "its certificate is not trusted",
    "returned error: 401": "it does not accept the credentials",
    "returned error: 403": "permission denied",
    "dubious ownership": "its repository belongs to another user, whom git does not trust",
    "early EOF": "the connection broke off",
    "hung up": "the connection broke off",
    "Connection reset": "the connection broke off",
    "unexpected disconnect": "the connection broke off",
    "Broken pipe": "the connection broke off",
    "is not a git command": "git does not know how to reach its address",
}
"""What git's messages mean when it did not get as far as the ref; the first that fits counts."""


def _detail(stderr: str) -> str:
    return "\n".join(escape(line) for line in stderr.splitlines() if line.strip())
