"""
Kinds of values, and their portable form.

The portable form is the closed set of values on which every backend agrees, and on which conditions are
evaluated: None, bool, int and Decimal, str, bytes, list, dict with str keys, and set. `Kind.lower` takes a
program's value there, exactly or not at all; `Kind.lift` takes it back.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import Enum

Portable: TypeAlias = Any
"""A value of the closed set above. The checker can't say so of nested values, so the alias is for readers."""

PortableType = Literal["str", "number", "bytes", "bool", "list", "map", "set", "null"]

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_MICROSECOND = dt.timedelta(microseconds=1)
_SECOND = dt.timedelta(seconds=1)


class BadValue(Exception):
    """A value that its kind refuses; `path` says where inside the field it is."""

    def __init__(self, problem: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path = path

    def under(self, step: str | int) -> BadValue:
        """Return the same fault, seen from one level further out."""
        return BadValue(self.problem, (step, *self.path))


def portable_type(value: Portable) -> PortableType:
    """Return the type of a portable value, by which comparisons are allowed or false."""
    if isinstance(value, str):
        return "str"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, Decimal)):
        return "number"
    return _RARE_TYPES[type(value)]


_RARE_TYPES: dict[type, PortableType] = {
    bytes: "bytes",
    list: "list",
    dict: "map",
    set: "set",
    frozenset: "set",
    type(None): "null",
}


def show(value: object) -> str:
    """Return a value's type, for messages: values themselves never appear in errors."""
    return f"a value of type {type(value).__name__}"


class Kind:
    """One kind of value. Instances are compared by identity."""

    name: ClassVar[str] = "value"
    types: frozenset[PortableType] = frozenset()
    """The portable types that values of this kind take."""

    def lower(self, value: Any) -> Portable:
        """
        Return the portable form.

        Raises:
            BadValue: The value is not of this kind, or can't be kept exactly.
        """
        raise NotImplementedError

    def lift(self, value: Portable) -> Any:
        """
        Return the program's value.

        Raises:
            BadValue: What is stored is not of this kind.
        """
        raise NotImplementedError

    def describe(self) -> str:
        """Return the kind in words, for messages."""
        return self.name


def _expect(ok: bool, kind: Kind, value: object) -> None:
    if not ok:
        raise BadValue(f"expected {kind.describe()}, got {show(value)}")


class Str(Kind):
    name = "str"
    types = frozenset({"str"})

    def lower(self, value: Any) -> Portable:
        _expect(isinstance(value, str), self, value)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise BadValue("the string has a lone surrogate, which no store can hold as UTF-8") from None
        return str(value)

    def lift(self, value: Portable) -> Any:
        _expect(isinstance(value, str), self, value)
        return value


class Bytes(Kind):
    name = "bytes"
    types = frozenset({"bytes"})

    def lower(self, value: Any) -> Portable:
        _expect(isinstance(value, (bytes, bytearray, memoryview)), self, value)
        return bytes(value)

    def lift(self, value: Portable) -> Any:
        _expect(isinstance(value, bytes), self, value)
        return value


class Bool(Kind):
    name = "bool"
    types = frozenset({"bool"})

    def lower(self, value: Any) -> Portable:
        _expect(isinstance(value, bool), self, value)
        return value

    lift = lower


def is_number(value: object) -> bool:
    """Return whether a portable value is a number (a bool is not)."""
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


class Int(Kind):
    name = "int"
    types = frozenset({"number"})

    def lower(self, value: Any) -> Portable:
        _expect(isinstance(value, int) and not isinstance(value, bool), self, value)
        return int(value)

    def lift(self, value: Portable) -> Any:
        _expect(is_number(value), self, value)
        whole = int(value)
        if whole != value:
            raise BadValue("expected a whole number, but a fraction is stored")
        return whole


class Float(Kind):
    name = "float"
    types = frozenset({"number"})

    def lower(self, value: Any) -> Portable:
        _expect(isinstance(value, (int, float)) and not isinstance(value, bool), self, value)
        if not math.isfinite(value):
            raise BadValue("NaN and infinities can't be stored; store None instead")
        return Decimal(repr(value)) if isinstance(value, float) else value

    def lift(self, value: Portable) -> Any:
        _expect(is_number(value), self, value)
        return float(value)


class DecimalNumber(Kind):
    name = "Decimal"
    types = frozenset({"number"})

    def lower(self, value: Any) -> Portable:
        _expect(isinstance(value, (int, Decimal)) and not isinstance(value, bool), self, value)
        if isinstance(value, Decimal) and not value.is_finite():
            raise BadValue("NaN and infinities can't be stored; store None instead")
        return value

    def lift(self, value: Portable) -> Any:
        _expect(is_number(value), self, value)
        return Decimal(value)


class DateTime(Kind):
    """An instant. Portable form: UTC, ISO 8601 of fixed width with microseconds, so that it sorts as text."""

    name = "datetime"
    types = frozenset({"str"})

    def lower(self, value: Any) -> Portable:
        _expect(isinstance(value, dt.datetime), self, value)
        if value.utcoffset() is None:
            raise BadValue("the datetime has no time zone; use datetime.now(timezone.utc) or .replace(tzinfo=...)")
        try:
            utc = value.astimezone(dt.timezone.utc).replace(tzinfo=None)
        except OverflowError:
            raise BadValue("the datetime is outside the years 1 to 9999 in UTC") from None
        return utc.isoformat(timespec="microseconds") + "Z"

    def lift(self, value: Portable) -> Any:
        _expect(isinstance(value, str), self, value)
        try:
            # fromisoformat of Python 3.10 doesn't read the Z.
            instant = dt.datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith("Z") else value)
        except ValueError:
            raise BadValue("expected an ISO 8601 instant, but other text is stored") from None
        if instant.tzinfo is None:
            raise BadValue("an instant without time zone is stored")
        return instant.astimezone(dt.timezone.utc)


def _iso(kind: Kind, value: Portable, parse: Callable[[str], Any]) -> Any:
    _expect(isinstance(value, str), kind, value)
    try:
        return parse(value)
    except ValueError:
        raise BadValue(f"expected an ISO 8601 {kind.name}, but other text is stored") from None


class Date(Kind):
    name = "date"
    types = frozenset({"str"})

    def lower(self, value: Any) -> Portable:
        _expect(isinstance(value, dt.date) and not isinstance(value, dt.datetime), self, value)
        return value.isoformat()

    def lift(self, value: Portable) -> Any:
        return _iso(self, value, dt.date.fromisoformat)


class Time(Kind):
    name = "time"
    types = frozenset({"str"})

    def lower(self, value: Any) -> Portable:
        _expect(isinstance(value, dt.time), self, value)
        if value.tzinfo is not None:
            raise BadValue("a time of day with a time zone can't be ordered; store a datetime or drop tzinfo")
        return value.isoformat(timespec="microseconds")

    def lift(self, value: Portable) -> Any:
        return _iso(self, value, dt.time.fromisoformat)


class Duration(Kind):
    """A length of time. Portable form: whole microseconds."""

    name = "timedelta"
    types = frozenset({"number"})

    def lower(self, value: Any) -> Portable:
        _expect(isinstance(value, dt.timedelta), self, value)
        return value // _MICROSECOND

    def lift(self, value: Portable) -> Any:
        _expect(is_number(value), self, value)
        try:
            return dt.timedelta(microseconds=int(value))
        except OverflowError:
            raise BadValue("the stored duration is out of timedelta's range") from None


class Uuid(Kind):
    name = "UUID"
    types = frozenset({"str"})

    def lower(self, value: Any) -> Portable:
        _expect(isinstance(value, UUID), self, value)
        return str(value)

    def lift(self, value: Portable) -> Any:
        return _iso(self, value, UUID)


class Expiry(Kind):
    """The end of a record. Portable form: whole seconds since 1970, rounded up."""

    name = "expiry"
    types = frozenset({"number"})

    def __init__(self, as_datetime: bool) -> None:
        self.as_datetime = as_datetime

    def describe(self) -> str:
        return "an aware datetime" if self.as_datetime else "whole seconds since 1970 (int)"

    def lower(self, value: Any) -> Portable:
        if not self.as_datetime:
            _expect(isinstance(value, int) and not isinstance(value, bool), self, value)
            return int(value)
        _expect(isinstance(value, dt.datetime), self, value)
        if value.utcoffset() is None:
            raise BadValue("the datetime has no time zone; use datetime.now(timezone.utc)")
        return -((EPOCH - value) // _SECOND)

    def lift(self, value: Portable) -> Any:
        _expect(is_number(value), self, value)
        if not self.as_datetime:
            return int(value)
        try:
            return EPOCH + dt.timedelta(seconds=int(value))
        except OverflowError:
            raise BadValue("the stored expiry is outside the years 1 to 9999") from None


class EnumMember(Kind):
    """A member of an Enum, kept by its value."""

    def __init__(self, cls: type[Enum], values: Kind) -> None:
        self.cls = cls
        self.values = values
        self.types = values.types
        self._members = {values.lower(member.value): member for member in cls}

    def describe(self) -> str:
        return f"a member of {self.cls.__name__}"

    def lower(self, value: Any) -> Portable:
        _expect(isinstance(value, self.cls), self, value)
        return self.values.lower(value.value)

    def lift(self, value: Portable) -> Any:
        member = self._members.get(value) if isinstance(value, (str, int, Decimal, bytes)) else None
        if member is None:
            raise BadValue(f"what is stored is not a value of {self.cls.__name__}")
        return member


class Choice(Kind):
    """One of the values of a `Literal`."""

    def __init__(self, values: tuple[Any, ...], kind: Kind) -> None:
        self.values = values
        self.kind = kind
        self.types = kind.types

    def describe(self) -> str:
        return "one of " + ", ".join(repr(value) for value in self.values)

    def lower(self, value: Any) -> Portable:
        _expect(value in self.values, self, value)
        return self.kind.lower(value)

    def lift(self, value: Portable) -> Any:
        lifted = self.kind.lift(value)
        if lifted not in self.values:
            raise BadValue(f"what is stored is not {self.describe()}")
        return lifted


class Nullable(Kind):
    """A value or None, inside a collection. (A field's own None is a matter of the field.)"""

    def __init__(self, inner: Kind) -> None:
        self.inner = inner
        self.types = inner.types | {"null"}

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
        _expect(isinstance(value, (list, tuple)), self, value)
        return [_inside(self.item.lower, item, index) for index, item in enumerate(value)]

    def lift(self, value: Portable) -> Any:
        _expect(isinstance(value, list), self, value)
        return self.make([_inside(self.item.lift, item, index) for index, item in enumerate(value)])


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
        return [_inside(turn(kind), item, i) for i, (kind, item) in enumerate(zip(self.items, value, strict=True))]

    def lower(self, value: Any) -> Portable:
        _expect(isinstance(value, (list, tuple)), self, value)
        return self._each(value, lambda kind: kind.lower)

    def lift(self, value: Portable) -> Any:
        _expect(isinstance(value, list), self, value)
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
        _expect(isinstance(value, (set, frozenset)), self, value)
        return {self.item.lower(item) for item in value}

    def lift(self, value: Portable) -> Any:
        _expect(isinstance(value, (set, frozenset)), self, value)
        return self.make(self.item.lift(item) for item in value)


class MapOf(Kind):
    """A dict with str keys."""

    types = frozenset({"map"})

    def __init__(self, value: Kind) -> None:
        self.value = value

    def describe(self) -> str:
        return f"a dict of {self.value.describe()}"

    def lower(self, value: Any) -> Portable:
        _expect(isinstance(value, dict), self, value)
        for key in value:
            if not isinstance(key, str):
                raise BadValue(f"the keys of a dict must be str, got {show(key)}")
        return {key: _inside(self.value.lower, item, key) for key, item in value.items()}

    def lift(self, value: Portable) -> Any:
        _expect(isinstance(value, dict), self, value)
        return {key: _inside(self.value.lift, item, key) for key, item in value.items()}


class Union(Kind):
    """One of several kinds that differ in portable type."""

    def __init__(self, options: tuple[Kind, ...]) -> None:
        self.options = options
        self.types = frozenset().union(*(option.types for option in options))
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


class Number(Kind):
    """An operand of a comparison with a number: of any numeric type, compared by value."""

    name = "number"
    types = frozenset({"number"})

    def lower(self, value: Any) -> Portable:
        return (Float() if isinstance(value, float) else DecimalNumber()).lower(value)

    def lift(self, value: Portable) -> Any:
        _expect(is_number(value), self, value)
        return value


class AnyNumber(Kind):
    """`int | float` or `int | Decimal`: whole numbers come back as int, others as `fraction`."""

    name = "number"
    types = frozenset({"number"})

    def __init__(self, fraction: Kind) -> None:
        self.fraction = fraction

    def lower(self, value: Any) -> Portable:
        return self.fraction.lower(value)

    def lift(self, value: Portable) -> Any:
        _expect(is_number(value), self, value)
        return int(value) if value == int(value) else self.fraction.lift(value)


class Anything(Kind):
    """
    An untyped value: what the portable form itself can tell apart.

    Numbers come back as int where they are whole, else as Decimal. A float or a datetime is refused, since it
    would come back as something else.
    """

    name = "a portable value"
    types: frozenset[PortableType] = frozenset({"str", "number", "bytes", "bool", "list", "map", "set", "null"})

    def lower(self, value: Any) -> Portable:
        for kind in self._kinds():
            try:
                return kind.lower(value)
            except BadValue as bad:
                if bad.path or isinstance(value, (list, dict, set)) and portable_type(value) in kind.types:
                    raise
        raise BadValue(f"{show(value)} can't be kept in an untyped field exactly; declare the field's type")

    def _kinds(self) -> tuple[Kind, ...]:
        inner = Nullable(self)
        plain = Union((Str(), DecimalNumber(), Bytes()))
        return (Str(), Bool(), DecimalNumber(), Bytes(), ListOf(inner), MapOf(inner), SetOf(plain))

    def lift(self, value: Portable) -> Any:
        if is_number(value):
            return int(value) if value == int(value) else value
        if isinstance(value, list):
            return [self.lift(item) for item in value]
        if isinstance(value, dict):
            return {key: self.lift(item) for key, item in value.items()}
        return {self.lift(item) for item in value} if isinstance(value, (set, frozenset)) else value


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
        _expect(isinstance(value, self.cls), self, value)
        values = self.read(value)
        lowered = ((field, _inside(field.lower, values.get(field.name), field.name)) for field in self.fields)
        return {field.stored: item for field, item in lowered if item is not None}

    def lift(self, value: Portable) -> Any:
        _expect(isinstance(value, dict), self, value)
        lifted = {field.name: _inside(field.lift, value.get(field.stored), field.name) for field in self.fields}
        return self.build({name: item for name, item in lifted.items() if item is not UNSET})


class _Unset:
    def __repr__(self) -> str:
        return "UNSET"


UNSET: Any = _Unset()
"""A field left out when a record is built, so that its class fills in the default."""


def _inside(turn: Callable[[Any], Any], value: Any, step: str | int) -> Any:
    try:
        return turn(value)
    except BadValue as bad:
        raise bad.under(step) from None


def significant_digits(value: int | Decimal) -> int:
    """Return how many digits a number has between its first and its last non-zero digit; 0 for zero."""
    if isinstance(value, int):
        return len(str(abs(value)).rstrip("0"))
    return len("".join(map(str, value.as_tuple().digits)).strip("0"))
