"""Reading: by key, and one page of a range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from holdall import drivers
from holdall._engine.evaluate import evaluate
from holdall._engine.planner import leaves_of
from holdall.errors import TooLarge

from .conditions import TRUE, Lowering
from .statements import ReadShape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdall._model.schema import Field
    from holdall.drivers import Item, KeyValue, Read, Test

    from .conditions import Shape
    from .session import Row, Session
    from .tables import MappedTable

_SMALLER = 8
PAGE = 1000
"""Rows that a page holds at most, so that a long result takes little memory."""


async def fetch(session: Session, table: MappedTable, key: KeyValue) -> Item | None:
    """Return the item of a key, which nobody else may write until the transaction ends."""
    rows = await session.rows(table.statements.locked(), table.key_values(key))
    return table.item(table.statements.names, rows[0]) if rows else None


async def get(
    session: Session, table: MappedTable, keys: Sequence[KeyValue], fields: tuple[Field, ...] | None
) -> drivers.Got:
    """Return the items of some keys."""
    try:
        return await _get(session, table, keys, fields)
    except TooLarge:
        if len(keys) == 1:
            raise
    half = len(keys) // 2
    parts = [await get(session, table, part, fields) for part in (keys[:half], keys[half:])]
    return drivers.Got([item for part in parts for item in part.items])


async def _get(
    session: Session, table: MappedTable, keys: Sequence[KeyValue], fields: tuple[Field, ...] | None
) -> drivers.Got:
    names = _selected(table, fields, table.key)
    # A power of two of keys, so that there are few statements.
    padded = [*keys, *[keys[-1]] * ((1 << (len(keys) - 1).bit_length()) - len(keys))]
    values = [value for key in padded for value in table.key_values(key)]
    rows = await session.rows(table.statements.get(names, len(padded)), values)
    places = [names.index(name) for name in table.key]
    found = {table.same(row[place] for place in places): table.item(names, row) for row in rows}
    return drivers.Got([found.get(table.same(table.key_values(key))) for key in keys])


def _selected(table: MappedTable, fields: tuple[Field, ...] | None, needed: tuple[str, ...]) -> tuple[str, ...]:
    if fields is None:
        return table.statements.names
    return tuple(dict.fromkeys((*needed, *(field.stored for field in fields))))


async def read(session: Session, table: MappedTable, asked: Read) -> drivers.PageOfItems:
    """Return one page of a range."""
    plan = _plan(table, asked)
    if asked.count_only and asked.limit is None and plan.rest is None:
        return await _count(session, table, plan)
    limit = PAGE if asked.limit is None else min(asked.limit, PAGE)
    while True:
        try:
            rows = await session.rows(table.statements.page(plan.shape), [*plan.values, limit + 1])
        except TooLarge:  # an answer may have a limit, as the Data API's has
            if limit == 1:
                raise
            limit = max(1, limit // _SMALLER)
        else:
            return _page(table, asked, plan, rows, limit)


class _Plan(NamedTuple):
    shape: ReadShape
    values: list[Any]
    rest: Test | None
    """What is tested here, since the database can't."""


def _page(
    table: MappedTable, asked: Read, plan: _Plan, rows: Sequence[Row], limit: int
) -> drivers.PageOfItems:
    more, rows = len(rows) > limit, rows[:limit]
    names, flag = plan.shape.columns, plan.shape.flag
    items = [table.item(names, row) for row in rows if flag is None or row[-1]]
    if plan.rest is not None:
        tested = {str(leaf.path[0]) for leaf in leaves_of(plan.rest)}
        items = [item for item in items if evaluate(plan.rest, table.portable(item, tested))]
    after = table.position(asked.index, table.item(names, rows[-1])) if more else None
    return drivers.PageOfItems([] if asked.count_only else items, len(items), len(rows), after)


async def _count(session: Session, table: MappedTable, plan: _Plan) -> drivers.PageOfItems:
    ((examined, passing),) = await session.rows(table.statements.count(plan.shape), plan.values)
    return drivers.PageOfItems([], passing, examined, None)


def _plan(table: MappedTable, asked: Read) -> _Plan:
    order = table.order(asked.index)
    values: list[Any] = []
    lowering = Lowering(table.columns, table.flavor, values)
    within = _within(lowering, asked)
    if asked.after is not None:
        values += table.behind(asked.index, asked.after)
    test = None if asked.filter is None else lowering.test(asked.filter)
    rest = asked.filter if lowering.widened else None
    # Where nobody limits how many rows are examined, the database may skip those that don't pass by itself.
    flagged = asked.filter is not None and (asked.limit is not None or (asked.count_only and rest is None))
    shape = ReadShape(_columns(table, asked, rest), order, within, asked.after is not None, asked.descending,
                      None if flagged else test, test if flagged else None)
    return _Plan(shape, values, rest)


def _columns(table: MappedTable, asked: Read, rest: Test | None) -> tuple[str, ...]:
    needed = table.order(asked.index)
    if rest is not None:
        needed = tuple(dict.fromkeys((*needed, *(str(leaf.path[0]) for leaf in leaves_of(rest)))))
    return needed if asked.count_only else _selected(table, asked.fields, needed)


def _within(lowering: Lowering, asked: Read) -> Shape:
    parts: list[Shape] = []
    if asked.partition is not None:
        parts.append(lowering.equals(asked.index.partition.stored, asked.partition.portable))
    if asked.sort is not None and asked.index.sort is not None:
        parts.append(lowering.sort_range(asked.index.sort.stored, asked.sort))
    return ("and", *parts) if parts else TRUE
