"""Text from a ledger or a server, made safe to print (contract, section 9)."""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)


def escape(line: str) -> str:
    r"""Return one line with control and bidirectional characters shown as `\x1b` or `\u202e`."""
    return _UNSAFE.sub(_shown, line)


def escape_lines(text: str) -> list[str]:
    """Return the lines of a text, each escaped; tabs become blanks."""
    return [escape(line.expandtabs(4)) for line in text.replace("\r\n", "\n").split("\n")]


def _shown(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
