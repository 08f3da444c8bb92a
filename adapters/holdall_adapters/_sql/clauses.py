"""From the shape of a condition to SQLAlchemy's expression of it."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .conditions import Shape, Target
    from .flavor import Flavor


class Places:
    """Numbers the places for bound values, in the order in which they are asked for."""

    def __init__(self) -> None:
        self._count = 0

    def next(self, sql_type: sa.types.TypeEngine[Any] | None = None) -> sa.BindParameter[Any]:
        """Return the next place."""
        # A prefix that SQLAlchemy doesn't take for a column's own parameter in INSERT and UPDATE.
        name = "holdall_" + str(self._count)
        self._count += 1
        return sa.bindparam(name, type_=sql_type)


def place_number(name: str) -> int | None:
    """Return which value belongs to a place of that name; None for a place that SQLAlchemy fills itself."""
    prefix, _, number = name.rpartition("_")
    return int(number) if prefix == "holdall" else None


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _behind(pairs: Sequence[tuple[Any, Any]], further: Callable[[Any, Any], Any]) -> sa.ColumnElement[bool]:
    """Return the test of a position column by column, of which an index serves the first part."""
    (column, place), *rest = pairs
    if not rest:
        return further(column, place)  # type: ignore[no-any-return]
    at_least = sa.or_(further(column, place), column == place)
    return sa.and_(at_least, sa.or_(further(column, place), _behind(rest, further)))


class Clauses:
    """Makes the expressions of one statement."""

    def __init__(self, table: sa.Table, flavor: Flavor, places: Places) -> None:
        self._table = table
        self._flavor = flavor
        self._places = places

    def test(self, shape: Shape) -> sa.ColumnElement[bool]:
        """Return the expression of a shape."""
        op = shape[0]
        if op in ("true", "false"):
            return sa.true() if op == "true" else sa.false()
        if op in ("and", "or"):
            parts = [self.test(part) for part in shape[1:]]
            return sa.and_(*parts) if op == "and" else sa.or_(*parts)
        return self._leaf(op, self._target(shape[1]), shape)

    def _leaf(self, op: str, target: sa.ColumnElement[Any], shape: Shape) -> sa.ColumnElement[bool]:
        if op in ("null", "set"):
            return target.is_(None) if op == "null" else target.is_not(None)
        if op == "document":
            return self._flavor.document_test(target, self._places.next(sa.Text()))
        if op in ("in", "not in"):
            listed = [self._places.next(target.type) for _ in range(shape[2])]
            return target.in_(listed) if op == "in" else target.not_in(listed)
        place = self._places.next(target.type)
        if op == "contains":
            return self._flavor.contains(target, place)
        if op == "not contains":
            return sa.not_(self._flavor.contains(target, place))
        if op in ("<", "<=", ">", ">="):
            target = self._flavor.ordered(target)
        return _OPERATORS[op](target, place)  # type: ignore[no-any-return]

    def _target(self, target: Target) -> sa.ColumnElement[Any]:
        return self._table.c[target] if isinstance(target, str) else self._flavor.octets(self._table.c[target[1]])

    def behind(self, names: Sequence[str], *, descending: bool) -> sa.ColumnElement[bool]:
        """Return the test that a row lies behind a position, in the order of those columns."""
        places = [self._places.next(self._table.c[name].type) for name in names]
        columns = [self._flavor.ordered(self._table.c[name]) for name in names]
        further = operator.lt if descending else operator.gt
        if len(columns) > 1 and self._flavor.row_values:
            return further(sa.tuple_(*columns), sa.tuple_(*places))  # type: ignore[no-any-return]
        return _behind(list(zip(columns, places, strict=True)), further)

    def key_is(self, names: Sequence[str]) -> sa.ColumnElement[bool]:
        """Return the test that a row has a key."""
        return sa.and_(*[self._table.c[name] == self._places.next(self._table.c[name].type) for name in names])

    def key_is_other(self, names: Sequence[str]) -> sa.ColumnElement[bool]:
        """Return the test that a row has another key."""
        return sa.or_(*[self._table.c[name] != self._places.next(self._table.c[name].type) for name in names])
