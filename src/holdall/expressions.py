"""
Conditions and changes, as small frozen values, built from `F`.

`F.status == "new"` is a condition, `F.total.add(5)` a change. `F["size"]` names a field that is called like one of
the methods here; `F.address.city` and `F.lines[0]` go inside.

A comparison, also `!=`, `not_in` and the negated ones, is true only where the field is present, not null and of the
compared type. `~` is pushed down to the comparisons, so it never turns a missing field into true; absence is asked
for by `.is_null()` and `.is_set()`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Literal

from ._frozen import frozen
from .errors import InvalidArgument

if TYPE_CHECKING:
    from typing_extensions import Never

Step = str | int
CompareOp = Literal["=", "!=", "<", "<=", ">", ">="]
LeafOp = Literal[
    "=", "!=", "<", "<=", ">", ">=", "in", "not_in", "between", "not_between", "startswith", "not_startswith",
    "contains", "not_contains", "is_null", "is_set",
]  # fmt: skip

_NEGATED: Final[dict[LeafOp, LeafOp]] = {
    "=": "!=",
    "<": ">=",
    "<=": ">",
    "in": "not_in",
    "between": "not_between",
    "startswith": "not_startswith",
    "contains": "not_contains",
    "is_null": "is_set",
}
_NEGATED.update({there: here for here, there in list(_NEGATED.items())})


class Condition:
    """A test of one record. Combine with `&`, `|` and `~`."""

    __slots__ = ()

    def __and__(self, other: Condition) -> Condition:
        return _combine(All, self, other)

    def __or__(self, other: Condition) -> Condition:
        return _combine(AnyOf, self, other)

    def __invert__(self) -> Condition:
        raise NotImplementedError

    def __bool__(self) -> Never:
        raise InvalidArgument("a condition has no truth value; use & | ~ instead of and, or, not, "
                              "and avoid a < F.x < b")


@frozen
class Leaf(Condition):
    """One comparison. `size` compares the number of elements or bytes instead of the value itself."""

    path: tuple[Step, ...]
    op: LeafOp
    values: tuple[Any, ...] = ()
    size: bool = False

    def __invert__(self) -> Condition:
        return Leaf(self.path, _NEGATED[self.op], self.values, self.size)


@frozen
class All(Condition):
    """True where every part is; no parts: true."""

    parts: tuple[Condition, ...]

    def __invert__(self) -> Condition:
        return AnyOf(tuple(~part for part in self.parts))


@frozen
class AnyOf(Condition):
    """True where some part is; no parts: false."""

    parts: tuple[Condition, ...]

    def __invert__(self) -> Condition:
        return All(tuple(~part for part in self.parts))


def _combine(cls: type[All | AnyOf], left: Condition, right: object) -> Condition:
    if not isinstance(right, Condition):
        raise InvalidArgument(f"a condition can be combined with a condition only, not {type(right).__name__}; "
                              "put each comparison in parentheses")
    parts: list[Condition] = []
    for side in (left, right):
        parts.extend(side.parts if isinstance(side, cls) else (side,))
    return cls(tuple(parts))


ChangeOp = Literal["set", "remove", "add", "append", "prepend", "add_to", "discard_from", "set_if_absent"]


@frozen
class Change:
    """One change that an update makes on the server."""

    path: tuple[Step, ...]
    op: ChangeOp
    value: Any = None


def _operand(value: object) -> object:
    if value is None:
        raise InvalidArgument("None can't be compared; use .is_null() or .is_set()")
    if isinstance(value, (Path, Condition)):
        raise InvalidArgument("a field can be compared with a value only, not with another field")
    return value


class _Comparable:
    """What a path and its size have in common."""

    __slots__ = ("_path",)
    _size = False

    def __init__(self, path: tuple[Step, ...]) -> None:
        self._path = path

    def _leaf(self, op: LeafOp, *values: object) -> Condition:
        return Leaf(self._path, op, tuple(_operand(value) for value in values), self._size)

    # The two below give a condition where `object` gives a bool: the point of the class.
    def __eq__(self, other: object) -> Condition:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._leaf("=", other)

    def __ne__(self, other: object) -> Condition:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._leaf("!=", other)

    __hash__ = None  # type: ignore[assignment]  # a condition is no test of equality, so no key of a dict

    def __lt__(self, other: Any) -> Condition:
        return self._leaf("<", other)

    def __le__(self, other: Any) -> Condition:
        return self._leaf("<=", other)

    def __gt__(self, other: Any) -> Condition:
        return self._leaf(">", other)

    def __ge__(self, other: Any) -> Condition:
        return self._leaf(">=", other)

    def between(self, low: Any, high: Any) -> Condition:
        """True where `low <= field <= high`: both ends are included."""
        return self._leaf("between", low, high)

    def in_(self, values: Iterable[Any]) -> Condition:
        """True where the field is one of `values`; false for no values."""
        return self._leaf("in", *_listed(values))

    def not_in(self, values: Iterable[Any]) -> Condition:
        """True where the field is present and none of `values`."""
        return self._leaf("not_in", *_listed(values))


def _listed(values: object) -> tuple[Any, ...]:
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise InvalidArgument(f"in_() takes a list of values, not {type(values).__name__}")
    return tuple(values)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # any values


class Size(_Comparable):
    """The number of elements of a list, set or dict, or of bytes."""

    __slots__ = ()
    _size = True


class Path(_Comparable):
    """A field, or a place inside one. Its methods make conditions and changes."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Path:
        if name.startswith("__"):
            raise AttributeError(name)
        return Path((*self._path, name))

    def __getitem__(self, step: Step) -> Path:
        if isinstance(step, bool) or not isinstance(step, (str, int)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument(f"a path goes by name or by position, not by {type(step).__name__}")
        return Path((*self._path, step))

    def __repr__(self) -> str:
        return "F" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self._path)

    __iter__ = None  # a path can be indexed without end, so it must not be iterated

    def startswith(self, prefix: Any) -> Condition:
        """True where the string (or bytes) begins so; case-sensitive."""
        return self._leaf("startswith", prefix)

    def contains(self, item: Any) -> Condition:
        """True where the string has that part, or the list or set that element."""
        return self._leaf("contains", item)

    def is_null(self) -> Condition:
        """True where the field is missing or null (also for an empty set)."""
        return Leaf(self._path, "is_null")

    def is_set(self) -> Condition:
        """True where the field has a value."""
        return Leaf(self._path, "is_set")

    def size(self) -> Size:
        """Return what compares the number of elements of a list, set or dict, or of bytes."""
        return Size(self._path)

    def set(self, value: Any) -> Change:
        """Give the field a value; None unsets it."""
        return Change(self._path, "remove") if value is None else Change(self._path, "set", value)

    def remove(self) -> Change:
        """Unset the field, or take an element out of a list or dict."""
        return Change(self._path, "remove")

    def add(self, number: Any) -> Change:
        """Add a number, which may be negative; an unset field counts as 0. Exact, in decimal."""
        return Change(self._path, "add", number)

    def append(self, *items: Any) -> Change:
        """Add items at the end of a list; an unset field counts as an empty list."""
        return Change(self._path, "append", list(items))

    def prepend(self, *items: Any) -> Change:
        """Add items at the front of a list; an unset field counts as an empty list."""
        return Change(self._path, "prepend", list(items))

    def add_to(self, *items: Any) -> Change:
        """Add elements to a set; an unset field counts as an empty set."""
        return Change(self._path, "add_to", frozenset(items))

    def discard_from(self, *items: Any) -> Change:
        """Take elements out of a set, where they are in it."""
        return Change(self._path, "discard_from", frozenset(items))

    def set_if_absent(self, value: Any) -> Change:
        """Give the field a value where it has none."""
        return Change(self._path, "set_if_absent", value)


class _Root:
    """Names fields: `F.status`, `F["size"]`."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Path:
        if name.startswith("__"):
            raise AttributeError(name)
        return Path((name,))

    def __getitem__(self, name: str) -> Path:
        return Path((name,))

    def __repr__(self) -> str:
        return "F"


F: Final = _Root()
"""The record's fields."""
