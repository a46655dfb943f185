"""Text from a ledger or a server, made safe to print (contract, section 9)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Match

_UNSAFE = (
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)


def escape(line: str) -> str:
    r"""Return one line with control and bidirectional characters shown as `\x1b` or `\u202e`."""
    if line.isprintable():  # nearly always; then the import can wait
        return line
    import re

    return re.sub(_UNSAFE, _shown, line)


def escape_lines(text: str) -> list[str]:
    """Return the lines of a text, each escaped; tabs become blanks."""
    return [escape(line.expandtabs(4)) for line in text.replace("\r\n", "\n").split("\n")]


def _shown(found: Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
