"""What is derived from a list and kept beside it: its index, which is held against a new one."""

from __future__ import annotations

from gitledger.doctor.finding import Finding, Mend
from gitledger.errors import LedgerError, StoreFailed
from gitledger.index import open_index, place
from gitledger.index.comparing import SPOILT, differing
from gitledger.repository import Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def examine(repository: Repository, name: str) -> Iterator[Finding]:
    """Yield what is wrong with the index of a list whose tasks can be read."""
    common_dir = repository.location.common_dir_name
    try:
        found = list(differing(common_dir, name, repository.store, lambda: repository.git))
    except LedgerError:
        return  # what cannot be read of the list is told of the list
    if not found:
        return
    path = open_index(common_dir, name).path or ""
    others = f" and {len(found) - 1} more" if len(found) > 1 else ""
    problem = f"it says something else than the ledger of {found[0]}{others}"
    yield Finding(
        "damaged-index",
        path,
        "its file is damaged" if SPOILT in found else problem,
        severity="warning",
        mend=Mend(
            "remove it; the next command makes it anew from the ledger", lambda: _remove(path)
        ),
    )


def _remove(path: str) -> str:
    if not place.remove(path):
        raise StoreFailed(f"another process has it open, or it cannot be removed: {path}")
    return "removed it; the next command makes it anew"
