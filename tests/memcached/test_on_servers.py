"""What every driver of a cache must do, on real servers in all the ways that they are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pymemcache.client.base import Client, PooledClient
from pymemcache.client.hash import HashClient

from holdall.cache_drivers import Added
from holdall.testing.caches import Cache, CacheConformance, new_key, new_keys
from tests.memcached.opened import PATIENT, opened, opened_on_loop
from tests.servers.private import PrivateServer

if TYPE_CHECKING:
    from collections.abc import Iterator


def server_of(address: str) -> tuple[str, int]:
    host, _, port = address.partition("://")[2].partition(":")
    return host, int(port)


@pytest.fixture(scope="module")
def second_address() -> Iterator[str]:
    with PrivateServer("memcached") as server:
        yield server.address


@pytest.fixture(scope="module")
def both(memcached_address: str, second_address: str) -> str:
    return f"{memcached_address},{second_address.partition('://')[2]}"


class TestOneServer(CacheConformance):
    @pytest.fixture
    def cache(self, memcached_address: str) -> Iterator[Cache]:
        with opened(memcached_address) as cache:
            yield cache


class TestTwoServers(CacheConformance):
    @pytest.fixture
    def cache(self, both: str) -> Iterator[Cache]:
        with opened(both) as cache:
            yield cache


class TestPoolOfTheCallers(CacheConformance):
    @pytest.fixture
    def cache(self, memcached_address: str) -> Iterator[Cache]:
        client = PooledClient(server_of(memcached_address), timeout=PATIENT, allow_unicode_keys=True)
        with opened("memcached://", client=client) as cache:
            yield cache
        client.close()


class TestHashOfTheCallers(CacheConformance):
    @pytest.fixture
    def cache(self, memcached_address: str, second_address: str) -> Iterator[Cache]:
        servers = [server_of(memcached_address), server_of(second_address)]
        client = HashClient(servers, use_pooling=True, timeout=PATIENT, allow_unicode_keys=True)
        with opened("memcached://", client=client) as cache:
            yield cache
        client.close()




class TestOnALoop(CacheConformance):
    @pytest.fixture
    def cache(self, memcached_address: str) -> Iterator[Cache]:
        with opened_on_loop(memcached_address) as cache:
            yield cache


def test_each_of_several_servers_has_its_part(both: str, memcached_address: str, second_address: str) -> None:
    keys = new_keys(200)
    with opened(both) as cache, opened(memcached_address) as one, opened(second_address) as other:
        cache.add(*(Added(key, b"V", 60) for key in keys))
        counts = [len([value for value in each.get(*keys) if value]) for each in (one, other)]
    assert sum(counts) == 200
    assert min(counts) > 60


def test_which_server_a_key_lies_on_follows_from_the_names_alone(both: str) -> None:
    first, second = both.partition("://")[2].split(",")
    keys = new_keys(50)
    with opened(both) as cache, opened(f"memcached://{second},{first}") as turned:
        cache.add(*(Added(key, b"V", 60) for key in keys))
        assert turned.get(*keys) == [b"V"] * 50


def test_the_client_is_there_for_what_else_is_wanted(both: str, memcached_address: str) -> None:
    with opened(memcached_address) as cache:
        assert cache.driver.native.version().startswith(b"1.")
    with opened(both) as cache:
        assert len(cache.driver.native) == 2
        assert all(pool.version().startswith(b"1.") for pool in cache.driver.native.values())


def test_a_client_of_the_callers_own_is_used_as_it_is_and_stays_open(memcached_address: str) -> None:
    client = Client(server_of(memcached_address), key_prefix=b"mine:")
    key = new_key()
    with opened("memcached://", client=client) as cache:
        cache.put(key, b"V")
        assert cache.driver.native is client
    assert client.sock is not None
    assert client.get(key) == b"V"
    client.close()
    with opened(memcached_address) as cache:
        assert cache.get(key, f"mine:{key}") == [None, b"V"]


def test_capabilities_are_those_of_memcached(memcached_address: str) -> None:
    with opened(memcached_address) as cache:
        capabilities = cache.driver.capabilities
    assert (capabilities.name, capabilities.shared, capabilities.replicas) == ("memcached", True, False)
    assert (capabilities.max_key_bytes, capabilities.max_value_bytes) == (250, 2**20 - 1024)
