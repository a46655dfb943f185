"""What is wrong with an object, in words, and the way out."""

from __future__ import annotations

import os

from gitledger.errors import Damaged, StoreFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gitledger.configuration import Configuration


def damaged(oid: str, why: str) -> Damaged:
    """Return the error for an object that is there and cannot be read."""
    return Damaged(f"object {oid} is damaged: {why}", subject=oid)


def not_a(kind: str, oid: str) -> Damaged:
    """Return the error for an object that is of another kind than the one that names it says."""
    return Damaged(f"object {oid} is not a {kind}", subject=oid)


def missing(
    oid: str,
    common_dir: str,
    configuration: Callable[[], Configuration],
    parents: Callable[[str], Iterable[str]],
) -> Damaged:
    """Return the error for an object that is not there, with the way out where it was left out.

    Args:
        oid: the object's id.
        common_dir: of the repository.
        configuration: returns git's configuration.
        parents: returns the parents of a commit.
    """
    message, hint = f"object {oid} is missing", None
    if _cut_off(oid, common_dir, parents):
        message += " in this shallow clone"
        hint = "fetch the whole history: git fetch --unshallow"
    elif remotes := configuration().names("remote.*.promisor"):
        remote = remotes[0].removeprefix("remote.").removesuffix(".promisor")
        # Without the first option git asks for nothing, without the second for too little.
        refs = f"'+refs/gitledger/*:refs/gitledger-remotes/{remote}/*'"
        hint = f"a partial clone lacks it: git fetch --refetch --no-filter {remote} {refs}"
    return Damaged(message, subject=oid, hint=hint)


def _cut_off(oid: str, common_dir: str, parents: Callable[[str], Iterable[str]]) -> bool:
    """Tell whether a commit is one where a shallow clone's history was cut off.

    git's file `shallow` names the commits that are there and whose parents are not.
    """
    try:
        with open(os.path.join(common_dir, "shallow"), encoding="ascii") as file:
            kept = file.read().split()
    except FileNotFoundError:
        return False
    return any(oid in _known(parents, child) for child in kept)


def _known(parents: Callable[[str], Iterable[str]], commit: str) -> Iterable[str]:
    try:
        return parents(commit)
    except StoreFailed:
        return ()
