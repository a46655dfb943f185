"""The tasks of a list that can be read: what of them is no task, and what waits for ever."""

from __future__ import annotations

import shlex

from gitledger import lists
from gitledger.core.graph import Graph
from gitledger.doctor.finding import Finding
from gitledger.entries import Quarantined
from gitledger.repository import Repository
from gitledger.snapshot import Snapshot
from gitledger.tree import FORMAT_PATH, FORMAT_VERSION, archive_path, path_any_task, task_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def examine(repository: Repository, name: str, tip: str) -> Iterator[Finding]:
    """Yield what is odd about the tasks as of a commit; none of it is changed by the doctor."""
    snapshot = Snapshot(repository.store, tip)
    yield from _format(name, snapshot.version())
    archived = (Quarantined(*bad) for bad in snapshot.archive.bad().items())
    quarantined = {bad.path: bad for bad in (*snapshot.quarantined(), *archived)}.values()
    yield from (_quarantined(name, bad) for bad in quarantined)
    yield from _twice(snapshot, name)
    unread = {path_any_task(bad.path) or "" for bad in quarantined}
    graph = Graph(snapshot.all(), snapshot.is_archived)
    yield from _missing_blockers(snapshot, name, graph, unread)
    yield from _cycles(snapshot, name, graph)


def _format(name: str, version: int | None) -> Iterator[Finding]:
    ref = lists.ref(name)
    if version is None:
        yield Finding(
            "unreadable-format",
            ref,
            f"{FORMAT_PATH} cannot be read: reading works, writing is refused",
            f"upgrade gitledger if a newer one wrote it: git log -p {ref} -- {FORMAT_PATH}",
            "warning",
        )
    elif version > FORMAT_VERSION:
        yield Finding(
            "newer-format",
            ref,
            f"a newer gitledger has written {FORMAT_PATH}: reading works, writing is refused",
            "upgrade gitledger",
            "warning",
        )


def _quarantined(name: str, bad: Quarantined) -> Finding:
    look = shlex.quote(f"{lists.ref(name)}:{bad.path}")
    return Finding(
        "quarantined",
        bad.path,
        f"it is no valid task and left as it is: {bad.reason}",
        f"look at it: git show {look}",
        "warning",
    )


def _twice(snapshot: Snapshot, name: str) -> Iterator[Finding]:
    for task_id in sorted(snapshot.by_id().keys() & snapshot.archive.all().keys()):
        short, place = snapshot.short(task_id), archive_path(task_id)
        look = shlex.quote(f"{lists.ref(name)}:{place}")
        yield Finding(
            "archived-twice",
            task_id,
            f"{short} stands in {place}, too, which does not count beside {task_path(task_id)}",
            f"look at it: git show {look}; archiving {short} again replaces it",
            "warning",
        )


def _missing_blockers(
    snapshot: Snapshot, name: str, graph: Graph, unread: set[str]
) -> Iterator[Finding]:
    for task_id, task in graph.tasks.items():
        for other in graph.blockers(task_id):
            if other not in graph.tasks and other not in unread:
                short = snapshot.short(task_id)
                yield Finding(
                    "missing-blocker",
                    task_id,
                    f"{short} '{task.title}' waits for {other}, which is no task of this list",
                    f"let it go: git ledger edit {short} --remove-blocked-by {other} --list {name}",
                    "warning",
                )


def _cycles(snapshot: Snapshot, name: str, graph: Graph) -> Iterator[Finding]:
    for cycle in cycles(graph):
        short = [snapshot.short(task_id) for task_id in cycle]
        yield Finding(
            "cycle",
            cycle[0],
            f"tasks wait for each other: {' → '.join([*short, short[0]])}",
            f"cut it: git ledger edit {short[0]} --remove-blocked-by {[*short, short[0]][1]}"
            f" --list {name}",
            "warning",
        )


def cycles(graph: Graph) -> Iterator[tuple[str, ...]]:
    """Yield cycles of unfinished tasks; each waits for the next, the last one for the first.

    There may be more of them through the same tasks; those show once these are cut.
    """
    stuck = set(graph.stuck())
    seen: set[str] = set()
    for start in sorted(stuck):
        way: dict[str, None] = {}
        here: str | None = start
        while here is not None and here not in seen:
            seen.add(here)
            way[here] = None
            here = next((other for other in graph.blockers(here) if other in stuck), None)
        if here in way:
            path = list(way)
            yield tuple(path[path.index(here) :])
