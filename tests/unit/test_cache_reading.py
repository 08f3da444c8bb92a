"""Reading records through a cache: who reads from the store, what is kept of it, and what is gone past."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

import holdall
from holdall import AccessDenied, F, Timeout
from holdall.cache_drivers import FENCE, LEASE, VALUE, CacheCapabilities
from holdall.testing.faults import throttled
from tests.cache.bench import PLAIN, Bench, Note


@pytest.fixture
def bench() -> Bench[Note]:
    made = Bench(Note)
    made.repository.put(Note("a", "one"))
    return made


def pair(cache: str = PLAIN) -> tuple[Bench[Note], Bench[Note]]:
    """Return two clients of one store and one cache."""
    store = f"memory://pair-{time.perf_counter_ns()}"
    one = Bench(Note, cache, store)
    one.repository.put(Note("a", "one"))
    return one, Bench(Note, cache, store, beside=one)


def state(bench: Bench[Note], name: str) -> bytes:
    return (bench.kept(name) or b"")[:1]


def early_at(bench: Bench[Any], monkeypatch: pytest.MonkeyPatch, chance: float) -> None:
    """Let chance decide as said from now on."""
    monkeypatch.setattr(random, "random", lambda: chance)


# What is kept, and for how long.


def test_a_record_is_read_from_the_store_once(bench: Bench[Note]) -> None:
    assert [bench.repository.require("a").text for _ in range(5)] == ["one"] * 5
    assert bench.reads() == 1
    assert (bench.stats.misses, bench.stats.hits) == (1, 4)


def test_that_there_is_no_record_is_kept_too(bench: Bench[Note]) -> None:
    assert [bench.repository.get("b") for _ in range(3)] == [None] * 3
    assert bench.reads() == 1
    assert (bench.stats.hits, bench.stats.negative_hits) == (2, 2)


def test_that_there_is_none_is_kept_for_a_shorter_time(bench: Bench[Note]) -> None:
    bench.repository.get("a")
    bench.repository.get("b")
    bench.clock.now += 6
    bench.repository.get("a")
    assert bench.reads() == 2
    bench.repository.get("b")
    assert bench.reads() == 3


def test_that_there_is_none_is_not_kept_where_it_is_not_to_be() -> None:
    bench = Bench(Note, PLAIN + "&negative_ttl=0")
    assert [bench.repository.get("b") for _ in range(3)] == [None] * 3
    assert bench.reads() == 3
    assert (bench.stats.hits, bench.io.slept, state(bench, "b")) == (0, [], VALUE)


def test_a_record_is_read_anew_when_its_life_is_over(bench: Bench[Note]) -> None:
    bench.repository.get("a")
    bench.clock.now += 59.9
    bench.repository.get("a")
    assert bench.reads() == 1
    bench.clock.now += 0.2
    bench.repository.get("a")
    assert bench.reads() == 2


def test_what_is_kept_of_one_class_is_not_read_as_another() -> None:
    two = pair()
    assert [bench.repository.require("a").text for bench in two] == ["one", "one"]
    assert two[1].reads() == 0


def test_readers_do_not_share_what_they_may_change() -> None:
    bench = Bench(Note)
    bench.repository.put(Note("a", tags=["x"]))
    for _ in range(3):
        bench.repository.require("a").tags.append("mine")
    assert bench.repository.require("a").tags == ["x"]


# One reads for all.


def test_who_finds_a_lease_waits_for_the_value(bench: Bench[Note]) -> None:
    bench.repository.get("a")
    raw = bench.kept("a") or b""
    bench.keep(LEASE + b"of another", "a")
    bench.io.then = lambda: bench.keep(raw, "a")
    assert bench.repository.require("a").text == "one"
    assert (bench.reads(), bench.stats.waits, len(bench.io.slept)) == (1, 1, 1)


def test_who_has_waited_long_enough_reads_and_takes_the_lease_over(bench: Bench[Note]) -> None:
    bench.keep(LEASE + b"of one who crashed", "a")
    begun = bench.clock.now
    assert bench.repository.require("a").text == "one"
    assert 0.4 < bench.clock.now - begun <= 0.5
    assert (bench.kept("a") or b"")[:1] == VALUE
    assert bench.stats.waits == 1


def test_pauses_grow_to_a_limit(bench: Bench[Note]) -> None:
    bench.keep(LEASE + b"of one who crashed", "a")
    bench.repository.get("a")
    slept = bench.io.slept
    assert slept[0] <= 0.0015
    assert max(slept) <= 0.0375
    assert len(slept) < 60


def test_nobody_waits_where_the_url_says_so() -> None:
    bench = Bench(Note, PLAIN + "&wait=0")
    bench.repository.put(Note("a", "one"))
    bench.keep(LEASE + b"of another", "a")
    assert bench.repository.require("a").text == "one"
    assert bench.io.slept == []


def test_who_was_overtaken_keeps_nothing() -> None:
    one, other = pair(PLAIN + "&wait=0")
    one.cache.before("swap", lambda: other.repository.get("a"))
    one.repository.get("a")
    assert one.stats.stale_refused == 1
    assert (one.kept("a") or b"")[:1] == VALUE


def test_the_lease_of_who_crashed_ends_by_time(bench: Bench[Note]) -> None:
    bench.store.fail("get", KeyboardInterrupt)  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        bench.repository.get("a")
    assert (bench.kept("a") or b"")[:1] == LEASE
    bench.clock.now += 10.1
    assert bench.kept("a") is None
    assert bench.repository.require("a").text == "one"
    assert bench.io.slept == []


def test_what_was_read_while_it_was_written_is_not_kept() -> None:
    one, other = pair()
    one.cache.before("swap", lambda: other.repository.put(Note("a", "two")))
    assert one.repository.require("a").text == "one"
    assert one.kept("a") is None
    assert one.repository.require("a").text == "two"
    assert one.stats.stale_refused == 1


# Fences.


def test_while_a_record_is_written_it_is_read_from_the_store_and_not_kept(bench: Bench[Note]) -> None:
    bench.keep(FENCE + b"0" + b"a" * 16 + b"%013d" % (bench.tier.now() + 9_000), "a")
    assert [bench.repository.require("a").text for _ in range(3)] == ["one"] * 3
    assert bench.reads() == 3
    assert bench.stats.past == 3
    assert (bench.kept("a") or b"")[:1] == FENCE


# Stale, damaged, foreign.


@pytest.mark.parametrize("raw", [b"another program's", VALUE, VALUE + b"damaged", b"x" * 500])
def test_what_is_damaged_or_anothers_is_a_miss_and_is_replaced(bench: Bench[Note], raw: bytes) -> None:
    bench.keep(raw, "a")
    assert bench.repository.require("a").text == "one"
    assert bench.stats.foreign == 1
    bench.repository.get("a")
    assert (bench.reads(), bench.stats.hits) == (1, 1)


@pytest.mark.parametrize("raw", [VALUE + b"damaged", b"another program's", b""])
def test_what_is_damaged_or_anothers_does_not_take_a_fence_away(bench: Bench[Note], raw: bytes) -> None:
    fence = FENCE + b"0" + b"a" * 16 + b"9" * 13
    bench.keep(raw, "a")
    # A writer comes between the look at the cache and what follows from it.
    bench.cache.before("swap", lambda: bench.keep(fence, "a"))
    assert bench.repository.require("a").text == "one"
    assert bench.kept("a") == (fence if bench.cache.calls["swap"] else raw)


# Too large, or not to be written.


def test_what_is_too_large_is_read_each_time_and_nobody_waits_for_it() -> None:
    bench = Bench(Note, PLAIN + "&max_bytes=200&compress_over=10000")
    bench.repository.put(Note("a", "x" * 300))
    assert [len(bench.repository.require("a").text) for _ in range(2)] == [300, 300]
    assert (bench.reads(), bench.stats.skipped, bench.stats.hits) == (2, 1, 0)
    assert (state(bench, "a"), bench.io.slept) == (VALUE, [])


def test_a_value_that_has_become_too_large_is_not_served_any_more() -> None:
    bench = Bench(Note, PLAIN + "&max_bytes=200&compress_over=10000")
    bench.repository.put(Note("a", "small"))
    bench.repository.get("a")
    # By a program that knows of no cache.
    bench.store.calls.clear()
    holdall.io.run_blocking(bench.store.inside.write(_written(bench, Note("a", "x" * 300))))
    assert len(bench.repository.require("a", consistent=True).text) == 300
    assert len(bench.repository.require("a").text) == 300
    assert (bench.stats.hits, len(bench.kept("a") or b"") < 100) == (0, True)


def test_a_client_that_has_seen_what_is_too_large_is_not_served_what_was_before() -> None:
    bench = Bench(Note, PLAIN + "&max_bytes=200&compress_over=10000")
    bench.repository.put(Note("a", "small"))
    bench.repository.get("a")
    holdall.io.run_blocking(bench.store.inside.write(_written(bench, Note("a", "x" * 300))))
    bench.cache.lose("drop")
    assert len(bench.repository.require("a", consistent=True).text) == 300
    assert len(bench.repository.require("a").text) == 300


def _written(bench: Bench[Note], note: Note) -> Any:
    """Return a write of a record that goes by no cache."""
    engine = bench.repository.engine
    item = {"id": note.id, "text": note.text, "tags": note.tags}
    return holdall.drivers.Write("put", engine.key_of(note.id), item)


# Consistent reads.


def test_a_consistent_read_goes_past_what_is_kept_and_puts_it_right(bench: Bench[Note]) -> None:
    bench.repository.get("a")
    holdall.io.run_blocking(bench.store.inside.write(_written(bench, Note("a", "two"))))
    assert bench.repository.require("a").text == "one"
    assert bench.repository.require("a", consistent=True).text == "two"
    reads = bench.reads()
    assert bench.repository.require("a").text == "two"
    assert bench.reads() == reads


def test_a_consistent_read_waits_for_nobody(bench: Bench[Note]) -> None:
    bench.keep(LEASE + b"of another", "a")
    assert bench.repository.require("a", consistent=True).text == "one"
    assert bench.io.slept == []
    assert (bench.kept("a") or b"")[:1] == LEASE


def test_a_consistent_read_of_what_is_not_kept_keeps_it(bench: Bench[Note]) -> None:
    bench.repository.get("a", consistent=True)
    bench.repository.get("a")
    assert bench.reads() == 1


def test_what_was_seen_by_a_consistent_read_is_never_followed_by_what_was_before(bench: Bench[Note]) -> None:
    bench.repository.get("a")
    holdall.io.run_blocking(bench.store.inside.write(_written(bench, Note("a", "two"))))
    bench.cache.lose("swap")
    assert bench.repository.require("a", consistent=True).text == "two"
    assert bench.repository.require("a").text == "two"


# Early reads.


def test_a_value_is_read_before_its_end_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(Note, PLAIN.replace("early=0", "early=1"))
    bench.repository.put(Note("a", "one"))
    _keep_slow(bench)
    bench.clock.now += 59
    early_at(bench, monkeypatch, 0.1)
    bench.repository.get("a")
    assert (bench.reads(), bench.stats.early) == (0, 0)
    early_at(bench, monkeypatch, 0.9)
    assert bench.repository.require("a").text == "one"
    assert (bench.reads(), bench.stats.early) == (1, 1)
    bench.clock.now += 30
    bench.repository.get("a")
    assert bench.reads() == 1


def _keep_slow(bench: Bench[Note]) -> None:
    """Have the cache keep what took a second to read."""
    item = {"id": "a", "text": "one", "tags": []}
    kept = bench.records._region.kept(bench.key("a"), item, bench.tier.now(), 1_000_000)
    assert kept is not None
    bench.keep(kept[0], "a", seconds=kept[1])


def test_others_are_served_what_is_kept_while_one_reads_early(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(Note, PLAIN.replace("early=0", "early=1"))
    bench.repository.put(Note("a", "one"))
    _keep_slow(bench)
    bench.clock.now += 59
    early_at(bench, monkeypatch, 0.9)
    seen: list[str] = []
    bench.cache.before("swap", lambda: seen.append(bench.repository.require("a").text))
    bench.repository.get("a")
    assert seen == ["one"]
    assert bench.io.slept == []


def test_a_store_that_fails_at_an_early_read_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(Note, PLAIN.replace("early=0", "early=1"))
    bench.repository.put(Note("a", "one"))
    _keep_slow(bench)
    bench.clock.now += 59
    early_at(bench, monkeypatch, 0.9)
    bench.store.fail("get", times=5)
    assert bench.repository.require("a").text == "one"
    assert (bench.kept("a") or b"")[:1] == VALUE
    assert bench.reads() == 1


def test_nothing_is_read_early_where_it_is_not_to_be(bench: Bench[Note], monkeypatch: pytest.MonkeyPatch) -> None:
    _keep_slow(bench)
    bench.clock.now += 59.99
    early_at(bench, monkeypatch, 0.999999)
    bench.repository.get("a")
    assert (bench.reads(), bench.stats.early) == (0, 0)


# Errors.


def test_an_error_of_the_store_reaches_the_caller_and_leaves_no_lease(bench: Bench[Note]) -> None:
    bench.store.fail("get", lambda: AccessDenied("no"))
    with pytest.raises(AccessDenied):
        bench.repository.get("a")
    assert bench.kept("a") is None
    assert bench.repository.require("a").text == "one"
    assert bench.io.slept == []


def test_a_read_that_was_refused_for_now_is_tried_again(bench: Bench[Note]) -> None:
    bench.store.fail("get", throttled)
    assert bench.repository.require("a").text == "one"
    assert bench.reads() == 2
    assert (bench.kept("a") or b"")[:1] == VALUE


def test_an_error_of_the_store_at_a_consistent_read_leaves_what_is_kept(bench: Bench[Note]) -> None:
    bench.repository.get("a")
    bench.store.fail("get", lambda: AccessDenied("no"))
    with pytest.raises(AccessDenied):
        bench.repository.get("a", consistent=True)
    assert bench.repository.require("a").text == "one"


# A cache that fails.


@pytest.mark.parametrize("verb", ["get", "add", "swap"])
@pytest.mark.parametrize("applied", [False, True])
def test_a_cache_that_fails_once_changes_no_result(bench: Bench[Note], verb: str, applied: bool) -> None:
    bench.cache.lose(verb, applied=applied)
    assert [bench.repository.require("a").text for _ in range(3)] == ["one"] * 3
    assert bench.stats.failures == 1
    assert bench.stats.breaker == "closed"


def test_a_cache_that_is_down_is_left_alone(bench: Bench[Note]) -> None:
    bench.cache.lose("get", times=99)
    assert [bench.repository.require("a").text for _ in range(10)] == ["one"] * 10
    assert bench.reads() == 10
    assert bench.cache.calls["get"] == 3
    assert (bench.stats.breaker, bench.stats.breaker_opened, bench.stats.failures) == ("open", 1, 3)
    bench.cache.heal()
    bench.clock.now += 1.1
    assert bench.tier.breaker.state == "half-open"
    assert [bench.repository.require("a").text for _ in range(3)] == ["one"] * 3
    assert bench.stats.breaker == "closed"


def test_a_deadline_that_leaves_no_time_for_the_cache_goes_past_it(bench: Bench[Note]) -> None:
    with holdall.deadline(0.04):  # less than the timeout
        assert bench.repository.require("a").text == "one"
    assert bench.cache.calls["get"] == 0
    assert bench.reads() == 1


def test_who_waits_for_another_stops_before_the_deadline(bench: Bench[Note]) -> None:
    bench.keep(LEASE + b"of another", "a")
    bench.tier.settings.__dict__["wait"] = 50.0
    bench.io.then = lambda: time.sleep(0.01)
    with holdall.deadline(0.2):
        assert bench.repository.require("a").text == "one"


def test_a_deadline_that_has_passed_is_an_error_as_without_a_cache(bench: Bench[Note]) -> None:
    with holdall.deadline(0.0), pytest.raises(Timeout):
        bench.repository.get("a")


# Some fields.


def test_some_fields_of_what_is_kept_come_from_the_cache(bench: Bench[Note]) -> None:
    bench.repository.get("a")
    assert bench.repository.exists("a")
    assert bench.reads() == 1


def test_some_fields_of_what_is_not_kept_come_from_the_store_and_are_not_kept(bench: Bench[Note]) -> None:
    assert bench.repository.exists("a")
    assert not bench.repository.exists("b")
    assert bench.kept("a") is None
    assert bench.repository.require("a") == Note("a", "one")


def test_a_record_that_was_updated_is_read_as_it_is(bench: Bench[Note]) -> None:
    bench.repository.get("a")
    bench.repository.update("a", F.text.set("two"))
    assert bench.repository.require("a").text == "two"


# Replicas.


def test_what_this_process_has_written_is_read_from_the_primary_for_a_while(bench: Bench[Note]) -> None:
    bench.cache.capabilities_now = CacheCapabilities("with replicas", replicas=True)
    bench.tier._replicas = True
    bench.repository.put(Note("b", "one"))
    bench.cache.asked.clear()
    bench.repository.get("b")
    bench.repository.get("a")
    bench.clock.now += 6
    bench.repository.get("b")
    assert [what[1] for verb, what in bench.cache.asked if verb == "get"] == [True, False, False]


def test_who_reads_is_never_a_reason_for_a_call_of_the_lease_where_none_is_needed(bench: Bench[Note]) -> None:
    bench.repository.get("a")
    bench.cache.calls.clear()
    bench.repository.get("a")
    assert bench.cache.calls == {"get": 1}
