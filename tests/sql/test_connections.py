"""Connections: few, shared, replaced when they are dead, and never the reason for half a transaction."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

import holdall
from holdall import F, deadline
from holdall_adapters.sql import client as clients
from holdall_adapters.sql.client import DbSession
from tests.sqlite.models import Order, Plain, order

if TYPE_CHECKING:
    from .conftest import Base


def kill_all(base: Base) -> None:
    for number in base.connections():
        base.kill(number)


VERBS = {
    "get": lambda plains: plains.get("a"),
    "query": lambda plains: plains.scan().all(),
    "add": lambda plains: plains.update("a", F.value.add(1)),
    "put_many": lambda plains: plains.put_many([Plain("b", 2)]),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_connection_that_died_is_replaced_without_a_word(base: Base, verb: str) -> None:
    plains = base.open(Plain, "pool_size=1")
    plains.put(Plain("a", 1))
    kill_all(base)
    VERBS[verb](plains)
    assert plains.require("a").value == (2 if verb == "add" else 1)


def test_a_connection_that_was_idle_is_asked_before_it_carries_a_write(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    plains = base.open(Plain, "pool_size=1", retry=holdall.RetryPolicy(attempts=1))
    plains.put(Plain("a", 1))
    kill_all(base)
    monkeypatch.setattr(clients, "_IDLE", 0.0)
    time.sleep(0.01)
    assert plains.put(Plain("a", 2)) == plains.get("a")


def test_a_connection_in_use_is_not_asked(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    plains = base.open(Plain)
    plains.put(Plain("a", 1))
    asked: list[Any] = []
    monkeypatch.setattr(plains.native.engine.dialect, "do_ping", asked.append)
    for _ in range(5):
        plains.get("a")
    assert asked == []


def test_a_write_whose_answer_was_lost_says_that_it_may_be_done(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    plains = base.open(Plain, "pool_size=1", retry=holdall.RetryPolicy(attempts=1))
    plains.put(Plain("a", 1))
    kill_all(base)
    with pytest.raises(holdall.Unavailable) as caught:
        plains.put(Plain("a", 2))
    assert caught.value.maybe_done
    assert caught.value.__cause__ is not None


def test_a_connection_that_breaks_within_a_transaction_leaves_nothing_half_done(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    plains = base.open(Plain, "pool_size=1", retry=holdall.RetryPolicy(attempts=1))
    plains.put_many([Plain("a", 1), Plain("b", 1)])
    real, writes = DbSession.run, list[int]()

    async def run(self: DbSession, statement: Any, values: Any) -> int:
        writes.append(1)
        if len(writes) == 3:  # old tokens are forgotten first
            kill_all(base)
        return await real(self, statement, values)

    monkeypatch.setattr(DbSession, "run", run)
    with pytest.raises(holdall.Unavailable) as caught, plains.transaction() as tx:
        tx.update("a", F.value.set(5))
        tx.update("b", F.value.set(5))
    assert not caught.value.maybe_done
    monkeypatch.undo()
    assert [plains.require(name).value for name in "ab"] == [1, 1]


def test_a_lambda_function_keeps_one_connection(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "shop")
    plains = base.open(Plain)
    plains.put(Plain("a", 0))
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: plains.update("a", F.value.add(1)), range(30)))
    assert plains.require("a").value == 30
    assert plains.native.engine.pool.size() == 1
    assert plains.native.engine.pool.checkedout() == 0


def test_repositories_of_one_address_share_their_connections(base: Base) -> None:
    one, other = base.open(Plain), base.open(Plain)
    assert one.native.engine is other.native.engine
    one.put(Plain("a"))
    one.close()
    assert other.get("a") == Plain("a")


def test_the_last_one_to_close_closes_the_connections(base: Base) -> None:
    one = base.open(Plain, "application_name=kept" if not base.is_mysql else "charset=utf8mb4")
    one.put(Plain("a"))
    pool = one.native.engine.pool
    assert pool.checkedin() == 1
    one.close()
    assert pool.checkedin() == 0


def test_work_waits_no_longer_than_the_deadline_for_a_lock(base: Base) -> None:
    plains = base.open(Plain)
    plains.put(Plain("a", 1))
    with base.engine.execution_options(isolation_level="READ COMMITTED").begin() as other:
        quoted = base.engine.dialect.identifier_preparer.quote(base.table)
        other.execute(sa.text(f"SELECT * FROM {quoted} FOR UPDATE"))
        began = time.monotonic()
        with pytest.raises((holdall.Timeout, holdall.Throttled)), deadline(0.7):
            plains.update("a", F.value.add(1))
        assert time.monotonic() - began < 5
    assert plains.require("a").value == 1


def test_a_deadlock_is_run_again(base: Base) -> None:
    plains = base.open(Plain)
    plains.put_many([Plain("a", 0), Plain("b", 0)])

    def swap(names: str) -> None:
        for _ in range(10):
            with plains.transaction() as tx:
                for name in names:
                    tx.update(name, F.value.add(1))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(swap, ["ab", "ba"]))
    assert [plains.require(name).value for name in "ab"] == [20, 20]


def test_transactions_that_read_what_the_other_writes_do_not_both_go_through(base: Base) -> None:
    plains = base.open(Plain)
    for turn in range(10):
        names = (f"x{turn}", f"y{turn}")
        ready = threading.Barrier(2)

        def claim(mine: str, others: str, ready: threading.Barrier = ready) -> bool:
            ready.wait()
            try:
                with plains.transaction() as tx:
                    tx.create(Plain(mine))
                    tx.check(others, ~F.id.is_set())
            except holdall.TransactionFailed:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            pool.submit(claim, *names)
            pool.submit(claim, *names[::-1])
        assert sum(plains.exists(name) for name in names) <= 1


def test_the_callers_own_engine_is_used_and_left_open(base: Base) -> None:
    address, _, _ = base.url.partition("?")
    engine = sa.create_engine(address)
    try:
        with holdall.open_repository(base.url, Plain, client=engine) as plains:
            plains.provision()
            plains.put(Plain("a", 1))
            assert plains.update("a", F.value.add(1)).value == 2
        with engine.begin() as connection:  # it still begins transactions of its own
            connection.execute(sa.text("SELECT 1"))
            assert connection.get_isolation_level() != "AUTOCOMMIT"
        assert engine.pool.checkedin() == 1  # type: ignore[attr-defined]  # of a QueuePool
    finally:
        engine.dispose()


def test_the_callers_own_asynchronous_engine_is_used_and_left_open(base: Base) -> None:
    address, _, _ = base.url.partition("?")

    async def main() -> None:
        engine = create_async_engine(address.replace("pymysql", "aiomysql"))
        try:
            async with holdall.open_async_repository(base.url, Plain, client=engine) as plains:
                await plains.provision()
                await plains.put(Plain("a", 1))
                assert await plains.update("a", F.value.add(1)) == await plains.get("a")
        finally:
            await engine.dispose()

    asyncio.run(main())


def test_the_engine_of_native_has_transactions_and_leaves_ours_as_they_were(base: Base) -> None:
    plains = base.open(Plain, "pool_size=1")
    plains.put(Plain("a", 1))
    table = plains.native.table

    def spoil() -> None:
        with plains.native.engine.begin() as connection:
            connection.execute(sa.delete(table))
            raise KeyError

    with pytest.raises(KeyError):
        spoil()
    assert plains.get("a") == Plain("a", 1)
    with plains.native.engine.begin() as connection:
        connection.execute(sa.update(table).values(value=5))
    assert plains.update("a", F.value.add(1)).value == 6
    assert base.run("SELECT value FROM TABLE_") == [(6,)]


def test_the_engine_of_native_is_awaited_on_asyncio(base: Base) -> None:
    async def main() -> None:
        async with holdall.open_async_repository(base.url.replace("pymysql", "aiomysql"), Plain) as plains:
            await plains.provision()
            await plains.put(Plain("a", 1))
            async with plains.native.engine.begin() as connection:
                assert (await connection.execute(sa.select(plains.native.table))).all() == [("a", 1)]
            assert await plains.count() == 1

    asyncio.run(main())


def test_a_user_and_a_database_that_are_not_there_are_told_apart(base: Base) -> None:
    host = base.url.partition("@")[2]
    user = base.url.replace(base.url.partition("://")[2].partition("@")[0], "nobody")
    with pytest.raises(holdall.AccessDenied), holdall.open_repository(user, Plain) as plains:
        plains.get("a")
    nowhere = base.url.replace(host.partition("/")[2].partition("?")[0], "nowhere", 1)
    lost = pytest.raises(holdall.ConfigError, match="no such database")
    with lost, holdall.open_repository(nowhere, Plain) as plains:
        plains.get("a")


def test_an_engine_of_another_database_is_refused(base: Base) -> None:
    with pytest.raises(holdall.ConfigError, match="client= of a"):
        base.open(Plain, client=sa.create_engine("sqlite://"), provision=False)


def test_values_are_in_no_error(base: Base) -> None:
    orders = base.open(Order)
    base.run("CREATE UNIQUE INDEX ux ON TABLE_ (count)")
    orders.put(order(count=4242))
    with pytest.raises(holdall.InvalidArgument) as caught:
        orders.put(order(2, count=4242))
    assert "4242" not in str(caught.value)


def test_reads_that_may_be_old_go_to_the_replica_and_others_to_the_writer(base: Base) -> None:
    # The replica is a database of the same server, without the table.
    address = base.engine.url
    plains = base.open(Plain, f"replica=localhost:{address.port}")
    plains.put(Plain("a", 1))
    shared: Any = plains.engine.driver.place.database._shared
    used: list[str] = []
    for name in ("writer", "replica"):
        server, real = getattr(shared, name), getattr(shared, name).run

        async def run(work: Any, mode: Any, user: Any, name: str = name, real: Any = real) -> Any:
            used.append(name)
            return await real(work, mode, user)

        server.run = run
    assert plains.get("a") == plains.get("a", consistent=True)
    plains.query(F.id == "a").all()
    plains.put(Plain("a", 2))
    assert used == ["replica", "writer", "replica", "writer"]
