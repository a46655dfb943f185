"""Objects that are packed, as git reads them: one `git cat-file` answers all questions."""

from __future__ import annotations

import os

from gitledger.git import OBJECTS
from gitledger.store.failures import Unreadable
from gitledger.store.loose import LooseObject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Final

    from gitledger.git import Git
    from gitledger.spawn import Conversation

_SKIPPED: Final = 1 << 20
"""Bytes that are read and thrown away; a larger object is left unread together with its git."""
_HEXADECIMAL: Final = "0123456789abcdef"
_LENGTHS: Final = (40, 64)
_AT_ONCE: Final = 63
"""Ids that fit into any pipe, 4 KiB: they are written at once, whatever git is busy with."""


class CatFile:
    """A `git cat-file --batch` on a repository, started by the first question.

    It ends with this object. Where it has ended before, at an object that it could not read, or is
    that of the process which we were forked from, the next question starts another.

    Args:
        git: the git program on the repository.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._talk: Conversation | None = None

    def packed(self, oid: str, limit: int | None, spoilt: Sequence[str] = ()) -> LooseObject:
        """Return an object, without its content when that is over the limit.

        Args:
            oid: its id.
            limit: bytes; the content of a larger object is not read.
            spoilt: files of this object that are damaged; git reads some of them all the same.

        Raises:
            KeyError: there is none, or this is no id.
            Unreadable: it is damaged.
            GitFailed: git does not read this repository at all.
        """
        # Anything but a whole id would be looked up as a name.
        if not _is_whole(oid):
            raise KeyError(oid)
        if spoilt and self._size_on_disk(oid) in map(os.path.getsize, spoilt):
            raise KeyError(oid)
        begun = self._begun()
        if begun is not None:
            try:
                return self._asked(begun, oid, limit)
            except EOFError:
                pass  # it has ended, perhaps long ago and for another reason
        self._talk = talk = self._converse()
        try:
            return self._asked(talk, oid, limit)
        except EOFError as end:
            self._git.run("rev-parse", "--git-dir")  # or it says why it does not work here
            why = str(end)
            if "promisor" in why:  # what a partial clone lacks, and was not to fetch
                raise KeyError(oid) from None
            raise Unreadable(why) from None

    def packed_many(self, oids: Sequence[str], limit: int) -> Mapping[str, LooseObject]:
        """Return those of many objects that can be read, by their ids; else like `packed`.

        git is asked for some before it has answered, so that neither waits for the other. Where it
        ends over one of them, the rest is left out.
        """
        found: dict[str, LooseObject] = {}
        wanted = list(filter(_is_whole, oids))
        for begin in range(0, len(wanted), _AT_ONCE):
            self._talk = talk = self._begun() or self._converse()
            part = wanted[begin : begin + _AT_ONCE]
            try:
                _ask(talk, part)
                for oid in part:
                    answer = _answer(talk, limit)
                    if answer is None:
                        continue
                    found[oid] = answer
                    if _is_unread(answer):
                        self._close(talk)
                        return found
            except EOFError:
                self._close(talk)
                return found
            except BaseException:
                self._close(talk)
                raise
        return found

    def _size_on_disk(self, oid: str) -> int:
        """Return the size of what git would read an object from, -1 where it finds none."""
        asked = "--no-replace-objects", "cat-file", "--batch-check=%(objectsize:disk)"
        size = self._git.run(*asked, input=f"{oid}\n".encode(), check=False).stdout.strip()
        return int(size) if size.isdigit() else -1

    def _begun(self) -> Conversation | None:
        """Return the conversation that this process has begun, None without one."""
        if self._talk is not None and not self._talk.is_ours:
            self._close(self._talk)
        return self._talk

    def _converse(self) -> Conversation:
        return self._git.converse(*OBJECTS)

    def _asked(self, talk: Conversation, oid: str, limit: int | None) -> LooseObject:
        """Return an object.

        Raises:
            EOFError: git has ended; with its last words.
        """
        try:
            _ask(talk, [oid])
            found = _answer(talk, limit)
        except BaseException:
            self._close(talk)
            raise
        if found is None:
            raise KeyError(oid)
        if _is_unread(found):
            self._close(talk)
        return found

    def _close(self, talk: Conversation) -> None:
        self._talk = None
        talk.close()


def _is_whole(oid: str) -> bool:
    return len(oid) in _LENGTHS and not oid.strip(_HEXADECIMAL)


def _is_unread(found: LooseObject) -> bool:
    """Tell whether git still stands there with the content of an object that nobody wants."""
    return found.content is None and found.size > _SKIPPED


def _ask(talk: Conversation, oids: Sequence[str]) -> None:
    try:
        talk.ask("".join(f"{oid}\n" for oid in oids).encode())
    except BrokenPipeError:
        pass  # it has ended; the answer says so


def _answer(talk: Conversation, limit: int | None) -> LooseObject | None:
    """Return what git answers; None where there is no such object."""
    head = talk.answers.readline()
    if head.endswith(b" missing\n"):
        talk.complaint()  # of what it has tried; nobody else reads it
        return None
    kind, size = head.decode().split()[1:] if head.endswith(b"\n") else ("", "0")
    length = int(size)
    wanted = limit is None or length <= limit
    if kind and not wanted and length > _SKIPPED:
        return LooseObject(kind, length, None)
    content = talk.answers.read(length + 1)
    if not kind or len(content) <= length:
        raise EOFError(_last_words(talk))
    return LooseObject(kind, length, content[:length] if wanted else None)


def _last_words(talk: Conversation) -> str:
    """Return why git has ended, on one line."""
    lines = talk.complaint().decode(errors="replace").splitlines()
    fatal = [line.removeprefix("fatal: ") for line in lines if line.startswith("fatal: ")]
    return (fatal or lines or ["git cat-file has ended"])[0]
