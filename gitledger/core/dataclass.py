"""Data classes, as `dataclasses` has them, without the time that they take a command to start.

Importing `dataclasses` takes as long as half of Python's own start, for it imports `inspect`; and
each class takes it another half of a millisecond, for it writes and compiles its methods. Here the
methods are the same functions for all classes. Type checkers see the ones of `dataclasses`, which
these agree with in all that is used here.
"""

from __future__ import annotations

__all__ = ["dataclass", "field", "fields", "replace"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import dataclass, field, fields, replace
else:
    from operator import attrgetter

    _NOTHING = object()

    class Field:
        """A field: its name, how it gets its value where none is given, and whether it is hashed.

        Args:
            default: its value then.
            default_factory: makes its value then.
            hash: False leaves it out of the hash; it must be equal all the same.
        """

        __slots__ = ("default", "default_factory", "hash", "name")

        def __init__(self, *, default=_NOTHING, default_factory=None, hash=True):  # noqa: A002  # theirs
            self.name = ""
            self.default = default
            self.default_factory = default_factory
            self.hash = hash

    field = Field

    def fields(of):
        """Return the fields of a data class, or of one of its objects, in their order."""
        return of.__fields__

    def replace(found, /, **changes):
        """Return an object like this one, but for these fields."""
        return type(found)(**_named(found) | changes)

    def dataclass(whole=None, /, *, frozen=False, slots=True, kw_only=False):
        """Make a data class of one whose annotations name its fields; always one with slots.

        Args:
            whole: the class, where it is decorated without arguments.
            frozen: its objects can be hashed, and nobody can change them.
            slots: for type checkers.
            kw_only: fields are given by their names alone.
        """

        def make(template):
            known = [_field(template, name) for name in template.__annotations__]
            names = [each.name for each in known]
            left_out = {*names, "__dict__", "__weakref__"}
            space = {key: of for key, of in template.__dict__.items() if key not in left_out}
            methods = _FROZEN if frozen else _OPEN
            made = type(template)(
                template.__name__, template.__bases__, methods | space | {"__slots__": names}
            )
            made.__qualname__ = template.__qualname__
            made.__fields__ = tuple(known)
            made.__match_args__ = () if kw_only else tuple(names)
            made._slots = [(name, made.__dict__[name].__set__) for name in names]
            made._defaults = {
                each.name: each.default for each in known if each.default is not _NOTHING
            }
            made._made = [each for each in known if each.default_factory]
            made._values = staticmethod(_getter(names))
            made._hashed = staticmethod(_getter([each.name for each in known if each.hash]))
            return made

        return make if whole is None else make(whole)

    def _field(template, name):
        given = template.__dict__.get(name, _NOTHING)
        found = given if isinstance(given, Field) else Field(default=given)
        found.name = name
        return found

    def _getter(names):
        """Return a function that returns the values of these fields, as a tuple of two or more."""
        return attrgetter(*names) if names else lambda found: ()

    def _init(self, *values, **named):
        kind = type(self)
        if values:
            named = _by_name(kind, values, named)
        whole = kind._defaults | named
        for each in kind._made:
            if each.name not in named:
                whole[each.name] = each.default_factory()
        try:
            for name, put in kind._slots:
                put(self, whole[name])
        except KeyError:
            raise TypeError(f"{kind.__name__}() lacks '{name}'") from None
        if len(whole) != len(kind._slots):
            surplus = next(name for name in whole if name not in kind.__slots__)
            raise TypeError(f"{kind.__name__}() has no '{surplus}'")

    def _by_name(kind, values, named):
        """Return all values by name, those that were given by their place included."""
        if len(values) > len(kind.__match_args__):
            raise TypeError(
                f"{kind.__name__}() takes {len(kind.__match_args__)} values by their place"
            )
        placed = dict(zip(kind.__match_args__, values, strict=False))
        if twice := placed.keys() & named.keys():
            raise TypeError(f"{kind.__name__}() is given '{min(twice)}' twice")
        return placed | named

    def _named(found):
        return {each.name: getattr(found, each.name) for each in found.__fields__}

    def _eq(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return self._values(self) == self._values(other)

    def _hash(self):
        return hash(self._hashed(self))

    def _repr(self):
        told = (f"{each.name}={getattr(self, each.name)!r}" for each in self.__fields__)
        return f"{type(self).__qualname__}({', '.join(told)})"

    def _refuse(self, name, *_):
        raise AttributeError(f"cannot set '{name}': {type(self).__name__} is frozen")

    def _reduce(self):
        return _again, (type(self), _named(self))

    def _again(kind, values):
        return kind(**values)

    _OPEN = {
        "__init__": _init,
        "__eq__": _eq,
        "__hash__": None,
        "__repr__": _repr,
        "__reduce__": _reduce,
        "__replace__": replace,
    }
    _FROZEN = _OPEN | {"__hash__": _hash, "__setattr__": _refuse, "__delattr__": _refuse}
