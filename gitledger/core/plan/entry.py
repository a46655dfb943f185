"""What every format is read into: tasks whose references are not looked up yet."""

from __future__ import annotations

from contextlib import contextmanager
from typing import NamedTuple

from gitledger.core import task as rules
from gitledger.core.dataclass import dataclass
from gitledger.core.names import check_word
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, Final


class Reference(NamedTuple):
    """How a plan names a task that another one waits for; quoted, it can only be a title."""

    text: str
    quoted: bool = False


@dataclass(slots=True, kw_only=True)
class Entry:
    """A task of a plan.

    Attributes:
        where: how messages name it: file and line, or file and place.
        place: position in the plan's nesting.
        line: line in the file; 0 where the format gives none.
        parent: index of the entry that it is a sub-task of.
        values: checked values by the name of `PlanItem`'s field; a title is always there.
        waits_for: the tasks that it waits for, as they are named.
        number: the number that the text itself gives it, in full (`2.1`), if it does.
        keys: names that other entries may use for it.
    """

    where: str
    place: str
    line: int
    parent: int | None
    values: dict[str, Any]
    waits_for: tuple[Reference, ...] = ()
    number: str | None = None
    keys: tuple[str, ...] = ()


@contextmanager
def naming(where: str) -> Iterator[None]:
    """Let an error name the place in the plan that it comes from."""
    try:
        yield
    except InvalidInput as wrong:
        wrong.message = f"{where}: {wrong.message}"
        wrong.args = (wrong.message,)
        raise


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are set, each in its normal form.

    Raises:
        InvalidInput: a value breaks a rule of the task's format.
    """
    return {key: _CHECKS[key](value) for key, value in values.items() if value is not None}


def _title(title: str) -> str:
    try:
        return rules.check_title(title)
    except InvalidInput as wrong:
        # The rule's own hint names an option of a command, which a file does not have.
        hint = wrong.hint and "put the rest into the description"
        raise InvalidInput(wrong.message, hint=hint) from None


_CHECKS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "title": _title,
    "status": rules.check_status,
    "priority": rules.check_priority,
    "type": lambda word: check_word(word, "type"),
    "role": lambda word: check_word(word, "role"),
    "estimate": rules.check_estimate,
    "description": rules.check_description,
    "due": lambda words: rules.check_text(words, "a due date"),
    "labels": rules.check_labels,
    "review": bool,
    "metadata": dict,
}
