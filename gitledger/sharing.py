"""Sharing a task list with a remote: sync, and what follows from it on this machine."""

from __future__ import annotations

from gitledger import binding, lists
from gitledger.core.task import Task
from gitledger.errors import AlreadyClaimed, TaskFinished
from gitledger.reader import Reader
from gitledger.store.lock import lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from gitledger.exchange import Exchange
    from gitledger.remote import Progress
    from gitledger.sync import SyncReport


class Sharing(Reader):
    """One task list, as a session exchanges it with remotes."""

    def sync(
        self,
        remote: str | None = None,
        *,
        timeout: float | None = None,
        accept_remote: bool = False,
        allow_deletions: bool = False,
        progress: Progress | None = None,
    ) -> SyncReport:
        """Exchange operations with a remote until both have the same tip.

        Args:
            remote: its name; None takes `gitledger.remote`, `origin`, or the only one.
            timeout: seconds for each fetch and push; None waits.
            accept_remote: take the remote's history where it has lost or replaced what it had
                published; what is unpublished here goes on top, and a backup ref keeps the rest.
            allow_deletions: remove more than a handful of tasks where it comes to that.
            progress: is told what is being done, as `replaying operations`, how much of it is
                done, and of how much.

        Raises:
            NotFound: there is no such remote, or none at all.
            RemoteFailed: it cannot be reached or refuses; local work is kept.
            RemoteReplaced: it does not have any more what it had published.
            ImprobableDeletions: more than a handful of tasks would be removed.
            NewerFormat: the remote's ledger has a newer format, and there is unpublished work.
        """
        report = self._exchange(
            remote,
            timeout,
            progress=progress,
            accept_remote=accept_remote,
            allow_deletions=allow_deletions,
        ).run()
        self.follow(report.sessions_renamed)
        return report

    def follow(self, renamed: Mapping[str, str]) -> None:
        """Let what is bound to sessions on this machine go on under their new names.

        Args:
            renamed: new names by the old ones.
        """
        if not renamed:
            return
        for repository in (self.repository, self.standing):
            for bound in binding.bindings(repository.location.common_dir):
                if bound.session in renamed:
                    binding.bind(bound.git_dir, renamed[bound.session])
        for old, new in renamed.items():
            self.heartbeats.rename(old, new)
        self.session = renamed.get(self.session, self.session)

    def confirm(self, *tasks: str, timeout: float | None = None) -> SyncReport:
        """Sync with the default remote, and make sure that this session holds the tasks then.

        Args:
            tasks: ids or prefixes of tasks that it has claimed.
            timeout: as `sync`.

        Raises:
            AlreadyClaimed: another session's claim was published first, or it gave the task back.
            TaskFinished: the task was finished elsewhere.
            NotFound, RemoteFailed: as `sync`; the claims stay tentative.
        """
        ids = [self.task(name).id for name in tasks]
        report = self.sync(timeout=timeout)
        for task_id in (report.renamed.get(each, each) for each in ids):
            self._require_held(self.task(task_id))
        return report

    def _require_held(self, task: Task) -> None:
        called = f"{self.short(task.id)} '{task.title}'"
        if task.owner != self.session:
            raise AlreadyClaimed(
                f"the claim of {called} is lost: "
                + (f"{task.owner} has it" if task.owner else "nobody has it any more"),
                task=task.id,
                owner=task.owner or "",
                hint="take another: git ledger next --claim",
            )
        if task.finished:
            raise TaskFinished(
                f"{called} was {task.status} meanwhile",
                task=task.id,
                status=task.status,
                hint="take another: git ledger next --claim",
            )

    def join(self, remote: str | None = None, *, timeout: float | None = None) -> str | None:
        """Bring in what a remote has of this list, without publishing anything.

        Args: as `sync`.

        Returns:
            The remote's name, None when it does not have the list.

        Raises: as `sync`.
        """
        exchange = self._exchange(remote, timeout)
        return exchange.remote.name if exchange.pull() else None

    def _exchange(
        self,
        asked: str | None,
        timeout: float | None,
        *,
        progress: Progress | None = None,
        **allowed: bool,
    ) -> Exchange:
        from gitledger.exchange import Exchange
        from gitledger.remote import Remote, untold
        from gitledger.remotes import require

        repository = self.repository
        name = require(asked, repository.configuration)
        return Exchange(
            repository.store,
            Remote.configured(
                name, self.list, repository.git, timeout=timeout, progress=progress or untold
            ),
            lock=self._lock,
            committer=lambda: repository.committer(self.now()),
            session=self.session,
            elsewhere=lambda: self._published_elsewhere(name),
            **allowed,
        )

    def _published_elsewhere(self, remote: str) -> list[str]:
        """Return what remotes other than this one are known to have of the list."""
        from gitledger import remotes

        others = (name for name in remotes.names(self.repository.configuration) if name != remote)
        tips = (self.repository.store.tip(lists.tracking_ref(name, self.list)) for name in others)
        return [tip for tip in tips if tip]

    def _lock(self) -> AbstractContextManager[None]:
        return lock(f"{self.repository.location.common_dir_name}/gitledger/{self.list}.lock")
