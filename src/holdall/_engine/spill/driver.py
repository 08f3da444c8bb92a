"""
A driver that keeps large values in blobs, over the driver of the store.

A blob is put before the record that claims it, under a key that is used once, so a record never claims what is not
there. It is removed once its record was overwritten or deleted for certain. Each write of one record looks up what it
replaces and is fenced by that, so that writers in a race leave no blob behind; what may have been written keeps its
blobs, since a request that was lost can still arrive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import drivers
from ...errors import Conflict, HoldallError, Throttled
from ..attempts import RetryPolicy, pause
from .claims import remove_blobs
from .fields import SpillingForm
from .reading import Whole
from .staging import Stager

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

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
    from ...io import Io
    from .claims import Claim
    from .fields import SpilledField
    from .staging import Light

    Parts = Sequence[tuple[RecordDriver, Write | Guard]]

WAITS = RetryPolicy()
"""How often a write begins anew where others come between, and how long it waits."""


class SpillingDriver:
    """One table of one backend, some fields of whose records lie in blobs where they are large."""

    def __init__(self, model: Model[Any], inner: RecordDriver, io: Io, fields: Sequence[SpilledField]) -> None:
        self.inner = inner
        self.io = io
        self.form: Form = SpillingForm(inner.form, fields, inner.capabilities.max_item_bytes)
        self.name = model.name
        self.stager = Stager(model, inner, io, fields)
        self.whole = Whole(model, inner, io, fields)

    @property
    def capabilities(self) -> Capabilities:
        return self.inner.capabilities

    @property
    def store(self) -> object:
        return self.inner.store

    @property
    def table(self) -> str:
        return self.inner.table

    @property
    def native(self) -> Any:
        return self.inner.native

    @property
    def client(self) -> str | None:
        return self.inner.client if isinstance(self.inner, drivers.Connected) else None

    async def get(self, keys: Sequence[KeyValue], *, consistent: bool, fields: tuple[Field, ...] | None) -> Got:
        got = await self.inner.get(keys, consistent=consistent, fields=fields)
        return drivers.Got(await self.whole.items(got.items, fields), got.unprocessed)

    async def read(self, read: Read) -> PageOfItems:
        return await self.whole.page(read, await self.inner.read(read))

    async def write(self, write: Write) -> Written:
        (light,) = await self.stager.light([write])
        if isinstance(light, HoldallError):
            raise light
        try:
            written = await self._fenced(light)
        except drivers.WriteRefused as refused:
            await remove_blobs(self.io, light.fresh)
            raise await self.shown_refusal(refused) from None
        except HoldallError as error:
            await self.undo(error, light.fresh)
            raise
        return written if written.item is None else await self._shown(written.item)

    async def _fenced(self, light: Light) -> Written:
        for failures in range(1, WAITS.attempts + 1):
            staged = await self.stager.staged(light)
            try:
                written = await self.inner.write(staged.write)
            except drivers.WriteRefused as refused:
                if self.stager.own(light, refused.current):
                    written = drivers.Written(refused.current)
                elif self.stager.broken(staged, refused):
                    await pause(self.io, WAITS.wait(failures))
                    continue
                else:
                    raise
            await remove_blobs(self.io, staged.unclaimed)
            return written
        raise Throttled(f"other writers keep changing this {self.name}", retry="exhausted")

    async def _shown(self, item: drivers.Item) -> Written:
        try:
            (whole,) = await self.whole.items([item])
        except HoldallError as error:
            error.maybe_done = True  # More than that: it is done, and only what came of it can't be read.
            raise
        if whole is None:
            raise Conflict(f"the {self.name} was removed as soon as it was written", maybe_done=True)
        return drivers.Written(whole)

    async def shown_refusal(self, refused: drivers.WriteRefused) -> drivers.WriteRefused:
        """Return a refusal with the record that is there now, whole."""
        (current,) = await self.whole.items([refused.current])
        return drivers.WriteRefused(current, refused.field)

    async def undo(self, error: HoldallError, fresh: Sequence[Claim]) -> None:
        """Remove what was put for a write that failed, if it failed for certain."""
        if not error.maybe_done:
            await remove_blobs(self.io, fresh)

    async def write_batch(self, writes: Sequence[Write]) -> BatchWritten:
        made = await self.stager.light(writes)
        failed = {place: one for place, one in enumerate(made) if isinstance(one, HoldallError)}
        places = [place for place in range(len(made)) if place not in failed]
        lights = [one for one in made if not isinstance(one, HoldallError)]
        if not lights:
            return drivers.BatchWritten(failed=failed)
        try:
            befores = await self.stager.before([light.write.key for light in lights])
            written = await self.inner.write_batch([light.write for light in lights])
        except HoldallError as error:
            await self.undo(error, [claim for light in lights for claim in light.fresh])
            raise
        gone: list[Claim] = []
        for place, (light, before) in enumerate(zip(lights, befores, strict=True)):
            gone += self._gone(light, before, written, place)
        await remove_blobs(self.io, gone)
        failed |= {places[place]: error for place, error in written.failed.items()}
        return drivers.BatchWritten([places[place] for place in written.unprocessed], failed)

    def _gone(self, light: Light, before: drivers.Item | None, written: BatchWritten, place: int) -> Sequence[Claim]:
        error = written.failed.get(place)
        if place in written.unprocessed or (error is not None and not error.maybe_done):
            return light.fresh
        return () if error is not None else self.stager.unclaimed(light, before)

    async def transact(self, parts: Parts, token: str | None) -> None:
        await self.around(parts, lambda bare: self.inner.transact(bare, token))

    async def around(self, parts: Parts, send: Callable[[Parts], Coroutine[Any, Any, None]]) -> None:
        """Let `send` do all parts or none, with the large values in blobs."""
        # Imported here: few programs have transactions over spilled fields.
        from .transactions import transact

        await transact(parts, send)

    async def provision(self) -> None:
        await self.inner.provision()

    async def close(self) -> None:
        await self.inner.close()
