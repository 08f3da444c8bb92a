"""What every cache must do: by both packages, both ways to wait, and on all kinds of servers, each with some other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from holdall.testing.caches import Cache, CacheConformance
from tests.redis.opened import opened

if TYPE_CHECKING:
    from collections.abc import Iterator


class TestValkey(CacheConformance):
    @pytest.fixture
    def cache(self, valkey_address: str) -> Iterator[Cache]:
        with opened(valkey_address) as cache:
            yield cache


class TestValkeyAwaited(CacheConformance):
    @pytest.fixture
    def cache(self, valkey_address: str) -> Iterator[Cache]:
        with opened(valkey_address, asynchronous=True) as cache:
            yield cache


class TestRedisByValkeyPy(CacheConformance):
    @pytest.fixture
    def cache(self, redis_address: str) -> Iterator[Cache]:
        with opened(redis_address.replace("rediss://", "valkeys://")) as cache:
            yield cache


class TestCluster(CacheConformance):
    @pytest.fixture
    def cache(self, valkey_cluster_address: str) -> Iterator[Cache]:
        with opened(f"{valkey_cluster_address}?cluster=true") as cache:
            yield cache


class TestClusterByValkeyPyAwaited(CacheConformance):
    @pytest.fixture
    def cache(self, valkey_cluster_address: str) -> Iterator[Cache]:
        with opened(f"{valkey_cluster_address.replace('redis', 'valkey')}?cluster=true", asynchronous=True) as cache:
            yield cache
