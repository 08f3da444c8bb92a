"""What a file URL says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from holdall._frozen import frozen
from holdall.config_drivers import FRESHNESS, Freshness, freshness_of
from holdall.errors import ConfigError
from holdall.urls import read_bool

from .formats import ENDINGS, reader_of

if TYPE_CHECKING:
    from holdall.urls import Url


@frozen
class Options:
    """
    `root`, the folder.

    Attributes:
        create: The folder is made when something is put.
        fsync: What was put is on the disk when `put` returns.
    """

    root: str
    create: bool
    fsync: bool

    @classmethod
    def from_url(cls, url: Url) -> Options:
        """
        Read the options.

        Raises:
            ConfigError: The URL names no folder, or has an unknown parameter.
        """
        url.refuse_unknown({"create": None, "fsync": None})
        return cls(_root(url), url.param("create", read_bool, True), url.param("fsync", read_bool, True))


@frozen
class ConfigOptions:
    """
    `path`, the file.

    Attributes:
        optional: A file that is not there is as good as an empty one.
        folded: Its names are those of variables, without capitals.
        freshness: How long what was read serves.
    """

    path: str
    optional: bool
    folded: bool
    freshness: Freshness

    @classmethod
    def from_url(cls, url: Url) -> ConfigOptions:
        """
        Read the options.

        Raises:
            ConfigError: The URL names no file of settings, or has an unknown parameter.
        """
        url.refuse_unknown(dict.fromkeys(("optional", *FRESHNESS)))
        path = _path(url, "file")
        if reader_of(path) is None:
            raise ConfigError(f"open {url}: the form of settings is told by the file's ending: {ENDINGS}")
        folded = path.rpartition("/")[2].startswith(".env") or path.endswith(".env")
        return cls(os.path.realpath(path), url.param("optional", read_bool, False), folded, freshness_of(url, None))


def _path(url: Url, what: str) -> str:
    if url.host not in ("", "."):
        raise ConfigError(f"open {url}: a {what} is named behind three slashes, file:///{url.host}{url.path}, or "
                          f"beside the working directory, file://./{url.host}{url.path}")
    return url.path if not url.host else url.path.lstrip("/")


def _root(url: Url) -> str:
    path = _path(url, "folder")
    if path in ("", "/") or "\0" in path:
        raise ConfigError(f"open {url}: the URL names no folder; a blob store is never the root of a file system")
    # Fixed now, so that a later chdir doesn't change which folder it is.
    return os.path.realpath(path)
