"""The circuit breaker of a cache."""

from __future__ import annotations

import pytest

from holdall._engine.cache.breaker import Breaker


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(3, 1.0, clock)


def fail(breaker: Breaker, times: int = 3) -> None:
    for _ in range(times):
        breaker.failed()


def pause_after_a_probe(breaker: Breaker, clock: Clock) -> float:
    """Let the next probe fail, and return for how long nobody may try then."""
    assert breaker.allows()
    breaker.failed()
    begun = clock.now
    while not breaker.is_open or clock.now - begun > 20:
        clock.now += 0.25
    while breaker.is_open:
        clock.now += 0.25
    return clock.now - begun


def test_it_allows_all_while_nothing_fails(breaker: Breaker) -> None:
    assert [breaker.allows() for _ in range(9)] == [True] * 9
    assert (breaker.state, breaker.is_closed, breaker.is_open, breaker.opened) == ("closed", True, False, 0)


def test_it_opens_after_failures_in_a_row(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert (breaker.state, breaker.allows(), breaker.is_closed) == ("closed", True, False)
    fail(breaker, 1)
    assert (breaker.state, breaker.allows(), breaker.is_open, breaker.opened) == ("open", False, True, 1)


def test_failures_with_a_success_between_do_not_open_it(breaker: Breaker) -> None:
    for _ in range(5):
        fail(breaker, 2)
        breaker.succeeded()
    assert breaker.state == "closed"
    assert breaker.is_closed


def test_after_the_pause_one_may_try_and_the_others_not(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.now += 0.9
    assert not breaker.allows()
    clock.now += 0.2
    assert breaker.state == "half-open"
    assert [breaker.allows() for _ in range(4)] == [True, False, False, False]


def test_to_ask_whether_it_is_open_lets_nobody_try(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.now += 1.1
    assert (breaker.is_open, breaker.is_open, breaker.state) == (False, False, "half-open")
    assert breaker.allows()


def test_who_tried_and_never_came_back_is_followed_by_another(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.now += 1.1
    assert breaker.allows()
    clock.now += 1.1
    assert breaker.allows()


def test_a_probe_that_succeeds_closes_it(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.now += 1.1
    assert breaker.allows()
    breaker.succeeded()
    assert (breaker.state, breaker.allows(), breaker.opened) == ("closed", True, 1)
    fail(breaker)
    assert breaker.opened == 2


def test_each_probe_that_fails_doubles_the_pause_up_to_eight_times(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.now += 1.0
    assert [pause_after_a_probe(breaker, clock) for _ in range(5)] == [2.0, 4.0, 8.0, 8.0, 8.0]
    assert breaker.allows()
    breaker.succeeded()
    fail(breaker)
    clock.now += 1.0
    assert breaker.allows()


def test_failures_of_calls_that_had_begun_before_it_opened_do_not_lengthen_the_pause(
    breaker: Breaker, clock: Clock
) -> None:
    fail(breaker, 20)
    clock.now += 1.1
    assert breaker.allows()
