"""Names that people give: sessions, labels, types and roles; what they may be made of."""

from __future__ import annotations

from gitledger.errors import InvalidInput

_LONGEST = 64


def check_word(word: str, what: str) -> str:
    """Return a label, type or role: letters, digits and ``_.+/-``, 64 characters at most."""
    if not _is_made_of(word, "_.+/-"):
        raise InvalidInput(
            f"'{word}' is no {what}: letters, digits and _ . + / - only, 64 characters at most"
        )
    return word


def check_session(name: str) -> str:
    """Return a session's name; it is also a file's name in the ledger's tree."""
    if not _is_made_of(name, "_.+-"):
        raise InvalidInput(
            f"'{name}' is no session name: letters, digits and _ . + - only, 64 characters at most"
        )
    return name


def _is_made_of(name: str, signs: str) -> bool:
    """Tell whether a name begins with a letter or digit, and has these signs besides them."""
    if not 0 < len(name) <= _LONGEST or not name[0].isalnum():
        return False
    return all(sign.isalnum() or sign in signs for sign in name)
