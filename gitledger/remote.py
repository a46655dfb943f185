"""One list on one remote: fetch and push of its ref with the git program."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from time import monotonic, sleep
from typing import Final, TypeAlias

from gitledger import lists
from gitledger.core.text import escape
from gitledger.errors import InvalidInput, RemoteFailed
from gitledger.git import Git, Result

Progress: TypeAlias = Callable[[str, int, int], object]
"""Is told what is being done (`receiving objects`), how much of it is done, and of how much."""


def untold(deed: str, done: int, total: int) -> None:
    """Tell nobody."""


_KEPT: Final = "your work is kept here; try again: git ledger sync"
_FETCHES: Final = 8
"""Fetches that are tried while other processes of this repository move the tracking ref."""
_PAUSE: Final = 0.02
"""Seconds before the second of them; it doubles."""
_SILENCE: Final = 300.0
"""Seconds without a sign of life after which a connection counts as dead, also without a timeout:
sessions and CI jobs have nobody who would press Ctrl-C. git tells its progress each second; what
takes a server long without a word, as a hook, does not take minutes for a ledger."""
_NAMESPACE: Final = re.compile(r"refs(?:/[\w-][\w.+-]*)+")
_SHARED: Final = frozenset({"refs", "refs/heads", "refs/tags", "refs/remotes", "refs/notes"})
"""Namespaces in which a list would be taken for the project's own branch or tag of that name."""


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
        namespace = (git.configuration().get(key) or lists.REFS).rstrip("/")
        if not _NAMESPACE.fullmatch(namespace) or namespace in _SHARED or ".." in namespace:
            raise InvalidInput(
                f"'{namespace}' is no namespace for lists",
                hint=f"as in: git config {key} refs/heads/gitledger",
            )
        return cls(name, list_, git, namespace, timeout, progress)

    @property
    def ref(self) -> str:
        """The list's ref on the remote."""
        return f"{self.namespace}/{self.list}"

    @property
    def tracking(self) -> str:
        """Our ref that keeps what the remote had when it was last fetched or pushed."""
        return lists.tracking_ref(self.name, self.list)

    def fetch(self, *, again: bool = False) -> Fetched:
        """Bring the remote's ref into our tracking ref, if it contains what that one names.

        Args:
            again: fetch all of it, as if nothing were here; it needs git 2.36.

        Raises:
            RemoteFailed: the remote cannot be reached, or refuses.
        """
        for turn in range(_FETCHES):
            result = self._fetch("--refetch") if again else self._fetch()
            if _SHALLOW in result.stderr:  # git passes over the ref, and succeeds
                break
            if result.code == 0:
                return Fetched.DONE
            if "couldn't find remote ref" in result.stderr:
                return Fetched.ABSENT
            if _REJECTED.search(result.stderr):
                return Fetched.REPLACED
            if "cannot lock ref" not in result.stderr or _OBSTRUCTED.search(result.stderr):
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

    def kind(self, oid: str) -> str | None:
        """Return the kind of an object that was fetched, as `commit` or `tag`; None: not here."""
        result = self.git.run("cat-file", "-t", oid, check=False)
        return result.stdout.decode(errors="replace").strip() if result.code == 0 else None

    def tracked(self) -> str:
        """Return the object that the tracking ref names, of whatever kind.

        Raises:
            GitFailed: there is no such ref.
        """
        return self.git.run("rev-parse", "--verify", self.tracking).stdout.decode().strip()

    def push(self, commit: str) -> None:
        """Move the remote's ref to the commit, without force.

        Raises:
            Behind: the remote has commits that ours does not contain, or is just getting some.
            RemoteFailed: the remote cannot be reached, or refuses.
        """
        # Options: nothing but this ref, whatever the user's pushes are set to do besides.
        result = self._run(
            "push",
            "--progress",
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

    def _fetch(self, *more: str) -> Result:
        # Options: nothing of the user's refspecs, tags, FETCH_HEAD, submodules or partial-clone
        # filters may be touched by a fetch of the ledger.
        return self._run(
            "fetch",
            "--progress",
            *more,
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
        return self.git.run(*options, *args, timeout=self.timeout, check=False, watch=self._watch())

    def _watch(self) -> Callable[[str], None]:
        """Return what looks at what git says, as `Receiving objects: 45% (9/20)`."""
        before, since = "", monotonic()

        def watch(said: str) -> None:
            nonlocal before, since
            if said != before:
                before, since = said, monotonic()
            elif monotonic() - since > _SILENCE:
                raise self._failed(f"{said}\nfatal: timed out after {_SILENCE:g} s of silence")
            if told := _PROGRESS.findall(said):
                deed, done, total = told[-1]
                self.progress(deed.lower(), int(done), int(total))

        return watch

    def _refused(self, reason: str, stderr: str) -> RemoteFailed:
        kind: type[RemoteFailed] = RemoteFailed
        obstructed = _OBSTRUCTED.search(stderr)
        if reason.startswith(_BEHIND) and not obstructed:
            kind = Behind
        why = _UNPACKING if reason == "unpacker error" else {}
        said = next((say for mark, say in why.items() if mark in stderr), _REASONS.get(reason))
        return kind(
            self._message(said or f"it refuses the push: {escape(reason)}", stderr),
            remote=self.name,
            detail=_detail(stderr) or escape(reason),
            hint=self._hint(stderr),
        )

    def _failed(self, stderr: str) -> RemoteFailed:
        reason = next((say for mark, say in _FAILURES.items() if mark in stderr), None)
        lines = [line for line in stderr.splitlines() if line.strip() and not _TOLD.search(line)]
        blamed = (line for line in lines if line.startswith(("fatal:", "error:", "remote:")))
        said = escape(next(blamed, "").partition(": ")[2])[:200]
        return RemoteFailed(
            self._message(reason or said or "git failed", stderr),
            remote=self.name,
            detail=_detail(stderr),
            hint=self._hint(stderr),
        )

    def _message(self, said: str, stderr: str) -> str:
        if obstructed := _OBSTRUCTED.search(stderr):
            where = "here" if obstructed[1] is None else "there"
            said = f"the ref {escape(obstructed[2])} stands in the way {where}"
        elif _LOCKED.search(stderr):
            said = said if "remote: " in stderr else "its tracking ref is locked here"
        return f"remote '{self.name}': {said}"

    def _hint(self, stderr: str) -> str:
        if (obstructed := _OBSTRUCTED.search(stderr)) and obstructed[1] is not None:
            key = f"gitledger.{self.name}.namespace"
            return f"keep the lists elsewhere there: git config {key} {self.namespace}-lists"
        if obstructed:
            return f"remove it, if it is not needed: git update-ref -d {escape(obstructed[2])}"
        if locked := _LOCKED.search(stderr):
            path = escape(locked[2])
            there = "" if locked[1] is None else " on the server"
            return f"{_KEPT}; if no git is at work{there}, a killed one left a file: rm '{path}'"
        return _KEPT


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

_PROGRESS: Final = re.compile(r"([A-Z]\w+ (?:objects|deltas)): +\d+% \((\d+)/(\d+)\)")

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
    "possible repository corruption on the remote": "its repository is damaged",
    "is corrupt": "its repository is damaged",
    "unable to update local ref": "its tracking ref cannot be written here",
    "Permission denied": "permission denied",
    "unable to create temporary": "permission denied",
    "insufficient permission": "permission denied",
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


def _detail(stderr: str) -> str:
    lines = (line.rstrip() for line in stderr.splitlines())
    return "\n".join(escape(line) for line in lines if line and not _TOLD.search(line))
