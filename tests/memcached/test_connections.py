"""Connections: late servers, dead servers, what was closed meanwhile, threads, forks and TLS."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import trustme
from pymemcache.client.base import Client
from pymemcache.exceptions import MemcacheUnexpectedCloseError

from holdall.cache_drivers import Added, CacheFailed, Drop, Release, Swap
from holdall.testing.caches import Cache, fence_of, new_key, new_keys, together
from holdall_adapters.memcached import client as clients
from tests.memcached.opened import opened, opened_on_loop
from tests.servers.catalogue import SERVERS
from tests.servers.installing import install
from tests.servers.ports import free_ports
from tests.servers.private import PrivateServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OPERATIONS: list[Callable[[Cache], object]] = [
    lambda cache: cache.get("k"),
    lambda cache: cache.add(Added("k", b"V", 60)),
    lambda cache: cache.swap(Swap("k", b"V", b"V", 60)),
    lambda cache: cache.drop(Drop("k", b"L")),
    lambda cache: cache.delete("k"),
    lambda cache: cache.fence("k", fence=fence_of()),
    lambda cache: cache.release(Release("k"), fence=fence_of()),
]
NAMES = ["get", "add", "swap", "drop", "delete", "fence", "release"]
operations = pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateServer]:
    with PrivateServer("memcached") as server:
        yield server


def connections(server: PrivateServer) -> int:
    """Return how many connections the server has accepted, this question's among them."""
    return int(statistic(server.address, "total_connections"))


def statistic(address: str, name: str) -> str:
    host, port = address.partition("://")[2].split(":")
    with socket.create_connection((host, int(port)), 5) as plain, plain.makefile("rb") as lines:
        plain.sendall(b"stats\r\n")
        for line in iter(lines.readline, b"END\r\n"):
            words = line.decode().split()
            if words[1] == name:
                return words[2]
    raise LookupError(name)


def test_nothing_is_sent_when_a_cache_is_opened() -> None:
    with opened("memcached://no-such-host.invalid:1"), opened("memcacheds://no-such-host.invalid:1"):
        pass


@operations
def test_a_server_that_does_not_answer_is_waited_for_no_longer_than_is_said(
    server: PrivateServer, operation: Callable[[Cache], object]
) -> None:
    with opened(server.address, timeout=0.05) as cache:
        settled(cache, operation)
        server.pause()
        try:
            waits = [waited(cache, operation) for _ in range(4)]
        finally:
            server.resume()
        # The least, since the machine may be busy.
        assert 0.045 <= min(waits) < 0.2
        settled(cache, operation)


def waited(cache: Cache, operation: Callable[[Cache], object]) -> float:
    """Return how long an operation takes to fail."""
    start = time.monotonic()
    with pytest.raises(CacheFailed, match="did not answer in time"):
        operation(cache)
    return time.monotonic() - start


def settled(cache: Cache, operation: Callable[[Cache], object]) -> None:
    """Do an operation, on a machine that may be busy."""
    for _ in range(50):
        try:
            operation(cache)
        except CacheFailed:
            continue
        return
    operation(cache)


@operations
def test_a_server_that_was_started_anew_is_used_at_the_next_call(
    server: PrivateServer, operation: Callable[[Cache], object]
) -> None:
    with opened(server.address) as cache:
        # Several connections are kept, all of which the server then closes.
        together(8, lambda n: cache.get("k"))
        server.kill()
        server.start()
        for _ in range(8):
            operation(cache)


@operations
def test_a_server_that_is_down_is_a_failure_until_it_is_up_again(operation: Callable[[Cache], object]) -> None:
    with PrivateServer("memcached") as server, opened(server.address) as cache:
        operation(cache)
        server.kill()
        for _ in range(3):
            with pytest.raises(CacheFailed, match="memcached failed"):
                operation(cache)
        server.start()
        operation(cache)


def test_the_keys_of_a_server_that_is_down_go_to_no_other() -> None:
    with ExitStack() as stack:
        one, other = (stack.enter_context(PrivateServer("memcached")) for _ in range(2))
        cache = stack.enter_context(opened(f"{one.address},{other.address.partition('://')[2]}"))
        keys = new_keys(40)
        cache.add(*(Added(key, b"V", 60) for key in keys))
        with opened(other.address) as alone:
            elsewhere = [key for key, there in zip(keys, alone.get(*keys), strict=True) if there]
        other.kill()
        for _ in range(3):
            for key in elsewhere:
                with pytest.raises(CacheFailed):
                    cache.add(Added(key, b"V", 60))
        with pytest.raises(CacheFailed):
            cache.get(*keys)
        here = [key for key in keys if key not in elsewhere]
        assert cache.get(*here) == [b"V"] * len(here)
        other.start()
        assert cache.get(*keys) == [None if key in elsewhere else b"V" for key in keys]


def test_connections_are_kept(server: PrivateServer) -> None:
    with opened(server.address) as cache:
        before = connections(server)
        for key in new_keys(20):
            cache.put(key, b"V")
            cache.fence(key, fence=fence_of())
        assert connections(server) - before == 2


def test_a_connection_that_nobody_has_used_for_minutes_is_not_used_again(
    server: PrivateServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [time.time()]
    monkeypatch.setattr("pymemcache.pool.time", SimpleNamespace(time=lambda: now[0]))
    with opened(server.address) as cache:
        cache.get("k")
        before = connections(server)
        now[0] += clients._IDLE_SECONDS - 1
        cache.get("k")
        assert connections(server) - before == 1
        now[0] += clients._IDLE_SECONDS + 1
        cache.get("k")
        assert connections(server) - before == 3


def test_a_failure_leaves_no_answer_for_the_next_call(server: PrivateServer) -> None:
    a, b = new_keys(2)
    with opened(server.address, timeout=0.05) as cache:
        settled(cache, lambda cache: (cache.put(a, b"Va"), cache.put(b, b"Vb")))
        server.pause()
        with pytest.raises(CacheFailed):
            cache.get(a)
        server.resume()
        time.sleep(0.05)
        settled(cache, lambda cache: cache.get(b))
        assert cache.at(b) == b"Vb"


@contextmanager
def losing_one_answer(name: str) -> Iterator[None]:
    """Have a connection that was used before do a command and then end, once."""
    command = getattr(Client, name)
    with pytest.MonkeyPatch.context() as patch:

        def lost(connection: Client, *args: object, **kwargs: object) -> object:
            used = connection.sock is not None
            answer = command(connection, *args, **kwargs)
            if not used:
                return answer
            patch.undo()
            connection.close()
            raise MemcacheUnexpectedCloseError

        patch.setattr(Client, name, lost)
        yield
        assert getattr(Client, name) is command


def test_after_a_lost_answer_a_change_that_was_made_does_no_harm(memcached_address: str) -> None:
    with opened(memcached_address) as cache:
        cache.get("k")
        added, swapped, dropped, first, second = new_keys(5)
        with losing_one_answer("add"):
            assert cache.add(Added(added, b"Ltoken", 60)) == [False]
        assert cache.at(added) == b"Ltoken"
        cache.put(swapped, b"Ltoken")
        with losing_one_answer("cas"):
            assert cache.swap(Swap(swapped, b"L", b"V", 60)) == [False]
        assert cache.at(swapped) == b"V"
        cache.put(dropped, b"Ltoken")
        with losing_one_answer("cas"):
            cache.drop(Drop(dropped, b"L"))
        assert cache.at(dropped) is None
        with losing_one_answer("add"):
            cache.fence(first, fence=fence_of())
        cache.release(Release(first, b"V", 60), fence=fence_of())
        assert cache.at(first) is None
        cache.fence(second, fence=fence_of())
        with losing_one_answer("cas"):
            cache.release(Release(second, b"V", 60), fence=fence_of())
        assert cache.at(second) is None


def test_a_new_connection_that_is_closed_at_once_is_not_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as stack:
        cache = stack.enter_context(opened(f"memcached://127.0.0.1:{listener.getsockname()[1]}"))
        accepted: list[int] = []

        def serve() -> None:
            listener.settimeout(1)
            while True:
                try:
                    listener.accept()[0].close()
                except TimeoutError:
                    return
                accepted.append(1)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(CacheFailed, match="closed the connection"):
            cache.get("k")
        thread.join()
        assert len(accepted) == 1


def test_threads_share_a_cache(memcached_address: str) -> None:
    with opened(memcached_address) as cache:

        def work(number: int) -> None:
            for turn in range(50):
                key = f"{prefix}:{number}:{turn}"
                cache.put(key, key.encode())
                assert cache.get(key, f"{prefix}:{number}:{turn - 1}") == [key.encode(), previous(number, turn)]

        def previous(number: int, turn: int) -> bytes | None:
            return f"{prefix}:{number}:{turn - 1}".encode() if turn else None

        prefix = new_key()
        together(16, work)


def test_an_operation_on_a_loop_is_one_thread_however_many_commands(memcached_address: str) -> None:
    names: set[str] = set()
    with opened_on_loop(memcached_address) as cache:
        native = cache.driver.native
        make = native._create_client

        def seen() -> object:
            names.add(threading.current_thread().name)
            return make()

        native.client_pool._obj_creator = seen
        keys = new_keys(100)
        cache.fence(*keys, fence=fence_of())
        cache.release(*(Release(key, b"V", 60) for key in keys), fence=fence_of())
        assert cache.get(*keys) == [b"V"] * 100
    assert len(names) == 1
    assert threading.main_thread().name not in names


def test_what_was_closed_connects_anew(memcached_address: str) -> None:
    with opened(memcached_address) as cache:
        cache.get("k")
    assert cache.get(new_key()) == [None]
    cache.driver.native.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_fork_makes_its_own_connections_and_leaves_the_parents_alone(memcached_address: str) -> None:
    a, b = new_keys(2)
    with opened(memcached_address) as cache:
        cache.put(a, b"Va")
        with cache.driver.native.client_pool._lock:  # as another thread may, that the child does not have
            child = os.fork()
            if not child:
                os._exit(0 if cache.at(a) == b"Va" and cache.add(Added(b, b"Vb", 60)) == [True] else 1)
        for _ in range(200):
            assert cache.at(a) == b"Va"
        assert os.waitpid(child, 0)[1] == 0
        assert cache.at(b) == b"Vb"


@contextmanager
def tls_server(issued: trustme.LeafCert, folder: Path) -> Iterator[int]:
    """Give the port of a memcached that speaks TLS."""
    known = SERVERS["memcached"]
    (port,) = free_ports(1)
    chain, key = folder / "chain.pem", folder / "key.pem"
    issued.cert_chain_pems[0].write_to_path(chain)
    issued.private_key_pem.write_to_path(key)
    command = [*known.command(install(known), port), "-Z", "-o", f"ssl_chain_cert={chain},ssl_key={key}"]
    # It reads the files before it becomes another user.
    process = subprocess.Popen(command, env={**os.environ, **known.environment(port)}, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca(authority: trustme.CA, tmp_path: Path) -> Path:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return tmp_path / "ca.pem"


def until_up(cache: Cache) -> None:
    """Wait until a server that is being started takes connections."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            cache.get("k")
        except CacheFailed as failed:
            if not isinstance(failed.__cause__, ConnectionRefusedError):
                return
        else:
            return
        time.sleep(0.02)


@pytest.mark.parametrize("on_loop", [False, True])
def test_tls_is_spoken(authority: trustme.CA, ca: Path, tmp_path: Path, on_loop: bool) -> None:
    with ExitStack() as stack:
        port = stack.enter_context(tls_server(authority.issue_cert("127.0.0.1"), tmp_path))
        way = opened_on_loop if on_loop else opened
        cache = stack.enter_context(way(f"memcacheds://127.0.0.1:{port}?ca={ca}", connect_timeout=10.0))
        until_up(cache)
        key = new_key()
        cache.fence(key, fence=fence_of())
        cache.release(Release(key, b"V" * 100_000, 60), fence=fence_of())
        assert cache.at(key) == b"V" * 100_000


@pytest.mark.parametrize("what", ["unknown authority", "another name", "the system's authorities"])
def test_a_certificate_that_is_not_to_be_trusted_is_refused(
    authority: trustme.CA, ca: Path, tmp_path: Path, what: str
) -> None:
    issuer = trustme.CA() if what == "unknown authority" else authority
    name = "elsewhere.example" if what == "another name" else "127.0.0.1"
    said = "" if what == "the system's authorities" else f"?ca={ca}"
    with (
        tls_server(issuer.issue_cert(name), tmp_path) as port,
        opened(f"memcacheds://127.0.0.1:{port}{said}", connect_timeout=10.0) as cache,
    ):
        until_up(cache)
        with pytest.raises(CacheFailed, match="certificate is not to be trusted"):
            cache.get("k")


def test_tls_with_a_server_that_speaks_none_is_a_failure(memcached_address: str, ca: Path) -> None:
    address = memcached_address.replace("memcached://", "memcacheds://")
    with opened(f"{address}?ca={ca}", connect_timeout=1.0) as cache, pytest.raises(CacheFailed):
        cache.get("k")
