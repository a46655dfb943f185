"""What a repository's settings say about the rules."""

from __future__ import annotations

from datetime import timedelta

from gitledger.core.dataclass import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

LEASE: Final = timedelta(hours=2)
"""For how long a session may be silent before its claims are stale, where nothing else is set."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How a ledger is used here.

    Attributes:
        max_claims: unfinished tasks that one session may hold, beside those in review; None: any
            number.
        review: every task is reviewed before it is completed.
        lease: for how long a session may be silent that has no lease of its own.
    """

    max_claims: int | None = None
    review: bool = False
    lease: timedelta = LEASE
