"""
Single values out of texts, or out of what a file has. Pure.

Nothing here raises with a value in its hands: what can't be read gives `Bad`, which says what was expected.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

from ..._model.kinds import BadValue, Date, DateTime, Time
from ...secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

_INT = re.compile(r"[+-]?\d+")
_FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE)
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_TRUE, _FALSE = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})


class Bad(NamedTuple):
    """Stands for a value that could not be read: what was `expected`, what came instead, and where inside."""

    expected: str
    found: str
    path: tuple[str, ...] = ()

    def under(self, step: str) -> Bad:
        """Return the same, seen from one level further out."""
        return Bad(self.expected, self.found, (step, *self.path))


class Reader(NamedTuple):
    """Reads values of one type: `read` gives the value, or what is `Bad` about it."""

    expected: str
    read: Callable[[Any], Any]


def found_of(raw: Any) -> str:
    """Return what a raw value is, without showing it."""
    return "other text" if isinstance(raw, str) else f"a value of type {type(raw).__name__}"


def bad(expected: str, raw: Any) -> Bad:
    """Return what stands for a raw value that is not what was expected."""
    return Bad(expected, f"got {found_of(raw)}")


def text_of(raw: Any) -> str | None:
    """Return the text of a single value, as a source of texts would have it; None for what is none."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, (int, float, Decimal)):
        return _number(raw)
    return raw.isoformat() if isinstance(raw, (dt.date, dt.time)) else None


def _number(raw: float | Decimal) -> str | None:
    try:
        return str(raw)
    except ValueError:  # an int of more digits than Python writes
        return None


def _reader(expected: str, read: Callable[[Any], Any]) -> Reader:
    """Return a reader of what `read` makes of a raw value; None for what it can't read."""

    def checked(raw: Any) -> Any:
        value = read(raw)
        return bad(expected, raw) if value is None else value

    return Reader(expected, checked)


def _int(raw: Any) -> int | None:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    text = raw.strip() if isinstance(raw, str) else ""
    # Longer ones Python itself refuses.
    return int(text) if _INT.fullmatch(text) and len(text) < 4000 else None


def _float(raw: Any) -> float | None:
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        try:
            return None if raw != raw else float(raw)  # noqa: PLR0124 - NaN is none that a program means
        except OverflowError:
            return None
    text = raw.strip() if isinstance(raw, str) else ""
    return float(text) if _FLOAT.fullmatch(text) else None


def _decimal(raw: Any) -> Decimal | None:
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str, Decimal)):
        return None
    try:
        found = Decimal((text_of(raw) or "").strip())
    except InvalidOperation:
        return None
    return None if found.is_nan() else found


def _bool(raw: Any) -> bool | None:
    if isinstance(raw, bool):
        return raw
    text = raw.strip().lower() if isinstance(raw, str) else ""
    return True if text in _TRUE else False if text in _FALSE else None


def _bytes(raw: Any) -> bytes | None:
    return raw.encode() if isinstance(raw, str) else None


def _span(raw: Any) -> dt.timedelta | None:
    match = _SPAN.fullmatch((text_of(raw) or "").strip().lower())
    if match is None or isinstance(raw, bool):
        return None
    try:
        return dt.timedelta(seconds=float(match[1]) * _SECONDS[match[2] or "s"])
    except OverflowError:
        return None


def _iso(raw: Any) -> str:
    return str(raw.isoformat())


def _lifted(lift: Callable[[Any], Any], native: type) -> Callable[[Any], Any]:
    def read(raw: Any) -> Any:
        text = _iso(raw) if type(raw) is native else raw
        try:
            return lift(text.strip() if isinstance(text, str) else text)
        except BadValue:
            return None

    return read


def _same(raw: Any) -> Any:
    return raw


def _secret(raw: Any) -> Secret | None:
    text = text_of(raw)
    return None if text is None else Secret(text)


STR = _reader("text", text_of)
ANYTHING = Reader("anything", _same)
SIMPLE: dict[Any, Reader] = {
    str: STR,
    int: _reader("int", _int),
    float: _reader("float", _float),
    bool: _reader("bool (true or false)", _bool),
    bytes: _reader("text, as UTF-8", _bytes),
    Decimal: _reader("Decimal", _decimal),
    dt.datetime: _reader("datetime (ISO 8601, with a time zone)", _lifted(DateTime().lift, dt.datetime)),
    dt.date: _reader("date (ISO 8601)", _lifted(Date().lift, dt.date)),
    dt.time: _reader("time (ISO 8601)", _lifted(Time().lift, dt.time)),
    dt.timedelta: _reader("timedelta (seconds, or such as 90s, 5m, 2h, 1d)", _span),
    Secret: _reader("text", _secret),
}
