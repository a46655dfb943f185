"""A plan and its items: what a file says of tasks, before the ledger makes them."""

from __future__ import annotations

from gitledger.core.dataclass import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItem:
    """A task as a plan describes it. Values are checked; None is what the plan does not say.

    Attributes:
        place: its position in the plan's nesting, counted from 1: `2`, `1.3`.
        line: its line in the file, counted from 1; 0 where the format gives none.
        title: one line, as a task has it.
        parent: index of the item that it is a sub-task of, always smaller than its own.
        blocked_by: indexes of the items that it waits for, ascending.
        blocked_by_ids: ids or prefixes of existing tasks that it waits for, in lower case, not
            looked up yet.
        status: one of the six. A check box says `pending` or `completed`, where `pending` means
            that it is not ticked off and no more.
        priority: `P0` to `P4`.
        type: a word.
        role: a word.
        estimate: as `30m`, `4h`, `2d`.
        description: Markdown.
        due: as it is written, not understood yet.
        labels: sorted, without doubles.
        review: whether completion needs another session's approval.
        metadata: what can be kept as TOML.
    """

    place: str
    line: int
    title: str
    parent: int | None = None
    blocked_by: tuple[int, ...] = ()
    blocked_by_ids: tuple[str, ...] = ()
    status: str | None = None
    priority: str | None = None
    type: str | None = None
    role: str | None = None
    estimate: str | None = None
    description: str | None = None
    due: str | None = None
    labels: tuple[str, ...] | None = None
    review: bool | None = None
    metadata: Mapping[str, Any] | None = field(default=None, hash=False)

    @property
    def completed(self) -> bool | None:
        """Whether the plan says that the task is completed; None where it says nothing."""
        return None if self.status is None else self.status == "completed"


@dataclass(frozen=True, slots=True)
class Plan:
    """The items of a plan in its order, each parent before its sub-tasks."""

    items: tuple[PlanItem, ...]
