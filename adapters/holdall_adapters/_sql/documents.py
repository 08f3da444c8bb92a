"""
Portable values as JSON text, exactly.

What JSON and a double can say is plain, so that other programs can read and write it: null, booleans, strings, lists,
objects, whole numbers of 64 bits, fractions that a double gives back digit by digit. The rest carries a tag:

    {"$number": "0.10000000000000000001"}   {"$bytes": "AAE="}   {"$set": ["a", "b"]}   {"$map": {"$set": "a dict"}}

Equal values have equal texts, but for the order of the keys of a dict.
"""

from __future__ import annotations

import base64
import binascii
import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from holdall._model.kinds import BadValue, Portable, is_list, is_map, is_set, portable_type

if TYPE_CHECKING:
    from collections.abc import Callable

_WORD = 1 << 63


def dump(value: Portable) -> str:
    """Return the JSON text of a portable value."""
    return _ENCODE(_tag(value))


def load(text: Any) -> Portable:
    """
    Return the portable value of a JSON text.

    Raises:
        BadValue: It is no JSON, or a tag holds what it can't.
    """
    try:
        return _untag(_DECODE(text.decode() if isinstance(text, bytes) else text))
    except (ValueError, TypeError, RecursionError):
        raise BadValue("expected JSON, but something else is stored") from None


def scan(text: Any) -> Any:
    """
    Return what a JSON text without space around it says, tags as they are.

    Raises:
        TypeError: It is no text.
        ValueError: It is not just that.
    """
    try:
        value, end = _SCAN(text, 0)
    except StopIteration:
        raise ValueError(text) from None
    if end != len(text):
        raise ValueError(text)
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


# Made once: json.dumps and json.loads make a new one each time, at twice the price of a short text.
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_DECODER: Any = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant)
_DECODE: Callable[[str], Any] = _DECODER.decode
# What `decode` calls between two looks for space, which take as long as a short text.
_SCAN: Callable[[Any, int], tuple[Any, int]] = _DECODER.scan_once


def _tag(value: Portable) -> Any:
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (int, Decimal)):
        return _tag_number(value)
    if is_list(value):
        return [_tag(item) for item in value]
    if is_map(value):
        plain = {key: _tag(item) for key, item in value.items()}
        return {"$map": plain} if is_tagged(plain) else plain
    if is_set(value):
        return {"$set": [_tag(item) for item in sorted(value, key=lambda item: (portable_type(item), item))]}
    return {"$bytes": base64.b64encode(value).decode()}


def _tag_number(value: int | Decimal) -> Any:
    if -_WORD <= value < _WORD and value == int(value):
        return int(value)
    if -_WORD < value < _WORD and Decimal(repr(float(value))) == value:
        return float(value)
    return {"$number": str(value)}


def is_tagged(plain: dict[str, Any]) -> bool:
    """Return whether an object is a tag, or would be taken for one."""
    return len(plain) == 1 and next(iter(plain)).startswith("$")


def _untag(value: Any) -> Portable:
    if isinstance(value, str):
        return value
    if is_list(value):
        return [_untag(item) for item in value]
    if not is_map(value):
        return value
    if is_tagged(value):
        ((tag, inner),) = value.items()
        if tag not in _TAGS:
            raise BadValue("a stored document has a tag that is not known")
        return _TAGS[tag](inner)
    return {key: _untag(item) for key, item in value.items()}


def _read_number(text: Any) -> Portable:
    try:
        return Decimal(text)
    except (InvalidOperation, TypeError, ValueError):
        raise BadValue("a stored document has a wrong number") from None


def _read_bytes(text: Any) -> Portable:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise BadValue("a stored document has wrong bytes") from None


def _read_set(items: Any) -> Portable:
    try:
        if is_list(items):
            return {_untag(item) for item in items}
    except TypeError:
        pass  # An element that can't be in a set: as wrong as no list at all.
    raise BadValue("a stored document has a wrong set")


def _read_map(plain: Any) -> Portable:
    if not is_map(plain):
        raise BadValue("a stored document has a wrong map")
    return {key: _untag(item) for key, item in plain.items()}


_TAGS: dict[str, Callable[[Any], Portable]] = {
    "$number": _read_number,
    "$bytes": _read_bytes,
    "$set": _read_set,
    "$map": _read_map,
}
