"""Many at once, as threads and as tasks, on one repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import errors
from ...expressions import F
from .base import RecordKit
from .models import Order, key, order

if TYPE_CHECKING:
    from ...async_repository import AsyncRepository
    from ...repository import Repository
    from ..stores import Stores

WORKERS = 8
TURNS = 5


class RaceTests(RecordKit):
    """Races of eight."""

    def test_no_update_under_a_revision_is_lost(self, stores: Stores, orders: Repository[Order]) -> None:
        orders.put(order(items=0))

        async def count(target: AsyncRepository[Order]) -> None:
            turns = 0
            while turns < TURNS:
                held = await target.require(key(), consistent=not self.lacking("consistent_reads"))
                held.items = (held.items or 0) + 1
                try:
                    await target.replace(held)
                except errors.Conflict:
                    continue
                turns += 1

        stores.race(orders, [count] * WORKERS)
        assert orders.require(key()).items == WORKERS * TURNS

    def test_no_change_on_the_server_is_lost(self, stores: Stores, orders: Repository[Order]) -> None:
        orders.put(order(items=0))

        def adder(name: str) -> Any:
            async def add(target: AsyncRepository[Order]) -> None:
                for turn in range(TURNS):
                    await target.update(key(), F.items.add(1), F.tags.add_to(f"{name}{turn}"), F.events.append(name))

            return add

        stores.race(orders, [adder(f"w{n}") for n in range(WORKERS)])
        found = orders.require(key())
        assert (found.items, len(found.tags)) == (WORKERS * TURNS, WORKERS * TURNS)
        assert sorted(found.events) == sorted(f"w{n}" for n in range(WORKERS) for _ in range(TURNS))

    def test_of_many_creates_one_wins(self, stores: Stores, orders: Repository[Order]) -> None:
        def creator(name: str) -> Any:
            async def create(target: AsyncRepository[Order]) -> list[int]:
                won: list[int] = []
                for n in range(TURNS):
                    try:
                        await target.create(order(n, note=name))
                    except errors.AlreadyExists:
                        continue
                    won.append(n)
                return won

            return create

        won = stores.race(orders, [creator(f"w{n}") for n in range(WORKERS)])
        assert sorted(n for one in won for n in one) == list(range(TURNS))
        for n in range(TURNS):
            winner = next(f"w{worker}" for worker, keys in enumerate(won) if n in keys)
            assert orders.require(key(n)).note == winner

    def test_of_many_deletes_that_must_find_it_one_does(self, stores: Stores, orders: Repository[Order]) -> None:
        orders.put(order())

        async def delete(target: AsyncRepository[Order]) -> bool:
            try:
                await target.delete(key(), must_exist=True)
            except errors.NotFound:
                return False
            return True

        assert sum(stores.race(orders, [delete] * WORKERS)) == 1

    def test_update_with_create_counts_every_turn(self, stores: Stores, orders: Repository[Order]) -> None:
        async def add(target: AsyncRepository[Order]) -> None:
            for n in range(TURNS):
                await target.update(key(n), F.items.add(1), create=order(n))

        stores.race(orders, [add] * WORKERS)
        assert [orders.require(key(n)).items for n in range(TURNS)] == [WORKERS] * TURNS

    def test_of_many_changes_under_one_condition_one_is_made(self, stores: Stores, orders: Repository[Order]) -> None:
        orders.put(order())

        async def pay(target: AsyncRepository[Order]) -> bool:
            try:
                await target.update(key(), F.status.set("paid"), F.items.add(1), when=F.status == "new")
            except errors.ConditionFailed:
                return False
            return True

        assert sum(stores.race(orders, [pay] * WORKERS)) == 1
        assert orders.require(key()).items == 1

    def test_batches_and_queries_at_once_are_all_whole(self, stores: Stores, orders: Repository[Order]) -> None:
        def writer(customer: str) -> Any:
            async def write(target: AsyncRepository[Order]) -> int:
                await target.put_many([Order(customer, f"{n:03}", items=n) for n in range(60)])
                return await _count(target, customer)

            return write

        assert stores.race(orders, [writer(f"c{n}") for n in range(WORKERS)]) == [60] * WORKERS
        assert orders.count() == 60 * WORKERS


async def _count(target: Any, customer: str) -> int:
    query = target.query(F.customer == customer, consistent=True)
    query = await query if hasattr(query, "__await__") else query
    count = query.count()
    found: int = await count if hasattr(count, "__await__") else count
    return found
