"""What a replay came to: the tip with both sides, and what became of what could not stay."""

from __future__ import annotations

from gitledger.core.conflict import Conflict
from gitledger.core.dataclass import dataclass, field
from gitledger.core.merge import LostClaim

Files = dict[str, bytes | None]
"""New content by path; None removes the path."""


@dataclass(slots=True)
class Replayed:
    """What a replay came to.

    Attributes:
        tip: the commit that holds both sides.
        conflicts: each value that lost; a note on its task keeps it.
        claims_lost: each claim that another session had published first.
        renamed: new ids of tasks whose id was taken, by the old id.
        sessions_renamed: new names of sessions whose name was taken, by the old name.
    """

    tip: str
    conflicts: list[Conflict] = field(default_factory=list)
    claims_lost: list[LostClaim] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    sessions_renamed: dict[str, str] = field(default_factory=dict)
