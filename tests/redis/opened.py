"""Caches as the tests open them, blocking or awaited, on a loop that goes on in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from holdall.cache_drivers import CacheOpening
from holdall.io import run_blocking
from holdall.testing.caches import Cache
from holdall.urls import parse_url
from holdall_adapters.redis import open_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from holdall.cache_drivers import CacheDriver

T = TypeVar("T")
LONG = 10.0
"""Seconds that no answer takes, also where the machine is busy."""


def driver_of(url: str, **given: Any) -> CacheDriver:
    """Return a driver whose answers may take their time, unless a test says otherwise."""
    opening = CacheOpening(**{"timeout": LONG, "connect_timeout": LONG, **given})
    return open_cache(parse_url(url), opening)[0]


class Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what a coroutine gives."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def close(self) -> None:
        # A connection that failed is closed without a wait, and says goodbye to the server while the loop goes on.
        self.run(asyncio.sleep(0.05))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@contextmanager
def opened(url: str, *, asynchronous: bool = False, **given: Any) -> Iterator[Cache]:
    """Open a cache, and close it."""
    driver = driver_of(url, asynchronous=asynchronous, **given)
    loop = Loop() if asynchronous else None
    run: Callable[[Coroutine[Any, Any, Any]], Any] = run_blocking if loop is None else loop.run
    try:
        yield Cache(driver, run)
    finally:
        run(driver.close())
        if loop is not None:
            loop.close()
