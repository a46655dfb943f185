"""Commits whose few tasks have much to do with each other, and what an index makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from gitledger.core import codec, ids, records
from gitledger.core.dataclass import replace
from gitledger.core.message import Message
from gitledger.core.session import Session
from gitledger.core.task import FINISHED, PRIORITIES, STATUSES, Task
from gitledger.index import Index, open_index
from gitledger.index.database import Database
from gitledger.index.schema import SCHEMA, VERSION
from gitledger.store.base import Signature, Store
from gitledger.tree import archive_path, message_path, session_path, task_path
from tests import strategies
from tests.strategies import NEW_YEAR

ADA = Signature("Ada", "ada@example.com", 1_700_000_000)
POOL = tuple(sorted(ids.derived_id("pool", str(number)) for number in range(6)))
"""The ids that `tests.strategies` lets tasks wait for."""
OWNERS = ("ana", "ben", None, None, None)
ROLES = ("builder", "tester", None, None)

SOURCES = (
    *({}, {}, {"key": "2"}, {"key": "10.1", "list": "x"}),
    *({"system": "file", "list": name, "key": "1"} for name in ("x", 'a "b"', "é")),
)
TIMES = ("claimed_at", "started_at", "completed_at")
MOMENTS = (None, *(NEW_YEAR + timedelta(seconds=seconds) for seconds in (0, 0.25, 7, 9)))

Files = dict[str, bytes | None]


@st.composite
def small_tasks(draw: st.DrawFn, task_id: str) -> Task:
    """A task that waits for others, most often for such as make no cycle and are there."""
    before = POOL[: POOL.index(task_id)]
    anything = draw(st.integers(0, 9)) == 0 or not before
    others = (*POOL, "123", "no id") if anything else before
    waits_for = draw(st.sets(st.sampled_from(others), max_size=0 if not before else 2))
    return Task(
        id=task_id,
        title=draw(st.sampled_from(("Log in", "log OUT", "Straße", "x"))),
        status=draw(st.sampled_from((*STATUSES, "pending", "pending", "pending"))),
        priority=draw(st.sampled_from(PRIORITIES[:2])),
        type=draw(st.sampled_from(("task", "bug", "Bug"))),
        owner=draw(st.sampled_from(OWNERS)),
        role=draw(st.sampled_from(ROLES)),
        parent=draw(st.sampled_from((*POOL[:2], None))),
        labels=tuple(sorted(draw(st.sets(st.sampled_from(("ui", "UI", "auth")), max_size=2)))),
        due=draw(st.sampled_from((None, NEW_YEAR, NEW_YEAR.date()))),
        created_at=draw(st.sampled_from((None, NEW_YEAR))),
        source=draw(st.sampled_from(SOURCES)),
        blocked_by=tuple(sorted(waits_for)),
        updated_by=draw(st.sampled_from((None, "ana", "ben\nben"))),
        notes=tuple(draw(st.lists(strategies.arguments(), max_size=2))),
        **{key: draw(st.sampled_from(MOMENTS)) for key in TIMES},
    )


def tasks(task_id: str) -> st.SearchStrategy[Task]:
    """A task, with many fields now and then."""
    kinds = (small_tasks(task_id), strategies.tasks(task_id))
    return st.integers(0, 9).flatmap(lambda kind: kinds[kind == 0])


lists = st.lists(st.sampled_from(POOL), unique=True, max_size=6).flatmap(
    lambda chosen: st.tuples(*map(tasks, chosen))
)
"""Tasks with different ids."""

_bad = st.sampled_from((b"", b"title = 1\n", b"\xff", b"no TOML", b'title = "x"\nstatus = "?"\n'))
_odd_paths = st.sampled_from(
    (
        "tasks/odd",
        "tasks/0/0/README",
        "tasks/7/f/7f3k2m9q0d.toml/x",
        "tasks/7/f/deep/er/still.toml",
        "sessions/-x.toml",
        "sessions/deep/a/b/c.toml",
        "messages/x",
        "archive/odd",
        "archive/7/f/deep/er/still.toml",
        "other/file",
        "tasks",
    )
)


@st.composite
def _records(draw: st.DrawFn) -> Files:
    newer = {"since": draw(st.sampled_from((NEW_YEAR, "v2")))} if draw(st.booleans()) else {}
    if draw(st.booleans()):
        name = draw(st.sampled_from(("ana", "ben")))
        session = Session(name=name, id="x", role=draw(st.sampled_from(ROLES)), extra=newer)
        path, content = session_path(name), records.encode(session)
    else:
        message_id = draw(st.sampled_from(POOL[:2]))
        read = draw(st.sampled_from(((), ("ana", "ben"))))
        message = Message(
            id=message_id, at=NEW_YEAR, by="ana", to="all", text="ho\n", read=read, extra=newer
        )
        path, content = message_path(message_id), records.encode(message)
    return {path: draw(st.sampled_from((content, content, None, b"bad")))}


@st.composite
def changes(draw: st.DrawFn) -> Files:
    """What one commit changes: files by their paths, None where one is removed."""
    files: Files = {}
    for task_id in draw(st.lists(st.sampled_from(POOL), unique=True, min_size=1, max_size=3)):
        kind = draw(st.integers(0, 13))
        if kind > 11:  # archived, and now and then in both places
            finished = replace(draw(tasks(task_id)), status=draw(st.sampled_from(sorted(FINISHED))))
            content = draw(st.sampled_from((codec.encode(finished), None, b"bad")))
            files[archive_path(task_id)] = content
        if kind == 13:
            files[task_path(task_id)] = None
        elif kind == 12:
            pass
        elif kind == 0:
            files[task_path(task_id)] = None
        elif kind == 1:
            files[task_path(task_id)] = draw(_bad)
        else:
            files[task_path(task_id)] = codec.encode(draw(tasks(task_id)))
    if draw(st.integers(0, 3)) == 0:
        files |= draw(_records())
    if draw(st.integers(0, 5)) == 0:
        path = draw(_odd_paths)
        # A file in the place of the whole folder leaves no room for others.
        files = {path: b"odd"} if path == "tasks" else files | {path: b'title = "odd"\n'}
    return files


class Counted:
    """A store that is asked for now and then."""

    def __init__(self, store: Store) -> None:
        self.asked = 0
        self._store = store

    def __call__(self) -> Store:
        self.asked += 1
        return self._store


SOUND: Files = {
    task_path(task_id): codec.encode(
        Task(id=task_id, title="x", blocked_by=POOL[place - 1 : place])
    )
    for place, task_id in enumerate(POOL)
}
"""All tasks of the pool, each waiting for the one before."""


def commit(store: Store, parent: str | None, files: Mapping[str, bytes | None]) -> str:
    """Commit files without moving a ref, and return the commit."""
    return store.write(parent, files, "test\n", ADA, ADA)


def commit_tasks(store: Store, made: tuple[Task, ...], parent: str | None = None) -> str:
    """Commit tasks without moving a ref, and return the commit."""
    return commit(store, parent, {task_path(task.id): codec.encode(task) for task in made})


def index_of(store: Store, commit: str) -> Index:
    """Return an index in memory, built anew."""
    database = Database("", version=VERSION, schema=SCHEMA)
    database.in_memory = True
    index = Index(database)
    index.follow(commit, lambda: store)
    return index


def file_index(folder: Path) -> Index:
    """Return the index of a repository's main list."""
    return open_index(str(folder), "main")


def tables(index: Index) -> dict[str, list[Any]]:
    """Return all that is in the tables, but for what may be known or not."""

    def read(connection: Any) -> dict[str, list[Any]]:
        names = ("texts", "edges", "labels", "concerns", "records", "quarantined", "archived")
        found = {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
            for name in names
        }
        rows = connection.execute("SELECT * FROM tasks ORDER BY n")
        unblocks = [column[0] for column in rows.description].index("unblocks")
        found["tasks"] = [(*row[:unblocks], *row[unblocks + 1 :]) for row in rows]
        return found

    return index.ask(read)


def chains(index: Index) -> tuple[dict[str, int], set[str]] | None:
    """Return how many wait for each task, where that is known, and which are stuck; or None."""

    def read(connection: Any) -> tuple[dict[str, int], set[str]] | None:
        if connection.execute("SELECT 1 FROM state WHERE key = 'chains'").fetchone():
            return None
        known = connection.execute("SELECT id, unblocks FROM tasks WHERE unblocks IS NOT NULL")
        stuck = connection.execute("SELECT id FROM tasks JOIN stuck USING (n)")
        return dict(known.fetchall()), {task_id for (task_id,) in stuck}

    return index.ask(read)
