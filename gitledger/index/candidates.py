"""What a session can do next, in the order of `core.graph.next_order`."""

from __future__ import annotations

from gitledger.index import rows
from gitledger.index.schema import READY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from typing import Any, Final

    from gitledger.index import Index
    from gitledger.index.database import Connection
    from gitledger.index.rows import Row

_FOR_ROLE: Final = "(:role IS NULL OR role IS NULL OR role = :role)"
_ORDER: Final = "priority, due, unblocks, born, place, n"
"""What decides, in this order: of more that wait the more is first."""
_MANY: Final = 100
"""Tasks of which each is counted by itself; more are counted all at once."""


def candidates(
    index: Index, me: str, role: str | None, silent: Container[str], limit: int | None
) -> list[Row]:
    """See `Index.candidates`."""

    def held(connection: Connection) -> list[str]:
        owners = rows.distinct(connection, "owner")
        return [owner for owner in owners if owner == me or owner in silent]

    def answer(connection: Connection) -> list[Row]:
        numbers = _in_order(connection, me, role, held(connection), limit)
        return rows.by_number(connection, index, numbers)

    def known(connection: Connection) -> list[Row] | None:
        counted = chains_known(connection) and not _uncounted(
            connection, role, held(connection), limit
        )
        return answer(connection) if counted else None

    def made_known(connection: Connection) -> list[Row]:
        from gitledger.index import chains

        if not chains_known(connection):
            chains.count_all(connection)
        unknown = _uncounted(connection, role, held(connection), limit)
        if len(unknown) > _MANY:
            chains.count_all(connection)
        else:
            for n in unknown:
                chains.count_one(connection, n)
        return answer(connection)

    found = index.ask(known)
    return index.write(made_known) if found is None else found


def chains_known(connection: Connection) -> bool:
    """Tell whether what `unblocks` and `stuck` say is right, where they say something."""
    return not connection.execute("SELECT 1 FROM state WHERE key = 'chains'").fetchall()


def _in_order(
    connection: Connection,
    me: str,
    role: str | None,
    holders: Sequence[str],
    limit: int | None,
) -> list[int]:
    found = connection.execute(
        f"SELECT {_ORDER} FROM tasks WHERE {READY} AND {_FOR_ROLE} "
        "ORDER BY priority, due, unblocks DESC, born, place, n LIMIT :limit",
        {"role": role, "limit": -1 if limit is None else limit},
    ).fetchall()
    held = _held(connection, me, role, holders)
    mine = [values for owner, *values in held if owner == me]
    others = [values for owner, *values in held if owner != me]
    if others:
        found = sorted([*found, *others], key=_order)
    return [values[-1] for values in [*sorted(mine, key=_order), *found][:limit]]


def _order(values: Sequence[Any]) -> tuple[Any, ...]:
    priority, due, unblocks, *age = values
    return priority, due, -unblocks, *age


def _held(
    connection: Connection, me: str | None, role: str | None, holders: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Return what can be done of that which somebody holds: the owner, and what orders it."""
    found = rows.gathered(
        connection,
        f"SELECT status, role, owner, {_ORDER} FROM tasks WHERE owner IN ({{}}) "
        "AND finished = 0 AND waits = 0 AND status IN ('pending', 'in_progress')",
        holders,
    )
    return [
        tuple(values)
        for status, its_role, *values in found
        if (status == "pending" if values[0] == me else role is None or its_role in (None, role))
    ]


def _uncounted(
    connection: Connection, role: str | None, holders: Sequence[str], limit: int | None
) -> list[int]:
    """Return the tasks that the order depends on, and of which it is not known who waits.

    Among the ready ones who waits decides only between those of one priority and due date, down
    to those of the last task that is asked for.
    """
    last: tuple[Any, Any] | None = None
    if limit:
        last = connection.execute(
            f"SELECT priority, due FROM tasks WHERE {READY} AND {_FOR_ROLE} "
            "ORDER BY priority, due LIMIT 1 OFFSET :above",
            {"role": role, "above": limit - 1},
        ).fetchone()
    priority, due = last or (None, None)
    found = connection.execute(
        f"SELECT n FROM tasks WHERE {READY} AND {_FOR_ROLE} AND unblocks IS NULL "
        "AND (:priority IS NULL OR (priority, due) <= (:priority, :due))",
        {"role": role, "priority": priority, "due": due},
    )
    held = _held(connection, None, None, holders)
    return [n for (n,) in found] + [values[-1] for values in held if values[3] is None]
