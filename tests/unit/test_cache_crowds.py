"""Many readers of one key at once, in threads and in tasks of an event loop: one of them reads from the store."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

import holdall
from holdall import AccessDenied, F, Partition, Sort
from holdall.aio import AsyncIo
from holdall.cache_drivers import LEASE, VALUE
from holdall.io import run_blocking
from holdall.testing.faults import FaultyDriver
from tests.cache.bench import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")
MANY = 1_000
URL = "process://?jitter=0&early=0&wait=20"
"""So long a wait that a machine under load changes nothing."""


@dataclass
class Line:
    order: Partition[str]
    number: Sort[int]


class Opened:
    """A repository with a cache, and the store below it that counts its calls and is slow on order."""

    def __init__(self, repository: Any, url_io: Any) -> None:
        self.repository = repository
        driver: Any = repository.engine.driver
        self.records = driver
        self.store = driver.inner = FaultyDriver(driver.inner, url_io)

    @property
    def reads(self) -> int:
        return self.store.count("get")

    @property
    def stats(self) -> holdall.CacheStats:
        stats: holdall.CacheStats = self.repository.cache_stats[0]
        return stats

    def kept(self, name: str) -> bytes:
        key = self.records.key(self.repository.engine.key_of(name))
        return run_blocking(self.records.tier.driver.get([key], primary=True))[0] or b""

    def keep(self, name: str, value: bytes, seconds: float = 60.0) -> None:
        cache = self.records.tier.driver
        cache._put(self.records.key(self.repository.engine.key_of(name)), value, cache._clock() + seconds)


def blocking(url: str = URL) -> Opened:
    repository = holdall.open_repository("memory://", Note, cache=url)
    repository.put(Note("a", "one"))
    return Opened(repository, repository.engine.io)


async def on_loop(url: str = URL, made: Any = Note("a", "one")) -> Opened:  # noqa: B008 - it is not changed
    opened = Opened(holdall.open_async_repository("memory://", type(made), cache=url), AsyncIo())
    await opened.repository.put(made)
    return opened


def together(count: int, work: Callable[[], T]) -> list[T]:
    """Do a work in threads that begin at the same time; return the results."""
    barrier = threading.Barrier(count)

    def one(_: int) -> T:
        barrier.wait(30)
        return work()

    before = threading.stack_size(256 * 1024)
    try:
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(one, range(count)))
    finally:
        threading.stack_size(before)


def loop(job: Callable[[], Coroutine[Any, Any, T]]) -> T:
    return asyncio.run(asyncio.wait_for(job(), 30))


# Threads.


def test_a_thousand_threads_read_a_cold_key_from_the_store_once() -> None:
    opened = blocking()
    opened.store.delay("get", 0.02)
    found = together(MANY, lambda: opened.repository.require("a").text)
    assert found == ["one"] * MANY
    assert opened.reads == 1


def test_threads_that_wait_have_records_of_their_own() -> None:
    opened = blocking()
    opened.store.delay("get", 0.02)
    found = together(8, lambda: opened.repository.require("a"))
    assert len({id(note) for note in found}) == 8
    assert len({id(note.tags) for note in found}) == 8


def test_threads_that_read_many_keys_at_once_read_each_once() -> None:
    opened = blocking()
    names = [f"n{number}" for number in range(20)]
    opened.repository.put_many(Note(name, name) for name in names)
    opened.store.delay("get", 0.02, times=3)
    found = together(16, lambda: [note.id for note in opened.repository.get_many(names)])
    assert found == [names] * 16
    asked = [key.values[0] for port, keys in opened.store.calls if port == "get" for key in keys]
    assert sorted(asked) == sorted(names)


def test_threads_stop_waiting_after_a_while_and_read_for_themselves() -> None:
    opened = blocking("process://?jitter=0&early=0&wait=0.05")
    opened.store.delay("get", 1.0)  # the first alone
    begun = time.monotonic()
    took: list[float] = []

    def read() -> str:
        text: str = opened.repository.require("a").text
        took.append(time.monotonic() - begun)
        return text

    assert together(4, read) == ["one"] * 4
    assert sorted(took)[2] < 1.0
    assert opened.reads > 1


def test_threads_that_wait_for_one_whose_store_fails_read_for_themselves() -> None:
    opened = blocking()
    opened.store.fail("get", lambda: AccessDenied("no"))

    def read() -> str:
        try:
            return str(opened.repository.require("a").text)
        except AccessDenied:
            return "denied"

    assert sorted(together(10, read)) == ["denied"] + ["one"] * 9
    assert opened.reads == 2


def test_threads_that_read_and_write_see_no_older_value_after_a_newer_one() -> None:
    opened = blocking()
    stop = threading.Event()

    def read() -> list[int]:
        seen: list[int] = []
        while not stop.is_set():
            seen.append(len(opened.repository.require("a").tags))
        return seen

    def write() -> list[int]:
        seen: list[int] = []
        for _ in range(60):
            seen += [len(opened.repository.update("a", F.tags.append("x")).tags)]
            seen += [len(opened.repository.require("a").tags)]
        stop.set()
        return seen

    jobs = iter([write, read, read, read])

    def work() -> list[int]:
        job = next(jobs)
        return job()

    for seen in together(4, work):
        assert seen == sorted(seen)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_waits_for_no_thread_of_its_parent() -> None:
    opened = blocking("process://?jitter=0&early=0&wait=0.2&lease=0.3")
    opened.store.delay("get", 0.5)
    reader = threading.Thread(target=lambda: opened.repository.get("a"))
    reader.start()
    while not opened.kept("a"):
        time.sleep(0.001)
    child = os.fork()
    if not child:
        begun = time.monotonic()
        right = opened.repository.require("a").text == "one" and time.monotonic() - begun < 5
        os._exit(7 if right else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    reader.join()


# Tasks.


def test_a_thousand_tasks_read_a_cold_key_from_the_store_once() -> None:
    async def job() -> None:
        opened = await on_loop()
        opened.store.delay("get", 0.02)
        found = await asyncio.gather(*(opened.repository.require("a") for _ in range(MANY)))
        assert [note.text for note in found] == ["one"] * MANY
        assert opened.reads == 1

    loop(job)


def test_a_task_that_reads_for_others_may_be_cancelled() -> None:
    async def job() -> None:
        opened = await on_loop("process://?jitter=0&early=0&wait=0.1")
        opened.store.delay("get", 5.0)  # the first alone
        first = asyncio.ensure_future(opened.repository.get("a"))
        await asyncio.sleep(0.01)
        others = [asyncio.ensure_future(opened.repository.require("a")) for _ in range(5)]
        await asyncio.sleep(0.01)
        first.cancel()
        begun = time.monotonic()
        assert [note.text for note in await asyncio.gather(*others)] == ["one"] * 5
        assert time.monotonic() - begun < 2
        with pytest.raises(asyncio.CancelledError):
            await first
        assert (await opened.repository.require("a")).text == "one"
        assert not opened.records.tier.flights._flying

    loop(job)


def test_a_task_that_waits_may_be_cancelled() -> None:
    async def job() -> None:
        opened = await on_loop()
        opened.store.delay("get", 0.05)
        tasks = [asyncio.ensure_future(opened.repository.require("a")) for _ in range(3)]
        await asyncio.sleep(0.01)
        tasks[1].cancel()
        assert [note.text for note in await asyncio.gather(tasks[0], tasks[2])] == ["one"] * 2
        assert opened.reads == 1

    loop(job)


def test_a_task_that_writes_may_be_cancelled_and_keeps_its_fence_up() -> None:
    async def job() -> None:
        opened = await on_loop()
        await opened.repository.get("a")
        opened.store.delay("write", 5.0)
        task = asyncio.ensure_future(opened.repository.put(Note("a", "two")))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert opened.kept("a")[:1] == b"F"
        assert (await opened.repository.require("a")).text in ("one", "two")

    loop(job)


def test_tasks_wait_without_keeping_the_loop_from_others() -> None:
    async def job() -> None:
        opened = await on_loop("process://?jitter=0&early=0&wait=0.3")
        opened.keep("a", LEASE + b"of one who crashed")
        task = asyncio.ensure_future(opened.repository.require("a"))
        turns = 0
        while not task.done():
            await asyncio.sleep(0.005)
            turns += 1
        assert turns > 10
        assert task.result().text == "one"
        assert opened.kept("a")[:1] == VALUE

    loop(job)


def test_tasks_that_query_at_once_ask_the_store_once() -> None:
    async def job() -> None:
        opened = await on_loop(made=Line("a", 1))
        opened.store.delay("read", 0.02)
        query = opened.repository.query(F.order == "a").cache_query()
        found = await asyncio.gather(*(query.all() for _ in range(200)))
        assert [[line.number for line in lines] for lines in found] == [[1]] * 200
        assert opened.store.count("read") == 1

    loop(job)


def test_the_verbs_of_asyncio_go_through_the_cache_too() -> None:
    async def job() -> None:
        opened = await on_loop()
        notes = opened.repository
        assert [(await notes.require("a")).text for _ in range(2)] == ["one"] * 2
        assert [note.text async for note in notes.get_many(["a"])] == ["one"]
        await notes.update("a", F.text.set("two"))
        assert (await notes.require("a")).text == "two"
        await notes.invalidate("a")
        assert opened.kept("a") == b""
        assert (await notes.require("a", consistent=True)).text == "two"
        assert opened.stats.hits == 2
        await notes.close()

    loop(job)
