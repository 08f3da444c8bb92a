"""
From a condition to what SQL compares, by the meaning that `holdall._engine.evaluate` gives it. Pure.

A condition becomes a shape, which says which statement is needed, and the values bound to it, in the order in which
they stand in the shape. SQL's NULL takes the place of false: a shape has no NOT, so the two never differ.

Shapes:

    ("true",) ("false",)
    ("and", shape, ...)  ("or", shape, ...)
    ("null", column)  ("set", column)
    (operator, column)             one of = != < <= > >=, with one value
    (operator, ("octets", column)) the same of a blob's length
    ("in", column, n)  ("not in", column, n)
    ("contains", column)  ("not contains", column)
    ("document", column)           a condition that the database hands back to us; its value is the condition
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from holdall import drivers
from holdall._model.kinds import Portable, portable_type

from .columns import INTEGER, ColumnType
from .documents import dump

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from holdall.drivers import Leaf, SortRange, Test

Shape: TypeAlias = tuple[Any, ...]

TRUE: Shape = ("true",)
FALSE: Shape = ("false",)
_MAX_CODE_POINT = 0x10FFFF


class Lowering:
    """Turns conditions on one table into shapes. `values` gathers what is bound."""

    def __init__(self, columns: Mapping[str, ColumnType], max_operands: int, values: list[Any]) -> None:
        self._columns = columns
        self._max_operands = max_operands
        self.values = values

    def test(self, test: Test) -> Shape:
        """Return the shape of a condition."""
        if isinstance(test, drivers.Exists):
            return TRUE if test.present else FALSE
        if isinstance(test, drivers.All):
            return ("and", *(self.test(part) for part in test.parts)) if test.parts else TRUE
        if isinstance(test, drivers.AnyOf):
            return ("or", *(self.test(part) for part in test.parts)) if test.parts else FALSE
        return self._leaf(test)

    def equals(self, name: str, operand: Portable) -> Shape:
        """Return the shape of "the column has that value"."""
        return self._comparison(name, self._columns[name], "=", (operand,))

    def sort_range(self, name: str, asked: SortRange) -> Shape:
        """Return the shape of what a query asks of the sort key."""
        return self._comparison(name, self._columns[name], asked.op, asked.portable)

    def _leaf(self, leaf: Leaf) -> Shape:
        name = str(leaf.path[0])
        column = self._columns[name]
        if len(leaf.path) == 1 and leaf.op in ("is_null", "is_set"):
            return ("null" if leaf.op == "is_null" else "set", name)
        if column.portable is None or len(leaf.path) > 1 or len(leaf.portable) > self._max_operands:
            self.values.append(document_of(leaf, column))
            return ("document", name)
        if leaf.size:
            # Only lists, sets, dicts and bytes have a size, and of them only bytes have a column of their own.
            return self._scalar(("octets", name), INTEGER, leaf) if column.portable == "bytes" else FALSE
        return self._scalar(name, column, leaf)

    def _scalar(self, target: Any, column: ColumnType, leaf: Leaf) -> Shape:
        same = [operand for operand in leaf.portable if portable_type(operand) == column.portable]
        if leaf.op in ("in", "not_in"):
            return self._members(target, column, leaf, same)
        if leaf.op in ("contains", "not_contains"):
            return self._contains(target, column, leaf)
        return self._comparison(target, column, leaf.op, leaf.portable) if len(same) == len(leaf.portable) else FALSE

    def _members(self, target: Any, column: ColumnType, leaf: Leaf, same: Sequence[Portable]) -> Shape:
        if not same:
            typed = column.portable in leaf.operand_kind.types
            return _set(target) if leaf.op == "not_in" and not leaf.portable and typed else FALSE
        exact = [bounds.low for bounds in map(column.bounds, same) if bounds.exact]
        if not exact:
            return FALSE if leaf.op == "in" else _set(target)
        # A power of two of them, so that there are few shapes; one that is there twice changes nothing.
        exact += exact[-1:] * ((1 << (len(exact) - 1).bit_length()) - len(exact))
        self.values += exact
        return (leaf.op.replace("_", " "), target, len(exact))

    def _contains(self, target: Any, column: ColumnType, leaf: Leaf) -> Shape:
        if column.portable != "str" or not isinstance(leaf.portable[0], str):
            return FALSE
        if leaf.portable[0] == "":
            return _set(target) if leaf.op == "contains" else FALSE
        self.values.append(column.store(leaf.portable[0]))
        return (leaf.op.replace("_", " "), target)

    def _comparison(self, target: Any, column: ColumnType, op: str, operands: Sequence[Portable]) -> Shape:
        if any(portable_type(operand) != column.portable for operand in operands):
            return FALSE
        return _COMPARISONS[op](self, target, column, operands)

    def _one(self, op: str, target: Any, value: Any) -> Shape:
        self.values.append(value)
        return (op, target)

    def _equal(self, target: Any, column: ColumnType, operands: Sequence[Portable]) -> Shape:
        bounds = column.bounds(operands[0])
        return self._one("=", target, bounds.low) if bounds.exact else FALSE

    def _unequal(self, target: Any, column: ColumnType, operands: Sequence[Portable]) -> Shape:
        bounds = column.bounds(operands[0])
        return self._one("!=", target, bounds.low) if bounds.exact else _set(target)

    def _less(self, target: Any, column: ColumnType, operands: Sequence[Portable]) -> Shape:
        bounds = column.bounds(operands[0])
        if not bounds.exact:
            return self._at_most(target, column, operands)
        return self._one("<", target, bounds.low)

    def _more(self, target: Any, column: ColumnType, operands: Sequence[Portable]) -> Shape:
        bounds = column.bounds(operands[0])
        if not bounds.exact:
            return self._at_least(target, column, operands)
        return self._one(">", target, bounds.high)

    def _at_most(self, target: Any, column: ColumnType, operands: Sequence[Portable]) -> Shape:
        low = column.bounds(operands[0]).low
        return FALSE if low is None else self._one("<=", target, low)

    def _at_least(self, target: Any, column: ColumnType, operands: Sequence[Portable]) -> Shape:
        high = column.bounds(operands[0]).high
        return FALSE if high is None else self._one(">=", target, high)

    def _between(self, target: Any, column: ColumnType, operands: Sequence[Portable]) -> Shape:
        return ("and", self._at_least(target, column, operands[:1]), self._at_most(target, column, operands[1:]))

    def _not_between(self, target: Any, column: ColumnType, operands: Sequence[Portable]) -> Shape:
        return ("or", self._less(target, column, operands[:1]), self._more(target, column, operands[1:]))

    def _startswith(self, target: Any, column: ColumnType, operands: Sequence[Portable]) -> Shape:
        low, high = operands[0], after_prefix(operands[0])
        at_least = self._one(">=", target, column.store(low))
        return at_least if high is None else ("and", at_least, self._one("<", target, column.store(high)))

    def _not_startswith(self, target: Any, column: ColumnType, operands: Sequence[Portable]) -> Shape:
        low, high = operands[0], after_prefix(operands[0])
        less = self._one("<", target, column.store(low))
        return less if high is None else ("or", less, self._one(">=", target, column.store(high)))


_COMPARISONS: dict[str, Callable[[Lowering, Any, ColumnType, Sequence[Portable]], Shape]] = {
    "=": Lowering._equal,
    "!=": Lowering._unequal,
    "<": Lowering._less,
    "<=": Lowering._at_most,
    ">": Lowering._more,
    ">=": Lowering._at_least,
    "between": Lowering._between,
    "not_between": Lowering._not_between,
    "startswith": Lowering._startswith,
    "not_startswith": Lowering._not_startswith,
}


def _set(target: Any) -> Shape:
    return ("set", target[1] if isinstance(target, tuple) else target)


def after_prefix(prefix: str | bytes) -> Any:
    """Return the least value behind all that begin with a prefix; None where nothing lies behind them."""
    if isinstance(prefix, bytes):
        stem = prefix.rstrip(b"\xff")
        return stem[:-1] + bytes([stem[-1] + 1]) if stem else None
    stem = prefix.rstrip(chr(_MAX_CODE_POINT))
    if not stem:
        return None
    code = ord(stem[-1]) + 1
    # Surrogates are no characters, and UTF-8 has no bytes for them.
    return stem[:-1] + chr(0xE000 if code == 0xD800 else code)


def document_of(leaf: Leaf, column: ColumnType) -> str:
    """Return a comparison as a document, for the database to hand back together with a stored value."""
    return dump([column.name, list(leaf.path[1:]), leaf.op, list(leaf.portable), leaf.size,
                 sorted(leaf.operand_kind.types)])
