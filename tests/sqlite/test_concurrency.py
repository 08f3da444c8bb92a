"""Several threads, processes and connections on one database."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import F

from .models import Order, Plain, order

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

THREADS, TIMES = 8, 25


@pytest.fixture(params=["file", "memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "sqlite://?timeout=20" if request.param == "memory" else f"sqlite:///{tmp_path}/shop.db?timeout=20"


def together(work: Callable[[int], object]) -> None:
    barrier = threading.Barrier(THREADS)

    def job(number: int) -> None:
        barrier.wait()
        work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(job, range(THREADS)))


def test_no_update_of_several_threads_is_lost(url: str) -> None:
    with holdall.open_repository(url, Plain) as plains:
        plains.put(Plain("a"))
        together(lambda _: [plains.update("a", F.value.add(1)) for _ in range(TIMES)])
        assert plains.require("a").value == THREADS * TIMES


def test_a_key_is_created_by_one_thread_only(url: str) -> None:
    created: list[int] = []
    with holdall.open_repository(url, Plain) as plains:

        def work(number: int) -> None:
            for key in range(TIMES):
                try:
                    plains.create(Plain(str(key), number))
                    created.append(key)
                except holdall.AlreadyExists:
                    pass

        together(work)
        assert sorted(created) == list(range(TIMES))


def test_a_unique_value_is_taken_by_one_thread_only(url: str) -> None:
    taken: list[int] = []
    with holdall.open_repository(url, Order) as orders:

        def work(number: int) -> None:
            for code in range(TIMES):
                try:
                    orders.create(order(number * 1000 + code, code=f"code-{code}"))
                    taken.append(code)
                except holdall.AlreadyExists as error:
                    assert error.field == "code"

        together(work)
        assert sorted(taken) == list(range(TIMES))


def test_no_update_of_several_tasks_is_lost(tmp_path: Path) -> None:
    async def program() -> int:
        async with holdall.open_async_repository(f"sqlite:///{tmp_path}/shop.db?timeout=20", Plain) as plains:
            await plains.put(Plain("a"))
            await asyncio.gather(*(plains.update("a", F.value.add(1)) for _ in range(THREADS * 5)))
            return (await plains.require("a")).value

    assert asyncio.run(program()) == THREADS * 5


def test_a_cancelled_task_leaves_no_transaction_open(tmp_path: Path) -> None:
    async def program() -> list[str]:
        async with holdall.open_async_repository(f"sqlite:///{tmp_path}/shop.db", Plain) as plains:
            await plains.provision()
            tasks = [asyncio.create_task(plains.put(Plain(str(n)))) for n in range(20)]
            await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await plains.put(Plain("last"))
            return [one.id async for one in plains.scan()]

    found = asyncio.run(program())
    assert {str(n) for n in range(1, 20, 2)} | {"last"} <= set(found)


def test_work_that_outlives_the_close_leaves_no_connection_open(tmp_path: Path) -> None:
    plains = holdall.open_repository(f"sqlite:///{tmp_path}/shop.db", Plain)
    plains.provision()
    store = plains.engine.driver.place.database.store  # type: ignore[attr-defined]
    connections: list[Any] = []

    async def work(session: Any) -> None:
        plains.close()
        connections.append(session._connection.dbapi_connection)

    store.run(work, write=False, wait=1)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connections[0].execute("SELECT 1")


def test_readers_go_on_while_a_writer_is_at_work(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shop.db"
    with holdall.open_repository(url, Plain) as plains:
        plains.put(Plain("a", 1))
        with plains.native.engine.connect() as writer:
            writer.exec_driver_sql("UPDATE plain SET value = 2")
            assert plains.get("a") == Plain("a", 1)
            writer.commit()
        assert plains.get("a") == Plain("a", 2)


def test_a_database_that_can_not_change_its_journal_now_works_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("CREATE TABLE plain (id TEXT PRIMARY KEY, value INT)")
        reader.execute("CREATE TABLE holdall_transactions (token)")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM plain").fetchall()
        with holdall.open_repository(f"sqlite:///{path}", Plain) as plains:
            assert plains.get("a") is None
            reader.rollback()
            plains.put(Plain("a", 1))
            assert plains.get("a") == Plain("a", 1)


def _in_child(path: str, plains: Any, inherited: str) -> None:
    assert inherited == (plains.require("a").value, plains.update("a", F.value.add(1)).value).__repr__()
    with holdall.open_repository(f"sqlite:///{path}", Plain) as again:
        again.put(Plain("child"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_process_uses_connections_of_its_own(tmp_path: Path) -> None:
    path = str(tmp_path / "shop.db")
    with holdall.open_repository(f"sqlite:///{path}", Plain) as plains:
        plains.put(Plain("a", 1))
        child = multiprocessing.get_context("fork").Process(target=_in_child, args=(path, plains, "(1, 2)"))
        child.start()
        child.join(30)
        assert child.exitcode == 0
        assert plains.update("a", F.value.add(1)).value == 3
        assert plains.exists("child")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_process_has_its_own_copy_of_a_database_in_memory() -> None:
    with holdall.open_repository("sqlite://", Plain) as plains:
        plains.put(Plain("a", 1))
        pid = os.fork()
        if pid == 0:
            os._exit(0 if plains.update("a", F.value.add(1)).value == 2 else 1)
        assert os.waitpid(pid, 0)[1] == 0
        assert plains.require("a").value == 1


def _add(path: str) -> None:
    with holdall.open_repository(f"sqlite:///{path}?timeout=20", Plain) as plains:
        for _ in range(TIMES):
            plains.update("a", F.value.add(1))


def test_no_update_of_several_processes_is_lost(tmp_path: Path) -> None:
    path = str(tmp_path / "shop.db")
    with holdall.open_repository(f"sqlite:///{path}", Plain) as plains:
        plains.put(Plain("a"))
        context = multiprocessing.get_context("spawn")
        workers = [context.Process(target=_add, args=(path,)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
            assert worker.exitcode == 0
        assert plains.require("a").value == 2 * TIMES
