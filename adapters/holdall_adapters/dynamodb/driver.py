"""The port over DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from holdall.drivers import Capabilities, Got, PageOfItems, Write

from . import batches, reads, schema, writes
from .client import open_calls
from .guards import Guards
from .options import Options, check_table
from .service import Service
from .wire import DynamoForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdall._model.schema import Field, Model
    from holdall.drivers import BatchWritten, Guard, KeyValue, Opening, Read, RecordDriver, Written
    from holdall.io import Io
    from holdall.urls import Url

    from .._aws.client import Calls


def open_records(url: Url, opening: Opening) -> tuple[RecordDriver, Io]:
    """
    Open a table. Nothing is sent, and no client is made, before the first call.

    Raises:
        ConfigError: The URL is wrong, or the package that the connection needs is not installed.
    """
    options = Options.from_url(url, opening.credentials)
    table = options.table or check_table(opening.model.table)
    calls, io = open_calls(options.connection, opening)
    return DynamoDriver(calls, io, table, opening.model, options, opening.client), io


class DynamoDriver:
    """One table, for one record class."""

    def __init__(
        self, calls: Calls, io: Io, table: str, model: Model[Any], options: Options, own: Any = None
    ) -> None:
        self._form = DynamoForm()
        self._capabilities = Capabilities(
            "dynamodb",
            unique="guards",
            consistent_index_reads=False,
            filters_keys=False,
            segments=True,
            metered=True,
            parallel=options.connection.parallel,
            max_get=100,
            max_batch=25,
            max_transaction=100,
            max_item_bytes=400 * 1024,
            max_partition_bytes=2048,
            max_sort_bytes=1024,
            # The value inside the innermost list or map is the 32nd level.
            max_depth=31,
        )
        self._service = Service(calls, io, table, model, options, self._form, self._capabilities)
        self._guards = Guards(model)
        self._store = id(own) if own is not None else options.connection

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @property
    def form(self) -> DynamoForm:
        return self._form

    @property
    def store(self) -> object:
        return self._store

    @property
    def table(self) -> str:
        return self._service.table

    @property
    def native(self) -> Any:
        return self._service.native()

    @property
    def client(self) -> str:
        return self._service.calls.described

    async def get(self, keys: Sequence[KeyValue], *, consistent: bool, fields: tuple[Field, ...] | None) -> Got:
        if any(self._guards.hides(key.portable[0]) for key in keys):
            return await self._get_records(keys, consistent, fields)
        return await reads.get(self._service, keys, consistent=consistent, fields=fields)

    async def _get_records(self, keys: Sequence[KeyValue], consistent: bool, fields: tuple[Field, ...] | None) -> Got:
        """Get where some keys are those of guards, under which there is no record."""
        places = [i for i, key in enumerate(keys) if not self._guards.hides(key.portable[0])]
        items: list[Any] = [None] * len(keys)
        if not places:
            return Got(items)
        got = await reads.get(self._service, [keys[i] for i in places], consistent=consistent, fields=fields)
        for place, item in zip(places, got.items, strict=True):
            items[place] = item
        return Got(items, [places[i] for i in got.unprocessed])

    async def write(self, write: Write) -> Written:
        self._guards.refuse(write.key)
        return await writes.write(self._service, write)

    async def write_batch(self, writes: Sequence[Write]) -> BatchWritten:
        for write in writes:
            self._guards.refuse(write.key)
        return await batches.write_batch(self._service, writes)

    async def transact(self, parts: Sequence[tuple[RecordDriver, Write | Guard]], token: str | None) -> None:
        # Imported here: a program without transactions doesn't pay for it.
        from . import transactions

        # The engine puts drivers of one store together only.
        owned = [(cast("DynamoDriver", driver), what) for driver, what in parts]
        prepared = [transactions.Part(i, *driver.part(what), what) for i, (driver, what) in enumerate(owned)]
        await transactions.transact(self._service, prepared, token)

    def part(self, what: Write | Guard) -> tuple[Service, Guards]:
        """Return by what a part of a transaction is done, once it is checked."""
        if isinstance(what, Write):
            self._guards.refuse(what.key)
        return self._service, self._guards

    async def read(self, read: Read) -> PageOfItems:
        if read.partition is not None and read.index.name is None and self._guards.hides(read.partition.portable):
            return PageOfItems((), 0, 0, None)
        return await reads.read(self._service, self._guards, read)

    async def provision(self) -> None:
        await schema.provision(self._service)

    async def close(self) -> None:
        await self._service.calls.close()
