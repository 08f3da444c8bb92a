"""
From an attribute value to the program's value: one closure a kind.

Each takes the short way for what holdall itself writes. The rest goes through `kind.lift`, which reads or refuses it.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from holdall._model import kinds
from holdall._model.kinds import BadValue

from .nested import nested_decoder
from .values import binary, from_wire, number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from holdall._model.kinds import Kind

    Stored = Mapping[str, Any]
    Decoder = Callable[[Stored], Any]



def decoder(kind: Kind) -> Decoder:
    """Return the decoder of a kind."""
    make = _MAKERS.get(type(kind))
    return _lifted(kind) if make is None else make(kind)


def _lifted(kind: Kind) -> Decoder:
    lift = kind.lift
    return lambda stored: lift(from_wire(stored))


def _of(letter: str) -> Callable[[Kind], Decoder]:
    """Return the maker of decoders for values that lie in the store as they are."""

    def make(kind: Kind) -> Decoder:
        def decode(stored: Stored) -> Any:
            try:
                return stored[letter]
            except KeyError:
                return kind.lift(from_wire(stored))

        return decode

    return make


def _bytes(kind: Kind) -> Decoder:
    return lambda stored: binary(stored["B"]) if "B" in stored else kind.lift(from_wire(stored))


def _number(read: Callable[[str], Any]) -> Callable[[Kind], Decoder]:
    """Return the maker of decoders for numbers whose text `read` takes, or refuses with ValueError."""

    def make(kind: Kind) -> Decoder:
        def decode(stored: Stored) -> Any:
            try:
                return read(stored["N"])
            except (KeyError, ValueError):
                return kind.lift(from_wire(stored))

        return decode

    return make


def _datetime(kind: Kind) -> Decoder:
    read = dt.datetime.fromisoformat

    def decode(stored: Stored) -> Any:
        text = stored.get("S", "")
        if text[-1:] == "Z" and len(text) == 27:
            try:
                return read(text[:-1] + "+00:00")
            except ValueError:
                pass  # Other text is stored; the kind says so.
        return kind.lift(from_wire(stored))

    return decode


def _expiry(kind: kinds.Expiry) -> Decoder:
    if not kind.as_datetime:
        return _number(int)(kind)
    return lambda stored: kind.lift(number(stored["N"]) if "N" in stored else from_wire(stored))


def _nullable(kind: kinds.Nullable) -> Decoder:
    inner = decoder(kind.inner)
    return lambda stored: None if "NULL" in stored else inner(stored)


def _list(kind: kinds.ListOf) -> Decoder:
    item, make = decoder(kind.item), kind.make
    texts = isinstance(kind.item, kinds.Str)

    def decode(stored: Stored) -> Any:
        try:
            found = [one["S"] for one in stored["L"]] if texts else [item(one) for one in stored["L"]]
        except (KeyError, BadValue):
            # The slow way says where inside the value the fault is.
            return kind.lift(from_wire(stored))
        return found if make is list else make(found)

    return decode


def _map(kind: kinds.MapOf) -> Decoder:
    item = decoder(kind.value)
    texts = isinstance(kind.value, kinds.Str)

    def decode(stored: Stored) -> Any:
        try:
            inside = stored["M"].items()
            return {name: one["S"] for name, one in inside} if texts else {name: item(one) for name, one in inside}
        except (KeyError, BadValue):
            return kind.lift(from_wire(stored))

    return decode


def _set(kind: kinds.SetOf) -> Decoder:
    if not isinstance(kind.item, kinds.Str):
        return _lifted(kind)
    return lambda stored: kind.make(stored["SS"]) if "SS" in stored else kind.lift(from_wire(stored))


def _nested(kind: kinds.Nested) -> Decoder:
    return nested_decoder(kind, decoder)


_MAKERS: dict[type, Callable[[Any], Decoder]] = {
    kinds.Str: _of("S"),
    kinds.Bytes: _bytes,
    kinds.Bool: _of("BOOL"),
    kinds.Int: _number(int),
    kinds.DecimalNumber: _number(Decimal),
    kinds.Float: _number(float),
    kinds.DateTime: _datetime,
    kinds.Expiry: _expiry,
    kinds.Nullable: _nullable,
    kinds.ListOf: _list,
    kinds.MapOf: _map,
    kinds.SetOf: _set,
    kinds.Nested: _nested,
    kinds.Anything: lambda _: from_wire,
}
