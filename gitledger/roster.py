"""The roster: who works on a list, as of now, for whoever looks (contract, section 7)."""

from __future__ import annotations

import os

from gitledger import binding, settings
from gitledger.core.criteria import CONFLICTED
from gitledger.core.presence import Held, lost_claims, session_views
from gitledger.core.session import is_past

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta

    from gitledger.core.presence import SessionView
    from gitledger.reader import Reader


def host() -> str:
    """Return the name of this machine."""
    return os.uname().nodename.partition(".")[0]


def views(reader: Reader) -> list[SessionView]:
    """Return every session that is registered or holds a task, who needs attention first."""
    names, index = reader.workers(), reader.index()
    seen = reader.signs().seen(names)
    if reader.session in names:
        seen[reader.session] = reader.now()  # looking is a sign of life
    held = [Held(*values) for values in index.held()]
    return session_views(
        held,
        index.sessions(),
        tasks=lambda ids: (row.task() for row in index.rows(ids)),
        lost=lost_claims(row.task() for row in index.select(CONFLICTED) if not row.finished),
        typical=index.typical({task.type for task in held}),
        seen=seen,
        lease=reader.lease,
        now=reader.now(),
        gone=gone(reader),
    )


def listed(reader: Reader) -> tuple[list[SessionView], list[SessionView]]:
    """Return the views that `session list` shows, and those that are past the retention.

    Those that have ended stand behind the others. Past it are those that `session prune` would
    remove. A name that is not registered and holds a task is always shown: no one tidies it away.
    """
    stay: list[SessionView] = []
    past: list[SessionView] = []
    span = retention(reader)
    for view in views(reader):
        (past if _is_past(view, reader, span) else stay).append(view)
    return sorted(stay, key=lambda view: view.status == "ended"), past


def retention(reader: Reader) -> timedelta:
    """Return for how long sessions stay that ended or are silent: `gitledger.sessionRetention`.

    Raises:
        InvalidInput: the setting is no span of time.
    """
    return settings.retention(reader.repository.configuration)


def gone(reader: Reader) -> frozenset[str]:
    """Return the sessions whose worktree in this repository on this machine is gone.

    They were alive here, no worktree is bound to them any more, and they have not acted since
    from elsewhere: another clone on this machine may have the same name.
    """
    now = reader.now()
    here = binding.present(reader.standing.location.common_dir_name)
    found = {}
    for session in reader.index().sessions().values():
        missing = session.worktree and not session.ended and session.name not in here
        ours = (session.host, session.repository) == (host(), reader.standing.name)
        if missing and ours and (at := reader.heartbeats.last(session.name, now)):
            found[session.name] = at
    return frozenset(found) - reader.signs().acted_since(found) if found else frozenset()


def _is_past(view: SessionView, reader: Reader, span: timedelta) -> bool:
    from datetime import timedelta

    silent = None
    if view.status == "stale":
        silent = reader.now() - view.last_seen if view.last_seen else timedelta.max
    return view.session is not None and is_past(view.session, reader.now(), silent, span)
