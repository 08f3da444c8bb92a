"""Reading many records through a cache."""

from __future__ import annotations

import pytest

import holdall
from holdall import AccessDenied, Timeout
from holdall.cache_drivers import FENCE, LEASE, VALUE
from tests.cache.bench import PLAIN, Bench, Note

NAMES = ["a", "b", "c", "d"]


@pytest.fixture
def bench() -> Bench[Note]:
    made = Bench(Note)
    made.repository.put_many(Note(name, "one") for name in "abc")
    made.cache.calls.clear()
    return made


def texts(bench: Bench[Note], names: list[str] = NAMES, *, consistent: bool = False) -> list[str | None]:
    return [None if note is None else note.text for note in bench.repository.get_many(names, consistent=consistent)]


def asked(bench: Bench[Note]) -> list[list[str]]:
    """Return the names that each request to the store was for."""
    return [[key.values[0] for key in keys] for port, keys in bench.store.calls if port == "get"]


def test_what_is_not_kept_is_read_in_one_request(bench: Bench[Note]) -> None:
    assert texts(bench) == ["one", "one", "one", None]
    assert asked(bench) == [NAMES]
    assert texts(bench) == ["one", "one", "one", None]
    assert bench.reads() == 1


def test_what_is_missing_among_what_is_kept_is_read_in_one_request(bench: Bench[Note]) -> None:
    texts(bench, ["b"])
    bench.repository.get("d")
    bench.store.calls.clear()
    assert texts(bench) == ["one", "one", "one", None]
    assert asked(bench) == [["a", "c"]]


def test_the_cache_is_asked_once_and_told_once(bench: Bench[Note]) -> None:
    texts(bench)
    assert bench.cache.calls == {"get": 1, "add": 1, "swap": 1}


def test_all_the_records_keep_their_order(bench: Bench[Note]) -> None:
    texts(bench, ["c", "a"])
    assert [note and note.id for note in bench.repository.get_many(["d", "c", "b", "a"])] == [None, "c", "b", "a"]


def test_a_record_that_is_asked_for_twice_is_read_once(bench: Bench[Note]) -> None:
    assert texts(bench, ["a", "b", "a"]) == ["one"] * 3
    assert asked(bench) == [["a", "b"]]


def test_each_state_of_a_key_is_dealt_with_by_itself(bench: Bench[Note]) -> None:
    texts(bench, ["a"])
    bench.keep(FENCE + b"0" + b"a" * 16 + b"9" * 13, "b")
    bench.keep(LEASE + b"of another", "c")
    assert texts(bench) == ["one", "one", "one", None]
    assert [(bench.kept(name) or b"")[:1] for name in NAMES] == [VALUE, FENCE, VALUE, VALUE]
    assert asked(bench) == [["a"], ["d", "b"], ["c"]]


def test_who_waits_for_one_record_waits_once_for_all(bench: Bench[Note]) -> None:
    for name in "abc":
        bench.keep(LEASE + b"of another", name)
    begun = bench.clock.now
    assert texts(bench, ["a", "b", "c"]) == ["one"] * 3
    assert bench.clock.now - begun <= 0.5
    assert asked(bench) == [["a", "b", "c"]]


def test_what_the_store_has_left_undone_is_asked_for_again(bench: Bench[Note]) -> None:
    bench.store.leave("get", lambda count: range(1, count))
    assert texts(bench) == ["one", "one", "one", None]
    assert asked(bench) == [NAMES, ["b", "c", "d"]]
    assert [(bench.kept(name) or b"")[:1] for name in NAMES] == [VALUE] * 4


def test_what_the_store_has_left_undone_leaves_no_lease(bench: Bench[Note]) -> None:
    bench.store.leave("get", range, times=1)
    bench.store.fail("get", lambda: AccessDenied("no"))
    with pytest.raises(AccessDenied):
        texts(bench)
    assert [bench.kept(name) for name in NAMES] == [None] * 4


def test_an_error_of_the_store_leaves_no_lease_and_what_was_kept(bench: Bench[Note]) -> None:
    texts(bench, ["a"])
    bench.store.fail("get", lambda: AccessDenied("no"))
    with pytest.raises(AccessDenied):
        texts(bench)
    assert [(bench.kept(name) or b"")[:1] for name in NAMES] == [VALUE, b"", b"", b""]
    assert texts(bench) == ["one", "one", "one", None]


def test_a_consistent_read_goes_past_all_that_is_kept(bench: Bench[Note]) -> None:
    texts(bench, ["a", "b"])
    bench.store.calls.clear()
    assert texts(bench, consistent=True) == ["one", "one", "one", None]
    assert asked(bench) == [NAMES]
    assert [(bench.kept(name) or b"")[:1] for name in NAMES] == [VALUE] * 4


@pytest.mark.parametrize("verb", ["get", "add", "swap"])
def test_a_cache_that_fails_changes_no_result(bench: Bench[Note], verb: str) -> None:
    bench.cache.lose(verb, times=2)
    for _ in range(4):
        assert texts(bench) == ["one", "one", "one", None]


def test_a_lease_that_another_has_got_first_is_waited_for(bench: Bench[Note]) -> None:
    bench.cache.before("add", lambda: bench.keep(LEASE + b"of another", "b"))
    assert texts(bench) == ["one", "one", "one", None]
    assert asked(bench) == [["a", "c", "d"], ["b"]]
    assert bench.stats.waits == 1


def test_what_is_written_while_it_is_read_is_not_kept_but_the_others_are(bench: Bench[Note]) -> None:
    bench.cache.before("swap", lambda: bench.repository.put(Note("b", "two")))
    assert texts(bench) == ["one", "one", "one", None]
    assert [(bench.kept(name) or b"")[:1] for name in NAMES] == [VALUE, b"", VALUE, VALUE]
    assert texts(bench) == ["one", "two", "one", None]


def test_more_than_one_request_takes_are_read_in_several() -> None:
    bench = Bench(Note, PLAIN)
    names = [f"n{number}" for number in range(250)]
    bench.repository.put_many(Note(name, name) for name in names)
    assert texts(bench, names) == names
    reads = bench.reads()
    assert texts(bench, names) == names
    assert bench.reads() == reads
    assert bench.stats.hits == 250


def test_a_deadline_is_kept(bench: Bench[Note]) -> None:
    with holdall.deadline(0.0), pytest.raises(Timeout):
        texts(bench)
