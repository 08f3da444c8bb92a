"""The verbs on the memory store, until the conformance kit takes over."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

import holdall
from holdall import Expires, F, Index, Partition, Repository, Revision, Sort, Unique

START = datetime(2026, 1, 1, tzinfo=timezone.utc)


@dataclass
class Order:
    customer: Partition[str]
    id: Sort[str]
    status: str
    placed: datetime = START
    total: Decimal = Decimal(0)
    tags: set[str] = field(default_factory=set)
    code: Unique[str | None] = None
    expires: Expires[datetime | None] = None
    revision: Revision = None

    by_status = Index("status", "placed")


@pytest.fixture
def orders() -> Repository[Order]:
    return holdall.open_repository("memory://", Order)


def order(number: int = 1, **values: object) -> Order:
    return Order(**{"customer": "c", "id": f"o-{number:03}", "status": "new", **values})  # type: ignore[arg-type]


def test_create_returns_the_record_with_a_revision(orders: Repository[Order]) -> None:
    assert orders.create(order()).revision


def test_create_refuses_a_key_that_is_taken(orders: Repository[Order]) -> None:
    orders.create(order())
    with pytest.raises(holdall.AlreadyExists) as caught:
        orders.create(order())
    assert caught.value.key == ("c", "o-001")
    assert caught.value.operation == "create"


def test_get_returns_none_for_a_missing_record(orders: Repository[Order]) -> None:
    assert orders.get(("c", "none")) is None


def test_update_changes_on_the_server_and_returns_the_record(orders: Repository[Order]) -> None:
    created = orders.create(order())
    updated = orders.update(created, F.status.set("paid"), F.total.add(5), F.tags.add_to("x"), when=F.status == "new")
    assert (updated.status, updated.total, updated.tags) == ("paid", Decimal(5), {"x"})


def test_update_with_a_stale_record_is_a_conflict_that_carries_the_current_one(orders: Repository[Order]) -> None:
    stale = orders.create(order())
    current = orders.update(stale, F.total.add(1))
    with pytest.raises(holdall.Conflict) as caught:
        orders.update(stale, F.total.add(1))
    assert caught.value.current == current


def test_when_that_is_false_is_condition_failed(orders: Repository[Order]) -> None:
    orders.create(order())
    with pytest.raises(holdall.ConditionFailed):
        orders.update(("c", "o-001"), F.total.add(1), when=F.status == "paid")


def test_update_of_a_missing_record_is_not_found(orders: Repository[Order]) -> None:
    with pytest.raises(holdall.NotFound):
        orders.update(("c", "o-001"), F.total.add(1))


def test_update_with_create_stores_the_record_with_the_changes_applied(orders: Repository[Order]) -> None:
    assert orders.update(("c", "o-001"), F.total.add(1), create=order()).total == 1
    assert orders.update(("c", "o-001"), F.total.add(1), create=order()).total == 2


def test_replace_of_a_missing_record_is_not_found(orders: Repository[Order]) -> None:
    with pytest.raises(holdall.NotFound):
        orders.replace(order())


def test_put_of_a_record_whose_stored_one_is_gone_is_a_conflict(orders: Repository[Order]) -> None:
    created = orders.create(order())
    orders.delete(created)
    with pytest.raises(holdall.Conflict):
        orders.put(created)


def test_revisions_of_a_deleted_and_recreated_record_differ(orders: Repository[Order]) -> None:
    first = orders.create(order())
    orders.delete(first)
    orders.create(order())
    with pytest.raises(holdall.Conflict):
        orders.replace(first)


def test_expired_records_are_invisible_and_do_not_block_create() -> None:
    now = [START.timestamp()]
    orders = holdall.open_repository("memory://", Order, clock=lambda: now[0])
    orders.create(order(expires=START + timedelta(seconds=10)))
    now[0] += 10
    assert orders.get(("c", "o-001")) is None
    assert orders.query(F.customer == "c").all() == []
    assert orders.count() == 0
    assert orders.create(order(status="second")).status == "second"


def test_a_unique_value_is_refused_a_second_time(orders: Repository[Order]) -> None:
    orders.create(order(1, code="x"))
    with pytest.raises(holdall.AlreadyExists) as caught:
        orders.create(order(2, code="x"))
    assert caught.value.field == "code"


def test_query_on_a_sort_range_is_in_order(orders: Repository[Order]) -> None:
    orders.put_many(order(n) for n in range(20))
    found = orders.query(F.customer == "c", F.id >= "o-005", F.id < "o-008", order="-id").all()
    assert [one.id for one in found] == ["o-007", "o-006", "o-005"]


def test_query_that_no_index_serves_is_refused_and_names_the_index(orders: Repository[Order]) -> None:
    with pytest.raises(holdall.QueryRefused, match=r'Index\("total", "placed"\)'):
        orders.query(F.total == 5, F.placed > START)


def test_an_unknown_field_is_refused_with_the_nearest_name(orders: Repository[Order]) -> None:
    with pytest.raises(holdall.InvalidArgument, match="did you mean 'status'"):
        orders.query(F.statu == "new")


def test_pages_go_on_after_inserts_and_deletes(orders: Repository[Order]) -> None:
    orders.put_many(order(n) for n in range(0, 10, 2))
    query = orders.query(F.customer == "c", limit=2)
    first = query.page()
    orders.delete(("c", "o-002"))
    orders.put(order(1))
    second = query.page(after=first.token)
    assert [one.id for one in [*first, *second]] == ["o-000", "o-002", "o-004", "o-006"]


def test_the_last_page_has_no_token(orders: Repository[Order]) -> None:
    orders.put_many(order(n) for n in range(2))
    assert orders.query(F.customer == "c", limit=2).page().token is None


def test_a_token_of_another_query_is_invalid(orders: Repository[Order]) -> None:
    orders.put_many(order(n) for n in range(5))
    token = orders.query(F.customer == "c", limit=2).page().token
    with pytest.raises(holdall.InvalidToken):
        orders.query(F.customer == "d", limit=2).page(after=token)


def test_a_changed_token_is_invalid(orders: Repository[Order]) -> None:
    orders.put_many(order(n) for n in range(5))
    query = orders.query(F.customer == "c", limit=2)
    token = query.page().token
    assert token is not None
    with pytest.raises(holdall.InvalidToken):
        query.page(after=token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1])


def test_max_read_stops_a_page_and_says_so(orders: Repository[Order]) -> None:
    orders.put_many(order(n) for n in range(10))
    page = orders.query(F.customer == "c", max_read=4).page()
    assert (len(page), page.stopped) == (4, "budget")
    with pytest.raises(holdall.BudgetExceeded):
        orders.query(F.customer == "c", max_read=4).all()


@pytest.mark.parametrize("size", [0, 1, 25, 26, 100, 101, 1000])
def test_put_many_writes_any_number(orders: Repository[Order], size: int) -> None:
    assert orders.put_many(order(n) for n in range(size)) == size
    assert orders.count() == size


def test_of_several_records_with_one_key_the_last_wins(orders: Repository[Order]) -> None:
    orders.put_many([order(1, status="a"), order(1, status="b")])
    assert orders.require(("c", "o-001")).status == "b"


def test_get_many_answers_every_key_in_order(orders: Repository[Order]) -> None:
    orders.put_many(order(n) for n in range(3))
    found = orders.get_many([("c", "o-002"), ("c", "none"), ("c", "o-002")])
    assert [one and one.id for one in found] == ["o-002", None, "o-002"]


def test_batch_error_carries_exactly_what_was_not_written(orders: Repository[Order]) -> None:
    bad = order(2, total=Decimal("NaN"))
    with pytest.raises(holdall.BatchError) as caught:
        orders.put_many([order(1), bad, order(3)])
    assert list(caught.value.unwritten()) == [bad]
    assert caught.value.done == 2


def test_a_transaction_writes_everything_or_nothing_with_a_reason_per_item(orders: Repository[Order]) -> None:
    orders.create(order(1))
    with pytest.raises(holdall.TransactionFailed) as caught, orders.transaction() as tx:
        tx.create(order(2))
        tx.create(order(1))
    assert [type(reason) for reason in caught.value.reasons] == [type(None), holdall.AlreadyExists]
    assert not orders.exists(("c", "o-002"))


def test_a_transaction_can_touch_a_record_once_only(orders: Repository[Order]) -> None:
    with pytest.raises(holdall.InvalidArgument), orders.transaction() as tx:
        tx.put(order(1))
        tx.delete(("c", "o-001"))


def test_a_transaction_repeated_under_its_token_is_applied_once(orders: Repository[Order]) -> None:
    orders.create(order(1))
    for _ in range(2):
        with orders.transaction(token="once") as tx:
            tx.update(("c", "o-001"), F.total.add(1))
    assert orders.require(("c", "o-001")).total == 1


def test_a_comparison_is_false_for_a_missing_field_and_stays_so_when_negated(orders: Repository[Order]) -> None:
    orders.put_many([order(1), order(2, code="x")])
    assert [one.id for one in orders.scan(F.code != "y")] == ["o-002"]
    assert [one.id for one in orders.scan(~(F.code == "y"))] == ["o-002"]
    assert [one.id for one in orders.scan(F.code.is_null())] == ["o-001"]


def test_a_naive_datetime_is_refused(orders: Repository[Order]) -> None:
    with pytest.raises(holdall.InvalidArgument, match=r"Order\.placed: the datetime has no time zone"):
        orders.put(order(placed=datetime(2026, 1, 1)))  # noqa: DTZ001  # the naive one is the point


def test_a_closed_repository_refuses_every_verb_and_closes_twice(orders: Repository[Order]) -> None:
    orders.close()
    orders.close()
    with pytest.raises(holdall.ClosedError):
        orders.get(("c", "o-001"))


def test_the_asynchronous_repository_does_the_same() -> None:
    async def program() -> list[str]:
        async with holdall.open_async_repository("memory://", Order) as orders:
            await orders.put_many([order(n) for n in range(3)])
            return [one.id async for one in orders.query(F.customer == "c", order="-id")]

    assert asyncio.run(program()) == ["o-002", "o-001", "o-000"]


def test_a_deadline_that_has_passed_is_a_timeout(orders: Repository[Order]) -> None:
    with holdall.deadline(0), pytest.raises(holdall.Timeout):
        orders.get(("c", "o-001"))
