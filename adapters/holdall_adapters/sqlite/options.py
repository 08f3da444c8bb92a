"""What a SQLite URL says."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdall.errors import ConfigError
from holdall.urls import read_bool

if TYPE_CHECKING:
    from holdall.urls import Url

_TIMEOUT = 5.0
"""Seconds to wait for another writer, as Python's sqlite3 does."""


@dataclass(frozen=True)
class Options:
    """
    `path` of the file (None: in memory), `table` (None: the model's), and those below.

    Attributes:
        awaited: The driver is aiosqlite.
        timeout: Seconds to wait for a lock that another process or thread holds.
        create: The file, the table, its columns and indexes are made when they are needed.
    """

    awaited: bool
    path: str | None
    table: str | None
    timeout: float
    create: bool

    @classmethod
    def from_url(cls, url: Url) -> Options:
        """
        Read the options.

        Raises:
            ConfigError: The URL has a host or an unknown parameter, or a parameter is wrong.
        """
        url.refuse_unknown({"table": None, "timeout": None, "create": None})
        if url.host:
            raise ConfigError(f"open {url}: a file is named behind three slashes, sqlite:///{url.host}{url.path}")
        if url.params.get("table") == "":
            raise ConfigError(f"open {url}: the parameter 'table' is empty")
        return cls(_is_awaited(url), _path(url), url.params.get("table"), url.param("timeout", _seconds, _TIMEOUT),
                   url.param("create", read_bool, True))


def _is_awaited(url: Url) -> bool:
    driver = url.scheme.partition("+")[2]
    if driver not in ("", "pysqlite", "aiosqlite"):
        raise ConfigError(f"open {url}: the drivers of SQLite are pysqlite and aiosqlite")
    return driver == "aiosqlite"


def _path(url: Url) -> str | None:
    name = url.path.removeprefix("/")
    if name in ("", ":memory:"):
        return None
    if "\0" in name or name.endswith("/"):
        raise ConfigError(f"open {url}: the path names no file")
    # Fixed now, so that a later chdir doesn't change which file it is.
    return os.path.realpath(name)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < math.inf:
        raise ValueError("expected a number of seconds")
    return seconds
