"""What the ledger needs of git: a small interface, with one test suite for all that implement it.

Object ids are full lower-case hexadecimal strings, paths are relative and use ``/``, blobs are
bytes. A store knows nothing of tasks.
"""

from __future__ import annotations

from gitledger.core.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import Final, Protocol
else:
    Protocol = object  # at run time a store only has to have the methods

FOLDER: Final = 0o040000
"""The mode of a folder."""


class Signature(Value):
    """Who wrote a commit, and when: seconds since the epoch and the offset in minutes."""

    __slots__ = ("email", "name", "offset", "time")

    def __init__(self, name: str, email: str, time: int, offset: int = 0) -> None:
        self.name = name
        self.email = email
        self.time = time
        self.offset = offset


class Commit(Value):
    """One commit of a ledger's ref.

    The history is linear, but for the rare commit that joins two published lines: its first
    parent is the one that is followed.
    """

    __slots__ = ("author", "committer", "id", "message", "parent")

    def __init__(
        self,
        id: str,  # noqa: A002  # the word for it, as everywhere
        parent: str | None,
        message: str,
        author: Signature,
        committer: Signature,
    ) -> None:
        self.id = id
        self.parent = parent
        self.message = message
        self.author = author
        self.committer = committer


class Entry(Value):
    """A file (or anything else that is not a directory) in a commit's tree.

    What is not entered (`Store.entries`, `Store.changes`) is an entry, too: a folder, of the mode
    `FOLDER` and with a path that ends with a slash.
    """

    __slots__ = ("mode", "oid", "path")

    def __init__(self, path: str, oid: str, mode: int) -> None:
        self.path = path
        self.oid = oid
        self.mode = mode


class Change(Value):
    """One path that differs between two trees; None where it does not exist."""

    __slots__ = ("new", "old", "path")

    def __init__(self, path: str, old: Entry | None, new: Entry | None) -> None:
        self.path = path
        self.old = old
        self.new = new


class Store(Protocol):
    """Commits, trees and refs of one repository.

    Every method raises `StoreFailed` when the repository cannot be read or written, and `Damaged`
    when a ref or an object is damaged or missing: at once, whatever stands in its place.
    """

    def tip(self, ref: str) -> str | None:
        """Return the commit that the ref names, or None when there is no such ref.

        Raises:
            Damaged: it names no commit that can be read, or is a symbolic ref.
        """

    def target(self, ref: str) -> str | None:
        """Return the id that the ref names, or None when there is no such ref.

        Nobody looks whether there is such a commit: this is for what goes with a tip that was read
        before, and costs next to nothing.

        Raises:
            Damaged: it is damaged, or a symbolic ref.
        """

    def refs(self, prefix: str) -> dict[str, str]:
        """Return the refs whose full name starts with the prefix, by name, with their commits.

        Broken and symbolic refs are left out; asked for by name, they raise.
        """

    def commit(self, oid: str) -> Commit:
        """Return a commit."""

    def entry(self, commit: str, path: str) -> Entry | None:
        """Return what stands at the path in the commit's tree, or None (also for a directory)."""

    def entries(self, commit: str, folder: str, *, depth: int | None = None) -> Iterator[Entry]:
        """Yield every entry below a folder of the commit's tree, sorted by path; none if absent.

        A tree that stands in very many places is entered in some of them alone.

        Args:
            commit: whose tree.
            folder: its path; the empty one is the whole tree.
            depth: how many levels of folders below it are entered; None is all.
        """

    def read(self, oid: str, limit: int) -> bytes | None:
        """Return a blob, or None when it is larger than the limit (bytes) or not a blob.

        The size is looked at before the blob is loaded.
        """

    def read_many(self, oids: Iterable[str], limit: int) -> Iterator[bytes | None]:
        """Yield the same of many blobs, in this order, in less time than one by one.

        They are read some hundreds at a time, while the iterator goes on.
        """

    def changes(self, old: str | None, new: str, *, depth: int | None = None) -> Iterator[Change]:
        """Yield the paths that differ between two commits' trees (old None: the empty tree).

        Trees that are compared in very many places are entered in some of them alone; `depth` is
        that of `entries`.
        """

    def history(self, tip: str, *, without: Iterable[str] = ()) -> Iterator[Commit]:
        """Yield the commits from the tip to the root, newest first; first parents alone.

        Args:
            tip: where to begin.
            without: commits that are left out together with all their ancestors.
        """

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the newest commit that both descend from, or None when there is none.

        Newest is which has no other such commit after it, whatever dates say; only of several,
        where lines cross, the date decides.
        """

    def write(
        self,
        parent: str | None,
        files: Mapping[str, bytes | None],
        message: str,
        author: Signature,
        committer: Signature,
        *,
        merged: Sequence[str] = (),
    ) -> str:
        """Write a commit, without moving any ref, and return its id.

        What stands in the way of a path, a file where it needs a folder or the reverse, is
        replaced. Removing what is not there, or is a folder, changes nothing.

        Args:
            parent: the commit whose tree is changed; None starts from an empty tree.
            files: new content by path, None removes the path; all other paths stay as they are.
            message: the whole commit message.
            author: as recorded.
            committer: as recorded.
            merged: further parents: other lines of history that the commit joins to the first.
        """

    def bulk(self) -> AbstractContextManager[None]:
        """Return a context in which many commits are written together.

        They can be read at once, here and by nobody else. They are put into the repository at the
        end of the block, before a ref moves, and when there are many: as packs, not as files. An
        error that leaves the block drops what was not put there yet.
        """

    def move(self, ref: str, old: str | None, new: str, reason: str) -> bool:
        """Move the ref from old to new by compare-and-swap (old None: create it, atomically).

        A ref whose commit is missing or damaged is moved like any other: that is the way out.

        Returns:
            False when the ref did not stand at old any more, and nothing was changed.
        """

    def remove(self, ref: str, old: str) -> bool:
        """Delete the ref if it still stands at old; False when it does not."""

    def enable_reflog(self, ref: str) -> None:
        """Let git keep a reflog of the ref, which it does not do for refs that are no branches."""
