"""Who in this process is reading which key from the store, so that others wait for it instead of reading too."""

from __future__ import annotations

from _thread import allocate_lock
from typing import Any

MOST_ASKING = 16
"""Callers of this process who ask the cache for one key at the same time."""


class Flight:
    """One read; `kept` tells that the cache took what it gave, so nobody wrote meanwhile and others may have it too."""

    __slots__ = ("begun", "done", "kept", "value")

    def __init__(self, begun: int) -> None:
        self.begun = begun
        self.done = False
        self.kept = False
        self.value: Any = None

    def end(self, value: Any, *, kept: bool) -> None:
        """End it, unless it has ended."""
        if not self.done:
            self.value, self.kept = value, kept
            self.done = True


class Flights:
    """The reads of one tier, by key and by the shape of what is read: stores that share a tier share no values."""

    def __init__(self) -> None:
        self._flying: dict[str, dict[bytes, Flight]] = {}
        self._lock = allocate_lock()

    def begin(self, key: str, shape: bytes, now: int) -> tuple[Flight, bool]:
        """Return the read of a key, and whether the caller is to do it, from now on (milliseconds since 1970)."""
        with self._lock:
            flights = self._flying.setdefault(key, {})
            flight = flights.get(shape)
            if flight is None or flight.done:
                flight = flights[shape] = Flight(now)
                return flight, True
            return flight, False

    def current(self, key: str, shape: bytes) -> Flight | None:
        """Return the read of a key that others may join, if there is one."""
        flights = self._flying.get(key) if self._flying else None
        flight = None if flights is None else flights.get(shape)
        return None if flight is None or flight.done else flight

    def end(self, key: str, shape: bytes, flight: Flight, value: Any = None, *, kept: bool = False) -> None:
        """End a read."""
        flight.end(value, kept=kept)
        with self._lock:
            flights = self._flying.get(key)
            if flights is not None and flights.get(shape) is flight:
                del flights[shape]
                if not flights:
                    del self._flying[key]

    def forget(self, key: str) -> None:
        """Let nobody join a read of a key any more: it is being written."""
        if self._flying:
            with self._lock:
                self._flying.pop(key, None)


class Crowd:
    """
    How many ask the cache for the same key at once.

    A thousand who did would be in each other's way, and run into the timeout; a few, and the others after them, do not.
    """

    def __init__(self) -> None:
        self._asking: dict[str, int] = {}
        self._lock = allocate_lock()

    def enter(self, key: str) -> bool:
        """Return whether one more may ask, who must `leave`."""
        with self._lock:
            asking = self._asking.get(key, 0)
            if asking >= MOST_ASKING:
                return False
            self._asking[key] = asking + 1
            return True

    def leave(self, key: str) -> None:
        """Let another ask."""
        with self._lock:
            left = self._asking.get(key, 1) - 1
            if left:
                self._asking[key] = left
            else:
                self._asking.pop(key, None)
