"""
What this process knows better than the cache.

A call that went past the cache, since it did not answer, may have seen or made what is newer than the cache has. Until
the cache has something that was read after it, such a key is in doubt: what the cache has of it is not served.
"""

from __future__ import annotations

from _thread import allocate_lock
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 10_000
SKEW = 250
"""Milliseconds by which the clocks of two machines may differ."""


class Doubts:
    """Keys in doubt, and writes that the cache has not heard of; both in bounded memory."""

    def __init__(self) -> None:
        self._since: dict[str, int] = {}
        self._missed: dict[str, bytes] = {}
        self._all = 0
        self._lock = allocate_lock()

    def copy(self) -> Doubts:
        """Return the same, under a lock of its own."""
        other = Doubts()
        other._since, other._missed, other._all = dict(self._since), dict(self._missed), self._all
        return other

    def covers(self, key: str, created: int) -> bool:
        """Return whether what was read at that time, in milliseconds since 1970, is in doubt."""
        since = self._since.get(key)
        # Asked for last, since what is forgotten of the keys is said of all before.
        return (since is not None and created <= since) or created <= self._all

    def note(self, keys: Iterable[str], now: int) -> None:
        """Take what was read of these keys until now for doubtful."""
        with self._lock:
            for key in keys:  # Another thread may have looked at the clock later, and be here already.
                self._since[key] = max(now + SKEW, self._since.get(key, 0))
            if len(self._since) > MOST:
                self._all = max(self._all, *self._since.values())
                self._since.clear()

    def note_all(self, now: int) -> None:
        """Take whatever was read until now for doubtful."""
        with self._lock:
            self._all = max(self._all, now + SKEW)
            self._since.clear()

    def missed(self, keys: Iterable[str], now: int, token: bytes) -> None:
        """Remember keys that were written without the cache hearing of it, and the fence that is perhaps left there."""
        keys = list(keys)
        self.note(keys, now)
        self.put_back(keys, token)

    def put_back(self, keys: Iterable[str], token: bytes) -> None:
        """Remember keys again that the cache has still not heard of."""
        with self._lock:
            for key in keys:
                self._missed[key] = token
                if len(self._missed) > MOST:
                    # Then time alone ends what the cache has of it.
                    del self._missed[next(iter(self._missed))]

    @property
    def pending(self) -> int:
        """How many keys were written without the cache hearing of it."""
        return len(self._missed)

    def take_missed(self, most: int) -> tuple[bytes, list[str]]:
        """Return a fence and some of the keys that it is left at, which are forgotten."""
        with self._lock:
            token = next(iter(self._missed.values()), b"")
            taken = list(islice((key for key, own in self._missed.items() if own == token), most))
            for key in taken:
                del self._missed[key]
            return token, taken
