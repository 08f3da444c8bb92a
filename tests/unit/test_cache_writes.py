"""Writing through a cache: nobody is served what was before, whatever becomes of the write."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

import holdall
from holdall import (
    AlreadyExists,
    BatchError,
    ConditionFailed,
    F,
    Key,
    NotFound,
    Revision,
    Throttled,
    Unavailable,
    Unique,
)
from holdall._frozen import replace
from holdall.cache_drivers import FENCE, VALUE
from holdall.testing.faults import lost
from tests.cache.bench import PLAIN, Bench, Note

REPLACE = PLAIN + "&on_write=replace"


@dataclass
class Member:
    id: Key[str]
    email: Unique[str]
    visits: int = 0
    revision: Revision = None


def filled(cache: str = PLAIN, beside: Bench[Note] | None = None, store: str = "memory://") -> Bench[Note]:
    bench = Bench(Note, cache, store, beside)
    if beside is None:
        bench.repository.put_many(Note(name, "one") for name in "abc")
        for name in "abc":
            bench.repository.get(name)
    return bench


def pair(cache: str = PLAIN) -> tuple[Bench[Note], Bench[Note]]:
    """Return two clients of one store and one cache."""
    store = f"memory://writes-{time.perf_counter_ns()}"
    one = filled(cache, store=store)
    return one, filled(cache, one, store)


def state(bench: Bench[Note], name: str = "a") -> bytes:
    return (bench.kept(name) or b"")[:1]


def texts(bench: Bench[Note], names: str) -> list[str | None]:
    return [None if note is None else note.text for note in bench.repository.get_many(list(names))]


@pytest.fixture
def bench() -> Bench[Note]:
    return filled()


# Every write ends what is kept.


def test_a_put_is_seen(bench: Bench[Note]) -> None:
    bench.repository.put(Note("a", "two"))
    assert bench.kept("a") is None
    assert bench.repository.require("a").text == "two"
    assert state(bench, "b") == VALUE


def test_an_update_is_seen(bench: Bench[Note]) -> None:
    assert bench.repository.update("a", F.text.set("two")).text == "two"
    assert bench.repository.require("a").text == "two"


def test_a_deletion_is_seen(bench: Bench[Note]) -> None:
    bench.repository.delete("a")
    assert bench.repository.get("a") is None


def test_a_record_that_is_made_where_there_was_none_is_seen(bench: Bench[Note]) -> None:
    assert bench.repository.get("d") is None
    bench.repository.create(Note("d", "new"))
    assert bench.repository.require("d").text == "new"


def test_a_batch_is_seen(bench: Bench[Note]) -> None:
    bench.repository.put_many([Note("a", "two"), Note("d", "two")])
    bench.repository.delete_many(["b"])
    assert texts(bench, "abcd") == ["two", None, "one", "two"]


def test_updates_of_many_are_seen(bench: Bench[Note]) -> None:
    bench.repository.update_many(["a", "b"], F.text.set("two"))
    assert texts(bench, "abc") == ["two", "two", "one"]


def test_a_transaction_is_seen(bench: Bench[Note]) -> None:
    with bench.repository.transaction() as transaction:
        transaction.put(Note("a", "two"))
        transaction.update("b", F.text.set("two"))
        transaction.delete("c")
        transaction.create(Note("d", "two"))
    assert texts(bench, "abcd") == ["two", "two", None, "two"]


def test_what_a_transaction_only_checks_stays_in_the_cache(bench: Bench[Note]) -> None:
    with bench.repository.transaction() as transaction:
        transaction.put(Note("a", "two"))
        transaction.check("b", when=F.text == "one")
    assert bench.kept("a") is None
    assert state(bench, "b") == VALUE


def test_a_transaction_puts_up_all_its_fences_before_it_writes(bench: Bench[Note]) -> None:
    transaction = bench.repository.transaction()
    transaction.put(Note("a", "two"))
    transaction.put(Note("b", "two"))
    transaction.commit()
    fenced = [keys for verb, keys in bench.cache.asked if verb == "fence"][-1]
    assert list(fenced) == [bench.key("a"), bench.key("b")]


def test_a_transaction_over_two_tables_is_seen_in_both() -> None:
    name = f"memory://both-{time.perf_counter_ns()}"
    cache = holdall.Cache(PLAIN)
    notes = holdall.open_repository(name, Note, cache=cache)
    others = holdall.open_repository(f"{name}?table=others", Note, cache=cache)
    plain = holdall.open_repository(f"{name}?table=plain", Note)
    for repository in (notes, others, plain):
        repository.put(Note("a", "one"))
        repository.get("a")
    with notes.transaction() as transaction:
        transaction.put(Note("a", "two"))
        transaction.on(others).put(Note("a", "three"))
        transaction.on(plain).put(Note("a", "four"))
    assert [one.require("a").text for one in (notes, others, plain)] == ["two", "three", "four"]


def test_a_transaction_of_a_store_without_a_cache_ends_what_another_has_kept() -> None:
    name = f"memory://mixed-{time.perf_counter_ns()}"
    notes = holdall.open_repository(name, Note, cache=PLAIN)
    plain = holdall.open_repository(f"{name}?table=plain", Note)
    notes.put(Note("a", "one"))
    notes.get("a")
    with plain.transaction() as transaction:
        transaction.put(Note("a", "two"))
        transaction.on(notes).put(Note("a", "three"))
    assert [notes.require("a").text, plain.require("a").text] == ["three", "two"]


def test_a_record_with_a_unique_field_is_seen_as_it_was_written() -> None:
    bench = Bench(Member)
    bench.repository.put(Member("a", "a@example.com"))
    bench.repository.get("a")
    bench.repository.update("a", F.email.set("b@example.com"))
    bench.repository.put(Member("b", "a@example.com"))
    assert bench.repository.require("a").email == "b@example.com"
    assert bench.repository.require("b").email == "a@example.com"


def test_a_revision_read_from_a_cache_is_the_one_to_write_with() -> None:
    bench = Bench(Member)
    bench.repository.put(Member("a", "a@example.com"))
    read = [bench.repository.require("a") for _ in range(2)][1]
    read.visits = 1
    bench.repository.put(read)
    with pytest.raises(holdall.Conflict):
        bench.repository.put(read)
    assert bench.repository.require("a").visits == 1


# Writes that fail.


def test_a_refused_write_leaves_no_fence(bench: Bench[Note]) -> None:
    with pytest.raises(AlreadyExists):
        bench.repository.create(Note("a"))
    with pytest.raises(ConditionFailed):
        bench.repository.update("a", F.text.set("two"), when=F.text == "three")
    with pytest.raises(NotFound):
        bench.repository.update("d", F.text.set("two"))
    assert bench.kept("a") is None
    assert bench.kept("d") is None


def test_a_refused_transaction_leaves_no_fence(bench: Bench[Note]) -> None:
    transaction = bench.repository.transaction()
    transaction.put(Note("b", "two"))
    transaction.create(Note("a"))
    with pytest.raises(holdall.TransactionFailed):
        transaction.commit()
    assert (bench.kept("a"), bench.kept("b")) == (None, None)
    assert bench.repository.require("b").text == "one"


def test_a_write_that_was_not_done_leaves_no_fence(bench: Bench[Note]) -> None:
    bench.store.fail("write", lambda: holdall.AccessDenied("no"))
    with pytest.raises(holdall.AccessDenied):
        bench.repository.put(Note("a", "two"))
    assert bench.kept("a") is None


@pytest.mark.parametrize("applied", [False, True])
def test_a_write_that_may_have_been_done_keeps_its_fence_up_to_its_end(bench: Bench[Note], applied: bool) -> None:
    bench.store.lose("write", applied=applied, times=99)
    with pytest.raises(Unavailable) as raised:
        bench.repository.update("a", F.tags.append("x"))
    assert raised.value.maybe_done
    assert state(bench) == FENCE
    reads = bench.reads()
    assert [len(bench.repository.require("a").tags) for _ in range(2)] == [applied] * 2
    assert bench.reads() == reads + 2
    bench.clock.now += 10.1
    bench.repository.get("a")
    assert state(bench) == VALUE


def test_a_write_that_was_interrupted_keeps_its_fence_up(bench: Bench[Note]) -> None:
    bench.store.fail("write", KeyboardInterrupt, after=True)  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        bench.repository.put(Note("a", "two"))
    assert state(bench) == FENCE
    assert bench.repository.require("a").text == "two"


def test_a_transaction_that_may_have_been_done_keeps_its_fences_up(bench: Bench[Note]) -> None:
    engine = bench.repository.engine
    engine.capabilities = replace(engine.capabilities, idempotency_tokens=False)
    bench.store.lose("transact")
    transaction = bench.repository.transaction()
    transaction.put(Note("a", "two"))
    transaction.delete("b")
    with pytest.raises(Unavailable):
        transaction.commit()
    assert (state(bench, "a"), state(bench, "b")) == (FENCE, FENCE)
    assert texts(bench, "ab") == ["two", None]


def test_of_a_batch_those_stay_fenced_that_may_have_been_done(
    bench: Bench[Note], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def write_batch(writes: object) -> holdall.drivers.BatchWritten:
        return holdall.drivers.BatchWritten((), {0: lost(), 1: Throttled("no", retry="exhausted")})

    monkeypatch.setattr(bench.store, "write_batch", write_batch)
    with pytest.raises(BatchError):
        bench.repository.put_many([Note("a", "two"), Note("b", "two"), Note("c", "two")])
    assert (state(bench, "a"), state(bench, "b"), state(bench, "c")) == (FENCE, b"", b"")


def test_what_a_batch_left_undone_is_written_again(bench: Bench[Note]) -> None:
    bench.store.leave("write_batch", lambda count: range(1, count))
    bench.repository.put_many([Note(name, "two") for name in "abc"])
    assert texts(bench, "abc") == ["two"] * 3


# A cache that fails.


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("verbs", [["fence"], ["release"], ["fence", "release"]])
def test_a_write_is_seen_by_its_own_client_though_the_cache_has_failed(
    bench: Bench[Note], verbs: list[str], applied: bool
) -> None:
    bench.cache.lose(*verbs, applied=applied)
    bench.repository.put(Note("a", "two"))
    assert bench.repository.require("a").text == "two"
    assert bench.stats.failures == len(verbs)


def test_a_write_that_the_cache_has_missed_is_told_to_it_later() -> None:
    one, other = pair()
    one.cache.lose("fence", "release", times=3)
    one.repository.put(Note("a", "two"))
    assert one.stats.missed == 1
    assert other.repository.require("a").text == "one"
    one.cache.heal()
    one.clock.now += 9
    one.repository.get("b")
    assert one.stats.missed == 0
    assert other.repository.require("a").text == "two"


def test_a_write_that_the_cache_never_hears_of_is_seen_by_others_when_the_life_of_what_is_kept_is_over() -> None:
    one, other = pair()
    one.cache.lose("fence", "release", times=3)
    one.repository.put(Note("a", "two"))
    assert other.repository.require("a").text == "one"
    one.clock.now += 61
    assert other.repository.require("a").text == "two"


def test_what_the_cache_has_missed_stays_remembered_where_it_fails_again(bench: Bench[Note]) -> None:
    bench.cache.lose("release", times=2)
    bench.repository.put(Note("a", "two"))
    for _ in range(3):
        bench.repository.get("b")
    assert (bench.stats.missed, bench.stats.failures) == (1, 2)
    bench.clock.now += 1.1
    bench.repository.get("b")
    assert bench.stats.missed == 0


def test_writes_go_on_while_a_cache_is_left_alone(bench: Bench[Note]) -> None:
    bench.cache.lose("get", "fence", "release", times=99)
    for number in range(10):
        bench.repository.put(Note("a", str(number)))
        assert bench.repository.require("a").text == str(number)
    assert bench.stats.breaker == "open"
    assert bench.cache.calls["fence"] <= 4
    bench.cache.heal()
    bench.clock.now += 20
    assert bench.repository.require("a").text == "9"
    assert bench.stats.missed == 0


def test_a_deadline_that_leaves_no_time_for_the_cache_does_not_keep_a_write_from_being_seen(bench: Bench[Note]) -> None:
    bench.cache.calls.clear()
    with holdall.deadline(0.04):  # less than the timeout
        bench.repository.put(Note("a", "two"))
    assert bench.cache.calls["fence"] == 0
    assert bench.stats.missed == 1
    assert bench.repository.require("a").text == "two"


# Keeping what is written.


def test_what_is_put_is_kept_where_that_is_wanted() -> None:
    bench = filled(REPLACE)
    bench.repository.put(Note("a", "two"))
    reads = bench.reads()
    assert bench.repository.require("a") == Note("a", "two")
    assert bench.reads() == reads


def test_what_is_updated_is_kept_as_the_store_has_it() -> None:
    bench = filled(REPLACE)
    bench.repository.update("a", F.tags.append("x"))
    reads = bench.reads()
    assert bench.repository.require("a") == Note("a", "one", ["x"])
    assert bench.reads() == reads


def test_of_what_is_deleted_nothing_is_kept() -> None:
    bench = filled(REPLACE)
    bench.repository.delete("a")
    assert bench.kept("a") is None
    assert bench.repository.get("a") is None


def test_what_is_written_is_kept_only_where_nobody_else_was_writing() -> None:
    one, other = pair(REPLACE)
    one.cache.before("release", lambda: other.repository.put(Note("a", "three")))
    one.repository.put(Note("a", "two"))
    assert one.kept("a") is None
    assert [bench.repository.require("a").text for bench in (one, other)] == ["three", "three"]


def test_what_is_written_is_not_kept_where_the_fence_was_lost() -> None:
    bench = filled(REPLACE)
    bench.cache.lose("fence")
    bench.repository.put(Note("a", "two"))
    assert bench.kept("a") is None


def test_what_is_written_lives_from_the_beginning_of_the_write_on() -> None:
    bench = filled(REPLACE)
    bench.cache.before("release", lambda: setattr(bench.clock, "now", bench.clock.now + 5))
    bench.repository.put(Note("a", "two"))
    bench.clock.now += 56
    reads = bench.reads()
    bench.repository.get("a")
    assert bench.reads() == reads + 1


def test_what_is_too_large_is_not_kept_when_it_is_written() -> None:
    bench = filled(REPLACE + "&max_bytes=200&compress_over=10000")
    bench.repository.put(Note("a", "x" * 300))
    assert bench.kept("a") is None
    assert len(bench.repository.require("a").text) == 300


# Telling the cache of what others have written.


def test_invalidate_has_the_next_read_go_to_the_store(bench: Bench[Note]) -> None:
    bench.repository.invalidate("a")
    assert (bench.kept("a"), state(bench, "b")) == (None, VALUE)
    bench.repository.invalidate(Note("b"))
    assert bench.kept("b") is None


def test_invalidate_leaves_the_fences_of_writers(bench: Bench[Note]) -> None:
    bench.keep(FENCE + b"0" + b"a" * 16 + b"%013d" % (bench.tier.now() + 9_000), "a")
    bench.repository.invalidate("a")
    assert state(bench) == FENCE


def test_invalidate_is_remembered_where_the_cache_fails(bench: Bench[Note]) -> None:
    bench.cache.lose("release")
    bench.repository.invalidate("a")
    assert bench.stats.missed == 1
    reads = bench.reads()
    bench.repository.get("a")
    assert bench.reads() == reads + 1


def test_invalidate_without_a_cache_does_nothing() -> None:
    repository = holdall.open_repository("memory://", Note)
    repository.invalidate("a")
    assert repository.cache_stats == ()
