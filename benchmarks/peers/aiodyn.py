"""aiodynamo over aiohttp. Its batches are one request a call, so they are chunked here."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import aiohttp
from aiodynamo.client import Client
from aiodynamo.credentials import Key, StaticCredentials
from aiodynamo.expressions import F, HashKey
from aiodynamo.http.aiohttp import AIOHTTP
from aiodynamo.models import BatchGetRequest, BatchWriteRequest, ReturnValues
from yarl import URL

from .. import record
from .base import CREDENTIALS, PUT, READ, REGION, UPDATED, AsyncPeer
from .boto import GET_CHUNK, PUT_CHUNK, chunks


class AioDynamo(AsyncPeer):
    def __init__(self, endpoint: str, table: str) -> None:
        super().__init__(endpoint, table)
        self.session = self.loop.run_until_complete(self._session())
        credentials = StaticCredentials(Key(*CREDENTIALS))
        # Decimal, as boto3's resource: its default, float, loses digits.
        self.client = Client(AIOHTTP(self.session), credentials, REGION, URL(endpoint), Decimal)
        self.orders = self.client.table(self.table)
        self._put = self.record(1, PUT)

    async def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession()

    async def get(self) -> Any:
        return await self.orders.get_item({"customer": "c-1", "id": record.ID.format(READ)})

    async def put(self) -> Any:
        return await self.orders.put_item(self._put)

    async def put_if_present(self) -> Any:
        return await self.orders.put_item(self._put, condition=F("customer").exists())

    async def update(self) -> Any:
        return await self.orders.update_item(
            {"customer": "c-1", "id": record.ID.format(UPDATED)}, F("paid").set(True) & F("quantity").add(1),
            return_values=ReturnValues.all_new, condition=F("customer").exists(),
        )  # fmt: skip

    async def query(self, size: int) -> Any:
        return [item async for item in self.orders.query(HashKey("customer", f"c-{size}"))]

    async def stream(self, size: int) -> int:  # type: ignore[override]  # a coroutine, as everything of AsyncPeer
        count = 0
        async for _ in self.orders.query(HashKey("customer", f"c-{size}")):
            count += 1
        return count

    async def get_many(self) -> Any:
        found: list[Any] = []
        for chunk in chunks(self.keys, GET_CHUNK):
            answer = await self.client.batch_get({self.table: BatchGetRequest(keys=chunk)})
            assert not answer.unprocessed_keys
            found += answer.items[self.table]
        return found

    async def put_many(self) -> Any:
        for chunk in chunks(self.records, PUT_CHUNK):
            assert not await self.client.batch_write({self.table: BatchWriteRequest(items_to_put=chunk)})

    def key(self, size: int, number: int) -> Any:
        return record.key(size, number)

    def record(self, size: int, number: int) -> Any:
        return record.plain(size, number)

    async def aclose(self) -> None:
        await self.session.close()
