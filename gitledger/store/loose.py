"""Loose objects: read from their files, and written there.

libgit2 1.9.7 reads the file of a truncated object for ever, holding on to the process, and a
crash or a full disk leaves such files. Here a damaged file is an error at once. Reading one takes
no longer than libgit2 does, writing one a third of that.
"""

from __future__ import annotations

import os
import zlib

from gitledger.core.value import Value
from gitledger.errors import Damaged
from gitledger.store.damage import damaged
from gitledger.store.deflate import deflated
from gitledger.store.files import read_all, write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from gitledger.configuration import Configuration

_HEADER: Final = 32
"""Bytes that hold an object's kind and size for sure: `commit 1234567890` and a NUL."""
_COMPRESSION: Final = 1
"""How much time compressing may take; git's own (`core.looseCompression`)."""
_BLOCK: Final = 4000
"""Bytes up to which an object takes a block of the disk, compressed or not."""
_TRIES: Final = 8
"""How often the folder of an object may vanish before the disk is to blame."""
_HEEDED: Final = (
    *("core.compression", "core.looseCompression", "core.sharedRepository"),
    *("core.fsync", "core.fsyncMethod", "core.fsyncObjectFiles", "extensions.compatObjectFormat"),
)


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
            lines = os.fsdecode(read_all(os.path.join(folder, "info/alternates"))).splitlines()
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
        packed = read_all(loose_path(objects, oid))
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


def writes_as_we_do(configuration: Configuration) -> bool:
    """Tell whether git would write files of objects just as `write_loose`: no setting says how."""
    return not any(configuration.get_all(name) for name in _HEEDED)


def write_loose(objects: str, oid: str, kind: str, content: bytes) -> None:
    """Write an object into a file of its own, if there is no sound one.

    Args:
        objects: the path of the repository's `objects` directory.
        oid: the object's id.
        kind: `blob`, `tree`, `commit`.
        content: what it is the id of, together with the kind.

    Raises:
        OSError: it cannot be written.
    """
    path = loose_path(objects, oid)
    if _is_sound(path, objects, oid):
        return
    level = _COMPRESSION if len(content) > _BLOCK else 0
    packed = deflated(b"%s %d\0%b" % (kind.encode(), len(content), content), level)
    folder = f"{objects}/{oid[:2]}"
    # Under such a name `git gc` removes what a killed process leaves.
    new = f"{folder}/tmp_obj_{os.urandom(8).hex()}"
    try:
        _write(new, folder, packed)
        try:
            os.rename(new, path)
        except BaseException:
            os.unlink(new)
            raise
    except OSError as error:
        error.filename, error.filename2 = folder, None  # the file's own name means nothing
        raise


def _is_sound(path: str, objects: str, oid: str) -> bool:
    """Tell whether an object has a file already; to `git gc` that is as new, then."""
    try:
        os.utime(path)
        return read_loose(objects, oid) is not None
    except (OSError, Damaged):
        return False


def _write(path: str, folder: str, content: bytes) -> None:
    descriptor = _create(folder, path)
    try:
        try:
            write_all(descriptor, content)
        finally:
            os.close(descriptor)
    except BaseException:
        os.unlink(path)
        raise


def _create(folder: str, path: str) -> int:
    """Create a file in a folder, which `git gc` removes where it has emptied it: at any time."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    for _ in range(_TRIES - 1):
        try:
            return os.open(path, flags, 0o444)
        except FileNotFoundError:
            try:
                os.mkdir(folder)
            except FileExistsError:
                pass  # another process was faster
    return os.open(path, flags, 0o444)


def _damaged(oid: str) -> Damaged:
    return damaged(oid, "its file is truncated or overwritten")
