"""The remote: fetch and push of one list's ref with the git program."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

from gitledger import lists
from gitledger.core.text import escape
from gitledger.errors import InvalidInput, NotFound, RemoteFailed, did_you_mean
from gitledger.git import Configuration, Git

_BEHIND = (
    "fetch first",
    "non-fast-forward",
    "failed to update ref",
    "stale info",
    "cannot lock ref",
)
_REMOTE_KEY = re.compile(r"remote\.(.+)\.(?:url|pushurl)")


def names(configuration: Configuration) -> tuple[str, ...]:
    """Return the names of the configured remotes, sorted."""
    found = (_REMOTE_KEY.fullmatch(key) for key in configuration)
    return tuple(sorted({match[1] for match in found if match}))


def choose(asked: str | None, configuration: Configuration) -> str | None:
    """Return the remote to share a ledger with: asked, `gitledger.remote`, `origin`, the only one.

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
        raise NotFound(
            f"no remote '{name}'",
            hint=did_you_mean(name, known) or f"add it: git remote add {name} URL",
        )
    return name


@dataclasses.dataclass(frozen=True, slots=True)
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
        # Every option is there for a reason: nothing of the user's refspecs, tags, FETCH_HEAD,
        # submodules or partial-clone filters may be touched by a fetch of the ledger.
        result = self.git.run(
            "fetch",
            "--quiet",
            "--refmap=",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            "--no-recurse-submodules",
            "--no-filter",
            "--",
            self.name,
            f"+{self.ref}:{self.tracking}",
            timeout=self.timeout,
            check=False,
        )
        if result.code == 0:
            return True
        if "couldn't find remote ref" in result.stderr:
            return False
        raise self._failed(result.stderr)

    def push(self, commit: str) -> bool:
        """Move the remote's ref to the commit, without force.

        Returns:
            False when the remote has commits that ours does not contain: fetch first.

        Raises:
            RemoteFailed: the remote cannot be reached, or refuses.
        """
        result = self.git.run(
            "push",
            "--quiet",
            "--no-verify",
            "--no-follow-tags",
            "--recurse-submodules=no",
            "--",
            self.name,
            f"{commit}:{self.ref}",
            timeout=self.timeout,
            check=False,
        )
        if result.code == 0:
            return True
        if any(word in result.stderr for word in _BEHIND):
            return False
        raise self._failed(result.stderr)

    def _failed(self, stderr: str) -> RemoteFailed:
        reason = next((say for mark, say in _REASONS.items() if mark in stderr), None)
        lines = [line for line in stderr.splitlines() if line.strip()]
        blamed = (line for line in lines if line.startswith(("fatal:", "error:", "remote:")))
        said = escape(next(blamed, "").partition(": ")[2])[:200]
        return RemoteFailed(
            f"remote '{self.name}': {reason or said or 'git failed'}",
            remote=self.name,
            detail="\n".join(escape(line) for line in lines),
            hint="your work is kept here; try again with: git ledger sync",
        )


_REASONS: Mapping[str, str] = {
    "Could not resolve host": "its host cannot be found",
    "Connection refused": "its host refuses the connection",
    "Connection timed out": "its host does not answer",
    "timed out": "it did not answer in time",
    "Authentication failed": "it does not accept the credentials",
    "could not read Username": "it asks for credentials",
    "Permission denied": "permission denied",
    "does not appear to be a git repository": "there is no git repository at its address",
    "Repository not found": "there is no git repository at its address",
    "not found": "there is no git repository at its address",
    "pre-receive hook declined": "a hook on the server declined the push",
    "hook declined": "a hook on the server declined the push",
    "protected branch": "the server protects the ref",
    "deny updating a hidden ref": "the server does not accept refs of the ledger's name space",
}
