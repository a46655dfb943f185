"""From commits to deeds, and the deeds as one operation with a line for each."""

from __future__ import annotations

from gitledger.core import trailers
from gitledger.errors import NoSuchTask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitledger.core.deeds import Deed, Told
    from gitledger.core.draft import Draft
    from gitledger.core.trailers import Mention
    from gitledger.hook.place import Place
    from gitledger.hook.project import Commit

_DEPTH = 20
"""How many reverts of reverts are followed."""
_MERGED = 1000
"""How many commits of a reverted merge are looked at."""


class Plan:
    """What commits do to tasks, as far as it is known.

    Args:
        place: where.

    Attributes:
        deeds: by the tasks' whole ids.
        wrong: lines about names that are no tasks'.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.deeds: dict[str, Deed] = {}
        self.wrong: list[str] = []

    def deed(self, task_id: str) -> Deed:
        """Return the deed for a task, made where there is none yet."""
        from gitledger.core.deeds import Deed

        return self.deeds.setdefault(task_id, Deed(task_id))

    def add(
        self,
        commit: Commit,
        *,
        completes: bool,
        earlier: Mapping[str, Mention] | None = None,
        links: bool = True,
        works: bool = True,
        force: bool = False,
    ) -> None:
        """Take in what the message of a commit asks for.

        Args:
            commit: the commit.
            completes: whether it completes and reopens, or is linked alone.
            earlier: what the commits asked for that it replaces; that is not done again.
            links: whether it is linked also to tasks that those named already.
            works: whether it starts tasks and moves their progress.
            force: whether it completes and reopens tasks of whoever owns them.
        """
        found = trailers.mentions(commit.message, self.place.words)
        changes = effects(self.place, commit)
        if not found and not changes:
            return
        named, wrong = self.place.resolve(found)
        self.wrong += wrong
        source = trailers.picked(commit.message)
        for task_id, mention in named.items():
            deed, before = self.deed(task_id), (earlier or {}).get(task_id)
            if links or not before:
                deed.links.add(commit.id)
            if works and not (before and before.starts):
                deed.starts |= mention.starts
            if works and mention.percent != (before and before.percent):
                deed.percent = mention.percent if mention.percent is not None else deed.percent
            if completes and mention.completes and not (before and before.completes):
                _finish(deed, commit, force=force)
                deed.unless = source
        for task_id, finishes in ({} if earlier else self._known(changes)).items():
            deed = self.deed(task_id)
            deed.links.add(commit.id)
            if completes and finishes:
                _finish(deed, commit, force=force)
            elif completes:
                deed.completes, deed.reopens, deed.force, deed.last = False, True, force, commit.id
                deed.reverts |= {one.id for one in _reverted(self.place, commit)}

    def _known(self, changes: Mapping[str, bool]) -> dict[str, bool]:
        """Return what a revert does, by whole ids; what names no task is left out."""
        return {
            task_id: finishes
            for name, finishes in changes.items()
            for task_id in self.place.resolve([trailers.Mention(name)])[0]
        }

    def carry_out(self, name: str) -> list[str]:
        """Do it all as one operation of that name, and return lines for people."""
        from gitledger.core.text import escape

        lines = [f"gitledger: {line}" for line in dict.fromkeys(self.wrong)]
        if not self.deeds:
            return lines
        ledger, deeds = self.place.ledger, list(self.deeds.values())

        def verb(draft: Draft) -> list[Told]:
            return [told for deed in deeds if (told := _told(draft, deed))]

        result: list[list[Told]] = []
        # Decided again where others write at the same time: the last result is what was written.
        with ledger.transaction(name) as transaction:
            transaction.decide(lambda draft: result.append(verb(draft)))
        for told in result[-1]:
            called = f"{ledger.short(told.task.id)} {escape(told.task.title)}"
            about = escape(told.why) if told.why else ""
            lines.append(f"gitledger: {told.did}: {about}" if about else
                         f"gitledger: {told.did} {called}")  # fmt: skip
        return lines


def _finish(deed: Deed, commit: Commit, *, force: bool) -> None:
    deed.completes, deed.reopens, deed.force, deed.last = True, False, force, commit.id


def _told(draft: Draft, deed: Deed) -> Told | None:
    from gitledger.core.deeds import carry_out

    try:
        return carry_out(draft, deed)
    except NoSuchTask:  # another process has removed it meanwhile
        return None


def effects(place: Place, commit: Commit) -> dict[str, bool]:
    """Return what a revert does: by the names of tasks, whether it completes or reopens them."""
    return _effects(place, commit, _DEPTH)


def _effects(place: Place, commit: Commit, depth: int) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for one in _reverted(place, commit):
        for mention in trailers.mentions(one.message, place.words):
            if mention.completes:
                found[mention.name] = False
        if depth:
            inner = _effects(place, one, depth - 1)
            found |= {name: not finishes for name, finishes in inner.items()}
    return found


def _reverted(place: Place, commit: Commit) -> list[Commit]:
    names: list[str] = []
    for name, back in trailers.reverted(commit.message):
        names.append(name)
        if back:  # a merge: all that it brought
            names += place.project.listed(f"--max-count={_MERGED}", name, f"^{back}") or ()
    return place.project.read(dict.fromkeys(names))
