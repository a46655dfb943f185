"""git's commit objects, as git stores them: header lines, a blank line, the message."""

from __future__ import annotations

from gitledger.core.value import Value
from gitledger.errors import StoreFailed
from gitledger.store.base import Commit, Signature
from gitledger.store.damage import not_a

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

_HEXADECIMAL: Final = b"0123456789abcdef"
_LENGTHS: Final = (40, 64)
"""Of an id, in hexadecimal digits: SHA-1, SHA-256."""
_BLANKS: Final = " \t\n\v\f\r"


class RawCommit(Value):
    """A commit with its tree, and all of its parents."""

    __slots__ = ("commit", "parents", "tree")

    def __init__(self, commit: Commit, tree: str, parents: tuple[str, ...]) -> None:
        self.commit = commit
        self.tree = tree
        self.parents = parents


def parse_commit(oid: str, content: bytes) -> RawCommit:
    """Return the commit that an object's content describes.

    Text is read as UTF-8, which a ledger is; another encoding that a commit claims may not even
    exist. What is no UTF-8 is replaced.

    Raises:
        Damaged: it is no commit.
    """
    # Other header lines (a signature, an encoding) may follow, up to the blank line.
    head, blank, message = content.partition(b"\n\n")
    first, *lines = head.split(b"\n")
    parents = []
    while lines and lines[0].startswith(b"parent "):
        parents.append(_id(lines.pop(0)[7:]))
    people = [line.partition(b" ") for line in lines[:2]]
    if (
        not (blank or content.endswith(b"\n"))
        or not first.startswith(b"tree ")
        or not (tree := _id(first[5:]))
        or not all(parents)
        or [(role, by) for role, by, _ in people] != [(b"author", b" "), (b"committer", b" ")]
    ):
        raise not_a("commit", oid)
    author, committer = (person for _, _, person in people)
    commit = Commit(
        id=oid,
        parent=parents[0] if parents else None,
        message=_text(message),
        author=_signature(author),
        committer=_signature(committer),
    )
    return RawCommit(commit, tree, tuple(parents))


def commit_content(
    tree: str, parents: Sequence[str], author: Signature, committer: Signature, message: str
) -> bytes:
    """Return the content of a commit's object, with all text as UTF-8.

    Raises:
        StoreFailed: git could not read it: a NUL in the message, or nobody's name.
        ValueError: text that no UTF-8 can hold.
    """
    if "\0" in message:
        raise StoreFailed("a commit message cannot hold a NUL")
    lines = [
        f"tree {tree}",
        *(f"parent {parent}" for parent in parents),
        f"author {_line(author)}",
        f"committer {_line(committer)}",
    ]
    return "\n".join([*lines, "", message]).encode()


def _line(signature: Signature) -> str:
    name, email = signature.name.strip(_BLANKS), signature.email.strip(_BLANKS)
    if not name or not email or any(sign in name + email for sign in "<>\n\0"):
        what = "a name and an e-mail address, without '<', '>' and line breaks"
        raise StoreFailed(f"a commit's author and committer need {what}")
    hours, minutes = divmod(abs(signature.offset), 60)
    sign = "-" if signature.offset < 0 else "+"
    return f"{name} <{email}> {signature.time} {sign}{hours:02}{minutes:02}"


def _id(line: bytes) -> str:
    """Return an id, "" where it is none."""
    return line.decode() if len(line) in _LENGTHS and not line.strip(_HEXADECIMAL) else ""


def _signature(line: bytes) -> Signature:
    """Return who a line names, as far as it does: `Ada <ada@example.org> 1767225600 +0100`."""
    name, begin, rest = line.partition(b"<")
    email, end, date = rest.partition(b">")
    if not begin or not end:
        return Signature(_text(line), "", 0)
    time, _, zone = date[1:].partition(b" ")
    person = _text(name.removesuffix(b" ")), _text(email)
    known = time.removeprefix(b"-").isdigit() and zone[1:5].isdigit() and len(zone) >= 5
    if not known or date[:1] != b" " or zone[:1] not in (b"+", b"-"):
        return Signature(*person, 0)
    offset = int(zone[1:3]) * 60 + int(zone[3:5])
    return Signature(*person, int(time), -offset if zone[:1] == b"-" else offset)


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")
