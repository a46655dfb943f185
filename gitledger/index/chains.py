"""Who waits for whom, kept right while tasks change: `waits`, `unblocks` and `stuck`.

The law is `core.graph`. How many tasks wait for one through others is looked up by `next` alone,
and only for tasks that can be done now: it is kept where it is known, NULL where it is not. What
changes a task's chains makes it unknown for the task and all that it waits for. Where a cycle may
have come or gone, nothing is known, until somebody asks (`count_all`).
"""

from __future__ import annotations

from collections import defaultdict

from gitledger.core.dataclass import dataclass
from gitledger.index.database import Connection
from gitledger.index.rows import WAITING, gathered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Final

_ROUND: Final = 4096
"""Tasks that one round of counting tells apart; bounds its memory to 512 bytes a task."""

Blocker = int | str


@dataclass(frozen=True, slots=True)
class Seen:
    """A task as others see it in their chains.

    Attributes:
        there: whether it is a valid task, or an archived one.
        live: whether it is an unfinished one.
        waits_for: what it names in `blocked_by`, while it is live.
        unblocks: how many wait for it, as far as that is known.
        waiters: the live tasks that name it.
    """

    there: bool
    live: bool
    waits_for: frozenset[Blocker]
    unblocks: int | None
    waiters: frozenset[int]

    @property
    def blocks(self) -> tuple[bool, bool]:
        """What it is to those that wait for it."""
        return self.there, self.live


_MISSING: Final = Seen(False, False, frozenset(), None, frozenset())


def seen(connection: Connection, numbers: Iterable[int]) -> dict[int, Seen]:
    """Return how others see tasks now."""
    wanted = list(numbers)
    rows = {
        n: (finished, unblocks)
        for n, finished, unblocks in gathered(
            connection, "SELECT n, finished, unblocks FROM tasks WHERE n IN ({})", wanted
        )
    }
    waits_for = _pairs(connection, "SELECT waiter, blocker FROM edges WHERE waiter IN ({})", wanted)
    waiters = _pairs(
        connection,
        "SELECT blocker, waiter FROM edges JOIN tasks ON n = waiter AND finished = 0 "
        "WHERE blocker IN ({})",
        wanted,
    )
    archived = {
        n for (n,) in gathered(connection, "SELECT n FROM archived WHERE n IN ({})", wanted)
    }
    found = {}
    for n in wanted:
        finished, unblocks = rows.get(n, (True, None))
        mine = frozenset() if finished else frozenset(waits_for[n])
        found[n] = Seen(
            n in rows or n in archived, not finished, mine, unblocks, frozenset(waiters[n])
        )
    return found


def follow(connection: Connection, before: Mapping[int, Seen]) -> None:
    """Bring up to date what follows from tasks that were written anew.

    Args:
        connection: where they stand by now.
        before: how they were seen before that.
    """
    after = seen(connection, before)
    _wait(connection, before, after)
    same = {n for n, was in before.items() if _is_same(was, after[n])}
    connection.executemany(
        "UPDATE tasks SET unblocks = ? WHERE n = ?",
        [(before[n].unblocks, n) for n in same if after[n].live],
    )
    changed = before.keys() - same
    for n in changed:
        if _may_turn(connection, n, before[n], after[n]):
            connection.execute("INSERT OR REPLACE INTO state VALUES ('chains', 'unknown')")
    for n in changed:
        above = _above(connection, before[n].waits_for | after[n].waits_for)
        if n in above:  # a cycle
            connection.execute("INSERT OR REPLACE INTO state VALUES ('chains', 'unknown')")
        if after[n].waiters:
            above.add(n)
        connection.executemany(
            "UPDATE tasks SET unblocks = NULL WHERE n = ?", [(other,) for other in above]
        )


def _is_same(was: Seen, now: Seen) -> bool:
    return was.blocks == now.blocks and was.waits_for == now.waits_for


def _wait(connection: Connection, before: Mapping[int, Seen], after: Mapping[int, Seen]) -> None:
    """Count anew for what the tasks wait, and what waits for them."""
    affected = {n for n in before if after[n].waits_for}
    for n, was in before.items():
        if was.blocks != after[n].blocks:
            affected |= after[n].waiters
    for n in affected:
        connection.execute(
            f"UPDATE tasks SET waits = (SELECT count(*) FROM {WAITING} AND waiter = :n) "
            "WHERE n = :n",
            {"n": n},
        )


def _may_turn(connection: Connection, n: int, was: Seen, now: Seen) -> bool:
    """Tell whether a task that changed may get others stuck or free, through it.

    One that nobody waits for does so with itself alone, and is put down as stuck or free here.
    """
    (stuck,) = connection.execute("SELECT count(*) FROM stuck WHERE n = ?", (n,)).fetchone()
    # Who names what is not there is stuck.
    if (was.waiters and not was.there and now.there) or (now.waiters and not now.there):
        return True
    hopeless = now.live and _hopeless(connection, n, now.waits_for)
    if now.waiters:
        return bool(stuck or hopeless)
    if was.waiters and stuck:
        return True
    if hopeless:
        connection.execute("INSERT OR IGNORE INTO stuck VALUES (?)", (n,))
    else:
        connection.execute("DELETE FROM stuck WHERE n = ?", (n,))
    return False


def _hopeless(connection: Connection, n: int, waits_for: Collection[Blocker]) -> bool:
    """Tell whether a task waits for itself, for what is no task, or for what is stuck."""
    if n in waits_for or any(isinstance(other, str) for other in waits_for):
        return True
    others = list(waits_for)
    there = {
        n
        for table in ("tasks", "archived")
        for (n,) in gathered(connection, f"SELECT n FROM {table} WHERE n IN ({{}})", others)
    }
    stuck = gathered(connection, "SELECT 1 FROM stuck WHERE n IN ({})", others)
    return len(there) < len(others) or any(True for _ in stuck)


def _above(connection: Connection, waits_for: Collection[Blocker]) -> set[int]:
    """Return the unfinished tasks among these and among all that those wait for."""
    reached: set[int] = set()
    level: Sequence[Blocker] = list(waits_for)
    while level:
        live = gathered(
            connection, "SELECT n FROM tasks WHERE finished = 0 AND n IN ({})", _numbers(level)
        )
        fresh = [n for (n,) in live if n not in reached]
        reached.update(fresh)
        level = [
            blocker
            for (blocker,) in gathered(
                connection, "SELECT blocker FROM edges WHERE waiter IN ({})", fresh
            )
            if blocker not in reached
        ]
    return reached


def _numbers(blockers: Iterable[Blocker]) -> list[int]:
    return list({blocker for blocker in blockers if isinstance(blocker, int)})


def _pairs(connection: Connection, sql: str, values: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for key, value in gathered(connection, sql, values):
        found[key].add(value)
    return found


# -- how many wait for a task ------------------------------------------------------------------


def count_one(connection: Connection, n: int) -> None:
    """Count the unfinished tasks that wait for an unfinished one that is not stuck."""
    connection.execute(
        "UPDATE tasks SET unblocks = (WITH RECURSIVE chain (task) AS (SELECT :n UNION "
        "SELECT waiter FROM chain JOIN edges ON blocker = task JOIN tasks ON tasks.n = waiter "
        "AND tasks.finished = 0 WHERE NOT EXISTS (SELECT 1 FROM stuck WHERE stuck.n = waiter)) "
        "SELECT count(*) - 1 FROM chain) WHERE n = :n",
        {"n": n},
    )


def count_all(connection: Connection) -> None:
    """Find out for all tasks for how many each waits, which are stuck, and how many wait for it."""
    live = {n for (n,) in connection.execute("SELECT n FROM tasks WHERE finished = 0")}
    waits: dict[int, int] = defaultdict(int)
    waiters: dict[int, list[int]] = defaultdict(list)
    # In the order of what is looked up for each edge: that is near what was looked up before.
    for waiter, blocker in connection.execute(
        f"SELECT waiter, blocker FROM {WAITING} ORDER BY blocker"
    ):
        if waiter in live:
            waits[waiter] += 1
            if blocker in live:
                waiters[blocker].append(waiter)
    order = _in_order(waiters, dict(waits))
    stuck = waits.keys() - set(order)
    connection.execute("DELETE FROM stuck")
    connection.executemany("INSERT INTO stuck VALUES (?)", [(n,) for n in sorted(stuck)])
    connection.execute(
        "UPDATE tasks SET waits = 0, unblocks = 0 "
        "WHERE finished = 0 AND (waits <> 0 OR unblocks IS NOT 0)"
    )
    counts = dict.fromkeys(waits, 0) | _counts(order, waiters)
    unknown = (waits.keys() - stuck) & waiters.keys()
    connection.executemany(
        "UPDATE tasks SET waits = ?, unblocks = ? WHERE n = ?",
        [(waits.get(n, 0), None if n in unknown else counts[n], n) for n in sorted(counts)],
    )
    connection.execute("DELETE FROM state WHERE key = 'chains'")


def _in_order(waiters: Mapping[int, list[int]], waits: dict[int, int]) -> list[int]:
    """Return the tasks that others wait for or that wait, those that others wait for before them.

    What is stuck is left out, for what it waits never comes.
    """
    order = [n for n in waiters if n not in waits]
    for n in order:
        for other in waiters.get(n, ()):
            waits[other] -= 1
            if not waits[other]:
                order.append(other)
    return order


def _counts(order: Sequence[int], waiters: Mapping[int, list[int]]) -> dict[int, int]:
    """Return how many of the tasks wait for each of them, directly or through others.

    As `core.graph` counts, but each group of tasks that have to do with each other by itself: it
    is small as a rule.
    """
    counts = {}
    for group in _groups(order, waiters):
        counts.update(dict.fromkeys(group, 0))
        for begin in range(0, len(group), _ROUND):
            end = begin + _ROUND
            bits = {n: 1 << place for place, n in enumerate(group[begin:end])}
            chains: dict[int, int] = {}
            for n in reversed(group[:end]):
                waiting = 0
                for other in waiters.get(n, ()):
                    waiting |= chains.get(other, 0)
                counts[n] += waiting.bit_count()
                chains[n] = waiting | bits.get(n, 0)
    return counts


def _groups(order: Sequence[int], waiters: Mapping[int, list[int]]) -> Iterable[Sequence[int]]:
    """Return the tasks in groups that have nothing to do with each other, each in the order."""
    leader = {n: n for n in order}

    def find(n: int) -> int:
        while leader[n] != n:
            leader[n] = n = leader[leader[n]]
        return n

    for n in order:
        for other in waiters.get(n, ()):
            if other in leader:
                leader[find(other)] = find(n)
    groups: dict[int, list[int]] = defaultdict(list)
    for n in order:
        groups[find(n)].append(n)
    return groups.values()
