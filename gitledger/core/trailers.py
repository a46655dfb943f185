"""What a commit message of the project says about tasks (contract, section 8)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from gitledger.core import ids

_LINE: Final = re.compile(r"(task|completes|closes|fixes)\s*:\s*(\S.*)", re.IGNORECASE)
_REMARK: Final = re.compile(r"\([^()]*\)")
_COMPLETE: Final = frozenset({"completes", "closes", "fixes"})


class Mention(NamedTuple):
    """A task that a message names.

    Attributes:
        name: its id or prefix, lower case.
        completes: whether the commit completes it; otherwise it is only linked.
    """

    name: str
    completes: bool


def mentions(message: str) -> tuple[Mention, ...]:
    """Return the tasks that a commit message names in lines such as `Completes: 7f3k, 8hqm`.

    What cannot be an id is left alone, as in `Fixes: #12`, and so are words among others that
    cannot, as in `Fixes: the login`; a remark in brackets is passed over. A task that is named in
    both ways is completed.
    """
    found: dict[str, bool] = {}
    for line in message.splitlines():
        if match := _LINE.fullmatch(line.strip()):
            completes = match[1].lower() in _COMPLETE
            for part in re.split("[,;]", _REMARK.sub(" ", match[2])):
                words = part.lower().split()
                if all(ids.is_prefix(word) for word in words):
                    found |= {word: found.get(word, False) or completes for word in words}
    return tuple(Mention(name, completes) for name, completes in found.items())
