"""Reading records whole: the blobs of what was read, and the record anew where another writer came between."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ... import drivers
from ..._frozen import replace
from ...errors import CorruptRecord, Throttled
from ..base import canonical
from ..codec import Codec
from ..evaluate import evaluate
from .claims import Claim, claims_of, fill

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..._model.schema import Field, Model
    from ...drivers import Item, KeyValue, PageOfItems, Read, RecordDriver
    from ...io import Io
    from .fields import SpilledField

_TRIES = 6
_PAGE_BYTES = 16 << 20
"""How many bytes of blobs a page holds, its first record aside: a page of markers could claim gigabytes."""


class Whole:
    """Reads the records of one repository with the values that lie in blobs."""

    def __init__(self, model: Model[Any], inner: RecordDriver, io: Io, fields: Sequence[SpilledField]) -> None:
        self.model = model
        self.inner = inner
        self.io = io
        self.fields = fields

    @cached_property
    def codec(self) -> Codec[Any]:
        """Reads keys; made when it is needed first, which is rare."""
        return Codec(self.model, self.inner.form, self.inner.capabilities)

    def among(self, fields: tuple[Field, ...] | None) -> Sequence[SpilledField]:
        """Return the spilled ones among fields that are read; None means all fields."""
        return self.fields if fields is None else [one for one in self.fields if one.field in fields]

    async def items(
        self, items: Sequence[Item | None], fields: tuple[Field, ...] | None = None
    ) -> list[Item | None]:
        """
        Return items whole; one that was written since is given as it is now, None where it is gone.

        Raises:
            CorruptRecord: A record claims a blob that is not there, or is another one.
        """
        filled = await fill(self.io, items, self.among(fields))
        for place in filled.lost:
            filled.items[place] = await self._anew(items[place], fields)
        return filled.items

    async def _anew(self, item: Item, fields: tuple[Field, ...] | None) -> Item | None:
        key, spilled = self._key(item), self.among(fields)
        for _ in range(_TRIES):
            claims = claims_of(item, spilled)
            got = await self.inner.get([key], consistent=self.inner.capabilities.consistent_reads, fields=fields)
            if got.unprocessed:
                raise Throttled("the backend leaves the key unprocessed")
            filled = await fill(self.io, got.items, spilled)
            if not filled.lost:
                return filled.items[0]
            item = got.items[0]
            if claims_of(item, spilled) == claims:
                raise self._corrupt(item, filled.lost[0])
        raise Throttled(f"other writers keep changing this {self.model.name}", retry="exhausted")

    def _corrupt(self, item: Item, claim: Claim) -> CorruptRecord:
        name = claim.field.field.name
        return CorruptRecord(
            f"the blob {claim.marker.key!r} with the {name} of a stored {self.model.name} is not in the blob store as "
            "it was put; was it removed, or is this another store than the one that was written to?",
            field=name, key=self.codec.key_words(item),
        )  # fmt: skip

    def _key(self, item: Item) -> KeyValue:
        keys = self.model.key.keys
        values = tuple(self.codec.value(item, field) for field in keys)
        portable = tuple(canonical(field.kind.lower(value)) for field, value in zip(keys, values, strict=True))
        return drivers.KeyValue(values, portable, {field.stored: item[field.stored] for field in keys})

    async def page(self, read: Read, page: PageOfItems) -> PageOfItems:
        """
        Return a page with whole items, cut short where they are large.

        Raises:
            CorruptRecord: A record claims a blob that is not there, or is another one.
        """
        spilled = self.among(read.fields)
        if read.count_only or not spilled:
            return page
        page = self._cut(read, page, spilled)
        filled = await fill(self.io, page.items, spilled)
        # What the filter tests need not be among what is asked for.
        asked = read.fields if read.filter is None else None
        for place in filled.lost:
            anew = await self._anew(page.items[place], asked)
            filled.items[place] = anew if self._still_answers(read, page.items[place], anew) else None
        items = [item for item in filled.items if item is not None]
        return replace(page, items=items, count=len(items))

    def _still_answers(self, read: Read, before: Item, now: Item | None) -> bool:
        """Return whether a record that was read anew belongs where it was found: at that place, and by the filter."""
        if now is None or any(now.get(field.stored) != before.get(field.stored) for field in read.index.keys):
            return False
        return read.filter is None or evaluate(read.filter, self.codec.portable(now))

    def _cut(self, read: Read, page: PageOfItems, spilled: Sequence[SpilledField]) -> PageOfItems:
        left = _PAGE_BYTES
        for count, item in enumerate(page.items):
            left -= sum(claim.marker.size for claim in claims_of(item, spilled))
            if left < 0 and count:
                return self._first(read, page, count)
        return page

    def _first(self, read: Read, page: PageOfItems, count: int) -> PageOfItems:
        keys = (*read.index.keys, *self.model.key.keys)
        after = {field.stored: self.codec.position_value(page.items[count - 1], field) for field in keys}
        examined = max(count, page.examined * count // len(page.items))
        return replace(page, items=page.items[:count], count=count, examined=examined, after=after)
