"""libgit2, as far as a store needs it: the one module that imports pygit2."""

from __future__ import annotations

import pygit2
from pygit2.enums import ObjectType

from gitledger.store.failures import Refused, Unreadable
from gitledger.store.loose import LooseObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Final

_KINDS: Final = {
    int(kind): kind.name.lower()
    for kind in (ObjectType.BLOB, ObjectType.TREE, ObjectType.COMMIT, ObjectType.TAG)
}


class Libgit2:
    """The packs of a repository, read by libgit2. An object belongs to one thread.

    Args:
        folders: the directories where its objects are, its own first.

    Raises:
        Refused: one cannot be opened.
    """

    def __init__(self, folders: Sequence[str]) -> None:
        # Without loose objects: over a truncated one libgit2 1.9.7 goes round for ever.
        self._packs = pygit2.Odb()
        try:
            for folder in folders:
                self._packs.add_backend(pygit2.OdbBackendPack(folder), 1)
        except pygit2.GitError as error:
            raise Refused(*error.args) from error

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
            try:
                found[oid] = self.packed(oid, limit)
            except (KeyError, Unreadable):  # `suppress` takes a tenth longer
                pass
        return found
