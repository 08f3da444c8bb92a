"""Kinds of single values."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .base import Kind, expect
from .portable import BadValue, Portable, is_number

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import Enum

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_MICROSECOND = dt.timedelta(microseconds=1)
_SECOND = dt.timedelta(seconds=1)


class Str(Kind):
    name = "str"
    types = frozenset({"str"})

    def lower(self, value: Any) -> Portable:
        expect(isinstance(value, str), self, value)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise BadValue("the string has a lone surrogate, which no store can hold as UTF-8") from None
        return str.__str__(value)  # str() of a member of a `(str, Enum)` gives its name

    def lift(self, value: Portable) -> Any:
        expect(isinstance(value, str), self, value)
        return value


class Bytes(Kind):
    name = "bytes"
    types = frozenset({"bytes"})

    def lower(self, value: Any) -> Portable:
        expect(isinstance(value, (bytes, bytearray, memoryview)), self, value)
        return bytes(value)

    def lift(self, value: Portable) -> Any:
        expect(isinstance(value, bytes), self, value)
        return value


class Bool(Kind):
    name = "bool"
    types = frozenset({"bool"})

    def lower(self, value: Any) -> Portable:
        expect(isinstance(value, bool), self, value)
        return value

    lift = lower


class Int(Kind):
    name = "int"
    types = frozenset({"number"})

    def lower(self, value: Any) -> Portable:
        expect(isinstance(value, int) and not isinstance(value, bool), self, value)
        return int(value)

    def lift(self, value: Portable) -> Any:
        expect(is_number(value), self, value)
        whole = int(value)
        if whole != value:
            raise BadValue("expected a whole number, but a fraction is stored")
        return whole


_EXACT_FLOAT = 2**53
_FLOAT_BITS = 1023


class Float(Kind):
    name = "float"
    types = frozenset({"number"})

    def lower(self, value: Any) -> Portable:
        expect(isinstance(value, (int, float)) and not isinstance(value, bool), self, value)
        if not isinstance(value, float):
            return _whole_float(value)
        if not math.isfinite(value):
            raise BadValue("NaN and infinities can't be stored; store None instead")
        return Decimal(repr(value))

    def lift(self, value: Portable) -> Any:
        expect(is_number(value), self, value)
        return float(value)


def _whole_float(value: int) -> int:
    if abs(value) > _EXACT_FLOAT and (value.bit_length() > _FLOAT_BITS or int(float(value)) != value):
        raise BadValue("the whole number is none that a float holds exactly; declare the field as int or Decimal")
    return value


class DecimalNumber(Kind):
    name = "Decimal"
    types = frozenset({"number"})

    def lower(self, value: Any) -> Portable:
        expect(isinstance(value, (int, Decimal)) and not isinstance(value, bool), self, value)
        if isinstance(value, Decimal) and not value.is_finite():
            raise BadValue("NaN and infinities can't be stored; store None instead")
        return value

    def lift(self, value: Portable) -> Any:
        expect(is_number(value), self, value)
        return Decimal(value)


class DateTime(Kind):
    """An instant. Portable form: UTC, ISO 8601 of fixed width with microseconds, so that it sorts as text."""

    name = "datetime"
    types = frozenset({"str"})

    def lower(self, value: Any) -> Portable:
        expect(isinstance(value, dt.datetime), self, value)
        if value.utcoffset() is None:
            raise BadValue("the datetime has no time zone; use datetime.now(timezone.utc) or .replace(tzinfo=...)")
        try:
            utc = value.astimezone(dt.timezone.utc).replace(tzinfo=None)
        except OverflowError:
            raise BadValue("the datetime is outside the years 1 to 9999 in UTC") from None
        return utc.isoformat(timespec="microseconds") + "Z"

    def lift(self, value: Portable) -> Any:
        expect(isinstance(value, str), self, value)
        try:
            # fromisoformat of Python 3.10 doesn't read the Z.
            instant = dt.datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith("Z") else value)
        except ValueError:
            raise BadValue("expected an ISO 8601 instant, but other text is stored") from None
        if instant.tzinfo is None:
            raise BadValue("an instant without time zone is stored")
        return instant.astimezone(dt.timezone.utc)


def _iso(kind: Kind, value: Portable, parse: Callable[[str], Any]) -> Any:
    expect(isinstance(value, str), kind, value)
    try:
        return parse(value)
    except ValueError:
        raise BadValue(f"expected an ISO 8601 {kind.name}, but other text is stored") from None


class Date(Kind):
    name = "date"
    types = frozenset({"str"})

    def lower(self, value: Any) -> Portable:
        expect(isinstance(value, dt.date) and not isinstance(value, dt.datetime), self, value)
        return value.isoformat()

    def lift(self, value: Portable) -> Any:
        return _iso(self, value, dt.date.fromisoformat)


class Time(Kind):
    name = "time"
    types = frozenset({"str"})

    def lower(self, value: Any) -> Portable:
        expect(isinstance(value, dt.time), self, value)
        if value.tzinfo is not None:
            raise BadValue("a time of day with a time zone can't be ordered; store a datetime or drop tzinfo")
        return value.isoformat(timespec="microseconds")

    def lift(self, value: Portable) -> Any:
        return _iso(self, value, dt.time.fromisoformat)


class Duration(Kind):
    """A length of time. Portable form: whole microseconds."""

    name = "timedelta"
    types = frozenset({"number"})

    def lower(self, value: Any) -> Portable:
        expect(isinstance(value, dt.timedelta), self, value)
        return value // _MICROSECOND

    def lift(self, value: Portable) -> Any:
        expect(is_number(value), self, value)
        try:
            return dt.timedelta(microseconds=int(value))
        except OverflowError:
            raise BadValue("the stored duration is out of timedelta's range") from None


class Uuid(Kind):
    name = "UUID"
    types = frozenset({"str"})

    def __init__(self, cls: type[Any]) -> None:
        self.cls = cls

    def lower(self, value: Any) -> Portable:
        expect(isinstance(value, self.cls), self, value)
        return str(value)

    def lift(self, value: Portable) -> Any:
        return _iso(self, value, self.cls)


class Expiry(Kind):
    """The end of a record. Portable form: whole seconds since 1970, rounded up."""

    name = "expiry"
    types = frozenset({"number"})

    def __init__(self, as_datetime: bool) -> None:
        self.as_datetime = as_datetime

    def describe(self) -> str:
        return "an aware datetime" if self.as_datetime else "whole seconds since 1970 (int)"

    def lower(self, value: Any) -> Portable:
        if not self.as_datetime:
            expect(isinstance(value, int) and not isinstance(value, bool), self, value)
            return int(value)
        expect(isinstance(value, dt.datetime), self, value)
        if value.utcoffset() is None:
            raise BadValue("the datetime has no time zone; use datetime.now(timezone.utc)")
        return -((EPOCH - value) // _SECOND)

    def lift(self, value: Portable) -> Any:
        expect(is_number(value), self, value)
        if not self.as_datetime:
            return int(value)
        try:
            return EPOCH + dt.timedelta(seconds=int(value))
        except OverflowError:
            raise BadValue("the stored expiry is outside the years 1 to 9999") from None


class EnumMember(Kind):
    """A member of an Enum, kept by its value."""

    def __init__(self, cls: type[Enum], values: Kind) -> None:
        self.cls = cls
        self.values = values
        self.types = values.types
        self._members = {values.lower(member.value): member for member in cls}

    def portables(self) -> list[Portable]:
        """Return the portable form of every member."""
        return list(self._members)

    def describe(self) -> str:
        return f"a member of {self.cls.__name__}"

    def lower(self, value: Any) -> Portable:
        expect(isinstance(value, self.cls), self, value)
        lowered = self.values.lower(value.value)
        if lowered not in self._members:
            raise BadValue(f"members of {self.cls.__name__} are joined, which is none of them; declare the field as "
                           "int, or as a set of members")
        return lowered

    def lift(self, value: Portable) -> Any:
        member = self._members.get(value) if isinstance(value, (str, int, Decimal, bytes)) else None
        if member is None:
            raise BadValue(f"what is stored is not a value of {self.cls.__name__}")
        return member


class Choice(Kind):
    """One of the values of a `Literal`."""

    def __init__(self, values: tuple[Any, ...], kind: Kind) -> None:
        self.values = values
        self.kind = kind
        self.types = kind.types

    def portables(self) -> list[Portable]:
        """Return the portable form of every value."""
        return [self.kind.lower(value) for value in self.values]

    def describe(self) -> str:
        return "one of " + ", ".join(repr(value) for value in self.values)

    def lower(self, value: Any) -> Portable:
        expect(value in self.values, self, value)
        return self.kind.lower(value)

    def lift(self, value: Portable) -> Any:
        lifted = self.kind.lift(value)
        if lifted not in self.values:
            raise BadValue(f"what is stored is not {self.describe()}")
        return lifted


class Number(Kind):
    """An operand of a comparison with a number: of any numeric type, compared by value."""

    name = "number"
    types = frozenset({"number"})

    def lower(self, value: Any) -> Portable:
        expect(is_number(value) or isinstance(value, float), self, value)
        return (Float() if isinstance(value, float) else DecimalNumber()).lower(value)

    def lift(self, value: Portable) -> Any:
        expect(is_number(value), self, value)
        return value


class AnyNumber(Kind):
    """`int | float` or `int | Decimal`: whole numbers come back as int, others as `fraction`."""

    name = "number"
    types = frozenset({"number"})

    def __init__(self, fraction: Kind) -> None:
        self.fraction = fraction

    def lower(self, value: Any) -> Portable:
        return self.fraction.lower(value)

    def lift(self, value: Portable) -> Any:
        expect(is_number(value), self, value)
        return int(value) if value == int(value) else self.fraction.lift(value)
