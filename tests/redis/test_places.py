"""Replicas that answer reads, and servers that are checked."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
import redis

from holdall.cache_drivers import CacheFailed
from holdall.errors import ConfigError
from holdall.testing.caches import new_keys, together
from holdall_adapters.redis.tls import context_of
from tests.redis.opened import driver_of, opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("query", ["", "&cluster=true"])
def test_authorities_that_cannot_be_read_are_told_of_when_the_cache_is_opened(
    tmp_path: Path, asynchronous: bool, query: str
) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for name in ("empty.pem", "missing.pem"):
        with pytest.raises(ConfigError, match=name):
            driver_of(f"rediss://localhost?ca={tmp_path / name}{query}", asynchronous=asynchronous)


@every_way
def test_connections_share_one_context_that_checks_the_server_and_its_name(
    redis_address: str, scheme: str, asynchronous: bool
) -> None:
    address = redis_address.replace("redis", scheme, 1)
    made: list[int] = []
    count = ssl.create_default_context
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", lambda **given: made.append(1) or count(**given))
        context_of.cache_clear()
        with opened(address, asynchronous=asynchronous) as cache:
            keys = new_keys(8)
            assert together(8, lambda n: cache.at(keys[n])) == [None] * 8
    # Versions of redis-py before 5.1 have no place for it.
    assert len(made) == 1 or not hasattr(redis.SSLConnection, "_wrap_socket_with_ssl")
    context = context_of(redis_address.partition("?ca=")[2])
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
