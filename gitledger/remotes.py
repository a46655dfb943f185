"""The configured remotes: which one to share a ledger with, and which put a ledger in danger."""

from __future__ import annotations

from gitledger import lists
from gitledger.configuration import Configuration
from gitledger.core.dataclass import dataclass
from gitledger.core.text import escape
from gitledger.errors import InvalidInput, NotFound, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_SPARED: Final = "^refs/gitledger*"
"""The refspec that leaves all of ours out: lists, tracking refs, backups."""


@dataclass(frozen=True, slots=True)
class Danger:
    """A setting that lets plain `git fetch` or `git push` harm the ledger.

    Attributes:
        remote: the remote's name.
        problem: what would happen, on one line; escaped.
        advice: how to set it right, on one line; escaped.
    """

    remote: str
    problem: str
    advice: str


def names(configuration: Configuration) -> tuple[str, ...]:
    """Return the names of the configured remotes, sorted."""
    found = set()
    for key in configuration:
        section, _, rest = key.partition(".")
        name, _, variable = rest.rpartition(".")
        if section == "remote" and name and variable in ("url", "pushurl"):
            found.add(name)
    return tuple(sorted(found))


def choose(asked: str | None, configuration: Configuration) -> str | None:
    """Return the remote to share a ledger with: asked, `gitledger.remote`, `origin`, the only one.

    Returns:
        Its name; None where there is no remote, or none of several is the obvious one.

    Raises:
        NotFound: the remote that was named does not exist.
        InvalidInput: its name begins with `-` and would be read as an option.
    """
    known = names(configuration)
    name = asked or configuration.get("gitledger.remote")
    if name is None and (len(known) == 1 or "origin" in known):
        name = "origin" if "origin" in known else known[0]
    if name is None:
        return None
    if name.startswith("-"):
        raise InvalidInput(f"'{name}' is no name of a remote")
    if name not in known:
        raise NotFound(f"no remote '{name}'", hint=did_you_mean(name, known) or _add(name))
    return name


def require(asked: str | None, configuration: Configuration) -> str:
    """Return the remote to share a ledger with, as `choose` does.

    Raises:
        NotFound: there is none, or none of several is the obvious one; or as `choose`.
        InvalidInput: as `choose`.
    """
    name = choose(asked, configuration)
    if name is None:
        known = names(configuration)
        if known:
            raise NotFound(
                f"which remote: {', '.join(known)}?",
                hint=f"say it once and for all: git config gitledger.remote {known[0]}",
            )
        raise NotFound("no remote to share the ledger with", hint=_add("origin"))
    return name


def _add(name: str) -> str:
    import re

    if re.fullmatch(r"[\w.-]+", name):
        return f"add it: git remote add {name} URL"
    return "a remote is named, not addressed: git remote add NAME URL"


# -- dangers -----------------------------------------------------------------------------------


def dangers(configuration: Configuration) -> tuple[Danger, ...]:
    """Return the settings of remotes by which git itself would overwrite or publish lists.

    `git fetch` with a refspec that covers our refs overwrites what is unpublished, with `--prune`
    it deletes lists; a mirror's `git push` deletes what others have published.
    """
    found = []
    for name in names(configuration):
        specs = configuration.get_all(f"remote.{name}.fetch")
        if spec := next((spec for spec in specs if _overwrites(spec, specs)), None):
            found.append(_fetched_over(name, spec))
        if configuration.get_bool(f"remote.{name}.mirror"):
            found.append(_pushed_over(name))
    return tuple(found)


def _overwrites(spec: str, specs: list[str]) -> bool:
    """Tell whether a fetch refspec writes to lists that no negative one leaves out."""
    if spec.startswith("^") or not {_SPARED, f"^{lists.REFS}*"}.isdisjoint(specs):
        return False
    source, _, target = spec.removeprefix("+").partition(":")
    # `refs/*` covers ours as well as `refs/gitledger/*`; one list may be named alone.
    start = target.partition("*")[0]
    covers = start.startswith(lists.REFS) or ("*" in target and lists.REFS.startswith(start))
    # From elsewhere to there, as `refs/heads/*:refs/gitledger/x/*`, is the user's own affair.
    return covers and (source.startswith(lists.REFS) or lists.REFS.startswith(source[:-1]))


def _fetched_over(name: str, spec: str) -> Danger:
    called = escape(name)
    return Danger(
        called,
        f"'git fetch' from '{called}' overwrites unpublished work: its refspec is {escape(spec)}",
        f"leave the lists out: git config --add remote.{called}.fetch '{_SPARED}'",
    )


def _pushed_over(name: str) -> Danger:
    called = escape(name)
    return Danger(
        called,
        f"'git push' to '{called}' deletes lists of others: it is set to mirror this repository",
        f"push branches only: git config --unset remote.{called}.mirror",
    )
