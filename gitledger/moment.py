"""A moment of a ledger's history, and the word that somebody names it with."""

from __future__ import annotations

from gitledger import lists, remotes
from gitledger.core.value import Value
from gitledger.errors import InvalidInput, NoSuchTask, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Final

    from gitledger.history import LogEntry
    from gitledger.reader import Reader

FORMS: Final = (
    "a moment is a time (yesterday, 2 hours ago), ID~1, now~1, a commit, a remote, or list:NAME"
)
_LIST: Final = "list:"
_DIGITS: Final = 9
_SHORTEST_COMMIT: Final = 4
"""Digits of a commit's id that are needed, as in git."""


class Moment(Value):
    """A list as it was after one of its operations.

    Attributes:
        commit: the operation's commit.
        list: the list's name.
        word: how it was named.
        entry: the operation.
        time: the time that was asked for, UTC; None where it was named otherwise.
    """

    __slots__ = ("commit", "entry", "list", "time", "word")

    def __init__(
        self,
        *,
        commit: str,
        list: str,  # noqa: A002  # the contract's word
        word: str,
        entry: LogEntry,
        time: datetime | None = None,
    ) -> None:
        self.commit = commit
        self.list = list
        self.word = word
        self.entry = entry
        self.time = time


def find(reader: Reader, word: str) -> Moment:
    """Return the moment that a word names.

    Understood are, in this order:

    - `now`: after the newest operation;
    - `list:NAME`: another list of the repository, as it is now;
    - `ID~N`: before the last N operations on that task; `ID~` is `ID~1`, `ID~0` after its last
      one. `now~N`: before the last N operations of the list. `COMMIT~N`: N operations before it;
    - the name of a remote: the list as the remote had it when it was last fetched or pushed;
    - a commit of the list, by at least 4 digits of its id, or any commit of a ledger by all;
    - a time, as `gitledger.core.dates.parse_moment` reads it: after the last operation, in the
      history's order, that came into the list by then. A day stands for its beginning.

    Args:
        reader: the list.
        word: what was written.

    Raises:
        InvalidInput: it is none of these, or a time in the future.
        NotFound: there is no such thing, or several; or the history does not go back so far.
    """
    word = " ".join(word.split())
    if word.lower() == "now":
        return _moment(reader, word, _tip(reader), time=reader.now())
    if word.startswith(_LIST):
        return _of_list(reader, word)
    if "~" in word:
        return _moment(reader, word, _before(reader, word))
    if word in remotes.names(reader.repository.configuration):
        return _moment(reader, word, _of_remote(reader, word))
    if _is_commit(word):
        return _moment(reader, word, _commit(reader, word))
    time = _time(reader, word)
    return _moment(reader, word, _at(reader, time), time=time)


def _moment(
    reader: Reader,
    word: str,
    commit: str,
    *,
    list: str | None = None,  # noqa: A002
    time: datetime | None = None,
) -> Moment:
    from gitledger.history import entry_of

    entry = entry_of(reader.repository.store.commit(commit))
    return Moment(commit=commit, list=list or reader.list, word=word, entry=entry, time=time)


def _tip(reader: Reader) -> str:
    return reader.snapshot().commit


def _of_list(reader: Reader, word: str) -> Moment:
    name = lists.check_name(word.removeprefix(_LIST))
    commit = reader.repository.store.tip(lists.ref(name))
    if commit is None:
        raise lists.no_such_list(name, reader.repository.lists())
    return _moment(reader, word, commit, list=name)


def _of_remote(reader: Reader, name: str) -> str:
    commit = reader.repository.store.tip(lists.tracking_ref(name, reader.list))
    if commit is None:
        raise NotFound(
            f"it is not known what '{name}' has of the list '{reader.list}'",
            hint=f"fetch it: git ledger sync {name}",
        )
    return commit


def _before(reader: Reader, word: str) -> str:
    """Return the commit that stands a number of operations before another."""
    name, _, digits = word.partition("~")
    number = digits or "1"
    if not name or not (number.isascii() and number.isdigit() and len(number) <= _DIGITS):
        raise InvalidInput(f"'{word}' is no moment", hint=FORMS)
    count = int(number)
    if name.lower() == "now":
        return _back(reader, _tip(reader), count, word)
    try:
        task_id = reader.any_task_id(name)
    except NoSuchTask:
        if not _is_commit(name):
            raise
        return _back(reader, _commit(reader, name), count, word)
    rows = list(reader.operations().newest(task=task_id, limit=max(count, 1)))
    if len(rows) < max(count, 1):
        raise NotFound(
            f"there are {len(rows)} operations on {name}, not {count}",
            hint=f"see them: git ledger log {name}",
        )
    last = rows[-1].commit
    return last if count == 0 else _back(reader, last, 1, word)


def _back(reader: Reader, commit: str, count: int, word: str) -> str:
    store = reader.repository.store
    for number, each in enumerate(store.history(commit)):
        if number == count:
            return each.id
    raise NotFound(f"the history does not go back to '{word}'", hint="see it: git ledger log")


def _is_commit(word: str) -> bool:
    return len(word) >= _SHORTEST_COMMIT and not word.lower().strip("0123456789abcdef")


def _commit(reader: Reader, word: str) -> str:
    from gitledger.errors import StoreFailed
    from gitledger.snapshot import Snapshot

    oid, store = word.lower(), reader.repository.store
    if len(oid) in (40, 64):
        try:
            if Snapshot(store, store.commit(oid).id).is_ledgers():
                return oid
        except StoreFailed:
            pass
        raise NotFound(f"'{word}' is no commit of a ledger", hint="see: git ledger log")
    found = reader.operations().commits(oid)
    if len(found) > 1:
        raise NotFound(
            f"'{word}' names {len(found)} commits",
            hint=f"say more of the id: {', '.join(each[:12] for each in found[:5])}",
        )
    if not found:
        raise NotFound(f"no commit '{word}' in the list '{reader.list}'", hint=FORMS)
    return found[0]


def _time(reader: Reader, word: str) -> datetime:
    from gitledger.core.dates import describe_date, parse_date, parse_moment

    now = reader.now().astimezone()
    try:
        parse_date(word, now)
    except InvalidInput as wrong:
        meant = wrong.hint if wrong.hint and wrong.hint.startswith("did you mean") else FORMS
        raise InvalidInput(f"'{word}' is no moment", hint=meant) from None
    time = parse_moment(word, now)
    if time > now:
        raise InvalidInput(f"'{word}' is in the future: {describe_date(time, now)}", hint=FORMS)
    return time


def _at(reader: Reader, time: datetime) -> str:
    from math import floor

    found = reader.operations().came_by(floor(time.timestamp()))
    if found is None:
        when = time.astimezone().strftime("%Y-%m-%d %H:%M")
        raise NotFound(
            f"the list '{reader.list}' did not exist yet at {when}", hint="see: git ledger log"
        )
    return found
