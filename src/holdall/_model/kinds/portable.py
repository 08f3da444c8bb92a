"""
The portable form: the closed set of values on which every store agrees.

None, bool, int and Decimal, str, bytes, list, dict with str keys, and set.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, TypeAlias, TypeGuard

Portable: TypeAlias = Any
"""A value of the closed set above. The checker can't say so of nested values, so the alias is for readers."""

PortableType = Literal["str", "number", "bytes", "bool", "list", "map", "set", "null"]


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


def is_number(value: object) -> TypeGuard[int | Decimal]:
    """Return whether a portable value is a number (a bool is not)."""
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Return whether a portable value is a list."""
    return isinstance(value, list)


def is_map(value: object) -> TypeGuard[dict[str, Any]]:
    """Return whether a portable value is a dict."""
    return isinstance(value, dict)


def is_set(value: object) -> TypeGuard[set[Any] | frozenset[Any]]:
    """Return whether a portable value is a set."""
    return isinstance(value, (set, frozenset))


def significant_digits(value: int | Decimal) -> int:
    """Return how many digits a number has between its first and its last non-zero digit; 0 for zero."""
    if isinstance(value, int):
        return len(str(abs(value)).rstrip("0"))
    return len("".join(map(str, value.as_tuple().digits)).strip("0"))
