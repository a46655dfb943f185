"""Objects as git identifies, packs and takes them: many at once, in one stream.

A pack is `PACK`, its version and the number of its objects; then each object, its kind and size in
groups of seven bits and its content compressed; and a hash of all that (`gitformat-pack`).
"""

from __future__ import annotations

from gitledger.store.deflate import deflated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from hashlib import _Hash
    from typing import Final

_KINDS: Final = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
_COMPRESSION: Final = 6
"""How much time compressing may take; git's own (`pack.compression`)."""


def object_id(object_format: str, kind: str, content: bytes) -> str:
    """Return the id of an object.

    Args:
        object_format: the repository's, `sha1` or `sha256`.
        kind: the object's.
        content: the object's.
    """
    head = b"%b %d\0" % (kind.encode(), len(content))
    return _hash(object_format)(head + content).hexdigest()


def pack(object_format: str, objects: Collection[tuple[str, bytes]]) -> bytes:
    """Return a pack of objects, each a kind and a content; none is stored as another's change."""
    parts = [b"PACK" + (2).to_bytes(4, "big") + len(objects).to_bytes(4, "big")]
    for kind, content in objects:
        parts += [_header(kind, len(content)), deflated(content, _COMPRESSION)]
    whole = b"".join(parts)
    return whole + _hash(object_format)(whole).digest()


def _hash(object_format: str) -> Callable[[bytes], _Hash]:
    if object_format == "sha1":
        return _sha1()
    if object_format == "sha256":
        from hashlib import sha256

        return sha256
    raise ValueError(f"there is no object format '{object_format}'")


def _sha1() -> Callable[[bytes], _Hash]:
    try:
        # `hashlib` takes four milliseconds to import, for OpenSSL and thirteen other hashes.
        from _sha1 import sha1  # type: ignore[import-not-found]  # private, so without types
    except ImportError:
        from hashlib import sha1
    return sha1  # type: ignore[no-any-return]  # the same


def _header(kind: str, size: int) -> bytes:
    """Return kind and size: four bits of the size beside the kind, then seven at a time."""
    first, size = _KINDS[kind] << 4 | size & 0x0F, size >> 4
    raw = bytearray()
    while size:
        raw.append(first | 0x80)
        first, size = size & 0x7F, size >> 7
    raw.append(first)
    return bytes(raw)
