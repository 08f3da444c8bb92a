"""The caches that the kit runs with in front of its backends."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from holdall._engine.attempts import RetryPolicy
from holdall._engine.cache.records import CachedRecords
from holdall._frozen import replace
from holdall.cache import Cache
from holdall.drivers import Got
from holdall.secret import Secret
from holdall.testing import stores
from holdall.testing.faults import FaultyDriver, inject
from holdall.testing.records.base import RecordKit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdall.drivers import KeyValue, Read

# A busy machine is no fault of the cache, and what it has is to be used.
_PATIENT = "timeout=5&connect_timeout=5&wait=5&fence=60&lease=60"


class Cached(RecordKit):
    """
    A backend with a cache in front, shared by all repositories of a test; a subclass gives the addresses.

    Attributes:
        options: What their URLs say besides.
    """

    options: ClassVar[str] = ""

    @pytest.fixture
    def caches(self) -> Sequence[str]:
        """Return the addresses, the nearest first."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def opened_caches(self, caches: Sequence[str]) -> None:
        self._caches = [self.cache(self.url_of(address)) for address in caches]

    def url_of(self, address: str) -> str:
        prefix = f"kit{secrets.token_hex(6)}"
        return f"{address}{'&' if '?' in address else '?'}prefix={prefix}&{_PATIENT}{self.options}"

    def cache(self, url: str) -> Cache:
        """Return a cache of the test's own."""
        return Cache(url)

    def open_store(self, url: str, model: Any, *, asynchronous: bool, **options: Any) -> Any:
        repository = super().open_store(url, model, asynchronous=asynchronous, cache=self._caches, **options)
        self.opened(repository.engine.driver)
        return repository

    def opened(self, driver: Any) -> None:
        """Change what was opened, so that the cache has to do with all."""
        _read_twice(driver)


def _read_twice(driver: Any) -> None:
    """Have a cached table read all twice, and return what came second: what the first time left in the cache."""
    get, read = driver.get, driver.read

    async def get_twice(keys: Sequence[KeyValue], *, consistent: bool, fields: Any) -> Got:
        first = await get(keys, consistent=consistent, fields=fields)
        again: Got = await get(keys, consistent=False, fields=fields)
        return first if first.unprocessed else again

    async def read_again(page: Read) -> Any:
        if page.consistent or page.partition is None:
            return await read(page)
        await read(replace(page, cached=60.0))
        return await read(replace(page, cached=60.0))

    driver.get, driver.read = get_twice, read_again


class InProcess(Cached):
    @pytest.fixture
    def caches(self) -> Sequence[str]:
        return ["process://"]


class InValkey(Cached):
    @pytest.fixture
    def caches(self, valkey_address: str) -> Sequence[str]:
        return [valkey_address]


class InValkeyCluster(Cached):
    @pytest.fixture
    def caches(self, valkey_cluster_address: str) -> Sequence[str]:
        return [f"{valkey_cluster_address}?cluster=true"]


class InMemcached(Cached):
    @pytest.fixture
    def caches(self, memcached_address: str) -> Sequence[str]:
        return [memcached_address]


class InTwoTiers(Cached):
    @pytest.fixture
    def caches(self, valkey_address: str) -> Sequence[str]:
        return ["process://", valkey_address]


class Replacing(Cached):
    """What is written is kept as it is written."""

    options: ClassVar[str] = "&on_write=replace"


class Encrypted(Cached):
    def cache(self, url: str) -> Cache:
        return Cache(url, encrypt=Secret(secrets.token_hex(16)))


class FaultsBelow(Cached):
    """The store fails on order, not what is before it; nothing is read twice, since requests are counted."""

    @pytest.fixture(autouse=True)
    def below(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stores, "inject", _inject_below)

    def open_store(self, url: str, model: Any, *, asynchronous: bool, **options: Any) -> Any:
        # What is waited for between tries is no matter of the cache.
        given = {"retry": RetryPolicy(first_wait=0.001, max_wait=0.01), **options}
        return super().open_store(url, model, asynchronous=asynchronous, **given)

    def opened(self, driver: Any) -> None:
        """Leave it as it is."""


def _inject_below(repository: Any) -> FaultyDriver:
    faulty = inject(repository)
    outer = faulty.inside
    lowest: Any = outer
    while isinstance(lowest.inner, CachedRecords):
        lowest = lowest.inner
    faulty.inside, lowest.inner = lowest.inner, faulty
    repository.engine.driver = outer
    return faulty
