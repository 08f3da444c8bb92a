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
from holdall._model.kinds import portable_type

from .columns import INTEGER, ColumnType
from .comparisons import Term, compared
from .documents import dump

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdall._model.kinds import Portable
    from holdall.drivers import Leaf, SortRange, Test

    from .flavor import Flavor

Shape: TypeAlias = tuple[Any, ...]
Target: TypeAlias = str | tuple[str, str]

TRUE: Shape = ("true",)
FALSE: Shape = ("false",)


class Lowering:
    """
    Turns conditions on one table into shapes.

    Attributes:
        values: Gathers what is bound.
        widened: What the database can't test was left out: what a shape finds has to be tested once more.
    """

    def __init__(self, columns: Mapping[str, ColumnType], flavor: Flavor, values: list[Any]) -> None:
        self._columns = columns
        self._flavor = flavor
        self.values = values
        self.widened = False

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
        return self._placed(name, compared(self._columns[name], "=", (operand,)))

    def sort_range(self, name: str, asked: SortRange) -> Shape:
        """Return the shape of what a query asks of the sort key."""
        return self._placed(name, compared(self._columns[name], asked.op, asked.portable))

    def _leaf(self, leaf: Leaf) -> Shape:
        name = str(leaf.path[0])
        column = self._columns[name]
        if len(leaf.path) == 1 and leaf.op in ("is_null", "is_set"):
            return ("null" if leaf.op == "is_null" else "set", name)
        if column.portable is None or len(leaf.path) > 1 or len(leaf.portable) > self._flavor.max_operands:
            return self._document(leaf, column)
        if leaf.size:
            # Only lists, sets, dicts and bytes have a size, and of them only bytes have a column of their own.
            return self._scalar(("octets", name), INTEGER, leaf) if column.portable == "bytes" else FALSE
        return self._scalar(name, column, leaf)

    def _document(self, leaf: Leaf, column: ColumnType) -> Shape:
        name = str(leaf.path[0])
        if self._flavor.documents:
            self.values.append(document_of(leaf, column))
            return ("document", name)
        # No shape has a NOT, so that what is true of more rows in a part is true of more rows in the whole.
        self.widened = True
        return TRUE if leaf.op == "is_null" else ("set", name)

    def _scalar(self, target: Target, column: ColumnType, leaf: Leaf) -> Shape:
        if leaf.op in ("in", "not_in"):
            return self._members(target, column, leaf)
        if leaf.op in ("contains", "not_contains"):
            return self._contains(target, column, leaf)
        return self._placed(target, compared(column, leaf.op, leaf.portable))

    def _placed(self, target: Target, term: Term) -> Shape:
        """Name the column of a term, and take out its values."""
        op, *rest = term
        if op in ("and", "or"):
            return (op, *(self._placed(target, part) for part in rest))
        if op == "set":
            return _set(target)
        self.values += rest
        return (op, target) if rest else FALSE

    def _members(self, target: Target, column: ColumnType, leaf: Leaf) -> Shape:
        if not leaf.portable:
            # No operand says of which type the field has to be, so its declared types do.
            return _set(target) if leaf.op == "not_in" and column.portable in leaf.operand_kind.types else FALSE
        same = [operand for operand in leaf.portable if portable_type(operand) == column.portable]
        exact = [bounds.low for bounds in map(column.bounds, same) if bounds.exact]
        if not exact:
            return _set(target) if leaf.op == "not_in" and same else FALSE
        # A power of two of them, so that there are few shapes; one that is there twice changes nothing.
        exact += exact[-1:] * ((1 << (len(exact) - 1).bit_length()) - len(exact))
        self.values += exact
        return (leaf.op.replace("_", " "), target, len(exact))

    def _contains(self, target: Target, column: ColumnType, leaf: Leaf) -> Shape:
        part = leaf.portable[0]
        if column.portable != "str" or not isinstance(part, str):
            return FALSE
        if part == "":
            return _set(target) if leaf.op == "contains" else FALSE
        self.values.append(column.store(part))
        return (leaf.op.replace("_", " "), target)


def _set(target: Target) -> Shape:
    return ("set", target if isinstance(target, str) else target[1])


def document_of(leaf: Leaf, column: ColumnType) -> str:
    """Return a comparison as a document, for the database to hand back together with a stored value."""
    types = sorted(leaf.operand_kind.types)
    return dump([column.name, list(leaf.path[1:]), leaf.op, list(leaf.portable), leaf.size, types])
