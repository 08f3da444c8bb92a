"""
Documents without tags, between a program's values and JSON in one go.

Where nothing carries a tag, a document is what JSON says it is, so it need not become a portable value first. What is
not as usual is left to the long way, which finds out what is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall._model import kinds
from holdall._model.kinds import UNSET, BadValue, is_set

from .documents import is_tagged, scan

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall._model.kinds import Kind

    from .columns import ColumnType

    Lift = Callable[[Any], Any]

_PLAIN = (kinds.Str, kinds.Bool, kinds.Int, kinds.Float, kinds.DecimalNumber, kinds.DateTime, kinds.Date, kinds.Time,
          kinds.Duration, kinds.Uuid, kinds.EnumMember, kinds.Choice)  # fmt: skip
"""Their values lie in JSON as they are in portable form; where a tag was needed, they are refused."""


def document_encoder(kind: Kind, column: ColumnType) -> Lift:
    """Return a function from a program's value to what is bound, None for what is unset."""
    lower, store = kind.lower, column.store

    def encode(value: Any) -> Any:
        lowered = lower(value)
        return None if (is_set(lowered) and not lowered) or lowered is None else store(lowered)

    quick = _written(kind)
    if quick is None:
        return encode

    def encode_quickly(value: Any) -> Any:
        try:
            text = quick(value)
        except TypeError:
            text = None
        return encode(value) if text is None else text

    return encode_quickly


def _written(kind: Kind) -> Lift | None:
    """Return a function that writes texts which need no escapes, and gives None, or raises TypeError, for others."""
    if isinstance(kind, kinds.ListOf) and isinstance(kind.item, kinds.Str):
        return _texts_written
    return _map_written if isinstance(kind, kinds.MapOf) and isinstance(kind.value, kinds.Str) else None


def _texts_written(value: Any) -> str | None:
    text = '","'.join(value)
    usual = value.__class__ in _LISTS and value and _is_plain(text, 2 * len(value) - 2)
    return f'["{text}"]' if usual else None


def _map_written(value: Any) -> str | None:
    if value.__class__ is not dict or is_tagged(value) or not value:
        return None
    text = '","'.join([key + '":"' + item for key, item in value.items()])
    return '{"' + text + '"}' if _is_plain(text, 4 * len(value) - 2) else None


_LISTS = (list, tuple)


def _is_plain(text: str, quotes: int) -> bool:
    # What is printable is no control character and no surrogate.
    return text.isprintable() and "\\" not in text and text.count('"') == quotes


def document_decoder(kind: Kind, column: ColumnType) -> Lift:
    """Return a function from what is fetched to the program's value."""
    lift, load, quick = kind.lift, column.load, _quick(kind)
    if quick is None:
        return lambda stored: lift(load(stored))

    def decode(stored: Any) -> Any:
        try:
            return quick(scan(stored))
        except (TypeError, ValueError, RecursionError, BadValue):
            return lift(load(stored))

    return decode


def _quick(kind: Kind) -> Lift | None:
    """Return a function from what JSON says to the program's value; it raises where a tag might be in the way."""
    if isinstance(kind, _PLAIN):
        return kind.lift
    made = _WAYS.get(type(kind))
    return None if made is None else made(kind)


def _list(kind: kinds.ListOf) -> Lift | None:
    make, item = kind.make, _quick(kind.item)
    if isinstance(kind.item, kinds.Str):
        return lambda raw: _texts(_of(list, raw), raw) if make is list else make(_texts(_of(list, raw), raw))
    return None if item is None else lambda raw: make([item(one) for one in _of(list, raw)])


def _map(kind: kinds.MapOf) -> Lift | None:
    value = _quick(kind.value)
    if isinstance(kind.value, kinds.Str):
        return lambda raw: _texts(_of_map(raw).values(), raw)
    return None if value is None else lambda raw: {key: value(one) for key, one in _of_map(raw).items()}


def _nullable(kind: kinds.Nullable) -> Lift | None:
    inner = _quick(kind.inner)
    return None if inner is None else lambda raw: None if raw is None else inner(raw)


def _nested(kind: kinds.Nested) -> Lift | None:
    found = [(field.name, field.stored, field.lift, _quick(field.kind)) for field in kind.fields]
    plan = [(name, stored, lift, quick) for name, stored, lift, quick in found if quick is not None]
    if len(plan) < len(found):
        return None

    def lifted(raw: Any) -> Any:
        get = _of_map(raw).get
        values: dict[str, Any] = {}
        for name, stored, lift, quick in plan:
            inner = get(stored)
            value = lift(None) if inner is None else quick(inner)
            if value is not UNSET:
                values[name] = value
        return kind.build(values)

    return lifted


_WAYS: dict[type[Kind], Callable[[Any], Lift | None]] = {
    kinds.ListOf: _list, kinds.MapOf: _map, kinds.Nullable: _nullable, kinds.Nested: _nested,
}  # fmt: skip


def _of(cls: type, raw: Any) -> Any:
    if raw.__class__ is cls:
        return raw
    raise TypeError(raw.__class__)


def _of_map(raw: Any) -> Any:
    if is_tagged(_of(dict, raw)):
        raise TypeError(dict)
    return raw


def _texts(items: Any, raw: Any) -> Any:
    "".join(items)  # raises at the first that is no text, far faster than a loop
    return raw
