"""post-merge, post-checkout: which branch a task is worked on at, and what has reached the
default branch."""

from __future__ import annotations

from gitledger import begun
from gitledger.hook import arrivals
from gitledger.hook.post_commit import post_commit, settings_say_merge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitledger.hook.place import Place

_BEFORE = "ORIG_HEAD"
"""What git merged into (gitrevisions(7))."""


def post_checkout(place: Place, flag: str) -> list[str]:
    """Learn the branch, after a checkout of one (flag `1`) and not of files."""
    if flag == "1" and not place.project.replaying:
        learn(place)
    return []


def post_merge(place: Place, flag: str) -> list[str]:
    """Complete what has come to the default branch, where that is when tasks are completed.

    Args:
        place: where.
        flag: `1` after a merge that made no commit (`--squash`).
    """
    if flag == "1":
        return []
    learn(place)
    project = place.project
    if settings_say_merge(place) and project.on_default:
        return arrivals.close(place, "merge", "HEAD", f"^{_BEFORE}")
    head = project.head()
    # A merge's own message; git runs post-commit for it only after conflicts.
    return post_commit(place) if head and arrivals.heads_of(head) else []


def learn(place: Place) -> None:
    """Let the one task that the session has begun name its branch, where it names none yet.

    The default branch is nobody's: work begins there before its branch is made.
    """
    branch = place.project.branch
    if branch is None or branch == place.project.default_branch:
        return
    at_hand = begun.at_hand(place.ledger)
    if len(at_hand) == 1 and at_hand[0].branch is None:
        place.ledger.edit(at_hand[0].id, branch=branch)
