"""One cache as the stores in front of which it stands see it: whether to use it, and what becomes of its failures."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ... import deadlines
from ...cache import CacheStats
from ...cache_drivers import TOKEN_BYTES, CacheBusy, CacheFailed, Drop, Fence, Release
from ...errors import HoldallError
from .breaker import Breaker
from .doubts import Doubts
from .flights import Crowd, Flights

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from ...cache_drivers import Added, CacheDriver, Swap
    from ...io import Io
    from .crypt import Crypt
    from .settings import Settings

T = TypeVar("T")
_MENDED_AT_ONCE = 100
_FENCES_MENDED_AT_ONCE = 4
_NOBODY = b"0" * TOKEN_BYTES
"""The token of no fence."""
_REMEMBERED = 10_000
"""Written keys beyond which those are forgotten that no longer matter."""
_LAG = 5.0
"""Seconds for which what this process wrote is read from the primary; replicas are behind by less, as a rule."""


class Hold(NamedTuple):
    """
    A write under way.

    Attributes:
        keys: What it may change.
        fence: Its fence.
        up: Whether the cache has heard of it.
    """

    keys: Sequence[str]
    fence: Fence
    up: bool


class Counters:
    """How often what happened; see `CacheStats`."""

    def __init__(self) -> None:
        self.hits = self.negative_hits = self.misses = self.early = self.waits = self.past = 0
        self.stale_refused = self.foreign = self.skipped = self.failures = self.bytes_read = self.bytes_written = 0


class Tier:
    """
    One cache. None of its methods raises what the cache raises.

    Args:
        driver: The cache.
        io: How it is waited for.
        settings: How it is used.
        crypt: By which what it keeps is encrypted; None for not at all.
        clock: Seconds since 1970, by which entries age.
        monotonic: Seconds, for the circuit breaker and for waits.
    """

    def __init__(
        self, driver: CacheDriver, io: Io, settings: Settings, crypt: Crypt | None = None,
        clock: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.driver = driver
        self.io = io
        self.settings = settings
        self.crypt = crypt
        self.monotonic = monotonic
        self.counters = Counters()
        self.breaker = Breaker(settings.breaker_failures, settings.breaker_pause, monotonic)
        self.doubts = Doubts()
        self.flights = Flights()
        self.crowd = Crowd()
        self._process = os.getpid()
        self._longest = settings.timeout + settings.connect_timeout
        self._mends_from = 0.0
        self._twins: list[Tier] = [self]
        self.users = 0
        self._clock = clock
        self._replicas = driver.capabilities.replicas
        self._written: dict[str, float] = {}

    def twin(self, driver: CacheDriver, io: Io) -> Tier:
        """Return the same cache for stores that wait in the other way: they know all that these know."""
        own = self.driver if not self.driver.capabilities.shared else driver
        twin = Tier(own, io, self.settings, self.crypt, self._clock, self.monotonic)
        self._twins.append(twin)
        twin._twins, twin.counters, twin._written = self._twins, self.counters, self._written
        twin.share(self.breaker, self.doubts, self.flights, self.crowd)
        return twin

    def share(self, breaker: Breaker, doubts: Doubts, flights: Flights, crowd: Crowd) -> None:
        """Know what others know, in this process."""
        self._process = os.getpid()
        self.breaker, self.doubts, self.flights, self.crowd = breaker, doubts, flights, crowd

    def check_process(self) -> None:
        """Begin anew after a fork: who was reading, and perhaps held a lock, are threads of the parent."""
        if self._process != os.getpid():
            breaker = Breaker(self.settings.breaker_failures, self.settings.breaker_pause, self.monotonic)
            known = breaker, self.doubts.copy(), Flights(), Crowd()
            for tier in self._twins:
                tier.share(*known)

    def now(self) -> int:
        """Return whole milliseconds since 1970."""
        return int(self._clock() * 1000)

    @property
    def stats(self) -> CacheStats:
        """What it has done so far."""
        counted = vars(self.counters)
        return CacheStats(self.driver.capabilities.name, missed=self.doubts.pending, breaker=self.breaker.state,
                          breaker_opened=self.breaker.opened, **counted)  # fmt: skip

    def usable(self) -> bool:
        """Return whether to ask the cache: it answers, and the deadline leaves the time to wait for it."""
        left = deadlines.remaining()
        return (left is None or left > self._longest) and self.breaker.allows()

    def failed(self, error: CacheFailed) -> None:
        """Count a failure; that this process asks too much says nothing of the cache."""
        self.counters.failures += 1
        if not isinstance(error, CacheBusy):
            self.breaker.failed()

    def _worked(self) -> None:
        """Note that the cache answers; where it was left alone, nobody knows what it has missed since."""
        if not self.breaker.is_closed:
            if self.breaker.state != "closed":
                self.doubts.note_all(self.now())
            self.breaker.succeeded()

    def went_past(self, keys: Sequence[str]) -> None:
        """Note that keys were just read from the store alone, so what is kept of them may be older."""
        self.counters.past += len(keys)
        self.doubts.note(keys, self.now())

    async def get(self, keys: Sequence[str], *, primary: bool) -> Sequence[bytes | None] | None:
        """Return what is kept under keys; None where the cache does not answer."""
        if not self.usable():
            return None
        if self.doubts.pending:
            await self._mend()
        try:
            found = await self.driver.get(keys, primary=primary or (self._replicas and self._wrote(keys)))
        except CacheFailed as error:
            self.failed(error)
            return None
        self._worked()
        return found

    async def add(self, added: Sequence[Added]) -> Sequence[bool] | None:
        """Keep leases where nothing is; None where the cache does not answer."""
        if not added:
            return ()
        try:
            return await self.driver.add(added)
        except CacheFailed as error:
            self.failed(error)
            return None

    async def swap(self, swaps: Sequence[Swap]) -> Sequence[bool] | None:
        """Replace what is still there; return for each whether it was, None where the cache does not answer."""
        if not swaps:
            return ()
        try:
            return await self.driver.swap(swaps)
        except CacheFailed as error:
            self.failed(error)
            return None

    async def drop(self, drops: Sequence[Drop]) -> None:
        """Remove what is still there; where the cache does not answer, time will."""
        if not drops or not self.usable():
            return
        try:
            await self.driver.drop(drops)
        except CacheFailed as error:
            self.failed(error)

    async def fence(self, keys: Sequence[str]) -> Hold:
        """Put up a fence before a write: until it is released, nobody is served these keys, and nobody fills them."""
        self.check_process()
        now = self.now()
        for key in keys:
            self.flights.forget(key)
        if not self.usable():
            return Hold(keys, Fence(_NOBODY, now, now), up=False)
        if self.doubts.pending:
            await self._mend()
        fence = Fence(os.urandom(8).hex().encode(), now, now + int(self.settings.fence * 1000))
        try:
            await self.driver.fence(keys, fence)
        except CacheFailed as error:
            self.failed(error)
            return Hold(keys, fence, up=False)
        self._worked()
        return Hold(keys, fence, up=True)

    async def release(self, hold: Hold, kept: Mapping[str, Release] | None = None) -> None:
        """End a write, and keep what was written where that is wanted and certain."""
        for key in hold.keys:
            self.flights.forget(key)
        if self._replicas:
            self._remember(hold.keys)
        heard = False
        try:
            heard = self.usable() and await self._released(hold, kept or {})
        finally:  # also where this is interrupted
            if not heard:
                self.doubts.missed(hold.keys, self.now(), hold.fence.token)

    async def _released(self, hold: Hold, kept: Mapping[str, Release]) -> bool:
        ended = hold.fence._replace(now=self.now())
        try:
            await self.driver.release([kept.get(key) or Release(key) for key in hold.keys], ended)
        except CacheFailed as error:
            self.failed(error)
            return False
        self._worked()
        return True

    async def guarded(
        self, keys: Sequence[str], job: Callable[[], Awaitable[T]], refusals: tuple[type[Exception], ...],
        kept: Callable[[T, Hold], Mapping[str, Release]] | None = None,
        lost: Callable[[T], Sequence[str]] | None = None,
    ) -> T:  # fmt: skip
        """
        Return what a write gives, with a fence around it.

        Args:
            keys: What it may change.
            job: Writes.
            refusals: What it raises where nothing was written.
            kept: Returns what the cache may keep of what was written.
            lost: Returns the keys of which nobody knows whether they were written.
        """
        hold = await self.fence(keys)
        try:
            done = await job()
        except refusals:
            await self.release(hold)
            raise
        except HoldallError as error:
            if error.maybe_done:
                self.abandon(hold)
            else:
                await self.release(hold)
            raise
        except BaseException:
            self.abandon(hold)
            raise
        if lost is not None and (gone := set(lost(done))):
            self.abandon(hold._replace(keys=list(gone)))
            hold = hold._replace(keys=[key for key in keys if key not in gone])
        await self.release(hold, None if kept is None else kept(done, hold))
        return done

    def abandon(self, hold: Hold) -> None:
        """End a write of which nobody knows whether it was, or is yet to be, done: its fence stays up to its end."""
        for key in hold.keys:
            self.flights.forget(key)
        if hold.up:
            self.doubts.note(hold.keys, self.now())
        else:
            self.doubts.missed(hold.keys, self.now(), _NOBODY)

    async def invalidate(self, keys: Sequence[str]) -> None:
        """Have nobody served what is kept under keys."""
        self.check_process()
        now = self.now()
        await self.release(Hold(keys, Fence(_NOBODY, now, now), up=False))

    async def _mend(self) -> None:
        """Tell the cache some of what it has missed; after a failure not again for a while, and others of it first."""
        if self.monotonic() < self._mends_from:
            return
        for _ in range(_FENCES_MENDED_AT_ONCE):
            token, keys = self.doubts.take_missed(1 if self._mends_from else _MENDED_AT_ONCE)
            if not keys:
                break
            if not await self._told(token, keys):
                self._mends_from = self.monotonic() + self.settings.breaker_pause
                return
        self._mends_from = 0.0

    async def _told(self, token: bytes, keys: Sequence[str]) -> bool:
        now, heard = self.now(), False
        try:
            heard = await self._released(Hold(keys, Fence(token, now, now), up=False), {})
        finally:
            if not heard:
                self.doubts.put_back(keys, token)
        return heard

    def _wrote(self, keys: Sequence[str]) -> bool:
        oldest = self.monotonic() - _LAG
        return any(self._written.get(key, oldest) > oldest for key in keys)

    def _remember(self, keys: Sequence[str]) -> None:
        now = self.monotonic()
        if len(self._written) > _REMEMBERED:
            self._written = {key: then for key, then in self._written.items() if then > now - _LAG}
        self._written.update(dict.fromkeys(keys, now))

    def opened(self) -> Tier:
        """Return this, which one more store uses."""
        self.users += 1
        return self

    async def close(self) -> None:
        """Give back what was opened, with the last store that uses it."""
        self.users -= 1
        if sum(tier.users for tier in self._twins if tier.driver is self.driver) <= 0:
            with suppress(CacheFailed):  # There is nothing that the caller could do.
                await self.driver.close()
