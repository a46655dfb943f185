"""The doctor: finds what is wrong with the ledgers of a repository, and how it can be mended."""

from __future__ import annotations

from gitledger import lists
from gitledger.doctor import derived, packed_refs, packs, refs, tasks
from gitledger.doctor.finding import Finding, Mend
from gitledger.remotes import dangers
from gitledger.repository import Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Finding", "Mend", "examine", "names"]

names = refs.names


def examine(repository: Repository, only: Iterable[str]) -> list[Finding]:
    """Return what is wrong with some lists; nothing is changed.

    It works where a ledger cannot be opened. Neither a missing nor a damaged object makes it hang.

    Args:
        repository: the repository that keeps them.
        only: names of lists, as from `names`.

    Raises:
        StoreFailed: the repository itself cannot be read.
    """
    # As long as git cannot read its refs there is nothing else that it could tell, or mend.
    if finding := packed_refs.examine(repository):
        return [finding]
    found = [finding for name in only for finding in _examine_list(repository, name)]
    if any(_is_damage(finding) for finding in found) and (bad := list(packs.examine(repository))):
        # What is whole in them is saved first; only then it shows what else there is to mend.
        return bad
    return [*found, *_examine_remotes(repository)]


def _is_damage(finding: Finding) -> bool:
    return finding.code in ("damaged-objects", "damaged-history")


def _examine_list(repository: Repository, name: str) -> Iterator[Finding]:
    found = list(refs.examine(repository, name))
    yield from found
    ref = lists.ref(name)
    # Where the tasks cannot be read there is nothing more to say of them.
    unread = {"damaged-objects", "broken-ref", "lost-ref", "symbolic-ref", "foreign-ref"}
    if not any(finding.subject == ref and finding.code in unread for finding in found):
        tip = repository.store.tip(ref)
        if tip is not None:
            yield from tasks.examine(repository, name, tip)
            yield from derived.examine(repository, name)


def _examine_remotes(repository: Repository) -> Iterator[Finding]:
    for danger in dangers(repository.configuration):
        yield Finding("dangerous-remote", danger.remote, danger.problem, danger.advice, "warning")
