"""Answers that many commands give: the tasks that they changed, a list of tasks."""

from __future__ import annotations

from gitledger.cli.reply import Reply
from gitledger.core.text import escape
from gitledger.core.view import task_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from gitledger.cli.context import Context
    from gitledger.cli.reply import Lines
    from gitledger.cli.style import Style
    from gitledger.core.task import Task
    from gitledger.core.view import TaskView
    from gitledger.listing import Listing
    from gitledger.verbs import Verbs


def act(
    context: Context,
    verb: str,
    names: Sequence[str],
    do: Callable[[Verbs, str], Task],
    did: str | Callable[[Task], str],
    *,
    more: Callable[[], Iterable[str]] = lambda: (),
    messages: Sequence[str] = (),
) -> Reply:
    """Carry out a verb on each named task, all in one operation, and return the answer.

    Args:
        context: where the command runs.
        verb: the operation's name.
        names: ids or prefixes.
        do: carries the verb out on a ledger or transaction, and a name.
        did: what people read that it did, before the task's id and title.
        more: further lines for people.
        messages: lines for standard error.
    """
    before = context.ledger.snapshot()
    tasks = _each(context, verb, names, do)

    def lines(style: Style) -> Iterator[str]:
        for task in tasks:
            word = did if isinstance(did, str) else did(task)
            same = before.find(task.id) == task
            yield changed("unchanged:" if same else word, task, context.ledger.short)
        yield from more()

    return changed_tasks(context, tasks, lines, one=len(names) == 1, messages=messages)


def changed_tasks(
    context: Context, tasks: Sequence[Task], lines: Lines, *, one: bool = True, **more: Any
) -> Reply:
    """Return the answer of a command that changes tasks.

    Args:
        context: where the command ran.
        tasks: what it changed.
        lines: what people read.
        one: whether the command names a single task: kind `task`, otherwise `task-list`.
        more: other arguments of `Reply`.
    """
    from gitledger.cli.sharing import share

    share(context)

    def data() -> dict[str, Any]:
        views = context.ledger.views([task.id for task in tasks], revisions=True)
        return task_data(views[0]) if one else list_data(views)

    return Reply("task" if one else "task-list", data, lines, **more)


def task_list(
    context: Context,
    views: Sequence[TaskView] | Listing,
    *,
    why: bool = False,
    **more: Any,
) -> Reply:
    """Return the answer of a command that lists tasks.

    Args:
        context: where the command ran.
        views: the tasks, in their order.
        why: name the tasks that a blocked one waits for.
        more: other arguments of `Reply`.
    """

    def data() -> dict[str, Any]:
        from gitledger.listing import Listing

        ids = views.ids if isinstance(views, Listing) else [view.id for view in views]
        found = context.reader.each_with_revision(views, ids)
        return {"tasks": map(task_json, found), **as_of(context)}

    def lines(style: Style) -> Iterator[str]:
        from gitledger.cli.rows import rows

        yield from as_of_lines(context, style)
        yield from rows(views, context.reader.shortening(len(views)), style, why=why)

    return Reply("task-list", data, lines, paged=True, **more)


def changed(did: str, task: Task, short: Callable[[str], str]) -> str:
    """Return what a command did: `claimed 7f3k Add auth`."""
    return f"{did} {short(task.id)} {escape(task.title)}"


def task_data(view: TaskView) -> dict[str, Any]:
    """Return the body of a `task` object."""
    return {"task": task_json(view)}


def list_data(views: Iterable[TaskView]) -> dict[str, Any]:
    """Return the body of a `task-list` object."""
    return {"tasks": [task_json(view) for view in views]}


def as_of(context: Context) -> dict[str, Any]:
    """Return what JSON says of the moment as of which the ledger is read; nothing, where now."""
    if context.moment is None:
        return {}
    from gitledger.cli.operations import moment_json

    return {"as_of": moment_json(context.moment)}


def as_of_lines(context: Context, style: Style) -> Iterator[str]:
    """Yield the line that says so to people."""
    if context.moment is not None:
        from gitledger.cli.operations import moment_words

        words = moment_words(context.moment, context.reader.short, style.indented(6))
        yield style.paint("as of ", "bold") + words


def _each(
    context: Context, verb: str, names: Sequence[str], do: Callable[[Verbs, str], Task]
) -> list[Task]:
    if len(names) == 1:
        return [do(context.ledger, names[0])]
    with context.ledger.transaction(verb) as transaction:
        return [do(transaction, name) for name in dict.fromkeys(names)]
