"""Loose objects, read from their files.

libgit2 1.9.7 reads the file of a truncated object for ever, holding on to the process, and a
crash or a full disk leaves such files. Here a damaged file is an error at once; and reading it
costs no more than libgit2 takes for it.
"""

from __future__ import annotations

import os
import zlib

from gitledger.core.value import Value
from gitledger.store.damage import damaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from gitledger.errors import Damaged

_HEADER: Final = 32
"""Bytes that hold an object's kind and size for sure: `commit 1234567890` and a NUL."""


def object_folders(objects: str) -> tuple[str, ...]:
    """Return the directories where a repository's objects are: its own, then its alternates.

    An alternate has its own in turn (`objects/info/alternates`).
    """
    found: list[str] = []
    pending = [objects]
    while pending:
        folder = pending.pop(0)
        if folder in found:
            continue
        found.append(folder)
        try:
            lines = os.fsdecode(_content(os.path.join(folder, "info/alternates"))).splitlines()
        except (FileNotFoundError, NotADirectoryError):
            continue
        pending += [
            os.path.join(folder, line) for line in lines if line and not line.startswith("#")
        ]
    return tuple(found)


class LooseObject(Value):
    """An object: its kind (`blob`, `tree`, `commit`, `tag`), its size in bytes, its content.

    The content is None where the object is larger than the reader wanted it.
    """

    __slots__ = ("content", "kind", "size")

    def __init__(self, kind: str, size: int, content: bytes | None) -> None:
        self.kind = kind
        self.size = size
        self.content = content


def loose_path(objects: str, oid: str) -> str:
    """Return where an object's own file is or would be, in an `objects` directory."""
    return f"{objects}/{oid[:2]}/{oid[2:]}"


def read_loose(objects: str, oid: str, limit: int | None = None) -> LooseObject | None:
    """Return an object that has a file of its own, or None when it has none (it may be packed).

    Args:
        objects: the path of the repository's `objects` directory.
        oid: the object's id.
        limit: bytes; a larger object is not read.

    Raises:
        Damaged: the file is truncated, or holds something else.
        OSError: the file cannot be read.
    """
    try:
        packed = _content(loose_path(objects, oid))
    except FileNotFoundError:
        return None
    stream = zlib.decompressobj()
    try:
        head = stream.decompress(packed, _HEADER)
        header, nul, begin = head.partition(b"\0")
        kind, size = header.decode("ascii").split(" ")
        length = int(size)
        if limit is not None and length > limit:
            return LooseObject(kind, length, None)
        # One byte more than there should be: so that too long a content is seen as well.
        rest = stream.decompress(stream.unconsumed_tail, length - len(begin) + 1)
        content = begin + rest
    except (zlib.error, ValueError) as error:
        raise _damaged(oid) from error
    # At its end stands a checksum, and nothing behind it; git, too, insists on that.
    if not nul or len(content) != length or not stream.eof or stream.unused_data:
        raise _damaged(oid)
    return LooseObject(kind, length, content)


def _content(path: str) -> bytes:
    # A third of what `Path.read_bytes` takes, which counts where a thousand objects are read.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.fstat(descriptor).st_size
        return os.read(descriptor, size)
    finally:
        os.close(descriptor)


def _damaged(oid: str) -> Damaged:
    return damaged(oid, "its file is truncated or overwritten")
