"""Who reads which key from the store, and who waits for it."""

from __future__ import annotations

import pytest

from holdall._engine.cache.flights import MOST_ASKING, Crowd, Flights


@pytest.fixture
def flights() -> Flights:
    return Flights()


def test_the_first_reads_and_others_wait(flights: Flights) -> None:
    flight, mine = flights.begin("k", b"s", 1_000)
    assert mine
    assert flights.begin("k", b"s", 2_000) == (flight, False)
    assert flight.begun == 1_000


def test_each_key_is_read_by_itself(flights: Flights) -> None:
    one, _ = flights.begin("k", b"s", 1)
    other, mine = flights.begin("l", b"s", 1)
    assert mine
    assert one is not other


def test_who_waited_has_the_value(flights: Flights) -> None:
    flight, _ = flights.begin("k", b"s", 1)
    flights.end("k", b"s", flight, "value", kept=True)
    assert (flight.done, flight.kept, flight.value) == (True, True, "value")


def test_a_read_that_is_over_is_joined_by_nobody(flights: Flights) -> None:
    flight, _ = flights.begin("k", b"s", 1)
    flights.end("k", b"s", flight)
    other, mine = flights.begin("k", b"s", 2)
    assert mine
    assert other is not flight
    assert not flights._flying.get("l")


def test_a_read_ends_once(flights: Flights) -> None:
    flight, _ = flights.begin("k", b"s", 1)
    flights.end("k", b"s", flight, "value", kept=True)
    flights.end("k", b"s", flight)
    assert (flight.kept, flight.value) == (True, "value")


def test_a_read_that_was_forgotten_is_joined_by_nobody_and_ends_no_other(flights: Flights) -> None:
    first, _ = flights.begin("k", b"s", 1)
    flights.forget("k")
    second, mine = flights.begin("k", b"s", 2)
    assert mine
    flights.end("k", b"s", first, "old", kept=True)
    assert flights.begin("k", b"s", 3) == (second, False)


def test_nothing_is_held_of_reads_that_are_over(flights: Flights) -> None:
    for number in range(100):
        flight, _ = flights.begin(str(number), b"s", 1)
        flights.end(str(number), b"s", flight)
    assert not flights._flying


def test_a_read_that_may_be_joined_is_told(flights: Flights) -> None:
    assert flights.current("k", b"s") is None
    flight, _ = flights.begin("k", b"s", 1)
    assert flights.current("k", b"s") is flight
    assert flights.current("l", b"s") is None
    flights.forget("k")
    assert flights.current("k", b"s") is None
    flight, _ = flights.begin("k", b"s", 1)
    flights.end("k", b"s", flight)
    assert flights.current("k", b"s") is None


@pytest.fixture
def crowd() -> Crowd:
    return Crowd()


def test_a_few_may_ask_for_a_key_at_once(crowd: Crowd) -> None:
    assert [crowd.enter("k") for _ in range(MOST_ASKING + 2)] == [True] * MOST_ASKING + [False] * 2
    assert crowd.enter("l")


def test_when_one_has_asked_another_may(crowd: Crowd) -> None:
    for _ in range(MOST_ASKING):
        crowd.enter("k")
    crowd.leave("k")
    assert [crowd.enter("k") for _ in range(2)] == [True, False]


def test_nothing_is_held_of_who_has_asked(crowd: Crowd) -> None:
    for number in range(100):
        crowd.enter(str(number))
        crowd.leave(str(number))
    assert not crowd._asking
