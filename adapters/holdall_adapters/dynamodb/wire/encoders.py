"""
From a program's value to its attribute value: one closure a kind.

Each takes the short way for values that are right at a glance. The rest goes through `kind.lower`, which refuses it or
gives the portable form.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from holdall._model import kinds
from holdall._model.kinds import BadValue

from .nested import nested_encoder
from .texts import dict_length, list_length, set_length
from .values import NULL, Wire, checked_name, number_text, set_letter, to_wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall._model.kinds import Kind

    Encoder = Callable[[Any], Wire | None]
    """None stands for an unset value: that of an empty set."""


def encoder(kind: Kind) -> Encoder:
    """Return the encoder of a kind."""
    make = _MAKERS.get(type(kind))
    return _lowered(kind) if make is None else make(kind)


def _lowered(kind: Kind) -> Encoder:
    lower = kind.lower
    return lambda value: to_wire(lower(value))


def _str(kind: Kind) -> Encoder:
    def encode(value: Any) -> Wire:
        if value.__class__ is str and value.isascii():
            return {"S": value}
        return {"S": kind.lower(value)}

    return encode


def _bytes(kind: Kind) -> Encoder:
    return lambda value: {"B": value if value.__class__ is bytes else kind.lower(value)}


def _bool(kind: Kind) -> Encoder:
    return lambda value: {"BOOL": value if value.__class__ is bool else kind.lower(value)}


def _int(kind: Kind) -> Encoder:
    def encode(value: Any) -> Wire:
        if value.__class__ is int and -(10**36) < value < 10**36:
            return {"N": str(value)}
        return {"N": number_text(kind.lower(value))}

    return encode


def _decimal(kind: Kind) -> Encoder:
    def encode(value: Any) -> Wire:
        if value.__class__ is Decimal and value.is_finite():
            return {"N": number_text(value)}
        return {"N": number_text(kind.lower(value))}

    return encode


def _float(kind: Kind) -> Encoder:
    def encode(value: Any) -> Wire:
        if value.__class__ is float and 1e-4 <= abs(value) < 1e16:
            return {"N": repr(value)}
        return {"N": number_text(kind.lower(value))}

    return encode


def _datetime(kind: Kind) -> Encoder:
    def encode(value: Any) -> Wire:
        if value.__class__ is dt.datetime and value.tzinfo is dt.timezone.utc:
            return {"S": value.isoformat(timespec="microseconds")[:-6] + "Z"}
        return {"S": kind.lower(value)}

    return encode


def _enum(kind: kinds.EnumMember) -> Encoder:
    stored = {member: to_wire(kind.lower(member)) for member in kind.cls}

    def encode(value: Any) -> Wire:
        return stored[value].copy() if value.__class__ is kind.cls else to_wire(kind.lower(value))

    return encode


def _nullable(kind: kinds.Nullable) -> Encoder:
    inner = encoder(kind.inner)

    def encode(value: Any) -> Wire:
        encoded = NULL.copy() if value is None else inner(value)
        if encoded is None:
            raise BadValue("an empty set can't be inside a list or dict, where DynamoDB has no form for it")
        return encoded

    return encode


def _list(kind: kinds.ListOf) -> Encoder:
    item = encoder(kind.item)
    texts = isinstance(kind.item, kinds.Str)

    def encode(value: Any) -> Wire:
        if texts and list_length(value) >= 0:
            return {"L": [{"S": one} for one in value]}
        if isinstance(value, (list, tuple)):
            try:
                return {"L": [item(one) for one in value]}  # pyright: ignore[reportUnknownVariableType]  # any values
            except BadValue:
                # The slow way says where inside the value the fault is.
                return to_wire(kind.lower(value))
        return to_wire(kind.lower(value))

    return encode


def _map(kind: kinds.MapOf) -> Encoder:
    item = encoder(kind.value)
    texts = isinstance(kind.value, kinds.Str)

    def encode(value: Any) -> Wire:
        if texts and dict_length(value) >= 0:
            return {"M": {name: {"S": one} for name, one in value.items()}}
        if isinstance(value, dict):
            try:
                return {"M": {checked_name(name): item(one) for name, one in value.items()}}  # pyright: ignore[reportUnknownVariableType]  # any values
            except BadValue:
                return to_wire(kind.lower(value))
        return to_wire(kind.lower(value))

    return encode


def _set(kind: kinds.SetOf) -> Encoder:
    texts = isinstance(kind.item, kinds.Str)

    def encode(value: Any) -> Wire | None:
        if texts and set_length(value) > 0:
            return {"SS": sorted(value)}
        lowered = kind.lower(value)
        if not lowered:
            return None
        set_letter(lowered)
        return to_wire(lowered)

    return encode


def _nested(kind: kinds.Nested) -> Encoder:
    return nested_encoder(kind, encoder)


def _anything(kind: Kind) -> Encoder:
    plain: dict[type, Encoder] = {str: _str(kind), bool: lambda value: {"BOOL": value}, int: _int(kind)}

    def encode(value: Any) -> Wire | None:
        short = plain.get(value.__class__)
        if short is not None:
            return short(value)
        lowered = kind.lower(value)
        return None if kinds.is_set(lowered) and not lowered else to_wire(lowered)

    return encode


_MAKERS: dict[type, Callable[[Any], Encoder]] = {
    kinds.Str: _str,
    kinds.Bytes: _bytes,
    kinds.Bool: _bool,
    kinds.Int: _int,
    kinds.DecimalNumber: _decimal,
    kinds.Float: _float,
    kinds.DateTime: _datetime,
    kinds.EnumMember: _enum,
    kinds.Nullable: _nullable,
    kinds.ListOf: _list,
    kinds.MapOf: _map,
    kinds.SetOf: _set,
    kinds.Nested: _nested,
    kinds.Anything: _anything,
}
