"""The port of configuration over a dict, with versions, labels and tags."""

from __future__ import annotations

import re
import threading
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from holdall._frozen import replace
from holdall.config_drivers import ConfigCapabilities, Entry, Parameter
from holdall.errors import AlreadyExists, Conflict, InvalidArgument, NotFound
from holdall.io import BlockingIo

from .options import ConfigOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdall.config_drivers import ConfigDriver, ConfigOpening, Freshness, NewValue
    from holdall.io import Io
    from holdall.urls import Url

_CAPABILITIES = ConfigCapabilities("memory", writable=True, atomic_versions=True, versions=True, labels=True, tags=True)
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


class Store:
    """The parameters of one name, each with all its versions, and their lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.versions: dict[str, list[Entry]] = {}
        self.tags: dict[str, dict[str, str]] = {}


_shared: dict[str, Store] = {}


def open_config(url: Url, opening: ConfigOpening) -> tuple[ConfigDriver, Io]:  # noqa: ARG001 - as other adapters need it
    """
    Open parameters in memory.

    Raises:
        ConfigError: The URL is wrong.
    """
    options = ConfigOptions.from_url(url)
    store = _shared.setdefault(options.name, Store()) if options.name else Store()
    return MemoryConfig(store, options), BlockingIo()


class MemoryConfig:
    """Parameters in memory."""

    def __init__(self, store: Store, options: ConfigOptions) -> None:
        self._store = store
        self._options = options

    @property
    def capabilities(self) -> ConfigCapabilities:
        return _CAPABILITIES

    @property
    def freshness(self) -> Freshness:
        return self._options.freshness

    @property
    def source(self) -> str:
        return f"memory://{self._options.name}"

    @property
    def native(self) -> Any:
        return None

    def check_name(self, name: str, *, write: bool) -> None:
        if write and ":" in name:
            raise InvalidArgument(f"{name!r} names a version or a label, and what is written is always the newest")

    def is_special(self, name: str) -> bool:
        return ":" in name

    def canonical(self, name: str) -> str:
        return name

    async def listed(self, prefix: str) -> Sequence[Parameter]:
        return [entry.about for name, entry in (await self.load()).items() if name.startswith(prefix)]

    async def load(self) -> Mapping[str, Entry]:
        with self._store.lock:
            return {name: versions[-1] for name, versions in self._store.versions.items()}

    async def fetch(self, names: Sequence[str]) -> Mapping[str, Entry]:
        with self._store.lock:
            found = {name: self._selected(*name.partition(":")) for name in names}
        return {name: entry for name, entry in found.items() if entry is not None}

    def _selected(self, name: str, colon: str, selector: str) -> Entry | None:
        versions = self._store.versions.get(name, [])
        if not colon:
            return versions[-1] if versions else None
        return next((each for each in versions if selector in (str(each.about.version), *each.about.labels)), None)

    async def put(self, name: str, new: NewValue) -> Parameter:
        with self._store.lock:
            versions = self._store.versions.get(name, [])
            current = versions[-1].about.version if versions else None
            if new.absent and versions:
                raise AlreadyExists("there is a parameter of this name already")
            if new.version is not None and new.version != current:
                raise _conflict(current)
            if versions and versions[-1].about.kind == "SecureString" != new.kind:
                raise InvalidArgument(f"{name!r} is a SecureString; give the new value as Secret(...)")
            self._store.versions[name] = versions
            about = Parameter(name, new.kind, (current or 0) + 1, datetime.now(timezone.utc))
            versions.append(Entry(new.text, about))
            self._store.tags.setdefault(name, {}).update(new.tags or {})
            return about

    async def delete(self, name: str, version: int | None) -> bool:
        with self._store.lock:
            versions = self._store.versions.get(name)
            current = versions[-1].about.version if versions else None
            if version is not None and version != current:
                raise _conflict(current)
            self._store.tags.pop(name, None)
            return self._store.versions.pop(name, None) is not None

    async def history(self, name: str) -> Sequence[Parameter]:
        with self._store.lock:
            return [entry.about for entry in self._store.versions.get(name, ())]

    async def label(self, name: str, version: int | None, labels: Sequence[str]) -> None:
        for label in labels:
            if not _LABEL.fullmatch(label):
                raise InvalidArgument(f"{label!r} is no label: letters, digits, '.', '-' and '_', no digit first")
        with self._store.lock:
            versions = self._store.versions.get(name, [])
            target = version if version is not None else versions[-1].about.version if versions else None
            if not any(entry.about.version == target for entry in versions):
                raise NotFound("there is no such parameter or version")
            versions[:] = [_labelled(entry, labels, here=entry.about.version == target) for entry in versions]

    async def close(self) -> None:
        """Others may share what is in memory."""


def _conflict(current: int | None) -> Conflict:
    there = "it is not there" if current is None else f"version {current} is there"
    return Conflict(f"the parameter has changed since its version was read: {there}", current=current)


def _labelled(entry: Entry, labels: Sequence[str], *, here: bool) -> Entry:
    """Return a version with labels, which are those of one version only."""
    others = tuple(label for label in entry.about.labels if label not in labels)
    return Entry(entry.value, replace(entry.about, labels=(*others, *labels) if here else others))
