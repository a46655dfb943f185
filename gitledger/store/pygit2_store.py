"""The store over libgit2: the one module that imports pygit2."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, TypeVar

import pygit2
from pygit2.enums import FileMode, ObjectType, ReferenceType

from gitledger.core.text import escape
from gitledger.errors import GitFailed, StoreFailed
from gitledger.git import Git
from gitledger.store.base import Change, Commit, Entry, Signature
from gitledger.store.folders import Folder, folders
from gitledger.store.location import Location
from gitledger.store.ref_lock import RefLock
from gitledger.store.settings import read_settings

_TREE: Final = int(ObjectType.TREE)
_ERRORS: Final = (pygit2.GitError, OSError, LookupError, ValueError)
"""What libgit2 and the system raise: for what is missing and for ids that are none, too."""

_Kind = TypeVar("_Kind", bound=pygit2.Object)


class Pygit2Store:
    """See `gitledger.store.base.Store`. An object belongs to one thread, as libgit2's does.

    Objects and refs are those of the common directory, whichever worktree it is opened from;
    HEAD, index and working tree are never touched.

    Args:
        location: where the repository is.
        git: the git program on the same repository: it creates and deletes refs.

    Raises:
        StoreFailed: the repository cannot be opened.
    """

    def __init__(self, location: Location, git: Git) -> None:
        self._common_dir = location.common_dir
        self._git = git
        try:
            self._repo = pygit2.Repository(str(location.common_dir))
        except _ERRORS as error:
            raise _not_opened(location.common_dir, error) from error

    # -- refs ----------------------------------------------------------------------------------

    def tip(self, ref: str) -> str | None:
        """Return the commit that the ref names, or None when there is no such ref."""
        return _target(self._reference(ref))

    def refs(self, prefix: str) -> dict[str, str]:
        """Return the refs whose full name starts with the prefix; broken ones are left out."""
        found = {}
        for name in sorted(self._ref_names(prefix)):
            try:
                target = self.tip(name)
            except StoreFailed:
                continue
            if target is not None:
                found[name] = target
        return found

    def move(self, ref: str, old: str | None, new: str, reason: str) -> bool:
        """Move the ref from old to new by compare-and-swap (old None: create it, atomically)."""

        def act(reference: pygit2.Reference | None) -> None:
            if reference is None:
                self._update_ref("-m", reason, ref, new, "0" * len(new))
            else:
                # libgit2 compares with what this reference was read as. Looked up again, it
                # would be compared with, and overwrite, what another writer put there meanwhile.
                reference.set_target(new, reason)

        return self._swap(ref, old, act)

    def remove(self, ref: str, old: str) -> bool:
        """Delete the ref if it still stands at old; False when it does not."""
        return self._swap(ref, old, lambda _: self._update_ref("-d", ref, old))

    def enable_reflog(self, ref: str) -> None:
        """Let git and libgit2 keep a reflog of the ref; an existing file is what they ask for."""
        with _WRITING:
            log = self._common_dir / "logs" / ref
            log.parent.mkdir(parents=True, exist_ok=True)
            log.touch()

    def _swap(
        self, ref: str, old: str | None, act: Callable[[pygit2.Reference | None], object]
    ) -> bool:
        """Act on the ref while it stands at old.

        Who has won is read from the ref, never from an error: libgit2's do not tell a lost race
        from a lock file in the way.
        """
        lock: RefLock | None = None
        while True:
            reference = self._reference(ref)
            if _target(reference) != old:
                return False
            try:
                act(reference)
            except (*_ERRORS, GitFailed) as error:
                lock = lock or RefLock(self._common_dir / f"{ref}.lock")
                with _WRITING:
                    again = lock.wait()
                if not again and self.tip(ref) == old:
                    raise _failed(f"cannot move {ref}", error) from error
            else:
                return True

    def _update_ref(self, *args: str) -> None:
        # Unlike libgit2, git creates a ref atomically: of two writers one wins.
        self._git.run("update-ref", "--no-deref", *args)

    def _reference(self, ref: str) -> pygit2.Reference | None:
        with _READING:
            try:
                reference = self._repo.lookup_reference(ref)
            except KeyError:
                return None
            if reference.type != ReferenceType.DIRECT:
                raise StoreFailed(
                    f"{ref} is a symbolic ref; a ledger's ref is none",
                    hint=f"remove it: git symbolic-ref --delete {ref}",
                )
            return reference

    def _ref_names(self, prefix: str) -> set[str]:
        """Return what may be names of refs with the prefix.

        libgit2 would read every ref of the repository, which may have ten thousand branches.
        Loose ones come first: a ref that is packed meanwhile is then found where it goes to.
        """
        folder = self._common_dir / prefix.rpartition("/")[0]
        with _READING:
            names = {
                str(path.relative_to(self._common_dir))
                for path in folder.rglob("*")
                if path.suffix != ".lock" and path.is_file()
            }
            packed = self._common_dir / "packed-refs"
            if packed.exists():
                lines = os.fsdecode(packed.read_bytes()).splitlines()
                names.update(line[41:] for line in lines if line.startswith(prefix, 41))
        return {name for name in names if name.startswith(prefix)}

    # -- reading objects -----------------------------------------------------------------------

    def commit(self, oid: str) -> Commit:
        """Return a commit."""
        with _READING:
            return _as_commit(self._object(oid, pygit2.Commit))

    def entry(self, commit: str, path: str) -> Entry | None:
        """Return what stands at the path in the commit's tree, or None (also for a directory)."""
        above, _, name = path.rpartition("/")
        with _READING:
            tree = self._folder(commit, above)
            if tree is None or name not in tree or tree[name].type == _TREE:
                return None
            return _as_entry(path, tree[name])

    def entries(self, commit: str, folder: str) -> Iterator[Entry]:
        """Yield every entry below a folder of the commit's tree, sorted by path; none if absent."""
        with _READING:
            tree = self._folder(commit, folder)
            # A stack, not recursion: how deep a tree is, its writer decides.
            levels = [(f"{folder}/" if folder else "", iter(tree or ()))]
            while levels:
                above, rest = levels[-1]
                for item in rest:
                    path = f"{above}{item.name}"
                    if item.type == _TREE:
                        levels.append((f"{path}/", iter(self._tree(item.id))))
                        break
                    yield _as_entry(path, item)
                else:
                    levels.pop()

    def read(self, oid: str, limit: int) -> bytes | None:
        """Return a blob, or None when it is larger than the limit (bytes) or not a blob."""
        with _READING:
            kind, size = self._repo.odb.read_header(oid)
            if kind != ObjectType.BLOB or size > limit:
                return None
            return self._repo.odb.read(oid)[1]

    def changes(self, old: str | None, new: str) -> Iterator[Change]:
        """Yield the paths that differ between two commits' trees (old None: the empty tree)."""
        with _READING:
            before = self._tree_of(old) if old else None
            pending: list[tuple[str, pygit2.Object | None, pygit2.Object | None]]
            pending = self._differing("", before, self._tree_of(new))
            while pending:
                path, one, other = pending.pop()
                trees = [self._tree(item.id) if _is_tree(item) else None for item in (one, other)]
                
    def history(self, tip: str, *, without: Iterable[str] = ()) -> Iterator[Commit]:
        """Yield the commits from the tip to the root, newest first."""
        hidden = tuple(without)
        oid, ends = tip, self._bases(tip, hidden)
        with _READING:
            while oid not in ends:
                commit = self._object(oid, pygit2.Commit)
                yield _as_commit(commit)
