"""A circuit breaker: after some failures in a row the cache is left alone for a while, then tried by one call."""

from __future__ import annotations

from _thread import allocate_lock
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    State = Literal["closed", "open", "half-open"]

_LONGEST = 8
"""How many times the first pause the longest is."""


class Breaker:
    """
    Tells whether to use a cache.

    Args:
        failures: How many in a row open it.
        pause: Seconds for which it stays open at first; each probe that fails doubles them, up to eight times.
        clock: Seconds, monotonic.
    """

    def __init__(self, failures: int, pause: float, clock: Callable[[], float]) -> None:
        self._most = failures
        self._pause = pause
        self._clock = clock
        self._failed = 0
        self._times = 1
        self._until = 0.0
        self._probing = False
        self._lock = allocate_lock()
        self.opened = 0

    @property
    def is_closed(self) -> bool:
        """Whether all is well; to be asked first, since it costs nothing."""
        return self._failed == 0

    @property
    def is_open(self) -> bool:
        """Whether nobody may use the cache now; unlike `allows`, to ask does not let anybody try it."""
        return self._failed >= self._most and self._clock() < self._until

    @property
    def state(self) -> State:
        """What it is."""
        if self._failed < self._most:
            return "closed"
        return "open" if self._clock() < self._until else "half-open"

    def allows(self) -> bool:
        """Return whether the cache may be used; where it was open, one caller a pause may try."""
        if self._failed < self._most:
            return True
        with self._lock:
            now = self._clock()
            if now < self._until:
                return False
            self._until = now + self._pause * self._times
            self._probing = True
            return True

    def succeeded(self) -> None:
        """Close it."""
        if self._failed:
            with self._lock:
                self._failed, self._times, self._probing = 0, 1, False

    def failed(self) -> None:
        """Count a failure."""
        with self._lock:
            self._failed += 1
            if self._failed < self._most:
                return
            if self._failed == self._most:
                self.opened += 1
            elif self._probing:
                self._times = min(_LONGEST, self._times * 2)
            else:
                return  # of a call that had begun before it opened
            self._probing = False
            self._until = self._clock() + self._pause * self._times
