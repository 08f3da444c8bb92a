"""The caches of the tests: as they are meant to be, and those of one test that it may pause and kill."""

from __future__ import annotations

import ssl
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import redis
from pymemcache.client.base import Client
from redis.cluster import RedisCluster

from .answering import answers_memcached, answers_redis, ask_redis
from .catalogue import ROOT, SERVERS
from .running import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .private import PrivateServer


@pytest.fixture
def connect() -> Iterator[Callable[..., Any]]:
    """Connect a client that waits for half a second, and tries once."""
    opened: list[Any] = []

    def client(address: str, **options: Any) -> Any:
        opened.append(redis.Redis.from_url(address, socket_timeout=0.5, retry=None, **options))
        return opened[-1]

    yield client
    for each in opened:
        each.close()


def test_valkey_knows_conditions_on_the_present_value(valkey_address: str, connect: Callable[..., Any]) -> None:
    client = connect(valkey_address)
    client.set("servers:a", "1", ex=60)
    assert client.execute_command("SET", "servers:a", "2", "IFEQ", "1") in (True, b"OK", "OK")
    assert client.execute_command("DELIFEQ", "servers:a", "2") == 1


def test_a_reader_of_valkey_may_not_write(valkey_address: str, connect: Callable[..., Any]) -> None:
    reader = connect(valkey_address, username="reader", password="reader-password")
    assert reader.get("servers:absent") is None
    with pytest.raises(redis.exceptions.NoPermissionError):
        reader.set("servers:a", "1")


def test_an_app_of_valkey_has_keys_of_its_own(valkey_address: str, connect: Callable[..., Any]) -> None:
    app = connect(valkey_address, username="app", password="app-password")
    assert app.set("shop:servers", "1", px=1000)
    assert app.set("holdall:servers", "1", px=1000)
    with pytest.raises(redis.exceptions.NoPermissionError):
        app.get("servers:a")


def test_a_cluster_serves_all_slots_and_has_a_replica(valkey_cluster_address: str) -> None:
    client: Any = RedisCluster.from_url(valkey_cluster_address)
    try:
        for number in range(30):
            client.set(f"servers:{number}", number, ex=60)
        assert [int(client.get(f"servers:{number}")) for number in range(30)] == list(range(30))
        assert sorted(node.server_type for node in client.get_nodes()) == ["primary", "primary", "primary", "replica"]
    finally:
        client.close()


def test_redis_is_reached_with_its_authority_only(redis_address: str, connect: Callable[..., Any]) -> None:
    parts = urlsplit(redis_address)
    bare, (authority,) = parts._replace(query="").geturl(), parse_qs(parts.query)["ca"]
    assert connect(bare, ssl_ca_certs=authority).ping()
    with pytest.raises((redis.exceptions.ConnectionError, ssl.SSLError), match="certificate verify failed"):
        connect(bare).ping()
    assert not answers_redis(bare.replace("rediss", "redis"))


def test_memcached_keeps_what_it_is_given(memcached_address: str) -> None:
    parts = urlsplit(memcached_address)
    client: Any = Client((parts.hostname, parts.port), default_noreply=False)
    try:
        client.set("servers-a", b"1", expire=60)
        value, token = client.gets("servers-a")
        assert (value, client.cas("servers-a", b"2", token)) == (b"1", True)
    finally:
        client.close()


def test_a_paused_server_answers_nothing_until_it_goes_on(
    private_valkey: Callable[[], PrivateServer], connect: Callable[..., Any]
) -> None:
    server = private_valkey()
    client = connect(server.address)
    client.set("a", "1")
    server.pause()
    with pytest.raises(redis.exceptions.TimeoutError):
        client.get("a")
    server.resume()
    assert client.get("a") == b"1"


def test_a_killed_server_comes_back_empty_on_its_port(
    private_valkey: Callable[[], PrivateServer], connect: Callable[..., Any]
) -> None:
    server = private_valkey()
    client, address = connect(server.address), server.address
    client.set("a", "1")
    server.pause()
    server.kill()
    with pytest.raises(redis.exceptions.ConnectionError):
        client.get("a")
    server.start()
    assert (server.address, client.get("a")) == (address, None)


def test_private_servers_are_apart_and_forget_on_demand(
    private_valkey: Callable[[], PrivateServer], connect: Callable[..., Any]
) -> None:
    servers = [private_valkey(), private_valkey()]
    first, second = (connect(server.address) for server in servers)
    first.set("a", "1")
    second.set("a", "2")
    servers[0].flush()
    assert (first.get("a"), second.get("a")) == (None, b"2")


def test_a_private_memcached_can_be_paused_flushed_and_stopped(private_memcached: Callable[[], PrivateServer]) -> None:
    server = private_memcached()
    client: Any = Client(("127.0.0.1", server.port), timeout=0.3, default_noreply=False)
    client.set("a", b"1")
    server.pause()
    with pytest.raises(OSError, match="timed out"):
        client.get("a")
    server.resume()
    assert client.get("a") == b"1"
    server.flush()
    assert client.get("a") is None
    client.close()
    server.stop()
    assert not answers_memcached(server.address)
    server.start()
    assert answers_memcached(server.address)


_KILLED = """
import os, signal
from tests.servers.private import PrivateServer
server = PrivateServer("valkey")
server.start()
print(server.address, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.server
def test_a_private_server_does_not_outlive_a_session_that_was_killed() -> None:
    done = subprocess.run([sys.executable, "-c", _KILLED], stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    deadline = time.monotonic() + 5
    while answers_redis(done.stdout.strip()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert done.stdout.startswith("redis://")


@pytest.mark.server
def test_all_nodes_of_a_cluster_end_with_it(tmp_path: Path) -> None:
    session, server = Session(tmp_path), SERVERS["valkey-cluster"]
    nodes = ask_redis(session.start(server), "CLUSTER NODES").splitlines()
    addresses = [f"redis://{line.split()[1].partition('@')[0]}" for line in nodes]
    assert [answers_redis(address) for address in addresses] == [True] * 4
    session.stop(server)
    assert [answers_redis(address) for address in addresses] == [False] * 4
