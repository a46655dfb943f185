"""pre-push: the ledger goes where the work goes."""

from __future__ import annotations

from gitledger import lists
from gitledger.errors import LedgerError
from gitledger.hook import arrivals
from gitledger.hook.post_commit import settings_say_merge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitledger.hook.place import Place
    from gitledger.ledger import Ledger

_OURS = "refs/gitledger"


def pre_push(place: Place, remote: str, given: str, seconds: float) -> list[str]:
    """Sync the ledger with the remote that is pushed to, where the ledger is there already or
    `gitledger.remote` names it.

    Args:
        place: where.
        remote: its name, or its address where it has none.
        given: what git writes to the hook's standard input: a line for each ref.
        seconds: how long a fetch or a push may take.
    """
    refs = [words[0] for line in given.splitlines() if (words := line.split())]
    if refs and all(ref.startswith(_OURS) for ref in refs):
        return []  # somebody pushes the ledger itself
    ledger = place.ledger
    name = _remote(ledger, remote)
    if name is None:
        return []
    lines = []
    if settings_say_merge(place) and place.project.default_refs():
        lines = arrivals.close(place, "scan")
    try:
        report = ledger.sync(name, timeout=seconds)
    except LedgerError as error:
        from gitledger.core.text import escape

        return [*lines, f"gitledger: the ledger is not synced: {escape(error.message)}"]
    return lines + [_lost(ledger, claim.task) for claim in report.claims_lost]


def _remote(ledger: Ledger, remote: str) -> str | None:
    """Return the remote to sync with, None where the ledger does not go along with this push."""
    from gitledger import remotes

    configuration = ledger.repository.configuration
    if ledger.standing.location.common_dir_name != ledger.repository.location.common_dir_name:
        remote = ledger.remote or ""  # that repository has remotes of its own
    if remote not in remotes.names(configuration):
        return None
    carries = ledger.repository.store.tip(lists.tracking_ref(remote, ledger.list)) is not None
    return remote if carries or configuration.get("gitledger.remote") == remote else None


def _lost(ledger: Ledger, task_id: str) -> str:
    from gitledger.core.text import escape

    task = ledger.task(task_id)
    return f"gitledger: the claim of {ledger.short(task.id)} {escape(task.title)} is lost"
