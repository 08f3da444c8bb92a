"""Values as the Data API takes and gives them, and the columns whose values it gives as text. Pure."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from holdall._model.kinds import BadValue, Portable

from .._sql.native import Clock, Day, Exact, Instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall._model.kinds import Kind

_UTC = dt.timezone.utc


def parameter(name: str, value: Any) -> dict[str, Any]:
    """Return a value that is bound to a name, with the hint that it needs."""
    if value is None:
        return {"name": name, "value": {"isNull": True}}
    field, hint, shown = _WAYS[type(value)]
    found: dict[str, Any] = {"name": name, "value": {field: shown(value)}}
    return found if hint is None else {**found, "typeHint": hint}


def _same(value: Any) -> Any:
    return value


def _decimal(value: Decimal) -> str:
    return format(value, "f")


def _moment(value: dt.datetime) -> str:
    return value.isoformat(sep=" ", timespec="microseconds")


_WAYS: dict[type, tuple[str, str | None, Callable[[Any], Any]]] = {
    bool: ("booleanValue", None, _same),
    int: ("longValue", None, _same),
    float: ("doubleValue", None, _same),
    str: ("stringValue", None, _same),
    bytes: ("blobValue", None, _same),
    # Without a hint MySQL would compare it as a double.
    Decimal: ("stringValue", "DECIMAL", _decimal),
    uuid.UUID: ("stringValue", "UUID", str),
    dt.date: ("stringValue", "DATE", dt.date.isoformat),
    dt.datetime: ("stringValue", None, _moment),
    # A hint would drop microseconds; the statement has a cast, or the column takes text.
    dt.time: ("stringValue", None, dt.time.isoformat),
}


def stored(field: dict[str, Any]) -> Any:
    """Return what a field of a result holds."""
    if "isNull" in field:
        return None
    ((name, value),) = field.items()
    return next(iter(value.values())) if name == "arrayValue" else value


def _read(given: Any, parse: Callable[[str], Any], what: str) -> Any:
    """Return the value of a text; what was bound itself, and never came as text, as it is."""
    if given.__class__ is not str:
        return given
    try:
        return parse(given)
    except (ValueError, InvalidOperation):
        raise BadValue(f"expected {what} from the Data API, but other text came") from None


def _whole_fraction(text: str) -> str:
    """Return a time with six digits of a second, since Python 3.10 reads three or six only."""
    head, point, rest = text.partition(".")
    return f"{head}.{rest.ljust(6, '0')}" if point else head


def _parse_instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(_whole_fraction(text)).replace(tzinfo=_UTC)


def _instant(given: Any) -> Any:
    return _read(given, _parse_instant, "an instant")


def _day(given: Any) -> Any:
    return _read(given, dt.date.fromisoformat, "a date")


def _clock(given: Any) -> Any:
    return _read(given, lambda text: dt.time.fromisoformat(_whole_fraction(text)), "a time")


class TextInstant(Instant):
    """An instant, which comes as text in UTC."""

    def load(self, stored: Any) -> Portable:
        return super().load(_instant(stored))

    def lifter(self, kind: Kind) -> Callable[[Any], Any] | None:
        return _before(_instant, super().lifter(kind))


class TextDay(Day):
    """A date, which comes as text."""

    def load(self, stored: Any) -> Portable:
        return super().load(_day(stored))

    def lifter(self, kind: Kind) -> Callable[[Any], Any] | None:
        return _before(_day, super().lifter(kind))


class TextClock(Clock):
    """A time of day, which comes as text."""

    def load(self, stored: Any) -> Portable:
        return super().load(_clock(stored))

    def lifter(self, kind: Kind) -> Callable[[Any], Any] | None:
        return _before(_clock, super().lifter(kind))


class TextExact(Exact):
    """An exact decimal, which comes as text."""

    def load(self, stored: Any) -> Portable:
        return super().load(_read(stored, Decimal, "a number"))


def _before(read: Callable[[Any], Any], lift: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    return None if lift is None else lambda stored: lift(read(stored))
