"""git's configuration, as `git config --list -z` prints it."""

from __future__ import annotations

from gitledger.core.text import escape
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Final

_TRUE: Final = frozenset({"true", "yes", "on"})
_FALSE: Final = frozenset({"false", "no", "off", ""})


class Configuration:
    """git's configuration: names and values, in the order in which git reads them.

    In a name, section and variable are compared without case (`gitledger.autoSync`), what stands
    between them with case, as in git. Iterating yields each name once, normalised.

    Args:
        values: pairs of a name and its value; None where the name stands alone, which means true.
    """

    def __init__(self, values: Sequence[tuple[str, str | None]] = ()) -> None:
        self._values: dict[str, list[str | None]] = {}
        for name, value in values:
            self._values.setdefault(_normal(name), []).append(value)

    @classmethod
    def parse(cls, listing: bytes) -> Configuration:
        """Return the configuration that `git config --list -z` printed."""
        entries = listing.decode(errors="surrogateescape").split("\0")[:-1]
        pairs = (entry.partition("\n") for entry in entries)
        return cls([(name, value if equals else None) for name, equals, value in pairs])

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def get(self, name: str) -> str | None:
        """Return the value that holds, which is the last one, or None; see `get_bool` for true."""
        values = self.get_all(name)
        return values[-1] if values else None

    def get_all(self, name: str) -> list[str]:
        """Return all values of a name; one that stands alone counts as `true`."""
        values = self._values.get(_normal(name), ())
        return ["true" if value is None else value for value in values]

    def get_bool(self, name: str, default: bool = False) -> bool:
        """Return the value as git reads a boolean, the default where it is not set.

        Raises:
            InvalidInput: the value is no boolean.
        """
        value = self.get(name)
        if value is None:
            return default
        word = value.lower()
        if word.isdecimal():
            return int(word) != 0
        if word not in _TRUE | _FALSE:
            raise InvalidInput(
                f"'{name}' is neither true nor false: {escape(value)}",
                hint=f"set it anew: git config {name} true",
            )
        return word in _TRUE

    def names(self, pattern: str) -> tuple[str, ...]:
        """Return the names that a shell pattern matches, as `remote.*.url`, sorted."""
        from fnmatch import fnmatchcase

        return tuple(sorted(name for name in self if fnmatchcase(name, pattern)))


def _normal(name: str) -> str:
    section, _, rest = name.partition(".")
    subsection, dot, variable = rest.rpartition(".")
    return f"{section.lower()}.{subsection}{dot}{variable.lower()}"
