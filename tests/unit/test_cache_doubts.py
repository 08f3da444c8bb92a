"""What a process knows better than the cache."""

from __future__ import annotations

import pytest

from holdall._engine.cache import doubts as module
from holdall._engine.cache.doubts import SKEW, Doubts


@pytest.fixture
def doubts() -> Doubts:
    return Doubts()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(module, "MOST", 3)
    return 3


def test_what_was_read_before_is_in_doubt_and_what_is_read_after_is_not(doubts: Doubts) -> None:
    doubts.note(["a"], 1_000)
    assert doubts.covers("a", 1_000)
    assert doubts.covers("a", 1_000 + SKEW)
    assert not doubts.covers("a", 1_001 + SKEW)
    assert not doubts.covers("b", 1_000)


def test_without_a_note_nothing_is_in_doubt(doubts: Doubts) -> None:
    assert not doubts.covers("a", 1)
    assert doubts.pending == 0


def test_more_keys_than_are_told_apart_put_all_in_doubt_that_was_read_before(doubts: Doubts, few: int) -> None:
    for number in range(few + 1):
        doubts.note([str(number)], 1_000 + number)
    last = 1_000 + few + SKEW
    assert doubts.covers("another", last)
    assert all(doubts.covers(str(number), last) for number in range(few + 1))
    assert not doubts.covers("another", last + 1)


def test_memory_is_bounded(doubts: Doubts, few: int) -> None:
    for number in range(100):
        doubts.missed([str(number)], 1_000 + number, b"t")
        assert len(doubts._since) <= few
        assert doubts.pending <= few


def test_keys_that_the_cache_has_missed_are_in_doubt_and_remembered(doubts: Doubts) -> None:
    doubts.missed(["a", "b"], 1_000, b"t")
    assert doubts.covers("a", 1_000)
    assert doubts.pending == 2


def test_missed_keys_are_taken_some_at_a_time_the_oldest_first(doubts: Doubts) -> None:
    doubts.missed(["a", "b", "c"], 1_000, b"t")
    assert doubts.take_missed(2)[1] == ["a", "b"]
    assert doubts.pending == 1
    assert doubts.take_missed(2)[1] == ["c"]
    assert doubts.take_missed(2)[1] == []


def test_missed_keys_are_taken_by_the_fence_that_is_left_at_them(doubts: Doubts) -> None:
    doubts.missed(["a"], 1_000, b"one")
    doubts.missed(["b"], 1_000, b"other")
    doubts.missed(["c"], 1_000, b"one")
    assert doubts.take_missed(9) == (b"one", ["a", "c"])
    assert doubts.take_missed(9) == (b"other", ["b"])
    assert doubts.take_missed(9) == (b"", [])


def test_a_key_that_was_taken_stays_in_doubt(doubts: Doubts) -> None:
    doubts.missed(["a"], 1_000, b"t")
    doubts.take_missed(9)
    assert doubts.covers("a", 1_000)


def test_of_too_many_missed_keys_the_newest_are_remembered(doubts: Doubts, few: int) -> None:
    for number in range(few + 2):
        doubts.missed([str(number)], 1_000, b"t")
    assert doubts.take_missed(9)[1] == ["2", "3", "4"]


def test_a_key_that_is_missed_again_is_remembered_once(doubts: Doubts) -> None:
    doubts.missed(["a", "a"], 1_000, b"t")
    doubts.missed(["a"], 1_001, b"t")
    assert doubts.take_missed(9)[1] == ["a"]


def test_of_two_threads_that_note_a_key_the_later_time_counts(doubts: Doubts) -> None:
    doubts.note(["a"], 2_000)
    doubts.note(["a"], 1_000)
    assert doubts.covers("a", 2_000)


def test_of_two_threads_that_put_all_in_doubt_the_later_time_counts(doubts: Doubts, few: int) -> None:
    doubts.note([str(number) for number in range(few + 1)], 2_000)
    doubts.note([str(number) for number in range(few + 1)], 1_000)
    assert doubts.covers("a", 2_000)
