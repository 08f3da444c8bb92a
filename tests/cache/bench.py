"""A repository on memory behind a cache in the process; both count their calls and fail on order. And a clock."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import holdall
from holdall import Key
from holdall.cache_drivers import CacheCapabilities, CacheFailed
from holdall.io import run_blocking
from holdall.testing.faults import FaultyDriver
from holdall_adapters.memory.cache import ProcessCache

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from holdall._engine.cache.records import CachedRecords
    from holdall._engine.cache.tier import Tier

T = TypeVar("T")
PLAIN = "process://?jitter=0&early=0"
"""A cache in which chance has no part."""


@dataclass
class Note:
    """A record."""

    id: Key[str]
    text: str = ""
    tags: list[str] = field(default_factory=list[str])


class Clock:
    """A time that passes when it is told to, or when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class SleepingIo:
    """Waits by letting the time pass; `then` is done at each pause."""

    def __init__(self, clock: Clock, then: Callable[[], object] = lambda: None) -> None:
        self.clock = clock
        self.then = then
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.now += seconds
        self.then()


class FaultyCache(ProcessCache):
    """A cache whose requests are lost, or whose answers, and before which something is done, on order."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(100_000, clock)
        self.calls: Counter[str] = Counter()
        self.asked: list[tuple[str, Any]] = []
        self.capabilities_now = CacheCapabilities("faulty")
        self._orders: dict[str, deque[str]] = defaultdict(deque)
        self._before: dict[str, deque[Callable[[], object]]] = defaultdict(deque)

    @property
    def capabilities(self) -> CacheCapabilities:
        return self.capabilities_now

    def lose(self, *verbs: str, times: int = 1, applied: bool = False) -> None:
        """Lose the next requests, or with `applied` their answers."""
        for verb in verbs:
            self._orders[verb].extend(["unanswered" if applied else "lost"] * times)

    def heal(self) -> None:
        """Lose nothing any more."""
        self._orders.clear()

    def before(self, verb: str, do: Callable[[], object]) -> None:
        """Do something before the next request of its kind, which it does not concern itself."""
        self._before[verb].append(do)

    async def get(self, keys: Sequence[str], *, primary: bool) -> Sequence[bytes | None]:
        return await self._do("get", (keys, primary), lambda: super(FaultyCache, self).get(keys, primary=primary))

    async def add(self, added: Any) -> Sequence[bool]:
        return await self._do("add", added, lambda: super(FaultyCache, self).add(added))

    async def swap(self, swaps: Any) -> Sequence[bool]:
        return await self._do("swap", swaps, lambda: super(FaultyCache, self).swap(swaps))

    async def drop(self, drops: Any) -> None:
        await self._do("drop", drops, lambda: super(FaultyCache, self).drop(drops))

    async def fence(self, keys: Any, fence: Any) -> None:
        await self._do("fence", keys, lambda: super(FaultyCache, self).fence(keys, fence))

    async def release(self, releases: Any, fence: Any) -> None:
        await self._do("release", releases, lambda: super(FaultyCache, self).release(releases, fence))

    async def _do(self, verb: str, what: Any, job: Callable[[], Coroutine[Any, Any, T]]) -> T:
        self.calls[verb] += 1
        self.asked.append((verb, what))
        if self._before[verb]:
            self._before[verb].popleft()()
        order = self._orders[verb].popleft() if self._orders[verb] else ""
        if order == "lost":
            raise CacheFailed
        done = await job()
        if order:
            raise CacheFailed
        return done


class Bench(Generic[T]):
    """
    A repository.

    Args:
        model: Of its records.
        cache: Its cache's URL.
        store: Its store's URL.
        beside: Another client of the same cache, of the same time.

    Attributes:
        repository: It.
        store: The driver below the cache.
        cache: The cache.
        tier: The engine's side of it.
        clock: The time of all of them.
    """

    def __init__(
        self, model: type[T], cache: str = PLAIN, store: str = "memory://", beside: Bench[Any] | None = None
    ) -> None:
        self.clock: Clock = Clock() if beside is None else beside.clock
        self.repository = holdall.open_repository(store, model, cache=cache, clock=self.clock)
        driver: Any = self.repository.engine.driver
        self.records: CachedRecords = driver
        self.store = FaultyDriver(self.records.inner, self.repository.engine.io)
        driver.inner = self.store
        self.tier: Tier = self.records.tier
        self.cache: FaultyCache = FaultyCache(self.clock) if beside is None else beside.cache
        self.io = SleepingIo(self.clock)
        on_tier: Any = self.tier
        on_tier.driver, on_tier.io, on_tier.monotonic, on_tier._clock = self.cache, self.io, self.clock, self.clock
        self.tier.breaker._clock = self.clock

    def key(self, *key: Any) -> str:
        """Return what the cache calls a record."""
        engine = self.repository.engine
        return self.records.key(engine.key_of(key if len(key) > 1 else key[0]))

    def kept(self, *key: Any) -> bytes | None:
        """Return what the cache has of a record."""
        return self.look(self.key(*key))

    def look(self, name: str) -> bytes | None:
        """Return what the cache has under a key."""
        return run_blocking(ProcessCache.get(self.cache, [name], primary=True))[0]

    def keep(self, value: bytes, *key: Any, seconds: float = 100.0) -> None:
        """Have the cache keep something of a record."""
        self.cache._put(self.key(*key), value, self.clock.now + seconds)

    def reads(self) -> int:
        """Return how many requests by key the store has had."""
        return self.store.count("get")

    @property
    def stats(self) -> holdall.CacheStats:
        return self.repository.cache_stats[0]
