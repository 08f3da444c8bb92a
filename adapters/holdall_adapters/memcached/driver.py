"""The port of caches over memcached."""

from __future__ import annotations

import random
import time
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from holdall.cache_drivers import CacheCapabilities, CacheFailed, fenced, released
from holdall.io import BlockingIo

from .changes import GONE, Change, settle
from .client import connect
from .errors import failure_of
from .options import Options
from .wire import MAX_KEY_BYTES, MAX_VALUE_BYTES, checked, expiry, portions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from holdall.cache_drivers import Added, CacheDriver, CacheOpening, Drop, Fence, Kept, Release, Swap
    from holdall.io import Io
    from holdall.urls import Url

    from .changes import Decide
    from .client import Client, Commands

T = TypeVar("T")

_CAPABILITIES = CacheCapabilities("memcached", MAX_KEY_BYTES, MAX_VALUE_BYTES)

# Who changes a key that many others change too steps aside for a moment, the longer the more often it has lost.
_TURNS = 7
_PAUSE = 0.001


def open_cache(url: Url, opening: CacheOpening) -> tuple[CacheDriver, Io]:
    """
    Open a cache in memcached. Nothing is sent yet.

    Raises:
        ConfigError: The URL is wrong.
        InvalidArgument: The caller's own client is of another kind.
    """
    client = connect(Options.from_url(url, opening), opening)
    io = _thread_io() if opening.asynchronous else BlockingIo()
    return MemcachedDriver(client, io), io


def _thread_io() -> Io:
    from holdall.aio import ThreadIo

    return ThreadIo()


class MemcachedDriver:
    """One cache. Each operation is one call of the `Io`, so that on a loop it is one thread, however many commands."""

    def __init__(self, client: Client, io: Io) -> None:
        self._client = client
        self._io = io

    @property
    def capabilities(self) -> CacheCapabilities:
        return _CAPABILITIES

    @property
    def native(self) -> Any:
        return self._client.native

    async def get(self, keys: Sequence[str], *, primary: bool) -> Sequence[bytes | None]:  # noqa: ARG002 - there is one
        return await self._run(_get, keys)

    async def add(self, added: Sequence[Added]) -> Sequence[bool]:
        return await self._run(_add, added)

    async def swap(self, swaps: Sequence[Swap]) -> Sequence[bool]:
        now = time.time()
        changed = await self._change({swap.key: partial(_swapped, swap, now) for swap in swaps})
        return [swap.key in changed for swap in swaps]

    async def drop(self, drops: Sequence[Drop]) -> None:
        await self._change({drop.key: partial(_dropped, drop) for drop in drops})

    async def delete(self, keys: Sequence[str]) -> None:
        await self._run(_delete, keys)

    async def fence(self, keys: Sequence[str], fence: Fence) -> None:
        now = time.time()
        await self._change(dict.fromkeys(keys, lambda current: _kept(current, fenced(current, fence), now)))

    async def release(self, releases: Sequence[Release], fence: Fence) -> None:
        now = time.time()
        await self._change({release.key: partial(_released, release, fence, now) for release in releases})

    async def close(self) -> None:
        self._client.close()

    async def _change(self, left: dict[str, Decide]) -> set[str]:
        changed: set[str] = set()
        for turn in range(_TURNS):
            left = await self._run(settle, left, changed)
            if not left:
                return changed
            await self._io.sleep(random.uniform(0, _PAUSE * 2**turn))  # noqa: S311 - no secret
        raise CacheFailed("memcached failed: others changed the same key each time")

    async def _run(self, work: Callable[..., T], *args: Any) -> T:
        try:
            return await self._io.call(work, self._client.commands, *args)
        except CacheFailed:
            raise
        except Exception as error:
            raise failure_of(error) from error


def _get(commands: Commands, keys: Sequence[str]) -> list[bytes | None]:
    found: dict[str, bytes] = {}
    for part in portions(keys):
        found.update(commands.get_many(part))
    return [checked(found[key]) if key in found else None for key in keys]


def _add(commands: Commands, added: Sequence[Added]) -> list[bool]:
    now = time.time()
    return [commands.add(key, value, expire=expiry(seconds, now), noreply=False) for key, value, seconds in added]


def _delete(commands: Commands, keys: Sequence[str]) -> None:
    for key in keys:
        commands.delete(key, noreply=False)


def _swapped(swap: Swap, now: float, current: bytes | None) -> Change | None:
    if current is None or not current.startswith(swap.expected):
        return None
    return Change(swap.value, expiry(swap.seconds, now))


def _dropped(drop: Drop, current: bytes | None) -> Change | None:
    return GONE if current is not None and current.startswith(drop.expected) else None


def _released(release: Release, fence: Fence, now: float, current: bytes | None) -> Change | None:
    kept = released(current, fence, release.value, round(release.seconds * 1000))
    return _kept(current, kept, now)


def _kept(current: bytes | None, kept: Kept, now: float) -> Change | None:
    if kept.value is not None:
        return Change(kept.value, expiry(kept.milliseconds / 1000, now))
    return None if current is None else GONE
