"""Attribute values such as `{"S": "text"}`: made from the portable form, and read back."""

from __future__ import annotations

import binascii
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from holdall._engine.limits import check_number
from holdall._model.kinds import BadValue, Portable, portable_type
from holdall.drivers import Capabilities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Wire = dict[str, Any]

_EXACT = Context(prec=5000, Emax=10**6, Emin=-(10**6))
_LIMITS = Capabilities("dynamodb")
_LONG = 38
_GREATEST = 10**126
NULL: Wire = {"NULL": True}


def number_text(value: int | Decimal) -> str:
    """
    Return a number as text, exactly, without exponent, as DynamoDB itself writes it: emulators compare keys as texts.

    Raises:
        BadValue: It has more digits than DynamoDB keeps, or is too large or too small.
    """
    if not value:
        return "0"
    if value.__class__ is int and not -_GREATEST < value < _GREATEST:
        raise BadValue("the number's magnitude is outside 1E-130 to 1E+125")
    text = str(value)
    if len(text) <= _LONG and "E" not in text:
        return text
    check_number(value, _LIMITS)
    return format(_EXACT.normalize(Decimal(value)), "f")


def number(text: str) -> int | Decimal:
    """Return the number that a text means: an int where it is whole."""
    try:
        return int(text)
    except ValueError:
        value = Decimal(text)
    return int(value) if value == value.to_integral_value(context=_EXACT) else value


def binary(content: bytes | str) -> bytes:
    """Return bytes, which a transport may give as base64 text."""
    return binascii.a2b_base64(content) if isinstance(content, str) else bytes(content)


def checked_text(text: str) -> str:
    """
    Return a text that UTF-8 can hold.

    Raises:
        BadValue: It has half of a surrogate pair.
    """
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise BadValue("the string has a lone surrogate, which no store can hold as UTF-8") from None
    return text


def checked_name(name: Any) -> str:
    """
    Return the name of an attribute inside a map.

    Raises:
        BadValue: It is no str, is empty, or can't be UTF-8.
    """
    if not isinstance(name, str):
        raise BadValue(f"the keys of a dict must be str, got a value of type {type(name).__name__}")
    if not name:
        raise BadValue("a key of a dict is empty, which DynamoDB takes as no name")
    return checked_text(name)


def set_letter(members: Iterable[Portable]) -> str:
    """
    Return the letters of the set type that holds these members.

    Raises:
        BadValue: They are of several types, or there are none.
    """
    found = {_SET_LETTERS.get(portable_type(member)) for member in members}
    letter = found.pop() if len(found) == 1 else None
    if letter is None:
        raise BadValue("a set holds strings only, numbers only or bytes only, and inside an untyped value it can't be "
                       "empty")
    return letter


_SET_LETTERS: dict[str, str] = {"str": "SS", "number": "NS", "bytes": "BS"}


def to_wire(value: Portable) -> Wire:
    """
    Return the attribute value of a portable value.

    Raises:
        BadValue: A set inside is empty or mixed, or a dict's key is no name.
    """
    return _TO_WIRE[portable_type(value)](value)


def _set_to_wire(value: Any) -> Wire:
    letter = set_letter(value)
    if letter == "NS":
        return {"NS": [number_text(member) for member in sorted(value)]}
    return {letter: sorted(value)}


_TO_WIRE: dict[str, Callable[[Any], Wire]] = {
    "str": lambda value: {"S": checked_text(value)},
    "number": lambda value: {"N": number_text(value)},
    "bytes": lambda value: {"B": value},
    "bool": lambda value: {"BOOL": value},
    "null": lambda _: {"NULL": True},
    "list": lambda value: {"L": [to_wire(item) for item in value]},
    "map": lambda value: {"M": {checked_name(name): to_wire(item) for name, item in value.items()}},
    "set": _set_to_wire,
}


def from_wire(stored: Mapping[str, Any]) -> Portable:
    """Return the portable value of an attribute value."""
    ((letter, content),) = stored.items()
    return _FROM_WIRE[letter](content)


_FROM_WIRE: dict[str, Callable[[Any], Portable]] = {
    "S": lambda content: content,
    "N": number,
    "B": binary,
    "BOOL": lambda content: content,
    "NULL": lambda _: None,
    "L": lambda content: [from_wire(item) for item in content],
    "M": lambda content: {name: from_wire(item) for name, item in content.items()},
    "SS": set,
    "NS": lambda content: {number(member) for member in content},
    "BS": lambda content: {binary(member) for member in content},
}


def at(item: Mapping[str, Any] | None, path: tuple[str | int, ...]) -> Mapping[str, Any] | None:
    """Return the attribute value at a path of an item, None where there is none."""
    here: Any = {"M": item or {}}
    for step in path:
        if isinstance(step, int):
            inside = here.get("L", ())
            here = inside[step] if 0 <= step < len(inside) else None
        else:
            here = here.get("M", {}).get(step)
        if here is None:
            return None
    return here  # type: ignore[no-any-return]  # the parts of an attribute value have no narrower type


def is_null(stored: Mapping[str, Any] | None) -> bool:
    """Return whether an attribute value is there and means null."""
    return stored is not None and "NULL" in stored
