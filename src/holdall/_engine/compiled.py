"""
The fast paths of the codec: one function each way, written out for a class and compiled once.

Encoding and decoding run for every record of every query, so what can be decided once per class is: which fields may
be unset, which encoders can give nothing, how the class takes its values. What the fast path of decoding can't take
(a missing field with a default, a stored null, a wrong value) is left to the slow one, which finds out what is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._model import kinds
from .._model.kinds import BadValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .._model.schema import Field, Model

_GIVES_SOMETHING = (kinds.Str, kinds.Bytes, kinds.Bool, kinds.Int, kinds.Float, kinds.DecimalNumber, kinds.AnyNumber,
                    kinds.DateTime, kinds.Date, kinds.Time, kinds.Duration, kinds.Uuid, kinds.Expiry,
                    kinds.EnumMember, kinds.Choice, kinds.ListOf, kinds.TupleOf, kinds.MapOf, kinds.Nested)  # fmt: skip
_SMALL = "value.__class__ is int and -2147483648 <= value <= 2147483647"
"""A whole number that every backend holds, so that no limit needs to be looked at."""

Function = Any


def compile_encoder(
    model: Model[Any],
    raw: Sequence[Callable[[Any], Any]],
    checked: Sequence[Callable[[Any], Any]],
    read: Callable[[Any], Sequence[Any]] | None,
    refuse: Callable[[int, BadValue], Exception],
) -> Function:
    """
    Return `encode(record) -> item`.

    `raw` are the driver's encoders and `checked` the same behind the backend's limits, by field. `read` gives a
    record's values in the order of the fields; None for attributes. `refuse` makes the error for a field's bad value.
    """
    lines = ["def encode(record):", " item = {}", " number = 0", " try:"]
    if read is not None:
        lines.append("  values = read(record)")
    for number, field in enumerate(model.fields):
        source = f"record.{field.name}" if read is None else f"values[{number}]"
        lines += [f"  number = {number}", f"  value = {source}", *_encode_lines(model, field, number)]
    lines += [" except BadValue as bad:", "  raise refuse(number, bad) from None", " return item"]
    return _compile(lines, "encode", {
        "BadValue": BadValue, "read": read, "refuse": refuse, **_numbered("raw", raw), **_numbered("checked", checked),
        **_numbered("field", model.fields),
    })  # fmt: skip


def _encode_lines(model: Model[Any], field: Field, number: int) -> list[str]:
    stored = f"item[{field.stored!r}]"
    if isinstance(field.kind, kinds.Int):
        store = [f"   {stored} = raw{number}(value) if {_SMALL} else checked{number}(value)"]
    elif isinstance(field.kind, _GIVES_SOMETHING):
        store = [f"   {stored} = checked{number}(value)"]
    else:
        store = [f"   encoded = checked{number}(value)", f"   if encoded is not None: {stored} = encoded"]
    may_lack = field.optional or (model.family.mapping and not field.required)
    # Lowering None says in words that the field takes none.
    refusal = [] if may_lack else ["  else:", f"   field{number}.lower(None)"]
    return ["  if value is not None:", *store, *refusal]


def compile_decoder(
    model: Model[Any],
    decoders: Sequence[Callable[[Any], Any]],
    build: Callable[[Any, dict[str, Any]], Any],
    slow: Callable[[Any], Any],
) -> Function:
    """
    Return `decode(item) -> record`.

    `build` makes a record of values by field name, `slow` decodes what is not as usual.
    """
    lines = ["def decode(item):", " try:", "  get = item.get"]
    for number, field in enumerate(model.fields):
        lines += _decode_lines(field, number)
    lines += [" except (KeyError, BadValue):", "  return slow(item)", *_build_lines(model)]
    makers = [getattr(field.kind, "make", None) for field in model.fields]
    return _compile(lines, "decode", {
        "BadValue": BadValue, "build": build, "slow": slow, "make": model.family.make,
        **_numbered("decoder", decoders), **_numbered("make", makers),
    })  # fmt: skip


def _decode_lines(field: Field, number: int) -> list[str]:
    local, turn = f"value{number}", f"decoder{number}"
    if not field.optional and not isinstance(field.kind, kinds.SetOf):
        return [f"  {local} = {turn}(item[{field.stored!r}])"]
    empty = "None" if field.optional else f"make{number}(())"
    return [f"  {local} = get({field.stored!r})", f"  {local} = {empty} if {local} is None else {turn}({local})"]


def _build_lines(model: Model[Any]) -> list[str]:
    names = {field.name: f"value{number}" for number, field in enumerate(model.fields)}
    values = "{" + ", ".join(f"{name!r}: {local}" for name, local in names.items()) + "}"
    if model.family.make is None:
        return [f" return {values}" if model.family.mapping else f" return build(item, {values})"]
    arguments = ", ".join(f"{model.family.parameters[name]}={local}" for name, local in names.items())
    return [" try:", f"  return make({arguments})", " except (TypeError, ValueError):", f"  return build(item, {values})"]


def _numbered(name: str, values: Sequence[Any]) -> dict[str, Any]:
    return {f"{name}{number}": value for number, value in enumerate(values)}


def _compile(lines: Sequence[str], name: str, scope: Mapping[str, Any]) -> Function:
    made = dict(scope)
    # The text holds nothing but names of the class's own fields, quoted or known to be identifiers.
    exec(compile("\n".join(lines), f"<holdall {name}>", "exec"), made)  # noqa: S102 - see the line above
    return made[name]
