"""Sessions: under which name somebody works."""

from __future__ import annotations

from gitledger.core import ids
from gitledger.core.names import check_session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Final

_LONGEST: Final = 64
_CUT: Final = _LONGEST - 1 - ids.LENGTH
_AI_SESSION = "CLAUDE_CODE_SESSION_ID"


def choose(
    asked: str | None,
    environ: Mapping[str, str],
    *,
    user: Callable[[], str],
    worktree: str | None,
    bound: str | None = None,
) -> str:
    """Return the session to act as (contract, section 6): asked, environment, bound, or a default.

    The default is made of the user's name, in a linked worktree of its name too, and of a short
    form of an AI session's id where the environment announces one.

    Args:
        asked: what the caller named, or None.
        environ: `GITLEDGER_SESSION`, and `CLAUDE_CODE_SESSION_ID` for the default.
        user: returns the acting person's name.
        worktree: the name of the linked worktree, None in the main one.
        bound: the session that the worktree is bound to, or None.

    Raises:
        InvalidInput: the name that was asked for is no session name.
    """
    if name := asked or environ.get("GITLEDGER_SESSION"):
        return check_session(name)
    if bound:
        return bound
    parts = [user(), worktree or "", environ.get(_AI_SESSION, "")[:8]]
    words = [_fitting(part.lower()).strip("-_.+") for part in parts]
    name = "-".join(word for word in words if word) or "unknown"
    # Cut at its end it would lose what tells it from the session in the next worktree.
    return name if len(name) <= _LONGEST else f"{name[:_CUT]}-{ids.derived_id(name)}"


def agent(asked: str | None, environ: Mapping[str, str]) -> str | None:
    """Return the program that acts: what the caller named, or the environment announces, or None.

    Args:
        asked: what the caller named, or None.
        environ: `GITLEDGER_AGENT`, and `CLAUDE_CODE_SESSION_ID`.
    """
    if name := asked or environ.get("GITLEDGER_AGENT"):
        return name
    return f"claude-code {session}" if (session := environ.get(_AI_SESSION)) else None


def _fitting(text: str) -> str:
    """Return the text with a hyphen for each run of signs that no name can have."""
    signs = "".join(sign if sign.isalnum() or sign in "_.+" else " " for sign in text)
    return "-".join(word for word in signs.split(" ") if word)
