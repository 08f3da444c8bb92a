"""Where everything is: three URLs, one of the settings themselves, and two that the settings hold."""

from __future__ import annotations

import os
from dataclasses import dataclass

import holdall


@dataclass
class Settings:
    """The store of the airports, and that of their sheets."""

    store: str = "memory://airports"
    sheets: str = "memory://sheets"


def load_settings(url: str | None = None) -> Settings:
    """
    Return the settings: of the environment, else of the source that the URL names.

    The variables are AIRPORTS_STORE and AIRPORTS_SHEETS, and AIRPORTS_CONFIG for the URL where none is given.
    """
    source = url or os.environ.get("AIRPORTS_CONFIG", "memory://")
    with holdall.open_config(["env:///AIRPORTS_", source]) as config:
        return config.load(Settings)
