"""A task list in hindsight: as it was, what has changed since, and who did it."""

from __future__ import annotations

from gitledger.reader import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitledger.blame import Blamed
    from gitledger.core.task import Task
    from gitledger.differences import TaskDifference
    from gitledger.history import LogEntry
    from gitledger.moment import Moment
    from gitledger.past import Past


class Hindsight(Reader):
    """One task list, as a session looks back at it."""

    def moment(self, word: str) -> Moment:
        """Return the moment that a word names: `yesterday`, `7f3k~1`, a commit.

        Raises: as `gitledger.moment.find`, which tells what is understood.
        """
        from gitledger import moment

        return moment.find(self, word)

    def at(self, when: str) -> Past:
        """Return the list as it was at a moment, to be read.

        Args, Raises: as `moment`.
        """
        return look_back(self, when)

    def diff(self, old: str, new: str = "now") -> list[TaskDifference]:
        """Return the tasks that differ between two moments: what is new first, then what is done.

        Args:
            old: the one before, as `moment` reads it.
            new: the one after.

        Raises: as `moment`.
        """
        return differing(self, old, new)[2]

    def blame(self, name: str) -> list[Blamed]:
        """Return who set each field of a task and each line of its description, by fields.

        Raises:
            NoSuchTask, AmbiguousId: as `task`.
        """
        return blame(self, name)[1]

    def patch(self, entry: LogEntry) -> list[TaskDifference]:
        """Return what an operation did to tasks, ordered by id."""
        return patch(self, entry)


def look_back(reader: Reader, when: str) -> Past:
    """Return a list as it was; see `Hindsight.at`."""
    from gitledger import moment
    from gitledger.past import Past

    return Past.of(reader, moment.find(reader, when))


def differing(reader: Reader, old: str, new: str) -> tuple[Moment, Moment, list[TaskDifference]]:
    """Return two moments, and the tasks that differ between them; see `Hindsight.diff`."""
    from gitledger import differences, moment

    before, after = moment.find(reader, old), moment.find(reader, new)
    found = differences.between(reader.repository.store, before.commit, after.commit)
    return before, after, differences.in_order(found)


def blame(reader: Reader, name: str) -> tuple[Task, list[Blamed]]:
    """Return a task, and who set what of it; see `Hindsight.blame`."""
    from gitledger import blame

    task = reader.task(name)
    rows = reader.operations().newest(task=task.id)
    return task, blame.blame(rows, reader.repository.store, task.id)[1]


def patch(reader: Reader, entry: LogEntry, *, only: str | None = None) -> list[TaskDifference]:
    """Return what an operation did to tasks, or to the one with this id; see `Hindsight.patch`."""
    from gitledger import differences

    store = reader.repository.store
    parent = store.commit(entry.commit).parent
    return list(differences.between(store, parent, entry.commit, only=only))
