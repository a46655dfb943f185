"""What the stores have in common: all but how packed objects are read, and refs moved."""

from __future__ import annotations

from gitledger.errors import Damaged, StoreFailed
from gitledger.store import trees
from gitledger.store.base import Entry
from gitledger.store.commits import commit_content
from gitledger.store.failures import READING, WRITING
from gitledger.store.writing import Writing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gitledger.store.base import Change, Commit, Signature
    from gitledger.store.objects import Objects
    from gitledger.store.pending import Pending
    from gitledger.store.refs import Refs


class ObjectStore:
    """See `gitledger.store.base.Store`. An object belongs to one thread.

    Objects and refs are those of the common directory, whichever worktree it is opened from;
    HEAD, index and working tree are never touched.

    Args:
        refs: its refs.
        objects: its objects.
        pending: what is made and not written yet.
    """

    def __init__(self, refs: Refs, objects: Objects, pending: Pending) -> None:
        self._refs = refs
        self._objects = objects
        self._pending = pending
        self._writing = Writing(objects, pending)
        self._blocks = 0
        self._asked: tuple[str, int] | None = None
        self._told: bytes | None = None

    # -- refs ----------------------------------------------------------------------------------

    def tip(self, ref: str) -> str | None:
        """Return the commit that the ref names, or None when there is no such ref."""
        target = self.target(ref)
        if target is None:
            return None
        try:
            self.commit(target)
        except Damaged as error:
            raise Damaged(f"{ref}: {error.message}", subject=ref, hint=error.hint) from error
        return target

    def target(self, ref: str) -> str | None:
        """Return the id that the ref names, or None when there is no such ref."""
        return self._refs.target(ref)

    def refs(self, prefix: str) -> dict[str, str]:
        """Return the refs whose full name starts with the prefix; broken ones are left out."""
        with READING:
            names = sorted(self._refs.names(prefix))
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
        with WRITING:
            self._write_pending()
        return self._refs.move(ref, old, new, reason, lambda: self._objects.commit(new))

    def remove(self, ref: str, old: str) -> bool:
        """Delete the ref if it still stands at old; False when it does not."""
        return self._refs.remove(ref, old)

    def enable_reflog(self, ref: str) -> None:
        """Let git keep a reflog of the ref, which it does not do for refs that are no branches."""
        with WRITING:
            self._refs.enable_reflog(ref)

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
            found = trees.file(self._objects.tree(tree), trees.raw_name(name)) if tree else None
            return None if found is None else Entry(path, oid=found[1], mode=found[0])

    def entries(self, commit: str, folder: str, *, depth: int | None = None) -> Iterator[Entry]:
        """Yield every entry below a folder of the commit's tree, sorted by path; none if absent."""
        with READING:
            tree = self._objects.folder(commit, folder)
            if tree is not None:
                above = f"{folder}/" if folder else ""
                yield from trees.walk(self._objects.raw_tree, tree, above, depth)

    def read(self, oid: str, limit: int) -> bytes | None:
        """Return a blob, or None when it is larger than the limit (bytes) or not a blob."""
        if (oid, limit) != self._asked:  # who changes a file reads it twice
            with READING:
                found = self._objects.get(oid, limit)
            self._told = found.content if found.kind == "blob" else None
            self._asked = oid, limit
        return self._told

    def read_many(self, oids: Iterable[str], limit: int) -> Iterator[bytes | None]:
        """Yield the same of many blobs, in this order, in less time than one by one."""
        with READING:
            for found in self._objects.many(oids, limit):
                yield found.content if found.kind == "blob" else None

    def changes(self, old: str | None, new: str, *, depth: int | None = None) -> Iterator[Change]:
        """Yield the paths that differ between two commits' trees (old None: the empty tree)."""
        with READING:
            before, after = (self._objects.commit(oid).tree if oid else None for oid in (old, new))
            yield from trees.differences(self._objects.raw_tree, before, after, depth)

    def history(self, tip: str, *, without: Iterable[str] = ()) -> Iterator[Commit]:
        """Yield the commits from the tip to the root, newest first; first parents alone."""
        from gitledger.store import ancestry

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
        from gitledger.store import ancestry

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
            try:
                tree = self._writing.tree(found[0].tree if parent else None, files)
                content = commit_content(tree, parents, author, committer, message)
                oid = self._pending.add("commit", content)
                self._objects.commit(oid)  # from memory now, for who asks for it next
            except BaseException:
                if not self._blocks:
                    self._pending.drop()
                raise
            self._refs.name(committer.name, committer.email)
            if not self._blocks or self._pending.is_large:
                self._write_pending()
            return oid

    def bulk(self) -> _Block:
        """Return a context in which many commits are written together."""
        return _Block(self)

    def _end_block(self, done: bool) -> None:
        if done:
            with WRITING:
                self._write_pending()
        else:
            self._pending.drop()
            self._objects.forget()

    def _write_pending(self) -> None:
        try:
            self._pending.write()
        except BaseException:
            self._objects.forget()
            raise


class _Block:
    """See `Store.bulk`. A block in a block belongs to the outer one."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def __enter__(self) -> None:
        self._store._blocks += 1

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._store._blocks -= 1
        if not self._store._blocks:
            self._store._end_block(kind is None)
