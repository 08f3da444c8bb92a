"""Where everything is: a URL of the settings themselves, and those that the settings hold."""

from __future__ import annotations

import os
from dataclasses import dataclass

import holdall


@dataclass
class Settings:
    """The store of the airports, that of their sheets, and the cache in front of both, if there is one."""

    store: str = "memory://airports"
    sheets: str = "memory://sheets"
    cache: str | None = None


def load_settings(url: str | None = None) -> Settings:
    """
    Return the settings: of the environment, else of the source that the URL names.

    The variables are AIRPORTS_STORE, AIRPORTS_SHEETS and AIRPORTS_CACHE, and AIRPORTS_CONFIG for the URL where none is
    given.
    """
    source = url or os.environ.get("AIRPORTS_CONFIG", "memory://")
    with holdall.open_config(["env:///AIRPORTS_", source]) as config:
        return config.load(Settings)
