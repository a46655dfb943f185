"""prepare-commit-msg, commit-msg: the file in which git keeps the message of a commit."""

from __future__ import annotations

import os
from contextlib import suppress

from gitledger.core import trailers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from gitledger.hook.place import Place

_NOT_ONES_OWN: Final = ("merge", "squash", "commit")
"""Sources of a message that somebody has written before (githooks(5))."""
_FOR_THE_EDITOR: Final = ("", "template")
_SIGNED: Final = "Signed-off-by: "
_SIGNS: Final = "#;@!$%^&|:"
"""What git chooses from where `core.commentChar` is `auto`."""


def prepare_commit_msg(place: Place, file: str, source: str = "") -> list[str]:
    """Add `Task: ID` to a new message, where the session has begun one task and the message
    names none.

    Args:
        place: where.
        file: the message's file, relative to the place.
        source: where the message comes from, as git says it.
    """
    if source in _NOT_ONES_OWN or place.project.replaying:
        return []
    path = os.path.join(place.path, file)
    text = _read(path)
    said, comments = _parts(place, text)
    if trailers.to_be_melted(said) or not (said.strip() or comments):
        return []
    found = trailers.mentions(said, place.words)
    if any(mention.sure for mention in found) or (found and place.resolve(found)[0]):
        return []
    from gitledger import begun

    at_hand = begun.at_hand(place.ledger)
    if len(at_hand) != 1:
        return []
    place.repository.git.run(
        "interpret-trailers",
        "--in-place",
        "--if-exists=doNothing",
        f"--trailer=Task: {at_hand[0].id}",
        os.path.abspath(path),
    )
    if not text.partition("\n")[0].strip():
        # The first line is for the subject, which a blank line parts from the trailer.
        _write(path, f"\n{_read(path)}")
    if source in _FOR_THE_EDITOR:
        with suppress(OSError):
            _write(_left(place), _read(path))
    return []


def commit_msg(place: Place, file: str) -> tuple[list[str], bool]:
    """Return lines about names in a message that are no task's, and whether they block it.

    A message to which nobody has added a word since the trailer was added is emptied, so that git
    gives the commit up as it does without us.
    """
    path = os.path.join(place.path, file)
    text = _read(path)
    said, comments = _parts(place, text)
    found = trailers.mentions(said, place.words)
    if _is_left_alone(place, text) or (found and comments and _is_ours(place, said)):
        _write(path, "\n".join(comments) + "\n")
        return [], False
    if not found:
        return [], False
    strict = place.repository.configuration.get_bool("gitledger.strictCommits")
    wrong = place.resolve(found)[1]
    # What is made anew was let in once; a rebase must not break over it.
    stops = bool(wrong) and strict and not place.project.replaying
    return [f"gitledger: {line}" for line in wrong], stops


def _left(place: Place) -> str:
    """Return the file with the message as it was given to the editor; the shims use it, too."""
    return os.path.join(place.repository.location.git_dir_name, "gitledger", "message")


def _is_left_alone(place: Place, text: str) -> bool:
    """Tell whether a message is still what was given to the editor, and forget that."""
    try:
        left = _read(_left(place))
        os.unlink(_left(place))
    except OSError:
        return False
    return left == text


def _is_ours(place: Place, said: str) -> bool:
    """Tell whether the trailer that was added is all that a message says.

    A sign-off says nothing, as git sees it.
    """
    lines = [line for line in said.splitlines() if not line.startswith(_SIGNED)]
    words = " ".join(lines).split()
    if len(words) != 2 or words[0] != "Task:":
        return False
    from gitledger import begun

    return words[1] in [task.id for task in begun.at_hand(place.ledger)]


def _parts(place: Place, text: str) -> tuple[str, list[str]]:
    """Return what a message says, and the lines that git will leave out."""
    lines = trailers.without_scissors(text).splitlines()
    sign = _sign(place, lines)
    said = "\n".join(line for line in lines if not line.startswith(sign))
    return said, [line for line in lines if line.startswith(sign)]


def _sign(place: Place, lines: list[str]) -> str:
    """Return what a comment line begins with."""
    configuration = place.repository.configuration
    sign = configuration.get("core.commentString") or configuration.get("core.commentChar") or "#"
    if sign != "auto":
        return sign
    last = next((line for line in reversed(lines) if line.strip()), "#")
    return last[0] if last[0] in _SIGNS else "#"


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        return file.read()


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(text)
