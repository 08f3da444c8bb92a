"""Putting caches in front of stores."""

from __future__ import annotations

import os
from _thread import RLock
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cache import Cache
from .errors import InvalidArgument
from .registry import cache_opener
from .urls import parse_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._engine.cache.tier import Tier
    from ._model.schema import Model
    from .blob_drivers import BlobDriver
    from .config_drivers import ConfigDriver
    from .credentials import Credentials
    from .drivers import RecordDriver
    from .urls import Url

    Caches = str | Cache | Sequence[str | Cache]

_making = RLock()
_PROCESS = os.urandom(8).hex()
"""What tells the stores in this process's memory from those of others."""


def tiers_of(cache: Any, *, asynchronous: bool) -> list[Tier]:
    """
    Return the caches that `cache=` names, the nearest first; each has one user more.

    Raises:
        ConfigError: A URL is wrong, or is that of a store, or the adapter's package is not installed.
        InvalidArgument: It is something else than URLs and `Cache` objects.
    """
    given: list[Any] = [*cache] if isinstance(cache, (list, tuple)) else [cache]  # pyright: ignore[reportUnknownArgumentType]  # callers give anything
    if not given:
        raise InvalidArgument("cache= takes a URL, a Cache, or a list of those which is not empty; None for no cache")
    tiers = [_tier(each if isinstance(each, Cache) else Cache(_checked(each)), asynchronous) for each in given]
    return [tier.opened() for tier in tiers]


def _checked(url: Any) -> str:
    if not isinstance(url, str):
        raise InvalidArgument(f"cache= takes a URL such as 'rediss://host:6379?ttl=60', a Cache, or a list of those; "
                              f"got a value of type {type(url).__name__}")
    return url


def _tier(cache: Cache, asynchronous: bool) -> Tier:
    with _making:
        found: Tier | None = cache.opened.get(asynchronous)
        return found or cache.opened.setdefault(asynchronous, _made(cache, asynchronous))


def _made(cache: Cache, asynchronous: bool) -> Tier:
    # Imported here: few programs have a cache.
    from ._engine.cache.settings import settings_of
    from ._engine.cache.tier import Tier
    from .cache_drivers import CacheOpening

    url = parse_url(cache.url)
    settings = settings_of(url)
    opening = CacheOpening(asynchronous, settings.timeout, settings.connect_timeout, cache.client, cache.username,
                           cache.password, cache.credentials)  # fmt: skip
    driver, io = cache_opener(url.scheme)(url, opening)
    other: Tier | None = cache.opened.get(not asynchronous)
    if other is not None:
        return other.twin(driver, io)
    crypt = None
    if cache.encrypt is not None:
        from ._engine.cache.crypt import Crypt

        crypt = Crypt(cache.encrypt)
    return Tier(driver, io, settings, crypt)


def cached_records(
    cache: Any, model: Model[Any], driver: RecordDriver, store: str, *, asynchronous: bool
) -> RecordDriver:
    """
    Return a driver of records with caches in front.

    Raises:
        ConfigError: See `tiers_of`.
        InvalidArgument: See `tiers_of`.
    """
    from ._engine.cache.records import CachedRecords

    for tier in reversed(tiers_of(cache, asynchronous=asynchronous)):
        driver = CachedRecords(model, driver, tier, store)
    return driver


def cached_blobs(cache: Any, driver: BlobDriver, url: Url, store: str, *, asynchronous: bool) -> BlobDriver:
    """
    Return a driver of blobs with caches in front.

    Raises:
        ConfigError: See `tiers_of`.
        InvalidArgument: See `tiers_of`.
    """
    from ._engine.cache.blobs import CachedBlobs

    path = str(Path(url.path).absolute()) if url.scheme == "file" else url.path
    for tier in reversed(tiers_of(cache, asynchronous=asynchronous)):
        driver = CachedBlobs(driver, tier, store, (f"{url.scheme}/{url.host}", path.strip("/")))
    return driver


def cached_config(cache: Any, driver: ConfigDriver, store: str, *, asynchronous: bool) -> ConfigDriver:
    """
    Return a source of parameters with caches in front.

    Raises:
        ConfigError: See `tiers_of`.
        InvalidArgument: See `tiers_of`.
    """
    from ._engine.cache.config import CachedConfig

    for tier in reversed(tiers_of(cache, asynchronous=asynchronous)):
        driver = CachedConfig(driver, tier, store)
    return driver


def told(url: Url, client: Any = None, credentials: Credentials | None = None) -> str:
    """
    Return what tells a store from others, in all processes that may share a cache.

    Args:
        url: The store's.
        client: The SDK client that the caller has given for it.
        credentials: The AWS key that the caller has given for it.
    """
    user = url.location.rpartition("@")[0].partition(":")[0]
    own = f"{url}?{sorted(url.params.items())} {user}{_of_aws(url, client, credentials)}"
    if url.scheme == "memory":
        return f"{own} of {_PROCESS if url.host else os.urandom(8).hex()}"
    if url.scheme == "sqlite" and (url.path in ("", "/") or "memory" in own):
        return f"{own} of {os.urandom(8).hex()}"
    if url.scheme in ("sqlite", "file"):
        host = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
        return f"{own} in {Path.cwd()} of {host}"
    return own


def _of_aws(url: Url, client: Any, credentials: Credentials | None) -> str:
    """Return what the environment and the caller say of where a service of AWS is, and of whose it is."""
    if url.scheme not in _AWS:
        return ""
    meta = getattr(client, "meta", None)
    said = [getattr(meta, "region_name", None), getattr(meta, "endpoint_url", None),
            None if credentials is None else credentials.access_key_id]  # fmt: skip
    return repr([*said, *(os.environ.get(name) for name in _PLACES)])


_AWS = ("dynamodb", "s3", "ssm", "rds-data")
_PLACES = (
    "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL_RDS_DATA",
)  # fmt: skip
