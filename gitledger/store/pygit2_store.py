"""The store over libgit2: what it promises, put together of refs, objects and writing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gitledger.errors import Damaged, StoreFailed
from gitledger.git import Git
from gitledger.store import ancestry, trees
from gitledger.store.base import FOLDER, Change, Commit, Entry, Signature
from gitledger.store.commits import commit_content
from gitledger.store.failures import READING, WRITING, not_opened
from gitledger.store.libgit2 import ERRORS, Libgit2
from gitledger.store.location import Location
from gitledger.store.loose import object_folders
from gitledger.store.objects import Objects
from gitledger.store.ref_files import ref_names
from gitledger.store.refs import Refs
from gitledger.store.writing import Writing


class Pygit2Store:
    """See `gitledger.store.base.Store`. An object belongs to one thread, as libgit2's does.

    Objects and refs are those of the common directory, whichever worktree it is opened from;
    HEAD, index and working tree are never touched.

    Args:
        location: where the repository is.
        git: the git program on the same repository: it creates and deletes refs.
        durable: have libgit2 wait until objects and refs are on the disk; see
            `gitledger.store.libgit2.Libgit2`.

    Raises:
        StoreFailed: the repository cannot be opened.
    """

    def __init__(self, location: Location, git: Git, *, durable: bool = False) -> None:
        self._common_dir = location.common_dir
        folders = object_folders(location.common_dir / "objects")
        try:
            self._libgit2 = Libgit2(location.common_dir, folders, durable=durable)
        except ERRORS as error:
            raise not_opened(location.common_dir, error) from error
        self._refs = Refs(self._libgit2, location.common_dir, git)
        self._objects = Objects(self._libgit2, location.common_dir, folders, git.configuration)
        self._writing = Writing(self._libgit2, self._objects, folders[0])

    # -- refs ----------------------------------------------------------------------------------

    def tip(self, ref: str) -> str | None:
        """Return the commit that the ref names, or None when there is no such ref."""
        target = self._refs.target(ref)
        if target is None:
            return None
        try:
            self.commit(target)
        except Damaged as error:
            raise Damaged(f"{ref}: {error.message}", subject=ref, hint=error.hint) from error
        return target

    def refs(self, prefix: str) -> dict[str, str]:
        """Return the refs whose full name starts with the prefix; broken ones are left out."""
        with READING:
            names = sorted(ref_names(self._common_dir, prefix))
        found = {}
        for name in names:
            try:
                target = self.tip(name)
            except StoreFailed:
                continue
            if target is not None:
                found[name] = target
        return found

    def move(self, ref: str, old: str | None, new: str, reason: str) -> bool:
        """Move the ref from old to new by compare-and-swap (old None: create it, atomically)."""
        return self._refs.move(ref, old, new, reason, lambda: self._objects.commit(new))

    def remove(self, ref: str, old: str) -> bool:
        """Delete the ref if it still stands at old; False when it does not."""
        return self._refs.remove(ref, old)

    def enable_reflog(self, ref: str) -> None:
        """Let git and libgit2 keep a reflog of the ref; an existing file is what they ask for."""
        with WRITING:
            log = self._common_dir / "logs" / ref
            log.parent.mkdir(parents=True, exist_ok=True)
            log.touch()

    # -- reading objects -----------------------------------------------------------------------

    def commit(self, oid: str) -> Commit:
        """Return a commit."""
        with READING:
            return self._objects.commit(oid).commit

    def entry(self, commit: str, path: str) -> Entry | None:
        """Return what stands at the path in the commit's tree, or None (also for a directory)."""
        above, _, name = path.rpartition("/")
        with READING:
            tree = self._objects.folder(commit, above)
            item = self._objects.tree(tree).get(trees.raw_name(name)) if tree else None
            return None if item is None or item.mode == FOLDER else Entry(path, item.oid, item.mode)

    def entries(self, commit: str, folder: str, *, depth: int | None = None) -> Iterator[Entry]:
        """Yield every entry below a folder of the commit's tree, sorted by path; none if absent."""
        with READING:
            tree = self._objects.folder(commit, folder)
            if tree is not None:
                above = f"{folder}/" if folder else ""
                yield from trees.walk(self._objects.raw_tree, tree, above, depth)

    def read(self, oid: str, limit: int) -> bytes | None:
        """Return a blob, or None when it is larger than the limit (bytes) or not a blob."""
        with READING:
            found = self._objects.get(oid, limit)
            return found.content if found.kind == "blob" else None

    def changes(self, old: str | None, new: str, *, depth: int | None = None) -> Iterator[Change]:
        """Yield the paths that differ between two commits' trees (old None: the empty tree)."""
        with READING:
            before, after = (self._objects.commit(oid).tree if oid else None for oid in (old, new))
            yield from trees.differences(self._objects.raw_tree, before, after, depth)

    def history(self, tip: str, *, without: Iterable[str] = ()) -> Iterator[Commit]:
        """Yield the commits from the tip to the root, newest first; first parents alone."""
        hidden = tuple(without)
        commit = self._objects.commit
        with READING:
            if hidden:
                for oid in (tip, *hidden):
                    commit(oid)
                for oid in ancestry.line_without(self._objects.parents, tip, hidden):
                    yield commit(oid).commit
                return
            next_oid: str | None = tip
            while next_oid is not None:
                found = commit(next_oid).commit
                yield found
                next_oid = found.parent

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the newest commit that both descend from, or None when there is none."""
        with READING:
            for oid in (one, other):
                self._objects.commit(oid)
            bases = ancestry.merge_bases(self._objects.parents, one, other)
            return max(bases, key=self._age, default=None)

    def _age(self, oid: str) -> tuple[int, str]:
        return self._objects.commit(oid).commit.committer.time, oid

    # -- writing objects -----------------------------------------------------------------------

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
        """Write a commit, without moving any ref, and return its id."""
        parents = [*([parent] if parent else ()), *merged]
        with WRITING:
            found = [self._objects.commit(oid) for oid in parents]
            tree = self._writing.tree(found[0].tree if parent else None, files)
            content = commit_content(tree, parents, author, committer, message)
            self._libgit2.name(committer.name, committer.email)
            return self._writing.write("commit", content)
