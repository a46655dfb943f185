"""Moves: when tasks changed their status, their owner, or what else is measured of them.

They are told by the tasks' files after each operation, not by messages. The table holds them from
the root up to one number of the line, and is led on from there when somebody asks. Of a file, what
stands before its notes is read alone: no note says which status its task has.
"""

from __future__ import annotations

from datetime import UTC, datetime

from gitledger.core import codec
from gitledger.core.spells import Move
from gitledger.core.task import FILE_LIMIT, STATUSES
from gitledger.errors import GitFailed, InvalidTask, StoreFailed

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
_BYTES: Final = 2 << 20
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
    wanted = list(dict.fromkeys(oids))
    if git is not None and len(wanted) >= _MANY:
        try:
            return _read_many(git(), wanted, FILE_LIMIT)
        except (GitFailed, StoreFailed):
            pass  # the store knows what is wrong, and whether it matters
    return {oid: state(store.read(oid.hex(), FILE_LIMIT)) for oid in wanted}


def state(content: bytes | None) -> State:
    """Return the state of a task that has this file: that of no task where it is none.

    Who breaks another rule of the format than those that concern the state is taken at his word.
    """
    data = _parsed(content) if content else {}
    status = data.get("status", "pending")
    if "title" not in data or status not in STATUSES:
        return GONE
    labels = data.get("labels")
    names = filter(_word, labels) if isinstance(labels, list) else ()
    return (
        status,
        _word(data.get("owner")),
        _word(data.get("type", "task")),
        "\n".join(sorted(set(names))) or None,
        _took(data) if status == "completed" else None,
    )


def _parsed(content: bytes) -> Mapping[str, Any]:
    head, notes, _ = content.partition(_NOTES)
    try:
        return codec.parse(head)
    except InvalidTask:
        if not notes:
            return {}
    try:  # the first mark of notes stood in a description
        return codec.parse(content)
    except InvalidTask:
        return {}


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _took(data: Mapping[str, Any]) -> int | None:
    """Return the seconds from the start of a task to its completion, as the task has them."""
    moments = [data.get("started_at"), data.get("completed_at")]
    start, end = (
        each.replace(tzinfo=each.tzinfo or UTC) if isinstance(each, datetime) else None
        for each in moments
    )
    return None if start is None or end is None else max(int((end - start).total_seconds()), 0)


def _read_many(git: Git, oids: Sequence[bytes], limit: int) -> dict[bytes, State]:
    """Return the states by files that one git reads, none of which is larger than the limit."""
    from concurrent.futures import ThreadPoolExecutor

    from gitledger.index.commits import contents, sizes

    found: dict[bytes, State] = dict.fromkeys(oids, GONE)
    known = sizes(git, [oid.hex() for oid in oids])
    parts = list(_parts({oid: size for oid, size in known.items() if size <= limit}))
    with ThreadPoolExecutor(1) as pool:
        # While git reads one part, we look at the one before.
        ahead = [pool.submit(contents, git, part, "blob") for part in parts[:1]]
        for number, part in enumerate(parts):
            came = ahead.pop().result()
            ahead += [
                pool.submit(contents, git, next_, "blob") for next_ in parts[number + 1 :][:1]
            ]
            for oid, content in zip(part, came, strict=True):
                found[bytes.fromhex(oid)] = state(content)
    return found


def _parts(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """Yield files in parts that may be held in memory at once."""
    part: list[str] = []
    held = 0
    for oid, size in sizes.items():
        if part and held + size > _BYTES:
            yield part
            part, held = [], 0
        part.append(oid)
        held += size
    if part:
        yield part
