"""What git says when a fetch or a push fails, and what that means."""

from __future__ import annotations

import re

from gitledger.core.dataclass import dataclass
from gitledger.core.text import escape
from gitledger.errors import RemoteFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

_OTHER_FORMAT: Final = "its repository has another object format than this one"
_KEPT: Final = "your work is kept here; try again: git ledger sync"
_LOOK: Final = "your work is kept here; to see what git says: git ledger sync -v"
_ELSEWHERE: Final = (
    "your work is kept here; share it through a remote with the format of"
    " 'git rev-parse --show-object-format': git config gitledger.remote NAME"
)


class Behind(RemoteFailed):
    """The push was refused because the remote has moved on: fetch first."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What git said of a fetch or a push.

    Attributes:
        remote: the remote's name.
        namespace: where the lists' refs stand there.
        stderr: what git wrote to standard error.
        stdout: and to standard output; a push with `--porcelain` tells there of each ref.
    """

    remote: str
    namespace: str
    stderr: str
    stdout: str = ""

    @property
    def shallow(self) -> bool:
        """Tell whether a fetch passed over the ref, for the remote lacks some of its history."""
        return _SHALLOW in self.stderr

    @property
    def absent(self) -> bool:
        """Tell whether the remote does not have the ref."""
        return "couldn't find remote ref" in self.stderr

    @property
    def replaced(self) -> bool:
        """Tell whether a fetch would not move our ref, for its commit is not contained there."""
        return bool(_REJECTED.search(self.stderr))

    @property
    def contended(self) -> bool:
        """Tell whether another process of this repository was just moving our ref."""
        return "cannot lock ref" in self.stderr and not _OBSTRUCTED.search(self.stderr)

    def error(self) -> RemoteFailed:
        """Return the error that git's words amount to; `Behind` where a fetch is the way on."""
        status = _STATUS.search(self.stdout)
        return self._failed() if status is None else self._refused(status[1])

    def silence(self, seconds: float) -> RemoteFailed:
        """Return the error for a git that was ended because nothing had moved for so long."""
        return RemoteFailed(
            f"remote '{self.remote}': it gave no sign of life for {seconds:g} s",
            remote=self.remote,
            detail=_detail(self.stderr),
            hint="your work is kept here, and a push that arrives all the same does no harm;"
            " to wait longer: git ledger sync --timeout 30m",
        )

    def _refused(self, reason: str) -> RemoteFailed:
        kind: type[RemoteFailed] = RemoteFailed
        obstructed = _OBSTRUCTED.search(self.stderr)
        if reason.startswith(_BEHIND) and not obstructed:
            kind = Behind
        why = _UNPACKING if reason == "unpacker error" else {}
        said = next((say for mark, say in why.items() if mark in self.stderr), _REASONS.get(reason))
        return kind(
            self._message(said or f"it refuses the push: {escape(reason)}"),
            remote=self.remote,
            detail=_detail(self.stderr) or escape(reason),
            hint=self._hint(said),
        )

    def _failed(self) -> RemoteFailed:
        reason = next((say for mark, say in _FAILURES.items() if mark in self.stderr), None)
        lines = _untold(self.stderr)
        blamed = (line for line in lines if line.startswith(("fatal:", "error:", "remote:")))
        said = escape(next(blamed, "").partition(": ")[2])[:200]
        return RemoteFailed(
            self._message(reason or said or "git failed"),
            remote=self.remote,
            detail=_detail(self.stderr),
            hint=self._hint(reason),
        )

    def _message(self, said: str) -> str:
        if obstructed := _OBSTRUCTED.search(self.stderr):
            where = "here" if obstructed[1] is None else "there"
            said = f"the ref {escape(obstructed[2])} stands in the way {where}"
        elif _LOCKED.search(self.stderr):
            said = said if "remote: " in self.stderr else "its tracking ref is locked here"
        return f"remote '{self.remote}': {said}"

    def _hint(self, said: str | None) -> str:
        if (obstructed := _OBSTRUCTED.search(self.stderr)) and obstructed[1] is not None:
            key = f"gitledger.{self.remote}.namespace"
            return f"keep the lists elsewhere there: git config {key} {self.namespace}-lists"
        if obstructed:
            return f"remove it, if it is not needed: git update-ref -d {escape(obstructed[2])}"
        if locked := _LOCKED.search(self.stderr):
            path = escape(locked[2])
            there = "" if locked[1] is None else " on the server"
            return f"{_KEPT}; if no git is at work{there}, a killed one left a file: rm '{path}'"
        if said in _UNWELCOME and not self.namespace.startswith("refs/heads/"):
            key = f"gitledger.{self.remote}.namespace"
            return f"does it take branches alone? git config {key} refs/heads/gitledger"
        if said == _OTHER_FORMAT:
            return _ELSEWHERE
        return _LOOK if said in _TELLING else _KEPT


_REJECTED: Final = re.compile(r"^ ! \[rejected\].*\(non-fast-forward\)", re.MULTILINE)
"""How `git fetch` reports that a ref would not be fast-forwarded; the objects are there then."""

_SHALLOW: Final = "because shallow roots are not allowed to be updated"

_OBSTRUCTED: Final = re.compile(
    r"^(remote: )?error: cannot lock ref '[^']*': '([^']*)' exists; cannot create", re.MULTILINE
)
"""How git reports that one ref's name is a folder of another's, there (`remote:`) or here."""

_LOCKED: Final = re.compile(
    r"^(remote: )?error: cannot lock ref .*: Unable to create '(.*\.lock)': File exists",
    re.MULTILINE,
)
"""How git reports that another process has locked a ref, or one that was killed."""

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
    # These two are told only where fetching again and again has not helped.
    "fetch first": "where it is pushed to, there is more than where it is fetched from",
    "non-fast-forward": "where it is pushed to, there is other than where it is fetched from",
    "branch is currently checked out": "the ref is a branch that is checked out there",
    "pre-receive hook declined": "a hook on the server declined the push",
    "hook declined": "a hook on the server declined the push",
    "protected branch hook declined": "the server protects the ref",
    "deny updating a hidden ref": "the server does not accept refs of the ledger's name space",
    "failed to update ref": "the server could not update the ref",
    "cannot lock ref": "the server could not update the ref",
    "unpacker error": "the server could not store what was pushed",
}
"""What a server's reason for refusing a push means."""

_UNWELCOME: Final = (
    "the server protects the ref",
    "the server does not accept refs of the ledger's name space",
)
"""Refusals of servers that may take the ledger in another namespace."""

_TELLING: Final = (
    None,  # a refusal, or a failure, in words of its own
    "a hook on the server declined the push",
    *_UNWELCOME,
    "it does not accept the credentials",
    "permission denied",
)
"""Refusals that another try does not change, and of which git tells more."""

_UNPACKING: Final[Mapping[str, str]] = {
    "exceeds maximum allowed size": "the server does not accept as much at once",
    "No space left on device": "there is no space left on the server",
    "early EOF": "the connection broke off",
    "insufficient permission": "permission denied",
    "Permission denied": "permission denied",
    "unable to create temporary object directory": "permission denied",
}
"""What the server said when it could not store what was pushed; the first that fits counts."""

_FAILURES: Final[Mapping[str, str]] = {
    "timed out after": "it did not answer in time",
    "Could not resolve host": "its host cannot be found",
    "Connection refused": "its host refuses the connection",
    "Couldn't connect to server": "its host refuses the connection",
    "Connection timed out": "its host does not answer",
    "timed out": "it did not answer in time",
    "Authentication failed": "it does not accept the credentials",
    "could not read Username": "it asks for credentials",
    "could not read Password": "it asks for credentials",
    "Host key verification failed": "its host key is not the one that is known",
    "dubious ownership": "its repository belongs to another user, whom git does not trust",
    _SHALLOW: "it is a shallow clone, which lacks the history of the ledger",
    "No space left on device": "there is no space left",
    "unable to write loose object": "what it sends cannot be written here",
    "possible repository corruption on the remote": "its repository is damaged",
    "is corrupt": "its repository is damaged",
    "unable to update local ref": "its tracking ref cannot be written here",
    "Permission denied": "permission denied",
    "unable to create temporary": "permission denied",
    "insufficient permission": "permission denied",
    "mismatched algorithms": _OTHER_FORMAT,
    "Server does not support this repository's object format": _OTHER_FORMAT,
    "does not support this repository's hash algorithm": _OTHER_FORMAT,
    # What git says of an empty repository with SHA-1, asked from one with SHA-256.
    "unexpected capabilities^{}": _OTHER_FORMAT,
    "does not appear to be a git repository": "there is no git repository at its address",
    "Repository not found": "there is no git repository at its address",
    "returned error: 401": "it does not accept the credentials",
    "returned error: 403": "permission denied",
    "not found": "there is no git repository at its address",
    "certificate": "its certificate is not trusted",
    "is not a git command": "git does not know how to reach its address",
    "transport": "git may not use this kind of address",
    "invalid refspec": "its namespace is none",
    "early EOF": "the connection broke off",
    "hung up": "the connection broke off",
    "Connection reset": "the connection broke off",
    "unexpected disconnect": "the connection broke off",
    "Broken pipe": "the connection broke off",
    "protocol error": "the connection broke off",
    "expected flush": "the connection broke off",
    "invalid index-pack output": "the connection broke off",
    "bad pack header": "the connection broke off",
    "Could not read from remote repository": "the connection broke off",
}
"""What git's messages mean when it did not get as far as the ref; the first that fits counts."""

_TOLD: Final = re.compile(
    r"\d+% \(\d+/\d+\)|^(?:remote: )?(?:Enumerating objects|Delta compression|Total \d)"
)
"""Lines of git's progress."""


def _untold(stderr: str) -> list[str]:
    """Return what git said besides its progress."""
    lines = (line.rstrip() for line in stderr.splitlines())
    return [line for line in lines if line and not _TOLD.search(line)]


def _detail(stderr: str) -> str:
    return "\n".join(map(escape, _untold(stderr)))
