"""Attribute values: what is legal, how large it counts, what it equals (developer guide: data types, limits)."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from .errors import refuse, refuse_value
from .shapes import as_mapping, as_sequence, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TYPES = ("S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL")
MAX_ITEM = 409_600
# 32 levels in all: the value at the bottom is one of them.
_MAX_NESTING = 31
_MAX_DIGITS = 38
_MAX_EXPONENT, _MIN_EXPONENT = 125, -130
_MAX_NAME = 65_535
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SET_NAMES = {"SS": "string", "NS": "number", "BS": "binary"}
Scalar = Decimal | bytes


def type_of(value: object) -> str:
    """
    Return the type of an attribute value, such as "S".

    Raises:
        RequestRefused: It has not exactly one of the types.
    """
    found = as_mapping(value, "an AttributeValue")
    if not found:
        refuse("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
    if len(found) > 1:
        refuse("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
               "datatypes")
    name = next(iter(found))
    if name not in TYPES:
        refuse(f"Supplied AttributeValue has the unknown datatype {name}")
    return name


def check_value(value: object, depth: int = 0) -> None:
    """
    Check an attribute value and all that it holds.

    Raises:
        RequestRefused: A number, set, NULL or text is not legal, or lists and maps are nested more than 31 deep.
    """
    kind = type_of(value)
    content = as_mapping(value, "an AttributeValue")[kind]
    if kind in _SET_NAMES:
        _check_set(kind, content)
    elif kind in ("M", "L"):
        _check_container(kind, content, depth + 1)
    else:
        _SCALAR_CHECKS[kind](content)


def check_attributes(item: Mapping[str, Any]) -> None:
    """
    Check all attributes of an item.

    Raises:
        RequestRefused: A name is empty or too long, or a value is not legal.
    """
    for name, value in item.items():
        _check_name(name)
        check_value(value)


def check_item_size(item: Mapping[str, Any], message: str) -> None:
    """
    Check that an item counts no more than 400 KB.

    Raises:
        RequestRefused: It counts more; the text is `message`.
    """
    if item_size(item) > MAX_ITEM:
        refuse_value(message)


def scalar(value: Mapping[str, Any]) -> Scalar:
    """Return what a legal S, N or B value is compared by: its UTF-8 bytes, its exact number, or its bytes."""
    kind = type_of(value)
    if kind == "N":
        return parse_number(value["N"])
    return utf8(value["S"]) if kind == "S" else _bytes(value["B"])


def parse_number(text: object) -> Decimal:
    """
    Return a number exactly.

    Raises:
        RequestRefused: It is no number, has more than 38 significant digits, or is out of range.
    """
    written = as_text(text, "a number")
    if not _NUMBER.fullmatch(written):
        refuse(f"The parameter cannot be converted to a numeric value: {written}")
    try:
        number = Decimal(written)
    except InvalidOperation:
        refuse("Number overflow or underflow: the exponent is far outside of the supported range")
    if number:
        _check_range(number)
    return number


def utf8(text: object) -> bytes:
    """
    Return the UTF-8 bytes of a text.

    Raises:
        RequestRefused: It is no text, or holds half of a surrogate pair.
    """
    try:
        return as_text(text, "an S value").encode()
    except UnicodeEncodeError:
        refuse("a string holds a lone surrogate, which has no UTF-8 form")


def item_size(item: Mapping[str, Any]) -> int:
    """Return how many bytes legal attributes count: the names in UTF-8, and the values."""
    return sum(len(utf8(name)) + value_size(value) for name, value in item.items())


def value_size(value: Mapping[str, Any]) -> int:
    """Return how many bytes a legal value counts: 3 for a list or map, 1 for each of its members, and the contents."""
    kind = type_of(value)
    content = value[kind]
    if kind in _SET_NAMES:
        return sum(value_size({kind[0]: member}) for member in content)
    if kind == "L":
        return 3 + sum(1 + value_size(member) for member in content)
    if kind == "M":
        return 3 + len(content) + item_size(content)
    return 1 if kind in ("NULL", "BOOL") else _scalar_size(kind, content)


def _scalar_size(kind: str, content: Any) -> int:
    if kind != "N":
        return len(utf8(content) if kind == "S" else _bytes(content))
    number = parse_number(content)
    digits = len(_significant(number)) if number else 0
    return (digits + 1) // 2 + 1 + (number < 0)


def _check_range(number: Decimal) -> None:
    if len(_significant(number)) > _MAX_DIGITS:
        refuse("DynamoDB only supports precision up to 38 digits")
    if number.adjusted() > _MAX_EXPONENT:
        refuse("Number overflow. Attempting to store a number with magnitude larger than supported range")
    if number.adjusted() < _MIN_EXPONENT:
        refuse("Number underflow. Attempting to store a number with magnitude smaller than supported range")


def _significant(number: Decimal) -> str:
    return "".join(map(str, number.as_tuple().digits)).strip("0")


def _bytes(content: object) -> bytes:
    if not isinstance(content, (bytes, bytearray)):
        refuse(f"a B value must be bytes, not {type(content).__name__}")
    return bytes(content)


def _check_boolean(content: object) -> None:
    if not isinstance(content, bool):
        refuse(f"a BOOL value must be a boolean, not {type(content).__name__}")


def _check_null(content: object) -> None:
    if content is not True:
        refuse_value("Null attribute value types must have the value of true")


def _check_set(kind: str, content: object) -> None:
    members = as_sequence(content, f"a {kind} value")
    if not members:
        refuse_value(f"An {_SET_NAMES[kind]} set  may not be empty")
    for member in members:
        _SCALAR_CHECKS[kind[0]](member)
    if len({scalar({kind[0]: member}) for member in members}) < len(members):
        refuse_value(f"Input collection {members} contains duplicates.")


def _check_container(kind: str, content: object, depth: int) -> None:
    if depth > _MAX_NESTING:
        refuse(
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported "
            "limit"
        )
    if kind == "L":
        members = list(as_sequence(content, "an L value"))
    else:
        attributes = as_mapping(content, "an M value")
        members = list(attributes.values())
        for name in attributes:
            _check_name(name)
    for member in members:
        check_value(member, depth)


def _check_name(name: str) -> None:
    if not 1 <= len(utf8(name)) <= _MAX_NAME:
        refuse_value("an attribute name must have between 1 and 65535 bytes")


_SCALAR_CHECKS: dict[str, Callable[[object], object]] = {
    "S": utf8,
    "N": parse_number,
    "B": _bytes,
    "NULL": _check_null,
    "BOOL": _check_boolean,
}
