"""
A driver of records that keeps in a cache what was read by key, over the driver of the store.

What is kept is the stored form of the store's own driver, as it was read; so a cache in front changes no result. Reads
that fill it are consistent where the store knows such reads: what is kept serves others for a while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import drivers
from ...cache_drivers import Release
from .front import Front
from .reading import LEFT, kept_of, read_through
from .region import Region, Shape, name_of
from .values import dump, load

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from ..._model.schema import Field, Model
    from ...drivers import (
        BatchWritten,
        Capabilities,
        Form,
        Got,
        Guard,
        KeyValue,
        PageOfItems,
        Read,
        RecordDriver,
        Write,
        Written,
    )
    from .queries import CachedQueries
    from .tier import Hold, Tier

    Parts = Sequence[tuple[RecordDriver, Write | Guard]]
    Send = Callable[[Parts], Coroutine[Any, Any, None]]


class CachedRecords(Front):
    """
    One table of one backend with a cache in front.

    Args:
        model: The model of its records.
        inner: The driver of the store, or of another cache in front of it.
        tier: The cache.
        store: What tells the store from others, for what is kept of it.
    """

    inner: RecordDriver

    def __init__(self, model: Model[Any], inner: RecordDriver, tier: Tier, store: str) -> None:
        self.inner = inner
        self.tier = tier
        self.form: Form = inner.form
        self.capabilities: Capabilities = inner.capabilities
        self.model = model
        self._text = shape_of(model, inner, store)
        self._region: Region[Any] = Region(tier, f"r/{inner.table}", Shape(self._text, dump, load))
        # Another cache is not gone past: it is as certain of what it has.
        self.strong = inner.capabilities.consistent_reads and not isinstance(inner, CachedRecords)
        self._queries: CachedQueries | None = None
        self._replaces = tier.settings.on_write == "replace"

    @property
    def store(self) -> object:
        return self.inner.store

    @property
    def table(self) -> str:
        return self.inner.table

    @property
    def client(self) -> str | None:
        return self.inner.client if isinstance(self.inner, drivers.Connected) else None

    def key(self, key: KeyValue) -> str:
        """Return what the cache calls a record."""
        return self._region.key(name_of(key.portable))

    async def get(self, keys: Sequence[KeyValue], *, consistent: bool, fields: tuple[Field, ...] | None) -> Got:
        if fields is not None:
            return await self._get_fields(keys, consistent, fields)
        if self.tier.breaker.is_open:
            return await self._get_past(keys, consistent)
        left: dict[int, bool] = {}

        async def from_store(places: Sequence[int]) -> Sequence[Any]:
            got = await self.inner.get([keys[i] for i in places], consistent=self.strong or consistent, fields=None)
            unprocessed = set(got.unprocessed)
            left.update(dict.fromkeys([places[i] for i in unprocessed], True))
            return [LEFT if i in unprocessed else item for i, item in enumerate(got.items)]

        found = await read_through(self._region, [self.key(key) for key in keys], from_store, past=consistent)
        if not left:
            return drivers.Got(found)
        return drivers.Got([None if item is LEFT else item for item in found], list(left))

    async def _get_past(self, keys: Sequence[KeyValue], consistent: bool) -> Got:
        """Return what the store gives while the cache is left alone, at little more than the cost of asking it."""
        got = await self.inner.get(keys, consistent=self.strong or consistent, fields=None)
        if self.tier.breaker.is_open:
            # When it is used again, whatever was read before is in doubt.
            self.tier.counters.past += len(keys)
        else:
            self.tier.went_past([self.key(key) for key in keys])
        return got

    async def _get_fields(self, keys: Sequence[KeyValue], consistent: bool, fields: tuple[Field, ...]) -> Got:
        """Return some fields of records: of those that are kept all, of others what the store gives, which is not."""
        names = [self.key(key) for key in keys]
        items = [LEFT] * len(keys) if consistent else await kept_of(self._region, names)
        wanted = [place for place, item in enumerate(items) if item is LEFT]
        if not wanted:
            return drivers.Got(items)
        got = await self.inner.get([keys[i] for i in wanted], consistent=self.strong or consistent, fields=fields)
        self.tier.went_past([names[place] for place in wanted])
        for place, item in zip(wanted, got.items, strict=True):
            items[place] = item
        return drivers.Got(items, [wanted[i] for i in got.unprocessed])

    @property
    def queries(self) -> CachedQueries:
        """The results of queries."""
        if self._queries is None:
            # Imported here: not every table has queries.
            from .queries import CachedQueries

            self._queries = CachedQueries(self.model, self.inner, self.tier, self._text)
        return self._queries

    def touched(self, write: Write) -> list[str]:
        """Return the keys of all that is kept of what a write may change; the record's own comes first."""
        own = self.key(write.key)
        if self.model.key.sort is None and not self.model.indexes:
            return [own]
        return [own, *self.queries.touched(write)]

    async def write(self, write: Write) -> Written:
        if write.verb == "check":
            return await self.inner.write(write)
        began = self.tier.monotonic()

        def kept(written: Written, hold: Hold) -> Mapping[str, Release]:
            return self._kept(write, written, hold, began)

        keys = self.touched(write)
        return await self.tier.guarded(keys, lambda: self.inner.write(write), (drivers.WriteRefused,),
                                       kept if self._replaces else None)  # fmt: skip

    def _kept(self, write: Write, written: Written, hold: Hold, began: float) -> Mapping[str, Release]:
        """Return what a write has left in the store, where that is known."""
        item = written.item if write.verb == "update" else write.item
        if item is None:
            return {}
        took = int((self.tier.monotonic() - began) * 1_000_000)
        kept = self._region.kept(hold.keys[0], item, hold.fence.now, took)
        return {} if kept is None else {hold.keys[0]: Release(hold.keys[0], *kept)}

    async def write_batch(self, writes: Sequence[Write]) -> BatchWritten:
        keys = dict.fromkeys(key for write in writes for key in self.touched(write))

        def lost(written: BatchWritten) -> list[str]:
            return [key for place, error in written.failed.items() if error.maybe_done
                    for key in self.touched(writes[place])]  # fmt: skip

        return await self.tier.guarded(list(keys), lambda: self.inner.write_batch(writes), (), lost=lost)

    async def transact(self, parts: Parts, token: str | None) -> None:
        await self.around(parts, lambda inner: self.inner.transact(inner, token))

    async def around(self, parts: Parts, send: Send) -> None:
        """Let `send` do all parts or none, with one layer of caches taken off."""
        await _fenced(_keys_of(parts), lambda: send([(_below(driver), part) for driver, part in parts]))

    async def read(self, read: Read) -> PageOfItems:
        return await (self.inner.read(read) if read.cached is None else self.queries.read(read, read.cached))

    async def invalidate(self, key: KeyValue) -> None:
        """Forget what is kept of a record, in this cache and in those behind it."""
        if isinstance(self.inner, CachedRecords):
            await self.inner.invalidate(key)
        await self.tier.invalidate(self.touched(drivers.Write("delete", key)))

    async def provision(self) -> None:
        await self.inner.provision()


def shape_of(model: Model[Any], inner: RecordDriver, store: str) -> str:
    """Return what tells the stored form of a model's records from that of others."""
    fields = [(field.stored, field.kind.describe(), field.optional, field.required) for field in model.fields]
    return repr((inner.capabilities.name, type(inner.form).__name__, store, inner.table, model.name, fields))


def _below(driver: RecordDriver) -> RecordDriver:
    return driver.inner if isinstance(driver, CachedRecords) else driver


def _keys_of(parts: Parts) -> list[tuple[Tier, list[str]]]:
    """Return the keys that a transaction touches, by cache."""
    found: dict[int, tuple[Tier, dict[str, None]]] = {}
    for driver, part in parts:
        if isinstance(driver, CachedRecords) and isinstance(part, drivers.Write) and part.verb != "check":
            _, keys = found.setdefault(id(driver.tier), (driver.tier, {}))
            keys.update(dict.fromkeys(driver.touched(part)))
    return [(tier, list(keys)) for tier, keys in found.values()]


async def _fenced(keys: Sequence[tuple[Tier, Sequence[str]]], job: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do the job with fences around it in all of the caches."""
    if not keys:
        await job()
        return
    tier, own = keys[0]
    await tier.guarded(own, lambda: _fenced(keys[1:], job), (drivers.TransactionRefused,))
