"""Caches that answer some requests and not others, and values that are not kept: nobody waits for nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest

import holdall
from holdall._engine.cache import doubts
from holdall.cache_drivers import VALUE, CacheFailed
from tests.cache.bench import PLAIN, Bench, Note
from tests.unit.test_cache_crowds import Opened, blocking, together
from tests.unit.test_cache_tiers import Bare

UNKEPT = PLAIN + "&negative_ttl=0"
SLOW = 0.02
"""Seconds that the store takes, where it matters."""


def slow(url: str) -> Opened:
    """Return a repository whose store is slow."""
    opened = blocking(url)
    opened.store.delay("get", SLOW, times=10_000)
    return opened


# A cache that gives and does not take, since it is full, or a replica, or the user may only read.


@pytest.fixture
def full() -> Bench[Note]:
    made = Bench(Note)
    made.repository.put(Note("a", "one"))
    made.cache.lose("add", "swap", times=999)
    return made


def test_a_cache_that_takes_no_writes_costs_no_wait(full: Bench[Note]) -> None:
    assert [full.repository.require("a").text for _ in range(5)] == ["one"] * 5
    assert (full.reads(), full.stats.waits, full.stats.past, full.io.slept) == (5, 0, 5, [])


def test_a_cache_that_takes_no_writes_still_gives_what_it_has(full: Bench[Note]) -> None:
    full.cache.heal()
    full.repository.get("a")
    full.cache.lose("add", "swap", times=999)
    full.repository.get("b")
    assert full.repository.require("a").text == "one"
    assert (full.stats.hits, full.stats.breaker) == (1, "closed")


def test_what_can_not_be_replaced_costs_no_wait_either(full: Bench[Note]) -> None:
    full.keep(b"another program's", "a")
    assert [full.repository.require("a").text for _ in range(3)] == ["one"] * 3
    assert (full.stats.waits, full.io.slept) == (0, [])


def test_many_records_of_a_cache_that_takes_no_writes_are_read_in_one_request(full: Bench[Note]) -> None:
    full.repository.put_many(Note(name, "one") for name in "bc")
    full.keep(b"another program's", "b")
    assert [note and note.text for note in full.repository.get_many([*"abcd"])] == ["one", "one", "one", None]
    assert (full.reads(), full.io.slept) == (1, [])


def test_threads_in_front_of_a_cache_that_takes_no_writes_do_not_wait_one_after_another() -> None:
    opened = slow(f"{PLAIN}&wait=20")

    async def refuse(*_: Any) -> Any:
        raise CacheFailed

    opened.records.tier.driver.add = opened.records.tier.driver.swap = refuse
    begun = time.perf_counter()
    assert [note.text for note in together(40, lambda: opened.repository.require("a"))] == ["one"] * 40
    assert time.perf_counter() - begun < 20 * SLOW


# What is not to be kept.


def test_threads_that_read_at_once_what_is_not_kept_share_one_read() -> None:
    opened = slow(f"{UNKEPT}&wait=20")
    assert together(40, lambda: opened.repository.get("none")) == [None] * 40
    assert opened.reads == 1


def test_threads_that_read_what_is_known_not_to_be_kept_go_to_the_store_at_once() -> None:
    opened = slow(f"{UNKEPT}&wait=20")
    opened.repository.get("none")
    begun = time.perf_counter()
    assert together(40, lambda: opened.repository.get("none")) == [None] * 40
    assert time.perf_counter() - begun < 20 * SLOW
    assert (opened.reads, opened.stats.waits) == (41, 0)


def test_what_is_known_not_to_be_kept_stays_known() -> None:
    bench = Bench(Note, UNKEPT)
    assert [bench.repository.get("none") for _ in range(6)] == [None] * 6
    assert (bench.stats.misses, bench.stats.stale_refused, bench.cache.calls["add"]) == (1, 0, 1)


def test_what_is_not_kept_is_seen_when_it_is_written() -> None:
    bench = Bench(Note, UNKEPT)
    for _ in range(3):
        assert bench.repository.get("a") is None
    bench.repository.put(Note("a", "one"))
    assert bench.kept("a") is None
    assert bench.repository.require("a").text == "one"
    assert (bench.kept("a") or b"")[:1] == VALUE


@pytest.mark.parametrize("times", [1, 2])
def test_any_number_of_keys_that_are_not_kept_puts_no_other_in_doubt(
    times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubts, "MOST", 10)
    bench = Bench(Note, UNKEPT)
    bench.repository.put(Note("a", "one"))
    bench.repository.get("a")
    for number in [*range(11)] * times:
        bench.repository.get(f"n{number}")
    bench.repository.get("a")
    assert bench.stats.hits == 1


# A node that is dead.


@pytest.fixture
def half() -> Bare:
    """Give a cache of which the node of one key does not answer, and that has missed that key and five others."""
    bare = Bare()
    release = bare.cache.release

    async def some(releases: Any, fence: Any) -> None:
        if any(one.key == "dead" for one in releases):
            raise CacheFailed
        await release(releases, fence)

    bare.cache.release = some  # type: ignore[method-assign]
    bare.tier.doubts.missed(["dead", *"abcde"], bare.tier.now(), b"0" * 16)
    return bare


def test_a_missed_key_that_the_cache_can_not_be_told_stops_no_read(half: Bare) -> None:
    half.cache._put("x", b"Vx", half.clock.now + 100)
    for _ in range(10):
        assert half.get("x") == [b"Vx"]
        half.clock.now += 0.3
    assert half.tier.stats.breaker == "closed"


def test_a_missed_key_that_the_cache_can_not_be_told_is_tried_once_a_pause(half: Bare) -> None:
    for _ in range(5):
        half.get("x")
    assert half.tier.stats.failures == 1
    half.clock.now += 1.1
    for _ in range(5):
        half.get("x")
    assert half.tier.stats.failures == 2


def test_a_missed_key_that_the_cache_can_not_be_told_does_not_keep_others_from_being_told(half: Bare) -> None:
    for _ in range(6):
        half.get("x")
        half.clock.now += 1.1
    assert half.tier.doubts.take_missed(100)[1] == ["dead"]


def test_a_write_has_its_fence_though_another_key_can_not_be_told(half: Bare) -> None:
    assert [half.fence("x").up for _ in range(2)] == [True, True]


# Deadlines.


@pytest.mark.parametrize(("seconds", "asked"), [(0.24, 0), (5.0, 1)])
def test_a_deadline_that_leaves_no_time_to_connect_and_to_answer_leaves_the_cache_alone(
    seconds: float, asked: int
) -> None:
    bench = Bench(Note, PLAIN + "&timeout=0.05&connect_timeout=0.2")
    bench.repository.put(Note("a", "one"))
    bench.cache.calls.clear()
    with holdall.deadline(seconds):
        assert bench.repository.require("a").text == "one"
    assert bench.cache.calls["get"] == asked
