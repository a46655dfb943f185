"""Comparing an index with one that is made anew: bits that rot in a text break no form."""

from __future__ import annotations

import sqlite3
from itertools import zip_longest

from gitledger.index import line, open_index
from gitledger.index.database import Database
from gitledger.index.rows import name
from gitledger.index.schema import SCHEMA, VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, Final

    from gitledger.git import Git
    from gitledger.index import Index
    from gitledger.index.database import Connection
    from gitledger.store.base import Store

SPOILT: Final = "the form of its file"
"""Of what it says something else, where that cannot be told."""
_TABLES: Final = (
    ("task", "SELECT {columns} FROM tasks NOT INDEXED ORDER BY n"),
    ("task", "SELECT n, data FROM texts ORDER BY n"),
    ("task", "SELECT waiter, blocker FROM edges NOT INDEXED ORDER BY waiter, blocker"),
    ("task", "SELECT task, label FROM labels NOT INDEXED ORDER BY task, label"),
    ("task", "SELECT task, name FROM concerns NOT INDEXED ORDER BY task, name"),
    ("task", "SELECT n FROM archived ORDER BY n"),
    ("record", "SELECT name, kind, data, oid FROM records NOT INDEXED ORDER BY name, kind"),
    ("file", "SELECT path, reason FROM quarantined NOT INDEXED ORDER BY path"),
)
"""What each row is about, which its first column names, and the rows: all that follows from a
commit. What may be known or not (`unblocks`, `stuck`) is apart."""
_CHAINS: Final = (
    "SELECT n, unblocks FROM tasks NOT INDEXED WHERE unblocks IS NOT NULL",
    "SELECT n, NULL FROM stuck",
)
_OPERATIONS: Final = (
    "SELECT id, at, committed, author, name, session, agent, subject, tasks, recipient "
    "FROM operations NOT INDEXED",
    "SELECT id, task, oid FROM changes NOT INDEXED JOIN operations USING (number)",
)
_MOVES: Final = (
    "SELECT id, task, m.at, status, owner, type, labels, took "
    "FROM moves AS m NOT INDEXED JOIN operations USING (number)"
)

_MAGIC: Final = b"SQLite format 3\0"
_HEAD: Final = 64
"""Bytes of a file's head, at the end of which its version stands (`PRAGMA user_version`)."""
_NUMBERS: Final = 1 << 50
"""Numbers that ids have: ten digits of five bits."""


class _Gone(Exception):
    """The file is not there any more, or is none of this version's."""


def differing(
    common_dir: str, list_name: str, store: Store, git: Callable[[], Git]
) -> Iterator[str]:
    """Yield of what an index says something else than the ledger; nothing where there is no index.

    It is compared as of the commit that it is as of: it may not have followed the list yet.

    Args:
        common_dir: the common git directory.
        list_name: the list's name.
        store: where its commits are.
        git: returns the git program on the same repository.

    Yields:
        `task ID`, `operation COMMIT`, or the like, each once; or `SPOILT`.

    Raises:
        StoreFailed, Damaged: a commit that it is as of cannot be read.
    """
    from tempfile import TemporaryDirectory

    path = open_index(common_dir, list_name).path or ""
    version = _version(path)
    if version != VERSION:  # the next command makes it anew, or there is none
        yield from [SPOILT] * (version is None)
        return
    database = Database(path, version=VERSION, schema=SCHEMA)
    with TemporaryDirectory(prefix="gitledger-") as folder:
        fresh = open_index(folder, list_name)
        try:
            found = database.run(
                lambda ours: _found(ours, fresh, store, git), current=_as_it_is, bring=_missing
            )
        except _Gone:
            return
        finally:
            fresh.close()
            database.close()
    yield from dict.fromkeys(found)


def _version(path: str) -> int | None:
    """Return the version of an index, 0 where there is none; None of what is no SQLite file.

    It is read from the file's head (https://www.sqlite.org/fileformat.html, 1.3): who opens an
    index of another version throws it away.
    """
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return 0
    version = int.from_bytes(head[_HEAD - 4 :], "big")
    return version if head.startswith(_MAGIC) or not head else None


def _as_it_is(_: Connection) -> bool:
    return True


def _missing(_: Connection) -> None:
    raise _Gone


def _found(ours: Connection, fresh: Index, store: Store, git: Callable[[], Git]) -> list[str]:
    """Return what `differing` yields, each perhaps several times."""
    ours.text_factory = bytes  # what is no UTF-8 can be read, and compared
    try:
        return [*_tasks(ours, fresh, store), *_history(ours, fresh, store, git)]
    except sqlite3.DatabaseError:
        return [SPOILT]
    finally:
        ours.text_factory = str


def _tasks(ours: Connection, fresh: Index, store: Store) -> Iterator[str]:
    (state,) = ours.execute("PRAGMA integrity_check(1)").fetchone()
    if state != b"ok":
        yield SPOILT
    found = ours.execute("SELECT value FROM state WHERE key = 'tip'").fetchone()
    if found is None:
        return
    try:
        tip = found[0].decode()
    except UnicodeDecodeError:
        yield SPOILT
        return
    fresh.follow(tip, lambda: store)
    apart = fresh.ask(lambda made: list(_rows(ours, made)))
    if apart and not _has_twins(store, tip):
        yield from apart


def _has_twins(store: Store, commit: str) -> bool:
    """Tell whether a path stands twice in a tree: then no index follows from the commit alone."""
    paths = [entry.path for entry in store.entries(commit, "")]
    return len(set(paths)) < len(paths)


def _rows(ours: Connection, made: Connection) -> Iterator[str]:
    made.text_factory = bytes
    names = [row[1].decode() for row in made.execute("PRAGMA table_info(tasks)")]
    columns = ", ".join(each for each in names if each != "unblocks")
    try:
        for kind, question in _TABLES:
            sql = question.format(columns=columns)
            pairs = zip_longest(ours.execute(sql), made.execute(sql))
            if any(one != other for one, other in pairs):
                apart = set(ours.execute(sql)) ^ set(made.execute(sql))
                yield from sorted(_called(kind, row[0]) for row in apart)
        yield from _chains(ours, made)
    finally:
        made.text_factory = str


def _chains(ours: Connection, made: Connection) -> Iterator[str]:
    """Yield the tasks of which the chains of those that wait are others, where both know them."""
    if any(c.execute("SELECT 1 FROM state WHERE key = 'chains'").fetchone() for c in (ours, made)):
        return
    unblocks = dict(made.execute(_CHAINS[0]))
    for n, count in ours.execute(_CHAINS[0]):
        if unblocks.get(n, count) != count:
            yield _called("task", n)
    stuck = set(made.execute(_CHAINS[1])) ^ set(ours.execute(_CHAINS[1]))
    yield from sorted(_called("task", n) for n, _ in stuck)


def _history(ours: Connection, fresh: Index, store: Store, git: Callable[[], Git]) -> Iterator[str]:
    """Yield the operations that are told as something else; a part of them may be there alone."""
    top = line.newest(ours)
    if top is None:
        return
    operations = fresh.operations
    operations.follow(top, lambda: store, git)
    questions = [*_OPERATIONS]
    if ours.execute("SELECT 1 FROM moves LIMIT 1").fetchone():
        operations.moves()
        questions.append(_MOVES)
    elif line.below(ours):
        for _ in operations.newest(limit=line.count(ours)):
            pass
    else:
        operations.names("name")  # for which all are read at once

    def compare(made: Connection) -> list[str]:
        made.text_factory = bytes
        try:
            return [
                _called("operation", row[0])
                for sql in questions
                for row in _added(ours.execute(sql), made.execute(sql))
            ]
        finally:
            made.text_factory = str

    yield from fresh.ask(compare)


def _added(ours: Iterable[Any], made: Iterable[Any]) -> Iterator[Any]:
    """Yield the rows that others do not have. Of those the hashes do, which take less room."""
    there = set(map(hash, made))
    return (row for row in ours if hash(row) not in there)


def _called(kind: str, key: Any) -> str:
    """Return what a row is about, in words, whatever has become of its key."""
    if isinstance(key, int) and 0 <= key < _NUMBERS:
        return f"{kind} {name(key)}"
    if isinstance(key, bytes):
        said = key.hex()[:12] if kind == "operation" else key.decode(errors="replace")
        return f"{kind} {said}"
    return f"{kind} {key!r}"
