"""
Unique fields on stores without unique indexes: one guard item a value, written in the record's own transaction.

Each write reads the record first, works out which values it gains and gives up, and commits the record and the guards
together under a fence that the record's unique values are still those that were read. Where another writer came
between, it begins again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .. import drivers
from .._frozen import replace
from .._model import kinds
from ..errors import HoldallError, Throttled
from .attempts import pause
from .base import both
from .commits import commit
from .decide import decide

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from .._model.schema import Field
    from ..drivers import Guard, Item, Write, Written
    from .records import Records


class Guarded(NamedTuple):
    """A write made fit for a transaction with its guards, and the item that it was worked out from."""

    write: Write
    guards: tuple[Guard, ...]
    current: Item | None
    after: Mapping[str, Any] | None
    """What it stores, in portable form."""


async def prepare(records: Records[Any], write: Write) -> Guarded:
    """
    Read the record and return the write with its guards.

    Raises:
        WriteRefused: The write's condition is false of what is stored.
    """
    current = await records.fetch(write.key, True, None)
    codec = records.codec
    portable = None if current is None else codec.portable(current)
    put = None if write.item is None else codec.portable(write.item)
    try:
        after = decide(write, portable, put)
    except drivers.WriteRefused:
        raise drivers.WriteRefused(current) from None
    before = portable or {}
    fence = both(*(_unchanged(field, before) for field in records.model.uniques)) if portable else None
    there = drivers.Exists(present=portable is not None)
    guards = tuple(guard for field in records.model.uniques for guard in _guards(records, write, field, before, after))
    return Guarded(replace(write, condition=both(write.condition, there, fence)), guards, current, after)


def _unchanged(field: Field, before: dict[str, Any]) -> drivers.Test:
    value = before.get(field.stored)
    if value is None:
        return drivers.Leaf((field.stored,), "is_null", field.kind, field.kind)
    operand = kinds.Number() if "number" in field.kind.types else field.kind
    lifted = value if isinstance(operand, kinds.Number) else field.kind.lift(value)
    return drivers.Leaf((field.stored,), "=", field.kind, operand, (lifted,), (value,))


def _guards(
    records: Records[Any], write: Write, field: Field, before: dict[str, Any], after: Any
) -> list[Guard]:
    after = after or {}
    old, new = before.get(field.stored), after.get(field.stored)
    expires = records.model.expires
    ends = (None, None) if expires is None else (before.get(expires.stored), after.get(expires.stored))
    guards: list[Guard] = []
    if new is not None and (new != old or ends[0] != ends[1]):
        guards.append(drivers.Guard("take", field, new, write.key, ends[1], write.now))
    if old is not None and old != new:
        guards.append(drivers.Guard("release", field, old, write.key, None, write.now))
    return guards


async def send_guarded(
    records: Records[Any], write: Write, alone: Callable[[Write], Coroutine[Any, Any, Written]]
) -> Written:
    """
    Do a write of a record with unique fields; `alone` does one that needs no guards.

    Raises:
        WriteRefused: Its condition was false, or a unique value is taken.
        Throttled: Other writers came between each time.
    """
    for failures in range(1, records.retry.attempts + 1):
        guarded = await prepare(records, write)
        try:
            if not guarded.guards:
                return await alone(guarded.write)
            await _together(records, guarded)
        except drivers.TransactionRefused as refused:
            _judge(refused, guarded.current)
        except drivers.WriteRefused:
            pass  # The fence: what was read has changed, so read again; a false condition shows there.
        else:
            return drivers.Written(await _result(records, guarded) if write.wants_new else None)
        await pause(records.io, records.retry.wait(failures))
    raise Throttled(f"other writers keep changing this {records.model.name}", retry="exhausted")


async def _result(records: Records[Any], guarded: Guarded) -> Item | None:
    try:
        item = await records.fetch(guarded.write.key, True, None)
    except HoldallError as error:
        error.maybe_done = True  # More than that: it is done, and only what came of it can't be read.
        raise
    # Where another has deleted the record since, what was written can still be told.
    return records.codec.from_portable(guarded.after or {}) if item is None else item


async def _together(records: Records[Any], guarded: Guarded) -> None:
    parts: list[tuple[drivers.RecordDriver, Write | Guard]] = [(records.driver, guarded.write)]
    parts += [(records.driver, guard) for guard in guarded.guards]
    await commit(records, parts)


def _judge(refused: drivers.TransactionRefused, current: Item | None) -> None:
    """Raise what a rolled back transaction means; return where it is worth beginning again."""
    for reason in refused.reasons:
        if isinstance(reason, drivers.WriteRefused) and reason.field is not None:
            raise drivers.WriteRefused(current, reason.field) from None
        if isinstance(reason, HoldallError) and not isinstance(reason, Throttled):
            raise reason
