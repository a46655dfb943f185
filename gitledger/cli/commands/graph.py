"""`tree`, `graph`: how tasks hang together."""

from __future__ import annotations

from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.rows import before_title, headline
from gitledger.cli.spec import Argument, Command, Option
from gitledger.cli.style import Style, columns
from gitledger.core.dates import estimate_hours
from gitledger.core.diagram import TreeRow, to_dot, to_mermaid, tree_rows
from gitledger.core.graph import Graph
from gitledger.core.text import escape
from gitledger.core.view import TaskView, task_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

_PANEL = "Dependencies"
_ASCII = str.maketrans({"├": "|", "└": "`", "│": "|", "─": "-"})


def tree(context: Context, *, name: str | None, all: bool) -> Reply:  # noqa: A002  # `--all`
    """Show tasks with their sub-tasks, and what each waits for."""
    reader = context.reader
    root = reader.task(name).id if name else None
    every = {view.task.id: view for view in reader.views()}
    put_away = root is not None and root not in every
    if put_away:
        every |= {view.id: view for view in reader.archived()[0]}
    found = tree_rows(reader.graph(archived=put_away), root)
    shown = found if all or root else _with_work_left(found, every)

    def data() -> dict[str, Any]:
        views = reader.with_revisions([every[row.id] for row in shown])
        return {
            "tasks": [
                {**task_json(view), "depth": row.depth}
                for row, view in zip(shown, views, strict=True)
            ]
        }

    def lines(style: Style) -> Iterator[str]:
        for row in shown:
            yield _tree_line(every[row.id], row, context, style)

    messages = [] if shown else ["no unfinished tasks"]
    return Reply("tree", data, lines, messages=messages, paged=True)


def _with_work_left(found: list[TreeRow], every: dict[str, TaskView]) -> list[TreeRow]:
    """Leave out trees in which everything is finished."""
    shown: list[TreeRow] = []
    branch: list[TreeRow] = []
    for row in [*found, None]:
        if row is None or row.depth == 0:
            if any(not every[each.id].task.finished for each in branch):
                shown += branch
            branch = []
        if row is not None:
            branch.append(row)
    return shown


def _tree_line(view: TaskView, row: TreeRow, context: Context, style: Style) -> str:
    owner = view.task.owner
    behind = [] if view.task.finished or not owner else [(f"@{escape(owner)}", "yellow")]
    behind += _waits([] if view.task.finished else row.waits_for, context)
    prefix = row.prefix if style.unicode else row.prefix.translate(_ASCII)
    return _line(view, context, style, prefix, behind)


def _waits(others: Sequence[str], context: Context) -> list[tuple[str, str]]:
    """Return the words that name what a task waits for, and their look."""
    names = ", ".join(map(context.reader.short, others))
    return [(f"waits for {names}", "dim")] if others else []


def _line(
    view: TaskView, context: Context, style: Style, prefix: str, behind: Sequence[tuple[str, str]]
) -> str:
    """Return a line on a task: its headline, as much of its title as fits, and words behind."""
    short = context.reader.short(view.task.id)
    taken = columns(prefix) + before_title(short) + sum(2 + columns(word) for word, _ in behind)
    title = style.fit(escape(view.task.title), style.left(taken))
    words = "".join(f"  {style.paint(word, look)}" for word, look in behind)
    return f"{prefix}{headline(view, short, style)} {title}{words}"


def graph(context: Context, *, format: str | None) -> Reply:  # noqa: A002  # `--format`
    """Show what can run in parallel, wave by wave, and the critical path."""
    reader = context.reader
    whole = reader.graph()
    path = whole.critical_path(estimate_hours)

    def data() -> dict[str, Any]:
        return {
            "waves": [list(wave) for wave in whole.waves()],
            "critical_path": list(path),
            "stuck": list(whole.stuck()),
            "edges": [
                {"from": blocker, "to": task.id}
                for task in whole.tasks.values()
                for blocker in task.blocked_by
            ],
        }

    def lines(style: Style) -> Iterator[str]:
        unfinished = [key for key, task in whole.tasks.items() if not task.finished]
        if format == "dot":
            return iter(to_dot(whole, unfinished, reader.short).splitlines())
        if format == "mermaid":
            return iter(to_mermaid(whole, unfinished, reader.short).splitlines())
        return _waves(context, whole, path, style)

    left = any(not task.finished for task in whole.tasks.values())
    return Reply(
        "graph",
        data,
        lines,
        messages=[] if left else ["no unfinished tasks"],
        paged=format in (None, "tree"),
    )


def _waves(context: Context, whole: Graph, path: tuple[str, ...], style: Style) -> Iterator[str]:
    every = {view.task.id: view for view in context.reader.views()}

    def line(task_id: str) -> str:
        view = every[task_id]
        return _line(view, context, style, "  ", _waits(view.blockers, context))

    for number, wave in enumerate(whole.waves(), 1):
        head = "can run now" if number == 1 else f"wave {number}"
        yield style.paint(f"{head} ({len(wave)})", "bold")
        yield from map(line, wave)
    if whole.stuck():
        yield style.paint("stuck: they wait in a circle, or for a task that is missing", "red")
        yield from map(line, whole.stuck())
    if len(path) > 1:
        arrow = " → " if style.unicode else " -> "
        estimates = [whole.tasks[key].estimate for key in path]
        hours = sum(estimate_hours(estimate) for estimate in estimates if estimate)
        about = f", {hours:g} h estimated" if hours else ""
        yield f"{style.paint('critical path', 'bold')} ({len(path)} tasks{about})"
        yield "  " + arrow.join(context.reader.short(task_id) for task_id in path)


COMMANDS = [
    Command(
        "tree",
        tree,
        "Show tasks with their sub-tasks, and what each waits for.",
        [
            Argument("name", "Only this task and those below.", metavar="ID", required=False),
            Option("--all", "-a", help="Trees in which everything is finished too."),
        ],
        panel=_PANEL,
    ),
    Command(
        "graph",
        graph,
        "Show what can run in parallel, wave by wave, and the critical path.",
        [
            Option(
                "--format",
                metavar="FORMAT",
                choices=("tree", "dot", "mermaid"),
                help="tree (for people), dot (Graphviz) or mermaid.",
            )
        ],
        panel=_PANEL,
    ),
]
