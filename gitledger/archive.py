"""The archive of one commit: finished tasks that are put away, read when they are asked for."""

from __future__ import annotations

from operator import attrgetter

from gitledger.core import codec
from gitledger.core.task import FILE_LIMIT, Task
from gitledger.errors import InvalidTask
from gitledger.store.base import FOLDER, Entry, Store
from gitledger.tree import ARCHIVE, archive_path, path_archived

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

PLAIN_FILES: Final = (0o100644, 0o100755)
"""The modes of files."""
MISPLACED: Final = "its name is no task id, or it stands in the wrong place"
_DEPTH: Final = 2


def archived_id(entry: Entry) -> str:
    """Return the id of the archived task that an entry below `archive` is, whatever is in it.

    Raises:
        InvalidTask: it can be none.
    """
    if entry.mode == FOLDER:
        raise InvalidTask("a folder where none belongs")
    if entry.mode not in PLAIN_FILES:
        raise InvalidTask("not a plain file")
    task_id = path_archived(entry.path)
    if task_id is None:
        raise InvalidTask(MISPLACED)
    return task_id


class Archive:
    """The archived tasks of one commit; the ids of thousands are known without reading a file.

    Args:
        store: where the commit is.
        commit: its id.
        before: the archive of an earlier commit; what was read there is not read again.

    Attributes:
        found_bad: what was seen to be no valid archived task by now: paths, each with the reason.
    """

    def __init__(self, store: Store, commit: str, before: Archive | None = None) -> None:
        self._store = store
        self._commit = commit
        self._read: dict[str, Task] = {} if before is None else before._read
        self._found: dict[str, Entry | None] = {}
        self._tasks: dict[str, Task] | None = None
        self._sources: dict[tuple[tuple[str, str], ...], Task] | None = None
        self.found_bad: dict[str, str] = {}

    def __contains__(self, task_id: str) -> bool:
        """Tell whether a file stands in the place of this archived task."""
        if task_id not in self._found:
            entry = self._store.entry(self._commit, archive_path(task_id))
            self._found[task_id] = entry if entry and entry.mode in PLAIN_FILES else None
        return self._found[task_id] is not None

    def find(self, task_id: str) -> Task | None:
        """Return the archived task with this whole id; None when there is none, or no valid one."""
        if task_id not in self:
            return None
        entry = self._found[task_id]
        try:
            return self._task(entry) if entry else None
        except InvalidTask as wrong:
            self.found_bad[archive_path(task_id)] = wrong.message
            return None

    def file(self, task_id: str) -> bytes | None:
        """Return the bytes of an archived task's file, None when there is none to be read."""
        entry = self._found[task_id] if task_id in self else None
        return self._store.read(entry.oid, FILE_LIMIT) if entry else None

    def beginning(self, start: str) -> Iterator[str]:
        """Yield the ids of archived tasks that share the first two characters, sorted."""
        folder = f"{ARCHIVE}/{start[0]}/{start[1]}"
        for entry in self._store.entries(self._commit, folder, depth=0):
            if entry.mode in PLAIN_FILES and (task_id := path_archived(entry.path)):
                yield task_id

    def all(self) -> dict[str, Task]:
        """Return every valid archived task by its id, ordered by id."""
        if self._tasks is None:
            found = {}
            for entry in self._entries():
                try:
                    task = self._task(entry)
                except InvalidTask as wrong:
                    self.found_bad[entry.path] = wrong.message
                else:
                    found[task.id] = task
            self._tasks = {task.id: task for task in sorted(found.values(), key=attrgetter("id"))}
        return self._tasks

    def find_source(self, source: tuple[tuple[str, str], ...]) -> Task | None:
        """Return the archived task that was imported from this source (its sorted items)."""
        if self._sources is None:
            self._sources = {
                tuple(sorted(task.source.items())): task
                for task in self.all().values()
                if task.source
            }
        return self._sources.get(source)

    def misplaced(self) -> dict[str, str]:
        """Return what can be no archived task, whatever is in it: paths, each with the reason."""
        found = {}
        for entry in self._entries():
            try:
                archived_id(entry)
            except InvalidTask as wrong:
                found[entry.path] = wrong.message
        return found

    def bad(self) -> dict[str, str]:
        """Return all that is no valid archived task: paths, each with the reason."""
        self.all()
        return dict(sorted(self.found_bad.items()))

    def _entries(self) -> Iterator[Entry]:
        return self._store.entries(self._commit, ARCHIVE, depth=_DEPTH)

    def _task(self, entry: Entry) -> Task:
        """Return the archived task that an entry holds; it is finished.

        Raises:
            InvalidTask: it holds none, or one that is not finished.
        """
        task_id = archived_id(entry)
        known = self._read.get(entry.oid)
        if known is not None and known.id == task_id:
            return known
        text = self._store.read(entry.oid, FILE_LIMIT)
        if text is None:
            raise InvalidTask(f"larger than {FILE_LIMIT} bytes")
        task = codec.decode(text, task_id)
        if not task.finished:
            raise InvalidTask(f"archived, though it is {task.status}")
        self._read[entry.oid] = task
        return task
