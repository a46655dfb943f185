"""Undo and redo: which operations are meant, and what they did."""

from __future__ import annotations

from gitledger.errors import NotFound, did_you_mean
from gitledger.sharing import Sharing
from gitledger.verbs import Verbs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import Final

    from gitledger.core.draft import Draft
    from gitledger.core.effect import Undone
    from gitledger.index.line import OperationRow

UNDO: Final = "undo"
REDO: Final = "redo"
_TAKING_BACK: Final = (UNDO, REDO)
_NO_DEEDS: Final = ("init", "merge", "read")
"""Operations that nobody means who wants the last ones undone: reading one's inbox is no deed."""
_SHORTEST: Final = 4
"""Digits of a commit's id that are needed, as in git."""


class Undoing(Sharing, Verbs):
    """One task list, as a session takes back what was done to it.

    Each of these verbs is one operation: it appends the inverse of others, the newest first. What
    has changed since then stays, and the result says so. An undo can be undone.
    """

    def undo(self, *operations: str, force: bool = False, dry_run: bool = False) -> Undone:
        """Take operations back.

        Args:
            operations: their commits, or unique prefixes of these; without any, the last operation
                of this session that is not undone.
            force: although another session owns a task, with a note.
            dry_run: write nothing; the result says what it would come to.

        Raises:
            NotFound: the list has none of this name, or several, or there is nothing to undo.
            InvalidInput: it is the first one of the list, or joined what two remotes had.
            NotOwner: another session owns a task whose owner, status or progress would change,
                or which would be removed.
            TooManyClaims: this session would hold more tasks than it may.
        """
        if not operations:
            return self.undo_last(force=force, dry_run=dry_run)
        wanted = {self._operation_named(name) for name in operations}
        found: list[str] = []
        for row in self.operations().newest():
            if row.commit in wanted:
                found.append(row.commit)
                if len(found) == len(wanted):
                    break
        return self._take_back(UNDO, found, force=force, dry_run=dry_run)

    def undo_last(
        self, count: int = 1, *, by: str | None = None, force: bool = False, dry_run: bool = False
    ) -> Undone:
        """Take the last operations of a session back, those that are not undone.

        Args:
            count: how many.
            by: the session's name; None is this one.
            force, dry_run: as `undo`.

        Raises: as `undo`.
        """
        by = by or self.session
        found: list[str] = []
        for row, _ in self._standing():
            if len(found) == count:
                break
            if row.session == by and row.name not in (*_TAKING_BACK, *_NO_DEEDS):
                found.append(row.commit)
        if not found:
            raise self._nothing(by, "that could be undone")
        return self._take_back(UNDO, found, force=force, dry_run=dry_run)

    def undo_since(
        self,
        since: datetime,
        *,
        by: str | None = None,
        force: bool = False,
        dry_run: bool = False,
    ) -> Undone:
        """Take back all that a session has done since a moment, and what it has undone since.

        Args:
            since: the moment.
            by: the session's name; None is this one.
            force, dry_run: as `undo`.

        Raises: as `undo`.
        """
        from math import ceil

        by, moment = by or self.session, ceil(since.timestamp())
        theirs = [row.commit for row in self.operations().newest(session=by, since=moment)]
        left, found = set(theirs), list[str]()
        for row, undone in self._standing() if theirs else ():
            # What it has done and undone itself is as it was before.
            within = undone and left.issuperset(undone)
            if row.commit in left and row.name not in _NO_DEEDS and not within:
                found.append(row.commit)
            if row.commit == theirs[-1]:
                break
        if not found:
            raise self._nothing(by, "since then that could be undone")
        return self._take_back(UNDO, found, force=force, dry_run=dry_run)

    def redo(self, count: int = 1, *, force: bool = False, dry_run: bool = False) -> Undone:
        """Take back the last undo of this session that is not taken back yet.

        Args:
            count: how many of them.
            force, dry_run: as `undo`.

        Raises: as `undo`.
        """
        found: list[str] = []
        for row, undone in self._standing():
            if len(found) == count:
                break
            if row.session == self.session and row.name == UNDO and undone:
                found.append(row.commit)
        if not found:
            raise NotFound(
                f"nothing to redo: {self.session} has no undo left to take back",
                hint="see what was done: git ledger log",
            )
        return self._take_back(REDO, found, force=force, dry_run=dry_run)

    def _operation_named(self, name: str) -> str:
        """Return the operation's commit that a name means; it can be undone."""
        digits = name.strip().lower()
        known = len(digits) >= _SHORTEST and not digits.strip("0123456789abcdef")
        found = self.operations().commits(digits) if known else []
        if len(found) > 1:
            raise NotFound(
                f"'{name}' names {len(found)} operations",
                hint=f"say more of the id: {', '.join(each[:12] for each in found[:5])}",
            )
        if not found:
            raise NotFound(
                f"no operation '{name}' in the list '{self.list}'",
                hint="an operation is named by its commit: git ledger log",
            )
        return found[0]

    def _nothing(self, session: str, what: str) -> NotFound:
        """Return the error where a session has done nothing to be undone."""
        known = self.operations().names("session")
        hint = None if session in known else did_you_mean(session, known)
        return NotFound(
            f"nothing to undo: {session} has done nothing {what}",
            hint=hint or "see what was done: git ledger log",
        )

    def _standing(self) -> Iterator[tuple[OperationRow, tuple[str, ...]]]:
        """Yield the operations that are not undone, newest first, and what each of them undid."""
        from gitledger.core.operation import parse_message

        void = set[str]()
        for row in self.operations().newest():
            if row.commit in void:
                continue
            undone: tuple[str, ...] = ()
            if row.name in _TAKING_BACK:
                undone = parse_message(self.repository.store.commit(row.commit).message).undoes
            void.update(undone)
            yield row, undone

    def _take_back(self, name: str, commits: list[str], *, force: bool, dry_run: bool) -> Undone:
        from gitledger.core.undo import undo
        from gitledger.effects import read_effect

        store = self.repository.store
        effects = [read_effect(store, store.commit(commit)) for commit in commits]

        def verb(draft: Draft) -> Undone:
            return undo(draft, effects, self.operations().changed_since, force=force)

        return verb(self._draft(self._random_bytes)[1]) if dry_run else self._do(name, verb)
