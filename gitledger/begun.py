"""The work at hand: the tasks that the session of a worktree has begun and not finished."""

from __future__ import annotations

from gitledger import binding, current, lists, session
from gitledger.current import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitledger.core.task import Task
    from gitledger.ledger import Ledger


def at_hand(ledger: Ledger) -> list[Task]:
    """Return the tasks that the ledger's session has begun, ordered by id.

    They are read from the worktree's own file where it says for sure, else among all that it holds;
    what was found is written down there.
    """
    git_dir, environ = ledger.standing.location.git_dir_name, ledger.standing.environ
    known = current.read(git_dir, environ)
    if known is None or any(entry.session != ledger.session for entry in known):
        held = ledger.snapshot().owned_by(ledger.session)
        found = [task for task in held if _is_begun(ledger, task)]
    else:
        named = (ledger.snapshot().find(entry.task) for entry in known)
        found = [task for task in named if task and _is_begun(ledger, task)]
    if (found or known is not None or current.exists(git_dir)) and _is_own(ledger):
        current.write(git_dir, environ, [_entry(ledger, task) for task in found])
    return found


def follow(ledger: Ledger, changed: Iterable[Task]) -> None:
    """Note in the worktree's own file what an operation has begun or ended.

    Args:
        ledger: with the session whose operation it is.
        changed: the tasks as they are after it.
    """
    changed = list(changed)
    git_dir, environ = ledger.standing.location.git_dir_name, ledger.standing.environ
    there = current.exists(git_dir)
    if not there and not any(_is_begun(ledger, task) for task in changed):
        return
    if not _is_own(ledger):
        return
    known = current.read(git_dir, environ)
    if known is None and there:  # it was another session's, which had its own; or is not known
        current.forget(git_dir)
        return
    entries = {entry.task: entry for entry in known or ()}
    for task in changed:
        entries.pop(task.id, None)
        if _is_begun(ledger, task):
            entries[task.id] = _entry(ledger, task)
    current.write(git_dir, environ, [entries[task_id] for task_id in sorted(entries)])


def _is_begun(ledger: Ledger, task: Task) -> bool:
    return task.status == "in_progress" and task.owner == ledger.session


def _is_own(ledger: Ledger) -> bool:
    """Tell whether session and list are those that a hook in this worktree acts for."""
    standing, keeper = ledger.standing, ledger.repository
    configured = keeper.configuration.get("gitledger.list")
    if ledger.list != lists.choose(None, standing.environ, configured, keeper.lists):
        return False
    return ledger.session == session.choose(
        None,
        standing.environ,
        user=keeper.user,
        worktree=standing.worktree_name,
        bound=binding.bound(standing.location.git_dir_name),
    )


def _entry(ledger: Ledger, task: Task) -> Entry:
    from gitledger.tree import task_path

    ref, path = lists.ref(ledger.list), task_path(task.id)
    here = ledger.standing.location.common_dir_name == ledger.repository.location.common_dir_name
    tip = ledger.tip() if here else None
    found = ledger.repository.store.entry(tip, path) if tip else None
    blob = found.oid if found else "-"
    return Entry(ledger.session, f"{ref}:{path}", blob, task.id, branch=task.branch is not None)
