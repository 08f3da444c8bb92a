"""Who in this process is reading which key from the store, so that others wait for it instead of reading too."""

from __future__ import annotations

import os
from _thread import allocate_lock
from typing import Any


class Flight:
    """One read; `kept` tells that the cache took what it gave, so nobody wrote meanwhile and others may have it too."""

    __slots__ = ("begun", "done", "kept", "process", "value")

    def __init__(self, begun: int) -> None:
        self.begun = begun
        self.process = os.getpid()
        self.done = False
        self.kept = False
        self.value: Any = None

    def end(self, value: Any, *, kept: bool) -> None:
        """End it, unless it has ended."""
        if not self.done:
            self.value, self.kept = value, kept
            self.done = True


class Flights:
    """The reads of one tier."""

    def __init__(self) -> None:
        self._flying: dict[str, Flight] = {}
        self._lock = allocate_lock()

    def begin(self, key: str, now: int) -> tuple[Flight, bool]:
        """Return the read of a key, and whether the caller is to do it, from now on (milliseconds since 1970)."""
        with self._lock:
            flight = self._flying.get(key)
            # After a fork the threads that were reading are the parent's.
            if flight is None or flight.done or flight.process != os.getpid():
                flight = self._flying[key] = Flight(now)
                return flight, True
            return flight, False

    def end(self, key: str, flight: Flight, value: Any = None, *, kept: bool = False) -> None:
        """End a read."""
        flight.end(value, kept=kept)
        with self._lock:
            if self._flying.get(key) is flight:
                del self._flying[key]

    def forget(self, key: str) -> None:
        """Let nobody join the read of a key any more: it is being written."""
        if self._flying:
            with self._lock:
                self._flying.pop(key, None)
