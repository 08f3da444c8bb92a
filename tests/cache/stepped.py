"""What a model's clients have instead of a cache in a network, a store, a clock and chance."""

from __future__ import annotations

import contextlib
import os
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from holdall import drivers
from holdall._engine.cache import entries, queries, reading, region, tier
from holdall._engine.cache.doubts import Doubts
from holdall._engine.cache.flights import Crowd, Flight, Flights
from holdall.cache_drivers import CacheCapabilities
from holdall_adapters.memory.cache import ProcessCache

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from .model import World


class Point:
    """Where a coroutine waits for the scheduler, which says how the request ends: "ok", "lost" or "unanswered"."""

    def __init__(self, label: str) -> None:
        self.label = label

    def __await__(self) -> Generator[Point, str, str]:
        return (yield self)


class SteppedCache(ProcessCache):
    """The cache in the process as a client sees it over a network."""

    def __init__(self, world: World) -> None:
        super().__init__(100, lambda: world.clock)
        self._world = world

    @property
    def capabilities(self) -> CacheCapabilities:
        return CacheCapabilities("stepped")

    def look(self) -> tuple[Any, ...]:
        """Return all that is kept."""
        return tuple(self._kept.items())

    def evict(self, key: str) -> None:
        """Lose what is kept under a key."""
        del self._kept[key]

    async def get(self, keys: Sequence[str], *, primary: bool) -> Sequence[bytes | None]:
        found: Sequence[bytes | None] = await self._world.request("get", super().get(keys, primary=primary))
        return found

    async def add(self, added: Any) -> Sequence[bool]:
        found: Sequence[bool] = await self._world.request("add", super().add(added))
        return found

    async def swap(self, swaps: Any) -> Sequence[bool]:
        found: Sequence[bool] = await self._world.request("swap", super().swap(swaps))
        return found

    async def drop(self, drops: Any) -> None:
        await self._world.request("drop", super().drop(drops))

    async def fence(self, keys: Any, fence: Any) -> None:
        await self._world.request("fence", super().fence(keys, fence))

    async def release(self, releases: Any, fence: Any) -> None:
        await self._world.request("release", super().release(releases, fence))


class Store:
    """A driver of one record, whose versions are the values that it had."""

    capabilities = drivers.Capabilities("stub")
    form = store = native = client = None
    table = "things"

    def __init__(self, world: World) -> None:
        self._world = world
        self.versions = ["0"]

    async def get(self, keys: Any, *, consistent: bool, fields: Any) -> drivers.Got:
        got: drivers.Got = await self._world.request("read", self._get())
        return got

    async def write(self, write: drivers.Write) -> drivers.Written:
        written: drivers.Written = await self._world.request("write", self._write(write.item))
        return written

    async def _get(self) -> drivers.Got:
        return drivers.Got([self._world.item(self.versions[-1])])

    async def read(self, read: drivers.Read) -> drivers.PageOfItems:
        page: drivers.PageOfItems = await self._world.request("read", self._read())
        return page

    async def _read(self) -> drivers.PageOfItems:
        return drivers.PageOfItems([self._world.item(self.versions[-1])], 1, 1, None)

    async def _write(self, item: Any) -> drivers.Written:
        self.versions.append(item["value"])
        return drivers.Written()


class PausingIo:
    """Waits by letting others go on."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def sleep(self, seconds: float) -> None:
        await Point("sleep")
        self._world.task.slept += seconds


class WatchedFlight(Flight):
    """A flight that says who began it, and when in all that it did."""

    __slots__ = ("begun_by",)

    begun_by: str


class WatchedFlights(Flights):
    """Flights, of which it is known who has looked."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def begin(self, key: str, shape: bytes, now: int) -> tuple[Flight, bool]:
        flight, mine = super().begin(key, shape, now)
        task = self._world.task
        if mine:
            made = WatchedFlight(now)
            made.begun_by = f"{task.name} {task.log}"
            self._flying[key][shape] = flight = made
        else:
            task.joined.append(flight)
        self._world.shared("begin", mine, told(flight))
        return flight, mine

    def current(self, key: str, shape: bytes) -> Flight | None:
        flight = super().current(key, shape)
        if flight is not None:
            self._world.task.joined.append(flight)
        self._world.shared("current", None if flight is None else told(flight))
        return flight

    def end(self, key: str, shape: bytes, flight: Flight, value: Any = None, *, kept: bool = False) -> None:
        if not flight.done:
            self._world.shared()
        super().end(key, shape, flight, value, kept=kept)

    def forget(self, key: str) -> None:
        if self._flying:
            self._world.shared()
        super().forget(key)


class SmallCrowd(Crowd):
    """A crowd of which so many may ask at once."""

    def __init__(self, world: World, most: int) -> None:
        super().__init__()
        self._world = world
        self._most = most

    def enter(self, key: str) -> bool:
        may = self._asking.get(key, 0) < self._most and super().enter(key)
        self._world.shared("enter", may)
        return may

    def leave(self, key: str) -> None:
        self._world.shared()
        super().leave(key)


class WatchedDoubts(Doubts):
    """Doubts, of which it is known who has looked."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def covers(self, key: str, created: int) -> bool:
        found = super().covers(key, created)
        self._world.shared("covers", found)
        return found

    def note(self, keys: Iterable[str], now: int) -> None:
        self._world.shared()
        super().note(keys, now)

    @property
    def pending(self) -> int:
        found = super().pending
        if self._world.scenario.fails:
            self._world.shared("pending", found)
        return found

    def take_missed(self, most: int) -> tuple[bytes, list[str]]:
        found = super().take_missed(most)
        self._world.shared("missed", tuple(found[1]))
        return found


def told(flight: Any) -> tuple[Any, ...]:
    """Return what a flight is, the same in all executions."""
    return flight.begun_by, flight.done, flight.kept


@contextlib.contextmanager
def determined(drawn: Callable[[int], bytes]) -> Iterator[None]:
    """Take chance and time from the engine, so that the same choices lead to the same state."""
    chance = SimpleNamespace(random=lambda: 0.5)
    fixed = SimpleNamespace(urandom=drawn, getpid=os.getpid)
    changed: list[tuple[Any, str, Any]] = [
        (entries, "os", fixed), (queries, "os", fixed), (reading, "os", fixed), (tier, "os", fixed),
        (reading, "random", chance), (region, "random", chance),
        (reading, "time", SimpleNamespace(perf_counter=lambda: 0.0, monotonic=time.monotonic)),
    ]  # fmt: skip
    before = [(module, name, getattr(module, name)) for module, name, _ in changed]
    for module, name, stub in changed:
        setattr(module, name, stub)
    try:
        yield
    finally:
        for module, name, real in before:
            setattr(module, name, real)
