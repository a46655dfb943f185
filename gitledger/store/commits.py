"""git's commit objects, as git stores them: header lines, a blank line, the message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from gitledger.errors import StoreFailed
from gitledger.store.base import Commit, Signature
from gitledger.store.damage import not_a

_ID: Final = rb"([0-9a-f]{40}|[0-9a-f]{64})"
_HEAD: Final = re.compile(
    rb"tree " + _ID + rb"\n((?:parent (?:[0-9a-f]+)\n)*)author (.*)\ncommitter (.*)\n"
)
_PERSON: Final = re.compile(rb"(.*?) ?<([^>\n]*)>(?: (-?[0-9]+) ([+-])([0-9]{2})([0-9]{2}))?")
_NOT_IN_A_PERSON: Final = re.compile("[<>\n\0]")
_BLANKS: Final = " \t\n\v\f\r"


class RawCommit(NamedTuple):
    """A commit with its tree, and all of its parents."""

    commit: Commit
    tree: str
    parents: tuple[str, ...]


def parse_commit(oid: str, content: bytes) -> RawCommit:
    """Return the commit that an object's content describes.

    Text is read as UTF-8, which a ledger is; another encoding that a commit claims may not even
    exist. What is no UTF-8 is replaced.

    Raises:
        Damaged: it is no commit.
    """
    head = _HEAD.match(content)
    if head is None:
        raise not_a("commit", oid)
    tree, lines, author, committer = head.groups()
    parents = tuple(lines.decode().split()[1::2])
    # Other header lines (a signature, an encoding) may follow, up to the blank line.
    message = content[content.find(b"\n\n", head.end() - 1) + 2 :]
    commit = Commit(
        id=oid,
        parent=parents[0] if parents else None,
        message=_text(message),
        author=_signature(author),
        committer=_signature(committer),
    )
    return RawCommit(commit, tree.decode(), parents)


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
    if not name or not email or _NOT_IN_A_PERSON.search(name + email):
        what = "a name and an e-mail address, without '<', '>' and line breaks"
        raise StoreFailed(f"a commit's author and committer need {what}")
    hours, minutes = divmod(abs(signature.offset), 60)
    sign = "-" if signature.offset < 0 else "+"
    return f"{name} <{email}> {signature.time} {sign}{hours:02}{minutes:02}"


def _signature(line: bytes) -> Signature:
    person = _PERSON.match(line)
    if person is None:
        return Signature(_text(line), "", 0)
    name, email, time, sign, hours, minutes = person.groups()
    if time is None:
        return Signature(_text(name), _text(email), 0)
    offset = int(hours) * 60 + int(minutes)
    return Signature(_text(name), _text(email), int(time), -offset if sign == b"-" else offset)


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")
