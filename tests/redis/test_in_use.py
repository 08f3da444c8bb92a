"""Caches in front of stores, and clients that many share while deadlines pass, servers are away, processes fork."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import Cache, Secret
from holdall.cache_drivers import Added, CacheFailed
from holdall.io import run_blocking
from holdall.testing.caches import new_key, together
from tests.cache.bench import Note
from tests.redis.opened import driver_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from tests.servers.private import PrivateServer

PATIENT = "timeout=5&connect_timeout=5&jitter=0&early=0"


@pytest.fixture
def store() -> str:
    return f"memory://in-use-{time.perf_counter_ns()}"


def test_blocking_stores_and_those_of_asyncio_see_each_others_writes_at_once(valkey_address: str, store: str) -> None:
    cache = Cache(f"{valkey_address}?{PATIENT}&prefix={new_key().replace(':', '-')[:40]}")
    blocking = holdall.open_repository(store, Note, cache=cache)

    async def use() -> None:
        async with holdall.open_async_repository(store, Note, cache=cache) as awaited:
            for turn in range(3):
                blocking.put(Note("a", f"blocking {turn}"))
                assert (await awaited.require("a")).text == f"blocking {turn}"
                await awaited.put(Note("a", f"awaited {turn}"))
                assert blocking.require("a").text == f"awaited {turn}"
                assert (await awaited.require("a")).text == f"awaited {turn}"

    asyncio.run(use())
    (stats,) = blocking.cache_stats
    blocking.close()
    assert (stats.misses, stats.hits, stats.failures) == (6, 3, 0)


def test_a_user_who_may_only_read_waits_for_nobody(valkey_address: str, store: str) -> None:
    reader = Cache(f"{valkey_address}?{PATIENT}&wait=20", username="reader", password=Secret("reader-password"))
    holdall.open_repository(store, Note).put(Note("a", "one"))
    with holdall.open_repository(store, Note, cache=reader) as notes:
        begun = time.perf_counter()
        assert [notes.require("a").text for _ in range(5)] == ["one"] * 5
        assert time.perf_counter() - begun < 2
        (stats,) = notes.cache_stats
    assert (stats.waits, stats.past, stats.failures, stats.breaker) == (0, 5, 5, "closed")


@pytest.mark.parametrize("several", [False, True])
def test_a_deadline_that_passes_in_the_middle_of_an_answer_costs_no_connection(
    private_valkey: Callable[[], PrivateServer], several: bool
) -> None:
    server = private_valkey()
    keys = ["k", "l"] if several else ["k"]

    async def use() -> None:
        driver = driver_of(f"{server.address}?max_connections=4", asynchronous=True)
        await driver.add([Added(key, b"V", 60) for key in keys])
        for _ in range(10):
            server.pause()
            with holdall.deadline(0.01), pytest.raises(CacheFailed, match="in time"):
                await driver.get(keys, primary=True)
            server.resume()
        begun = time.perf_counter()
        assert list(await driver.get(keys, primary=True)) == [b"V"] * len(keys)
        assert time.perf_counter() - begun < 1
        await driver.close()

    asyncio.run(use())


# Clients that can't be made.


@pytest.fixture
def silent() -> Iterator[str]:
    """Give the address of a server that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}"


def test_threads_that_come_while_a_cluster_can_not_be_reached_do_not_wait_one_after_another(silent: str) -> None:
    driver = driver_of(f"{silent}?cluster=true", timeout=0.2, connect_timeout=0.2)

    def use(_: int) -> bool:
        with pytest.raises(CacheFailed):
            run_blocking(driver.get(["k"], primary=True))
        return True

    begun = time.perf_counter()
    assert all(together(16, use))
    assert time.perf_counter() - begun < 1.5


def test_who_comes_just_after_a_cluster_could_not_be_reached_does_not_wait(silent: str) -> None:
    driver = driver_of(f"{silent}?cluster=true", timeout=0.3, connect_timeout=5.0)
    took: list[float] = []
    for _ in range(3):
        begun = time.perf_counter()
        with pytest.raises(CacheFailed):
            run_blocking(driver.get(["k"], primary=True))
        took.append(time.perf_counter() - begun)
    assert max(took[1:]) < 0.25


def test_a_cluster_that_can_be_reached_again_is_used_again(silent: str, valkey_cluster_address: str) -> None:
    driver: Any = driver_of(f"{silent}?cluster=true", timeout=0.05, connect_timeout=0.05)
    other: Any = driver_of(f"{valkey_cluster_address}?cluster=true")
    with pytest.raises(CacheFailed):
        run_blocking(driver.get(["k"], primary=True))
    driver._clients._make = other._clients._make
    time.sleep(0.06)
    assert list(run_blocking(driver.get([new_key()], primary=True))) == [None]
    run_blocking(driver.close())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("verb", ["get", "close"])
def test_a_child_forked_while_a_client_is_made_is_not_hung(valkey_address: str, verb: str) -> None:
    driver: Any = driver_of(valkey_address)
    made = driver._clients._make
    making, forked = threading.Event(), threading.Event()

    def slowly() -> Any:
        making.set()
        assert forked.wait(10)
        return made()

    driver._clients._make = slowly
    maker = threading.Thread(target=run_blocking, args=(driver.get(["k"], primary=True),))
    maker.start()
    making.wait(10)
    driver._clients._make = made
    child = os.fork()
    if not child:
        signal.alarm(1)
        job: Coroutine[Any, Any, Any] = driver.close() if verb == "close" else driver.get([new_key()], primary=True)
        try:
            run_blocking(job)
            os._exit(7)
        finally:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    forked.set()
    maker.join()
    run_blocking(driver.close())
    assert os.waitstatus_to_exitcode(status) == 7
