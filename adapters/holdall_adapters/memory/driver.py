"""The port over dicts: one lock a store, items in portable form."""

from __future__ import annotations

import bisect
import operator
import threading
import time
from typing import TYPE_CHECKING, Any

from holdall._engine.decide import decide
from holdall._engine.evaluate import evaluate
from holdall.drivers import (
    BatchWritten,
    Capabilities,
    Got,
    PageOfItems,
    Read,
    SortRange,
    TransactionRefused,
    Write,
    WriteRefused,
    Written,
)
from holdall.io import BlockingIo

from .options import Options
from .wire import MemoryForm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from holdall._model.kinds import Portable
    from holdall._model.schema import Field, IndexSpec, Model
    from holdall.drivers import KeyValue, Opening, RecordDriver
    from holdall.errors import HoldallError
    from holdall.io import Io
    from holdall.urls import Url

Stored = dict[str, Any]
_COMPARE = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_TOKEN_SECONDS = 600


class Store:
    """The tables of one store, its lock, and the tokens of its recent transactions."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.tables: dict[str, dict[tuple[Any, ...], Stored]] = {}
        self.tokens: dict[str, float] = {}

    def seen(self, token: str) -> bool:
        """Return whether a transaction of that token was committed in the last ten minutes."""
        now = time.monotonic()
        self.tokens = {old: at for old, at in self.tokens.items() if now - at < _TOKEN_SECONDS}
        return token in self.tokens


_stores: dict[str, Store] = {}
_stores_lock = threading.Lock()


def open_records(url: Url, opening: Opening) -> tuple[RecordDriver, Io]:
    """Open a table of a store in memory. Nothing in it blocks, so it serves asyncio as it is."""
    options = Options.from_url(url)
    with _stores_lock:
        store = _stores.setdefault(options.name, Store()) if options.name else Store()
    return MemoryDriver(store, options.table or opening.model.table, opening.model), BlockingIo()


class MemoryDriver:
    """One table of a store."""

    def __init__(self, store: Store, table: str, model: Model[Any]) -> None:
        self._store = store
        self._model = model
        self._name = table
        self._table = store.tables.setdefault(table, {})
        self._form = MemoryForm()

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities("memory")

    @property
    def form(self) -> MemoryForm:
        return self._form

    @property
    def store(self) -> object:
        return self._store

    @property
    def table(self) -> str:
        return self._name

    @property
    def native(self) -> Any:
        return self._table

    async def get(  # every read is consistent, and of whole items
        self, keys: Sequence[KeyValue], *, consistent: bool, fields: tuple[Field, ...] | None  # noqa: ARG002 - see above
    ) -> Got:
        with self._store.lock:
            return Got([self._table.get(key.portable) for key in keys])

    async def write(self, write: Write) -> Written:
        with self._store.lock:
            after = self._decide(write)
            self._apply(write, after)
            return Written(after if write.wants_new else None)

    async def write_batch(self, writes: Sequence[Write]) -> BatchWritten:
        failed: dict[int, HoldallError] = {}
        for i, write in enumerate(writes):
            try:
                await self.write(write)
            except WriteRefused as refused:
                failed[i] = _duplicate(self._model, refused)
        return BatchWritten((), failed)

    async def transact(self, parts: Sequence[tuple[Any, Any]], token: str | None) -> None:
        with self._store.lock:
            if token is not None and self._store.seen(token):
                return
            outcomes = [_attempt(driver, write) for driver, write in parts]
            reasons = [outcome if isinstance(outcome, WriteRefused) else None for outcome in outcomes]
            if any(reason is not None for reason in reasons):
                raise TransactionRefused(reasons)
            self._commit(parts, outcomes)
            if token is not None:
                self._store.tokens[token] = time.monotonic()

    def _commit(self, parts: Sequence[tuple[Any, Write]], outcomes: Sequence[Any]) -> None:
        before = [(driver, driver.snapshot(write)) for driver, write in parts]
        reasons: list[WriteRefused | None] = []
        for (driver, write), outcome in zip(parts, outcomes, strict=True):
            try:
                driver.apply(write, outcome)
                reasons.append(None)
            except WriteRefused as refused:
                reasons.append(refused)
        if any(reason is not None for reason in reasons):
            for driver, (key, item) in before:
                driver.restore(key, item)
            raise TransactionRefused(reasons)

    def decide(self, write: Write) -> Stored | None:
        """Return what a write would store."""
        return self._decide(write)

    def apply(self, write: Write, after: Stored | None) -> None:
        """Store what was decided."""
        self._apply(write, after)

    def snapshot(self, write: Write) -> tuple[tuple[Any, ...], Stored | None]:
        """Return a key and what lies there."""
        return write.key.portable, self._table.get(write.key.portable)

    def restore(self, key: tuple[Any, ...], item: Stored | None) -> None:
        """Put back what a rolled back transaction replaced."""
        if item is None:
            self._table.pop(key, None)
        else:
            self._table[key] = item

    def _decide(self, write: Write) -> Stored | None:
        current = self._table.get(write.key.portable)
        try:
            after = decide(write, current, write.item)
        except WriteRefused:
            raise WriteRefused(current) from None
        if after is None or after is current:
            return None if after is None else current
        return {**write.key.item, **after}

    def _apply(self, write: Write, after: Stored | None) -> None:
        key = write.key.portable
        if after is None:
            self._table.pop(key, None)
        elif write.verb != "check":
            self._claim(key, after, write.now)
            self._table[key] = after

    def _claim(self, key: tuple[Any, ...], after: Stored, now: int) -> None:
        """Refuse a unique value that another live record holds; an expired holder is dropped."""
        for field in self._model.uniques:
            value = after.get(field.stored)
            for other, item in list(self._table.items()) if value is not None else ():
                if other != key and item.get(field.stored) == value:
                    if not self._expired(item, now):
                        raise WriteRefused(None, field.name)
                    del self._table[other]

    def _expired(self, item: Stored, now: int) -> bool:
        field = self._model.expires
        end = None if field is None else item.get(field.stored)
        return end is not None and end <= now

    async def read(self, read: Read) -> PageOfItems:
        with self._store.lock:
            found = self._range(read)
        if read.segment is not None:
            found = found[read.segment[0] :: read.segment[1]]
        examined = found if read.limit is None else found[: read.limit]
        items = [item for _, item in examined if read.filter is None or evaluate(read.filter, item)]
        after = self._position(read.index, examined[-1][1]) if len(examined) < len(found) else None
        return PageOfItems([] if read.count_only else items, len(items), len(examined), after)

    def _range(self, read: Read) -> list[tuple[tuple[Any, ...], Stored]]:
        rows = sorted(self._members(read), key=lambda row: row[0], reverse=read.descending)
        if read.after is None:
            return rows
        start = self._order(read.index, read.after)
        places = [row[0] for row in rows]
        if read.descending:
            return rows[len(rows) - bisect.bisect_left(places[::-1], start) :]
        return rows[bisect.bisect_right(places, start) :]

    def _members(self, read: Read) -> Iterator[tuple[tuple[Any, ...], Stored]]:
        index = read.index
        for item in self._table.values():
            if any(item.get(field.stored) is None for field in index.keys):
                continue
            if read.partition is not None and item[index.partition.stored] != read.partition.portable:
                continue
            if read.sort is None or index.sort is None or _in_range(item[index.sort.stored], read.sort):
                yield self._order(index, item), item

    def _order(self, index: IndexSpec, item: Mapping[str, Portable]) -> tuple[Any, ...]:
        return tuple(item[field.stored] for field in (*index.keys, *self._model.key.keys))

    def _position(self, index: IndexSpec, item: Stored) -> dict[str, Portable]:
        return {field.stored: item[field.stored] for field in (*index.keys, *self._model.key.keys)}

    async def provision(self) -> None:
        """A table in memory is always there."""

    async def close(self) -> None:
        """There is nothing to give back."""


def _attempt(driver: MemoryDriver, write: Write) -> Any:
    try:
        return driver.decide(write)
    except WriteRefused as refused:
        return refused


def _duplicate(model: Model[Any], refused: WriteRefused) -> HoldallError:
    from holdall.errors import AlreadyExists

    return AlreadyExists(f"another {model.name} has the same {refused.field}", field=refused.field)


def _in_range(value: Portable, asked: SortRange) -> bool:
    low = asked.portable[0]
    if asked.op == "startswith":
        return bool(value.startswith(low))
    if asked.op == "between":
        return bool(low <= value <= asked.portable[1])
    return bool(_COMPARE[asked.op](value, low))
