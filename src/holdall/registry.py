"""Which adapter serves which URL scheme, for records, for blobs, for configuration and for caches."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Protocol

from ._model.schema import did_you_mean
from .errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .blob_drivers import BlobDriver, BlobOpening
    from .cache_drivers import CacheDriver, CacheOpening
    from .config_drivers import ConfigDriver, ConfigOpening
    from .drivers import Opening, RecordDriver
    from .io import Io
    from .urls import Url


class RecordOpener(Protocol):
    """What an adapter offers: makes a driver and the `Io` it waits by. No request is sent here."""

    def __call__(self, url: Url, opening: Opening, /) -> tuple[RecordDriver, Io]: ...


class BlobOpener(Protocol):
    """What an adapter of blobs offers: makes a driver and the `Io` it waits by. No request is sent here."""

    def __call__(self, url: Url, opening: BlobOpening, /) -> tuple[BlobDriver, Io]: ...


class ConfigOpener(Protocol):
    """What an adapter of configuration offers: makes a driver and the `Io` it waits by. Nothing is read here."""

    def __call__(self, url: Url, opening: ConfigOpening, /) -> tuple[ConfigDriver, Io]: ...


class CacheOpener(Protocol):
    """What an adapter of caches offers: makes a driver and the `Io` it waits by. No request is sent here."""

    def __call__(self, url: Url, opening: CacheOpening, /) -> tuple[CacheDriver, Io]: ...


class Openers:
    """
    The adapters of one kind of store.

    Args:
        group: The group of entry points that name more.
        built_in: Ours by scheme, as text: an import here would cost every cold start.
        extras: By adapter, where the extra has another name.
    """

    def __init__(self, group: str, built_in: dict[str, str], extras: dict[str, str]) -> None:
        self._group = group
        self._built_in = built_in
        self._extras = extras
        self._registered: dict[str, Any] = {}

    def register(self, scheme: str, opener: Any) -> None:
        """Serve a URL scheme by an opener of your own."""
        self._registered[scheme] = opener

    def opener(self, scheme: str) -> Any:
        """
        Return the opener of a scheme: registered, built in, or an entry point.

        Raises:
            ConfigError: No adapter serves the scheme, or the adapter's package is not installed.
        """
        if scheme in self._registered:
            return self._registered[scheme]
        # SQLAlchemy names a driver behind the database, as in postgresql+psycopg.
        target = self._built_in.get(scheme.partition("+")[0])
        found = self._from_entry_points(scheme) if target is None else self._load(scheme, target)
        self._registered[scheme] = found
        return found

    @property
    def schemes(self) -> Sequence[str]:
        """The schemes that are built in or registered."""
        return list({**self._built_in, **self._registered})

    def _load(self, scheme: str, target: str) -> Any:
        module, _, name = target.partition(":")
        try:
            return getattr(importlib.import_module(module), name)
        except ModuleNotFoundError as error:
            adapter = module.rpartition(".")[2]
            extra = self._extras.get(adapter, adapter)
            raise ConfigError(
                f"{scheme}:// needs the package {error.name!r}: pip install 'holdall[{extra}]'"
            ) from error

    def _from_entry_points(self, scheme: str) -> Any:
        # importlib.metadata is slow to import, and only a foreign scheme needs it.
        from importlib.metadata import entry_points

        for point in entry_points(group=self._group, name=scheme):
            return point.load()
        if self is not _CACHES and scheme in _CACHES.schemes:
            raise ConfigError(f"{scheme}:// is a cache, which may lose anything at any time, so it can't be a store; "
                              f"open a durable store, and give cache='{scheme}://...' with it")
        if self is _CACHES and scheme in _RECORDS.schemes:
            raise ConfigError(f"{scheme}:// is a store, not a cache; a cache in the process is process://")
        raise ConfigError(f"no adapter serves {scheme}://{did_you_mean(scheme, self.schemes)}")


_RECORDS = Openers("holdall.records", {
    "memory": "holdall_adapters.memory:open_records",
    "sqlite": "holdall_adapters.sqlite:open_records",
    "postgresql": "holdall_adapters.sql:open_records",
    "mysql": "holdall_adapters.sql:open_records",
    "mariadb": "holdall_adapters.sql:open_records",
    "rds-data": "holdall_adapters.aurora:open_records",
    "dynamodb": "holdall_adapters.dynamodb:open_records",
}, {"sqlite": "sql"})  # fmt: skip
_BLOBS = Openers("holdall.blobs", {
    "memory": "holdall_adapters.memory.blobs:open_blobs",
    "file": "holdall_adapters.files:open_blobs",
    "s3": "holdall_adapters.s3:open_blobs",
}, {})  # fmt: skip

_CONFIG = Openers("holdall.config", {
    "memory": "holdall_adapters.memory.config:open_config",
    "env": "holdall_adapters.env:open_config",
    "file": "holdall_adapters.files.config:open_config",
    "ssm": "holdall_adapters.ssm:open_config",
}, {})  # fmt: skip

_CACHES = Openers("holdall.caches", {
    "process": "holdall_adapters.memory.cache:open_cache",
    "redis": "holdall_adapters.redis:open_cache",
    "rediss": "holdall_adapters.redis:open_cache",
    "valkey": "holdall_adapters.redis:open_cache",
    "valkeys": "holdall_adapters.redis:open_cache",
    "memcached": "holdall_adapters.memcached:open_cache",
    "memcacheds": "holdall_adapters.memcached:open_cache",
}, {})  # fmt: skip


def register(scheme: str, opener: RecordOpener) -> None:
    """Serve a URL scheme of records by an opener of your own."""
    _RECORDS.register(scheme, opener)


def register_blobs(scheme: str, opener: BlobOpener) -> None:
    """Serve a URL scheme of blobs by an opener of your own."""
    _BLOBS.register(scheme, opener)


def register_config(scheme: str, opener: ConfigOpener) -> None:
    """Serve a URL scheme of configuration by an opener of your own."""
    _CONFIG.register(scheme, opener)


def register_cache(scheme: str, opener: CacheOpener) -> None:
    """Serve a URL scheme of caches by an opener of your own."""
    _CACHES.register(scheme, opener)


def record_opener(scheme: str) -> RecordOpener:
    """
    Return the opener of a scheme: registered, built in, or an entry point of the group "holdall.records".

    Raises:
        ConfigError: No adapter serves the scheme, or the adapter's package is not installed.
    """
    opener: RecordOpener = _RECORDS.opener(scheme)
    return opener


def blob_opener(scheme: str) -> BlobOpener:
    """
    Return the opener of a scheme: registered, built in, or an entry point of the group "holdall.blobs".

    Raises:
        ConfigError: No adapter serves the scheme, or the adapter's package is not installed.
    """
    opener: BlobOpener = _BLOBS.opener(scheme)
    return opener


def config_opener(scheme: str) -> ConfigOpener:
    """
    Return the opener of a scheme: registered, built in, or an entry point of the group "holdall.config".

    Raises:
        ConfigError: No adapter serves the scheme, or the adapter's package is not installed.
    """
    opener: ConfigOpener = _CONFIG.opener(scheme)
    return opener


def cache_opener(scheme: str) -> CacheOpener:
    """
    Return the opener of a scheme: registered, built in, or an entry point of the group "holdall.caches".

    Raises:
        ConfigError: No adapter serves the scheme, or the adapter's package is not installed.
    """
    opener: CacheOpener = _CACHES.opener(scheme)
    return opener
