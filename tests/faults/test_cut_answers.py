"""
An answer that is cut at any byte never becomes "not found", "empty", "done" or a conflict with one's own write.

Each verb is done over and over, each time with the server's answer cut at another place, after the server did it. With
HOLDALL_TEST_EVERY_BYTE set, that is each byte for all of them; else for one read and one write, and around the ends of
the head and the body for the others.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import F
from holdall.testing.proxy import cut

from .bench import QUICK, Account, Bench, Counter, Member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEP = 1 if "HOLDALL_TEST_EVERY_BYTE" in os.environ else 31


@pytest.fixture(params=["closed", "reset", "without-length"])
def how(request: pytest.FixtureRequest) -> dict[str, bool]:
    return {"closed": {}, "reset": {"reset": True}, "without-length": {"keep_length": False}}[request.param]


@pytest.fixture
def accounts(bench_on: Callable[..., Bench[Account]], dynamodb_endpoint: str) -> Bench[Account]:
    """On each server, as their heads differ."""
    return bench_on(dynamodb_endpoint, Account)


@pytest.fixture
def exact(bench_on: Callable[..., Bench[Account]], dynalite_endpoint: str) -> Bench[Account]:
    return bench_on(dynalite_endpoint, Account)


@pytest.fixture
def counters(bench_on: Callable[..., Bench[Counter]], dynalite_endpoint: str) -> Bench[Counter]:
    return bench_on(dynalite_endpoint, Counter)


@pytest.fixture
def transacting(bench_on: Callable[..., Bench[Counter]], ministack_endpoint: str) -> Bench[Counter]:
    return bench_on(ministack_endpoint, Counter)


def _walk(bench: Bench[Any], operation: str, ask: Callable[[], object], step: int = STEP, **how: bool) -> Iterator[str]:
    """Order a cut at each place in turn, and yield a name for what is done then."""
    for place in bench.places(operation, ask, step, keep_length=how.get("keep_length", True)):
        bench.proxy.clear()
        bench.proxy.order(cut(place, **how), on=operation)
        yield f"{place:05}"
        assert bench.proxy.waiting == 0, f"{operation} was not asked for"


def test_get_finds_what_is_there(accounts: Bench[Account], how: dict[str, bool]) -> None:
    stored = accounts.direct.put(Account("a", "1", 5, "é"))
    for _ in _walk(accounts, "GetItem", lambda: accounts.faulty.get(("a", "1")), **how):
        assert accounts.faulty.get(("a", "1")) == stored


def test_get_finds_what_is_there_after_a_cut_at_any_byte(exact: Bench[Account]) -> None:
    stored = exact.direct.put(Account("a", "1", 5, "é"))
    for _ in _walk(exact, "GetItem", lambda: exact.faulty.get(("a", "1")), step=1):
        assert exact.faulty.get(("a", "1")) == stored


def test_get_finds_nothing_only_where_nothing_is(accounts: Bench[Account], how: dict[str, bool]) -> None:
    for _ in _walk(accounts, "GetItem", lambda: accounts.faulty.get(("a", "0")), **how):
        assert accounts.faulty.get(("a", "0")) is None
        assert accounts.proxy.count("GetItem") == 2


def test_query_finds_all(accounts: Bench[Account], how: dict[str, bool]) -> None:
    stored = [accounts.direct.put(Account("a", str(place))) for place in range(3)]

    def ask() -> list[Account]:
        return list(accounts.faulty.query(F.owner == "a"))

    for _ in _walk(accounts, "Query", ask, **how):
        assert ask() == stored


def test_count_counts_all(exact: Bench[Account]) -> None:
    exact.direct.put_many(Account("a", str(place)) for place in range(3))
    for _ in _walk(exact, "Query", exact.faulty.query(F.owner == "a").count):
        assert exact.faulty.query(F.owner == "a").count() == 3


def test_scan_finds_all(counters: Bench[Counter]) -> None:
    stored = [counters.direct.put(Counter(str(place))) for place in range(3)]

    def ask() -> list[Counter]:
        return sorted(counters.faulty.scan(), key=lambda found: found.id)

    for _ in _walk(counters, "Scan", ask):
        assert ask() == stored


def test_get_many_finds_all(exact: Bench[Account]) -> None:
    stored = [exact.direct.put(Account("a", str(place))) for place in range(3)]
    keys = [("a", str(place)) for place in range(4)]

    def ask() -> list[Account | None]:
        return list(exact.faulty.get_many(keys))

    for _ in _walk(exact, "BatchGetItem", ask):
        assert ask() == [*stored, None]


def test_create_under_a_revision_knows_its_own_record(accounts: Bench[Account], how: dict[str, bool]) -> None:
    first = Account("a", "first", 1)
    for name in _walk(accounts, "PutItem", lambda: accounts.faulty.create(first), **how):
        created = accounts.faulty.create(Account("a", name, 1))
        assert accounts.direct.get(("a", name)) == created


def test_create_without_a_revision_knows_its_own_record(counters: Bench[Counter]) -> None:
    for name in _walk(counters, "PutItem", lambda: counters.faulty.create(Counter("first"))):
        created = counters.faulty.create(Counter(name, 1))
        assert counters.direct.get(name) == created


def test_create_of_what_is_there_is_refused(exact: Bench[Account]) -> None:
    stored = exact.direct.put(Account("a", "1", 5))

    def ask() -> holdall.HoldallError:
        with pytest.raises((holdall.AlreadyExists, holdall.Unavailable)) as caught:
            exact.faulty.create(Account("a", "1", 6))
        return caught.value

    for _ in _walk(exact, "PutItem", ask):
        error = ask()
        # Without a status, the refusal may be that of an own record which was replaced since.
        assert error.maybe_done == isinstance(error, holdall.Unavailable)
        assert exact.direct.get(("a", "1")) == stored


def test_put_under_a_revision_knows_its_own_record(exact: Bench[Account]) -> None:
    stored = [exact.direct.put(Account("a", "1", 0))]

    def ask() -> None:
        stored[0].balance += 1
        stored[0] = exact.faulty.put(stored[0])

    for _ in _walk(exact, "PutItem", ask):
        ask()
        assert exact.direct.get(("a", "1")) == stored[0]


def test_replace_under_a_condition_knows_its_own_record(counters: Bench[Counter]) -> None:
    counters.direct.put(Counter("1", 0))
    hits = [0]

    def ask() -> None:
        counters.faulty.replace(Counter("1", hits[0] + 1), when=F.hits == hits[0])
        hits[0] += 1

    for _ in _walk(counters, "PutItem", ask):
        ask()
        assert counters.direct.require("1").hits == hits[0]


def test_an_addition_under_a_revision_is_done_once(accounts: Bench[Account], how: dict[str, bool]) -> None:
    stored = [accounts.direct.put(Account("a", "1", 0))]

    def ask() -> None:
        stored[0] = accounts.faulty.update(stored[0], F.balance.add(1))

    for _ in _walk(accounts, "UpdateItem", ask, **how):
        before = stored[0].balance
        ask()
        assert stored[0].balance == before + 1
        assert accounts.direct.get(("a", "1")) == stored[0]


def test_an_addition_without_a_revision_is_never_done_twice(counters: Bench[Counter]) -> None:
    counters.direct.put(Counter("1", 0))
    for _ in _walk(counters, "UpdateItem", lambda: counters.faulty.update("1", F.hits.add(1))):
        before = counters.direct.require("1").hits
        assert before is not None
        try:
            counters.faulty.update("1", F.hits.add(1))
        except holdall.Unavailable as error:
            assert error.maybe_done
        assert counters.direct.require("1").hits == before + 1


def test_an_appendix_without_a_revision_is_never_done_twice(counters: Bench[Counter]) -> None:
    counters.direct.put(Counter("1", log=["begun"]))
    for name in _walk(counters, "UpdateItem", lambda: counters.faulty.update("1", F.log.append("first"))):
        counters.direct.put(Counter("1", log=["begun"]))
        with pytest.raises(holdall.Unavailable) as caught:
            counters.faulty.update("1", F.log.append(name))
        assert caught.value.maybe_done
        assert counters.direct.require("1").log == ["begun", name]


def test_a_change_that_can_be_repeated_is_done(counters: Bench[Counter]) -> None:
    counters.direct.put(Counter("1", 0))
    for name in _walk(counters, "UpdateItem", lambda: counters.faulty.update("1", F.log.set([]))):
        assert counters.faulty.update("1", F.log.set([name])) == Counter("1", 0, [name])


def test_an_update_whose_condition_it_made_false_is_open(counters: Bench[Counter]) -> None:
    def ask(hits: int) -> None:
        counters.direct.put(Counter("1", 0))
        counters.faulty.update("1", F.hits.set(hits), when=F.hits == 0)

    for name in _walk(counters, "UpdateItem", lambda: ask(1)):
        with pytest.raises(holdall.Unavailable) as caught:
            ask(abs(int(name)) + 1)
        assert caught.value.maybe_done
        assert counters.direct.require("1").hits == abs(int(name)) + 1
        assert counters.proxy.count("UpdateItem") == 2, "what can't be told is not tried again"


def test_delete_of_a_record_is_done(exact: Bench[Account]) -> None:
    def ask() -> None:
        exact.faulty.delete(exact.direct.put(Account("a", "1")), must_exist=True)

    for _ in _walk(exact, "DeleteItem", ask):
        ask()
        assert exact.direct.get(("a", "1")) is None


def test_put_many_writes_all(counters: Bench[Counter]) -> None:
    counters.faulty.put_many(Counter(f"{place}", 0) for place in range(25))
    for name in _walk(counters, "BatchWriteItem", lambda: counters.faulty.put_many([Counter("1")])):
        assert counters.faulty.put_many(Counter(f"{place}", int(name)) for place in range(3)) == 3
        assert [found and found.hits for found in counters.direct.get_many(["0", "1", "2"])] == [int(name)] * 3


def test_delete_many_removes_all(counters: Bench[Counter]) -> None:
    for _ in _walk(counters, "BatchWriteItem", lambda: counters.faulty.delete_many(["0"])):
        counters.direct.put_many([Counter("0"), Counter("1")])
        assert counters.faulty.delete_many(["0", "1"]) == 2
        assert list(counters.direct.get_many(["0", "1"])) == [None, None]


def test_a_transaction_is_done_once(transacting: Bench[Counter], how: dict[str, bool]) -> None:
    transacting.direct.put(Counter("1", 0))

    def ask(name: str) -> None:
        with transacting.faulty.transaction() as tx:
            tx.create(Counter(name))
            tx.update("1", F.hits.add(1))

    for name in _walk(transacting, "TransactWriteItems", lambda: ask("first"), **how):
        before = transacting.direct.require("1").hits
        assert before is not None
        ask(name)
        assert transacting.direct.require("1").hits == before + 1
        assert transacting.direct.get(name) == Counter(name)


def test_a_refused_transaction_stays_refused(transacting: Bench[Counter]) -> None:
    transacting.direct.put(Counter("1", 0))

    def ask() -> None:
        with pytest.raises(holdall.TransactionFailed) as caught, transacting.faulty.transaction() as tx:
            tx.put(Counter("2"))
            tx.create(Counter("1"))
        assert [type(reason) for reason in caught.value.reasons] == [type(None), holdall.AlreadyExists]

    for _ in _walk(transacting, "TransactWriteItems", ask):
        ask()
        assert transacting.direct.get("2") is None


def test_a_write_with_guards_is_done_once(
    bench_on: Callable[..., Bench[Member]], ministack_endpoint: str
) -> None:
    members = bench_on(ministack_endpoint, Member)
    for name in _walk(members, "TransactWriteItems", lambda: members.faulty.create(Member("1", "first"))):
        assert members.faulty.create(Member(name, name)) == members.direct.get(name)
        members.proxy.order(cut(int(name)), on="TransactWriteItems")
        changed = members.faulty.update(name, F.email.set(f"{name}b"), F.visits.add(1))
        assert changed == Member(name, f"{name}b", 1) == members.direct.get(name)


def test_get_finds_what_is_there_from_asyncio_too(exact: Bench[Account]) -> None:
    stored = exact.direct.put(Account("a", "1", 5))

    async def walk() -> None:
        url = exact.url(exact.proxy.url)
        async with holdall.open_async_repository(url, Account, retry=QUICK) as faulty:
            for _ in _walk(exact, "GetItem", lambda: exact.faulty.get(("a", "1"))):
                assert await faulty.get(("a", "1")) == stored

    asyncio.run(walk())
