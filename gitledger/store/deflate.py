"""Compressing objects. Most are small, and to begin takes zlib longer than to compress them."""

from __future__ import annotations

import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_WINDOW: Final = 12
"""How far zlib looks back, as a power of two: nothing in a small object is further away."""
_MEMORY: Final = 5
"""How much it takes for that, from 1 to 9. By default it takes 256 KiB for each object, which many
a process gets from the system and gives back each time: 50 µs, where this takes 4."""


def deflated(content: bytes, level: int) -> bytes:
    """Return a content as zlib compresses it.

    Args:
        content: what it is.
        level: how much time that may take: 1 to 9, 0 for none.
    """
    if len(content) > 1 << _WINDOW:
        return zlib.compress(content, level)
    stream = zlib.compressobj(level, zlib.DEFLATED, _WINDOW, _MEMORY)
    return stream.compress(content) + stream.flush()
