"""The remote: which one it is, and fetch and push of one list's ref with the git program."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from time import sleep
from typing import Final

from gitledger import lists
from gitledger.core.text import escape
from gitledger.errors import InvalidInput, NotFound, RemoteFailed, did_you_mean
from gitledger.git import Configuration, Git, Result

_REMOTE_KEY: Final = re.compile(r"remote\.(.+)\.(?:url|pushurl)")
_KEPT: Final = "your work is kept here; try again: git ledger sync"
_FETCHES: Final = 8
"""Fetches that are tried while other processes of this repository move the tracking ref."""
_PAUSE: Final = 0.02
"""Seconds before the second of them; it doubles."""


class Behind(RemoteFailed):
    """The push was refused because the remote has moved on: fetch first."""


# -- which one ---------------------------------------------------------------------------------


def names(configuration: Configuration) -> tuple[str, ...]:
    """Return the names of the configured remotes, sorted."""
    found = (_REMOTE_KEY.fullmatch(key) for key in configuration)
    return tuple(sorted({match[1] for match in found if match}))


def choose(asked: str | None, configuration: Configuration) -> str | None:
    """Return the remote to share a ledger with: asked, `gitledger.remote`, `origin`, the only one.

    Returns:
        Its name; None where there is no remote, or none of several is the obvious one.

    Raises:
        NotFound: the remote that was named does not exist.
        InvalidInput: its name begins with `-` and would be read as an option.
    """
    known = names(configuration)
    name = asked or configuration.get("gitledger.remote")
    if name is None:
        return "origin" if "origin" in known else known[0] if len(known) == 1 else None
    if name.startswith("-"):
        raise InvalidInput(f"'{name}' is no name of a remote")
    if name not in known:
        raise NotFound(f"no remote '{name}'", hint=did_you_mean(name, known) or _add(name))
    return name


def require(asked: str | None, configuration: Configuration) -> str:
    """Return the remote to share a ledger with, as `choose` does.

    Raises:
        NotFound: there is none, or none of several is the obvious one; or as `choose`.
        InvalidInput: as `choose`.
    """
    name = choose(asked, configuration)
    if name is None:
        known = names(configuration)
        if known:
            raise NotFound(
                f"which remote: {', '.join(known)}?",
                hint=f"say it once and for all: git config gitledger.remote {known[0]}",
            )
        raise NotFound("no remote to share the ledger with", hint=_add("origin"))
    return name


def _add(name: str) -> str:
    if re.fullmatch(r"[\w.-]+", name):
        return f"add it: git remote add {name} URL"
    return "a remote is named, not addressed: git remote add NAME URL"


# -- fetch and push ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Remote:
    """One list on one remote.

    Attributes:
        name: the remote's name.
        list: the list's name.
        git: the git program on our repository.
        namespace: where the list's ref stands on the remote.
        timeout: seconds after which a fetch or push is given up; None waits.
    """

    name: str
    list: str
    git: Git
    namespace: str = lists.REFS.rstrip("/")
    timeout: float | None = None

    @classmethod
    def configured(cls, name: str, list_: str, git: Git, *, timeout: float | None = None) -> Remote:
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
        return cls(name, list_, git, namespace.rstrip("/"), timeout)

    @property
    def ref(self) -> str:
        """The list's ref on the remote."""
        return f"{self.namespace}/{self.list}"

    @property
    def tracking(self) -> str:
        """Our ref that keeps what the remote had when it was last fetched or pushed."""
        return lists.tracking_ref(self.name, self.list)

    def fetch(self) -> bool:
        """Bring the remote's ref into our tracking ref.

        Returns:
            False when the remote has no such ref; the tracking ref is then left alone.

        Raises:
            RemoteFailed: the remote cannot be reached, or refuses.
        """
        for turn in range(_FETCHES):
            result = self._fetch()
            if result.code == 0:
                return True
            if "couldn't find remote ref" in result.stderr:
                return False
            if "cannot lock ref" not in result.stderr:
                break
            sleep(_PAUSE * 2**turn)
        raise self._failed(result.stderr)

    def push(self, commit: str) -> None:
        """Move the remote's ref to the commit, without force.

        Raises:
            Behind: the remote has commits that ours does not contain, or is just getting some.
            RemoteFailed: the remote cannot be reached, or refuses.
        """
        # Options: nothing but this ref, whatever the user's pushes are set to do besides.
        result = self._run(
            "push",
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
            "--quiet",
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
            f"+{self.ref}:{self.tracking}",
        )

    def _run(self, *args: str) -> Result:
        # A mirror refuses to push one ref; git 2.48 and later would set `<remote>/HEAD`.
        settings = ("mirror=false", "followRemoteHEAD=never") if "=" not in self.name else ()
        options = [word for setting in settings for word in ("-c", f"remote.{self.name}.{setting}")]
        return self.git.run(*options, *args, timeout=self.timeout, check=False)

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
    "is not a git command": "git does not know how to reach its address",
}
"""What git's messages mean when it did not get as far as the ref; the first that fits counts."""


def _detail(stderr: str) -> str:
    return "\n".join(escape(line) for line in stderr.splitlines() if line.strip())
