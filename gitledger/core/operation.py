"""An operation as its commit message tells it, both ways (contract, section 2)."""

from __future__ import annotations

from gitledger.core.dataclass import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

UNDOES = "Ledger-Undoes"
"""The trailer that names an operation which this one takes back."""
_TRAILER = "Ledger-"
_HEXADECIMAL = "0123456789abcdef"
_NO_LINE = r"[\x00-\x1f\x7f\ud800-\udfff]+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One command's effect.

    Attributes:
        name: the verb, as `claim`.
        tasks: ids of the tasks that it changed.
        title: the task's title; empty for a batch.
        about: what it was about where it changed no task: a session's name.
        session: who did it.
        agent: the program that acted for the session, where known.
        undoes: the commits of the operations that it takes back.
    """

    name: str
    tasks: tuple[str, ...] = ()
    title: str = ""
    about: str = ""
    session: str = ""
    agent: str | None = None
    undoes: tuple[str, ...] = ()

    def message(self) -> str:
        """Return the commit message: a subject line, then the trailers."""
        trailers = [f"Ledger-Op: {self.name}"]
        trailers += [f"Ledger-Task: {task}" for task in self.tasks]
        trailers += [f"{UNDOES}: {commit}" for commit in self.undoes]
        if self.session:
            trailers.append(f"Ledger-Session: {self.session}")
        if self.agent:
            trailers.append(f"Ledger-Agent: {_line(self.agent)}")
        return f"{self.subject()}\n\n" + "\n".join(trailers) + "\n"

    def subject(self) -> str:
        """Return the first line: `claim 7f3k2m9q0d: Add auth`, `import 12 tasks`, `tell ada`."""
        if not self.tasks:
            return f"{self.name} {self.about}".strip()
        if len(self.tasks) > 1:
            return f"{self.name} {len(self.tasks)} tasks"
        return f"{self.name} {self.tasks[0]}: {_line(self.title)}"


def _line(text: str) -> str:
    """Return a text as one line, whatever is in it."""
    if text.isprintable():
        return text
    import re

    return re.sub(_NO_LINE, " ", text)


def _is_trailer(name: str) -> bool:
    """Tell whether a trailer of ours may have the name: `Ledger-`, and one word."""
    word = name[len(_TRAILER) :]
    known = name.startswith(_TRAILER) and word.isascii() and word.isalpha()
    return known and len(word) > 1 and word == word.capitalize()


def _is_commit(word: str) -> bool:
    return len(word) in (40, 64) and not word.strip(_HEXADECIMAL)


def parse_message(message: str) -> Operation:
    """Return the operation that a commit message tells of.

    A commit that was made by hand has no trailers; its subject then is the operation's name.
    """
    subject, _, body = message.partition("\n")
    trailers: dict[str, list[str]] = {}
    for line in body.split("\n"):
        name, colon, value = line.partition(": ")
        if colon and _is_trailer(name):
            trailers.setdefault(name, []).append(value)
    tasks = tuple(trailers.get("Ledger-Task", ()))
    return Operation(
        name=_last(trailers.get("Ledger-Op")) or subject,
        tasks=tasks,
        title=subject.partition(": ")[2] if len(tasks) == 1 else "",
        session=_last(trailers.get("Ledger-Session")),
        agent=_last(trailers.get("Ledger-Agent")) or None,
        undoes=tuple(filter(_is_commit, trailers.get(UNDOES, ()))),
    )


def _last(values: Sequence[str] | None) -> str:
    return values[-1] if values else ""
