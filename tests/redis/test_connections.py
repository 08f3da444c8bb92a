"""Connections: shared, stale, slow, cut and cancelled."""

from __future__ import annotations

import asyncio
import gc
import secrets
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import redis
import valkey

import holdall
from holdall.cache_drivers import Added, CacheFailed, Swap
from holdall.io import run_blocking
from holdall.secret import Secret
from holdall.testing.caches import fence_of, new_key, new_keys, together
from tests.redis.opened import LONG, driver_of, opened
from tests.servers.answering import ask_redis
from tests.servers.ports import free_ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.private import PrivateServer

SCHEMES = ("redis", "valkey")
WAYS = [(scheme, asynchronous) for scheme in SCHEMES for asynchronous in (False, True)]
OF_FIXTURES = {"cmdstat_ping", "cmdstat_config|get"}
"""What the server is asked before the test begins."""
leaving = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore:unclosed:ResourceWarning"
)
every_way = pytest.mark.parametrize(("scheme", "asynchronous"), WAYS)


@pytest.fixture
def collected() -> Iterator[None]:
    """Have what a test left open reported with it, and not with another."""
    yield
    for _ in range(3):
        gc.collect()


def by(scheme: str, address: str) -> str:
    return address.replace("redis", scheme, 1)


def test_nothing_is_sent_before_the_first_call() -> None:
    with opened(f"redis://127.0.0.1:{free_ports(1)[0]}") as cache:
        assert isinstance(cache.driver.native, redis.Redis)


@every_way
def test_a_server_that_is_not_there_fails_at_once(scheme: str, asynchronous: bool) -> None:
    with (
        opened(f"{scheme}://127.0.0.1:{free_ports(1)[0]}", asynchronous=asynchronous) as cache,
        pytest.raises(CacheFailed, match="the connection failed"),
    ):
        cache.at("k")


def test_a_cluster_that_is_not_there_fails_at_once() -> None:
    for asynchronous in (False, True):
        with (
            opened(f"redis://127.0.0.1:{free_ports(1)[0]}?cluster=true", asynchronous=asynchronous) as cache,
            pytest.raises(CacheFailed, match=r"the connection failed|the cluster is not whole"),
        ):
            cache.at("k")


@every_way
def test_a_connection_costs_no_round_trip_but_its_own(
    private_valkey: Callable[[], PrivateServer], scheme: str, asynchronous: bool
) -> None:
    server = private_valkey()
    with opened(by(scheme, server.address), asynchronous=asynchronous) as cache:
        cache.at("k")
    lines = ask_redis(server.address, "INFO commandstats").splitlines()[1:]
    assert {line.partition(":")[0] for line in lines} - OF_FIXTURES == {"cmdstat_get"}


def test_threads_share_a_client_and_wait_for_its_connections(valkey_address: str) -> None:
    with opened(f"{valkey_address}?max_connections=2") as cache:
        keys = new_keys(16)
        assert together(16, lambda n: cache.add(Added(keys[n], b"V%d" % n, 60))) == [[True]] * 16
        assert together(16, lambda n: [cache.at(keys[n]) for _ in range(20)][-1]) == [b"V%d" % n for n in range(16)]
        assert len(cache.driver.native.connection_pool._connections) <= 2


@every_way
def test_a_client_whose_connections_are_all_in_use_says_so(
    private_valkey: Callable[[], PrivateServer], scheme: str, asynchronous: bool
) -> None:
    server = private_valkey()
    with opened(f"{by(scheme, server.address)}?max_connections=1", asynchronous=asynchronous, timeout=0.3) as cache:
        cache.put("k", b"V")
        server.pause()

        def use(number: int) -> str:
            time.sleep(0.1 * number)
            with pytest.raises(CacheFailed) as caught:
                cache.at("k")
            return str(caught.value)

        start = time.perf_counter()
        said = together(2, use)
        assert time.perf_counter() - start < 1
        server.resume()
    assert "in time" in said[0]
    # The one that waits may get the connection just before its own time is over.
    assert "max_connections" in said[1] or "in time" in said[1]


def test_tasks_share_a_client_and_wait_for_its_connections(valkey_address: str) -> None:
    async def use() -> None:
        driver = driver_of(f"{valkey_address}?max_connections=2", asynchronous=True)
        keys = new_keys(16)
        await asyncio.gather(*(driver.add([Added(key, key.encode(), 60)]) for key in keys))
        found = await asyncio.gather(*(driver.get([key], primary=False) for key in keys))
        assert [list(one) for one in found] == [[key.encode()] for key in keys]
        await driver.close()

    asyncio.run(use())


# Older versions of redis-py forget connections to a cluster here.
@leaving
@pytest.mark.parametrize("query", ["", "?cluster=true"])
def test_several_loops_one_after_another_have_a_client_each(
    valkey_address: str, valkey_cluster_address: str, query: str, collected: None
) -> None:
    driver = driver_of((valkey_cluster_address if query else valkey_address) + query, asynchronous=True)
    key, clients = new_key(), []

    async def use(number: int) -> None:
        await driver.add([Added(key, b"V", 60)])
        assert await driver.get([key], primary=True) in ((b"V",), [b"V"])
        clients.append(driver.native)
        if number != 1:
            await driver.close()

    asyncio.run(use(0))
    asyncio.run(use(2))
    assert len(set(map(id, clients))) == 2


# What a loop leaves open when it is closed is reported when it is collected.
@leaving
def test_what_a_closed_loop_left_open_harms_no_other(valkey_address: str, collected: None) -> None:
    driver = driver_of(valkey_address, asynchronous=True)

    async def use() -> None:
        assert list(await driver.get(["k", "l"], primary=True)) == [None, None]

    for _ in range(3):
        asyncio.run(use())
    asyncio.run(driver.close())


def test_the_asynchronous_client_is_asked_for_on_a_loop(valkey_address: str) -> None:
    with pytest.raises(holdall.Unsupported, match="event loop"):
        _ = driver_of(valkey_address, asynchronous=True).native


@every_way
def test_scripts_that_the_server_has_forgotten_are_told_to_it_again(
    private_valkey: Callable[[], PrivateServer], scheme: str, asynchronous: bool
) -> None:
    server = private_valkey()
    with opened(by(scheme, server.address), asynchronous=asynchronous) as cache, redis.Redis(port=server.port) as other:
        for count in (1, 3):
            keys = new_keys(count)
            cache.add(*(Added(key, b"L", 60) for key in keys))
            other.script_flush()
            assert cache.swap(*(Swap(key, b"L", b"V", 60) for key in keys)) == [True] * count
            other.script_flush()
            cache.fence(*keys, fence=fence_of())
            assert cache.get(*keys) == [b"F0" + fence_of().token + b"%d" % fence_of().until] * count


@every_way
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_connection_to_a_server_that_was_started_anew_is_replaced(
    private_valkey: Callable[[], PrivateServer], scheme: str, asynchronous: bool, how: str
) -> None:
    server = private_valkey()
    with opened(by(scheme, server.address), asynchronous=asynchronous) as cache:
        cache.put("k", b"V")
        for use in (lambda: cache.at("k"), lambda: cache.get("k", "l")[0], lambda: cache.swap(Swap("k", b"V", b"W", 9),
                    Swap("l", b"V", b"W", 9)) and None):  # fmt: skip
            getattr(server, how)()
            server.start()
            assert use() is None


@every_way
def test_connections_that_the_server_has_cut_are_replaced(
    private_valkey: Callable[[], PrivateServer], scheme: str, asynchronous: bool
) -> None:
    server = private_valkey()
    with opened(by(scheme, server.address), asynchronous=asynchronous) as cache, redis.Redis(port=server.port) as other:
        cache.put("k", b"V")
        for _ in range(5):
            other.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            assert cache.at("k") == b"V"


@pytest.fixture
def cluster_user(valkey_cluster_address: str) -> Iterator[tuple[str, Callable[..., object]]]:
    """Give a user of the test's own, whose password is the name, and what sends a command to each node."""
    name = f"user-{secrets.token_hex(4)}"
    with redis.RedisCluster.from_url(valkey_cluster_address) as client:

        def each(*command: str) -> None:
            for node in client.get_nodes():
                node.redis_connection.execute_command(*command)

        each("ACL", "SETUSER", name, "on", f">{name}", "~*", "+@all")
        yield name, each
        each("ACL", "DELUSER", name)


# Here, too.
@leaving
@every_way
def test_connections_that_a_cluster_has_cut_are_replaced(
    valkey_cluster_address: str,
    cluster_user: tuple[str, Callable[..., object]],
    scheme: str,
    asynchronous: bool,
    collected: None,
) -> None:
    (name, each), keys = cluster_user, new_keys(9)
    url = f"{by(scheme, valkey_cluster_address)}?cluster=true"
    with opened(url, asynchronous=asynchronous, username=name, password=Secret(name)) as cache:
        for key in keys:
            cache.put(key, b"V")
        each("CLIENT", "KILL", "USER", name)
        assert [cache.at(key) for key in keys] == [b"V"] * 9
        each("CLIENT", "KILL", "USER", name)
        assert cache.get(*keys) == [b"V"] * 9


class Resetting:
    """A server that knows one answer to each command, and resets a connection at its second request."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.accepted = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.accepted += 1
            commands = connection.recv(65536).count(b"\r\n$3\r\n")
            connection.sendall(b"+OK\r\n" * commands)
            # The next request arrives, and is answered by a reset, as after a sleep in which the server forgot.
            connection.recv(1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()


@every_way
def test_a_connection_that_is_reset_when_it_is_used_again_is_replaced_once(scheme: str, asynchronous: bool) -> None:
    server = Resetting()
    with opened(f"{scheme}://{server.url}", asynchronous=asynchronous) as cache:
        assert cache.at("k") == b"OK"
        assert cache.at("k") == b"OK"
        cache.delete("k")
        assert cache.add(Added("k", b"V", 60), Added("l", b"V", 60)) == [True, True]
    assert server.accepted == 4
    server.close()


@every_way
def test_a_server_that_takes_too_long_is_given_up_in_time_and_asked_once(
    private_valkey: Callable[[], PrivateServer], scheme: str, asynchronous: bool
) -> None:
    server = private_valkey()
    with opened(by(scheme, server.address), asynchronous=asynchronous, timeout=0.05) as cache:
        cache.put("k", b"V")
        for use in (lambda: cache.at("k"), lambda: cache.get("k", "l"), lambda: cache.delete("k"),
                    lambda: cache.fence("k", "l", fence=fence_of())):  # fmt: skip
            server.pause()
            start = time.perf_counter()
            with pytest.raises(CacheFailed, match="in time"):
                use()
            assert 0.045 < time.perf_counter() - start < 1
            server.resume()


@every_way
def test_an_answer_that_comes_too_late_is_nobodys(
    private_valkey: Callable[[], PrivateServer], scheme: str, asynchronous: bool
) -> None:
    server = private_valkey()
    with opened(by(scheme, server.address), asynchronous=asynchronous, timeout=0.2) as cache:
        cache.put("late", b"Vlate")
        cache.put("k", b"V")
        server.pause()
        with pytest.raises(CacheFailed):
            cache.at("late")
        server.resume()
        assert [cache.at("k") for _ in range(3)] == [b"V"] * 3
        assert cache.get("k", "late") == [b"V", b"Vlate"]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("several", [False, True])
def test_the_answer_to_a_cancelled_task_is_nobodys(
    private_valkey: Callable[[], PrivateServer], scheme: str, several: bool
) -> None:
    server = private_valkey()

    async def use() -> None:
        driver = driver_of(by(scheme, server.address), asynchronous=True)
        assert list(await driver.add([Added("late", b"Vlate", 60), Added("k", b"V", 60)])) == [True, True]
        server.pause()
        work: Any = driver.add([Added("new", b"V", 60), Added("other", b"V", 60)]) if several else driver.get(
            ["late"], primary=True)  # fmt: skip
        task = asyncio.ensure_future(work)
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        server.resume()
        for _ in range(3):
            assert list(await driver.get(["k"], primary=True)) == [b"V"]
        assert list(await driver.get(["k", "late"], primary=True)) == [b"V", b"Vlate"]
        await driver.close()

    asyncio.run(use())


def test_the_callers_deadline_is_kept_before_the_caches_own_time(
    private_valkey: Callable[[], PrivateServer],
) -> None:
    server = private_valkey()

    async def use() -> None:
        driver = driver_of(server.address, asynchronous=True)
        await driver.add([Added("k", b"V", 60)])
        server.pause()
        start = time.perf_counter()
        with holdall.deadline(0.1), pytest.raises(CacheFailed, match="in time"):
            await driver.get(["k"], primary=True)
        assert time.perf_counter() - start < LONG / 2
        server.resume()
        assert list(await driver.get(["k"], primary=True)) == [b"V"]
        await driver.close()

    asyncio.run(use())


def test_a_client_of_the_callers_own_is_used_as_it_is_and_stays_open(valkey_address: str) -> None:
    key = new_key()
    for own in (redis.Redis.from_url(valkey_address), valkey.Valkey.from_url(valkey_address)):
        with opened("redis://elsewhere.invalid", client=own) as cache:
            cache.put(key, b"V")
            assert cache.at(key) == b"V"
            assert cache.driver.native is own
        assert own.get(key) == b"V"
        own.close()


def test_a_cluster_client_of_the_callers_own_is_known_as_one(valkey_cluster_address: str) -> None:
    keys = new_keys(9)
    with (
        redis.RedisCluster.from_url(valkey_cluster_address) as own,
        opened("redis://elsewhere.invalid", client=own) as cache,
    ):
        assert all(cache.add(*(Added(key, b"V", 60) for key in keys)))
        assert cache.get(*keys) == [b"V"] * 9


def test_an_asynchronous_client_of_the_callers_own_is_used_as_it_is(valkey_address: str) -> None:
    async def use() -> None:
        own = redis.asyncio.Redis.from_url(valkey_address)
        driver = driver_of("redis://elsewhere.invalid", asynchronous=True, client=own)
        assert list(await driver.get([new_key()], primary=True)) == [None]
        await driver.close()
        assert await own.ping()
        await own.connection_pool.disconnect()

    asyncio.run(use())


@pytest.mark.parametrize(("client", "asynchronous", "words"), [
    (object(), False, "of redis-py or valkey-py; got a object"),
    (redis.Redis(), True, "of redis.asyncio or valkey.asyncio"),
    (redis.asyncio.Redis(), False, "of redis or valkey, not of their asyncio"),
    (valkey.asyncio.Valkey(), False, "not of their asyncio"),
    (redis.Redis(decode_responses=True), False, "decode_responses"),
    (valkey.Valkey(decode_responses=True), False, "decode_responses"),
    (redis.asyncio.Redis(decode_responses=True), True, "decode_responses"),
])  # fmt: skip
def test_a_client_of_another_kind_is_refused(client: object, asynchronous: bool, words: str) -> None:
    with pytest.raises(holdall.InvalidArgument, match=words):
        driver_of("redis://127.0.0.1", client=client, asynchronous=asynchronous)


def test_a_driver_that_was_closed_opens_again(valkey_address: str) -> None:
    driver = driver_of(valkey_address)
    for _ in range(2):
        assert list(run_blocking(driver.get([new_key()], primary=True))) == [None]
        run_blocking(driver.close())
