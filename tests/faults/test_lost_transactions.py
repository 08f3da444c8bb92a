"""Transactions and writes with guards, of which the answer is lost after they were done: never done twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest

import holdall
from holdall import F
from holdall.testing.proxy import drop, refuse

from .bench import Account, Bench, Counter, Member

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def counters(bench_on: Callable[..., Bench[Counter]], ministack_endpoint: str) -> Bench[Counter]:
    return bench_on(ministack_endpoint, Counter)


@pytest.fixture
def members(bench_on: Callable[..., Bench[Member]], ministack_endpoint: str) -> Bench[Member]:
    return bench_on(ministack_endpoint, Member)


def _store_null(bench: Bench[Counter], field: str) -> None:
    """Store a null, as other programs do, and lose the second answer to come."""
    client: Any = boto3.client("dynamodb", endpoint_url=bench.endpoint)
    client.put_item(TableName=bench.table, Item={"id": {"S": "1"}, field: {"NULL": True}})
    client.close()
    bench.proxy.order(drop(after=True), on="TransactWriteItems", skip=1)


def test_an_addition_to_null_is_done_once(counters: Bench[Counter]) -> None:
    # The first request assumes a number, and is refused; the second knows better.
    _store_null(counters, "hits")
    with counters.faulty.transaction() as tx:
        tx.update("1", F.hits.add(5))
    assert counters.proxy.waiting == 0
    assert counters.direct.require("1").hits == 5


def test_an_addition_to_null_is_done_once_although_its_repetition_is_throttled(counters: Bench[Counter]) -> None:
    _store_null(counters, "hits")
    counters.proxy.order(refuse(400, "ThrottlingException"), on="TransactWriteItems", skip=1)
    with counters.faulty.transaction() as tx:
        tx.update("1", F.hits.add(5))
    assert counters.proxy.waiting == 0
    assert counters.direct.require("1").hits == 5


def test_an_appendix_to_null_is_done_once(counters: Bench[Counter]) -> None:
    _store_null(counters, "log")
    with counters.faulty.transaction() as tx:
        tx.update("1", F.log.append("x"))
    assert counters.proxy.waiting == 0
    assert counters.direct.require("1").log == ["x"]


def test_a_transaction_under_a_revision_does_not_conflict_with_itself(
    bench_on: Callable[..., Bench[Account]], ministack_endpoint: str
) -> None:
    accounts = bench_on(ministack_endpoint, Account)
    record = accounts.direct.put(Account("a", "1", 1))
    accounts.proxy.order(drop(after=True), on="TransactWriteItems")
    with accounts.faulty.transaction() as tx:
        tx.update(record, F.balance.add(1))
        tx.create(Account("a", "2"))
    assert accounts.direct.require(("a", "1")).balance == 2


def test_all_answers_lost_leave_it_open(counters: Bench[Counter]) -> None:
    counters.direct.put(Counter("1", 0))
    counters.proxy.order(drop(after=True), on="TransactWriteItems", times=3)
    with pytest.raises(holdall.Unavailable) as caught, counters.faulty.transaction() as tx:
        tx.update("1", F.hits.add(1))
    assert caught.value.maybe_done
    assert counters.direct.require("1").hits == 1


def test_an_unreachable_server_leaves_nothing_open(counters: Bench[Counter]) -> None:
    counters.direct.put(Counter("1", 0))
    counters.proxy.order(refuse(400, "ThrottlingException"), on="TransactWriteItems", times=3)
    with pytest.raises(holdall.Throttled) as caught, counters.faulty.transaction() as tx:
        tx.update("1", F.hits.add(1))
    assert not caught.value.maybe_done
    assert counters.direct.require("1").hits == 0


def test_a_guarded_update_whose_result_can_not_be_read_says_that_it_is_done(members: Bench[Member]) -> None:
    members.direct.create(Member("1", "a@example.org"))
    # The update reads once before it writes, and then for the result.
    members.proxy.order(refuse(503, "ServiceUnavailable"), on="GetItem", times=3, skip=1)
    with pytest.raises(holdall.Unavailable) as caught:
        members.faulty.update("1", F.email.set("b@example.org"))
    assert caught.value.maybe_done
    assert members.direct.require("1").email == "b@example.org"


def test_a_guarded_addition_is_done_once(members: Bench[Member]) -> None:
    members.direct.create(Member("1", "a@example.org"))
    members.proxy.order(drop(after=True), on="TransactWriteItems")
    changed = members.faulty.update("1", F.email.set("b@example.org"), F.visits.add(1))
    assert changed == Member("1", "b@example.org", 1)


def test_a_guarded_delete_is_done_once(members: Bench[Member]) -> None:
    members.direct.create(Member("1", "a@example.org"))
    members.proxy.order(drop(after=True), on="TransactWriteItems")
    members.faulty.delete("1", must_exist=True)
    assert members.direct.create(Member("2", "a@example.org")) == members.direct.get("2")
