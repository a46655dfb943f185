"""`doctor`: what is wrong with the ledger, and mending it."""

from __future__ import annotations

from gitledger import doctor as examination
from gitledger import lists
from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Command, Option
from gitledger.cli.style import Style
from gitledger.core.dataclass import dataclass
from gitledger.core.text import escape
from gitledger.doctor import Finding
from gitledger.errors import InvalidInput, LedgerError, NoLedger
from gitledger.repository import Repository
from gitledger.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

_ROUNDS = 5
"""Examinations with mends; one mend may bring to light what another one has to set right."""
_LOOKS = {"error": "red", "warning": "yellow"}


@dataclass(slots=True)
class _Case:
    """A finding, and what became of it: one line each, or None."""

    finding: Finding
    mended: str | None = None
    failed: str | None = None


def doctor(context: Context, *, fix: bool) -> Reply:
    """Examine the lists, and mend what is wrong where that is wanted."""
    repository = context.repository
    names = _names(context, repository)
    cases = [_Case(finding) for finding in examination.examine(repository, names)]
    if fix:
        cases = _treat(context, repository, names, cases)
    left = [case for case in cases if case.mended is None]

    def lines(style: Style) -> Iterator[str]:
        for case in cases:
            yield from _lines(style, case)
        if not left:
            for name in names:
                yield _well(repository, name)

    return Reply(
        "doctor",
        lambda: {"findings": [_json(case) for case in cases]},
        lines,
        exit_code=int(any(case.finding.severity == "error" for case in left)),
    )


def _names(context: Context, repository: Repository) -> list[str]:
    """Return the lists to examine: the one that is asked for, or all."""
    known = examination.names(repository)
    asked = context.options.get("list")
    if asked is None and not known:
        raise NoLedger("this repository has no ledger", hint="make one: git ledger init")
    if asked is not None and lists.check_name(asked) not in known:
        raise lists.no_such_list(asked, known)
    return known if asked is None else [asked]


# -- mending -----------------------------------------------------------------------------------


def _treat(
    context: Context, repository: Repository, names: Sequence[str], cases: list[_Case]
) -> list[_Case]:
    """Mend what the user says yes to, and return what became of everything in the end."""
    done: list[_Case] = []
    tried: set[tuple[tuple[str, str], str]] = set()
    for _ in range(_ROUNDS):
        asked = [case for case in cases if case.finding.mend and _try(case.finding) not in tried]
        if not asked:
            break
        for case in asked:
            tried.add(_try(case.finding))
            _mend(context, case)
        done += [case for case in asked if case.mended is not None]
        failed = {case.finding.key: case.failed for case in cases if case.failed}
        cases = [
            _Case(finding, failed=failed.get(finding.key))
            for finding in examination.examine(repository, names)
        ]
    return [*done, *cases]


def _try(finding: Finding) -> tuple[tuple[str, str], str]:
    return finding.key, finding.mend.deed if finding.mend else ""


def _mend(context: Context, case: _Case) -> None:
    mend = case.finding.mend
    if mend is None:
        return
    if not context.options.get("yes") and context.stdin.isatty():
        context.stderr.write(f"{escape(case.finding.subject)}: {escape(case.finding.problem)}\n")
    try:
        if context.confirm(escape(mend.deed)):
            case.mended = mend.do()
    except InvalidInput:  # nobody can be asked
        raise
    except LedgerError as error:
        case.failed = error.message


# -- showing -----------------------------------------------------------------------------------


def _lines(style: Style, case: _Case) -> Iterator[str]:
    finding = case.finding
    severity = style.paint(finding.severity, _LOOKS[finding.severity])
    if case.mended is not None:
        severity = style.paint("mended", "green")
    yield f"{severity} {escape(finding.subject)}: {escape(finding.problem)}"
    if case.failed:
        yield f"  not mended: {escape(case.failed)}"
    yield f"  {escape(case.mended or finding.advice)}"


def _well(repository: Repository, name: str) -> str:
    store = repository.store
    tip = store.tip(lists.ref(name)) or ""
    tasks = len(Snapshot(store, tip).all())
    # The first commit of a list is no operation of anybody.
    operations = sum(1 for _ in store.history(tip)) - 1
    return (
        f"list '{name}': nothing wrong ({_count(tasks, 'task')}, {_count(operations, 'operation')})"
    )


def _count(number: int, thing: str) -> str:
    return f"{number or 'no'} {thing}{'' if number == 1 else 's'}"


def _json(case: _Case) -> dict[str, Any]:
    finding = case.finding
    return {
        "code": finding.code,
        "subject": finding.subject,
        "severity": finding.severity,
        "problem": finding.problem,
        "advice": finding.advice,
        "mendable": finding.mend is not None,
        "mended": case.mended,
    }


COMMANDS = [
    Command(
        "doctor",
        doctor,
        """Find what is wrong with the ledger, and mend it.

        Looks at all lists, or at the one of `--list`: their refs, every object of their history,
        their tasks, their indexes, and settings of remotes that put them in danger. Without `--fix`
        nothing is changed. Exits with 1 where an error is left; warnings alone are 0.
        """,
        [Option("--fix", help="Mend what can be mended; asks before each mend.")],
        panel="History and sharing",
        long=True,
    )
]
