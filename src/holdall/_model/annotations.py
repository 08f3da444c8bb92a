"""From an annotation to the kind of value it stands for, and the marks it carries."""

from __future__ import annotations

import datetime as dt
import enum
import sys
import types
import typing
from collections import abc
from decimal import Decimal
from typing import Annotated, Any, cast

from .._frozen import frozen
from . import kinds
from .families import is_record_class
from .markers import Mark

if typing.TYPE_CHECKING:
    from collections.abc import Callable


@frozen
class Read:
    """What an annotation says: the kind, whether None is allowed, and the marks."""

    kind: kinds.Kind
    optional: bool
    marks: frozenset[Mark]


class Unreadable(Exception):
    """An annotation that stands for no kind of value."""


def read(annotation: Any, nested: Callable[[type], kinds.Kind]) -> Read:
    """
    Read a field's annotation; `nested` gives the kind of a nested record class.

    Raises:
        Unreadable: It stands for nothing that can be stored; the text says why.
    """
    bare, marks = strip(annotation)
    options, optional = options_of(bare)
    if Mark.EXPIRES in marks:
        return Read(_expiry(options), optional, marks)
    kind = _join([_kind(option, nested) for option in options])
    if optional and isinstance(kind, kinds.SetOf):
        raise Unreadable("a set can't be optional, since an empty set and no set are one; drop `| None`")
    return Read(kind, optional or isinstance(kind, kinds.Anything), marks)


def strip(annotation: Any) -> tuple[Any, frozenset[Mark]]:
    """Return an annotation without what is only said about it, and the marks among that."""
    marks: set[Mark] = set()
    while True:
        origin = typing.get_origin(annotation)
        if origin is Annotated:
            annotation, *extras = typing.get_args(annotation)
            marks.update(extra for extra in extras if isinstance(extra, Mark))
        elif getattr(origin, "_name", None) in ("NotRequired", "Required", "ReadOnly"):
            (annotation,) = typing.get_args(annotation)
        elif hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__  # of a NewType
        else:
            return annotation, frozenset(marks)


def options_of(annotation: Any) -> tuple[list[Any], bool]:
    """Return the members of a union but None, or the annotation itself, and whether None is among them."""
    if typing.get_origin(annotation) not in (typing.Union, types.UnionType):
        return [annotation], False
    options = [option for option in typing.get_args(annotation) if option is not type(None)]
    return options, len(options) < len(typing.get_args(annotation))


def _expiry(options: list[Any]) -> kinds.Kind:
    if options in ([dt.datetime], [int]):
        return kinds.Expiry(as_datetime=options == [dt.datetime])
    raise Unreadable("Expires takes datetime or int (seconds since 1970), each with or without None")


def _join(options: list[kinds.Kind]) -> kinds.Kind:
    options = _join_numbers(options)
    if len(options) == 1:
        return options[0]
    seen: set[str] = set()
    for option in options:
        if seen & option.types:
            raise Unreadable("the union's members can't be told apart in a store: " + _words(options))
        seen |= option.types
    return kinds.Union(tuple(options))


def _words(options: list[kinds.Kind]) -> str:
    return ", ".join(option.describe() for option in options)


def _join_numbers(options: list[kinds.Kind]) -> list[kinds.Kind]:
    whole = [option for option in options if isinstance(option, kinds.Int)]
    fraction = [option for option in options if isinstance(option, (kinds.Float, kinds.DecimalNumber))]
    if len(whole) != 1 or len(fraction) != 1:
        return options
    return [option for option in options if option not in whole + fraction] + [kinds.AnyNumber(fraction[0])]


_SIMPLE: dict[Any, Callable[[], kinds.Kind]] = {
    str: kinds.Str,
    bytes: kinds.Bytes,
    bool: kinds.Bool,
    int: kinds.Int,
    float: kinds.Float,
    Decimal: kinds.DecimalNumber,
    dt.datetime: kinds.DateTime,
    dt.date: kinds.Date,
    dt.time: kinds.Time,
    dt.timedelta: kinds.Duration,
    Any: kinds.Anything,
    object: kinds.Anything,
    dict: lambda: kinds.MapOf(kinds.Anything()),
    list: lambda: kinds.ListOf(kinds.Anything()),
}


def _kind(annotation: Any, nested: Callable[[type], kinds.Kind]) -> kinds.Kind:
    annotation, _ = strip(annotation)
    if annotation in _SIMPLE:
        return _SIMPLE[annotation]()
    if _is_uuid(annotation):
        return kinds.Uuid(annotation)
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return kinds.Choice(args, _values_kind(args, "the values of a Literal"))
    if origin in _COLLECTIONS:
        return _COLLECTIONS[origin](args, nested)
    if isinstance(annotation, enum.EnumMeta):
        members = cast("type[enum.Enum]", annotation)
        return kinds.EnumMember(members, _values_kind([m.value for m in members], "the values of an Enum"))
    if is_record_class(annotation):
        return nested(annotation)
    raise Unreadable(f"{annotation!r} can't be stored")


def _is_uuid(annotation: Any) -> bool:
    # A class that names UUID has loaded it; to import it here would cost every cold start.
    loaded = sys.modules.get("uuid")
    return loaded is not None and annotation is loaded.UUID


def _values_kind(values: typing.Iterable[Any], what: str) -> kinds.Kind:
    listed = list(values)
    for base in (str, int, bytes):
        if listed and all(isinstance(value, base) and not isinstance(value, bool) for value in listed):
            return _SIMPLE[base]()
    raise Unreadable(f"{what} must be all str, all int or all bytes")


def _element(annotation: Any, nested: Callable[[type], kinds.Kind]) -> kinds.Kind:
    bare, _ = strip(annotation)
    options, optional = options_of(bare)
    kind = _join([_kind(option, nested) for option in options])
    if isinstance(kind, kinds.SetOf):
        raise Unreadable("a set can't be inside a list or dict, where an empty one has no form; use a list")
    if isinstance(kind, kinds.Anything):
        return kinds.Nullable(kinds.AnythingInside())
    return kinds.Nullable(kind) if optional else kind


def _list(args: tuple[Any, ...], nested: Callable[[type], kinds.Kind]) -> kinds.Kind:
    return kinds.ListOf(_element(args[0], nested))


def _tuple(args: tuple[Any, ...], nested: Callable[[type], kinds.Kind]) -> kinds.Kind:
    if len(args) == 2 and args[1] is Ellipsis:
        return kinds.ListOf(_element(args[0], nested), tuple)
    return kinds.TupleOf(tuple(_element(arg, nested) for arg in args))


def _set(make: Callable[[Any], Any]) -> Callable[[tuple[Any, ...], Callable[[type], kinds.Kind]], kinds.Kind]:
    def build(args: tuple[Any, ...], nested: Callable[[type], kinds.Kind]) -> kinds.Kind:
        item = _element(args[0], nested)
        if len(item.types) != 1 or not item.types <= {"str", "number", "bytes"}:
            raise Unreadable(f"a set can hold strings, numbers or bytes, not {item.describe()}")
        return kinds.SetOf(item, make)

    return build


def _dict(args: tuple[Any, ...], nested: Callable[[type], kinds.Kind]) -> kinds.Kind:
    if strip(args[0])[0] is not str:
        raise Unreadable("the keys of a dict must be str")
    return kinds.MapOf(_element(args[1], nested))


_COLLECTIONS: dict[Any, Callable[[tuple[Any, ...], Callable[[type], kinds.Kind]], kinds.Kind]] = {
    list: _list,
    abc.Sequence: _list,
    tuple: _tuple,
    set: _set(set),
    frozenset: _set(frozenset),
    dict: _dict,
    abc.Mapping: _dict,
}
