"""What an env URL says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from holdall._frozen import frozen
from holdall.config_drivers import FRESHNESS, Freshness, freshness_of
from holdall.errors import ConfigError

if TYPE_CHECKING:
    from holdall.urls import Url

_PREFIX = re.compile(r"/?[A-Za-z0-9_]*")


@frozen
class Options:
    """The `prefix` of the variables, and how long what was read serves."""

    prefix: str
    freshness: Freshness

    @classmethod
    def from_url(cls, url: Url) -> Options:
        """
        Read the options.

        Raises:
            ConfigError: The URL has a host or an unknown parameter, or its path is no beginning of a variable's name.
        """
        url.refuse_unknown(dict.fromkeys(FRESHNESS))
        if url.host or not _PREFIX.fullmatch(url.path):
            raise ConfigError(f"open {url}: the beginning of the variables' names stands behind three slashes, such as "
                              "env:///SHOP_")
        return cls(url.path.removeprefix("/"), freshness_of(url, None))
