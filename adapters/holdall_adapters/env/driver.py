"""The port of configuration over the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from holdall.config_drivers import ConfigCapabilities, Entry, Parameter, ReadOnly
from holdall.io import BlockingIo

from .options import Options
from .wire import name_of, variable_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdall.config_drivers import ConfigDriver, ConfigOpening, Freshness
    from holdall.io import Io
    from holdall.urls import Url

_CAPABILITIES = ConfigCapabilities("env", folded=True)


def open_config(url: Url, opening: ConfigOpening) -> tuple[ConfigDriver, Io]:  # noqa: ARG001 - as other adapters need it
    """
    Open the variables that the URL names. None is read yet.

    Raises:
        ConfigError: The URL is wrong.
    """
    return EnvironmentConfig(Options.from_url(url)), BlockingIo()


class EnvironmentConfig(ReadOnly):
    """The variables of one prefix."""

    def __init__(self, options: Options) -> None:
        self._options = options

    @property
    def capabilities(self) -> ConfigCapabilities:
        return _CAPABILITIES

    @property
    def freshness(self) -> Freshness:
        return self._options.freshness

    @property
    def source(self) -> str:
        return f"env:///{self._options.prefix}"

    async def load(self) -> Mapping[str, Entry]:
        named = ((name_of(variable, self._options.prefix), text) for variable, text in os.environ.items())
        return {name: self._entry(name, text) for name, text in named if name is not None}

    async def fetch(self, names: Sequence[str]) -> Mapping[str, Entry]:
        found = ((name, os.environ.get(variable_of(name, self._options.prefix))) for name in names)
        return {name: self._entry(name, text) for name, text in found if text is not None}

    def _entry(self, name: str, text: str) -> Entry:
        return Entry(text, Parameter(name, "String", source=self.source))
