"""What is served while Parameter Store can't be read, how often it is asked then, and when a call is given up."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import Credentials

from .fakes import Clock, Scripted, config_of, named, page, parameter, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

THROTTLED = refused("ThrottlingException", "Rate exceeded")
OLD, NEW = page(parameter("/shop/a", "old")), page(parameter("/shop/a", "new"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_throttled_first_read_is_tried_again() -> None:
    calls = Scripted(THROTTLED, THROTTLED, OLD)
    config = config_of(calls)
    assert config.get("a") == "old"
    assert len(calls.calls) == 3
    assert config.last_error is None


def test_a_first_read_that_is_throttled_for_good_says_so() -> None:
    calls = Scripted(*[THROTTLED] * 3)
    with pytest.raises(holdall.Throttled) as caught:
        config_of(calls).get("a")
    assert (caught.value.retry, caught.value.operation, len(calls.calls)) == ("exhausted", "get", 3)


@pytest.mark.parametrize("failure", [THROTTLED, refused("InternalServerError", status=500), refused("AccessDenied")])
def test_what_was_read_last_is_served_while_it_can_not_be_read_anew(clock: Clock, failure: Exception) -> None:
    calls = Scripted(OLD, failure)
    config = config_of(calls, clock=clock)
    assert config.get("a") == "old"
    clock.now += 61
    assert config.get("a") == "old"
    assert len(calls.calls) == 2  # no further tries, for which the caller would have to wait
    assert (config.age, config.stale) == (61.0, True)
    assert isinstance(config.last_error, holdall.HoldallError)
    assert "GetParametersByPath" in config.last_error.message


def test_after_a_failure_there_is_a_pause_before_the_next_try(clock: Clock) -> None:
    calls = Scripted(OLD, THROTTLED, NEW)
    config = config_of(calls, clock=clock)
    assert config.get("a") == "old"
    clock.now += 61
    assert [config.get("a") for _ in range(5)] == ["old"] * 5
    assert len(calls.calls) == 2
    clock.now += 61
    assert config.get("a") == "new"
    assert (config.stale, config.last_error, config.age) == (False, None, 0.0)


def test_what_is_too_old_is_not_served(clock: Clock) -> None:
    calls = Scripted(OLD, *[THROTTLED] * 3)
    config = config_of(calls, "ssm:///shop?max_age=60&max_stale=100", clock)
    assert config.get("a") == "old"
    clock.now += 161
    with pytest.raises(holdall.Throttled):
        config.get("a")
    assert len(calls.calls) == 4


def test_a_page_that_fails_leaves_what_was_read_whole(clock: Clock) -> None:
    half = page(parameter("/shop/b", "half"), token="t")
    calls = Scripted(OLD, half, THROTTLED)
    config = config_of(calls, clock=clock)
    assert config.get("a") == "old"
    clock.now += 61
    assert (config.get("a"), config.get("b")) == ("old", None)


def test_a_change_is_told_by_the_call_that_reads_it(clock: Clock) -> None:
    config = config_of(Scripted(OLD, NEW), clock=clock)
    told: list[frozenset[str]] = []
    config.on_change(told.append)
    assert config.get("a") == "old"
    clock.now += 61
    assert (config.get("a"), told) == ("new", [frozenset({"a"})])


class Held:
    """An answer that comes when it is let go."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.asked, self.go = threading.Event(), threading.Event()
        self._answer = answer

    def __call__(self, _: object) -> dict[str, Any]:
        self.asked.set()
        assert self.go.wait(10)
        return self._answer


def in_threads(count: int, job: Any) -> list[threading.Thread]:
    threads = [threading.Thread(target=job) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def joined(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_twenty_threads_send_one_first_request() -> None:
    held = Held(OLD)
    calls, found = Scripted(held), list[Any]()
    config = config_of(calls)
    threads = in_threads(20, lambda: found.append(config.get("a")))
    assert held.asked.wait(10)
    held.go.set()
    joined(threads)
    assert (found, len(calls.calls)) == (["old"] * 20, 1)


def test_one_thread_reads_anew_while_the_others_are_served_the_old(clock: Clock) -> None:
    held = Held(NEW)
    calls, found = Scripted(OLD, held), list[Any]()
    config = config_of(calls, clock=clock)
    assert config.get("a") == "old"
    clock.now += 61
    first = in_threads(1, lambda: found.append(config.get("a")))
    assert held.asked.wait(10)
    joined(in_threads(19, lambda: found.append(config.get("a"))))
    assert (found, len(calls.calls)) == (["old"] * 19, 2)
    held.go.set()
    joined(first)
    assert (found[-1], len(calls.calls)) == ("new", 2)


def test_threads_that_wait_for_a_first_read_that_fails_send_none_themselves() -> None:
    held = Held(OLD)

    def refuse(params: object) -> dict[str, Any]:
        held(params)
        raise refused("AccessDeniedException")

    calls, errors = Scripted(refuse), list[str]()
    config = config_of(calls)

    def read() -> None:
        try:
            config.get("a")
        except holdall.AccessDenied as error:
            errors.append(error.message)

    first = in_threads(1, read)
    assert held.asked.wait(10)
    others = in_threads(9, read)
    time.sleep(0.1)  # they wait for the first
    held.go.set()
    joined(first + others)
    assert (len(set(errors)), len(errors), len(calls.calls)) == (1, 10, 1)


def test_a_name_asked_for_by_twenty_threads_is_sent_once() -> None:
    calls, found = Scripted(values=named(1)), list[Any]()
    config = config_of(calls, "ssm:///shop?by=name")
    joined(in_threads(20, lambda: found.append(config.get("p00"))))
    assert (found, calls.names) == (["0"] * 20, [["/shop/p00"]])


@pytest.fixture
def silent() -> Iterator[str]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"ssm:///shop?region=us-east-1&client=lean&endpoint=http://127.0.0.1:{server.getsockname()[1]}"


KEYS = Credentials("test", "test")


def test_a_read_without_an_answer_ends_at_the_deadline(silent: str) -> None:
    began = time.monotonic()
    with holdall.open_config(silent, credentials=KEYS) as config, pytest.raises(holdall.Timeout), holdall.deadline(0.3):
        config.get("a")
    assert time.monotonic() - began < 1.9  # the read timeout is 2 s


def test_a_put_without_an_answer_is_given_up_at_the_deadline_and_may_be_done(silent: str) -> None:
    began = time.monotonic()
    with holdall.open_config(silent, credentials=KEYS) as config:
        with pytest.raises((holdall.Timeout, holdall.Unavailable)) as caught, holdall.deadline(0.3):
            config.put("a", "1")
        assert caught.value.maybe_done
    assert time.monotonic() - began < 1.9


def test_an_asynchronous_read_without_an_answer_ends_at_the_deadline(silent: str) -> None:
    async def read() -> None:
        async with holdall.open_async_config(silent, credentials=KEYS) as config:
            with holdall.deadline(0.3):
                await config.get("a")

    began = time.monotonic()
    with pytest.raises(holdall.Timeout):
        asyncio.run(read())
    assert time.monotonic() - began < 1.9
