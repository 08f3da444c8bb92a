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
    """

    attempts: int = 6
    first_wait: float = 0.05
    max_wait: float = 5.0

    def wait(self, failures: int) -> float:
        """Return the seconds to wait after that many failures in a row."""
        # Imported here: only a failure needs it.
        import random

        return random.uniform(0, min(self.max_wait, self.first_wait * 2 ** (failures - 1)))  # noqa: S311 - no secret


async def retrying(
    io: Io, policy: RetryPolicy, job: Callable[[bool], Awaitable[T]], *, repeatable: bool = True
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
            return await job(maybe_done)
        except HoldallError as error:
            maybe_done = error.maybe_done = maybe_done or error.maybe_done
            if not isinstance(error, (Throttled, Unavailable)):
                raise
            if failures == policy.attempts or (error.maybe_done and not repeatable):
                error.retry = "exhausted" if failures == policy.attempts else "maybe"
                raise
            await pause(io, policy.wait(failures), error)
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
