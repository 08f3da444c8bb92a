"""holdall, blocking and on asyncio."""

from __future__ import annotations

from typing import Any

from holdall import F, open_async_repository, open_repository

from .. import record
from .base import CREDENTIALS, PUT, READ, REGION, UPDATED, AsyncPeer, Peer


def url(endpoint: str, table: str, client: str) -> str:
    """Return the URL of a table, and set the keys for it."""
    import os

    os.environ.setdefault("AWS_ACCESS_KEY_ID", CREDENTIALS[0])
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", CREDENTIALS[1])
    return f"dynamodb://{table}?region={REGION}&endpoint={endpoint}&client={client}"


class _Values(Peer):
    def key(self, size: int, number: int) -> Any:
        return f"c-{size}", record.ID.format(number)

    def record(self, size: int, number: int) -> Any:
        return record.order(size, number)

    def values(self, found: Any) -> Any:
        assert type(found) is record.Order
        return vars(found)


class Blocking(_Values):
    client = "lean"

    def __init__(self, endpoint: str, table: str) -> None:
        super().__init__(endpoint, table)
        self.orders = open_repository(url(endpoint, self.table, self.client), record.Order)
        self._put = self.record(1, PUT)

    def get(self) -> Any:
        return self.orders.get(("c-1", record.ID.format(READ)))

    def put(self) -> Any:
        return self.orders.put(self._put)

    def put_if_present(self) -> Any:
        return self.orders.replace(self._put)

    def update(self) -> Any:
        return self.orders.update(("c-1", record.ID.format(UPDATED)), F.paid.set(True), F.quantity.add(1))

    def query(self, size: int) -> Any:
        return list(self.orders.query(F.customer == f"c-{size}"))

    def stream(self, size: int) -> int:
        return sum(1 for _ in self.orders.query(F.customer == f"c-{size}"))

    def get_many(self) -> Any:
        return list(self.orders.get_many(self.keys))

    def get_many_in_threads(self) -> Any:
        return self.get_many()

    def put_many(self) -> Any:
        return self.orders.put_many(self.records)

    def close(self) -> None:
        self.orders.close()


class ByBoto3(Blocking):
    client = "boto3"


class Asynchronous(AsyncPeer, _Values):
    def __init__(self, endpoint: str, table: str) -> None:
        super().__init__(endpoint, table)
        self.orders = open_async_repository(url(endpoint, self.table, "lean"), record.Order)
        self._put = self.record(1, PUT)

    async def get(self) -> Any:
        return await self.orders.get(("c-1", record.ID.format(READ)))

    async def put(self) -> Any:
        return await self.orders.put(self._put)

    async def put_if_present(self) -> Any:
        return await self.orders.replace(self._put)

    async def update(self) -> Any:
        return await self.orders.update(("c-1", record.ID.format(UPDATED)), F.paid.set(True), F.quantity.add(1))

    async def query(self, size: int) -> Any:
        return [order async for order in self.orders.query(F.customer == f"c-{size}")]

    async def stream(self, size: int) -> int:  # type: ignore[override]  # a coroutine, as everything of AsyncPeer
        count = 0
        async for _ in self.orders.query(F.customer == f"c-{size}"):
            count += 1
        return count

    async def get_many(self) -> Any:
        return [order async for order in self.orders.get_many(self.keys)]

    async def put_many(self) -> Any:
        return await self.orders.put_many(self.records)

    async def aclose(self) -> None:
        await self.orders.close()
