"""
Comparisons with operands that the column may not be able to hold: `a < 1.5` of whole numbers is `a <= 1`. Pure.

A term says of a column what is compared with it: (operator, stored value), ("set",), ("false",), or terms under
"and" and "or".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from holdall._model.kinds import Portable, portable_type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .columns import ColumnType

Term: TypeAlias = tuple[Any, ...]
SET: Term = ("set",)
NEVER: Term = ("false",)
_MAX_CODE_POINT = 0x10FFFF


def compared(column: ColumnType, op: str, operands: Sequence[Portable]) -> Term:
    """Return the term of one comparison; it is false where an operand is of another type than the column."""
    if any(portable_type(operand) != column.portable for operand in operands):
        return NEVER
    return _TERMS[op](column, *operands)


def after_prefix(prefix: str | bytes) -> str | bytes | None:
    """Return the least value behind all that begin with a prefix; None where nothing lies behind them."""
    return _after_bytes(prefix) if isinstance(prefix, bytes) else _after_text(prefix)


def _after_bytes(prefix: bytes) -> bytes | None:
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else None


def _after_text(prefix: str) -> str | None:
    stem = prefix.rstrip(chr(_MAX_CODE_POINT))
    if not stem:
        return None
    code = ord(stem[-1]) + 1
    # Surrogates are no characters, and UTF-8 has no bytes for them.
    return stem[:-1] + chr(0xE000 if code == 0xD800 else code)


def _equal(column: ColumnType, operand: Portable) -> Term:
    bounds = column.bounds(operand)
    return ("=", bounds.low) if bounds.exact else NEVER


def _unequal(column: ColumnType, operand: Portable) -> Term:
    bounds = column.bounds(operand)
    return ("!=", bounds.low) if bounds.exact else SET


def _less(column: ColumnType, operand: Portable) -> Term:
    bounds = column.bounds(operand)
    return ("<", bounds.low) if bounds.exact else _at_most(column, operand)


def _at_most(column: ColumnType, operand: Portable) -> Term:
    low = column.bounds(operand).low
    return NEVER if low is None else ("<=", low)


def _more(column: ColumnType, operand: Portable) -> Term:
    bounds = column.bounds(operand)
    return (">", bounds.high) if bounds.exact else _at_least(column, operand)


def _at_least(column: ColumnType, operand: Portable) -> Term:
    high = column.bounds(operand).high
    return NEVER if high is None else (">=", high)


def _between(column: ColumnType, low: Portable, high: Portable) -> Term:
    return ("and", _at_least(column, low), _at_most(column, high))


def _not_between(column: ColumnType, low: Portable, high: Portable) -> Term:
    return ("or", _less(column, low), _more(column, high))


def _startswith(column: ColumnType, prefix: Portable) -> Term:
    after = after_prefix(prefix)
    at_least = (">=", column.store(prefix))
    return at_least if after is None else ("and", at_least, ("<", column.store(after)))


def _not_startswith(column: ColumnType, prefix: Portable) -> Term:
    after = after_prefix(prefix)
    less = ("<", column.store(prefix))
    return less if after is None else ("or", less, (">=", column.store(after)))


_TERMS: dict[str, Callable[..., Term]] = {
    "=": _equal,
    "!=": _unequal,
    "<": _less,
    "<=": _at_most,
    ">": _more,
    ">=": _at_least,
    "between": _between,
    "not_between": _not_between,
    "startswith": _startswith,
    "not_startswith": _not_startswith,
}
