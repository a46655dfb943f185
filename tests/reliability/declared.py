"""What a fault is, and the tables of the document in which faults stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tests.reliability.scene import Scene

Back: TypeAlias = Callable[[], object]
Inflict: TypeAlias = Callable[[Scene], Back | None]
"""Does a fault to the repositories; what it returns sets right what is not gitledger's to mend."""


@dataclass(frozen=True)
class Fault:
    """A fault, or a bad input, and what is promised of it.

    Attributes:
        what: what has happened, in a reader's words.
        inflict: does it to the repositories.
        codes: what the commands that meet it exit with; which ones is up to the table.
        command: the command that meets it, where the table does not say which.
        stdin: what that finds on standard input.
        hand: what is set right by hand before that, in words.
        back: the commands that are the way back, in order.
        lost: what is lost for good, as (title of the task, field).
        hurt: titles of the tasks in whose place the fault stands.
    """

    what: str
    inflict: Inflict
    codes: tuple[int, ...]
    command: str = ""
    stdin: str = ""
    hand: str = ""
    back: tuple[str, ...] = ()
    lost: frozenset[tuple[str, str]] = frozenset()
    hurt: frozenset[str] = frozenset()


@dataclass
class Table:
    """A table of the document.

    Attributes:
        name: how the document marks its place.
        head: the names of its columns.
        trial: tries a fault on the repositories, checks what is promised, and returns what was
            seen as the cells behind the fault's own words.
        codes: what the commands exit with where a fault does not say otherwise.
        back: the way back where a fault does not name another.
    """

    name: str
    head: tuple[str, ...]
    trial: Callable[[Fault, Scene], tuple[str, ...]]
    codes: tuple[int, ...]
    back: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)

    def fault(
        self,
        what: str,
        *codes: int,
        command: str = "",
        stdin: str = "",
        hand: str = "",
        back: tuple[str, ...] | None = None,
        lost: Iterable[tuple[str, str]] = (),
        hurt: Iterable[str] = (),
    ) -> Callable[[Inflict], Inflict]:
        """Declare a fault of this table; what it decorates inflicts it. See `Fault`."""

        def declare(inflict: Inflict) -> Inflict:
            self.faults.append(
                Fault(
                    what,
                    inflict,
                    codes or self.codes,
                    command,
                    stdin,
                    hand,
                    self.back if back is None else back,
                    frozenset(lost),
                    frozenset(hurt),
                )
            )
            return inflict

        return declare


DOCTOR: Final = ("git ledger doctor --fix --yes",)
"""The way back from damage."""
