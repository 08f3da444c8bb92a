"""
A source of parameters that keeps in a cache what was read, over the source's driver.

Secrets are kept only where the cache is encrypted; else it keeps that they are not kept, so that nobody waits for
them. What is edited by other programs is seen when the cache's `ttl` and the source's `max_age` are over.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...config_drivers import ConfigCapabilities, Entry, Freshness, Parameter
from .front import Front
from .reading import read_through
from .region import Region, Shape, quoted
from .values import Unwritable, dump, load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...config_drivers import ConfigDriver, NewValue
    from .tier import Tier

    Entries = Mapping[str, Entry]

_ALL = "*"
"""What the name of everything below a base begins with; no parameter's does: names are quoted."""


class CachedConfig(Front):
    """
    One source of parameters with a cache in front.

    Args:
        inner: The driver of the source, or of another cache in front of it.
        tier: The cache.
        store: What tells the source from others.
        past: Go past what is kept, and put it right.
    """

    inner: ConfigDriver

    def __init__(self, inner: ConfigDriver, tier: Tier, store: str, *, past: bool = False) -> None:
        self.inner = inner
        self.tier = tier
        self._store = store
        self._past = past
        self.capabilities: ConfigCapabilities = inner.capabilities
        self.freshness: Freshness = inner.freshness
        self.source: str = inner.source
        scheme, _, path = inner.source.partition("://")
        self._folders = [folder for folder in path.split("/") if folder]
        shape: Shape[Entries] = Shape(f"parameters of {store}", self._dump, _load)
        self._region = Region(tier, f"c/{scheme}", shape)

    @property
    def past(self) -> CachedConfig:
        """The same source past all caches, which are put right."""
        inner = self.inner.past if isinstance(self.inner, CachedConfig) else self.inner
        return CachedConfig(inner, self.tier, self._store, past=True)

    def check_name(self, name: str, *, write: bool) -> None:
        self.inner.check_name(name, write=write)

    def is_special(self, name: str) -> bool:
        return self.inner.is_special(name)

    def canonical(self, name: str) -> str:
        return self.inner.canonical(name)

    def _path(self, name: str) -> list[str]:
        """Return the whole path of a parameter, from the root of the service."""
        name = self.inner.canonical(name)
        return name.strip("/").split("/") if name.startswith("/") else [*self._folders, *name.split("/")]

    def _key(self, name: str) -> str:
        return self._region.key(quoted("/".join(self._path(name))))

    def _key_of_all(self, folders: Sequence[str]) -> str:
        return self._region.key(_ALL + quoted("/".join(folders)))

    def _touched(self, name: str) -> list[str]:
        """Return the keys of all that is kept of a parameter: by itself, and with all others below a base above it."""
        path = self._path(name)
        return [self._key(name), *(self._key_of_all(path[:depth]) for depth in range(len(path)))]

    async def load(self) -> Entries:
        async def from_store(_: Sequence[int]) -> Sequence[Entries]:
            return [await self.inner.load()]

        (entries,) = await read_through(self._region, [self._key_of_all(self._folders)], from_store, past=self._past)
        loaded: Entries = entries
        return loaded

    async def fetch(self, names: Sequence[str]) -> Entries:
        found: dict[str, Entry] = {}
        plain = [name for name in names if not self.inner.is_special(name)]
        if len(plain) < len(names):
            found |= await self.inner.fetch([name for name in names if name not in plain])
        if not plain:
            return found

        async def from_store(places: Sequence[int]) -> Sequence[Entries | None]:
            asked = [plain[place] for place in places]
            there = await self.inner.fetch(asked)
            return [{name: there[name]} if name in there else None for name in asked]

        kept = await read_through(self._region, [self._key(name) for name in plain], from_store, past=self._past)
        for name, entries in zip(plain, kept, strict=True):
            if entries:
                (found[name],) = entries.values()
        return found

    async def listed(self, prefix: str) -> Sequence[Parameter]:
        return await self.inner.listed(prefix)

    async def put(self, name: str, new: NewValue) -> Parameter:
        return await self.tier.guarded(self._touched(name), lambda: self.inner.put(name, new), ())

    async def delete(self, name: str, version: int | None) -> bool:
        return await self.tier.guarded(self._touched(name), lambda: self.inner.delete(name, version), ())

    async def history(self, name: str) -> Sequence[Parameter]:
        return await self.inner.history(name)

    async def label(self, name: str, version: int | None, labels: Sequence[str]) -> None:
        await self.inner.label(name, version, labels)

    def _dump(self, entries: Entries) -> tuple[bytes, bool]:
        if self.tier.crypt is None and any(entry.about.kind == "SecureString" for entry in entries.values()):
            raise Unwritable("secrets are not kept in a cache that is not encrypted")
        return dump([_told(entry) for entry in entries.values()])


def _told(entry: Entry) -> list[Any]:
    about = entry.about
    modified = None if about.modified is None else about.modified.isoformat()
    return [entry.value, about.name, about.kind, about.version, modified, list(about.labels), about.source]


def _load(body: bytes, marked: bool) -> Entries:
    return {entry.about.name: entry for entry in map(_entry, load(body, marked))}


def _entry(told: list[Any]) -> Entry:
    value, name, kind, version, modified, labels, source = told
    when = None if modified is None else datetime.fromisoformat(modified)
    return Entry(value, Parameter(name, kind, version, when, tuple(labels), source))
