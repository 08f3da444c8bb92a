"""
Nested records: one function each way, written out for a class and compiled once, as the engine does for whole records.

What the functions can't take at a glance goes the slow way, through `kind.lower` and `kind.lift`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall._model.kinds import UNSET, BadValue

from .shortcuts import SHORTCUTS
from .values import from_wire, to_wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from holdall._model import kinds
    from holdall._model.kinds import Kind

    Turn = Callable[[Any], Any]


def nested_encoder(kind: kinds.Nested, encoder: Callable[[Kind], Turn]) -> Turn:
    """Return the encoder of a nested record; `encoder` gives those of its fields."""

    def slow(value: Any) -> Any:
        return to_wire(kind.lower(value))

    lines = ["def encode(value):", " if value.__class__ is not cls: return slow(value)", " stored = {}", " try:"]
    for number, field in enumerate(kind.fields):
        source = f"value.get({field.name!r})" if kind.cls is dict else f"value.{field.name}"
        lines += [f"  one = {source}", *_encode_lines(field, number)]
    lines += [" except (BadValue, AttributeError):", "  return slow(value)", ' return {"M": stored}']
    encoders = {f"encode{number}": encoder(field.kind) for number, field in enumerate(kind.fields)}
    return _compiled(lines, "encode", {"cls": kind.cls, "slow": slow, "BadValue": BadValue, **encoders})


def _encode_lines(field: Any, number: int) -> list[str]:
    lines = ["  if one is not None:"]
    shortcut = SHORTCUTS.get(field.kind.__class__)
    if shortcut is not None:
        lines.append(f"   stored[{field.stored!r}] = {shortcut.encode} if {shortcut.when} else encode{number}(one)")
    else:
        lines += [f"   encoded = encode{number}(one)", f"   if encoded is not None: stored[{field.stored!r}] = encoded"]
    # Lowering the whole says what lacks, or that nothing does.
    return lines if field.optional else [*lines, "  else:", "   return slow(value)"]


def nested_decoder(kind: kinds.Nested, decoder: Callable[[Kind], Turn]) -> Turn:
    """Return the decoder of a nested record; `decoder` gives those of its fields."""
    decoders = [decoder(field.kind) for field in kind.fields]

    def build(values: dict[str, Any]) -> Any:
        try:
            return kind.build(values)
        except (TypeError, ValueError) as error:
            raise BadValue(f"{kind.describe()} is refused by its class: {type(error).__name__}") from error

    lines = ["def decode(stored):", " try:", '  inside = stored["M"]']
    for number, field in enumerate(kind.fields):
        lines += _decode_lines(field, number)
    values = ", ".join(f"{field.name!r}: value{number}" for number, field in enumerate(kind.fields))
    lines += [" except (KeyError, ValueError, BadValue):", "  return slow(stored)", f" return build({{{values}}})"]
    scope = {"slow": _slow_decoder(kind, decoders, build), "build": build, "BadValue": BadValue}
    return _compiled(lines, "decode", scope | {f"decode{number}": one for number, one in enumerate(decoders)})


def _decode_lines(field: Any, number: int) -> list[str]:
    shortcut = SHORTCUTS.get(field.kind.__class__)
    turn = f"decode{number}(one)" if shortcut is None else shortcut.decode
    if field.optional:
        return [f"  one = inside.get({field.stored!r})", f"  value{number} = None if one is None else {turn}"]
    return [f"  one = inside[{field.stored!r}]", f"  value{number} = {turn}"]


def _slow_decoder(kind: kinds.Nested, decoders: Sequence[Turn], build: Turn) -> Turn:
    """Return the decoder for records that lack fields or hold nulls, and for what is no such record."""

    def decode(stored: Mapping[str, Any]) -> Any:
        values: dict[str, Any] = {}
        try:
            inside = stored["M"]
            for field, decode_one in zip(kind.fields, decoders, strict=True):
                one = inside.get(field.stored)
                value = field.missing() if one is None or "NULL" in one else decode_one(one)
                if value is not UNSET:
                    values[field.name] = value
        except (KeyError, BadValue):
            # Lifting the whole says where inside the fault is.
            return kind.lift(from_wire(stored))
        return build(values)

    return decode


def _compiled(lines: Sequence[str], name: str, scope: dict[str, Any]) -> Turn:
    # The text holds nothing but names of a class's own fields, quoted or identifiers, and the shortcuts.
    exec(compile("\n".join(lines), f"<holdall dynamodb {name}>", "exec"), scope)  # noqa: S102  # see the line above
    made: Turn = scope[name]
    return made
