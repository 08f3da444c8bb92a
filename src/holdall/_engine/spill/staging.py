"""Writes made ready: their large values in blobs, what they replace looked up, and a fence that it is still so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ... import drivers
from ..._frozen import replace
from ...errors import Throttled
from ..base import both
from ..evaluate import evaluate
from .claims import Claim, claims_of, put_blobs
from .fields import Large, lightened, lightened_changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..._model.schema import Model
    from ...drivers import Item, KeyValue, RecordDriver, Test, Write, WriteRefused
    from ...errors import HoldallError
    from ...io import Io
    from .fields import SpilledField

_NOT_THERE = drivers.Exists(present=False)


class Light(NamedTuple):
    """A write with markers for its large values, and the claims on their blobs, which are there."""

    write: Write
    fresh: tuple[Claim, ...]


class Staged(NamedTuple):
    """
    A light write, fenced by what it was worked out from.

    Attributes:
        write: The write.
        unclaimed: What nothing claims once it is done.
        fence: What it was worked out from; None where that makes no difference.
    """

    write: Write
    unclaimed: tuple[Claim, ...]
    fence: Test | None


class Stager:
    """Makes the writes of one repository ready, and puts in order what they leave."""

    def __init__(self, model: Model[object], inner: RecordDriver, io: Io, fields: Sequence[SpilledField]) -> None:
        self.inner = inner
        self.io = io
        self.fields = fields
        self._by_stored = {field.stored: field for field in fields}
        self.asked = (*model.key.keys, *(field.field for field in fields))

    def touched(self, write: Write) -> list[SpilledField]:
        """Return the fields that a write may replace."""
        if write.verb == "check":
            return []
        changed = {change.path[0] for change in write.changes}
        return [field for field in self.fields if write.verb != "update" or field.stored in changed]

    async def light(self, writes: Sequence[Write]) -> list[Light | HoldallError]:
        """Put the large values of writes into blobs; return each write without them, or why that could not be."""
        made = [self._lightened(write) for write in writes]
        errors = await put_blobs(self.io, [large for _, large in made])
        return [
            Light(write, tuple(Claim(field, marker) for field, (_, marker) in large.contents.items()))
            if error is None else error
            for (write, large), error in zip(made, errors, strict=True)
        ]  # fmt: skip

    def _lightened(self, write: Write) -> tuple[Write, Large]:
        if write.verb == "update":
            changes, large = lightened_changes(write.changes, self._by_stored)
            return replace(write, changes=changes), large
        if write.item is None:
            return write, Large()
        item, large = lightened(write.item, self.fields, self.inner.capabilities.max_item_bytes, self.inner.form.size)
        return replace(write, item=item), large

    async def staged(self, light: Light) -> Staged:
        """Return a light write with what it replaces, as it is now."""
        touched = self.touched(light.write)
        if not touched or light.write.condition == _NOT_THERE:
            return Staged(light.write, (), None)
        (before,) = await self.before([light.write.key])
        fence = both(*(field.unchanged(before) for field in touched))
        write = replace(light.write, condition=both(light.write.condition, fence))
        return Staged(write, self.unclaimed(light, before), fence)

    def unclaimed(self, light: Light, before: Item | None) -> tuple[Claim, ...]:
        """Return what nothing claims once a write is done: what it replaces, and what it found no room for."""
        touched = self.touched(light.write)
        kept = {change.path[0] for change in light.write.changes if change.op == "set_if_absent"}
        kept -= {field.stored for field in touched if field.unset(before)}
        old = claims_of(before, [field for field in touched if field.stored not in kept])
        return (*old, *(claim for claim in light.fresh if claim.field.stored in kept))

    async def before(self, keys: Sequence[KeyValue]) -> list[Item | None]:
        """
        Return what is there under keys, of the spilled fields only.

        Raises:
            Throttled: The backend leaves a key unprocessed.
        """
        items: list[Item | None] = []
        size = self.inner.capabilities.max_get or len(keys)
        for i in range(0, len(keys), size):
            consistent = self.inner.capabilities.consistent_reads
            got = await self.inner.get(keys[i : i + size], consistent=consistent, fields=self.asked)
            if got.unprocessed:
                raise Throttled("the backend leaves keys unprocessed")
            items += got.items
        return items

    def own(self, light: Light, current: Item | None) -> bool:
        """
        Return whether what is there claims a blob that was put for this very write, which was done then.

        An SDK's client may send a request again by itself, and tell only that the second one was refused.
        """
        return any(claim in light.fresh for claim in claims_of(current, self.fields))

    def broken(self, staged: Staged, refused: WriteRefused) -> bool:
        """Return whether a refusal means that another writer has replaced what a write was worked out from."""
        if staged.fence is None or refused.field is not None:
            return False
        current = refused.current
        values = {field.stored: field.value(current) for field in self.fields if not field.unset(current)}
        return not evaluate(staged.fence, None if current is None else values)
