"""How many statements a verb sends."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

import holdall
from holdall import F, Partition
from tests.sqlite.models import Order, Plain, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Base

START = dt.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=dt.timezone.utc)


@dataclass
class Optionals:
    """Every kind of column, each of them unset."""

    id: Partition[str]
    whole: int | None = None
    text: str | None = None
    exact: Decimal | None = None
    real: float | None = None
    truth: bool | None = None
    blob: bytes | None = None
    instant: dt.datetime | None = None
    day: dt.date | None = None
    clock: dt.time | None = None
    number: UUID | None = None
    texts: list[str] | None = None


ONE: dict[str, Callable[[Any], Any]] = {
    "get": lambda orders: orders.get(("c", "o-001")),
    "exists": lambda orders: orders.exists(("c", "o-001")),
    "create": lambda orders: orders.create(order(2)),
    "put": lambda orders: orders.put(order(3)),
    "replace": lambda orders: orders.replace(order(1, status="paid")),
    "delete": lambda orders: orders.delete(("c", "o-001")),
    "delete when": lambda orders: orders.delete(("c", "o-001"), when=F.status == "new"),
    "query": lambda orders: orders.query(F.customer == "c", F.id > "a").all(),
    "count": lambda orders: orders.query(F.customer == "c").count(),
    "get_many": lambda orders: list(orders.get_many([("c", f"o-{number:03}") for number in range(50)])),
}


@pytest.mark.parametrize("verb", ONE)
def test_a_verb_is_one_statement(base: Base, sent: list[str], verb: str) -> None:
    orders = base.open(Order)
    orders.put(order())
    sent.clear()
    ONE[verb](orders)
    assert len(sent) == 1, sent


def test_an_update_with_a_condition_is_one_statement_where_it_can_return_the_row(base: Base, sent: list[str]) -> None:
    orders = base.open(Order)
    orders.put(order())
    sent.clear()
    updated = orders.update(("c", "o-001"), F.status.set("paid"), F.code.remove(), when=F.status == "new")
    assert updated.status == "paid"
    # MySQL can't return what an UPDATE made of a row: it reads the row first, in the same transaction.
    assert len(sent) == (4 if base.is_mysql else 1), sent
    assert orders.get(("c", "o-001")) == updated


def test_a_change_that_depends_on_what_is_stored_reads_under_a_lock(base: Base, sent: list[str]) -> None:
    orders = base.open(Order)
    orders.put(order())
    sent.clear()
    assert orders.update(("c", "o-001"), F.count.add(2)).count == 2
    begin, read, _, commit = sent
    assert ("TRANSACTION" in begin) or begin.startswith("BEGIN")
    assert "FOR UPDATE" in read
    assert commit == "COMMIT"


def test_many_rows_are_few_statements(base: Base, sent: list[str]) -> None:
    plains = base.open(Plain)
    plains.count()
    sent.clear()
    plains.put_many(Plain(f"p-{number}", number) for number in range(1000))
    inserts = [statement for statement in sent if statement.startswith("INSERT")]
    # PostgreSQL takes arrays, MySQL a power of two of rows.
    assert len(inserts) <= (11 if base.is_mysql else 1)
    sent.clear()
    plains.delete_many(f"p-{number}" for number in range(1000))
    assert len([statement for statement in sent if statement.startswith("DELETE")]) <= 11
    assert plains.count() == 0


def test_a_failed_create_finds_out_why(base: Base) -> None:
    orders = base.open(Order)
    orders.create(order(code="x"))
    with pytest.raises(holdall.AlreadyExists):
        orders.create(order())
    with pytest.raises(holdall.AlreadyExists) as caught:
        orders.create(order(2, code="x"))
    assert caught.value.field == "code"
    assert orders.count() == 1


def test_an_update_that_reads_first_shows_in_explain(base: Base) -> None:
    said = base.open(Order).query(F.customer == "c").explain()
    assert (said.updates is not None) == base.is_mysql
    assert ("updates: the record is read first by a statement of its own, in the same transaction" in str(said)) == (
        base.is_mysql
    )


def test_columns_that_are_unset_in_all_of_many_rows_are_null(base: Base) -> None:
    kinds = base.open(Optionals)
    many = [Optionals(f"k-{number:02}") for number in range(20)]
    kinds.put_many(many)
    assert kinds.scan().all() == many
    full = Optionals(
        "k-00", 1, "t", Decimal("1.5"), 0.5, True, b"x", START, START.date(), dt.time(1), UUID(int=1), ["a"]
    )
    kinds.put_many([*many[1:], full])
    assert list(kinds.get_many(["k-00", "k-01"])) == [full, many[1]]


def test_the_callers_own_engine_takes_many_rows_by_name(base: Base) -> None:
    plains = base.open(Plain, client=base.engine)
    plains.put_many(Plain(f"p-{number}", number) for number in range(300))
    assert plains.count() == 300
