"""How many bytes an item counts, by the rules of the developer guide (item sizes and formats)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CONTAINER = 3


def item_size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the size of attributes: their names in UTF-8, and their values."""
    total = 0
    for name, stored in item.items():
        total += len(name) if name.isascii() else len(name.encode())
        for letter, content in stored.items():
            if letter == "S":
                total += len(content) if content.isascii() else len(content.encode())
            else:
                total += _SIZES[letter](content)
    return total


def value_size(stored: Mapping[str, Any]) -> int:
    """Return the size of one attribute value."""
    ((letter, content),) = stored.items()
    if letter == "S" and content.isascii():
        return len(content)
    return _SIZES[letter](content)


def _text(content: str) -> int:
    return len(content) if content.isascii() else len(content.encode())


def _number(content: str) -> int:
    mantissa = content.upper().partition("E")[0]
    digits = mantissa.lstrip("-+").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + content.startswith("-")


def _binary(content: bytes | str) -> int:
    return len(content) if isinstance(content, bytes) else len(content) * 3 // 4


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": _text,
    "N": _number,
    "B": _binary,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "L": lambda content: _CONTAINER + len(content) + sum(map(value_size, content)),
    "M": lambda content: _CONTAINER + len(content) + item_size(content),
    "SS": lambda content: sum(map(_text, content)),
    "NS": lambda content: sum(map(_number, content)),
    "BS": lambda content: sum(map(_binary, content)),
}
