"""
The fast paths of the codec: one function each way, written out for a class and compiled once.

Encoding and decoding run for every record of every query, so what can be decided once per class is: which fields may
be unset, which encoders can give nothing, how the class takes its values. What the fast path of decoding can't take
(a missing field with a default, a stored null, a wrong value) is left to the slow one, which finds out what is wrong.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .._frozen import frozen
from .._model import kinds
from .._model.kinds import BadValue
from ..drivers import KeyValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .._model.schema import Field, Model
    from ..drivers import Form

_BOUNDED = (kinds.Bool, kinds.Int, kinds.Float, kinds.DecimalNumber, kinds.AnyNumber, kinds.DateTime, kinds.Date,
            kinds.Time, kinds.Duration, kinds.Uuid, kinds.Expiry)  # fmt: skip
_TEXTS = (kinds.Str, kinds.Bytes)
_GIVES_SOMETHING = (*_BOUNDED, *_TEXTS, kinds.EnumMember, kinds.Choice, kinds.ListOf, kinds.TupleOf, kinds.MapOf,
                    kinds.Nested)  # fmt: skip
_FITTING: dict[type[kinds.Kind], str] = {
    kinds.Int: "value.__class__ is int and -2147483648 <= value <= 2147483647",
    kinds.DecimalNumber: "value.__class__ is Decimal and value.is_finite() and len(text := str(value)) < 38 "
                         "and 'E' not in text",
}  # fmt: skip
"""What a number must be for every backend to hold it exactly, so that no limit needs to be looked at."""

BOUNDED_BYTES = 64
"""At most how many bytes a value counts that is no text and no collection."""

Function = Any


@frozen
class EncoderParts:
    """
    What the encoder of a class is made of.

    `raw` are the driver's encoders by field, and `checked` the same behind the backend's limits. `read` gives a
    record's values in the order of the fields (None: they are attributes). `refuse` makes the error for a field's bad
    value, `empty` the one for an empty value of an index's key. `longest` are the limits of index keys by field, in
    bytes, and `measure` refuses a value that is over its own. `sized` says that somebody asks for an item's size.
    """

    form: Form
    raw: Sequence[Callable[[Any], Any]]
    checked: Sequence[Callable[[Any], Any]]
    read: Callable[[Any], Sequence[Any]] | None
    refuse: Callable[[int, BadValue], Exception]
    empty: Callable[[int], Exception]
    longest: Mapping[int, int]
    measure: Callable[[int, Any], None]
    sized: bool


def compile_encoder(model: Model[Any], parts: EncoderParts) -> Function:
    """
    Return `encode(record, revision) -> (item, bound)`.

    Where the size is asked for, `bound` is no less than the item's in bytes.
    """
    lines = ["def encode(record, revision):", " item = {}", " number = length = size = 0", " try:"]
    if parts.read is not None:
        lines.append("  values = read(record)")
    for number, field in enumerate(model.fields):
        source = f"record.{field.name}" if parts.read is None else f"values[{number}]"
        source = f"{source} if revision is None else revision" if field is model.revision else source
        lines += [f"  number = {number}", f"  value = {source}", *_encode_lines(model, field, number, parts)]
    constant = sum(len(field.stored.encode()) + BOUNDED_BYTES for field in model.fields)
    lines += [" except BadValue as bad:", "  raise refuse(number, bad) from None",
              f" return item, {constant} + 4 * length + size"]  # fmt: skip
    return _compile(lines, "encode", {
        **_shortcut_names(model, parts.form),
        "BadValue": BadValue, "Decimal": Decimal, "read": parts.read, "refuse": parts.refuse, "empty": parts.empty,
        "measure": parts.measure,
        "size_of": parts.form.size, **_numbered("raw", parts.raw), **_numbered("checked", parts.checked),
        **_numbered("field", model.fields),
    })  # fmt: skip


def _encode_lines(model: Model[Any], field: Field, number: int, parts: EncoderParts) -> list[str]:
    may_lack = field.optional or (model.family.mapping and not field.required)
    # Lowering None says in words that the field takes none.
    refusal = [] if may_lack else ["  else:", f"   field{number}.lower(None)"]
    longest = parts.longest.get(number)
    measured = _measure_lines(model, field, number, longest, sized=parts.sized)
    lines = [*_store_lines(field, number, parts.form), *measured]
    shortcut = parts.form.shortcut(field.kind)
    if shortcut is not None and shortcut.length is not None:
        quick = [f"item[{field.stored!r}] = {shortcut.encode}", f"length += {shortcut.length}"]
        lines = [f"if {shortcut.when}:", *(f" {line}" for line in quick), "else:", *(f" {line}" for line in lines)]
    return ["  if value is not None:", *(f"   {line}" for line in lines), *refusal]


def _store_lines(field: Field, number: int, form: Form) -> list[str]:
    stored, checked = f"item[{field.stored!r}]", f"checked{number}(value)"
    if not isinstance(field.kind, _GIVES_SOMETHING):
        return [f"encoded = {checked}", f"if encoded is not None: {stored} = encoded"]
    shortcut = form.shortcut(field.kind)
    fits = _FITTING.get(type(field.kind))
    if shortcut is not None and shortcut.encode is not None and shortcut.length is None:
        test = " and ".join(test for test in (fits, shortcut.when) if test is not None)
        return [f"{stored} = {shortcut.encode} if {test} else {checked}"]
    return [f"{stored} = {checked}" if fits is None else f"{stored} = raw{number}(value) if {fits} else {checked}"]


def _measure_lines(
    model: Model[Any], field: Field, number: int, longest: int | None, *, sized: bool
) -> list[str]:
    if _bounded(field.kind):
        return []
    if not isinstance(field.kind, _TEXTS):
        if not sized:
            return []
        encoded = f"item.get({field.stored!r})"
        return [f"if {encoded} is not None: size += size_of({{{field.stored!r}: {encoded}}})"]
    indexed = any(field in index.keys for index in model.indexes)
    # A character takes 4 bytes at most, so a short text need not be measured.
    bound = [] if longest is None else [f"if len(value) > {longest // 4}: measure({number}, value)"]
    return ["length += len(value)", *([f"if not value: raise empty({number})"] if indexed else []), *bound]


def _bounded(kind: kinds.Kind) -> bool:
    if isinstance(kind, (kinds.EnumMember, kinds.Choice)):
        return all(len(str(value)) <= BOUNDED_BYTES // 4 for value in kind.portables())
    return isinstance(kind, _BOUNDED)


def compile_decoder(
    model: Model[Any],
    form: Form,
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
        lines += _decode_lines(field, number, form)
    lines += [" except (KeyError, TypeError, ValueError, BadValue):", "  return slow(item)", *_build_lines(model)]
    makers = [getattr(field.kind, "make", None) for field in model.fields]
    return _compile(lines, "decode", {
        **_shortcut_names(model, form),
        "BadValue": BadValue, "Decimal": Decimal, "build": build, "slow": slow, "make": model.family.make,
        **_numbered("decoder", decoders), **_numbered("make", makers),
    })  # fmt: skip


def _decode_lines(field: Field, number: int, form: Form) -> list[str]:
    local = f"value{number}"
    shortcut = form.shortcut(field.kind)
    turn = f"decoder{number}(stored)" if shortcut is None or shortcut.decode is None else shortcut.decode
    if not field.optional and not isinstance(field.kind, kinds.SetOf):
        return [f"  stored = item[{field.stored!r}]", f"  {local} = {turn}"]
    empty = "None" if field.optional else f"make{number}(())"
    return [f"  stored = get({field.stored!r})", f"  {local} = {empty} if stored is None else {turn}"]


def _build_lines(model: Model[Any]) -> list[str]:
    names = {field.name: f"value{number}" for number, field in enumerate(model.fields)}
    values = "{" + ", ".join(f"{name!r}: {local}" for name, local in names.items()) + "}"
    if model.family.make is None:
        return [f" return {values}" if model.family.mapping else f" return build(item, {values})"]
    parameters = model.family.parameters
    if _takes_in_order(model.family.make, [parameters[name] for name in names]):
        arguments = ", ".join(names.values())
    else:
        arguments = ", ".join(f"{parameters[name]}={local}" for name, local in names.items())
    otherwise = [" except (TypeError, ValueError):", f"  return build(item, {values})"]
    return [" try:", f"  return make({arguments})", *otherwise]


def _takes_in_order(cls: Any, parameters: list[str]) -> bool:
    """Return whether a class is called with just these parameters in this order, which is faster than by name."""
    code = getattr(getattr(cls, "__init__", None), "__code__", None)
    return type(cls) is type and code is not None and list(code.co_varnames[1 : code.co_argcount]) == parameters


def compile_key(model: Model[Any], form: Form, longest: Sequence[int | None]) -> Function | None:
    """
    Return `key(values) -> KeyValue or None`, which makes the key of short plain texts, and leaves all others.

    None for a model whose key has other kinds, or a form without shortcut for them.
    """
    fields = model.key.keys
    shortcuts = [form.shortcut(field.kind) for field in fields]
    lines = ["def key(values):"]
    for number, (field, shortcut, limit) in enumerate(zip(fields, shortcuts, longest, strict=False)):
        if type(field.kind) is not kinds.Str or shortcut is None or shortcut.encode is None:
            return None
        # A character takes 4 bytes at most.
        short = "0 < len(value)" if limit is None else f"0 < len(value) <= {limit // 4}"
        when = "" if shortcut.when is None else f" and {shortcut.when}"
        lines += [f" value = values[{number}]", f" if not (value.__class__ is str and {short}{when}): return None",
                  f" stored{number} = {shortcut.encode}"]  # fmt: skip
    item = ", ".join(f"{field.stored!r}: stored{number}" for number, field in enumerate(fields))
    lines.append(f" return KeyValue(values, values, {{{item}}})")
    return _compile(lines, "key", {**_shortcut_names(model, form), "KeyValue": KeyValue})


def _shortcut_names(model: Model[Any], form: Form) -> dict[str, Any]:
    shortcuts = [form.shortcut(field.kind) for field in model.fields]
    return {name: value for one in shortcuts if one is not None for name, value in one.names.items()}


def _numbered(name: str, values: Sequence[Any]) -> dict[str, Any]:
    return {f"{name}{number}": value for number, value in enumerate(values)}


def _compile(lines: Sequence[str], name: str, scope: Mapping[str, Any]) -> Function:
    made = dict(scope)
    # The text holds nothing but names of the class's own fields, quoted or known to be identifiers, and the driver's
    # own shortcuts.
    exec(compile("\n".join(lines), f"<holdall {name}>", "exec"), made)  # noqa: S102 - see the lines above
    return made[name]
