"""Answers that are dropped, garbled, invented or late, on each kind of call: the right result, or a truthful error."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import F
from holdall.testing.proxy import cut, delay, drop, garble, invent, refuse, wrong_checksum

from .bench import QUICK, Account, Bench, Counter

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall.testing.proxy import Fault

BROKEN: dict[str, Fault] = {
    "dropped-before": drop(after=False),
    "dropped-after": drop(after=True),
    "reset-before": drop(after=False, reset=True),
    "reset-after": drop(after=True, reset=True),
    "garbled": garble(),
    "garbled-to-a-list": garble(b"[]"),
    "garbled-to-nothing": garble(b""),
    "cut-to-nothing": cut(0),
    "wrong-checksum": wrong_checksum(),
    "busy": refuse(503, "ServiceUnavailable"),
    "busy-after": refuse(500, "InternalServerError", after=True),
    "busy-without-words": invent(500, {}, after=True),
    "throttled": refuse(400, "ThrottlingException"),
    "over-capacity": refuse(400, "ProvisionedThroughputExceededException"),
}
UNDONE = {"dropped-before", "reset-before", "busy", "throttled", "over-capacity"}
REFUSED = {"throttled", "over-capacity"}
"""Those of which it is known that the server did nothing."""


@pytest.fixture(params=BROKEN)
def fault(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def accounts(bench_on: Callable[..., Bench[Account]], dynalite_endpoint: str) -> Bench[Account]:
    return bench_on(dynalite_endpoint, Account)


@pytest.fixture
def counters(bench_on: Callable[..., Bench[Counter]], dynalite_endpoint: str) -> Bench[Counter]:
    return bench_on(dynalite_endpoint, Counter)


def test_reads_come_right(accounts: Bench[Account], fault: str) -> None:
    stored = [accounts.direct.put(Account("a", str(place))) for place in range(2)]
    keys = [("a", "0"), ("a", "1"), ("a", "2")]
    for _ in range(2):
        accounts.proxy.order(BROKEN[fault])
        assert accounts.faulty.get(("a", "0")) == stored[0]
        accounts.proxy.order(BROKEN[fault])
        assert list(accounts.faulty.get_many(keys)) == [*stored, None]
        accounts.proxy.order(BROKEN[fault])
        assert list(accounts.faulty.query(F.owner == "a")) == stored
        accounts.proxy.order(BROKEN[fault])
        assert list(accounts.faulty.scan()) == stored
    assert accounts.proxy.waiting == 0


def test_writes_under_a_revision_come_right(accounts: Bench[Account], fault: str) -> None:
    accounts.proxy.order(BROKEN[fault])
    record = accounts.faulty.create(Account("a", "1", 1))
    accounts.proxy.order(BROKEN[fault])
    record = accounts.faulty.update(record, F.balance.add(1))
    assert record == accounts.direct.get(("a", "1"))
    assert record.balance == 2
    accounts.proxy.order(BROKEN[fault])
    record = accounts.faulty.replace(Account("a", "1", 3, revision=record.revision))
    accounts.proxy.order(BROKEN[fault])
    accounts.faulty.delete(record, must_exist=True)
    assert accounts.direct.get(("a", "1")) is None
    assert accounts.proxy.waiting == 0


def test_a_stale_revision_is_a_conflict_all_the_same(accounts: Bench[Account], fault: str) -> None:
    stale = accounts.direct.put(Account("a", "1", 1))
    current = accounts.direct.update(stale, F.balance.add(1))
    accounts.proxy.order(BROKEN[fault])
    with pytest.raises((holdall.Conflict, holdall.Unavailable)) as caught:
        accounts.faulty.update(stale, F.balance.add(1))
    if isinstance(caught.value, holdall.Conflict):
        assert caught.value.current == current
    assert caught.value.maybe_done == isinstance(caught.value, holdall.Unavailable)
    assert accounts.direct.get(("a", "1")) == current


def test_an_addition_without_a_revision_is_done_once_or_open(counters: Bench[Counter], fault: str) -> None:
    counters.direct.put(Counter("1", 0))
    counters.proxy.order(BROKEN[fault])
    if fault in REFUSED:
        assert counters.faulty.update("1", F.hits.add(1)).hits == 1
        return
    with pytest.raises(holdall.Unavailable) as caught:
        counters.faulty.update("1", F.hits.add(1))
    assert caught.value.maybe_done
    assert counters.proxy.count("UpdateItem") == 1
    assert counters.direct.require("1").hits == (0 if fault in UNDONE else 1)


def test_batches_come_right(counters: Bench[Counter], fault: str) -> None:
    counters.proxy.order(BROKEN[fault])
    assert counters.faulty.put_many([Counter("1"), Counter("2")]) == 2
    assert list(counters.direct.get_many(["1", "2"])) == [Counter("1"), Counter("2")]
    counters.proxy.order(BROKEN[fault])
    assert counters.faulty.delete_many(["1", "2"]) == 2
    assert counters.proxy.waiting == 0
    assert list(counters.direct.get_many(["1", "2"])) == [None, None]


def test_a_transaction_comes_right(
    bench_on: Callable[..., Bench[Counter]], ministack_endpoint: str, fault: str
) -> None:
    counters = bench_on(ministack_endpoint, Counter)
    counters.direct.put(Counter("1", 0))
    counters.proxy.order(BROKEN[fault], on="TransactWriteItems")
    with counters.faulty.transaction() as tx:
        tx.create(Counter("2"))
        tx.update("1", F.hits.add(1))
    assert counters.proxy.waiting == 0
    assert counters.direct.require("1").hits == 1


@pytest.mark.parametrize("operation", ["DescribeTable", "CreateTable"])
def test_a_table_is_made_all_the_same(accounts: Bench[Account], operation: str, fault: str) -> None:
    url = accounts.url(accounts.proxy.url).replace(accounts.table, f"{accounts.table}_more")
    with holdall.open_repository(url, Account, retry=QUICK) as more:
        accounts.proxy.order(BROKEN[fault], on=operation)
        more.provision()
        assert accounts.proxy.waiting == 0
        assert list(more.scan()) == []
        more.native.delete_table(TableName=f"{accounts.table}_more")


@pytest.mark.parametrize("content", [{}, {"Items": []}, {"Responses": []}, {"Count": 0, "Items": {}}], ids=str)
def test_an_answer_of_another_shape_is_not_empty(accounts: Bench[Account], content: Any) -> None:
    stored = accounts.direct.put(Account("a", "1"))
    accounts.proxy.order(invent(200, {"Item": []}))
    assert accounts.faulty.get(("a", "1")) == stored
    accounts.proxy.order(invent(200, content))
    assert list(accounts.faulty.query(F.owner == "a")) == [stored]
    accounts.proxy.order(invent(200, content))
    assert list(accounts.faulty.scan()) == [stored]
    accounts.proxy.order(invent(200, content))
    assert list(accounts.faulty.get_many([("a", "1"), ("a", "2")])) == [stored, None]


def test_unprocessed_items_are_written_later(counters: Bench[Counter]) -> None:
    left = {"UnprocessedItems": {counters.table: [{"PutRequest": {"Item": {"id": {"S": "2"}, "hits": {"N": "0"}}}}]}}
    counters.proxy.order(invent(200, left, after=True), on="BatchWriteItem")
    counters.faulty.put_many([Counter("1"), Counter("2")])
    assert counters.proxy.count("BatchWriteItem") == 2


def test_what_stays_unavailable_says_whether_it_may_be_done(counters: Bench[Counter]) -> None:
    counters.proxy.order(refuse(503, "ServiceUnavailable"), times=3)
    with pytest.raises(holdall.Unavailable) as caught:
        counters.faulty.get("1")
    assert (caught.value.maybe_done, caught.value.retry) == (False, "exhausted")
    counters.proxy.order(drop(after=True), times=3)
    with pytest.raises(holdall.Unavailable) as caught:
        counters.faulty.put(Counter("1"))
    assert (caught.value.maybe_done, caught.value.retry) == (True, "exhausted")
    counters.proxy.order(refuse(400, "ThrottlingException"), times=3)
    with pytest.raises(holdall.Throttled) as throttled:
        counters.faulty.put(Counter("1"))
    assert (throttled.value.maybe_done, throttled.value.retry) == (False, "exhausted")


def test_a_batch_of_which_all_answers_are_lost_names_every_item(counters: Bench[Counter]) -> None:
    counters.proxy.order(drop(after=True), on="BatchWriteItem", times=3)
    with pytest.raises(holdall.BatchError) as caught:
        counters.faulty.put_many([Counter("1"), Counter("2")])
    assert [(failure.key, failure.error.maybe_done) for failure in caught.value.failures] == [("1", True), ("2", True)]


def test_a_late_answer_is_not_waited_for(bench_on: Callable[..., Bench[Account]], dynalite_endpoint: str) -> None:
    accounts = bench_on(dynalite_endpoint, Account, read_timeout="0.3")
    record = accounts.faulty.create(Account("a", "1", 1))
    accounts.proxy.order(delay(20))
    began = time.monotonic()
    record = accounts.faulty.update(record, F.balance.add(1))
    assert time.monotonic() - began < 5
    assert accounts.direct.get(("a", "1")) == record


def test_a_deadline_ends_the_wait_for_an_answer(
    bench_on: Callable[..., Bench[Counter]], dynalite_endpoint: str
) -> None:
    counters = bench_on(dynalite_endpoint, Counter, read_timeout="0.3")
    counters.faulty.put(Counter("1", 0))
    counters.proxy.order(delay(20), on="PutItem", times=3)
    with pytest.raises(holdall.Timeout) as caught, holdall.deadline(0.2):
        counters.faulty.put(Counter("1", 1))
    assert caught.value.maybe_done
    assert counters.direct.require("1").hits == 1


def test_a_connection_that_swallows_everything_is_replaced(
    bench_on: Callable[..., Bench[Account]], dynalite_endpoint: str
) -> None:
    # With the timeouts as they are by default: what a frozen Lambda's connections do after the thaw.
    accounts = bench_on(dynalite_endpoint, Account)
    record = accounts.faulty.create(Account("a", "1", 1))
    accounts.proxy.hole()
    began = time.monotonic()
    assert accounts.faulty.get(("a", "1")) == record
    assert 1.5 < time.monotonic() - began < 4
    accounts.proxy.hole()
    record = accounts.faulty.update(record, F.balance.add(1))
    assert accounts.direct.get(("a", "1")) == record


def test_many_connections_that_swallow_everything_are_replaced(
    bench_on: Callable[..., Bench[Counter]], dynalite_endpoint: str
) -> None:
    counters = bench_on(dynalite_endpoint, Counter, read_timeout="0.5")
    counters.direct.put_many(Counter(str(place)) for place in range(4))

    def ask(place: int) -> None:
        found.append(counters.faulty.require(str(place)).id)

    def together() -> None:
        threads = [threading.Thread(target=ask, args=(place,)) for place in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    found: list[str] = []
    together()
    counters.proxy.hole()
    together()
    assert sorted(found) == sorted("0123" * 2)
