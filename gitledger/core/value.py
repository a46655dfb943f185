"""Values that are made by the hundred thousand: data classes whose `__init__` is written by hand.

It takes a tenth of the time of that of `gitledger.core.dataclass`, which is for all others.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


class Value:
    """A value: it is what its fields are, which nobody changes once it is made.

    A subclass names its fields in `__slots__`, and takes them under these names.
    """

    __slots__: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Value) or type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self.__slots__))

    def __repr__(self) -> str:
        fields = (f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({', '.join(fields)})"

    def replace(self, **changes: object) -> Self:
        """Return this value with other fields, by their names."""
        return type(self)(**{name: getattr(self, name) for name in self.__slots__} | changes)
