"""One list on one remote: fetch and push of its ref with the git program."""

from __future__ import annotations

import re
from enum import Enum
from math import inf
from time import monotonic, sleep

from gitledger import lists
from gitledger.core.dataclass import dataclass
from gitledger.diagnosis import Diagnosis
from gitledger.errors import InvalidInput
from gitledger.git import Git, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final, TypeAlias

    Progress: TypeAlias = Callable[[str, int, int], object]


"""Is told what is being done (`receiving objects`), how much of it is done, and of how much."""


def untold(deed: str, done: int, total: int) -> None:
    """Tell nobody."""


_FETCHES: Final = 8
"""Fetches that are tried while other processes of this repository move the tracking ref."""
_PAUSE: Final = 0.02
"""Seconds before the second of them; it doubles."""
_SILENCE: Final = 300.0
"""Seconds without a sign of life after which a connection counts as dead where no timeout is given
and nobody sits at a terminal: sessions and CI jobs have nobody who would press Ctrl-C."""
_PROGRESS: Final = re.compile(r"([A-Z]\w+ (?:objects|deltas)): +\d+% \((\d+)/(\d+)\)")
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


@dataclass(frozen=True, slots=True)
class Remote:
    """One list on one remote.

    Attributes:
        name: the remote's name.
        list: the list's name.
        git: the git program on our repository.
        namespace: where the list's ref stands on the remote.
        timeout: seconds after which a fetch or push is given up; None waits, at a terminal, and
            else as long as git tells of anything now and then.
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
            found = self._diagnosis(result)
            if found.shallow:  # git passes over the ref, and succeeds
                break
            if result.code == 0:
                return Fetched.DONE
            if found.absent:
                return Fetched.ABSENT
            if found.replaced:
                return Fetched.REPLACED
            if not found.contended:
                break
            sleep(_PAUSE * 2**turn)
        raise found.error()

    def advertised(self) -> str | None:
        """Return the commit that the remote's ref names, without fetching it; None: no such ref.

        Raises:
            RemoteFailed: the remote cannot be reached, or refuses.
        """
        result = self._run("ls-remote", "--", self.name, self.ref)
        if result.code != 0:
            raise self._diagnosis(result).error()
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
        if result.code != 0:
            raise self._diagnosis(result).error()

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
        patience = _SILENCE if self.timeout is None and not self.git.terminal else inf

        def watch(said: str) -> None:
            nonlocal before, since
            if said != before:
                before, since = said, monotonic()
            elif monotonic() - since > patience:
                raise Diagnosis(self.name, self.namespace, said).silence(patience)
            if told := _PROGRESS.findall(said):
                deed, done, total = told[-1]
                self.progress(deed.lower(), int(done), int(total))

        return watch

    def _diagnosis(self, result: Result) -> Diagnosis:
        said = result.stdout.decode(errors="replace")
        return Diagnosis(self.name, self.namespace, result.stderr, said)
