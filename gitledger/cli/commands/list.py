"""`list`, `ready`, `blocked`: which tasks there are."""

from __future__ import annotations

from gitledger.cli.answers import task_list
from gitledger.cli.spec import AT, Argument, Command, Option
from gitledger.core import criteria

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from gitledger.cli.context import Context
    from gitledger.cli.reply import Reply
    from gitledger.core.query import Query
    from gitledger.core.view import TaskView
    from gitledger.listing import Listing

_PANEL = "Tasks"
_STATUS_TERM: Final = r"""
    (?:^|[\s(!-]) (?: (?:status|completed) (?:!?=|[:<>])
    | is: (?:[\w-]+,)* (?:completed|cancelled|finished|unfinished|conflicted) )
"""
"""A term that says whether finished tasks are meant; a conflict is open on those, too."""
_ALONE: Final[dict[tuple[tuple[str, str], ...], criteria.Criterion]] = {
    (("is", "unfinished"),): criteria.UNFINISHED,
    (("is", "ready"),): criteria.READY,
    (("is", "blocked"),): criteria.BLOCKED,
}
"""What is asked most, known without reading the query language."""


def list_(
    context: Context,
    *,
    query: list[str],
    status: list[str],
    owner: str | None,
    label: list[str],
    sort: str | None,
    limit: int | None,
    at: str | None,
    **switches: bool,
) -> Reply:
    """List tasks; unfinished ones unless the query or a flag asks for others."""
    if at is not None:
        context.look_back(at)
    put_away = switches["archived"]
    # Each flag is the term of the query language that has its name.
    terms = [("status", ",".join(status))] if status else []
    terms += [("owner", owner)] if owner is not None else []
    terms += [("label", each) for each in label]
    terms += [("is", name) for name in ("mine", "ready", "blocked") if switches[name]]
    everything = switches["all"] or put_away or bool(status) or _asks_for_finished(query)
    terms += [] if everything else [("is", "unfinished")]
    empty = "no tasks match" if query or len(terms) > 1 else "no unfinished tasks"
    if put_away:
        empty = "no archived tasks match" if query or terms else "no archived tasks"
    return _listed(context, query, terms, sort, limit, empty=empty, put_away=put_away)


def ready(context: Context, *, query: list[str], limit: int | None) -> Reply:
    """List what can be done now."""
    return _listed(context, query, [("is", "ready")], None, limit, empty="nothing is ready")


def blocked(context: Context, *, query: list[str], limit: int | None) -> Reply:
    """List what cannot be done yet, and what it waits for."""
    terms = [("is", "blocked")]
    return _listed(context, query, terms, None, limit, empty="nothing is blocked", why=True)


def _listed(
    context: Context,
    words: Sequence[str],
    terms: Sequence[tuple[str, str]],
    sort: str | None,
    limit: int | None,
    *,
    empty: str,
    why: bool = False,
    put_away: bool = False,
) -> Reply:
    shown: Listing | list[TaskView]
    if put_away:
        shown, total = _archived(context, words, terms, sort, limit)
    else:
        shown = _found(context, words, terms, sort, limit)
        total = shown.total
    left = total - len(shown)
    message = f"{left} more" if left else "" if total else empty
    return task_list(
        context,
        shown,
        why=why,
        messages=[message] if message else [],
        warnings=_quarantined(context),
        hint=None if total else _meant(words),
    )


def _found(
    context: Context,
    words: Sequence[str],
    terms: Sequence[tuple[str, str]],
    sort: str | None,
    limit: int | None,
) -> Listing:
    order = sort or "priority"
    alone = None if words else _ALONE.get(tuple(terms))
    if alone is not None:
        return context.reader.listing(criterion=alone, sort=order, limit=limit)
    return context.reader.listing(read_query(context, words, terms), sort=order, limit=limit)


def _archived(
    context: Context,
    words: Sequence[str],
    terms: Sequence[tuple[str, str]],
    sort: str | None,
    limit: int | None,
) -> tuple[list[TaskView], int]:
    # What was put away is looked for by when it was done, not by how urgent it was.
    query = read_query(context, words, terms) if words or terms else None
    return context.reader.archived(query, sort=sort or "-updated", limit=limit)


def read_query(context: Context, words: Sequence[str], terms: Sequence[tuple[str, str]]) -> Query:
    """Return the query of some words, and of terms that flags stand for, each with its value."""
    from gitledger.core.query import QueryContext, all_of, by_field, parse_query
    from gitledger.core.task import ROLES

    reader = context.reader
    setting = QueryContext(
        me=reader.session,
        now=context.now,
        resolve=reader.task_id,
        roles=tuple(sorted({*ROLES, *reader.index().roles()})),
    )
    return all_of(
        parse_query(words, setting), *(by_field(field, value, setting) for field, value in terms)
    )


def _asks_for_finished(words: Sequence[str]) -> bool:
    """Tell whether the query itself says which statuses it wants."""
    if not words:
        return False
    import re

    return re.search(_STATUS_TERM, " ".join(words), re.IGNORECASE | re.VERBOSE) is not None


def _meant(words: Sequence[str]) -> str | None:
    """Return a hint where a word was looked for in the titles that is more than a word."""
    if not words:
        return None
    from gitledger.core.query import IS_WORDS

    for word in words:
        name = word.lower().replace("-", "_")
        for mark, field in (("@", "owner"), ("#", "label")):
            if word.startswith(mark):
                return f"did you mean {field}:{word[1:]}?"
        if name in IS_WORDS:
            return f"did you mean is:{name}?"
    return None


def _quarantined(context: Context) -> list[str]:
    count = context.reader.index().any_quarantined()
    files = "file is" if count == 1 else "files are"
    return [f"{count} {files} no valid task and left out; see: git ledger doctor"] if count else []


_QUERY = Argument(
    "query",
    "Terms, as status:waiting, label:api, owner:me, due<friday, -label:later, or words.",
    many=True,
    required=False,
    query=True,
)
_LIMIT = Option("--limit", "-n", metavar="N", number=True, help="At most so many.")

COMMANDS = [
    Command(
        "list",
        list_,
        """List tasks; without a query the unfinished ones.

        Terms are joined by and; `or`, `not`, parentheses and quotes work. Fields: id, title,
        status, priority, type, owner, label, role, parent, blocked-by, blocks, branch, due,
        estimate, progress, created, updated, started, completed, note, text, is and more.
        """,
        [
            _QUERY,
            Option("--status", metavar="S", many=True, help="With this status."),
            Option("--owner", metavar="O", help="Owned by this session; me and none work."),
            Option("--mine", help="Owned by me."),
            Option("--label", "-l", metavar="L", many=True, help="With this label."),
            Option("--ready", help="That can be done now."),
            Option("--blocked", help="That wait for others."),
            Option("--all", "-a", help="Finished ones too."),
            Option("--archived", help="Archived ones alone, the last changed first."),
            Option("--sort", metavar="KEY", help="priority, due, created, updated, title, …"),
            _LIMIT,
            AT,
        ],
        panel=_PANEL,
    ),
    Command("ready", ready, "List what can be done now.", [_QUERY, _LIMIT], panel=_PANEL),
    Command(
        "blocked",
        blocked,
        "List what cannot be done yet, and what it waits for.",
        [_QUERY, _LIMIT],
        panel=_PANEL,
    ),
]
