"""The store over libgit2: the one module that imports pygit2."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, TypeAlias

import pygit2
from pygit2.enums import FileMode, ObjectType, ReferenceType

from gitledger.errors import GitFailed, StoreFailed
from gitledger.git import Git
from gitledger.store import trees
from gitledger.store.base import Change, Commit, Entry, Signature
from gitledger.store.commits import RawCommit, parse_commit
from gitledger.store.failures import Failing, explain, not_opened
from gitledger.store.location import Location
from gitledger.store.loose import read_loose
from gitledger.store.ref_files import RefLock, ref_names

_ERRORS: Final = (pygit2.GitError, OSError, LookupError, ValueError)
"""What libgit2 and the system raise: for what is missing and for ids that are none, too."""

_READING: Final = Failing(_ERRORS, "cannot read the repository", hint="look into it: git fsck")
_WRITING: Final = Failing(_ERRORS, "cannot write to the repository")

_REMEMBERED: Final = 10_000
"""Trees whose files are known to be intact; a process that runs for long forgets them."""

_Files: TypeAlias = list[tuple[list[str], bytes | None]]
"""Names from a folder down to a file, and the file's content, None where it is removed."""


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
            raise not_opened(location.common_dir, error) from error
        self._objects = str(location.common_dir / "objects")
        self._intact: set[str] = set()

    # -- refs ----------------------------------------------------------------------------------

    def tip(self, ref: str) -> str | None:
        """Return the commit that the ref names, or None when there is no such ref."""
        return _target(self._reference(ref))

    def refs(self, prefix: str) -> dict[str, str]:
        """Return the refs whose full name starts with the prefix; broken ones are left out."""
        with _READING:
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
                    raise StoreFailed(f"cannot write {ref}: {explain(error)}") from error
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

    # -- reading objects -----------------------------------------------------------------------

    def commit(self, oid: str) -> Commit:
        """Return a commit."""
        with _READING:
            return self._commit(oid).commit

    def entry(self, commit: str, path: str) -> Entry | None:
        """Return what stands at the path in the commit's tree, or None (also for a directory)."""
        above, _, name = path.rpartition("/")
        with _READING:
            item = _item(self._folder(commit, above), name)
            if item is None or item.type == ObjectType.TREE:
                return None
            return Entry(path, str(item.id), int(item.filemode))

    def entries(self, commit: str, folder: str) -> Iterator[Entry]:
        """Yield every entry below a folder of the commit's tree, sorted by path; none if absent."""
        with _READING:
            tree = self._folder(commit, folder)
            if tree is not None:
                yield from trees.walk(self._read_tree, str(tree.id), f"{folder}/" if folder else "")

    def read(self, oid: str, limit: int) -> bytes | None:
        """Return a blob, or None when it is larger than the limit (bytes) or not a blob."""
        with _READING:
            if loose := read_loose(self._objects, oid, limit):
                return loose.content if loose.kind == "blob" else None
            kind, size = self._repo.odb.read_header(oid)
            if kind != ObjectType.BLOB or size > limit:
                return None
            return self._repo.odb.read(oid)[1]

    def changes(self, old: str | None, new: str) -> Iterator[Change]:
        """Yield the paths that differ between two commits' trees (old None: the empty tree)."""
        with _READING:
            before, after = (self._commit(oid).tree if oid else None for oid in (old, new))
            yield from trees.differences(self._read_tree, before, after)

    def history(self, tip: str, *, without: Iterable[str] = ()) -> Iterator[Commit]:
        """Yield the commits from the tip to the root, newest first; first parents alone.

        A walk sorted by date, as libgit2's, goes wrong where clocks do. On a straight line what
        two commits have in common begins at their merge base; a merge begins another line.
        """
        hidden = tuple(without)
        with _READING:
            oid: str | None = tip
            ends = self._merge_bases(tip, hidden)
            while oid is not None and oid not in ends:
                found = self._commit(oid)
                yield found.commit
                oid = found.commit.parent
                if oid is not None and len(found.parents) > 1:
                    ends = self._merge_bases(oid, hidden)

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the newest commit that both descend from, or None when there is none."""
        with _READING:
            for oid in (one, other):
                self._commit(oid)
            base = self._repo.merge_base(one, other)
            return None if base is None else str(base)

    def _merge_bases(self, tip: str, others: Iterable[str]) -> set[str | None]:
        return {self.merge_base(tip, other) for other in others}

    def _folder(self, commit: str, path: str) -> pygit2.Tree | None:
        """Return a folder of the commit's tree, or None when there is none."""
        tree: pygit2.Tree | None = self._tree(self._commit(commit).tree)
        for name in path.split("/") if path else ():
            tree = self._subfolder(tree, name)
        return tree

    def _subfolder(self, tree: pygit2.Tree | None, name: str) -> pygit2.Tree | None:
        item = _item(tree, name)
        if item is None or item.type != ObjectType.TREE:
            return None
        # Not the item itself: pygit2 believes what it claims to be, and would use a blob as a tree.
        return self._tree(str(item.id))

    def _commit(self, oid: str) -> RawCommit:
        return parse_commit(oid, self._content(oid, ObjectType.COMMIT))

    def _tree(self, oid: str) -> pygit2.Tree:
        """Return a tree for libgit2 to work with, after a look at its file: see `read_loose`."""
        if oid not in self._intact:
            read_loose(self._objects, oid)
            self._remember(oid)
        tree = self._repo[oid]
        if not isinstance(tree, pygit2.Tree):
            raise StoreFailed(f"object {oid} is not a tree")
        return tree

    def _remember(self, tree: str) -> None:
        if len(self._intact) >= _REMEMBERED:
            self._intact.clear()
        self._intact.add(tree)

    def _read_tree(self, oid: str) -> bytes:
        return self._content(oid, ObjectType.TREE)

    def _content(self, oid: str, kind: ObjectType) -> bytes:
        name = kind.name.lower()
        if loose := read_loose(self._objects, oid):
            found, content = loose.kind, loose.content or b""
        else:
            number, content = self._repo.odb.read(oid)
            found = ObjectType(number).name.lower()
        if found != name:
            raise StoreFailed(f"object {oid} is not a {name}")
        return content

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
        if "\0" in message:
            raise StoreFailed("a commit message cannot hold a NUL")
        with _WRITING:
            before = self._folder(parent, "") if parent else None
            by_path = sorted((path.split("/"), content) for path, content in files.items())
            tree = self._write_folder(before, by_path) or self._repo.TreeBuilder().write()
            oid = self._repo.create_commit(
                None,
                _as_signature(author),
                _as_signature(committer),
                message,
                tree,
                [*([parent] if parent else ()), *merged],
            )
            return str(oid)

    def _write_folder(self, before: pygit2.Tree | None, files: _Files) -> pygit2.Oid | None:
        """Write a tree with the files in it, sorted by path; None when nothing is left in it."""
        repo = self._repo
        builder = repo.TreeBuilder() if before is None else repo.TreeBuilder(before)
        for name, group in groupby(files, key=lambda file: file[0][0]):
            inside = [(path[1:], content) for path, content in group]
            folder = self._subfolder(before, name)
            if not inside[0][0]:
                content = inside.pop(0)[1]
                if content is not None:
                    _check_removed(name, inside)
                    builder.insert(name, repo.create_blob(content), FileMode.BLOB)
                    continue
                if folder is None and _item(before, name) is not None:
                    builder.remove(name)
                if not inside:
                    continue
            below = self._write_folder(folder, inside)
            if below is not None:
                builder.insert(name, below, FileMode.TREE)
            elif folder is not None:
                builder.remove(name)
        if not len(builder):
            return None
        written = builder.write()
        self._remember(str(written))
        return written


def _check_removed(name: str, files: _Files) -> None:
    if any(content is not None for _, content in files):
        raise StoreFailed(f"'{name}' cannot be written both as a file and as a folder")


def _target(reference: pygit2.Reference | None) -> str | None:
    return None if reference is None else str(reference.target)


def _item(tree: pygit2.Tree | None, name: str) -> pygit2.Object | None:
    try:
        return None if tree is None else tree[name]
    except KeyError:
        return None


def _as_signature(signature: Signature) -> pygit2.Signature:
    return pygit2.Signature(signature.name, signature.email, signature.time, signature.offset)
