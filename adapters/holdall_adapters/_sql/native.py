"""Columns of databases that have types of their own for instants, days, times, UUIDs, exact numbers and JSON."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from holdall._model import kinds
from holdall._model.kinds import BadValue, Portable, is_number, show

from .columns import Boolean, Bounds, ColumnType, Document, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall._model.kinds import Kind

_UTC = dt.timezone.utc
_EXACT = Context(prec=1000)
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def _wrong(expected: str, stored: Any) -> BadValue:
    return BadValue(f"expected {expected} in the column, got {show(stored)}")


def _iso(text: Any, parse: Callable[[str], Any], what: str) -> Any:
    try:
        return parse(text)
    except (TypeError, ValueError):
        raise BadValue(f"expected {what}") from None


class Instant(ColumnType):
    """An instant: of a type with a time zone, or (`naive`) of one without, in UTC."""

    name = "instant"
    portable = "str"

    def __init__(self, *, naive: bool) -> None:
        self._zone = None if naive else _UTC

    def store(self, value: Portable) -> Any:
        at: dt.datetime = _iso(value.removesuffix("Z"), dt.datetime.fromisoformat, "an ISO 8601 instant")
        return at.replace(tzinfo=self._zone)

    def load(self, stored: Any) -> Portable:
        return _utc(stored).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def lifter(self, kind: Kind) -> Callable[[Any], Any] | None:
        return _utc if isinstance(kind, kinds.DateTime) else None


def _utc(stored: Any) -> dt.datetime:
    if stored.__class__ is not dt.datetime:
        raise _wrong("datetime", stored)
    at: dt.datetime = stored
    return at.replace(tzinfo=_UTC) if at.tzinfo is None else at.astimezone(_UTC)


class Day(ColumnType):
    """A date."""

    name = "day"
    portable = "str"

    def store(self, value: Portable) -> Any:
        return _iso(value, dt.date.fromisoformat, "an ISO 8601 date")

    def load(self, stored: Any) -> Portable:
        return _day(stored).isoformat()

    def lifter(self, kind: Kind) -> Callable[[Any], Any] | None:
        return _day if isinstance(kind, kinds.Date) else None


def _day(stored: Any) -> dt.date:
    if stored.__class__ is not dt.date:
        raise _wrong("date", stored)
    day: dt.date = stored
    return day


class Clock(ColumnType):
    """A time of day."""

    name = "clock"
    portable = "str"

    def store(self, value: Portable) -> Any:
        return _iso(value, dt.time.fromisoformat, "an ISO 8601 time")

    def load(self, stored: Any) -> Portable:
        return _clock(stored).isoformat(timespec="microseconds")

    def lifter(self, kind: Kind) -> Callable[[Any], Any] | None:
        return _clock if isinstance(kind, kinds.Time) else None


_MIDNIGHT = dt.datetime(1, 1, 1)  # noqa: DTZ001 - only its time of day counts


def _clock(stored: Any) -> dt.time:
    if stored.__class__ is dt.timedelta:  # as drivers of MySQL give it
        return (_MIDNIGHT + stored).time()
    if stored.__class__ is not dt.time:
        raise _wrong("time", stored)
    clock: dt.time = stored
    return clock


class Uuid(ColumnType):
    """A UUID, in a type of the database's own."""

    name = "uuid"
    portable = "str"

    def store(self, value: Portable) -> Any:
        return _iso(value, uuid.UUID, "a UUID")

    def load(self, stored: Any) -> Portable:
        return str(stored) if isinstance(stored, uuid.UUID) else str(_iso(stored, uuid.UUID, "a UUID"))


class Truth(Boolean):
    """A boolean of the database's own."""

    name = "truth"

    def store(self, value: Portable) -> Any:
        return bool(value)


class Exact(ColumnType):
    """An exact decimal. Zeros at the end of a fraction say nothing, so they are dropped."""

    name = "exact"
    portable = "number"

    def __init__(self, whole_digits: int | None = None, decimals: int | None = None) -> None:
        self._whole_digits = whole_digits
        self._decimals = decimals

    def store(self, value: Portable) -> Any:
        number = plain_number(value)
        if self._decimals is not None and not self._fits(number):
            raise BadValue(f"the column takes {self._whole_digits} digits before the point and {self._decimals} behind")
        return number

    def _fits(self, number: Decimal) -> bool:
        assert self._whole_digits is not None
        assert self._decimals is not None
        exponent: Any = number.as_tuple().exponent
        return not number or (-exponent <= self._decimals and number.adjusted() < self._whole_digits)

    def load(self, stored: Any) -> Portable:
        if stored.__class__ is Decimal and stored.is_finite():
            return _EXACT.normalize(stored)
        if not is_number(stored):
            raise _wrong("Decimal", stored)
        number = Decimal(stored)
        if not number.is_finite():
            raise BadValue("expected a number in the column, but NaN or an infinity is stored")
        return plain_number(number)

    def lifter(self, kind: Kind) -> Callable[[Any], Any] | None:
        return self.load if isinstance(kind, kinds.DecimalNumber) else None

    def bounds(self, operand: Portable) -> Bounds:
        """Return where an operand lies: what the column can't hold is compared by the database all the same."""
        number = plain_number(operand)
        return Bounds(number, number)


def plain_number(value: int | Decimal) -> Decimal:
    """Return a number without the zeros at the end of its fraction."""
    return _EXACT.normalize(Decimal(value))


class TextWithoutNul(Text):
    """Text of a database that takes NUL for the end of a text."""

    def store(self, value: Portable) -> Any:
        if "\0" in value:
            raise BadValue("PostgreSQL's texts can't hold the character NUL")
        return value


class JsonWithoutNul(Document):
    """A document of a database whose texts can't hold NUL."""

    def store(self, value: Portable) -> Any:
        text = super().store(value)
        if "\\u0000" in text and _NUL.search(text):
            raise BadValue("PostgreSQL's texts can't hold the character NUL")
        return text
