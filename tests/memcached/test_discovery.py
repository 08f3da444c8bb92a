"""The nodes that a configuration endpoint names."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import trustme

from holdall.cache_drivers import Added, CacheFailed
from holdall.testing.caches import new_keys
from holdall_adapters.memcached import discovery
from tests.memcached.opened import opened, opened_on_loop
from tests.servers.private import PrivateServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Endpoint:
    """A configuration endpoint: what it names, and how often it was asked."""

    def __init__(self, listener: socket.socket, tls: ssl.SSLContext | None) -> None:
        self._listener = listener
        self._tls = tls
        self.port = listener.getsockname()[1]
        self.nodes: list[str] = []
        self.answer: bytes | None = None
        self.asked = 0

    def name(self, *addresses: str) -> None:
        """Name the servers of these addresses."""
        places = [address.partition("://")[2].split(":") for address in addresses]
        self.nodes = [f"{host}|{host}|{port}" for host, port in places]

    def serve(self) -> None:
        """Answer until the listener is closed."""
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            with plain:
                self._serve(plain)

    def _serve(self, plain: socket.socket) -> None:
        with self._tls.wrap_socket(plain, server_side=True) if self._tls else plain as connection:
            assert connection.recv(100) == b"config get cluster\r\n"
            self.asked += 1
            body = f"12\n{' '.join(self.nodes)}\n"
            usual = f"CONFIG cluster 0 {len(body)}\r\n{body}\r\nEND\r\n".encode()
            connection.sendall(usual if self.answer is None else self.answer)


@contextmanager
def endpoint(tls: ssl.SSLContext | None = None) -> Iterator[Endpoint]:
    listener = socket.create_server(("127.0.0.1", 0))
    served = Endpoint(listener, tls)
    thread = threading.Thread(target=served.serve)
    thread.start()
    try:
        yield served
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def url_of(served: Endpoint, scheme: str = "memcached") -> str:
    return f"{scheme}://127.0.0.1:{served.port}?discovery=true"


@pytest.fixture
def minutes(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Give what makes a minute pass."""
    passed = [0.0]

    def monotonic() -> float:
        return time.monotonic() + passed[0]

    def more() -> None:
        passed[0] += discovery._SECONDS

    monkeypatch.setattr(discovery, "time", type("Clock", (), {"monotonic": staticmethod(monotonic)}))
    return more


@pytest.fixture(scope="module")
def other() -> Iterator[str]:
    with PrivateServer("memcached") as server:
        yield server.address


@pytest.mark.parametrize("on_loop", [False, True])
def test_the_nodes_are_those_that_the_endpoint_names(memcached_address: str, other: str, on_loop: bool) -> None:
    keys = new_keys(40)
    with endpoint() as served, (opened_on_loop if on_loop else opened)(url_of(served)) as cache:
        served.name(memcached_address, other)
        assert cache.driver.native == {}
        cache.add(*(Added(key, b"V", 60) for key in keys))
        assert cache.get(*keys) == [b"V"] * 40
        assert served.asked == 1
        assert len(cache.driver.native) == 2
    with opened(f"{memcached_address},{other.partition('://')[2]}") as named:
        assert named.get(*keys) == [b"V"] * 40


def test_nobody_is_asked_when_a_cache_is_opened() -> None:
    with endpoint() as served, opened(url_of(served)):
        assert served.asked == 0


def test_the_endpoint_is_asked_again_after_a_minute(
    memcached_address: str, other: str, minutes: Callable[[], None]
) -> None:
    keys = new_keys(40)
    with endpoint() as served, opened(url_of(served)) as cache:
        served.name(memcached_address)
        cache.add(*(Added(key, b"V", 60) for key in keys))
        kept = list(cache.driver.native.values())
        minutes()
        cache.get("k")
        assert (served.asked, list(cache.driver.native.values())) == (2, kept)
        served.name(memcached_address, other)
        minutes()
        assert 0 < len([value for value in cache.get(*keys) if value]) < 40
        assert list(cache.driver.native.values())[:1] == kept
        served.name(other)
        minutes()
        assert cache.get(*keys) == [None] * 40
        assert served.asked == 4
        assert len(cache.driver.native) == 1


@pytest.mark.parametrize("answer", [b"", b"ERROR\r\n", b"CONFIG cluster 0 4\r\n12\n\n\r\nEND\r\n"])
def test_while_the_endpoint_makes_no_sense_the_nodes_that_are_known_serve(
    memcached_address: str, minutes: Callable[[], None], answer: bytes
) -> None:
    with endpoint() as served, opened(url_of(served)) as cache:
        served.name(memcached_address)
        cache.get("k")
        served.answer = answer
        minutes()
        for _ in range(3):
            cache.get("k")
        assert served.asked == 2
        served.answer = None
        minutes()
        cache.get("k")
        assert served.asked == 3


@pytest.mark.parametrize("answer", [b"", b"ERROR\r\n", b"CONFIG cluster 0 4\r\n12\n\n\r\nEND\r\n"])
def test_a_host_that_is_no_endpoint_is_a_failure_each_time(answer: bytes) -> None:
    with endpoint() as served, opened(url_of(served)) as cache:
        served.answer = answer
        for _ in range(2):
            with pytest.raises(CacheFailed, match="configuration endpoint"):
                cache.get("k")
        assert served.asked == 2


def test_memcached_itself_is_no_endpoint(memcached_address: str) -> None:
    with (
        opened(f"{memcached_address}?discovery=true") as cache,
        pytest.raises(CacheFailed, match="drop discovery="),
    ):
        cache.get("k")


def test_an_endpoint_that_is_not_there_or_late_is_a_failure_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with opened(f"memcached://127.0.0.1:{port}?discovery=true", timeout=0.05) as cache:
            start = time.monotonic()
            with pytest.raises(CacheFailed, match="in time"):
                cache.get("k")
            assert time.monotonic() - start < 0.5
    with (
        opened(f"memcached://127.0.0.1:{port}?discovery=true") as cache,
        pytest.raises(CacheFailed, match="nobody answers"),
    ):
        cache.get("k")


def test_the_endpoint_is_asked_by_tls_where_the_nodes_are(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with endpoint(context) as served:
        served.name("memcacheds://127.0.0.1:1")
        url = f"{url_of(served, 'memcacheds')}&ca={tmp_path / 'ca.pem'}"
        with opened(url, connect_timeout=5.0) as cache, pytest.raises(CacheFailed, match="nobody answers"):
            cache.get("k")
        assert served.asked == 1
