"""What a memory URL says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdall._frozen import frozen
from holdall.cache_drivers import COMMON
from holdall.config_drivers import FRESHNESS, Freshness, freshness_of
from holdall.errors import ConfigError
from holdall.urls import read_bool

if TYPE_CHECKING:
    from holdall.urls import Url


@frozen
class Options:
    """`name` of the store ("" for a private one) and its `table` (None: the model's)."""

    name: str
    table: str | None

    @classmethod
    def from_url(cls, url: Url) -> Options:
        """
        Read the options.

        Raises:
            ConfigError: The URL has a path or an unknown parameter.
        """
        url.refuse_unknown({"table": None})
        return cls(_name(url), url.params.get("table"))


@frozen
class BlobOptions:
    """`name` of the store of blobs, "" for a private one, and whether `versions` are kept of what is replaced."""

    name: str
    versions: bool

    @classmethod
    def from_url(cls, url: Url) -> BlobOptions:
        """
        Read the options.

        Raises:
            ConfigError: The URL has a path or an unknown parameter.
        """
        url.refuse_unknown({"versions": None})
        return cls(_name(url), url.param("versions", read_bool, False))


@frozen
class ConfigOptions:
    """`name` of the parameters, "" for private ones, and how long what was read serves."""

    name: str
    freshness: Freshness

    @classmethod
    def from_url(cls, url: Url) -> ConfigOptions:
        """
        Read the options.

        Raises:
            ConfigError: The URL has a path or an unknown parameter.
        """
        url.refuse_unknown(dict.fromkeys(FRESHNESS))
        return cls(_name(url), freshness_of(url, 0.0))


@frozen
class CacheOptions:
    """How many keys a cache in the process holds."""

    max_items: int

    @classmethod
    def from_url(cls, url: Url) -> CacheOptions:
        """
        Read the options.

        Raises:
            ConfigError: The URL has a host, a path or an unknown parameter, or the number is none.
        """
        url.refuse_unknown(dict.fromkeys((*COMMON, "max_items")))
        if url.location.strip("/"):
            raise ConfigError(f"open {url}: a cache in the process has no name; write process://")
        return cls(url.param("max_items", _positive, 1000))


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ValueError("expected a whole number from 1 on")
    return int(text)


def _name(url: Url) -> str:
    if url.path not in ("", "/"):
        raise ConfigError(f"open {url}: a memory URL is memory:// or memory://name, without a path")
    return url.host
