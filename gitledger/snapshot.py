"""The tasks as of one commit, read when they are asked for."""

from __future__ import annotations

from operator import itemgetter

from gitledger.archive import Archive
from gitledger.core import codec, ids
from gitledger.core.task import Task, is_of_list, writers
from gitledger.entries import (
    Quarantined,
    decode_record,
    read_entry,
    valid_record,
    valid_task,
    valid_tasks,
)
from gitledger.errors import AmbiguousId, InvalidRecord, InvalidTask, NewerFormat, NoSuchTask
from gitledger.store.base import Entry, Store
from gitledger.tree import (
    DEPTH,
    FORMAT_FILE,
    FORMAT_PATH,
    FORMAT_VERSION,
    MESSAGES,
    SESSIONS,
    TASKS,
    path_any_task,
    path_message,
    path_session,
    path_task,
    session_path,
    task_path,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping
    from datetime import datetime
    from typing import TypeVar

    from gitledger.core.message import Message
    from gitledger.core.session import Session

    R = TypeVar("R", "Session", "Message")


class Snapshot:
    """The tasks of one commit; see `gitledger.core.draft.Tasks` for what the rules read of it.

    Whoever names a task finds it in the archive, too; whoever goes through all sees none of those.
    Of a task that stands in both places, by somebody's hand, the archived one does not count.

    Args:
        store: where the commit is.
        commit: its id.
        before: an earlier snapshot, of which only the differences are read anew.

    Attributes:
        archive: the tasks that are put away.
    """

    def __init__(self, store: Store, commit: str, before: Snapshot | None = None) -> None:
        self.commit = commit
        self._store = store
        # What was never read as a whole has nothing to hand on, and would be kept for nothing.
        handed = before if before is None or before._tasks is not None else before._before
        self._before: Snapshot | None = handed
        self.archive: Archive = Archive(store, commit, before.archive if before else None)
        self._tasks: dict[str, Task] | None = None
        self._order: list[str] = []
        self._found: dict[str, Task | None] = {}
        self._sources: dict[tuple[tuple[str, str], ...], Task] | None = None
        self._sessions: dict[str, Session] | None = None
        self._messages: dict[str, Message] | None = None
        self._quarantined: dict[str, Quarantined] = {}

    def find(self, task_id: str) -> Task | None:
        """Return the task with this whole id; None when there is none, or no valid one."""
        there = self._hot(task_id)
        return self.archive.find(task_id) if there is None and self._puts_away(task_id) else there

    def is_archived(self, task_id: str) -> bool:
        """Tell whether the task is put away, and so finished, whatever its file says by now."""
        return self._hot(task_id) is None and self._puts_away(task_id)

    def archived(self) -> Iterator[Task]:
        """Yield every valid task that is put away, ordered by id."""
        twice = self._twice()
        return (task for key, task in self.archive.all().items() if key not in twice)

    def file(self, task_id: str) -> bytes | None:
        """Return the bytes of the task's file, None when there is none that may be read."""
        if self.is_archived(task_id):
            return self.archive.file(task_id)
        return self._text(self._store.entry(self.commit, task_path(task_id)))

    def occupied(self, task_id: str) -> bool:
        """Tell whether something that is no valid task stands in this task's place."""
        if self._hot(task_id) is not None:
            return False
        path = task_path(task_id)
        there = self._store.entry(self.commit, path) or any(
            self._store.entries(self.commit, path, depth=0)
        )
        return bool(there) or (task_id in self.archive and self.archive.find(task_id) is None)

    def require_free(self, task_id: str) -> None:
        """Raise InvalidTask where an archived task cannot come back: something is in its place."""
        path = task_path(task_id)
        if self._store.entry(self.commit, path) is not None:
            raise InvalidTask(
                f"'{self.short(task_id)}' is archived, and {path} is no valid task",
                hint="see: git ledger doctor",
            )

    def resolve(self, prefix: str) -> str:
        """Return the one task id that starts with the prefix (3 characters at least).

        Raises:
            NoSuchTask: there is none, or the word cannot be an id.
            AmbiguousId: there are several.
        """
        word = prefix.lower()
        if not ids.is_prefix(word):
            if ids.is_prefix(f"{word:0<3}"):
                raise AmbiguousId(
                    f"'{prefix}' is too short for a task",
                    matches=(),
                    hint=f"give at least {ids.SHORTEST_PREFIX} characters of its id",
                )
            raise NoSuchTask(f"no task '{prefix}'", hint="a task is named by its id, as in 7f3k")
        named = [task_id for task_id in self._neighbours(word) if task_id.startswith(word)]
        matches = [task_id for task_id in named if self.find(task_id)]
        if not matches:
            raise self._no_such_task(prefix)
        if len(matches) > 1:
            shown = ", ".join(self.short(match) for match in matches[:5])
            raise AmbiguousId(
                f"'{prefix}' names {len(matches)} tasks",
                matches=matches,
                hint=f"say more of the id: {shown}{' …' if len(matches) > 5 else ''}",
            )
        return matches[0]

    def short(self, task_id: str) -> str:
        """Return the shortest unique prefix, at least 4 characters; what is no id stays whole."""
        if not ids.is_id(task_id):
            return task_id
        return ids.shortest_prefix(task_id, self._neighbours(task_id))

    def all(self) -> tuple[Task, ...]:
        """Return every valid task that is not archived, ordered by id."""
        return tuple(self.by_id().values())

    def by_id(self) -> Mapping[str, Task]:
        """Return every valid task by its id, ordered by id."""
        if self._tasks is None:
            self._tasks = dict(sorted(self._load().items(), key=itemgetter(0)))
            self._before = None
        return self._tasks

    def owned_by(self, name: str) -> list[Task]:
        """Return the unfinished tasks that a session owns, ordered by id."""
        return [task for task in self.all() if task.owner == name and not task.finished]

    def last_claims(self, names: Iterable[str]) -> dict[str, datetime]:
        """Return when each session's latest task became its own, of those that it still works on.

        Who has none is left out.
        """
        from gitledger.core.session import last_sign

        found = {name: last_sign(*(t.claimed_at for t in self.owned_by(name))) for name in names}
        return {name: at for name, at in found.items() if at}

    def first(self, by: str, role: str | None, silent: Container[str]) -> Task | None:
        """Return the task that a session should do next, None when nothing is ready."""
        from gitledger.core.graph import Graph, candidates

        graph = Graph(self.all(), self.is_archived)
        return next(iter(candidates(graph, by, role, silent)), None)

    def roles(self) -> set[str]:
        """Return the roles that tasks name."""
        return {task.role for task in self.all() if task.role}

    def writers(self) -> set[str]:
        """Return the sessions that own a task, or wrote anything on one."""
        return set().union(*map(writers, self.all()))

    def imported(self, system: str, name: str) -> list[Task]:
        """Return the tasks that were imported from this list of a system, ordered by id."""
        return [task for task in self.all() if is_of_list(task, system, name)]

    def find_source(self, source: tuple[tuple[str, str], ...]) -> Task | None:
        """Return the task that was imported from this source (its sorted items), or None."""
        if self._sources is None:
            self._sources = {
                tuple(sorted(task.source.items())): task
                for task in (*self.archived(), *self.all())
                if task.source
            }
        return self._sources.get(source)

    def session(self, name: str) -> Session | None:
        """Return the registered session of this name, None when there is none, or no valid one."""
        if self._sessions is not None:
            return self._sessions.get(name)
        from gitledger.core.session import Session

        entry = self._store.entry(self.commit, session_path(name))
        return self._record(Session, name, entry) if entry else None

    def sessions(self) -> Mapping[str, Session]:
        """Return every registered session by its name, ordered by name."""
        if self._sessions is None:
            from gitledger.core.session import Session

            self._sessions = self._records(Session, SESSIONS, path_session)
        return self._sessions

    def messages(self) -> Mapping[str, Message]:
        """Return every message by its id, ordered by id."""
        if self._messages is None:
            from gitledger.core.message import Message

            self._messages = self._records(Message, MESSAGES, path_message)
        return self._messages

    def quarantined(self) -> tuple[Quarantined, ...]:
        """Return the entries that are no valid tasks, sessions or messages, ordered by path.

        Of the archive those that can be none by their places alone: its files are not read.
        """
        for path, reason in self.archive.misplaced().items():
            self._quarantine(path, reason)
        self.by_id()
        self.sessions()
        self.messages()
        return tuple(sorted(self._quarantined.values(), key=lambda bad: bad.path))

    def require_writable(self) -> None:
        """Raise NewerFormat when a newer gitledger wrote this ledger, or may have."""
        version = self.version()
        if version is None:
            raise NewerFormat(
                f"{FORMAT_PATH} cannot be read: perhaps a newer gitledger wrote it",
                hint="see: git ledger doctor; reading goes on working",
            )
        if version > FORMAT_VERSION:
            raise NewerFormat(
                f"this ledger has format {version}; this gitledger writes format {FORMAT_VERSION}",
                hint="upgrade gitledger; reading goes on working",
            )

    def is_ledgers(self) -> bool:
        """Tell whether the commit can be a ledger's: it has the format's file, or tasks."""
        store, commit = self._store, self.commit
        return store.entry(commit, FORMAT_PATH) is not None or any(
            store.entries(commit, TASKS, depth=0)
        )

    def version(self) -> int | None:
        """Return the format's version as the tree names it, None where that cannot be read."""
        entry = self._store.entry(self.commit, FORMAT_PATH)
        text = self._text(entry) or b""
        if entry is None or text == FORMAT_FILE:
            return FORMAT_VERSION
        return codec.decode_version(text)

    def _load(self) -> dict[str, Task]:
        before = self._before
        if before is None or before._tasks is None:
            return self._load_whole()
        changes = list(self._store.changes(before.commit, self.commit, depth=1 + DEPTH))
        # Of a folder that is not entered it is not known what has changed in it.
        folders = [change.path for change in changes] + list(before._quarantined)
        if any(path.endswith("/") for path in folders):
            return self._load_whole()
        tasks, quarantined = dict(before._tasks), dict(before._quarantined)
        for change in changes:
            quarantined.pop(change.path, None)
            if task_id := path_task(change.path):
                tasks.pop(task_id, None)
            if change.new and change.path.startswith(f"{TASKS}/"):
                task = self._decode(change.new)
                if task:
                    tasks[task.id] = task
        # What was found here already, of sessions and messages, is newer.
        self._quarantined = quarantined | self._quarantined
        return tasks

    def _load_whole(self) -> dict[str, Task]:
        entries = self._store.entries(self.commit, TASKS, depth=DEPTH)
        tasks = {}
        for entry, found in valid_tasks(self._store, entries, codec.decode):
            if isinstance(found, InvalidTask):
                self._quarantine(entry.path, found.message)
            else:
                tasks[found.id] = found
        return tasks

    def _records(
        self, kind: type[R], folder: str, named: Callable[[str], str | None]
    ) -> dict[str, R]:
        found: dict[str, R] = {}
        for entry in self._store.entries(self.commit, folder, depth=DEPTH):
            try:
                found[named(entry.path) or ""] = valid_record(self._store, kind, entry, named)
            except InvalidRecord as wrong:
                self._quarantine(entry.path, wrong.message)
        return dict(sorted(found.items()))

    def _record(self, kind: type[R], name: str, entry: Entry) -> R | None:
        try:
            return decode_record(self._store, kind, name, entry)
        except InvalidRecord as wrong:
            self._quarantine(entry.path, wrong.message)
            return None

    def _quarantine(self, path: str, reason: str) -> None:
        self._quarantined[path] = Quarantined(path, reason)

    def _decode(self, entry: Entry) -> Task | None:
        """Return an entry's task, or None when it is none; it is quarantined then."""
        try:
            return valid_task(self._store, entry, codec.decode)
        except InvalidTask as wrong:
            self._quarantined[entry.path] = Quarantined(entry.path, wrong.message)
            return None

    def _no_such_task(self, prefix: str) -> NoSuchTask:
        known = {bad.path: bad.reason for bad in self._known_bad()} | self.archive.found_bad
        for path, reason in known.items():
            if (path_any_task(path) or "").startswith(prefix.lower()):
                return NoSuchTask(
                    f"'{prefix}' is no valid task: {reason}", hint="see: git ledger doctor"
                )
        return NoSuchTask(f"no task '{prefix}'", hint="list them all: git ledger list --all")

    def _hot(self, task_id: str) -> Task | None:
        """Return the task with this whole id that is not archived, None when there is none."""
        if self._tasks is not None:
            return self._tasks.get(task_id)
        if task_id not in self._found:
            entry = None
            if ids.is_id(task_id):
                entry = self._store.entry(self.commit, task_path(task_id))
            self._found[task_id] = self._decode(entry) if entry else None
        return self._found[task_id]

    def _twice(self) -> Container[str]:
        """Return the tasks whose files in the archive do not count, were they there."""
        return self.by_id()

    def _puts_away(self, task_id: str) -> bool:
        """Tell whether a file stands in the archive's place of this task."""
        return ids.is_id(task_id) and task_id in self.archive

    def _known_bad(self) -> Iterable[Quarantined]:
        """Return what is known to be quarantined by now."""
        return self._quarantined.values()

    def _text(self, entry: Entry | None) -> bytes | None:
        return read_entry(self._store, entry) if entry else None

    def _neighbours(self, start: str) -> Iterator[str]:
        """Yield the ids that share the first two characters: all that a prefix can mean."""
        found = {*self._hot_neighbours(start), *self.archive.beginning(start)}
        return iter(sorted(found))

    def _hot_neighbours(self, start: str) -> Iterator[str]:
        if self._tasks is not None:
            from bisect import bisect_left

            order = self._order = self._order or list(self._tasks)
            place = bisect_left(order, start[:2])
            while place < len(order) and order[place].startswith(start[:2]):
                yield order[place]
                place += 1
            return
        for entry in self._store.entries(self.commit, f"{TASKS}/{start[0]}/{start[1]}", depth=0):
            if task_id := path_task(entry.path):
                yield task_id
