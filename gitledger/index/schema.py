"""The tables of the index."""

from __future__ import annotations

from gitledger.index import line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

VERSION: Final = 8
"""Of the tables and of what decoding makes of a file: another number, and all is built anew."""

_READY: Final = "status = 'pending' AND owner IS NULL AND waits = 0"

BEGUN: Final = "status IN ('in_progress', 'waiting', 'in_review')"
"""What tasks are in of which there are few; word by word what their index is made of."""

NEVER: Final = 253_402_300_800_000_000
"""The due date of a task without one: the microsecond after the end of the calendar."""

TABLES: Final = (
    # tip: the commit that the tables are as of.
    "CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID",
    # n is the id as a number: they sort alike. due and born are moments in microseconds; what is
    # unset comes after all others. waits counts unfinished or missing blockers, 0 once finished.
    # took: the microseconds from the start of a completed task to its end. writers: one a line.
    """CREATE TABLE tasks (
        n INTEGER PRIMARY KEY, id TEXT NOT NULL, status TEXT NOT NULL, finished INTEGER NOT NULL,
        priority TEXT NOT NULL, type TEXT NOT NULL, owner TEXT, role TEXT, parent TEXT,
        review INTEGER NOT NULL, conflicted INTEGER NOT NULL, waits INTEGER NOT NULL,
        unblocks INTEGER, due INTEGER NOT NULL, born INTEGER NOT NULL, place TEXT NOT NULL,
        created INTEGER, updated INTEGER, title TEXT NOT NULL, source TEXT,
        claimed INTEGER, took INTEGER, writers TEXT NOT NULL)""",
    # Apart, so that a look at every task does not read all that they say.
    "CREATE TABLE texts (n INTEGER PRIMARY KEY, data TEXT)",
    # blocker is the number of an id, or "!" and a text that is none.
    "CREATE TABLE edges (waiter INTEGER, blocker, PRIMARY KEY (waiter, blocker)) WITHOUT ROWID",
    "CREATE TABLE labels (task INTEGER, label TEXT, PRIMARY KEY (task, label)) WITHOUT ROWID",
    # Who may find a task in the inbox: see core.parties.
    "CREATE TABLE concerns (name TEXT, task INTEGER, PRIMARY KEY (name, task)) WITHOUT ROWID",
    "CREATE TABLE records (kind TEXT, name TEXT, data TEXT, oid TEXT, PRIMARY KEY (kind, name)) "
    "WITHOUT ROWID",
    "CREATE TABLE quarantined (path BLOB PRIMARY KEY, reason TEXT) WITHOUT ROWID",
    # Archived tasks, of which nothing but this is known here; one that is in tasks does not count.
    "CREATE TABLE archived (n INTEGER PRIMARY KEY)",
    # Unfinished tasks that can never start: see core.graph.
    "CREATE TABLE stuck (n INTEGER PRIMARY KEY)",
)
SET_INDEXES: Final = (
    "CREATE INDEX edges_by_blocker ON edges (blocker, waiter)",
    "CREATE INDEX labels_by_label ON labels (label, task)",
    "CREATE INDEX concerns_by_task ON concerns (task)",
)
TASK_INDEXES: Final = (
    "CREATE INDEX tasks_open ON tasks (priority, due, born, place) WHERE finished = 0",
    f"CREATE INDEX tasks_ready ON tasks (priority, due, born, place) WHERE {_READY}",
    "CREATE INDEX tasks_next ON tasks (priority, due, unblocks DESC, born, place, role) "
    f"WHERE {_READY}",
    "CREATE INDEX tasks_blocked ON tasks (priority, due, born, place) WHERE waits > 0",
    f"CREATE INDEX tasks_begun ON tasks (status) WHERE {BEGUN}",
    "CREATE INDEX tasks_held ON tasks (owner, claimed) WHERE owner IS NOT NULL AND finished = 0",
    "CREATE INDEX tasks_conflicted ON tasks (n) WHERE conflicted = 1",
    "CREATE INDEX tasks_took ON tasks (type, took) WHERE took IS NOT NULL",
    "CREATE INDEX tasks_owner ON tasks (owner, finished) WHERE owner IS NOT NULL",
    "CREATE INDEX tasks_role ON tasks (role) WHERE role IS NOT NULL",
    "CREATE INDEX tasks_parent ON tasks (parent) WHERE parent IS NOT NULL",
    "CREATE INDEX tasks_source ON tasks (source) WHERE source IS NOT NULL",
)
"""The orders in which lists are asked for, and what tasks are looked up by."""

READY: Final = _READY

DROPPED: Final = tuple(
    f"DROP TABLE IF EXISTS {name}"
    for name in (
        "state",
        "tasks",
        "texts",
        "edges",
        "labels",
        "concerns",
        "records",
        "quarantined",
        "archived",
        "stuck",
    )
)
"""What makes room for tables that are built anew; their indexes go with them."""

SCHEMA: Final = (*TABLES, *SET_INDEXES, *TASK_INDEXES, *line.SCHEMA)
