"""
The port of caches over a dict of the process: nothing is sent anywhere, and other processes don't see it.

    process://?max_items=1000

Each opening has a dict of its own, in the order of use; what was used least is lost first.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from holdall.cache_drivers import CacheCapabilities, fenced, released
from holdall.io import BlockingIo

from .options import CacheOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from holdall.cache_drivers import Added, CacheDriver, CacheOpening, Drop, Fence, Kept, Release, Swap
    from holdall.io import Io
    from holdall.urls import Url

_CAPABILITIES = CacheCapabilities("process", shared=False)

# One lock for all: whoever forks waits until no dict is half changed, and the child never finds it held by a thread
# that it hasn't got. It can be taken twice, since a finalizer or a signal may use a cache while it is held.
_lock = threading.RLock()
if hasattr(os, "register_at_fork"):  # not on Windows, which can't fork
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


def open_cache(url: Url, opening: CacheOpening) -> tuple[CacheDriver, Io]:
    """
    Open a cache in the process. It never waits itself; who waits for another reader does so as the shell does.

    Raises:
        ConfigError: The URL is wrong.
    """
    cache = ProcessCache(CacheOptions.from_url(url).max_items)
    if not opening.asynchronous:
        return cache, BlockingIo()
    # Imported here: a blocking program must not load asyncio.
    from holdall.aio import ThreadIo

    return cache, ThreadIo()


class ProcessCache:
    """A dict of values and their ends by `clock`, which must not go back."""

    def __init__(self, max_items: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_items = max_items
        self._clock = clock
        self._kept: OrderedDict[str, tuple[bytes, float]] = OrderedDict()

    @property
    def capabilities(self) -> CacheCapabilities:
        return _CAPABILITIES

    @property
    def native(self) -> Any:
        return None

    async def get(self, keys: Sequence[str], *, primary: bool) -> Sequence[bytes | None]:  # noqa: ARG002 - there is one
        with _lock:
            now = self._clock()
            return [self._look(key, now) for key in keys]

    async def add(self, added: Sequence[Added]) -> Sequence[bool]:
        with _lock:
            now = self._clock()
            return [self._add(one, now) for one in added]

    async def swap(self, swaps: Sequence[Swap]) -> Sequence[bool]:
        with _lock:
            now = self._clock()
            return [self._swap(one, now) for one in swaps]

    async def drop(self, drops: Sequence[Drop]) -> None:
        with _lock:
            now = self._clock()
            for key, expected in drops:
                if self._is(key, expected, now):
                    del self._kept[key]

    async def delete(self, keys: Sequence[str]) -> None:
        with _lock:
            for key in keys:
                self._kept.pop(key, None)

    async def fence(self, keys: Sequence[str], fence: Fence) -> None:
        with _lock:
            now = self._clock()
            for key in keys:
                self._keep(key, fenced(self._look(key, now), fence), now)

    async def release(self, releases: Sequence[Release], fence: Fence) -> None:
        with _lock:
            now = self._clock()
            for key, value, seconds in releases:
                self._keep(key, released(self._look(key, now), fence, value, round(seconds * 1000)), now)

    async def close(self) -> None:
        with _lock:
            self._kept.clear()

    def _look(self, key: str, now: float) -> bytes | None:
        found = self._kept.get(key)
        if found is None:
            return None
        value, end = found
        if end <= now:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return value

    def _is(self, key: str, expected: bytes, now: float) -> bool:
        current = self._look(key, now)
        return current is not None and current.startswith(expected)

    def _add(self, one: Added, now: float) -> bool:
        if self._look(one.key, now) is not None:
            return False
        self._put(one.key, one.value, now + one.seconds)
        return True

    def _swap(self, one: Swap, now: float) -> bool:
        if not self._is(one.key, one.expected, now):
            return False
        self._put(one.key, one.value, now + one.seconds)
        return True

    def _keep(self, key: str, kept: Kept, now: float) -> None:
        if kept.value is None:
            self._kept.pop(key, None)
        else:
            self._put(key, kept.value, now + kept.milliseconds / 1000)

    def _put(self, key: str, value: bytes, end: float) -> None:
        self._kept[key] = value, end
        self._kept.move_to_end(key)
        if len(self._kept) > self._max_items:
            self._kept.popitem(last=False)
