"""
Writes as one statement, where the database can decide by itself.

What such a statement doesn't do is done in a transaction after all, which reads first: so it is only ever tried, and
says nothing of why it did nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall._engine.evaluate import evaluate
from holdall.drivers import Written

from .conditions import TRUE, Lowering
from .writes import row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from holdall.drivers import Change, Item, Write

    from .conditions import Shape
    from .session import Prepared, Session
    from .tables import MappedTable

    Job = Callable[[Session], Coroutine[Any, Any, Written | None]]


def quick(table: MappedTable, write: Write) -> Job | None:
    """
    Return a write as one statement; None where it takes several.

    The job gives None where nothing was done, and raises `Taken` where another row has a unique value.
    """
    if not table.flavor.one_statement or write.verb == "check":
        return None
    if write.verb == "put":
        return _put(table, write)
    where = _where(table, write)
    if where is None:
        return None
    return _delete(table, write, *where) if write.verb == "delete" else _update(table, write, *where)


def _put(table: MappedTable, write: Write) -> Job | None:
    values = row_of(table, write.item)
    if write.condition is None:
        return _done(table.statements.put, values)
    if evaluate(write.condition, None):
        # True of what is not there: it is tried as a new row.
        return _done(table.statements.insert, values)
    where = _where(table, write)
    names = tuple(name for name in table.statements.names if name not in table.key)
    if where is None or not names:
        return None
    shape, rest = where
    new = [write.item.get(name) for name in names]  # type: ignore[union-attr]  # a put has an item
    return _done(lambda: table.statements.update(names, shape), [*new, *table.key_values(write.key), *rest])


def _delete(table: MappedTable, write: Write, where: Shape, rest: Sequence[Any]) -> Job:
    done = _done(lambda: table.statements.delete(where=where), [*table.key_values(write.key), *rest])
    if write.condition is not None:
        return done

    async def job(session: Session) -> Written:
        return await done(session) or Written()  # What is not there needs no second look.

    return job


def _update(table: MappedTable, write: Write, where: Shape, rest: Sequence[Any]) -> Job | None:
    if write.wants_new and not table.flavor.returning:
        return None
    found = [_new_value(table, change) for change in write.changes]
    names = tuple(str(change.path[0]) for change in write.changes)
    if None in found or len(set(names)) < len(names):
        return None
    values = [value for one in found if one is not None for value in one]
    bound = [*values, *table.key_values(write.key), *rest]
    returned = table.statements.names if write.wants_new else ()
    return _returned(table, lambda: table.statements.update(names, where, returned), bound, write)


def _new_value(table: MappedTable, change: Change) -> list[Any] | None:
    """Return what a column is set to, in a list; None where that depends on what is stored."""
    name = str(change.path[0])
    column = table.columns[name]
    if len(change.path) > 1 or change.op not in ("set", "remove") or column.portable is None:
        return None
    return [None if change.op == "remove" else table.stored(name, change.portable)]


def _where(table: MappedTable, write: Write) -> tuple[Shape, list[Any]] | None:
    """Return a write's condition as a shape with its values, None where the database can't decide it."""
    if write.condition is None:
        return TRUE, []
    lowering = Lowering(table.columns, table.flavor, [])
    shape = lowering.test(write.condition)
    return None if lowering.widened else (shape, lowering.values)


def _done(statement: Callable[[], Prepared], values: Sequence[Any]) -> Job:
    async def job(session: Session) -> Written | None:
        return Written() if await session.run(statement(), values) else None

    return job


def _returned(table: MappedTable, statement: Callable[[], Prepared], values: Sequence[Any], write: Write) -> Job:
    if not write.wants_new:
        return _done(statement, values)

    async def job(session: Session) -> Written | None:
        rows = await session.rows(statement(), values)
        item: Item | None = table.item(table.statements.names, rows[0]) if rows else None
        return None if item is None else Written(item)

    return job
