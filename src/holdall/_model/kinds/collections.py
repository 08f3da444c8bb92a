"""Kinds of values that hold others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .base import Kind, expect, inside
from .portable import BadValue, Portable, PortableType, is_list, is_map, is_number, is_set, portable_type, show
from .scalars import Bool, Bytes, DecimalNumber, Str

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_KEY = Str()


class Nullable(Kind):
    """A value or None, inside a collection; a field's own None is a matter of the field."""

    def __init__(self, inner: Kind) -> None:
        self.inner = inner
        self.types = inner.types | frozenset[PortableType]({"null"})

    def describe(self) -> str:
        return f"{self.inner.describe()} or None"

    def lower(self, value: Any) -> Portable:
        return None if value is None else self.inner.lower(value)

    def lift(self, value: Portable) -> Any:
        return None if value is None else self.inner.lift(value)


class ListOf(Kind):
    """A list, or a tuple of any length (`make` is tuple), of one kind."""

    types = frozenset({"list"})

    def __init__(self, item: Kind, make: Callable[[list[Any]], Any] = list) -> None:
        self.item = item
        self.make = make

    def describe(self) -> str:
        return f"a {getattr(self.make, '__name__', 'list')} of {self.item.describe()}"

    def lower(self, value: Any) -> Portable:
        expect(isinstance(value, (list, tuple)), self, value)
        return [inside(self.item.lower, item, index) for index, item in enumerate(value)]

    def lift(self, value: Portable) -> Any:
        expect(is_list(value), self, value)
        return self.make([inside(self.item.lift, item, index) for index, item in enumerate(value)])


class TupleOf(Kind):
    """A tuple of fixed length, each place with a kind of its own."""

    types = frozenset({"list"})

    def __init__(self, items: tuple[Kind, ...]) -> None:
        self.items = items

    def describe(self) -> str:
        return f"a tuple of {len(self.items)}"

    def _each(self, value: Any, turn: Callable[[Kind], Callable[[Any], Any]]) -> list[Any]:
        if len(value) != len(self.items):
            raise BadValue(f"expected {self.describe()}, got {len(value)} items")
        return [inside(turn(kind), item, i) for i, (kind, item) in enumerate(zip(self.items, value, strict=True))]

    def lower(self, value: Any) -> Portable:
        expect(isinstance(value, (list, tuple)), self, value)
        return self._each(value, lambda kind: kind.lower)

    def lift(self, value: Portable) -> Any:
        expect(is_list(value), self, value)
        return tuple(self._each(value, lambda kind: kind.lift))


class SetOf(Kind):
    """A set of strings, numbers or bytes. An empty set and no set are one and the same: an unset field."""

    types = frozenset({"set"})

    def __init__(self, item: Kind, make: Callable[[Any], Any] = set) -> None:
        self.item = item
        self.make = make

    def describe(self) -> str:
        return f"a set of {self.item.describe()}"

    def lower(self, value: Any) -> Portable:
        expect(is_set(value), self, value)
        return {self.item.lower(item) for item in value}

    def lift(self, value: Portable) -> Any:
        expect(is_set(value), self, value)
        return self.make(self.item.lift(item) for item in value)


class MapOf(Kind):
    """A dict with str keys."""

    types = frozenset({"map"})

    def __init__(self, value: Kind) -> None:
        self.value = value

    def describe(self) -> str:
        return f"a dict of {self.value.describe()}"

    def lower(self, value: Any) -> Portable:
        expect(is_map(value), self, value)
        for key in value:
            if not isinstance(key, str):
                raise BadValue(f"the keys of a dict must be str, got {show(key)}")
        return {_KEY.lower(key): inside(self.value.lower, item, key) for key, item in value.items()}

    def lift(self, value: Portable) -> Any:
        expect(is_map(value), self, value)
        return {key: inside(self.value.lift, item, key) for key, item in value.items()}


class Union(Kind):
    """One of several kinds that differ in portable type."""

    def __init__(self, options: tuple[Kind, ...]) -> None:
        self.options = options
        self.types = frozenset[PortableType]().union(*(option.types for option in options))
        self._by_type = {kind: option for option in options for kind in option.types}

    def describe(self) -> str:
        return " or ".join(option.describe() for option in self.options)

    def lower(self, value: Any) -> Portable:
        for option in self.options:
            try:
                return option.lower(value)
            except BadValue:
                continue
        raise BadValue(f"expected {self.describe()}, got {show(value)}")

    def lift(self, value: Portable) -> Any:
        option = self._by_type.get(portable_type(value))
        if option is None:
            raise BadValue(f"expected {self.describe()}, got {show(value)}")
        return option.lift(value)


class Anything(Kind):
    """
    An untyped value: what the portable form itself can tell apart.

    Numbers come back as int where they are whole, else as Decimal. A float or a datetime is refused, since it
    would come back as something else.
    """

    name = "a portable value"
    types: frozenset[PortableType] = frozenset({"str", "number", "bytes", "bool", "list", "map", "set", "null"})

    def lower(self, value: Any) -> Portable:
        if isinstance(value, tuple):
            raise BadValue("a tuple would come back as a list from an untyped field; declare the field's type")
        for kind in self._kinds():
            try:
                return kind.lower(value)
            except BadValue as bad:
                if bad.path or (isinstance(kind, (ListOf, MapOf, SetOf)) and _holds(kind, value)):
                    raise
        raise BadValue(f"{show(value)} can't be kept in an untyped field exactly; declare the field's type")

    def _kinds(self) -> tuple[Kind, ...]:
        inner = Nullable(AnythingInside())
        plain = Union((Str(), DecimalNumber(), Bytes()))
        return (Str(), Bool(), DecimalNumber(), Bytes(), ListOf(inner), MapOf(inner), SetOf(plain))

    def lift(self, value: Portable) -> Any:
        if is_number(value):
            return int(value) if value == int(value) else value
        if is_list(value):
            return [self.lift(item) for item in value]
        if is_map(value):
            return {key: self.lift(item) for key, item in value.items()}
        return {self.lift(item) for item in value} if is_set(value) else value


class AnythingInside(Anything):
    """An untyped value inside a list or dict, where an empty set has no form."""

    def lower(self, value: Any) -> Portable:
        lowered = super().lower(value)
        if is_set(lowered) and not lowered:
            raise BadValue("an empty set inside a list or dict can't be kept; use an empty list")
        return lowered


def _holds(kind: Kind, value: Any) -> bool:
    return (is_list(value) or is_map(value) or is_set(value)) and portable_type(value) in kind.types


class Nested(Kind):
    """A nested record: a map from stored names to the values of its fields."""

    types = frozenset({"map"})

    def __init__(self, name: str, fields: tuple[Any, ...], build: Callable[[dict[str, Any]], Any],
                 read: Callable[[Any], Mapping[str, Any]], cls: type) -> None:
        self.title = name
        self.fields = fields
        self.build = build
        self.read = read
        self.cls = cls

    def describe(self) -> str:
        return f"a {self.title}"

    def lower(self, value: Any) -> Portable:
        expect(isinstance(value, self.cls), self, value)
        values = self.read(value)
        lowered = ((field, inside(field.lower, values.get(field.name), field.name)) for field in self.fields)
        return {field.stored: item for field, item in lowered if item is not None}

    def lift(self, value: Portable) -> Any:
        expect(is_map(value), self, value)
        lifted = {field.name: inside(field.lift, value.get(field.stored), field.name) for field in self.fields}
        try:
            return self.build({name: item for name, item in lifted.items() if item is not UNSET})
        except (TypeError, ValueError) as error:
            raise BadValue(f"what is stored is refused by {self.title}: {type(error).__name__}") from error


class _Unset:
    def __repr__(self) -> str:
        return "UNSET"


UNSET: Any = _Unset()
"""A field left out when a record is built, so that its class fills in the default."""
