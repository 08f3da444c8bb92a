"""Opening stores with caches in front: one, several, shared ones, encrypted ones."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest

import holdall
from holdall import Cache, CacheStats, ConfigError, F, InvalidArgument, Key, Secret, caching
from holdall.cache_drivers import FENCE, VALUE, CacheFailed
from holdall.testing.faults import FaultyDriver
from tests.cache.bench import PLAIN, Bench, Note


@dataclass
class Other:
    id: Key[str]
    number: int = 0


def fresh(name: str = "opening") -> str:
    return f"memory://{name}-{time.perf_counter_ns()}"


# What is refused.


@pytest.mark.parametrize("cache", [1, b"process://", [], (), [None], {"process://"}, object()])
def test_what_is_no_cache_is_refused(cache: Any) -> None:
    with pytest.raises(InvalidArgument, match="cache= takes"):
        holdall.open_repository("memory://", Note, cache=cache)


@pytest.mark.parametrize(("url", "words"), [
    ("process://?ttl=0", "ttl"), ("process://?tll=1", "ttl"), ("nowhere://", "nowhere"), ("process", "URL"),
    ("memory://", "memory"), ("process://?max_items=0", "max_items"),
])  # fmt: skip
def test_a_wrong_url_is_refused(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        holdall.open_repository("memory://", Note, cache=url)


def test_a_cache_is_no_store() -> None:
    with pytest.raises(ConfigError, match="cache="):
        holdall.open_repository("process://", Note)


@pytest.mark.parametrize("name", ["encrypt", "password"])
def test_secrets_are_given_as_secrets(name: str) -> None:
    options: dict[str, Any] = {name: "text"}
    with pytest.raises(InvalidArgument, match=name):
        Cache("process://", **options)


def test_a_cache_shows_no_secret() -> None:
    shown = repr(Cache("redis://user:hush@host:1?password=hush", password=Secret("hush")))
    assert "hush" not in shown
    assert "host" in shown


# One cache for several stores.


def test_stores_that_are_given_one_cache_share_it() -> None:
    cache = Cache("process://")
    notes = holdall.open_repository(fresh(), Note, cache=cache)
    others = holdall.open_repository(fresh(), Other, cache=cache)
    notes.get("a")
    others.get("a")
    assert notes.cache_stats == others.cache_stats
    assert notes.cache_stats[0].misses == 2


def test_of_two_tables_neither_is_served_what_is_kept_of_the_other() -> None:
    cache, store = Cache("process://"), fresh()
    one = holdall.open_repository(store, Note, cache=cache)
    other = holdall.open_repository(f"{store}?table=other", Note, cache=cache)
    one.put(Note("a", "one"))
    assert (one.require("a").text, other.get("a")) == ("one", None)


def test_of_two_stores_neither_is_served_what_is_kept_of_the_other() -> None:
    cache = Cache("process://")
    one, other = (holdall.open_repository(fresh(), Note, cache=cache) for _ in range(2))
    one.put(Note("a", "one"))
    for _ in range(2):
        assert (one.require("a").text, other.get("a")) == ("one", None)


def test_two_classes_of_one_table_read_each_their_own_form() -> None:
    cache, store = Cache("process://"), fresh()
    one = holdall.open_repository(f"{store}?table=t", Note, cache=cache)
    other = holdall.open_repository(f"{store}?table=t", Other, cache=cache)
    one.put(Note("a", "one"))
    for _ in range(2):
        assert one.require("a").text == "one"
        assert other.require("a").number == 0
    one.update("a", F.text.set("two"))
    assert one.require("a").text == "two"


def test_blocking_stores_and_those_of_asyncio_share_what_a_cache_knows() -> None:
    cache = Cache("process://")
    blocking = holdall.open_repository(fresh(), Note, cache=cache)
    asynchronous = holdall.open_async_repository(fresh(), Note, cache=cache)
    blocking.get("a")
    assert [stores.cache_stats[0].misses for stores in (blocking, asynchronous)] == [1, 1]
    one, other = blocking.engine.tiers[0], asynchronous.engine.tiers[0]
    assert one.driver is other.driver
    for name in ("doubts", "breaker", "flights", "crowd"):
        assert getattr(one, name) is getattr(other, name)


def test_a_cache_is_closed_with_the_last_of_its_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache("process://")
    one, other = (holdall.open_repository(fresh(), Note, cache=cache) for _ in range(2))
    closed: list[bool] = []

    async def close() -> None:
        closed.append(True)

    monkeypatch.setattr(cache.opened[False].driver, "close", close)
    one.close()
    one.close()
    assert closed == []
    other.close()
    assert closed == [True]


def test_a_cache_that_was_closed_may_be_opened_again() -> None:
    cache, store = Cache("process://"), fresh()
    for _ in range(3):
        with holdall.open_repository(store, Note, cache=cache) as notes:
            notes.put(Note("a", "one"))
            assert [notes.require("a").text for _ in range(2)] == ["one"] * 2


def test_a_cache_that_fails_when_it_is_closed_does_not_keep_a_store_from_closing() -> None:
    notes = holdall.open_repository(fresh(), Note, cache=PLAIN)

    async def close() -> None:
        raise CacheFailed

    notes.engine.tiers[0].driver.close = close  # type: ignore[method-assign]
    notes.close()


def test_of_two_stores_that_open_a_cache_at_once_both_use_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache("process://")
    make, meanwhile = caching._made, list[Any]()

    def slow(of: Cache, asynchronous: bool) -> Any:
        made = make(of, asynchronous)
        if not meanwhile:
            meanwhile.append(None)
            meanwhile[0] = caching._tier(of, asynchronous)
        return made

    monkeypatch.setattr(caching, "_made", slow)
    assert caching._tier(cache, False) is meanwhile[0]
    assert caching._tier(cache, False) is meanwhile[0]


# Encryption.


def test_what_is_kept_in_an_encrypted_cache_can_not_be_read() -> None:
    cache = Cache(PLAIN, encrypt=Secret("a secret of the tests"))
    notes = holdall.open_repository(fresh(), Note, cache=cache)
    notes.put(Note("alice", "private"))
    assert [notes.require("alice").text for _ in range(2)] == ["private"] * 2
    kept = cache.opened[False].driver._kept
    assert kept
    assert not any("alice" in key or b"private" in value for key, (value, _) in kept.items())
    assert notes.cache_stats[0].hits == 1


def test_a_program_with_another_secret_finds_nothing() -> None:
    store = fresh()
    one = holdall.open_repository(store, Note, cache=Cache(PLAIN, encrypt=Secret("the first secret of two")))
    other = holdall.open_repository(store, Note, cache=Cache(PLAIN, encrypt=Secret("the second secret of two")))
    other.engine.tiers[0].driver = one.engine.tiers[0].driver
    one.put(Note("a", "text"))
    one.get("a")
    assert other.require("a").text == "text"
    assert other.cache_stats[0].misses == 1


# Two caches, one behind the other.


@pytest.fixture
def two() -> holdall.Repository[Note]:
    repository = holdall.open_repository(fresh(), Note, cache=[PLAIN + "&ttl=1&negative_ttl=1", PLAIN + "&ttl=60"])
    far: Any = repository.engine.driver
    far = far.inner
    far.inner = FaultyDriver(far.inner, repository.engine.io)
    repository.put(Note("a", "one"))
    return repository


def store_of(repository: holdall.Repository[Note]) -> FaultyDriver:
    driver: Any = repository.engine.driver
    while not isinstance(driver, FaultyDriver):
        driver = driver.inner
    return driver


def caches_of(repository: holdall.Repository[Note]) -> list[Any]:
    return [tier.driver for tier in repository.engine.tiers]


def firsts(repository: holdall.Repository[Note]) -> list[list[bytes]]:
    return [[value[:1] for value, _ in cache._kept.values()] for cache in caches_of(repository)]


def test_both_keep_what_was_read(two: holdall.Repository[Note]) -> None:
    assert [two.require("a").text for _ in range(3)] == ["one"] * 3
    assert firsts(two) == [[VALUE], [VALUE]]
    near, far = two.cache_stats
    assert (near.misses, near.hits, far.misses, far.hits) == (1, 2, 1, 0)
    assert store_of(two).count("get") == 1


def test_the_far_one_serves_what_the_near_one_has_lost(two: holdall.Repository[Note]) -> None:
    two.get("a")
    caches_of(two)[0]._kept.clear()
    two.get("a")
    assert two.cache_stats[1].hits == 1
    assert store_of(two).count("get") == 1


def test_a_write_ends_what_both_have(two: holdall.Repository[Note]) -> None:
    two.get("a")
    two.put(Note("a", "two"))
    assert firsts(two) == [[], []]
    assert two.require("a").text == "two"
    with two.transaction() as transaction:
        transaction.put(Note("a", "three"))
    assert firsts(two) == [[], []]
    assert two.require("a").text == "three"
    two.put_many([Note("a", "four")])
    assert two.require("a").text == "four"


def test_while_something_is_written_both_have_a_fence(two: holdall.Repository[Note]) -> None:
    seen: list[Any] = []
    store = store_of(two)
    write = store.inside.write

    async def watched(asked: Any) -> Any:
        seen.append(firsts(two))
        return await write(asked)

    store.inside.write = watched  # type: ignore[method-assign,assignment]
    two.put(Note("a", "two"))
    assert seen == [[[FENCE], [FENCE]]]


def test_a_refused_write_leaves_no_fence_in_either(two: holdall.Repository[Note]) -> None:
    with pytest.raises(holdall.AlreadyExists):
        two.create(Note("a"))
    assert firsts(two) == [[], []]


def test_a_consistent_read_goes_past_both_and_puts_both_right(two: holdall.Repository[Note]) -> None:
    two.get("a")
    store = store_of(two)
    assert two.require("a", consistent=True).text == "one"
    assert store.count("get") == 2
    assert firsts(two) == [[VALUE], [VALUE]]


def test_invalidate_is_told_to_both(two: holdall.Repository[Note]) -> None:
    two.get("a")
    two.invalidate("a")
    assert firsts(two) == [[], []]


def test_a_near_cache_that_fails_leaves_the_far_one(two: holdall.Repository[Note]) -> None:
    two.get("a")

    async def fail(*_: Any, **__: Any) -> Any:
        raise CacheFailed

    caches_of(two)[0].get = fail
    assert [two.require("a").text for _ in range(3)] == ["one"] * 3
    assert two.cache_stats[1].hits >= 2
    assert store_of(two).count("get") == 1


def test_a_far_cache_that_fails_is_not_seen_in_what_a_client_reads_after_it_has_written(
    two: holdall.Repository[Note],
) -> None:
    two.get("a")

    async def fail(*_: Any, **__: Any) -> Any:
        raise CacheFailed

    far = caches_of(two)[1]
    far.fence = far.release = fail
    two.put(Note("a", "two"))
    assert two.require("a").text == "two"
    caches_of(two)[0]._kept.clear()
    assert two.require("a").text == "two"


# What caches have done.


def test_without_a_cache_there_is_nothing_to_tell() -> None:
    assert holdall.open_repository("memory://", Note).cache_stats == ()


def test_a_cache_tells_what_it_has_done() -> None:
    bench = Bench(Note)
    bench.repository.put(Note("a", "one"))
    assert bench.stats == CacheStats("faulty")
    bench.repository.get("a")
    bench.repository.get("a")
    bench.repository.get("b")
    bench.repository.get("b")
    size = len(bench.kept("a") or b"")
    told = bench.stats
    assert (told.misses, told.hits, told.negative_hits, told.failures) == (2, 2, 1, 0)
    assert told.bytes_written == size + len(bench.kept("b") or b"")
    assert told.bytes_read == told.bytes_written


def test_each_cache_tells_of_itself_the_nearest_first() -> None:
    repository = holdall.open_repository("memory://", Note, cache=["process://?ttl=1", "process://?ttl=2"])
    assert [stats.name for stats in repository.cache_stats] == ["process", "process"]
    assert [tier.settings.ttl for tier in repository.engine.tiers] == [1.0, 2.0]


# Interruptions.


def test_what_the_cache_has_missed_stays_remembered_where_telling_it_is_interrupted() -> None:
    bench = Bench(Note)
    bench.cache.lose("release")
    bench.repository.put(Note("a", "two"))
    bench.cache.before("release", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        bench.repository.get("b")
    assert bench.stats.missed == 1


def test_a_write_whose_fence_failed_and_whose_end_is_interrupted_is_told_to_the_cache_later() -> None:
    bench = Bench(Note)
    bench.repository.put(Note("a", "one"))
    bench.repository.get("a")
    bench.cache.lose("fence")
    bench.cache.before("release", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        bench.repository.put(Note("a", "two"))
    assert bench.repository.require("a").text == "two"


def _interrupt() -> None:
    raise KeyboardInterrupt
