"""Records to items and back: compiled once per model and form."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from .._model import kinds
from .._model.kinds import UNSET, BadValue
from ..errors import CorruptRecord, InvalidArgument, TooLarge
from .compiled import EncoderParts, compile_decoder, compile_encoder
from .limits import check_int_width, check_number, check_portable
from .resolve import check_key_size, longest_index_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .._model.schema import Field, Model
    from ..drivers import Capabilities, Form, Item

T = TypeVar("T")
_PLAIN = (kinds.Str, kinds.Bytes, kinds.Bool, kinds.DateTime, kinds.Date, kinds.Time, kinds.Uuid, kinds.Duration,
          kinds.Expiry, kinds.EnumMember, kinds.Choice)  # fmt: skip


class Codec(Generic[T]):
    """The encoder and decoder of one model in one form, under one backend's limits."""

    def __init__(self, model: Model[T], form: Form, limits: Capabilities) -> None:
        self.model = model
        self.form = form
        self.limits = limits
        self._encoders = {field.name: _checked_encoder(field, form, limits) for field in model.fields}
        self._decoders = {field.name: form.decoder(field.kind) for field in model.fields}
        self._decode_plan = [(field.stored, field.name, self._decoders[field.name], field) for field in model.fields]
        self._texts = [field for index in model.indexes for field in index.keys
                       if field.kind.types <= {"str", "bytes"}]  # fmt: skip
        self._longest = {field: longest for field in self._texts
                         if (longest := longest_index_key(model, field, limits)) is not None}  # fmt: skip
        self._encode = compile_encoder(model, EncoderParts(
            form, [form.encoder(field.kind) for field in model.fields], list(self._encoders.values()),
            partial(_from_mapping, model) if model.family.mapping else None, self._refuse_number, self._empty,
            {model.fields.index(field): longest for field, longest in self._longest.items()}, self._measure,
            limits.max_item_bytes is not None,
        ))  # fmt: skip
        self.decode: Callable[[Item], T] = compile_decoder(
            model, form, list(self._decoders.values()), self._build, self._decode_slowly
        )
        """Return the record of an item, or raise `CorruptRecord` where it does not fit the class."""

    def encode(self, record: T, revision: str | None = None) -> Item:
        """
        Return a record's item, with that revision where the model has one.

        Raises:
            InvalidArgument: A value is wrong; the message names class and field.
            TooLarge: The item is over the backend's limit; the message names its largest field.
        """
        item, bound = self._encode(record, revision)
        if self.limits.max_item_bytes is not None and bound > self.limits.max_item_bytes:
            self._check_size(item, self.limits.max_item_bytes)
        return item

    def _decode_slowly(self, item: Item) -> T:
        values: dict[str, Any] = {}
        for stored, name, decoder, field in self._decode_plan:
            encoded = item.get(stored)
            value = self._missing(field, item) if encoded is None else self._decode_keyed(item, field, encoded, decoder)
            if value is not UNSET:
                values[name] = value
        return self._build(item, values)

    def _build(self, item: Item, values: dict[str, Any]) -> T:
        try:
            return cast("T", self.model.family.build(values))
        except (TypeError, ValueError) as error:
            raise CorruptRecord(
                f"a stored {self.model.name} is refused by its class: {type(error).__name__}",
                key=self.key_words(item),
            ) from error

    def decode_fields(self, item: Item, fields: Sequence[Field]) -> dict[str, Any]:
        """Return some fields of an item as a dict; unset ones without default are None."""
        out: dict[str, Any] = {}
        for field in fields:
            encoded = item.get(field.stored)
            decoder = self._decoders[field.name]
            value = field.missing() if encoded is None and not field.required else None
            if encoded is not None:
                value = self._decode_keyed(item, field, encoded, decoder)
            out[field.name] = None if value is UNSET else value
        return out

    def portable(self, item: Item) -> dict[str, kinds.Portable]:
        """Return an item's declared fields in portable form, by stored name; unset ones left out."""
        out: dict[str, kinds.Portable] = {}
        for stored, _, decoder, field in self._decode_plan:
            encoded = item.get(stored)
            value = None if encoded is None else self._decode_field(field, encoded, decoder)
            if value is not None and value is not UNSET:
                out[stored] = field.kind.lower(value)
        return out

    def from_portable(self, portable: Mapping[str, kinds.Portable]) -> Item:
        """Return the item of fields in portable form."""
        by_stored = {field.stored: field for field in self.model.fields}
        item: dict[str, Any] = {}
        for stored, value in portable.items():
            field = by_stored[stored]
            try:
                item[stored] = self._encoders[field.name](field.kind.lift(value))
            except BadValue as bad:
                raise self.refusal(field, bad) from None
        self._check_item(item)
        return item

    def key_value(self, field: Field, value: Any) -> tuple[kinds.Portable, Any]:
        """
        Return a key value in portable and in stored form.

        Raises:
            InvalidArgument: The value is wrong.
        """
        try:
            return field.lower(value), self._encoders[field.name](value)
        except BadValue as bad:
            raise self.refusal(field, bad) from None

    def value(self, item: Item, field: Field | None) -> Any:
        """Return one field's value of an item, None where it is unset (or there is no such field)."""
        if field is None:
            return None
        encoded = item.get(field.stored)
        value = None if encoded is None else self._decode_field(field, encoded, self._decoders[field.name])
        return None if value is UNSET else value

    def position_value(self, item: Item, field: Field) -> kinds.Portable:
        """
        Return a key field's value in portable form, for the position behind an item.

        Raises:
            CorruptRecord: Its text is not as holdall writes it, so the position would be another one.
        """
        value = self.value(item, field)
        if field.kind.types <= {"str"} and self._encoders[field.name](value) != item[field.stored]:
            raise CorruptRecord(
                f"a stored {self.model.name} has its key field {field.name} in another form than holdall writes, so it "
                "can't be ordered by; declare the field as str", field=field.name, key=self.key_words(item),
            )  # fmt: skip
        return field.kind.lower(value)

    def _refuse_number(self, number: int, bad: BadValue) -> InvalidArgument:
        return self.refusal(self.model.fields[number], bad)

    def refusal(self, field: Field, bad: BadValue) -> InvalidArgument:
        """Return the error for a value that a field can't hold."""
        inside = "".join(f"[{step!r}]" for step in bad.path)
        return InvalidArgument(f"{self.model.name}.{field.name}{inside}: {bad.problem}")

    def key_words(self, item: Item) -> object:
        """Return an item's key as the program writes it, for errors; None where it can't be read."""
        try:
            values = tuple(self.value(item, field) for field in self.model.key.keys)
        except CorruptRecord:
            return None
        return values if len(values) != 1 else values[0]

    def _decode_keyed(self, item: Item, field: Field, encoded: Any, decoder: Callable[[Any], Any]) -> Any:
        try:
            return self._decode_field(field, encoded, decoder)
        except CorruptRecord as corrupt:
            corrupt.key = self.key_words(item)
            raise

    def _decode_field(self, field: Field, encoded: Any, decoder: Callable[[Any], Any]) -> Any:
        try:
            return decoder(encoded)
        except BadValue as bad:
            problem: BadValue = bad
        try:
            if self.form.is_null(encoded):
                return field.missing()
        except BadValue as bad:
            problem = bad
        raise CorruptRecord(f"a stored {self.model.name} has a wrong {field.name}: {problem.problem}", field=field.name)

    def _missing(self, field: Field, item: Item) -> Any:
        try:
            return field.missing()
        except BadValue as bad:
            key = self.key_words(item) if field not in self.model.key.keys else None
            raise CorruptRecord(f"a stored {self.model.name} lacks {field.name}: {bad.problem}", field=field.name,
                                key=key) from None

    def _empty(self, number: int) -> InvalidArgument:
        return InvalidArgument(f"{self.model.name}.{self.model.fields[number].name} is empty, but it is a key of an "
                               "index, which takes no empty value; store None to leave the record out of the index")

    def _measure(self, number: int, value: Any) -> None:
        field = self.model.fields[number]
        check_key_size(field, field.kind.lower(value), self._longest[field])

    def _check_item(self, item: Item) -> None:
        for field in self._texts:
            encoded = item.get(field.stored)
            if encoded is not None and self._decoders[field.name](encoded) in ("", b""):
                raise self._empty(self.model.fields.index(field))
            if encoded is not None and field in self._longest:
                check_key_size(field, self._decoders[field.name](encoded), self._longest[field])
        if self.limits.max_item_bytes is not None:
            self._check_size(item, self.limits.max_item_bytes)

    def _check_size(self, item: Item, limit: int) -> None:
        size = self.form.size(item)
        if size <= limit:
            return
        sizes = {field: self.form.size({field.stored: item[field.stored]}) for field in self.model.fields
                 if field.stored in item}
        largest = max(sizes, key=lambda field: sizes[field])
        raise TooLarge(f"the {self.model.name} has {size} bytes, the backend's limit is {limit}; its largest "
                       f"field is {largest.name} with {sizes[largest]} bytes")


def _from_mapping(model: Model[Any], record: Any) -> list[Any]:
    values = model.read(record)
    return [values.get(field.name) if field.optional or not field.required else _present(values, field)
            for field in model.fields]


def _present(values: Mapping[str, Any], field: Field) -> Any:
    if field.name not in values and not isinstance(field.kind, kinds.SetOf):
        raise InvalidArgument(f"the record lacks the field {field.name!r}")
    return values.get(field.name, field.kind.make(()) if isinstance(field.kind, kinds.SetOf) else None)


def _checked_encoder(field: Field, form: Form, limits: Capabilities) -> Callable[[Any], Any]:
    encode, kind = form.encoder(field.kind), field.kind
    if form.checks_numbers and not _open_ended(kind):
        return encode
    if isinstance(kind, kinds.Int):
        return _int_encoder(encode, limits)
    if isinstance(kind, (kinds.Float, kinds.DecimalNumber, kinds.AnyNumber)):
        return _number_encoder(encode, kind, limits)
    return encode if isinstance(kind, _PLAIN) or _unlimited(kind) else _nested_encoder(encode, kind, limits)


def _unlimited(kind: kinds.Kind) -> bool:
    """Return whether a collection holds nothing that a limit of numbers or of depth could concern."""
    if isinstance(kind, kinds.Nullable):
        return _unlimited(kind.inner)
    inner = kind.item if isinstance(kind, (kinds.ListOf, kinds.SetOf)) else getattr(kind, "value", None)
    return isinstance(kind, _PLAIN) or (isinstance(inner, kinds.Kind) and _unlimited(inner))


def _open_ended(kind: kinds.Kind) -> bool:
    """Return whether only a value can tell how deep it is."""
    if isinstance(kind, kinds.Nested):
        return any(_open_ended(field.kind) for field in kind.fields)
    if isinstance(kind, (kinds.TupleOf, kinds.Union)):
        return any(_open_ended(one) for one in (kind.items if isinstance(kind, kinds.TupleOf) else kind.options))
    inner = next((getattr(kind, name) for name in ("inner", "item", "value") if hasattr(kind, name)), None)
    return isinstance(kind, kinds.Anything) or (isinstance(inner, kinds.Kind) and _open_ended(inner))


def _int_encoder(encode: Callable[[Any], Any], limits: Capabilities) -> Callable[[Any], Any]:
    def encoder(value: Any) -> Any:
        small = value.__class__ is int and -(2**31) <= value < 2**31
        if not small and isinstance(value, int) and not isinstance(value, bool):
            check_int_width(value, limits.int_bits)
            check_number(value, limits)
        return encode(value)

    return encoder


def _number_encoder(encode: Callable[[Any], Any], kind: kinds.Kind, limits: Capabilities) -> Callable[[Any], Any]:
    def encoder(value: Any) -> Any:
        check_number(kind.lower(value), limits)
        return encode(value)

    return encoder


def _nested_encoder(encode: Callable[[Any], Any], kind: kinds.Kind, limits: Capabilities) -> Callable[[Any], Any]:
    def encoder(value: Any) -> Any:
        check_portable(kind.lower(value), limits)
        return encode(value)

    return encoder


def check_keys(fields: Sequence[Field], portable: Sequence[kinds.Portable], limits: Capabilities) -> None:
    """
    Check a record's key values.

    Raises:
        InvalidArgument: One is empty or too long.
    """
    for field, value, limit in zip(fields, portable, (limits.max_partition_bytes, limits.max_sort_bytes), strict=False):
        check_key_size(field, value, limit)
