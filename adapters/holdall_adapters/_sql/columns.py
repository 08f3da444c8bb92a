"""
Types of columns: what is bound and fetched for a portable value, and which stored values lie next to an operand.

A stored value is what the database's own driver binds and gives: str, int, float, bytes.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from holdall._model.kinds import BadValue, Portable, PortableType, show

from .documents import dump, load
from .numbers import decode_number, encode_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall._model.kinds import Kind


class Bounds(NamedTuple):
    """
    The storable values nearest to an operand: at or below it, and at or above it. None where there is none.

    Both are the same where the operand itself can be stored.
    """

    low: Any
    high: Any

    @property
    def exact(self) -> bool:
        return self.low is not None and self.low == self.high


class ColumnType:
    """
    How portable values lie in one type of column. Stateless.

    Attributes:
        name: By which documents of conditions name it.
        portable: The portable type of every value in it; None for a document, which may hold any.
    """

    name: ClassVar[str]
    portable: ClassVar[PortableType | None]

    def store(self, value: Portable) -> Any:
        """
        Return what is stored for a portable value.

        Raises:
            BadValue: It can't be stored exactly.
        """
        raise NotImplementedError

    def load(self, stored: Any) -> Portable:
        """
        Return the portable value of what is stored.

        Raises:
            BadValue: What is stored is not of this type.
        """
        raise NotImplementedError

    def lifter(self, kind: Kind) -> Callable[[Any], Any] | None:  # noqa: ARG002 - for those who have one
        """Return a short way from what is stored to the program's value of a kind, None for none."""
        return None

    def bounds(self, operand: Portable) -> Bounds:
        """Return where an operand of the column's portable type lies among the storable values."""
        stored = self.store(operand)
        return Bounds(stored, stored)


def _of(cls: type, stored: Any) -> Any:
    if stored.__class__ is cls:
        return stored
    raise BadValue(f"expected {cls.__name__} in the column, got {show(stored)}")


class Text(ColumnType):
    """Text, compared by code point."""

    name = "text"
    portable = "str"

    def store(self, value: Portable) -> Any:
        return value

    def load(self, stored: Any) -> Portable:
        return _of(str, stored)


class Blob(ColumnType):
    """Bytes."""

    name = "blob"
    portable = "bytes"

    def store(self, value: Portable) -> Any:
        return value

    def load(self, stored: Any) -> Portable:
        return _of(bytes, stored)


class Boolean(ColumnType):
    """0 or 1."""

    name = "boolean"
    portable = "bool"

    def store(self, value: Portable) -> Any:
        return int(value)

    def load(self, stored: Any) -> Portable:
        if stored in (0, 1):
            return bool(stored)
        raise BadValue("expected 0 or 1 in the column, but something else is stored")


_MAX = (1 << 63) - 1
_MIN = -1 << 63


class Integer(ColumnType):
    """A whole number of 64 bits."""

    name = "integer"
    portable = "number"

    def store(self, value: Portable) -> Any:
        whole = int(value)
        if whole != value:
            raise BadValue("the column takes whole numbers only")
        if not _MIN <= whole <= _MAX:
            raise BadValue("the number does not fit the database's 64-bit integers; declare the field as Decimal")
        return whole

    def load(self, stored: Any) -> Portable:
        return _of(int, stored)

    def bounds(self, operand: Portable) -> Bounds:
        low, high = math.floor(operand), math.ceil(operand)
        return Bounds(min(low, _MAX) if low >= _MIN else None, max(high, _MIN) if high <= _MAX else None)


class Real(ColumnType):
    """A double, which stands for the shortest decimal that gives it back."""

    name = "real"
    portable = "number"

    def store(self, value: Portable) -> Any:
        return float(value)

    def load(self, stored: Any) -> Portable:
        if stored.__class__ is float and math.isfinite(stored):
            return Decimal(repr(stored))
        return _of(int, stored)

    def bounds(self, operand: Portable) -> Bounds:
        nearest = float(operand)
        there = Decimal(repr(nearest))
        if there == operand:
            return Bounds(nearest, nearest)
        if there < operand:
            return Bounds(nearest, math.nextafter(nearest, math.inf))
        return Bounds(math.nextafter(nearest, -math.inf), nearest)


class Number(ColumnType):
    """An exact decimal, as text that sorts like it."""

    name = "number"
    portable = "number"

    def store(self, value: Portable) -> Any:
        return encode_number(value)

    def load(self, stored: Any) -> Portable:
        return decode_number(stored)


class Document(ColumnType):
    """A value with an inside, or of several types, as JSON."""

    name = "document"
    portable = None

    def store(self, value: Portable) -> Any:
        return dump(value)

    def load(self, stored: Any) -> Portable:
        return load(stored)


TEXT, BLOB, BOOLEAN, INTEGER, REAL, NUMBER, DOCUMENT = (
    Text(), Blob(), Boolean(), Integer(), Real(), Number(), Document()
)  # fmt: skip
BY_NAME: dict[str, ColumnType] = {
    column.name: column for column in (TEXT, BLOB, BOOLEAN, INTEGER, REAL, NUMBER, DOCUMENT)
}
