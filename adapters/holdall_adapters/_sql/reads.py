"""Reading: by key, and one page of a range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall import drivers

from .conditions import TRUE, Lowering, Shape
from .statements import ReadShape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdall._model.schema import Field
    from holdall.drivers import Item, KeyValue, Read

    from .session import Row, Session
    from .tables import MappedTable

PAGE = 1000
"""Rows that a page holds at most, so that a long result takes little memory."""


async def fetch(session: Session, table: MappedTable, key: KeyValue) -> Item | None:
    """Return the item of a key."""
    names = table.statements.names
    rows = await session.rows(table.statements.get(names, 1), table.key_values(key))
    return table.item(names, rows[0]) if rows else None


async def get(
    session: Session, table: MappedTable, keys: Sequence[KeyValue], fields: tuple[Field, ...] | None
) -> drivers.Got:
    """Return the items of some keys."""
    names = _selected(table, fields, table.key)
    # A power of two of keys, so that there are few statements.
    padded = [*keys, *[keys[-1]] * ((1 << (len(keys) - 1).bit_length()) - len(keys))]
    values = [value for key in padded for value in table.key_values(key)]
    rows = await session.rows(table.statements.get(names, len(padded)), values)
    places = [names.index(name) for name in table.key]
    found = {tuple(row[place] for place in places): table.item(names, row) for row in rows}
    return drivers.Got([found.get(tuple(table.key_values(key))) for key in keys])


def _selected(table: MappedTable, fields: tuple[Field, ...] | None, needed: tuple[str, ...]) -> tuple[str, ...]:
    if fields is None:
        return table.statements.names
    return tuple(dict.fromkeys((*needed, *(field.stored for field in fields))))


async def read(session: Session, table: MappedTable, asked: Read) -> drivers.PageOfItems:
    """Return one page of a range."""
    if asked.count_only and asked.limit is None:
        return await _count(session, table, asked)
    limit = PAGE if asked.limit is None else min(asked.limit, PAGE)
    # Where nobody limits how many rows are examined, the database may skip those that don't pass by itself.
    flagged = asked.filter is not None and asked.limit is not None
    shape, values = _shape(table, asked, flagged=flagged)
    rows = await session.rows(table.statements.page(shape), [*values, limit + 1])
    return _page(table, asked, shape, rows, limit)


def _page(
    table: MappedTable, asked: Read, shape: ReadShape, rows: Sequence[Row], limit: int
) -> drivers.PageOfItems:
    more, rows = len(rows) > limit, rows[:limit]
    names = shape.columns
    items = [table.item(names, row) for row in rows if shape.flag is None or row[-1]]
    after = table.position(asked.index, table.item(names, rows[-1])) if more else None
    return drivers.PageOfItems([] if asked.count_only else items, len(items), len(rows), after)


async def _count(session: Session, table: MappedTable, asked: Read) -> drivers.PageOfItems:
    shape, values = _shape(table, asked, flagged=asked.filter is not None)
    ((examined, passing),) = await session.rows(table.statements.count(shape), values)
    return drivers.PageOfItems([], passing, examined, None)


def _shape(table: MappedTable, asked: Read, *, flagged: bool) -> tuple[ReadShape, list[Any]]:
    order = table.order(asked.index)
    values: list[Any] = []
    lowering = Lowering(table.columns, table.statements.flavor.max_operands, values)
    within = _within(lowering, asked)
    if asked.after is not None:
        values += table.behind(asked.index, asked.after)
    test = None if asked.filter is None else lowering.test(asked.filter)
    columns = order if asked.count_only else _selected(table, asked.fields, order)
    shape = ReadShape(columns, order, within, asked.after is not None, asked.descending,
                      None if flagged else test, test if flagged else None)
    return shape, values


def _within(lowering: Lowering, asked: Read) -> Shape:
    parts: list[Shape] = []
    if asked.partition is not None:
        parts.append(lowering.equals(asked.index.partition.stored, asked.partition.portable))
    if asked.sort is not None and asked.index.sort is not None:
        parts.append(lowering.sort_range(asked.index.sort.stored, asked.sort))
    return ("and", *parts) if parts else TRUE
