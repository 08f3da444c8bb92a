"""What every class of configuration tests shares: how a source is opened, and what a subclass says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

import pytest

from ...opening import open_async_config, open_config
from ..stores import OnLoop, bare, ended

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...config.store import Config


class ConfigStores:
    """The configurations of one test, all on one URL; closed at its end."""

    def __init__(self, kit: ConfigKit, url: str, *, asynchronous: bool) -> None:
        self.url = f"{url}{'&' if '?' in url else '?'}max_age=0"
        self.asynchronous = asynchronous
        self._kit = kit
        self._loop = asyncio.new_event_loop() if asynchronous else None
        self._opened: list[Any] = []

    def open(self, **options: Any) -> Config:
        """Open the source, of the kind that the test is run for, in the form of `Config`. It is read at each call."""
        return self.open_url(self.url, **options)

    def open_url(self, url: str | list[str], **options: Any) -> Config:
        """Open other sources in the same way."""
        raw = self._kit.open_config(url, asynchronous=self.asynchronous, **options)
        shown = cast("Config", raw if self._loop is None else OnLoop(raw, self._loop))
        self._opened.append(shown)
        return shown

    def given(self, values: Mapping[str, Any]) -> Config:
        """Have the source hold these values, put there from outside where it is only read, and open it."""
        if self._kit.lacking("writable"):
            self._kit.given(values)
            return self.open()
        config = self.open()
        for name, value in values.items():
            config.put(name, value)
        return config

    def engine(self, config: Config) -> Any:
        """Return the engine below a configuration."""
        return bare(config).engine

    def close(self) -> None:
        """Close everything."""
        for config in self._opened:
            config.close()
        if self._loop is not None:
            ended(self._loop)


class ConfigKit:
    """
    What a subclass of `ConfigConformance` may override.

    Attributes:
        lacks: What the source can't do, by the names of `holdall.testing.needs.NEEDS`, each with the reason. Its tests
            are skipped. The kit checks that the driver declares the same.
        broken: Tests that the server under test fails by its own fault, each with the reason. They must fail.
    """

    lacks: ClassVar[Mapping[str, str] | frozenset[str]] = frozenset()
    broken: ClassVar[Mapping[str, str]] = {}

    @pytest.fixture
    def config_url(self) -> str:
        """Return the URL of a source of this test's own, which is empty. It doesn't say `max_age`; the kit does."""
        raise NotImplementedError("override the fixture config_url: return the URL of an empty source")

    def given(self, values: Mapping[str, Any]) -> None:
        """
        Have a source that is only read hold these parameters and no others, such as {"db/port": "5432"}.

        The values are texts; where the source doesn't lack "native_values", also numbers, booleans, lists and None.
        """
        raise NotImplementedError(f"the source lacks 'writable': override given(), to put {sorted(values)} there")

    def open_config(self, url: str | list[str], *, asynchronous: bool, **options: Any) -> Any:
        """Open a source; override to pass a client of your own."""
        return (open_async_config if asynchronous else open_config)(url, **options)

    @pytest.fixture(params=["sync", "async"])
    def stores(self, request: pytest.FixtureRequest, config_url: str) -> Iterator[ConfigStores]:
        """Open sources, of both kinds in turn."""
        stores = ConfigStores(self, config_url, asynchronous=request.param == "async")
        try:
            yield stores
        finally:
            stores.close()

    @pytest.fixture
    def config(self, stores: ConfigStores) -> Config:
        """Open a source in which nothing is."""
        return stores.open()

    def lacking(self, capability: str) -> bool:
        """Return whether the subclass says that the source lacks this."""
        return capability in self.lacks
