"""Task ids: 10 characters of lower-case Crockford base32 (contract, section 2)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 10
SHORTEST_PREFIX = 3
SHORTEST_SHOWN = 4


def new_id(random_bytes: Callable[[int], bytes]) -> str:
    """Return a fresh id of 50 random bits.

    Args:
        random_bytes: returns that many random bytes, as `os.urandom` does.
    """
    return encode(int.from_bytes(random_bytes(7), "big"))


def derived_id(*parts: str) -> str:
    """Return the id that these words always give, for what a merge has to name reproducibly."""
    from hashlib import sha256

    return encode(int.from_bytes(sha256("\0".join(parts).encode()).digest()[:7], "big"))


def encode(number: int) -> str:
    """Return the lowest 50 bits of a number as an id."""
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))


def is_id(word: str) -> bool:
    """Tell whether the word is a whole id."""
    return len(word) == LENGTH and not word.strip(ALPHABET)


def is_prefix(word: str) -> bool:
    """Tell whether the word can name a task: 3 to 10 characters of the alphabet, any case."""
    return SHORTEST_PREFIX <= len(word) <= LENGTH and not word.lower().strip(ALPHABET)


def shortest_prefix(task_id: str, others: Iterable[str]) -> str:
    """Return the shortest prefix, at least 4 characters, that none of the other ids starts with."""
    length = SHORTEST_SHOWN
    for other in others:
        if other != task_id:
            while length < LENGTH and other.startswith(task_id[:length]):
                length += 1
    return task_id[:length]
