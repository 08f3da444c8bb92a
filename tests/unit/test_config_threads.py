"""Many threads or tasks on one source: who reads, who waits, and who is served."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from holdall import Unavailable
from holdall.io import BlockingIo
from tests.unit.config_sources import THRICE, Clock, Source, down, opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have lifetimes and pauses be the longest that they can be."""
    monkeypatch.setattr("holdall._engine.config.layer._between", lambda _, most: most)


def _together(count: int, job: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(count) as pool:
        return [each.result(timeout=20) for each in [pool.submit(job) for _ in range(count)]]


def test_many_threads_on_a_cold_source_read_it_once(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    arrived = threading.Barrier(8)
    slow = threading.Event()
    source.during = lambda: slow.wait(0.03)

    def job() -> Any:
        arrived.wait(10)
        return config.get("a")

    assert _together(8, job) == ["1"] * 8
    assert source.loads == 1


def test_while_one_thread_reads_anew_the_others_are_served_the_old(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    config.get("a")
    source.values["a"] = "2"
    reading, served = threading.Event(), threading.Event()

    def during() -> None:
        reading.set()
        assert served.wait(10)

    source.during = during
    clock.now += 61
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(config.get, "a")
        assert reading.wait(10)
        # None of these may wait, since what they would wait for waits for them.
        others = [config.get("a"), config.get("a", int), config.get("missing")]
        served.set()
        assert first.result(10) == "2"
    assert others == ["1", 1, None]
    assert (config.get("a"), config.get("a", int), source.loads) == ("2", 2, 2)


class Doorstep(BlockingIo):
    """Knows how many threads have waited."""

    def __init__(self, expected: int) -> None:
        self.waiting: set[int] = set()
        self.all_wait = threading.Event()
        self._expected = expected

    async def sleep(self, seconds: float) -> None:
        self.waiting.add(threading.get_ident())
        if len(self.waiting) == self._expected:
            self.all_wait.set()
        await super().sleep(seconds)


@pytest.mark.parametrize("old", [False, True])
def test_threads_that_wait_for_a_read_that_fails_do_not_try_as_often_again(clock: Clock, old: bool) -> None:
    source = Source()
    config = opened(source, clock, retry=THRICE)
    if old:
        config.get("a")
        clock.now += 1e6
    door = config.engine.layers[0].io = Doorstep(2)
    source.failures, source.loads = down(99), 0
    source.during = lambda: door.all_wait.wait(10)
    errors: list[Exception] = []

    def job() -> None:
        try:
            config.get("a")
        except Unavailable as error:
            errors.append(error)

    _together(3, job)
    assert len({id(error) for error in errors}) == 3
    assert source.loads == 3


def test_threads_that_wait_for_a_name_that_fails_do_not_try_as_often_again(clock: Clock) -> None:
    source = Source(whole=False)
    config = opened(source, clock, retry=THRICE)
    config.get("other")
    door = config.engine.layers[0].io = Doorstep(2)
    source.failures, source.fetches = down(99), []
    source.during = lambda: door.all_wait.wait(10)

    def job() -> None:
        with pytest.raises(Unavailable):
            config.get("a")

    _together(3, job)
    assert source.fetches == [["a"]] * 3


def test_a_name_that_fails_does_not_fail_another_that_waits(clock: Clock) -> None:
    source = Source(whole=False)
    config = opened(source, clock)
    source.values["b"] = "2"
    source.failures = down(1)
    with pytest.raises(Unavailable):
        config.get("a")
    assert (config.get("b"), config.get("a")) == ("2", "1")


def test_after_a_long_pause_nobody_is_served_the_old(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    config.get("a")
    source.values["a"] = "2"
    clock.now += 5 * 3600
    door = config.engine.layers[0].io = Doorstep(2)
    source.during = lambda: door.all_wait.wait(10)
    assert _together(3, lambda: config.get("a")) == ["2"] * 3
    assert source.loads == 2


def test_threads_that_refresh_together_read_once(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    config.get("a")
    door = config.engine.layers[0].io = Doorstep(3)
    source.during = lambda: door.all_wait.wait(10)
    _together(4, config.refresh)
    assert source.loads <= 3  # one before, one that the others wait for, one that began after they came


def test_many_tasks_on_a_cold_source_read_it_once(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock, asynchronous=True)
    source.during = lambda: asyncio.sleep(0.02)

    async def job() -> list[Any]:
        return await asyncio.gather(*[config.get("a") for _ in range(10)])

    assert asyncio.run(job()) == ["1"] * 10
    assert source.loads == 1


def test_while_one_task_reads_anew_the_others_are_served_the_old(clock: Clock) -> None:
    async def job() -> list[Any]:
        source = Source()
        config = opened(source, clock, asynchronous=True)
        await config.get("a")
        source.values["a"] = "2"
        go = asyncio.Event()
        source.during = lambda: asyncio.wait_for(go.wait(), 10)
        clock.now += 61
        first = asyncio.ensure_future(config.get("a"))
        await asyncio.sleep(0)
        others = [await config.get("a"), await config.get("a", int)]
        go.set()
        return [*others, await first, await config.get("a"), source.loads]

    assert asyncio.run(job()) == ["1", 1, "2", "2", 2]


@pytest.mark.parametrize("warm", [False, True])
def test_a_task_that_is_cancelled_while_it_reads_leaves_the_source_usable(clock: Clock, warm: bool) -> None:
    async def job() -> None:
        source = Source()
        config = opened(source, clock, asynchronous=True)
        if warm:
            await config.get("a")
            clock.now += 61
        source.values["a"] = "2"
        source.during = lambda: asyncio.sleep(30)
        first = asyncio.ensure_future(config.get("a"))
        await asyncio.sleep(0)
        waiting = None if warm else asyncio.ensure_future(config.get("a"))
        await asyncio.sleep(0)
        source.during = lambda: None
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await config.get("a") == "2"
        if waiting is not None:
            assert await waiting == "2"

    asyncio.run(job())


def test_names_that_are_known_are_read_anew_together(clock: Clock) -> None:
    source = Source(whole=False)
    config = opened(source, clock)
    for name in ("a", "b", "missing"):
        config.get(name)
    assert source.fetches == [["a"], ["b"], ["missing"]]
    source.values = {"a": "2", "b": "3"}
    clock.now += 61
    assert (config.get("a"), config.get("b"), config.get("missing")) == ("2", "3", None)
    assert source.fetches[3:] == [["a", "b", "missing"]]
