"""How long work may take: a deadline for all calls made inside a block."""

from __future__ import annotations

import contextvars
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from .errors import InvalidArgument, Timeout

if TYPE_CHECKING:
    from collections.abc import Generator


class LambdaContext(Protocol):
    """The context object that AWS Lambda hands to a handler."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the invocation is ended."""
        ...


_ends: contextvars.ContextVar[float | None] = contextvars.ContextVar("holdall_deadline", default=None)
_MARGIN = 0.25
"""Seconds that a handler keeps for its own answer when the deadline is the Lambda context's."""


@contextmanager
def deadline(limit: float | timedelta | LambdaContext) -> Generator[None, None, None]:
    """
    Bound every wait and retry of the calls made inside the block.

    Args:
        limit: Seconds, a timedelta, or the context of a Lambda handler, of whose remaining time a quarter of a
            second is kept for the handler's own answer. Blocks may be nested; the earliest end counts.

    Raises:
        InvalidArgument: The limit is negative or of another type.
        Timeout: (by the calls inside) the time is over.
    """
    end = time.monotonic() + _seconds(limit)
    outer = _ends.get()
    token = _ends.set(end if outer is None else min(end, outer))
    try:
        yield
    finally:
        _ends.reset(token)


def _seconds(limit: Any) -> float:
    if hasattr(limit, "get_remaining_time_in_millis"):
        return max(0.0, float(limit.get_remaining_time_in_millis()) / 1000 - _MARGIN)
    seconds = limit.total_seconds() if isinstance(limit, timedelta) else limit
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds >= 0:
        raise InvalidArgument("a deadline is a number of seconds from now, a timedelta or a Lambda context")
    return float(seconds)


@contextmanager
def extended(seconds: float) -> Generator[None, None, None]:
    """Give the calls made inside the block that many seconds at least, for putting things in order."""
    end = _ends.get()
    token = _ends.set(None if end is None else max(end, time.monotonic() + seconds))
    try:
        yield
    finally:
        _ends.reset(token)


def remaining() -> float | None:
    """Return the seconds left of the deadline in force, 0 where it has passed, None where there is none."""
    end = _ends.get()
    return None if end is None else max(0.0, end - time.monotonic())


def check() -> None:
    """
    Do nothing while there is time.

    Raises:
        Timeout: The deadline has passed.
    """
    if remaining() == 0.0:
        raise Timeout("the deadline has passed", retry="exhausted")
