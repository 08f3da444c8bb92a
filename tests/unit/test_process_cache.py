"""The cache in the process."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from holdall import ConfigError
from holdall.aio import ThreadIo
from holdall.cache_drivers import COMMON, Added, CacheOpening, Drop, Fence, Release, Swap
from holdall.io import BlockingIo
from holdall.registry import cache_opener
from holdall.testing.caches import Cache, CacheConformance, fence_of
from holdall.urls import parse_url
from holdall_adapters.memory import cache as process_cache
from holdall_adapters.memory.cache import ProcessCache

if TYPE_CHECKING:
    from collections.abc import Callable


def open_cache(url: str, *, asynchronous: bool = False) -> Cache:
    driver, io = cache_opener("process")(parse_url(url), CacheOpening(asynchronous=asynchronous))
    # For who waits on a loop, which the driver never does.
    assert isinstance(io, ThreadIo if asynchronous else BlockingIo)
    return Cache(driver)


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class TestProcessCache(CacheConformance):
    @pytest.fixture
    def cache(self) -> Cache:
        return open_cache("process://?max_items=100000")


@pytest.mark.parametrize("asynchronous", [False, True])
def test_it_never_waits_itself(asynchronous: bool) -> None:
    cache = open_cache("process://", asynchronous=asynchronous)
    assert cache.add(Added("k", b"V", 1)) == [True]


def test_it_says_what_it_is() -> None:
    driver = open_cache("process://").driver
    assert driver.native is None
    capabilities = driver.capabilities
    assert (capabilities.name, capabilities.shared, capabilities.replicas) == ("process", False, False)
    assert capabilities.max_value_bytes is None


def test_each_opening_has_its_own() -> None:
    one, other = open_cache("process://"), open_cache("process://")
    one.put("k", b"V")
    assert (one.at("k"), other.at("k")) == (b"V", None)


def test_it_takes_what_every_url_of_a_cache_may_say() -> None:
    open_cache("process://?" + "&".join(f"{name}=1" for name in COMMON))


@pytest.mark.parametrize(("url", "words"), [
    ("process://name", "write process://"), ("process:///path", "write process://"),
    ("process://user@/", "write process://"),
    ("process://?max_items=0", "from 1 on"), ("process://?max_items=-1", "from 1 on"),
    ("process://?max_items=many", "from 1 on"), ("process://?max_item=1", "max_items"),
])  # fmt: skip
def test_a_wrong_url_is_refused(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        open_cache(url)


def test_what_was_used_least_is_lost_first() -> None:
    cache = open_cache("process://?max_items=2")
    cache.put("a", b"Va")
    cache.put("b", b"Vb")
    assert cache.at("a") == b"Va"
    cache.put("c", b"Vc")
    assert cache.get("a", "b", "c") == [b"Va", None, b"Vc"]


def test_a_change_is_a_use() -> None:
    cache = open_cache("process://?max_items=2")
    cache.put("a", b"La")
    cache.put("b", b"Vb")
    cache.swap(Swap("a", b"L", b"Va", 60))
    cache.put("c", b"Vc")
    assert cache.get("a", "b", "c") == [b"Va", None, b"Vc"]


def test_a_thousand_keys_are_held_unless_the_url_says_otherwise() -> None:
    cache = open_cache("process://")
    cache.add(*(Added(str(number), b"V", 60) for number in range(1001)))
    assert cache.get("0", "1", "1000") == [None, b"V", b"V"]


def test_what_has_ended_is_not_there_for_any_operation() -> None:
    clock = Clock()
    cache = Cache(ProcessCache(10, clock))
    for key in ("get", "add", "swap", "drop", "fence", "release"):
        cache.put(key, b"Fgarbage" if key == "release" else b"V", 5.0)
    clock.now += 4.999
    assert cache.at("get") == b"V"
    clock.now += 0.001
    assert cache.at("get") is None
    assert cache.add(Added("add", b"V2", 5.0)) == [True]
    assert cache.swap(Swap("swap", b"V", b"V2", 5.0)) == [False]
    cache.drop(Drop("drop", b"V"))
    cache.fence("fence", fence=fence_of())
    cache.release(Release("release", b"V", 5.0), fence=fence_of())
    assert (cache.at("fence") or b"")[:2] == b"F0"
    assert cache.get("swap", "drop", "release") == [None, None, None]


def test_a_fence_ends_when_the_last_write_is_over() -> None:
    clock = Clock()
    cache = Cache(ProcessCache(10, clock))
    cache.fence("k", fence=Fence(b"a" * 16, 1_000, 6_000))
    clock.now += 4.9
    assert cache.at("k") is not None
    clock.now += 0.2
    assert cache.at("k") is None


def test_what_is_closed_is_empty() -> None:
    driver = open_cache("process://").driver
    cache = Cache(driver)
    cache.put("k", b"V")
    with pytest.raises(StopIteration):
        driver.close().send(None)
    assert cache.at("k") is None


forks = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
can_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


def in_child(work: Callable[[], bool]) -> bool:
    """Return whether a work ends well in a child process, and that within five seconds."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.write(write, b"1" if work() else b"0")
        os._exit(0)
    os.close(write)
    try:
        return os.read(read, 1) == b"1"
    finally:
        os.close(read)
        os.waitpid(child, 0)


@can_fork
@forks
def test_a_child_is_not_held_up_by_threads_that_it_does_not_have() -> None:
    cache = open_cache("process://")
    cache.put("k", b"V")
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            cache.fence("k", fence=fence_of())
            cache.delete("k")

    threads = [threading.Thread(target=busy) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            assert in_child(lambda: cache.add(Added("new", b"V", 60)) == [True] and cache.at("new") == b"V")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert cache.at("new") is None


@can_fork
@forks
def test_whoever_forks_waits_for_who_changes_something() -> None:
    held, forked = threading.Event(), threading.Event()

    def hold() -> None:
        with process_cache._lock:
            held.set()
            assert not forked.wait(0.2)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(5)
    assert in_child(lambda: open_cache("process://").at("k") is None)
    forked.set()
    thread.join()
