"""
From an annotation to what reads its values. Pure.

Annotations mean what they mean in record classes, and more: Secret, Path, and lists as texts with commas.
"""

from __future__ import annotations

import enum
import sys
import typing
from collections import abc
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from ..._model.annotations import options_of, strip
from ..._model.families import is_record_class
from ..._model.kinds.portable import is_map
from ...errors import ConfigError
from .scalars import ANYTHING, SIMPLE, STR, Bad, Reader, bad, found_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def reader_of(annotation: Any, *, foreign: bool = False) -> Reader:
    """
    Return what reads values of an annotation; `foreign` leaves types that are not known here to the record class.

    Raises:
        ConfigError: No value of this type can be read from configuration.
    """
    try:
        # By its words too: `int | float` and `float | int` are equal, and read in another order.
        return _cached(annotation, repr(annotation), foreign)
    except TypeError:  # it can't be hashed
        return _made(annotation, foreign)


def record_of(annotation: Any) -> type | None:
    """Return the record class that an annotation is about, also with None; None where it is about something else."""
    options, _ = options_of(strip(annotation)[0])
    bare = strip(options[0])[0] if len(options) == 1 else None
    return cast("type", bare) if is_record_class(bare) else None


def is_mapping(annotation: Any) -> bool:
    """Return whether values of an annotation have names of their own inside: of a dict, or anything."""
    options, _ = options_of(strip(annotation)[0])
    return any(option in (Any, object, dict) or typing.get_origin(option) in _MAPPINGS for option in options)


@lru_cache(500)
def _cached(annotation: Any, _: str, foreign: bool) -> Reader:
    return _made(annotation, foreign)


def _made(annotation: Any, foreign: bool) -> Reader:
    bare, _ = strip(annotation)
    options, optional = options_of(bare)
    readers = [_one(strip(option)[0], foreign) for option in options]
    found = readers[0] if len(readers) == 1 else _any_of(readers, str in options)
    return _optional(found) if optional else found


def _one(bare: Any, foreign: bool) -> Reader:
    if bare in (Any, object):
        return ANYTHING
    if isinstance(bare, abc.Hashable) and bare in SIMPLE:
        return SIMPLE[bare]
    origin, args = typing.get_origin(bare) or bare, typing.get_args(bare)
    if isinstance(origin, abc.Hashable) and origin in _COLLECTIONS:
        return _COLLECTIONS[origin](args, foreign)
    if origin is typing.Literal:
        return _choice(", ".join(map(repr, args)), {arg: arg for arg in args})
    if is_record_class(bare):
        from .loading import record_reader

        return record_reader(cast("type", bare))
    return _rare(bare, foreign)


def _rare(bare: Any, foreign: bool) -> Reader:
    if isinstance(bare, enum.EnumMeta):
        members = cast("type[enum.Enum]", bare)
        return _choice(f"a value of {members.__name__}", {member.value: member for member in members})
    for module, name in (("uuid", "UUID"), ("pathlib", "Path"), ("pathlib", "PurePath")):
        # A class that names it has loaded it; to import it here would cost every cold start.
        cls = getattr(sys.modules.get(module), name, None)
        if cls is not None and bare is cls:
            return _constructed(name, cls)
    if foreign:
        return Reader(getattr(bare, "__name__", str(bare)), ANYTHING.read)
    if not isinstance(bare, type) and typing.get_origin(bare) is None:
        raise ConfigError(f"{found_of(bare)} is given as the type, such as int; a default is given by default=")
    raise ConfigError(f"no value of the type {bare!r} can be read from configuration; use str, int, float, bool, "
                      "Decimal, bytes, a date or time, timedelta, UUID, Path, Secret, an Enum, a Literal, a list, set, "
                      "tuple or dict of those, or a record class")


def _constructed(expected: str, make: Callable[[str], Any]) -> Reader:
    def read(raw: Any) -> Any:
        if not isinstance(raw, str):
            return raw if isinstance(raw, cast("type", make)) else bad(expected, raw)
        try:
            return make(raw)
        except ValueError:
            pass
        return bad(expected, raw)

    return Reader(expected, read)


def _optional(reader: Reader) -> Reader:
    def read(raw: Any) -> Any:
        return None if raw is None else reader.read(raw)

    return Reader(reader.expected, read)


def _any_of(readers: list[Reader], text: bool) -> Reader:
    expected = " or ".join(reader.expected for reader in readers)
    # Everything can be read as text, so it comes last.
    tried = [reader for reader in readers if reader is not STR] + ([STR] if text else [])

    def read(raw: Any) -> Any:
        for reader in tried:
            value = reader.read(raw)
            if not isinstance(value, Bad):
                return value
        return bad(expected, raw)

    return Reader(expected, read)


def _choice(expected: str, members: Mapping[Any, Any]) -> Reader:
    expected = expected if expected.startswith("a ") else f"one of {expected}"

    def read(raw: Any) -> Any:
        for value, member in members.items():
            given = SIMPLE[type(value)].read(raw) if type(value) in SIMPLE else raw
            if type(given) is type(value) and given == value:
                return member
        return bad(expected, raw)

    return Reader(expected, read)


def parsed(raw: Any, opening: str) -> Any:
    """Return what JSON in a text says where it begins like that; else the raw value itself."""
    if not isinstance(raw, str) or not raw.lstrip().startswith(opening):
        return raw
    # Imported here: most values are no JSON.
    import json

    try:
        return json.loads(raw)
    except ValueError:
        return raw


def _items(raw: Any) -> list[Any] | None:
    found = parsed(raw, "[")
    if isinstance(found, str):
        return [item.strip() for item in found.split(",")] if found.strip() else []
    return list(cast("list[Any]", found)) if isinstance(found, (list, tuple)) else None


def _read_each(reader: Reader, items: list[Any], expected: str) -> list[Any] | Bad:
    values = [reader.read(item) for item in items]
    wrong = [str(place) for place, value in enumerate(values) if isinstance(value, Bad)]
    return Bad(expected, f"the items at {', '.join(wrong)} are other values") if wrong else values


def _sequence(make: Callable[[list[Any]], Any], title: str) -> Callable[[tuple[Any, ...], bool], Reader]:
    def build(args: tuple[Any, ...], foreign: bool) -> Reader:
        if title == "tuple" and args and args[-1] is not Ellipsis:
            return _fixed(args, foreign)
        item = reader_of(args[0], foreign=foreign) if args else ANYTHING
        expected = f"{title} of {item.expected}, as JSON or with commas between"

        def read(raw: Any) -> Any:
            items = _items(raw)
            values = bad(expected, raw) if items is None else _read_each(item, items, expected)
            return values if isinstance(values, Bad) else make(values)

        return Reader(expected, read)

    return build


def _fixed(args: tuple[Any, ...], foreign: bool) -> Reader:
    readers = [reader_of(arg, foreign=foreign) for arg in args]
    expected = f"tuple of {', '.join(reader.expected for reader in readers)}"

    def read(raw: Any) -> Any:
        items = _items(raw)
        if items is None or len(items) != len(readers):
            return bad(expected, raw)
        values = tuple(reader.read(item) for reader, item in zip(readers, items, strict=True))
        return bad(expected, raw) if any(isinstance(value, Bad) for value in values) else values

    return Reader(expected, read)


def _dict(args: tuple[Any, ...], foreign: bool) -> Reader:
    value = reader_of(args[1], foreign=foreign) if args else ANYTHING
    expected = f"dict of {value.expected}, as JSON or as parameters below the name"

    def read(raw: Any) -> Any:
        found = parsed(raw, "{")
        if not is_map(found):
            return bad(expected, raw)
        read_ = {str(name): value.read(item) for name, item in found.items()}
        wrong = [item.under(name) for name, item in read_.items() if isinstance(item, Bad)]
        return wrong[0] if wrong else read_

    return Reader(expected, read)


_MAPPINGS = (dict, abc.Mapping)
_COLLECTIONS: dict[Any, Callable[[tuple[Any, ...], bool], Reader]] = {
    list: _sequence(list, "list"),
    abc.Sequence: _sequence(list, "list"),
    tuple: _sequence(tuple, "tuple"),
    set: _sequence(set, "set"),
    frozenset: _sequence(frozenset, "set"),
    dict: _dict,
    abc.Mapping: _dict,
}
