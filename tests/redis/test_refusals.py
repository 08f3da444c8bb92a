"""What a server refuses, what it holds that is no cache's, and who may ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import redis

from holdall.cache_drivers import Added, CacheFailed, Drop, Release, Swap
from holdall.secret import Secret
from holdall.testing.caches import Cache, fence_of, new_key
from tests.redis.opened import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.private import PrivateServer

USES: list[Callable[[Cache, str, str], object]] = [
    lambda cache, key, other: cache.add(Added(key, b"V", 60)),
    lambda cache, key, other: cache.add(Added(key, b"V", 60), Added(other, b"V", 60)),
    lambda cache, key, other: cache.swap(Swap(key, b"V", b"W", 60)),
    lambda cache, key, other: cache.drop(Drop(key, b"V"), Drop(other, b"V")),
    lambda cache, key, other: cache.delete(key),
    lambda cache, key, other: cache.fence(key, other, fence=fence_of()),
    lambda cache, key, other: cache.release(Release(key), fence=fence_of()),
]


@pytest.fixture
def server(private_valkey: Callable[[], PrivateServer]) -> Iterator[tuple[Cache, Any]]:
    """Give a cache in a server of the test's own, and a client to change that server with."""
    own = private_valkey()
    with opened(own.address) as cache, redis.Redis(port=own.port) as client:
        yield cache, client


@pytest.fixture(params=["", "?cluster=true"], ids=["single", "cluster"])
def foreign(request: pytest.FixtureRequest, valkey_address: str, valkey_cluster_address: str) -> Iterator[Any]:
    """Give a cache, and a function that puts a list, which is none of a cache, under a new key."""
    address = valkey_cluster_address if request.param else valkey_address
    with opened(address + request.param) as cache:

        def put() -> str:
            key = new_key()
            cache.driver.native.rpush(key, "x")
            return key

        yield cache, put


def test_what_is_of_another_type_is_nothing_and_goes(foreign: Any) -> None:
    cache, put = foreign
    key = put()
    assert cache.at(key) is None
    assert cache.add(Added(key, b"V", 60)) == [True]


def test_among_several_what_is_of_another_type_is_nothing(foreign: Any) -> None:
    cache, put = foreign
    keys = [new_key(), put(), put()]
    cache.put(keys[0], b"V")
    assert cache.get(*keys) == [b"V", None, None]


def test_what_is_of_another_type_gives_way_to_a_fence(foreign: Any) -> None:
    cache, put = foreign
    key = put()
    cache.fence(key, fence=fence_of())
    assert cache.at(key) == b"F0" + fence_of().token + b"%d" % fence_of().until


def test_what_is_of_another_type_is_removed_by_a_release(foreign: Any) -> None:
    cache, put = foreign
    key = put()
    cache.release(Release(key, b"V", 60), fence=fence_of())
    assert cache.driver.native.exists(key) == 0


def test_what_is_of_another_type_begins_with_nothing(foreign: Any) -> None:
    cache, put = foreign
    key, other = put(), put()
    assert cache.swap(Swap(key, b"V", b"W", 60), Swap(other, b"", b"W", 60)) == [False, False]
    cache.drop(Drop(key, b"V"), Drop(other, b""))
    assert (cache.driver.native.type(key), cache.driver.native.type(other)) == (b"list", b"list")


@pytest.mark.parametrize("use", USES)
def test_a_user_who_may_only_read_can_change_nothing(valkey_address: str, use: Any) -> None:
    with opened(valkey_address, username="reader", password=Secret("reader-password")) as cache:
        assert cache.at(new_key()) is None
        with pytest.raises(CacheFailed, match="rights"):
            use(cache, new_key(), new_key())


@pytest.mark.parametrize("use", USES)
def test_a_user_who_may_not_use_some_commands_is_told_so(server: Any, use: Any) -> None:
    cache, client = server
    client.execute_command("ACL", "SETUSER", "default", "-set", "-getrange", "-del", "-get")
    with pytest.raises(CacheFailed, match=r"rights|refuses the command"):
        use(cache, "k", "l")


def test_a_user_reaches_only_keys_that_are_allowed(valkey_address: str) -> None:
    with opened(valkey_address, username="app", password=Secret("app-password")) as cache:
        key = f"holdall:{new_key()}"
        cache.put(key, b"V")
        assert cache.get(key, f"{key}x") == [b"V", None]
        assert cache.swap(Swap(key, b"V", b"W", 60)) == [True]
        for keys in ([new_key()], [key, new_key()]):
            with pytest.raises(CacheFailed, match="rights"):
                cache.get(*keys)
        with pytest.raises(CacheFailed, match="rights"):
            cache.add(Added(f"{key}y", b"V", 60), Added(new_key(), b"V", 60))


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("scheme", ["redis", "valkey"])
def test_a_wrong_password_lets_nobody_in(valkey_address: str, scheme: str, asynchronous: bool) -> None:
    address = valkey_address.replace("redis", scheme)
    with (
        opened(address, asynchronous=asynchronous, username="app", password=Secret("wrong")) as cache,
        pytest.raises(CacheFailed, match="check the username and the password"),
    ):
        cache.at(new_key())


def test_a_password_alone_is_of_the_default_user(server: Any) -> None:
    _, client = server
    client.execute_command("CONFIG", "SET", "requirepass", "p")
    address = f"redis://127.0.0.1:{client.connection_pool.connection_kwargs['port']}"
    with opened(address, password=Secret("p")) as cache:
        assert cache.at("k") is None
    with opened(address) as cache, pytest.raises(CacheFailed, match="check the username"):
        cache.at("k")


@pytest.mark.parametrize("use", USES)
def test_a_replica_takes_no_writes(server: Any, use: Any) -> None:
    cache, client = server
    client.execute_command("REPLICAOF", "127.0.0.1", "1")
    # Where it has nothing it can't remove anything either.
    if use in (USES[2], USES[3]):
        client.execute_command("REPLICAOF", "NO", "ONE")
        cache.put("k", b"V")
        cache.put("l", b"V")
        client.execute_command("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(CacheFailed, match="no writes"):
        use(cache, "k", "l")


def test_a_full_server_is_told_of(server: Any) -> None:
    cache, client = server
    client.execute_command("CONFIG", "SET", "maxmemory", "1")
    client.execute_command("CONFIG", "SET", "maxmemory-policy", "noeviction")
    for use in (USES[0], USES[1], USES[5]):
        with pytest.raises(CacheFailed, match="memory is full"):
            use(cache, "k", "l")
