"""Caches in memcached for the tests."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from holdall.cache_drivers import CacheOpening
from holdall.io import run_blocking
from holdall.registry import cache_opener
from holdall.testing.caches import Cache
from holdall.urls import parse_url

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENT = 10.0
"""Seconds for an answer, where a test is not about time: the machine may be busy."""


@contextmanager
def opened(url: str, **settings: Any) -> Iterator[Cache]:
    """Give a cache."""
    parsed = parse_url(url)
    driver, _ = cache_opener(parsed.scheme)(parsed, CacheOpening(**{"timeout": PATIENT, **settings}))
    try:
        yield Cache(driver)
    finally:
        run_blocking(driver.close())


@contextmanager
def opened_on_loop(url: str, **settings: Any) -> Iterator[Cache]:
    """Give a cache for asyncio, used on a loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        with opened(url, asynchronous=True, **settings) as cache:
            yield Cache(cache.driver, lambda work: asyncio.run_coroutine_threadsafe(work, loop).result())
    finally:
        asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
