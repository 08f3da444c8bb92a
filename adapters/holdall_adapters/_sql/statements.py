"""The statements of one table, compiled once for each shape, since building them costs more than running them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

import sqlalchemy as sa

from .clauses import Clauses, Places, place_number
from .conditions import TRUE
from .session import Prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from .columns import ColumnType
    from .conditions import Shape
    from .flavor import Arrays, Flavor

_CACHED = 500
"""Statements kept; a program has as many as it has query shapes."""

_ONE: sa.ColumnElement[int] = sa.literal_column("1", sa.Integer())
_ZERO: sa.ColumnElement[int] = sa.literal_column("0", sa.Integer())


class ReadShape(NamedTuple):
    """
    What makes a page's statement: `order` gives columns to order by, `within` the range, `filter` what is in WHERE,
    `flag` what comes back as a last column instead. Values are bound in the order within, position, filter or flag,
    limit.
    """

    columns: tuple[str, ...]
    order: tuple[str, ...]
    within: Shape
    after: bool
    descending: bool
    filter: Shape | None = None
    flag: Shape | None = None


class Statements:
    """See the module."""

    def __init__(
        self, table: sa.Table, columns: Mapping[str, ColumnType], key: tuple[str, ...], flavor: Flavor
    ) -> None:
        self._table = table
        self._key = key
        self._flavor = flavor
        self._cache: dict[Hashable, Prepared] = {}
        self.names = tuple(columns)

    @property
    def flavor(self) -> Flavor:
        return self._flavor

    def get(self, columns: tuple[str, ...], count: int) -> Prepared:
        """Return `SELECT columns` of `count` keys."""
        return self._cached(("get", columns, count), self._get, columns, count)

    def _get(self, columns: tuple[str, ...], count: int, clauses: Clauses, _: Places) -> sa.Select[Any]:
        keys = [clauses.key_is(self._key) for _ in range(count)]
        return sa.select(*self._columns(columns)).where(sa.or_(*keys))

    def locked(self) -> Prepared:
        """Return `SELECT` of all columns of a key's row, which nobody else may write until the transaction ends."""
        return self._cached("locked", self._locked)

    def _locked(self, clauses: Clauses, places: Places) -> sa.Executable:
        return self._get(self.names, 1, clauses, places).with_for_update()

    def put(self, count: int = 1) -> Prepared:
        """Return the statement that stores all columns of so many rows, new or not, in the order of `names`."""
        return self._cached(("put", count), self._put, count)

    def _put(self, count: int, _: Clauses, places: Places) -> sa.Executable:
        rows = [self._places_of(self.names, places) for _ in range(count)]
        return self._flavor.upsert(self._table, rows, self._key)

    def put_arrays(self, arrays: Arrays) -> Prepared:
        """Return the statement that stores any number of rows, given as an array for each of `names`."""
        return self._cached("put arrays", self._put_arrays, arrays, finished=arrays.finished)

    def _put_arrays(self, arrays: Arrays, _: Clauses, places: Places) -> sa.Executable:
        return arrays.upsert([self._table.c[name] for name in self.names], places.next, self._key)

    def insert(self) -> Prepared:
        """Return the statement that stores all columns of a new row."""
        return self._cached("insert", self._insert)

    def _insert(self, _: Clauses, places: Places) -> sa.Executable:
        return sa.insert(self._table).values(self._places_of(self.names, places))

    def update(self, names: tuple[str, ...], where: Shape = TRUE, returned: tuple[str, ...] = ()) -> Prepared:
        """
        Return the statement that gives those columns of a key's row new values, where a condition is true of it.

        The values are bound first, then the key, then what the condition needs.
        """
        return self._cached(("update", names, where, returned), self._update, names, where, returned)

    def _update(
        self, names: tuple[str, ...], where: Shape, returned: tuple[str, ...], clauses: Clauses, places: Places
    ) -> sa.Executable:
        change = sa.update(self._table).values(self._places_of(names, places))
        change = change.where(clauses.key_is(self._key), clauses.test(where))
        return change.returning(*self._columns(returned)) if returned else change

    def delete(self, count: int = 1, where: Shape = TRUE) -> Prepared:
        """Return the statement that removes the rows of so many keys, where a condition is true of them."""
        return self._cached(("delete", count, where), self._delete, count, where)

    def _delete(self, count: int, where: Shape, clauses: Clauses, _: Places) -> sa.Executable:
        keys = [clauses.key_is(self._key) for _ in range(count)]
        return sa.delete(self._table).where(sa.or_(*keys), clauses.test(where))

    def holders(self, unique: str, columns: tuple[str, ...]) -> Prepared:
        """Return `SELECT columns` of the rows with a value in a column, but for the row of one key."""
        return self._cached(("holders", unique, columns), self._holders, unique, columns)

    def _holders(self, unique: str, columns: tuple[str, ...], clauses: Clauses, _: Places) -> sa.Executable:
        found = sa.select(*self._columns(columns)).where(clauses.test(("=", unique)))
        return found.where(clauses.key_is_other(self._key))

    def page(self, shape: ReadShape) -> Prepared:
        """Return the statement of a page of a range."""
        return self._cached(shape, self._page, shape)

    def _page(self, shape: ReadShape, clauses: Clauses, places: Places) -> sa.Executable:
        where = self._within(shape, clauses)
        columns = self._columns(shape.columns)
        if shape.filter is not None:
            where.append(clauses.test(shape.filter))
        if shape.flag is not None:
            columns.append(sa.case((clauses.test(shape.flag), _ONE), else_=_ZERO))
        by = [self._flavor.ordered(self._table.c[name]) for name in shape.order]
        order = [column.desc() if shape.descending else column for column in by]
        return sa.select(*columns).where(*where).order_by(*order).limit(places.next(sa.Integer()))

    def count(self, shape: ReadShape) -> Prepared:
        """Return the statement that counts a range: all its rows, and those that pass `flag`."""
        return self._cached(("count", shape), self._count, shape)

    def _count(self, shape: ReadShape, clauses: Clauses, _: Places) -> sa.Executable:
        # The flag's values come after those of WHERE, although SQL has it in front: places are numbered, not counted.
        where = self._within(shape, clauses)
        passing = sa.func.count()
        if shape.flag is not None:
            passing = sa.func.count(sa.case((clauses.test(shape.flag), _ONE)))
        return sa.select(sa.func.count(), passing).select_from(self._table).where(*where)

    def _within(self, shape: ReadShape, clauses: Clauses) -> list[sa.ColumnElement[bool]]:
        where = [clauses.test(shape.within)]
        # A row without one of an index's keys is not in it.
        where += [self._table.c[name].is_not(None) for name in shape.order if name not in self._key]
        if shape.after:
            where.append(clauses.behind(shape.order, descending=shape.descending))
        return where

    def _columns(self, names: Sequence[str]) -> list[sa.ColumnElement[Any]]:
        return [self._flavor.selected(self._table.c[name]) for name in names]

    def _places_of(self, names: Sequence[str], places: Places) -> dict[str, Any]:
        return {name: places.next(self._table.c[name].type) for name in names}

    def _cached(
        self, shape: Hashable, build: Callable[..., sa.Executable], *parts: Any,
        finished: Callable[[str], str] | None = None,
    ) -> Prepared:
        prepared = self._cache.get(shape)
        if prepared is None:
            places = Places()
            prepared = compiled(build(*parts, Clauses(self._table, self._flavor, places), places), self._flavor)
            if finished is not None:
                prepared = prepared._replace(text=finished(prepared.text))
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            self._cache[shape] = prepared
        return prepared


def compiled(statement: sa.Executable, flavor: Flavor) -> Prepared:
    """Return a statement as text, with the places of its values."""
    built: Any = cast("sa.ClauseElement", statement).compile(dialect=flavor.dialect)
    # DDL binds nothing, and its compiler knows of no places.
    placed: Sequence[str] | None = getattr(built, "positiontup", ())
    names: Sequence[str] = tuple(built.params) if placed is None else placed
    order = tuple(place_number(name) for name in names)
    constants: tuple[Any, ...] = tuple(built.params[name] for name in names if place_number(name) is None)
    return Prepared(str(built), order, constants, tuple(names) if placed is None else None)
