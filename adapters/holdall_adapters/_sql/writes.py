"""Writing: each verb as the statements of one transaction."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from holdall import drivers
from holdall._engine.decide import decide
from holdall._engine.planner import leaves_of
from holdall.drivers import WriteRefused, Written
from holdall.errors import AlreadyExists, HoldallError, InvalidArgument

from .reads import fetch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from holdall._model.schema import Field
    from holdall.drivers import Item, Write

    from .session import Session
    from .tables import MappedTable


@dataclasses.dataclass(frozen=True)
class Decided:
    """
    A write whose condition is true: the item before and after it, and the columns that it changes.

    It is `judged` where `before` was looked for.
    """

    write: Write
    before: Item | None
    after: Item | None
    changed: tuple[str, ...] = ()
    judged: bool = True


async def write_one(session: Session, table: MappedTable, write: Write) -> Written:
    """
    Do one write.

    Raises:
        WriteRefused: Its condition is false, or another record holds a unique value.
    """
    if write.condition is None and write.verb in ("put", "delete"):
        decided = Decided(write, None, write.item, judged=False)
    else:
        decided = judged(table, write, await fetch(session, table, write.key))
    return await store(session, table, decided)


def judged(table: MappedTable, write: Write, current: Item | None) -> Decided:
    """
    Decide what a write does to what is stored.

    Raises:
        WriteRefused: Its condition is false.
        InvalidArgument: A change does not fit what is stored.
    """
    changed = tuple(sorted({str(change.path[0]) for change in write.changes}))
    before = None if current is None else table.portable(current, {*changed, *_tested(write)})
    try:
        after = decide(write, before, write.item)
    except WriteRefused:
        raise WriteRefused(current) from None
    if write.verb != "update":
        return Decided(write, current, write.item if write.verb == "put" else current)
    kept = {name: value for name, value in _fields(current) if name not in changed}
    new = {name: table.stored(name, value) for name, value in _fields(after) if name in changed}
    return Decided(write, current, {**write.key.item, **kept, **new}, changed)


def _tested(write: Write) -> set[str]:
    """Return the columns that a write's condition looks at: what else is stored, may be wrong."""
    return set() if write.condition is None else {str(leaf.path[0]) for leaf in leaves_of(write.condition)}


def _fields(item: Mapping[str, Any] | None) -> Iterable[tuple[str, Any]]:
    return () if item is None else item.items()


async def store(session: Session, table: MappedTable, decided: Decided) -> Written:
    """
    Do what was decided.

    Raises:
        WriteRefused: Another record holds a unique value.
    """
    write, after = decided.write, decided.after
    if write.verb == "delete":
        await session.run(table.statements.delete(), table.key_values(write.key))
    elif write.verb != "check" and after is not None:
        await _claim(session, table, decided, after)
        await _write_row(session, table, decided, after)
    return Written(after if write.wants_new else None)


async def _write_row(session: Session, table: MappedTable, decided: Decided, after: Item) -> None:
    if decided.before is None and decided.judged:
        # Not by an upsert: another may have come since it was looked for.
        await session.run(table.statements.insert(), row_of(table, after))
        return
    if decided.write.verb == "put":
        await session.run(table.statements.put(), row_of(table, after))
        return
    values = [after.get(name) for name in decided.changed]
    await session.run(table.statements.update(decided.changed), [*values, *table.key_values(decided.write.key)])


def row_of(table: MappedTable, item: Item) -> list[Any]:
    """Return what is bound for a whole row; the columns of unset fields become NULL."""
    return [item.get(name) for name in table.statements.names]


async def _claim(session: Session, table: MappedTable, decided: Decided, after: Item) -> None:
    """Refuse a unique value that another live record holds; an expired holder is dropped."""
    for field in table.model.uniques:
        value = after.get(field.stored)
        mine = decided.before is not None and decided.before.get(field.stored) == value
        if value is not None and not mine:
            await _claim_value(session, table, field, value, decided.write)


async def _claim_value(session: Session, table: MappedTable, field: Field, value: Any, write: Write) -> None:
    expires = table.model.expires
    columns = table.key if expires is None else (*table.key, expires.stored)
    holders = table.statements.holders(field.stored, columns)
    for row in await session.rows(holders, [value, *table.key_values(write.key)]):
        if expires is None or row[-1] is None or row[-1] > write.now:
            raise WriteRefused(None, field.name)
        await session.run(table.statements.delete(), table.bound(row[: len(table.key)]))


async def write_many(session: Session, table: MappedTable, writes: Sequence[Write]) -> None:
    """Do unconditional puts and deletes of different keys, all or none."""
    puts = [row_of(table, write.item) for write in writes if write.verb == "put"]
    gone = [table.key_values(write.key) for write in writes if write.verb == "delete"]
    arrays = table.flavor.arrays
    if puts and arrays is not None:
        await session.run(table.statements.put_arrays(arrays), [list(column) for column in zip(*puts, strict=True)])
    elif puts:
        await session.run_many(table.statements.put, puts)
    if gone:
        await session.run_many(table.statements.delete, gone)


async def write_each(session: Session, table: MappedTable, writes: Sequence[Write]) -> drivers.BatchWritten:
    """Do unconditional puts and deletes, each by itself; report those that are refused."""
    failed: dict[int, HoldallError] = {}
    for i, write in enumerate(writes):
        try:
            async with session.part():
                await write_one(session, table, write)
        except WriteRefused as refused:
            failed[i] = AlreadyExists(f"another {table.model.name} has the same {refused.field}", field=refused.field)
        except InvalidArgument as error:
            failed[i] = error
    return drivers.BatchWritten((), failed)


async def write_all(session: Session, parts: Sequence[tuple[MappedTable, Write]]) -> None:
    """
    Do the writes of a transaction.

    Raises:
        TransactionRefused: One of them is refused; the caller rolls back.
    """
    decided: list[Decided | WriteRefused] = [await _attempt(session, table, write) for table, write in parts]
    _refuse([one if isinstance(one, WriteRefused) else None for one in decided])
    reasons: list[WriteRefused | None] = []
    for (table, _), one in zip(parts, decided, strict=True):
        assert isinstance(one, Decided)
        try:
            await store(session, table, one)
            reasons.append(None)
        except WriteRefused as refused:
            reasons.append(refused)
    _refuse(reasons)


def _refuse(reasons: Sequence[WriteRefused | None]) -> None:
    if any(reason is not None for reason in reasons):
        raise drivers.TransactionRefused(reasons)


async def _attempt(session: Session, table: MappedTable, write: Write) -> Decided | WriteRefused:
    try:
        return judged(table, write, await fetch(session, table, write.key))
    except WriteRefused as refused:
        return refused


