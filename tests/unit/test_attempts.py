"""How long is waited between tries, and when no more are made."""

from __future__ import annotations

from typing import Any

import pytest

import holdall
from holdall import RetryPolicy
from holdall._engine.attempts import RetryQuota, retrying
from holdall.errors import HoldallError, Throttled, Timeout, Unavailable
from holdall.io import run_blocking


class Waits:
    """An Io that only notes how long it was to sleep."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def failing(*errors: HoldallError) -> Any:
    left = list(errors)

    async def job(_: bool) -> str:
        if left:
            raise left.pop(0)
        return "done"

    return job


def run(policy: RetryPolicy, quota: RetryQuota, *errors: HoldallError) -> list[float]:
    waits = Waits()
    io: Any = waits
    assert run_blocking(retrying(io, policy, quota, failing(*errors))) == "done"
    return waits.waits


def test_waits_are_random_up_to_a_bound_that_doubles() -> None:
    policy = RetryPolicy(first_wait=0.1, max_wait=0.3)
    for failures, bound in ((1, 0.1), (2, 0.2), (3, 0.3), (9, 0.3)):
        waits = [policy.wait(failures) for _ in range(300)]
        assert bound * 0.9 < max(waits) <= bound
        assert min(waits) < bound * 0.1


def test_a_throttle_is_waited_for_longer() -> None:
    policy = RetryPolicy(first_wait=0.01, throttled_wait=1.0)
    waits = [policy.wait(1, Throttled("busy")) for _ in range(100)]
    assert 0.5 < max(waits) <= 1
    assert max(policy.wait(1, Unavailable("gone")) for _ in range(100)) <= 0.01


@pytest.mark.parametrize(("asked", "least", "most"), [(2.0, 2.0, 2.0), (0.0, 0.0, 0.2), (600.0, 5.0, 5.2)])
def test_the_wait_asked_for_is_kept_within_reason(asked: float, least: float, most: float) -> None:
    assert least <= RetryPolicy().wait(1, Throttled("busy", retry_after=asked)) <= most


def test_a_failure_takes_from_the_quota_and_success_gives_back() -> None:
    quota = RetryQuota()
    run(RetryPolicy(), quota, Throttled("busy"), Throttled("busy"))
    assert quota.left == RetryQuota.CAPACITY - RetryQuota.COST
    for _ in range(10):
        run(RetryPolicy(), quota)
    assert quota.left == RetryQuota.CAPACITY


def test_without_quota_the_first_failure_is_told() -> None:
    quota = RetryQuota()
    tries = 0
    while quota.take():
        tries += 1
    assert tries == 100
    with pytest.raises(Throttled) as caught:
        run(RetryPolicy(), quota, Throttled("busy"))
    assert caught.value.retry == "exhausted"


def test_a_wait_never_passes_the_deadline() -> None:
    with pytest.raises(Timeout) as caught, holdall.deadline(0.5):
        run(RetryPolicy(), RetryQuota(), Throttled("busy", retry_after=3))
    assert isinstance(caught.value.__cause__, Throttled)
