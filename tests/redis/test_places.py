"""Replicas that answer reads, and servers that are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from holdall.cache_drivers import CacheFailed
from tests.redis.opened import opened
from tests.unit.cache_battery import new_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.private import PrivateServer

WAYS = [(scheme, asynchronous) for scheme in ("redis", "valkey") for asynchronous in (False, True)]
every_way = pytest.mark.parametrize(("scheme", "asynchronous"), WAYS)


@every_way
def test_the_reader_answers_reads_that_need_not_know_of_the_last_change(
    private_valkey: Callable[[], PrivateServer], scheme: str, asynchronous: bool
) -> None:
    one, other = private_valkey(), private_valkey()
    with opened(f"redis://127.0.0.1:{other.port}") as cache:
        cache.put("k", b"Vold")
    url = f"{scheme}://127.0.0.1:{one.port}?read_from=replica&replica=127.0.0.1:{other.port}"
    with opened(url, asynchronous=asynchronous) as cache:
        cache.put("k", b"Vnew")
        assert cache.at("k") == b"Vnew"
        assert list(cache._run(cache.driver.get(["k"], primary=False))) == [b"Vold"]
        assert list(cache._run(cache.driver.get(["k", "l"], primary=False))) == [b"Vold", None]


@every_way
def test_replicas_of_a_cluster_answer_reads_that_need_not_know_of_the_last_change(
    valkey_cluster_address: str, scheme: str, asynchronous: bool
) -> None:
    url = f"{valkey_cluster_address.replace('redis', scheme)}?cluster=true&read_from=replica"
    keys = new_keys(40)
    with opened(valkey_cluster_address + "?cluster=true") as other:
        (replica,) = other.driver.native.get_replicas()

        def asked() -> int:
            stats = replica.redis_connection.info("commandstats")
            return int(stats["cmdstat_get"]["calls"]) if "cmdstat_get" in stats else 0

        with opened(url, asynchronous=asynchronous) as cache:
            for key in keys:
                cache.put(key, b"V")
            other.driver.native.wait(1, 5000, target_nodes=other.driver.native.get_primaries()[0])
            before = asked()
            assert [cache.at(key) for key in keys] == [b"V"] * 40
            assert cache.get(*keys) == [b"V"] * 40
            found = [cache._run(cache.driver.get([key], primary=False))[0] for key in keys]
            assert set(found) <= {b"V", None}
            assert asked() > before


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("scheme", ["rediss", "valkeys"])
@pytest.mark.parametrize("change", [("localhost", "127.1"), ("?ca=", "?prefix=")])
def test_a_server_that_is_not_the_one_that_is_meant_is_told_nothing(
    redis_address: str, scheme: str, asynchronous: bool, change: tuple[str, str]
) -> None:
    address = redis_address.replace("rediss", scheme, 1).replace(*change)
    with (
        opened(address, asynchronous=asynchronous) as cache,
        pytest.raises(CacheFailed, match="the connection failed"),
    ):
        cache.at("k")


# Older versions of the packages forget a socket here.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("asynchronous", [False, True])
def test_authorities_that_are_not_there_fail_the_call(redis_address: str, asynchronous: bool) -> None:
    address = redis_address.partition("?")[0]
    with opened(f"{address}?ca=/nowhere.pem", asynchronous=asynchronous) as cache, pytest.raises(CacheFailed):
        cache.at("k")
