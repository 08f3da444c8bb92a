"""What every cache must do, by both packages, both ways to wait, and on all kinds of servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.redis.opened import opened
from tests.unit.cache_battery import Cache, CacheBattery

if TYPE_CHECKING:
    from collections.abc import Iterator


class TestValkey(CacheBattery):
    @pytest.fixture
    def cache(self, valkey_address: str) -> Iterator[Cache]:
        with opened(valkey_address) as cache:
            yield cache


class TestValkeyAwaited(CacheBattery):
    @pytest.fixture
    def cache(self, valkey_address: str) -> Iterator[Cache]:
        with opened(valkey_address, asynchronous=True) as cache:
            yield cache


class TestRedisByValkeyPy(CacheBattery):
    @pytest.fixture
    def cache(self, redis_address: str) -> Iterator[Cache]:
        with opened(redis_address.replace("rediss://", "valkeys://")) as cache:
            yield cache


class TestRedisByValkeyPyAwaited(CacheBattery):
    @pytest.fixture
    def cache(self, redis_address: str) -> Iterator[Cache]:
        with opened(redis_address.replace("rediss://", "valkeys://"), asynchronous=True) as cache:
            yield cache


class TestCluster(CacheBattery):
    @pytest.fixture
    def cache(self, valkey_cluster_address: str) -> Iterator[Cache]:
        with opened(f"{valkey_cluster_address}?cluster=true") as cache:
            yield cache


class TestClusterAwaited(CacheBattery):
    @pytest.fixture
    def cache(self, valkey_cluster_address: str) -> Iterator[Cache]:
        with opened(f"{valkey_cluster_address}?cluster=true", asynchronous=True) as cache:
            yield cache


class TestClusterByValkeyPy(CacheBattery):
    @pytest.fixture
    def cache(self, valkey_cluster_address: str) -> Iterator[Cache]:
        with opened(f"{valkey_cluster_address.replace('redis', 'valkey')}?cluster=true") as cache:
            yield cache


class TestClusterByValkeyPyAwaited(CacheBattery):
    @pytest.fixture
    def cache(self, valkey_cluster_address: str) -> Iterator[Cache]:
        with opened(f"{valkey_cluster_address.replace('redis', 'valkey')}?cluster=true", asynchronous=True) as cache:
            yield cache
