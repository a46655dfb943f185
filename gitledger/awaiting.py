"""Awaiting tasks: until they are so far, or cannot come to that any more."""

from __future__ import annotations

from math import inf

from gitledger.errors import InvalidInput, NoSuchTask, TaskFinished, TimedOut, did_you_mean
from gitledger.reader import Reader
from gitledger.waiting import never

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final

    from gitledger.core.task import Task
    from gitledger.waiting import RefWatch

STATUSES: Final = ("pending", "in_progress", "waiting", "in_review", "completed", "cancelled")
STATES: Final = (*STATUSES, "finished", "ready", "claimed")
"""What can be waited for: a status; completed or cancelled; can be done now; held by somebody."""


class Awaiting(Reader):
    """One task list, whose tasks somebody waits for."""

    def wait(
        self,
        *names: str,
        state: str = "completed",
        any_of: bool = False,
        timeout: float | None = None,
        stop: Callable[[], bool] = never,
    ) -> list[Task]:
        """Return tasks once they are so far; at once where they are already.

        It looks whenever the list changes: a state that came and went between two looks is
        none. Meanwhile it is a sign of life of the session.

        Args:
            names: ids or prefixes.
            state: one of `STATES`.
            any_of: one of the tasks suffices; what is returned are those that are so far.
            timeout: seconds after which it is given up.
            stop: tells whether to give up; asked some times a second.

        Raises:
            InvalidInput: there is no such state, or no task is named.
            NoSuchTask, AmbiguousId: a name names none; or a task was removed meanwhile.
            TaskFinished: it cannot come to that any more: a task was cancelled that was to be
                completed, or is finished and was to be ready.
            TimedOut: they were not so far in time.
            NoLedger: the list is gone.
        """
        from gitledger.waiting import looks

        if state not in STATES:
            hint = did_you_mean(state, STATES) or f"one of: {', '.join(STATES)}"
            raise InvalidInput(f"'{state}' is nothing to wait for", hint=hint)
        if not names:
            raise InvalidInput("no task is named")
        ids = list(dict.fromkeys(map(self.task_id, names)))
        watch = self._ref_watch()
        end = inf if timeout is None else watch.now() + timeout
        for _ in looks(watch, end=end, beat=self._beat, stop=stop):
            tasks = [self._still_there(task_id) for task_id in ids]
            so_far = [task for task in tasks if self._is(task, state)]
            if len(so_far) == len(tasks) or (any_of and so_far):
                return so_far
            self._require_possible(tasks, state, any_of=any_of)
        raise TimedOut(self._unmet(ids, state, any_of=any_of))

    # -- what waiting needs, and watching does, too ---------------------------------------------

    def _ref_watch(self) -> RefWatch:
        from gitledger import lists
        from gitledger.waiting import RefWatch

        return RefWatch(self.repository.location.common_dir_name, lists.ref(self.list))

    def _beat(self) -> None:
        self.heartbeats.beat(self.session, self.now(), waits=True)

    # -- how far tasks are ---------------------------------------------------------------------

    def _still_there(self, task_id: str) -> Task:
        task = self.snapshot().find(task_id)
        if task is None:
            raise NoSuchTask(
                f"the task '{task_id}' is not there any more",
                hint=f"see what became of it: git ledger log {task_id}",
            )
        return task

    def _is(self, task: Task, state: str) -> bool:
        if state in STATUSES:
            return task.status == state
        if state == "finished":
            return task.finished
        if state == "claimed":
            return task.owner is not None and not task.finished
        return any(view.ready for view in self.views([task.id]))

    def _require_possible(self, tasks: Sequence[Task], state: str, *, any_of: bool) -> None:
        """Raise TaskFinished where nothing but a reopening can bring about what is waited for."""
        ended = [task for task in tasks if task.finished and not self._is(task, state)]
        if ended and (not any_of or len(ended) == len(tasks)):
            task, called = ended[0], self.short(ended[0].id)
            raise TaskFinished(
                f"{called} '{task.title}' is {task.status}: it will not be {_words(state)}",
                task=task.id,
                status=task.status,
                hint=f"see why: git ledger show {called}",
            )

    def _unmet(self, ids: Sequence[str], state: str, *, any_of: bool) -> str:
        if any_of and len(ids) > 1:
            return f"none of the {len(ids)} tasks is {_words(state)}"
        missing = [task_id for task_id in ids if not self._is(self._still_there(task_id), state)]
        if len(missing) > 1:
            return f"{len(missing)} of the {len(ids)} tasks are not {_words(state)}"
        task = self._still_there(missing[0] if missing else ids[0])
        return f"{self.short(task.id)} '{task.title}' is not {_words(state)} but {task.status}"


def _words(state: str) -> str:
    return state.replace("_", " ")
