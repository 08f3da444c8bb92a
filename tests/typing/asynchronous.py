"""The asynchronous shells."""

from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

import holdall
from holdall import AsyncRepository, F, Page

from .records import Order

URL = "memory://"


async def verbs(order: Order) -> None:
    async with holdall.open_async_repository(URL, Order) as orders:
        assert_type(orders, AsyncRepository[Order])
        assert_type(await orders.create(order), Order)
        assert_type(await orders.update(order, F.total.add(5)), Order)
        assert_type(await orders.get(order), Order | None)
        assert_type([one async for one in orders.get_many([order])], list[Order | None])
        assert_type(await orders.put_many([order]), int)


async def queries(orders: AsyncRepository[Order]) -> None:
    found = orders.query(F.customer == "c")
    async for order in found:
        assert_type(order, Order)
    assert_type(await found.all(), list[Order])
    assert_type(await found.page(), Page[Order])
    assert_type(await orders.scan(fields=["id"]).first(), dict[str, Any] | None)


async def transactions(orders: AsyncRepository[Order], order: Order) -> None:
    async with orders.transaction() as changes:
        assert_type(changes.put(order), Order)


async def mistakes(orders: AsyncRepository[Order], order: Order) -> None:
    orders.get(order)  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
    list(orders.query())  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    (await orders.get(order)).total  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
