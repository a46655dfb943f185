"""Which of the words that there are somebody meant who typed another."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_NEAR = 0.7


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the word that was meant, where one is really near; None otherwise.

    A beginning counts, two letters that changed places do, and so does a typing error in a word
    that is long enough to tell. A wrong guess is worse than none.
    """
    from difflib import get_close_matches

    word, known = word.lower(), list(known)
    begun = [each for each in known if each.startswith(word)] if len(word) > 1 else []
    swapped = [each for each in known if sorted(each) == sorted(word)]
    near = [*begun, *swapped, *get_close_matches(word, known, n=1, cutoff=_NEAR)]
    return near[0] if near else None
