"""libgit2, as far as a store needs it: the one module that imports pygit2."""

from __future__ import annotations

from contextlib import suppress

import pygit2
from pygit2.enums import ObjectType, ReferenceType

from gitledger.store.failures import Refused, Unreadable
from gitledger.store.loose import LooseObject
from gitledger.store.ref_files import Reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Final

_KINDS: Final = {
    int(kind): kind.name.lower()
    for kind in (ObjectType.BLOB, ObjectType.TREE, ObjectType.COMMIT, ObjectType.TAG)
}


class Libgit2Reference(Reference):
    """A ref, as libgit2 read it: what it named then is what a move compares with.

    Args:
        found: what libgit2 has read.
    """

    __slots__ = ("_found",)

    def __init__(self, found: pygit2.Reference) -> None:
        super().__init__(str(found.target), is_symbolic=found.type != ReferenceType.DIRECT)
        self._found = found

    def move(self, new: str, reason: str) -> None:
        """Let it name another commit, if it is as it was read; else one of `failures.ERRORS`."""
        try:
            self._found.set_target(new, reason)
        except pygit2.GitError as error:
            raise Refused(*error.args) from error


class Libgit2:
    """One repository, opened by libgit2. An object belongs to one thread.

    Args:
        common_dir: of the repository.
        folders: the directories where its objects are, its own first.
        durable: wait until refs are on the disk. That is a setting of the process:
            once on it stays on, so that no other store takes it from this one.

    Raises:
        Refused: it cannot be opened.
    """

    def __init__(self, common_dir: str, folders: Sequence[str], *, durable: bool) -> None:
        try:
            self._repo = pygit2.Repository(common_dir)
        except pygit2.GitError as error:
            raise Refused(*error.args) from error
        if durable:
            pygit2.settings.enable_fsync_gitdir(True)
        # Without loose objects: over a truncated one libgit2 1.9.7 goes round for ever.
        self._packs = pygit2.Odb()
        for folder in folders:
            self._packs.add_backend(pygit2.OdbBackendPack(folder), 1)

    # -- objects -------------------------------------------------------------------------------

    def packed(self, oid: str, limit: int | None, _: Sequence[str] = ()) -> LooseObject:
        """Return an object that is in a pack, without its content when that is over the limit.

        Files do not count in any case.

        Raises:
            KeyError: it is in none.
            Unreadable: it is damaged.
        """
        try:
            if limit is not None:
                number, size = self._packs.read_header(oid)
                if size > limit:
                    return LooseObject(_KINDS[number], size, None)
            number, content = self._packs.read(oid)
        except KeyError:  # which is a GitError, too
            raise
        except pygit2.GitError as error:
            raise Unreadable(*error.args) from error
        return LooseObject(_KINDS[number], len(content), content)

    def packed_many(self, oids: Sequence[str], limit: int) -> Mapping[str, LooseObject]:
        """Return those of many objects that can be read, by their ids; else like `packed`."""
        found = {}
        for oid in oids:
            with suppress(KeyError, Unreadable):
                found[oid] = self.packed(oid, limit)
        return found

    # -- refs ----------------------------------------------------------------------------------

    def reference(self, ref: str) -> Libgit2Reference | None:
        """Return a ref, or None when libgit2 finds none.

        Raises:
            Unreadable: it is damaged.
        """
        try:
            return Libgit2Reference(self._repo.lookup_reference(ref))
        except KeyError:
            return None
        except pygit2.GitError as error:
            raise Unreadable(*error.args) from error

    def makes_reflogs(self) -> bool:
        """Tell whether it writes into reflogs: where the settings say that new ones are made."""
        config = self._repo.config
        try:
            setting = config["core.logAllRefUpdates"]
        except KeyError:
            return not self._repo.is_bare
        return setting == "always" or bool(config.get_bool("core.logAllRefUpdates"))

    def is_named(self) -> bool:
        """Tell whether a name was given that goes into reflogs."""
        return self._repo.ident != (None, None)

    def name(self, name: str, email: str) -> None:
        """Give the name that goes into reflogs; libgit2's own for want of one is `unknown`."""
        self._repo.set_ident(name, email)
