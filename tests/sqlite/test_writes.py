"""What a write does to rows, beside what the kit asks of every backend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

import holdall
from holdall import F, Key, Unique

from .models import START, Opened, Order, Plain, order

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def clock() -> list[float]:
    return [START.timestamp()]


@pytest.fixture
def orders(opened: Opened, clock: list[float]) -> holdall.Repository[Order]:
    return opened("sqlite://", Order, clock=lambda: clock[0])


def test_an_expired_holder_gives_up_a_unique_value_and_is_gone(
    orders: holdall.Repository[Order], clock: list[float]
) -> None:
    orders.create(order(1, code="x", expires=START + timedelta(seconds=10)))
    clock[0] += 10
    orders.create(order(2, code="x"))
    with orders.native.engine.connect() as connection:
        rows = connection.exec_driver_sql('SELECT id FROM "order"').fetchall()
    assert [tuple(row) for row in rows] == [("o-002",)]


def test_a_live_holder_keeps_a_unique_value(orders: holdall.Repository[Order], clock: list[float]) -> None:
    orders.create(order(1, code="x", expires=START + timedelta(seconds=10)))
    clock[0] += 9
    with pytest.raises(holdall.AlreadyExists) as caught:
        orders.update(orders.create(order(2)), F.code.set("x"))
    assert (caught.value.field, caught.value.key) == ("code", ("c", "o-002"))
    assert orders.require(("c", "o-002")).code is None


def test_of_several_unique_fields_the_one_at_fault_is_named(opened: Opened) -> None:
    @dataclass
    class Account:
        id: Key[str]
        name: Unique[str | None] = None
        email: Unique[str | None] = None

    accounts = opened("sqlite://", Account)
    accounts.put_many([Account("a", "x", "1"), Account("b", "y", "2")])
    with pytest.raises(holdall.AlreadyExists) as caught:
        accounts.put(Account("c", "z", "2"))
    assert caught.value.field == "email"
    with pytest.raises(holdall.BatchError) as failed:
        accounts.put_many([Account("d", "v", "3"), Account("e", "x", "4"), Account("f", "w", "3")])
    reasons = {failure.index: getattr(failure.error, "field", None) for failure in failed.value.failures}
    assert reasons == {1: "name", 2: "email"}
    assert [one.id for one in accounts.scan()] == ["a", "b", "d"]


def test_unique_values_can_change_places_in_one_transaction_only_by_a_detour(orders: holdall.Repository[Order]) -> None:
    orders.put_many([order(1, code="x"), order(2, code="y")])
    with pytest.raises(holdall.TransactionFailed) as caught, orders.transaction() as tx:
        tx.update(("c", "o-001"), F.code.set("y"))
        tx.update(("c", "o-002"), F.code.set("x"))
    assert [type(reason) for reason in caught.value.reasons] == [holdall.AlreadyExists, holdall.AlreadyExists]
    assert [one.code for one in orders.scan()] == ["x", "y"]


def test_a_transaction_that_is_refused_late_leaves_nothing(orders: holdall.Repository[Order]) -> None:
    orders.put(order(9, code="taken"))
    with pytest.raises(holdall.TransactionFailed) as caught, orders.transaction() as tx:
        tx.put(order(1))
        tx.put(order(2, code="taken"))
        tx.put(order(3))
    assert [type(reason) for reason in caught.value.reasons] == [type(None), holdall.AlreadyExists, type(None)]
    assert orders.count() == 1


def test_an_update_writes_only_the_columns_that_it_changes(tmp_path: Path) -> None:
    with holdall.open_repository(f"sqlite:///{tmp_path}/shop.db", Order) as orders:
        orders.put(order(1, status="a"))
        with orders.native.engine.begin() as connection:
            connection.exec_driver_sql(
                'CREATE TRIGGER watch UPDATE OF status, total, tags ON "order" '
                "BEGIN SELECT RAISE(ABORT, 'touched'); END"
            )
        assert orders.update(("c", "o-001"), F.count.add(1)).count == 1


def test_an_interrupted_batch_leaves_no_part_of_a_chunk(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shop.db?timeout=0"
    retry = holdall.RetryPolicy(attempts=1)
    with holdall.open_repository(url, Plain, retry=retry) as plains:
        plains.provision()
        with plains.native.engine.connect() as other:
            other.exec_driver_sql("INSERT INTO plain VALUES ('z', 1)")
            with pytest.raises(holdall.BatchError) as caught:
                plains.put_many(Plain(str(number)) for number in range(10))
            other.rollback()
        assert len(list(caught.value.unwritten())) == 10
        assert plains.count() == 0
        assert plains.put_many(caught.value.unwritten()) == 10
