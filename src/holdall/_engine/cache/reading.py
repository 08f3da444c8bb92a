"""
One call that reads through a cache.

A value that is not there is read from the store by who has its lease, which is kept under its key meanwhile. It fills
the cache only where its lease is still there: a writer's fence, and any other change, takes it away. So what is kept is
what the store had from the lease on until then, with no write between. Who finds a lease waits for its value, for a
while; who finds a fence reads for itself, and keeps nothing.
"""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from ... import deadlines
from ...cache_drivers import LEASE, Added, Drop, Swap
from ...errors import HoldallError
from .entries import ID_BYTES
from .region import Hit, Verdict

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from .flights import Flight
    from .region import Region

    Load = Callable[[Sequence[int]], Awaitable[Sequence[Any]]]

V = TypeVar("V")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.001, 0.025
_SEEN = 64
"""Bytes by which a foreign value is known again."""


class _Left:
    def __repr__(self) -> str:
        return "LEFT"


LEFT: Any = _Left()
"""Stands for a value that the store has left for another request."""


class Lead(NamedTuple):
    """
    A value that this call reads for all.

    Attributes:
        expected: What the cache must still have for the value to be kept.
        seen: What a lease is to replace first; None: nothing, where there is nothing.
        leases: Whether a lease is to be taken; else what is kept serves others meanwhile.
        flight: Others of this process wait for it.
        begun: From when on it is read, in milliseconds since 1970.
        fallback: What is kept now, which serves where the store fails; `LEFT` for nothing.
    """

    expected: bytes
    seen: bytes | None
    leases: bool
    flight: Flight
    begun: int
    fallback: Any = LEFT


class Round:
    """
    What a look at the cache has shown.

    Attributes:
        leads: Places to read for all.
        past: Places to read past the cache, so that what it gets of them may be older.
        unkept: Places that it is not to have.
        others: Places that others are reading.
    """

    def __init__(self, now: int, *, late: bool) -> None:
        self.now = now
        self.late = late
        self.leads: dict[int, Lead] = {}
        self.past: list[int] = []
        self.unkept: list[int] = []
        self.others: list[int] = []


class Reading(Generic[V]):
    """
    Reads keys of one region.

    Args:
        region: The region.
        keys: The keys, all different.
        load: Returns the values of places among them from the store: None for those that it lacks, `LEFT` for those
            that it has left for another request.
        past: Go past what is kept, and put it right.
    """

    def __init__(self, region: Region[V], keys: Sequence[str], load: Load, *, past: bool = False) -> None:
        self._region = region
        self._tier = region.tier
        self._keys = keys
        self._load = load
        self._past = past
        self._joined: dict[int, Flight] = {}
        self._lease = b""
        self.values: list[Any] = [LEFT] * len(keys)
        self.kept = [False] * len(keys)
        """Which of the values the cache has, too."""

    async def run(self, now: int, raws: Sequence[bytes | None] | None) -> list[Any]:
        """
        Return the values, `LEFT` for those that the store has left.

        Args:
            now: When the cache was asked, in milliseconds since 1970.
            raws: What it has of the keys; None where it did not answer.

        Raises:
            HoldallError: What the store raised.
        """
        until = self._tier.monotonic() + self._tier.settings.wait
        return await self._rest(await self._settled(range(len(self._keys)), raws, Round(now, late=False)), until)

    async def wait(self) -> list[Any]:
        """Return the same, where so many are asking for the key that this call waits first."""
        until = self._tier.monotonic() + self._tier.settings.wait
        return await self._rest(range(len(self._keys)), until)

    async def _rest(self, waiting: Sequence[int], until: float) -> list[Any]:
        self._tier.counters.waits += len(waiting)
        pause = _FIRST_PAUSE
        while waiting:
            late = await self._is_late(pause, until)
            pause = min(_LONGEST_PAUSE, pause * 1.5)
            asked = [place for place in waiting if not self._joins(place, late)]
            crowded = [] if late else [place for place in asked if not self._tier.crowd.enter(self._keys[place])]
            waiting = [*crowded, *await self._ask([place for place in asked if place not in crowded], late)]
        return self.values

    async def _ask(self, asked: Sequence[int], late: bool) -> list[int]:
        """Look at the cache again, and settle what can be settled; return the places that are waited for."""
        keys, now = [self._keys[place] for place in asked], self._tier.now()
        try:
            # From the primary, since a replica may not have the lease yet.
            raws = await self._tier.get(keys, primary=True) if keys else ()
        finally:
            for key in () if late else keys:
                self._tier.crowd.leave(key)
        return await self._settled(asked, raws, Round(now, late=late))

    async def _is_late(self, pause: float, until: float) -> bool:
        """Wait a little, unless that would be too long; return whether it would."""
        pause *= 0.5 + random.random()  # noqa: S311 - no secret
        left = deadlines.remaining()
        if self._tier.monotonic() + pause > until or (left is not None and left < 2 * pause):
            return True
        await self._tier.io.sleep(pause)
        return False

    def _joins(self, place: int, late: bool) -> bool:
        """Return whether a place still waits for another of this process, or has its value from it."""
        flight = self._joined.get(place)
        if flight is None:
            flight = None if late or self._past else self._tier.flights.current(self._keys[place], self._region.shape)
            if flight is not None:
                self._joined[place] = flight
            return flight is not None
        if not flight.done and not late:
            return True
        del self._joined[place]
        # Nobody has written meanwhile, as far as the cache knows, and this process knows no better.
        serves = flight.kept and not self._tier.doubts.covers(self._keys[place], flight.begun)
        if serves:
            self._take_value(place, flight.value)
        return serves

    async def _settled(self, asked: Sequence[int], raws: Sequence[bytes | None] | None, seen: Round) -> list[int]:
        """Do what the states of the places ask for; return the places that others are reading."""
        if raws is None:
            await self._read({}, asked, ())
            return list(self._joined)
        try:
            for place, raw in zip(asked, raws, strict=True):
                self._sort(place, raw, seen)
            taken, failed = await self._take(seen.leads)
            for place, lead in seen.leads.items():
                if place not in taken:
                    self._end(place, lead)  # so that nobody waits for what will not be kept
                    (seen.past if seen.late or self._past or place in failed else seen.others).append(place)
            await self._read(taken, seen.past, seen.unkept)
        finally:
            for place, lead in seen.leads.items():
                self._end(place, lead)
        return [*seen.others, *self._joined]

    def _end(self, place: int, lead: Lead, value: Any = None, *, kept: bool = False) -> None:
        self._tier.flights.end(self._keys[place], self._region.shape, lead.flight, value, kept=kept)

    def _sort(self, place: int, raw: bytes | None, seen: Round) -> None:
        key, counters = self._keys[place], self._tier.counters
        verdict = self._region.judge(key, raw, seen.now)
        if isinstance(verdict, Hit):
            self._served(place, verdict, raw or b"", seen)
        elif verdict is Verdict.UNKEPT:
            seen.unkept.append(place)
        elif verdict is Verdict.FENCED or (verdict is Verdict.LEASED and self._past):
            seen.past.append(place)
        elif verdict is Verdict.LEASED and not seen.late:
            seen.others.append(place)
        else:
            counters.foreign += verdict is Verdict.FOREIGN
            counters.stale_refused += verdict is Verdict.STALE
            counters.misses += verdict is not Verdict.LEASED
            self._lead(place, raw, seen)

    def _served(self, place: int, hit: Hit, raw: bytes, seen: Round) -> None:
        """Take a value that is kept, unless it is to be read anew."""
        if self._past or hit.early:
            flight, mine = self._tier.flights.begin(self._keys[place], self._region.shape, seen.now)
            if mine:
                self._tier.counters.early += hit.early and not self._past
                fallback = LEFT if self._past else hit.value
                seen.leads[place] = Lead(raw[:ID_BYTES], None, False, flight, seen.now, fallback)
                return
            if self._past:
                seen.past.append(place)
                return
        counters = self._tier.counters
        counters.hits += 1
        counters.negative_hits += hit.value is None
        self._take_value(place, hit.value)

    def _take_value(self, place: int, value: Any) -> None:
        self.values[place], self.kept[place] = value, True

    def _lead(self, place: int, raw: bytes | None, seen: Round) -> None:
        """Read a value for all, unless another of this process does."""
        flight, mine = self._tier.flights.begin(self._keys[place], self._region.shape, seen.now)
        if mine:
            self._lease = self._lease or LEASE + os.urandom(8).hex().encode()
            found = None if raw is None else raw[:_SEEN]
            seen.leads[place] = Lead(self._lease, found, True, flight, seen.now)
        elif seen.late or self._past:
            seen.past.append(place)
        else:
            self._joined[place] = flight

    async def _take(self, leads: dict[int, Lead]) -> tuple[dict[int, Lead], set[int]]:
        """Take the leases; return what may be read for all, and the places at which the cache has failed."""
        wanted = [(place, lead) for place, lead in leads.items() if lead.leases]
        if not wanted:
            return leads, set()
        seconds = self._tier.settings.lease
        adds = {place: Added(self._keys[place], self._lease, seconds) for place, lead in wanted if lead.seen is None}
        swaps = {place: Swap(self._keys[place], lead.seen, self._lease, seconds)
                 for place, lead in wanted if lead.seen is not None}  # fmt: skip
        added = await self._tier.add([*adds.values()])
        swapped = await self._tier.swap([*swaps.values()])
        failed = {*(adds if added is None else ()), *(swaps if swapped is None else ())}
        done = dict(zip([*adds, *swaps], [*(added or [False] * len(adds)), *(swapped or [False] * len(swaps))],
                        strict=True))  # fmt: skip
        return {place: lead for place, lead in leads.items() if done.get(place, True)}, failed

    async def _read(self, leads: dict[int, Lead], past: Sequence[int], unkept: Sequence[int]) -> None:
        """Read from the store what this call is to read, in one request, and keep what may be kept."""
        places = [*leads, *past, *unkept]
        if not places:
            return
        began = time.perf_counter()
        try:
            values = await self._load(places)
        except BaseException as error:
            if await self._given_up(leads, [*past, *unkept], error):
                return
            raise
        took = int((time.perf_counter() - began) * 1_000_000)
        found = dict(zip(places, values, strict=True))
        self._tier.counters.past += len(unkept)
        self._note_past([place for place in past if found[place] is not LEFT])
        for place, value in found.items():
            self.values[place] = value
        await self._fill(leads, took)

    def _note_past(self, past: Sequence[int]) -> None:
        if past:
            self._tier.went_past([self._keys[place] for place in past])

    async def _given_up(self, leads: dict[int, Lead], past: Sequence[int], error: BaseException) -> bool:
        """Let others read what the store has failed to give; return whether what is kept serves this call."""
        if not isinstance(error, HoldallError):
            return False  # Such as an interrupt, after which nothing is waited for: the leases end by time.
        await self._tier.drop([Drop(self._keys[place], self._lease) for place, lead in leads.items() if lead.leases])
        serves = not past and all(lead.fallback is not LEFT for lead in leads.values())
        for place, lead in leads.items() if serves else ():
            self._take_value(place, lead.fallback)
        return serves

    async def _fill(self, leads: dict[int, Lead], took: int) -> None:
        """Keep what was read, where nobody has written it since."""
        swaps: dict[int, Swap] = {}
        drops: list[Drop] = []
        for place, lead in leads.items():
            key, value = self._keys[place], self.values[place]
            if value is not LEFT:
                kept = self._region.kept(key, value, lead.begun, took) or self._region.unkept(key, lead.begun)
                swaps[place] = Swap(key, lead.expected, *kept)
            elif lead.leases:
                drops.append(Drop(key, lead.expected))
        for swap in swaps.values():  # Who comes from now on may know of a write that comes after this.
            self._tier.flights.forget(swap.key)
        done = await self._tier.swap([*swaps.values()]) or [False] * len(swaps)
        for (place, swap), was in zip(swaps.items(), done, strict=True):
            self._filled(place, leads[place], len(swap.value) if was else None)
        await self._tier.drop(drops)

    def _filled(self, place: int, lead: Lead, size: int | None) -> None:
        """Tell others of a value that was kept; one that was not may still be newer than what will be kept."""
        key, counters = self._keys[place], self._tier.counters
        if size is None:
            counters.stale_refused += 1
            self._tier.doubts.note([key], self._tier.now())
            return
        counters.bytes_written += size
        self.kept[place] = True
        self._end(place, lead, self.values[place], kept=True)


async def kept_of(region: Region[V], keys: Sequence[str]) -> list[Any]:
    """Return what the cache has of keys, `LEFT` for what it has not; nothing is read from the store."""
    now = region.tier.now()
    values: list[Any] = [LEFT] * len(keys)
    for place, raw in enumerate(await region.tier.get(keys, primary=False) or ()):
        verdict = region.judge(keys[place], raw, now)
        if isinstance(verdict, Hit):
            values[place] = verdict.value
            region.tier.counters.hits += 1
            region.tier.counters.negative_hits += verdict.value is None
    return values


async def read_kept(region: Region[V], key: str, load: Load) -> tuple[Any, bool]:
    """
    Return the value of a key, and whether the cache has it too.

    Raises:
        HoldallError: What the store raised.
    """
    tier = region.tier
    tier.check_process()
    now = tier.now()
    if not tier.crowd.enter(key):
        reading = Reading(region, (key,), load)
        await reading.wait()
        return reading.values[0], reading.kept[0]
    try:
        raws = await tier.get((key,), primary=False)
    finally:
        tier.crowd.leave(key)
    verdict = None if raws is None else region.judge(key, raws[0], now)
    if isinstance(verdict, Hit) and not verdict.early:
        tier.counters.hits += 1
        tier.counters.negative_hits += verdict.value is None
        return verdict.value, True
    reading = Reading(region, (key,), load)
    await reading.run(now, raws)
    return reading.values[0], reading.kept[0]


async def read_through(region: Region[V], keys: Sequence[str], load: Load, *, past: bool = False) -> list[Any]:
    """
    Return the values of keys, all different: what the cache has of them, and the others from the store.

    Args:
        region: The region.
        keys: The keys.
        load: See `Reading`.
        past: Go past what is kept, and put it right.

    Raises:
        HoldallError: What the store raised.
    """
    if len(keys) == 1 and not past:
        return [(await read_kept(region, keys[0], load))[0]]
    tier = region.tier
    tier.check_process()
    now = tier.now()
    return await Reading(region, keys, load, past=past).run(now, await tier.get(keys, primary=past))
