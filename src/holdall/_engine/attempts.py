"""Retrying: jittered exponential back-off, bounded by attempts and by the deadline."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from .. import deadlines
from .._frozen import frozen
from ..errors import HoldallError, Throttled, Timeout, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ..io import Io

T = TypeVar("T")


@frozen
class RetryPolicy:
    """
    How often and how long to try.

    "Full jitter": each wait is random between 0 and a bound that doubles
    (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).

    Attributes:
        attempts: Tries in all, the first one included.
        first_wait: The bound of the first wait, in seconds.
        max_wait: The bound that the doubling stops at, in seconds.
        throttled_wait: The bound of the first wait after a refusal for too many requests, in seconds: who refuses for
            load is helped by fewer requests only.
    """

    attempts: int = 6
    first_wait: float = 0.05
    max_wait: float = 5.0
    throttled_wait: float = 0.2

    def wait(self, failures: int, error: HoldallError | None = None) -> float:
        """Return the seconds to wait after that many failures in a row, the last of which was `error`."""
        # Imported here: only a failure needs it.
        import random

        first = self.throttled_wait if isinstance(error, Throttled) else self.first_wait
        wait = random.uniform(0, min(self.max_wait, first * 2 ** (failures - 1)))  # noqa: S311 - no secret
        asked = None if error is None else error.retry_after
        # What is asked for is honoured within reason, as in AWS's SDKs ("Retry behavior" in their reference guide).
        return wait if asked is None else max(wait, min(asked, wait + _PATIENCE))


_PATIENCE = 5.0


class RetryQuota:
    """
    Keeps the retries of a repository from becoming the greater part of its requests while a store is down.

    A bucket of tokens, as in the standard mode of AWS's SDKs: each retry takes some, and success gives back; where none
    are left, an error is raised at the first failure.
    """

    CAPACITY, COST = 500, 5

    def __init__(self) -> None:
        self.left = self.CAPACITY

    def take(self) -> bool:
        """Return whether another try is allowed, and pay for it."""
        # No lock: two threads at once may take one price together, which does no harm.
        if self.left < self.COST:
            return False
        self.left -= self.COST
        return True

    def succeeded(self, failures: int) -> None:
        """Give back after a success: what its last retry cost, or a little where there was none."""
        if self.left < self.CAPACITY:
            self.left = min(self.CAPACITY, self.left + (self.COST if failures else 1))


async def retrying(
    io: Io, policy: RetryPolicy, quota: RetryQuota, job: Callable[[bool], Awaitable[T]], *, repeatable: bool = True
) -> T:
    """
    Return the job's result, trying again after `Throttled` and `Unavailable`.

    The job is told whether an earlier try may have been applied. One that is not `repeatable` is not tried again
    after such a try.

    Raises:
        HoldallError: The job's last error, with `.retry` "exhausted".
        Timeout: The deadline would pass before the next try.
    """
    maybe_done = False
    for failures in range(1, policy.attempts + 1):
        try:
            deadlines.check()
            done = await job(maybe_done)
        except HoldallError as error:
            maybe_done = error.maybe_done = maybe_done or error.maybe_done
            # One that is "exhausted" comes of a job that has itself tried as often as it may.
            if not isinstance(error, (Throttled, Unavailable)) or error.retry == "exhausted":
                raise
            if error.maybe_done and not repeatable and failures < policy.attempts:
                error.retry = "maybe"
                raise
            if failures == policy.attempts or not quota.take():
                error.retry = "exhausted"
                raise
            await pause(io, policy.wait(failures, error), error)
        else:
            quota.succeeded(failures - 1)
            return done
    raise AssertionError("unreachable: the loop returns or raises")


async def pause(io: Io, seconds: float, cause: HoldallError | None = None) -> None:
    """
    Wait, if the deadline leaves the time.

    Raises:
        Timeout: It does not; `cause` is its `__cause__`.
    """
    left = deadlines.remaining()
    if left is not None and seconds >= left:
        raise Timeout("the deadline would pass before the next try", retry="exhausted",
                      maybe_done=cause is not None and cause.maybe_done) from cause
    await io.sleep(seconds)
