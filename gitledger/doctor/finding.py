"""What the doctor finds, and what can be done about it."""

from __future__ import annotations

from gitledger.core.dataclass import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal


@dataclass(frozen=True, slots=True)
class Mend:
    """What sets a finding right.

    Attributes:
        deed: what it would do, as in a question: `remove the lock file`.
        do: does it, and returns one line that says what was done. It raises LedgerError where it
            cannot, and has then lost nothing.
    """

    deed: str
    do: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with a ledger. Its texts may hold what a ledger or a file says.

    Attributes:
        code: a stable word for programs.
        subject: what it is about: the full name of a ref, a path, the id of a task, a remote.
        problem: what is wrong with it, on one line.
        by_hand: what its user can do about it, on one line; without effect where there is a mend.
        severity: `error` where tasks are lost, unreadable or in danger of it, else `warning`.
        mend: how the doctor can set it right; None where it cannot.
    """

    code: str
    subject: str
    problem: str
    by_hand: str = "restore it from a copy of this repository, or from another clone of the ledger"
    severity: Literal["error", "warning"] = "error"
    mend: Mend | None = None

    @property
    def advice(self) -> str:
        """What to do about it, on one line."""
        return f"git ledger doctor --fix would {self.mend.deed}" if self.mend else self.by_hand

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from other findings of the same examination."""
        return self.code, self.subject
