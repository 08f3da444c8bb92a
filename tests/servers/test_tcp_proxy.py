"""The proxy that harms bytes, before a server that sends back what it gets."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from .tcp_proxy import Fault, TcpProxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def echo() -> Iterator[str]:
    """Give the address of a server that sends back what it gets."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener,), daemon=True).start()
        yield f"echo://user:word@127.0.0.1:{listener.getsockname()[1]}/path?a=1"
        listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket) -> None:
    try:
        while True:
            threading.Thread(target=_send_back, args=(listener.accept()[0],), daemon=True).start()
    except OSError:
        return


def _send_back(connection: socket.socket) -> None:
    with connection:
        try:
            while chunk := connection.recv(4096):
                connection.sendall(chunk)
        except OSError:
            return


@pytest.fixture
def proxy(echo: str, tcp_proxy: Callable[[str], TcpProxy]) -> TcpProxy:
    return tcp_proxy(echo)


@pytest.fixture
def client(proxy: TcpProxy) -> Iterator[socket.socket]:
    with _connect(proxy) as connection:
        yield connection


def _connect(proxy: TcpProxy) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", proxy.port), 5)
    connection.settimeout(0.3)
    return connection


def _exchange(connection: socket.socket, sent: bytes = b"0123456789") -> bytes:
    connection.sendall(sent)
    return connection.recv(4096)


def test_without_an_order_all_bytes_pass(proxy: TcpProxy, client: socket.socket) -> None:
    assert (_exchange(client), proxy.accepted) == (b"0123456789", 1)


def test_its_address_is_the_servers_with_another_port(proxy: TcpProxy) -> None:
    assert proxy.address == f"echo://user:word@127.0.0.1:{proxy.port}/path?a=1"


def test_a_delay_holds_each_chunk(proxy: TcpProxy, client: socket.socket) -> None:
    proxy.answers = Fault(delay=0.1)
    begun = time.monotonic()
    assert _exchange(client) == b"0123456789"
    assert time.monotonic() - begun >= 0.1


@pytest.mark.parametrize("way", ["requests", "answers"])
def test_dropped_bytes_never_arrive_and_later_ones_do(proxy: TcpProxy, client: socket.socket, way: str) -> None:
    setattr(proxy, way, Fault(drop=True))
    with pytest.raises(TimeoutError):
        _exchange(client)
    proxy.heal()
    assert _exchange(client, b"later") == b"later"


def test_a_connection_is_cut_after_some_bytes_and_each_further_one_too(proxy: TcpProxy, client: socket.socket) -> None:
    assert _exchange(client, b"before") == b"before"
    proxy.answers = Fault(cut_after=4)
    assert _exchange(client) == b"0123"
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    with _connect(proxy) as second:
        assert _exchange(second) == b"0123"
    proxy.heal()
    with _connect(proxy) as third:
        assert _exchange(third) == b"0123456789"


def test_a_request_can_be_cut_before_its_first_byte(proxy: TcpProxy, client: socket.socket) -> None:
    proxy.requests = Fault(cut_after=0)
    with pytest.raises(ConnectionResetError):
        _exchange(client)


def test_one_byte_arrives_with_its_bits_turned(proxy: TcpProxy, client: socket.socket) -> None:
    proxy.answers = Fault(flip=3)
    assert _exchange(client) == b"012\xcc456789"
    assert _exchange(client) == b"0123456789"


def test_refused_connections_are_new_ones_only(proxy: TcpProxy, client: socket.socket) -> None:
    assert _exchange(client) == b"0123456789"
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        _connect(proxy)
    assert _exchange(client) == b"0123456789"
    proxy.heal()
    _connect(proxy).close()


def test_open_connections_can_be_cut(proxy: TcpProxy, client: socket.socket) -> None:
    assert _exchange(client) == b"0123456789"
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    with _connect(proxy) as second:
        assert _exchange(second) == b"0123456789"


def test_an_end_is_passed_on_in_its_direction_only(client: socket.socket) -> None:
    client.sendall(b"last")
    client.shutdown(socket.SHUT_WR)
    assert (client.recv(4096), client.recv(4096)) == (b"last", b"")
