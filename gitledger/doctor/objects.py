"""Objects that are missing or damaged, and fetching them once more from a remote."""

from __future__ import annotations

import re
from functools import partial

from gitledger import lists
from gitledger.doctor import restore, soundness
from gitledger.doctor.finding import Finding, Mend
from gitledger.doctor.ref_state import Kind, RefState, look, move_aside
from gitledger.doctor.rescue import tracking
from gitledger.doctor.soundness import Hurt
from gitledger.errors import RemoteFailed, StoreFailed
from gitledger.remote import Fetched, Remote
from gitledger.repository import Repository
from gitledger.store.lock import lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Final

_ROUNDS: Final = 8
"""How often it is fetched, after which what has become readable is searched for more damage."""
_NAMED: Final = re.compile("loose object '?([0-9a-f]{40}(?:[0-9a-f]{24})?)")
"""How git names what it cannot read here, where it breaks a fetch off."""


def examine_list(repository: Repository, name: str, found: RefState) -> Finding | None:
    """Return what of a list's commits is missing or damaged; None where all of it is whole.

    Args:
        repository: where the list is.
        name: the list's name.
        found: its ref, a direct one.
    """
    if soundness.is_sound(repository, found.value):
        return None
    refs = {
        ref: tip
        for ref, tip in tracking(repository, name).items()
        if not leads_nowhere(repository, found, tip)
    }
    published = next((ref for ref in refs if not soundness.is_sound(repository, refs[ref])), None)
    # git does not fetch while a ref names a commit that is missing, and does not come with it.
    readable = bool(soundness.line(repository.store, found.value)[0])
    if published is not None and (readable or found.value == refs[published]):
        mend: Mend | None = _refetch(repository, name, published)
    else:
        mend = restore.mend(repository, name, found, found.value)
    return _finding(repository, found, mend)


def leads_nowhere(repository: Repository, own: RefState, commit: str) -> bool:
    """Tell whether a commit that a tracking ref names is missing, and not in the list's own line.

    What is missing from that line, too, is fetched once more. Where nothing of it can be read, the
    tracking ref may be all that is known.
    """
    if own.kind is not Kind.DIRECT or soundness.line(repository.store, commit)[0]:
        return False
    if soundness.damaged_file(repository.location.common_dir, commit):
        return False
    line = soundness.line(repository.store, own.value)[0]
    return bool(line) and commit != line[-1].parent


def examine_tracking(repository: Repository, name: str, found: RefState) -> Iterator[Finding]:
    """Yield what of a tracking ref's commits is missing or damaged. As `examine_list`."""
    if soundness.is_sound(repository, found.value):
        return
    yield _finding(repository, found, _refetch(repository, name, found.name))


def _finding(repository: Repository, found: RefState, mend: Mend | None) -> Finding:
    hurts = soundness.hurts(repository, found.value)
    in_tip = [hurt for hurt in hurts if hurt.in_tip]
    if in_tip:
        return Finding("damaged-objects", found.name, _told("its tasks", in_tip), mend=mend)
    problem = _told("its history alone", hurts) if hurts else "its history is damaged: see git fsck"
    return Finding("damaged-history", found.name, problem, mend=mend)


def _told(what: str, hurts: Sequence[Hurt]) -> str:
    more = f" and {len(hurts) - 1} more" if len(hurts) > 1 else ""
    verb = "needs" if what.endswith("alone") else "need"
    first = hurts[0]
    return f"{what} {verb} what is missing or damaged: {first.place} ({first.oid[:12]}){more}"


# -- fetching ----------------------------------------------------------------------------------


def _refetch(repository: Repository, name: str, ref: str) -> Mend:
    remote = ref.removeprefix(lists.TRACKING).rpartition("/")[0]
    return Mend(
        f"move what is damaged aside and fetch '{name}' once more from '{remote}'",
        partial(_fetch_again, repository, name, remote),
    )


def _fetch_again(repository: Repository, name: str, remote: str) -> str:
    """Fetch all of a list from a remote, as if nothing of it were here.

    Raises:
        RemoteFailed: the remote cannot be reached, or refuses.
        StoreFailed: what it has is of no use.
    """
    server = Remote.configured(remote, name, repository.git)
    with lock(repository.location.common_dir / "gitledger" / f"{name}.lock"):
        aside = _move_aside(repository, _hurt(repository, name))
        came = Fetched.ABSENT
        for _ in range(_ROUNDS):
            # What stood below a damaged folder is seen only now, by git or by us.
            try:
                came = server.fetch(again=True)
            except RemoteFailed as failed:
                if not (more := _move_aside(repository, _NAMED.findall(failed.detail))):
                    raise
            else:
                if not (more := _move_aside(repository, _hurt(repository, name))):
                    break
            aside += more
    if came is not Fetched.DONE:
        raise StoreFailed(
            f"'{remote}' does not have what is missing here",
            hint="restore it from another clone of the ledger",
        )
    moved = f" and moved {aside} damaged file{'' if aside == 1 else 's'} aside" if aside else ""
    return f"fetched '{name}' once more from '{remote}'{moved}"


def _hurt(repository: Repository, name: str) -> set[str]:
    """Return the ids of what is missing or damaged of a list, here and as remotes have it."""
    own = look(repository, lists.ref(name))
    tips = {*tracking(repository, name).values(), *([own.value] if own.kind is Kind.DIRECT else [])}
    return {hurt.oid for tip in tips for hurt in soundness.hurts(repository, tip)}


def _move_aside(repository: Repository, oids: Iterable[str]) -> int:
    """Move those files of objects aside that are damaged, and return how many there are."""
    common_dir = repository.location.common_dir
    found = (soundness.damaged_file(common_dir, oid) for oid in sorted(set(oids)))
    files = [path for path in found if path]
    for path in files:
        move_aside(common_dir, path)
    return len(files)
