"""Moves: when tasks changed their status, their owner, or what else is measured of them.

They are told by the tasks' files after each operation, not by messages. The table holds them from
the root up to one number of the line, and is led on from there when somebody asks. Of a file, what
stands before its notes is read alone: no note says which status its task has.
"""

from __future__ import annotations

from gitledger.core.spells import Move
from gitledger.errors import GitFailed, StoreFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any, Final, TypeAlias

    from gitledger.git import Git
    from gitledger.index.database import Connection
    from gitledger.store.base import Store

    State: TypeAlias = tuple[str | None, str | None, str | None, str | None, int | None]

GONE: Final = (None, None, None, None, None)
"""The state of a task that has no file, or none that can be read."""
AT_ONCE: Final = 8192
"""Files that are read and put at once, at least: those of one operation stay together."""

_MANY: Final = 64
"""Files from which on it is quicker to ask one git for all of them."""
_BYTES: Final = 16 << 20
"""Bytes of files that are held at once."""
_NOTES: Final = b"\n[[notes]]\n"


def last(connection: Connection) -> int | None:
    """Return up to which number of the line the moves are known; None: from nowhere on."""
    found = connection.execute("SELECT number FROM moved").fetchone()
    return found[0] if found else None


def unread(connection: Connection, above: int | None) -> list[tuple[str, int, int, bytes | None]]:
    """Return the changes that come next, oldest first: task, number, time and file of each.

    Those of one operation are there all, or not at all.

    Args:
        connection: the tables.
        above: the number that they are above; None: from the lowest on.
    """
    above = -(2**62) if above is None else above
    rest = connection.execute(
        "SELECT number FROM changes WHERE number > ? ORDER BY number LIMIT 1 OFFSET ?",
        (above, AT_ONCE),
    ).fetchone()
    highest = rest[0] if rest else 2**62
    return connection.execute(
        "SELECT task, number, at, oid FROM changes JOIN operations USING (number) "
        "WHERE number > ? AND number <= ? ORDER BY number, task",
        (above, highest),
    ).fetchall()


def put(
    connection: Connection,
    changes: Sequence[tuple[str, int, int, bytes | None]],
    states: Mapping[bytes, State],
) -> None:
    """Write down what has moved by some changes, oldest first, that come next above the known."""
    known: dict[str, State] = {}
    new = []
    for task, number, at, oid in changes:
        if task not in known:
            known[task] = _state_of(connection, task)
        state = GONE if oid is None else states[oid]
        if state != known[task]:
            known[task] = state
            new.append((task, number, at, *state))
    connection.executemany("INSERT INTO moves VALUES (?, ?, ?, ?, ?, ?, ?, ?)", new)
    connection.execute("INSERT OR REPLACE INTO moved VALUES (1, ?)", (changes[-1][1],))


def up_to(connection: Connection, top: int) -> Iterator[Move]:
    """Return the moves up to a number, those of a task together, oldest first."""
    found = connection.execute(
        "SELECT task, at, status, owner, type, labels, took FROM moves WHERE number <= ? "
        "ORDER BY task, number",
        (top,),
    )
    for task, at, status, owner, kind, labels, took in found:
        yield Move(
            task=task,
            at=at,
            status=status,
            session=owner,
            type=kind or "",
            labels=tuple(labels.split("\n")) if labels else (),
            took=took,
        )


def _state_of(connection: Connection, task: str) -> State:
    found = connection.execute(
        "SELECT status, owner, type, labels, took FROM moves WHERE task = ? "
        "ORDER BY number DESC LIMIT 1",
        (task,),
    ).fetchone()
    return found or GONE


# -- files -----------------------------------------------------------------------------------


def read(store: Store, git: Callable[[], Git] | None, oids: Iterable[bytes]) -> dict[bytes, State]:
    """Return the states of tasks by their files.

    Args:
        store: where the files are.
        git: returns the git program on the same repository, which reads many at once.
        oids: the files' ids.

    Raises:
        StoreFailed, Damaged: a file cannot be read.
    """
    from gitledger.core.task import FILE_LIMIT

    wanted = list(dict.fromkeys(oids))
    if git is not None and len(wanted) >= _MANY:
        try:
            return _read_many(git(), wanted, FILE_LIMIT)
        except (GitFailed, StoreFailed):
            pass  # the store knows what is wrong, and whether it matters
    return {oid: state(store.read(oid.hex(), FILE_LIMIT)) for oid in wanted}


def state(content: bytes | None) -> State:
    """Return the state of a task that has this file: that of no task where it is none."""
    if content is None:
        return GONE
    from gitledger.core import codec
    from gitledger.core.task import STATUSES
    from gitledger.errors import InvalidTask

    data: dict[str, Any] = {}
    for text in dict.fromkeys((content.partition(_NOTES)[0], content)):
        try:
            data = codec.parse(text)
            break
        except InvalidTask:  # the first mark of notes may stand in a description
            continue
    status = data.get("status", "pending")
    if "title" not in data or status not in STATUSES:
        return GONE
    labels = data.get("labels")
    return (
        status,
        _word(data.get("owner")),
        _word(data.get("type", "task")),
        "\n".join(sorted({each for each in labels if _word(each)})) or None
        if isinstance(labels, list)
        else None,
        _took(data) if status == "completed" else None,
    )


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _took(data: Mapping[str, Any]) -> int | None:
    """Return the seconds from the start of a task to its completion, as the task has them."""
    from datetime import UTC, datetime

    moments = [data.get("started_at"), data.get("completed_at")]
    start, end = (
        each.replace(tzinfo=each.tzinfo or UTC) if isinstance(each, datetime) else None
        for each in moments
    )
    return None if start is None or end is None else max(int((end - start).total_seconds()), 0)


def _read_many(git: Git, oids: Sequence[bytes], limit: int) -> dict[bytes, State]:
    """Return the states by files that one git reads, none of which is larger than the limit."""
    from gitledger.index.commits import contents, sizes

    found: dict[bytes, State] = dict.fromkeys(oids, GONE)
    part: list[str] = []
    held = 0
    known = sizes(git, [oid.hex() for oid in oids])
    for oid, size in [*known.items(), ("", _BYTES)]:
        if oid and size > limit:
            continue
        if part and held + size > _BYTES:
            for name, content in zip(part, contents(git, part, "blob"), strict=True):
                found[bytes.fromhex(name)] = state(content)
            part, held = [], 0
        part.append(oid)
        held += size
    return found
