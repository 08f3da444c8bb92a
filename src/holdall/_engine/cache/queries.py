"""
Results of queries in a cache, where a program asks for it.

A result is kept under the generation of its partition: a random number that every write to the partition takes away, as
it takes away what is kept of the record itself. A query through a secondary index goes by the generation of the table,
since a write does not tell from which partition of the index it has taken a record.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

from ... import drivers
from ..._frozen import replace
from ..._model.kinds import Int
from ...drivers import AnyOf, Leaf, PageOfItems
from ..base import canonical
from ..tokens import describe_test
from .reading import read_kept, read_through
from .region import Region, Shape, name_of
from .values import dump, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..._model.schema import Model
    from ...drivers import Item, Read, RecordDriver, Test, Write
    from .tier import Tier

_DAY = 86_400.0
_MOST_LIVES = 100
"""Different `ttl=` for which what is needed is remembered."""
_TABLE = "*"
"""The name of the table's own generation, which no partition has: names are quoted."""


class CachedQueries:
    """
    The cached results of one table.

    Args:
        model: The model of its records.
        inner: The driver below the cache.
        tier: The cache.
        text: What tells the stored form from that of others.
    """

    def __init__(self, model: Model[Any], inner: RecordDriver, tier: Tier, text: str) -> None:
        self._model = model
        self._inner = inner
        self._tier = tier
        self._text = text
        self._generations = Region(tier, f"g/{inner.table}", _GENERATION)
        self._results: dict[float, Region[PageOfItems]] = {}

    def touched(self, write: Write) -> list[str]:
        """Return the keys of the generations that a write ends."""
        names = [name_of(write.key.portable[:1])] if self._model.key.sort is not None else []
        names += [_TABLE] if self._model.indexes else []
        return [self._generations.key(name) for name in names]

    async def read(self, read: Read, ttl: float) -> PageOfItems:
        """Return a page of a query, which serves for so many seconds unless something is written."""
        plain = self._strong(replace(read, cached=None))
        if not self._can_keep(plain):
            return await self._inner.read(plain)
        key = self._generations.key(self._generation_name(read))
        generation, kept = await read_kept(self._generations, key, _new_generation)
        if not kept:
            page = await self._inner.read(plain)
            self._tier.doubts.note([key], self._tier.now())
            return page
        region = self._region(ttl)

        async def from_store(_: Sequence[int]) -> Sequence[PageOfItems]:
            return [await self._inner.read(plain)]

        (page,) = await read_through(region, [region.key(_name(plain, generation, self._model, ttl))], from_store)
        return self._live(page, plain)

    def _strong(self, read: Read) -> Read:
        able = self._inner.capabilities
        by_key = read.index is self._model.key
        return replace(read, consistent=able.consistent_reads if by_key else able.consistent_index_reads)

    def _can_keep(self, read: Read) -> bool:
        """Return whether what has expired meanwhile can be told when the result is used again."""
        expires = self._model.expires
        seen = read.fields is None or expires in read.fields
        return read.partition is not None and (expires is None or (seen and not read.count_only))

    def _generation_name(self, read: Read) -> str:
        if read.index is not self._model.key or read.partition is None:
            return _TABLE
        return name_of((canonical(read.partition.portable),))

    def _region(self, ttl: float) -> Region[PageOfItems]:
        found = self._results.get(ttl)
        if found is None:
            if len(self._results) >= _MOST_LIVES:
                self._results.clear()
            shape: Shape[PageOfItems] = Shape(self._text, _dump, _load, ttl, ttl)
            found = self._results[ttl] = Region(self._tier, f"q/{self._inner.table}", shape)
        return found

    def _live(self, page: PageOfItems, read: Read) -> PageOfItems:
        now = _time_of(read.filter, self._model)
        if now is None:
            return page
        items = [item for item in page.items if not self._expired(item, now)]
        return page if len(items) == len(page.items) else replace(page, items=items, count=len(items))

    def _expired(self, item: Item, now: int) -> bool:
        field = self._model.expires
        stored = None if field is None else item.get(field.stored)
        if field is None or stored is None:
            return False
        end = self._inner.form.decoder(field.kind)(stored)
        return end is not None and field.kind.lower(end) <= now


_GENERATION: Shape[bytes] = Shape(
    "generation", lambda number: (number, False), lambda body, _: body, ttl=_DAY, negative_ttl=_DAY, steady=True
)


async def _new_generation(_: Sequence[int]) -> Sequence[bytes]:
    return [os.urandom(8)]


def _name(read: Read, generation: bytes, model: Model[Any], ttl: float) -> str:
    """Return the name of a result: the same query at another time has the same."""
    sort = None if read.sort is None else (read.sort.op, read.sort.portable)
    fields = None if read.fields is None else [field.stored for field in read.fields]
    test = None if read.filter is None else describe_test(_timeless(read.filter, model))
    partition = None if read.partition is None else canonical(read.partition.portable)
    after = None if read.after is None else sorted(read.after.items())
    asked = (read.index.name, partition, sort, test, read.descending, fields, after, read.limit, read.count_only, ttl)
    return hashlib.sha256(generation + repr(asked).encode("utf-8", "surrogatepass")).hexdigest()


def _is_time(test: Test, model: Model[Any]) -> bool:
    """Return whether a test is the engine's own that a record has not expired, not one that a program asks for."""
    return (isinstance(test, Leaf) and model.expires is not None and test.path == (model.expires.stored,)
            and test.op == ">" and isinstance(test.operand_kind, Int))  # fmt: skip


def _timeless(test: Test, model: Model[Any]) -> Test:
    if isinstance(test, (drivers.All, AnyOf)):
        return type(test)(tuple(_timeless(part, model) for part in test.parts))
    return replace(test, values=(0,), portable=(0,)) if _is_time(test, model) else test


def _time_of(test: Test | None, model: Model[Any]) -> int | None:
    """Return the time, in seconds since 1970, at which a query leaves out what has expired; None where it does not."""
    if isinstance(test, (drivers.All, AnyOf)):
        found = [time for part in test.parts if (time := _time_of(part, model)) is not None]
        return found[0] if found else None
    return test.values[0] if isinstance(test, Leaf) and _is_time(test, model) else None


def _dump(page: PageOfItems) -> tuple[bytes, bool]:
    return dump([list(page.items), page.count, page.examined, page.after, page.read_units])


def _load(body: bytes, marked: bool) -> PageOfItems:
    items, count, examined, after, units = load(body, marked)
    return PageOfItems(items, count, examined, after, units)
