"""A source of parameters for the tests: it fails, waits and is counted as a test has it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import holdall
from holdall import RetryPolicy, Unavailable
from holdall.config_drivers import ConfigCapabilities, Entry, Freshness, Parameter, ReadOnly
from holdall.io import BlockingIo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ONCE = RetryPolicy(attempts=1)
THRICE = RetryPolicy(attempts=3, first_wait=0.0001, max_wait=0.0002, throttled_wait=0.0001)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class AsyncioIo(BlockingIo):
    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Source(ReadOnly):
    """A source that fails, waits and is counted as a test has it."""

    def __init__(self, *, whole: bool = True, max_age: float | None = 60.0, max_stale: float = 3600.0) -> None:
        self._capabilities = ConfigCapabilities("fake", writable=True, whole=whole)
        self._freshness = Freshness(max_age, max_stale)
        self.values: dict[str, str] = {"a": "1"}
        self.loads = 0
        self.fetches: list[list[str]] = []
        self.failures: list[Exception] = []
        self.during: Callable[[], Any] = lambda: None

    capabilities = property(lambda self: self._capabilities)
    freshness = property(lambda self: self._freshness)
    source = property(lambda self: "fake://")

    def entry(self, name: str) -> Entry:
        return Entry(self.values[name], Parameter(name, "String"))

    async def load(self) -> Mapping[str, Entry]:
        self.loads += 1
        return await self._answer(list(self.values))

    async def fetch(self, names: Sequence[str]) -> Mapping[str, Entry]:
        self.fetches.append(sorted(names))
        return await self._answer(names)

    async def _answer(self, names: Sequence[str]) -> Mapping[str, Entry]:
        found = {name: self.entry(name) for name in names if name in self.values}
        waited = self.during()
        if asyncio.iscoroutine(waited):
            await waited
        if self.failures:
            raise self.failures.pop(0)
        return found

    async def put(self, name: str, new: Any) -> Parameter:
        self.values[name] = new.text
        return Parameter(name, new.kind)

    async def delete(self, name: str, version: int | None) -> bool:
        return self.values.pop(name, None) is not None


def opened(source: Source, clock: Clock, *, retry: RetryPolicy = ONCE, asynchronous: bool = False) -> Any:
    io = AsyncioIo() if asynchronous else BlockingIo()
    holdall.register_config("fake", lambda url, opening: (source, io))
    opening = holdall.open_async_config if asynchronous else holdall.open_config
    return opening("fake://", clock=clock, retry=retry)


def down(times: int = 1) -> list[Exception]:
    return [Unavailable("it is down") for _ in range(times)]
