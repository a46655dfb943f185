"""Lists that are put away: archived or deleted here, with their history kept."""

from __future__ import annotations

from gitledger import lists
from gitledger.errors import InvalidInput
from gitledger.repository import Repository
from gitledger.store.base import Store


def archived(repository: Repository) -> tuple[str, ...]:
    """Return the names of the archived lists."""
    refs = repository.store.refs(lists.ARCHIVE)
    return tuple(sorted(name.removeprefix(lists.ARCHIVE) for name in refs))


def archive(repository: Repository, name: str) -> str:
    """Put a list away and return the ref that keeps it.

    Raises:
        NoSuchList: there is none of this name.
        InvalidInput: one of this name is archived already.
    """
    ref = f"{lists.ARCHIVE}{name}"
    if repository.store.tip(ref) is not None:
        raise InvalidInput(f"a list '{name}' is archived already", hint="delete this one instead")
    return _move(repository, name, ref)


def delete(repository: Repository, name: str) -> str:
    """Delete a list and return the ref under which its history is kept.

    Raises:
        NoSuchList: there is none of this name.
    """
    tip = repository.lists().get(name, "")
    return _move(repository, name, lists.backup_ref(name, tip))


def keep(store: Store, ref: str, tip: str) -> None:
    """Let a ref keep a tip, whatever it has kept before."""
    while (there := store.tip(ref)) != tip:
        store.move(ref, there, tip, "keep")


def _move(repository: Repository, name: str, kept: str) -> str:
    """Move a list's ref; a list that changes meanwhile is moved as it then is."""
    store = repository.store
    while True:
        known = repository.lists()
        if name not in known:
            raise lists.no_such_list(name, known)
        tip = known[name]
        keep(store, kept, tip)
        if store.remove(lists.ref(name), tip):
            return kept
