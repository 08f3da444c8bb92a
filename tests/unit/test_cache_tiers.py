"""One cache as the stores see it: whether it is used, and what becomes of its failures."""

from __future__ import annotations

import os
from typing import Any

import pytest

import holdall
from holdall._engine.cache import tier as module
from holdall._engine.cache.settings import Settings
from holdall._engine.cache.tier import Tier
from holdall.cache_drivers import FENCE, VALUE, Added, CacheBusy, CacheFailed, Drop, Release, Swap
from holdall.io import run_blocking
from tests.cache.bench import Clock, FaultyCache, SleepingIo

KEYS = ["a", "b"]


class Bare:
    """A tier alone, whose methods are called without a word about waiting."""

    def __init__(self, failures: int = 3) -> None:
        self.clock = Clock()
        self.cache = FaultyCache(self.clock)
        io: Any = SleepingIo(self.clock)
        self.tier = Tier(self.cache, io, Settings(breaker_failures=failures), None, self.clock, self.clock)

    def get(self, *keys: str) -> Any:
        return run_blocking(self.tier.get(keys, primary=False))

    def fence(self, *keys: str) -> module.Hold:
        return run_blocking(self.tier.fence(keys))

    def release(self, hold: module.Hold, kept: dict[str, Release] | None = None) -> None:
        run_blocking(self.tier.release(hold, kept))

    def state(self, key: str) -> bytes:
        return (self.get(key)[0] or b"")[:1]


@pytest.fixture
def bare() -> Bare:
    return Bare()


def test_none_of_its_methods_raises_what_the_cache_raises() -> None:
    bare = Bare(failures=100)
    tier = bare.tier
    bare.cache.lose("get", "add", "swap", "drop", "fence", "release")
    assert bare.get("a") is None
    assert run_blocking(tier.add([Added("a", b"L", 1)])) is None
    assert run_blocking(tier.swap([Swap("a", b"L", b"V", 1)])) is None
    run_blocking(tier.drop([Drop("a", b"L")]))
    assert not bare.fence("a").up
    run_blocking(tier.invalidate(["a"]))
    assert tier.counters.failures == 6
    assert tier.doubts.pending == 1


def test_no_keys_are_no_requests(bare: Bare) -> None:
    tier = bare.tier
    assert run_blocking(tier.add([])) == ()
    assert run_blocking(tier.swap([])) == ()
    run_blocking(tier.drop([]))
    assert not bare.cache.calls


def test_a_fence_is_up_until_it_is_released(bare: Bare) -> None:
    hold = bare.fence(*KEYS)
    assert hold.up
    assert [bare.state(key) for key in KEYS] == [FENCE, FENCE]
    bare.release(hold, {"a": Release("a", b"Vwritten", 10)})
    assert bare.get(*KEYS) == [b"Vwritten", None]


def test_a_fence_ends_by_time(bare: Bare) -> None:
    bare.fence("a")
    bare.clock.now += 9.9
    assert bare.state("a") == FENCE
    bare.clock.now += 0.2
    assert bare.get("a") == [None]


def test_fences_have_different_tokens(bare: Bare) -> None:
    assert len({bare.fence("a").fence.token for _ in range(50)}) == 50


def test_a_fence_that_was_put_up_without_an_answer_is_released_all_the_same(bare: Bare) -> None:
    bare.cache.lose("fence", applied=True)
    hold = bare.fence("a")
    assert not hold.up
    assert bare.state("a") == FENCE
    bare.release(hold)
    assert bare.get("a") == [None]
    assert bare.tier.doubts.pending == 0


def test_a_write_of_which_nobody_knows_leaves_its_fence_up_and_doubts(bare: Bare) -> None:
    created = bare.tier.now()
    bare.tier.abandon(bare.fence("a"))
    assert bare.state("a") == FENCE
    assert bare.tier.doubts.covers("a", created)
    assert bare.tier.doubts.pending == 0


def test_a_write_of_which_neither_the_cache_knows_is_told_to_it(bare: Bare) -> None:
    bare.cache._put("a", b"Vold", bare.clock.now + 100)
    bare.cache.lose("fence")
    bare.tier.abandon(bare.fence("a"))
    assert bare.tier.doubts.pending == 1
    bare.get("b")
    assert bare.get("a") == [None]


def test_what_was_missed_is_told_some_at_a_time(bare: Bare) -> None:
    keys = [str(number) for number in range(900)]
    bare.cache.lose("release")
    bare.release(bare.fence(*keys))
    pending = [bare.tier.doubts.pending]
    for _ in range(3):
        bare.get("a")
        pending.append(bare.tier.doubts.pending)
    assert pending == [900, 500, 100, 0]


def test_a_flight_is_joined_by_nobody_after_a_write_has_begun_or_ended(bare: Bare) -> None:
    flights = bare.tier.flights
    flights.begin("a", b"s", 1)
    hold = bare.fence("a")
    assert flights.current("a", b"s") is None
    flights.begin("a", b"s", 1)
    bare.release(hold)
    assert flights.current("a", b"s") is None
    flights.begin("a", b"s", 1)
    bare.tier.abandon(hold)
    assert flights.current("a", b"s") is None


def test_it_is_used_where_the_deadline_leaves_the_time(bare: Bare) -> None:
    with holdall.deadline(10):
        assert bare.tier.usable()
    with holdall.deadline(0.03):
        assert not bare.tier.usable()
    assert bare.tier.usable()


def test_a_process_that_asks_too_much_does_not_open_the_breaker(
    bare: Bare, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(keys: Any, *, primary: bool) -> Any:
        raise CacheBusy

    monkeypatch.setattr(bare.cache, "get", busy)
    assert [bare.get("a") for _ in range(10)] == [None] * 10
    assert (bare.tier.stats.failures, bare.tier.stats.breaker) == (10, "closed")


def test_a_success_after_failures_closes_the_breaker(bare: Bare) -> None:
    bare.cache.lose("get", times=2)
    for _ in range(3):
        bare.get("a")
    assert bare.tier.breaker.is_closed


def test_what_was_written_is_remembered_in_bounded_memory(bare: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    bare.tier._replicas = True
    monkeypatch.setattr(module, "_REMEMBERED", 10)
    for number in range(40):
        bare.clock.now += 1
        bare.release(bare.fence(str(number)))
        assert len(bare.tier._written) <= 12
    assert bare.tier._wrote(["39"])
    assert not bare.tier._wrote(["1"])


def test_it_is_closed_with_its_last_user(bare: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []

    async def close() -> None:
        closed.append(1)

    monkeypatch.setattr(bare.cache, "close", close)
    bare.tier.opened().opened()
    run_blocking(bare.tier.close())
    assert not closed
    run_blocking(bare.tier.close())
    assert closed


# After a fork.


def test_a_child_knows_what_its_parent_knew_and_waits_for_nobody(bare: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    tier = bare.tier
    tier.flights.begin("b", b"s", 1)
    bare.cache.lose("get", times=3)
    for _ in range(3):
        bare.get("b")
    tier.doubts.missed(["a"], tier.now(), b"0" * 16)
    for lock in (tier.doubts._lock, tier.flights._lock, tier.crowd._lock, tier.breaker._lock):
        lock.acquire()  # by a thread of the parent, at the moment of the fork
    monkeypatch.setattr(os, "getpid", lambda: -1)
    tier.check_process()
    assert tier.doubts.covers("a", tier.now())
    assert tier.doubts.pending == 1
    assert tier.flights.begin("b", b"s", 1)[1]
    assert tier.breaker.is_closed
    assert bare.fence("b").up
    tier.check_process()
    assert tier.flights.current("b", b"s") is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_real_child_reads_what_its_parent_was_reading(bare: Bare) -> None:
    bare.tier.flights.begin("k", b"s", 1)
    child = os.fork()
    if not child:
        bare.tier.check_process()
        os._exit(7 if bare.tier.flights.begin("k", b"s", 2)[1] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert not bare.tier.flights.begin("k", b"s", 2)[1]


def test_values_are_told_from_leases_and_fences_by_the_first_byte() -> None:
    assert len({VALUE, FENCE, b"L"}) == 3
    assert issubclass(CacheBusy, CacheFailed)
