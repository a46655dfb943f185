"""Task lists: one list is one ref."""

from __future__ import annotations

from gitledger.errors import InvalidInput, NoSuchList, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping
    from typing import Final

DEFAULT: Final = "main"
REFS: Final = "refs/gitledger/"
TRACKING: Final = "refs/gitledger-remotes/"
ARCHIVE: Final = "refs/gitledger-archive/"
BACKUP: Final = "refs/gitledger-backup/"

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_LONGEST: Final = 64


def is_name(name: str) -> bool:
    """Tell whether a list can have the name: it is one component of a ref's name."""
    low = name.lower()
    made_of = name.isascii() and low[:1].strip(_LETTERS) == low.strip(_LETTERS + "._-") == ""
    unfit = ".." in name or name.endswith((".", ".lock"))
    return 0 < len(name) <= _LONGEST and made_of and not unfit


def check_name(name: str) -> str:
    """Return the name of a list.

    Raises:
        InvalidInput: no list can have it.
    """
    if not is_name(name):
        raise InvalidInput(
            f"'{name}' is no list name: letters, digits and . _ - only, 64 characters at most"
        )
    return name


def ref(name: str) -> str:
    """Return the list's local ref, which is also its ref on a remote."""
    return REFS + name


def tracking_ref(remote: str, name: str) -> str:
    """Return the ref that keeps what the remote had when it was last fetched or pushed."""
    return f"{TRACKING}{remote}/{name}"


def backup_ref(name: str, tip: str) -> str:
    """Return the ref that keeps a tip of the list which its own ref is taken from."""
    return f"{BACKUP}{name}/{tip[:12]}"


def no_such_list(name: str, known: Iterable[str]) -> NoSuchList:
    """Return the error for a list that does not exist, naming the nearest that does."""
    known = sorted(known)
    return NoSuchList(
        f"no list '{name}'",
        hint=did_you_mean(name, known) or f"make it: git ledger lists create {name}",
    )


def choose(
    asked: str | None,
    environ: Mapping[str, str],
    configured: str | None,
    known: Callable[[], Container[str]],
) -> str:
    """Return the list to work on (contract, section 6): asked, environment, configuration, main.

    Args:
        asked: what the caller named, or None.
        environ: `GITLEDGER_LIST`, and `CLAUDE_CODE_TASK_LIST_ID` where a list of that name exists.
        configured: the value of `gitledger.list`.
        known: returns the lists that exist.

    Raises:
        InvalidInput: the name that was asked for or configured is none.
    """
    if name := asked or environ.get("GITLEDGER_LIST") or configured:
        return check_name(name)
    shared = environ.get("CLAUDE_CODE_TASK_LIST_ID")
    return shared if shared and shared in known() else DEFAULT
