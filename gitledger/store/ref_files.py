"""The files of refs, as all who use them know them: git, libgit2 and we."""

from __future__ import annotations

import os

from gitledger.core.value import Value
from gitledger.store.failures import Unreadable
from gitledger.store.files import read_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_HEXADECIMAL: Final = b"0123456789abcdef"
_LENGTHS: Final = (40, 64)
"""Of an id, in hexadecimal digits: SHA-1, SHA-256."""
_NOT_IN_A_NAME: Final = frozenset(" ~^:?*[\\\x7f") | {chr(code) for code in range(32)}


class Reference(Value):
    """A ref, as it was read: the id that it names, or the ref that a symbolic one does."""

    __slots__ = ("is_symbolic", "target")

    def __init__(self, target: str, *, is_symbolic: bool = False) -> None:
        self.target = target
        self.is_symbolic = is_symbolic


def is_ref_name(name: str) -> bool:
    """Tell whether git takes a name for a ref's, as `git check-ref-format` says it."""
    parts = name.split("/")
    return (
        len(parts) > 1
        and not any(not part or part[0] == "." or part.endswith(".lock") for part in parts)
        and not name.endswith(".")
        and ".." not in name
        and "@{" not in name
        and not _NOT_IN_A_NAME.intersection(name)
    )


def read_ref(common_dir: str, ref: str) -> Reference | None:
    """Return a ref from its own file, else from that of the packed ones; None where it is in none.

    Args:
        common_dir: the repository's.
        ref: its full name, which is one.

    Raises:
        Unreadable: its file is damaged.
        OSError: a file cannot be read.
    """
    try:
        content = read_all(os.path.join(common_dir, ref))
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        line = b" %s\n" % os.fsencode(ref)
        packed = _packed(common_dir)
        oid = packed[: max(0, packed.find(line))].rpartition(b"\n")[2]
        return Reference(oid.decode()) if _is_id(oid) else None
    if content.startswith(b"ref:"):
        return Reference(os.fsdecode(content[4:].strip()), is_symbolic=True)
    oid, *_ = content.split(None, 1) or [b""]
    if content[:1].isspace() or not _is_id(oid):
        raise Unreadable("corrupted loose reference file")
    return Reference(oid.decode())


def ref_names(common_dir: str | os.PathLike[str], prefix: str) -> set[str]:
    """Return what may be the names of refs that start with the prefix, by their files alone.

    Nothing else is read: a repository may have ten thousand branches beside a few lists.
    Loose refs come first, so that one which is packed meanwhile is found where it went.
    """
    base = os.fspath(common_dir)
    names: set[str] = set()
    for folder, _, files in os.walk(os.path.join(base, prefix.rpartition("/")[0])):
        names.update(
            os.path.relpath(os.path.join(folder, name), base)
            for name in files
            if not name.endswith(".lock")
        )
    # A line is an id, a blank and a name.
    names.update(line.partition(" ")[2] for line in os.fsdecode(_packed(base)).splitlines())
    return {name for name in names if name.startswith(prefix)}


def packed_damage(common_dir: str, ref: str) -> bool:
    """Tell whether the file of packed refs is damaged, where a search in it did not find a ref.

    A search for the one line takes what is none for the absence of the ref.
    """
    packed = _packed(common_dir)
    cut = not packed.endswith(b"\n") if packed else False
    return cut or b"\0" in packed or b" %s\n" % os.fsencode(ref) in packed


def has_garbage(common_dir: str) -> bool:
    """Tell whether a line of the file of packed refs is none: git moves no ref then."""
    for line in _packed(common_dir).splitlines():
        oid, _, name = line.removeprefix(b"^").partition(b" ")
        if not line.startswith(b"#") and not (_is_id(oid) and bool(name) != line.startswith(b"^")):
            return True
    return False


def _packed(common_dir: str) -> bytes:
    try:
        return read_all(os.path.join(common_dir, "packed-refs"))
    except FileNotFoundError:
        return b""


def _is_id(raw: bytes) -> bool:
    return len(raw) in _LENGTHS and not raw.strip(_HEXADECIMAL)
