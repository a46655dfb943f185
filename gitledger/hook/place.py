"""Where a hook runs: the project that git works on, and the ledger of its tasks."""

from __future__ import annotations

from functools import cached_property

from gitledger import settings
from gitledger.errors import AmbiguousId, NoSuchTask
from gitledger.hook.project import Project
from gitledger.repository import Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Any

    from gitledger.core.trailers import Mention
    from gitledger.ledger import Ledger

IN_HOOK = "GITLEDGER_IN_HOOK"
"""Set for all that a hook of ours starts: the shims then do nothing."""
_OF_THE_COMMIT = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE")


class Place:
    """One run of a hook.

    Args:
        path: where git started it.
        environ: its environment, as git made it.
        options: of `Ledger.open`, as `clock`.

    Attributes:
        path: where git started it.
        environ: the environment with whoever acts as author.
    """

    def __init__(self, path: str | Path, environ: Mapping[str, str], **options: Any) -> None:
        self.path = path
        self._options = options
        self.environ = acting(environ)

    @cached_property
    def repository(self) -> Repository:
        """The repository that git works on."""
        if "ledger" in self.__dict__:
            return self.ledger.standing
        return Repository.open(self.path, self.environ, brief=True)

    @cached_property
    def project(self) -> Project:
        """Its commits and branches."""
        return Project(self.repository)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of its tasks.

        Raises:
            NoLedger: there is none.
        """
        from gitledger.ledger import Ledger

        return Ledger.open(self.path, environ=self.environ, brief=True, **self._options)

    @cached_property
    def words(self) -> Mapping[str, str]:
        """The words before a colon that name tasks."""
        return settings.trailers(self.repository.configuration)

    @cached_property
    def closes_now(self) -> bool:
        """Whether a commit that is made here completes tasks at once.

        With `gitledger.closeOn = merge` only on the default branch does it.
        """
        on_merge = settings.closes_on_merge(self.repository.configuration)
        return not on_merge or self.project.on_default

    def resolve(self, found: Iterable[Mention]) -> tuple[dict[str, Mention], list[str]]:
        """Return mentions by the whole ids of their tasks, and lines about what names none.

        What is not sure to be an id is passed over where there is no such task.
        """
        from gitledger.core.text import escape

        snapshot = self.ledger.snapshot()
        named: dict[str, Mention] = {}
        wrong = []
        for mention in found:
            try:
                task_id = snapshot.resolve(mention.name)
            except AmbiguousId as error:
                wrong.append(f"{escape(error.message)}; {error.hint}")
            except NoSuchTask as error:
                if mention.sure:
                    wrong.append(escape(error.message) + self._nearest(mention.name))
            else:
                before = named.get(task_id)
                named[task_id] = before.joined(mention) if before else mention
        return named, wrong

    def _nearest(self, name: str) -> str:
        from difflib import get_close_matches

        from gitledger.core.criteria import UNFINISHED

        unfinished = self.ledger.index().ids(UNFINISHED)
        shown = [task_id[: max(len(name), 4)] for task_id in unfinished]
        near = get_close_matches(name, shown, n=1, cutoff=0.6)
        return f"; did you mean '{near[0]}'?" if near else ""


def acting(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with the acting person as author, of an operation made now.

    git sets the author for its hooks to that of the commit, who may be somebody else: with
    `git commit --author`, `--amend`, in a cherry-pick or a rebase.
    """
    kept = {name: value for name, value in environ.items() if name not in _OF_THE_COMMIT}
    for part in ("NAME", "EMAIL"):
        if who := environ.get(f"GIT_COMMITTER_{part}"):
            kept[f"GIT_AUTHOR_{part}"] = who
    return {**kept, IN_HOOK: "1"}
