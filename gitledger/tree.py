"""Where everything stands in a list's tree: tasks, archived ones, sessions, messages."""

from __future__ import annotations

from gitledger.core import ids
from gitledger.core.names import check_session
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

FORMAT_PATH: Final = "format.toml"
FORMAT_VERSION: Final = 1
FORMAT_FILE: Final = f"version = {FORMAT_VERSION}\n".encode()
TASKS: Final = "tasks"
DEPTH: Final = 2
"""Levels of folders below `tasks`; what is deeper is no task, and may have no end."""
SESSIONS: Final = "sessions"
MESSAGES: Final = "messages"
ARCHIVE: Final = "archive"
"""Finished tasks that are put away: below it as others are below `tasks`."""


def task_path(task_id: str) -> str:
    """Return where a task's file stands: `tasks/7/f/7f3k2m9q0d.toml`.

    Two levels of one character keep every tree under 100 entries at 100,000 tasks.
    """
    return f"{TASKS}/{task_id[0]}/{task_id[1]}/{task_id}.toml"


def path_task(path: str) -> str | None:
    """Return the id of the task whose file stands at the path, None when no task's may."""
    task_id = path.rpartition("/")[2].removesuffix(".toml")
    return task_id if ids.is_id(task_id) and path == task_path(task_id) else None


def session_path(name: str) -> str:
    """Return where a session's file stands: `sessions/frontend.toml`."""
    return f"{SESSIONS}/{name}.toml"


def path_session(path: str) -> str | None:
    """Return the name of the session whose file stands at the path, None when no session's may."""
    folder, _, file = path.partition("/")
    name = file.removesuffix(".toml")
    if folder != SESSIONS or path != session_path(name):
        return None
    try:
        return check_session(name)
    except InvalidInput:
        return None


def message_path(message_id: str) -> str:
    """Return where a message's file stands: `messages/7/f/7f3k2m9q0d.toml`."""
    return f"{MESSAGES}/{message_id[0]}/{message_id[1]}/{message_id}.toml"


def path_message(path: str) -> str | None:
    """Return the id of the message whose file stands at the path, None when no message's may."""
    message_id = path.rpartition("/")[2].removesuffix(".toml")
    return message_id if ids.is_id(message_id) and path == message_path(message_id) else None


def archive_path(task_id: str) -> str:
    """Return where an archived task's file stands: `archive/7/f/7f3k2m9q0d.toml`."""
    return f"{ARCHIVE}/{task_id[0]}/{task_id[1]}/{task_id}.toml"


def path_archived(path: str) -> str | None:
    """Return the id of the archived task whose file stands at the path, None for no such place."""
    task_id = path.rpartition("/")[2].removesuffix(".toml")
    return task_id if ids.is_id(task_id) and path == archive_path(task_id) else None


def path_any_task(path: str) -> str | None:
    """Return the id of the task, archived or not, whose file stands at the path; None for none."""
    return path_archived(path) if path.startswith(f"{ARCHIVE}/") else path_task(path)
