"""What a file URL says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from holdall._frozen import frozen
from holdall.errors import ConfigError
from holdall.urls import read_bool

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


def _root(url: Url) -> str:
    if url.host not in ("", "."):
        raise ConfigError(f"open {url}: a folder is named behind three slashes, file:///{url.host}{url.path}, or "
                          f"beside the working directory, file://./{url.host}{url.path}")
    path = url.path if not url.host else url.path.lstrip("/")
    if path in ("", "/") or "\0" in path:
        raise ConfigError(f"open {url}: the URL names no folder; a blob store is never the root of a file system")
    # Fixed now, so that a later chdir doesn't change which folder it is.
    return os.path.realpath(path)
