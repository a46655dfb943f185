"""What git's configuration says about the rules of a ledger."""

from __future__ import annotations

from gitledger.errors import InvalidInput, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Final

    from gitledger.configuration import Configuration
    from gitledger.core.policy import Policy

_RETENTION: Final = 30
"""Days for which an ended or silent session is listed (contract, section 7)."""
_REVIEW: Final = ("asked", "always")
_CLOSE_ON: Final = ("commit", "merge")
_WORDS: Final = ("gitledger.linkWords", "gitledger.startWords", "gitledger.completeWords")


def policy(configuration: Configuration) -> Policy:
    """Return the rules that hold here: `gitledger.maxClaims`, `.review`, `.lease`.

    Raises:
        InvalidInput: one of them has a value that it cannot have.
    """
    from gitledger.core.policy import Policy

    return Policy(
        max_claims=_count(configuration, "gitledger.maxClaims"),
        review=_word(configuration, "gitledger.review", _REVIEW) == "always",
        lease=lease(configuration),
    )


def lease(configuration: Configuration) -> timedelta:
    """Return for how long a session may be silent that has no lease of its own.

    Raises:
        InvalidInput: `gitledger.lease` is no duration.
    """
    from gitledger.core.policy import LEASE

    return _duration(configuration, "gitledger.lease", LEASE)


def retention(configuration: Configuration) -> timedelta:
    """Return for how long ended sessions and read messages stay: `gitledger.sessionRetention`.

    Raises:
        InvalidInput: it is no duration.
    """
    from datetime import timedelta

    return _duration(configuration, "gitledger.sessionRetention", timedelta(days=_RETENTION))


def closes_on_merge(configuration: Configuration) -> bool:
    """Tell whether a commit completes tasks once it reaches the default branch, not at once.

    Raises:
        InvalidInput: `gitledger.closeOn` is neither `commit` nor `merge`.
    """
    return _word(configuration, "gitledger.closeOn", _CLOSE_ON) == "merge"


def trailers(configuration: Configuration) -> dict[str, str]:
    """Return the words before a colon that name tasks, the team's own included.

    `gitledger.linkWords`, `.startWords` and `.completeWords` add to those that there are.
    """
    from gitledger.core.trailers import own_words

    return own_words(*(" ".join(configuration.get_all(name)) for name in _WORDS))


def hook_words(configuration: Configuration) -> tuple[str, ...]:
    """Return the team's own words before a colon that name tasks, lower case, sorted."""
    from gitledger.core.trailers import WORDS

    return tuple(sorted(trailers(configuration).keys() - WORDS.keys()))


def _count(configuration: Configuration, name: str) -> int | None:
    value = configuration.get(name)
    if value is None or value.lower() == "none":
        return None
    if not value.isdecimal() or int(value) < 1:
        raise InvalidInput(
            f"'{name}' cannot be '{value}'", hint=f"a number above 0: git config {name} 3"
        )
    return int(value)


def _word(configuration: Configuration, name: str, known: tuple[str, ...]) -> str:
    value = (configuration.get(name) or known[0]).lower()
    if value not in known:
        hint = did_you_mean(value, known) or f"one of: {', '.join(known)}"
        raise InvalidInput(f"'{name}' cannot be '{value}'", hint=hint)
    return value


def _duration(configuration: Configuration, name: str, default: timedelta) -> timedelta:
    value = configuration.get(name)
    if value is None:
        return default
    from gitledger.core.dates import parse_duration

    try:
        return parse_duration(value)
    except InvalidInput as wrong:
        raise InvalidInput(f"'{name}': {wrong.message}", hint=wrong.hint) from None
