"""The fault proxy does what it is ordered to, once, and otherwise nothing."""

from __future__ import annotations

import http.client
import json
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from holdall.testing.proxy import FaultProxy, cut, delay, drop, garble, invent, refuse, wrong_checksum

if TYPE_CHECKING:
    from collections.abc import Iterator

_BODY = b'{"Count": 1}'


class _Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list[str]
    connections: set[Any]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(self.headers["X-Amz-Target"])
        self.connections.add(self.client_address)
        self.send_response(200)
        self.send_header("Content-Length", str(len(_BODY)))
        self.send_header("x-amz-crc32", str(zlib.crc32(_BODY)))
        self.end_headers()
        self.wfile.write(_BODY)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[type[_Server]]:
    handler = type("Handler", (_Server,), {"asked": [], "connections": set()})
    found = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    found.daemon_threads = True
    thread = threading.Thread(target=found.serve_forever, args=(0.01,))
    thread.start()
    handler.url = f"http://127.0.0.1:{found.server_port}"  # type: ignore[attr-defined]  # known to the proxy fixture
    yield handler
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.fixture
def proxy(server: Any) -> Iterator[FaultProxy]:
    with FaultProxy(server.url) as found:
        yield found


@pytest.fixture
def client(proxy: FaultProxy) -> Iterator[http.client.HTTPConnection]:
    found = http.client.HTTPConnection(proxy.url.removeprefix("http://"), timeout=5)
    yield found
    found.close()


def _ask(client: http.client.HTTPConnection, operation: str = "Query") -> tuple[int, bytes]:
    client.request("POST", "/", b"{}", {"X-Amz-Target": f"DynamoDB_20120810.{operation}"})
    answer = client.getresponse()
    return answer.status, answer.read()


def test_without_orders_answers_pass_on_one_connection(
    client: http.client.HTTPConnection, proxy: FaultProxy, server: type[_Server]
) -> None:
    assert [_ask(client) for _ in range(3)] == [(200, _BODY)] * 3
    assert len(server.connections) == 1
    assert proxy.calls == ["Query"] * 3
    assert proxy.last["Query"].body == _BODY


def test_an_order_is_for_one_operation_and_so_many_times(client: http.client.HTTPConnection, proxy: FaultProxy) -> None:
    proxy.order(refuse(503, "Busy"), on="Query", times=2, skip=1)
    asked = ["Query", "GetItem", "Query", "GetItem", "Query", "Query"]
    assert [_ask(client, operation)[0] for operation in asked] == [200, 200, 503, 200, 503, 200]
    assert proxy.waiting == 0


def test_a_refusal_on_order_does_not_reach_the_server(
    client: http.client.HTTPConnection, proxy: FaultProxy, server: type[_Server]
) -> None:
    proxy.order(refuse(400, "ThrottlingException"))
    status, body = _ask(client)
    assert (status, json.loads(body)["__type"], server.asked) == (400, "com.amazonaws#ThrottlingException", [])


@pytest.mark.parametrize(("after", "asked"), [(True, 1), (False, 0)])
def test_an_answer_is_dropped_after_or_before_the_server_did_it(
    client: http.client.HTTPConnection, proxy: FaultProxy, server: type[_Server], after: bool, asked: int
) -> None:
    proxy.order(drop(after=after))
    with pytest.raises(http.client.RemoteDisconnected):
        _ask(client)
    assert len(server.asked) == asked


def test_a_connection_is_reset(client: http.client.HTTPConnection, proxy: FaultProxy) -> None:
    proxy.order(drop(after=True, reset=True))
    with pytest.raises(ConnectionResetError):
        _ask(client)


def test_an_answer_is_cut_at_any_byte(client: http.client.HTTPConnection, proxy: FaultProxy) -> None:
    _ask(client)
    whole = proxy.last["Query"]
    proxy.order(cut(len(whole.head) + 3))
    with pytest.raises(http.client.IncompleteRead) as caught:
        _ask(client)
    assert caught.value.partial == _BODY[:3]


def test_a_cut_answer_may_lack_its_length(client: http.client.HTTPConnection, proxy: FaultProxy) -> None:
    _ask(client)
    proxy.order(cut(len(proxy.last["Query"].with_header("Content-Length", None).head) + 3, keep_length=False))
    assert _ask(client) == (200, _BODY[:3])


def test_a_body_is_garbled_with_length_and_checksum_in_order(
    client: http.client.HTTPConnection, proxy: FaultProxy
) -> None:
    proxy.order(garble(b"<busy>"))
    client.request("POST", "/", b"{}", {"X-Amz-Target": "x.Query"})
    answer = client.getresponse()
    assert (answer.read(), answer.headers["x-amz-crc32"]) == (b"<busy>", str(zlib.crc32(b"<busy>")))
    assert _ask(client) == (200, _BODY)


def test_a_checksum_is_made_wrong(client: http.client.HTTPConnection, proxy: FaultProxy) -> None:
    proxy.order(wrong_checksum())
    client.request("POST", "/", b"{}", {"X-Amz-Target": "x.Query"})
    answer = client.getresponse()
    assert answer.headers["x-amz-crc32"] != str(zlib.crc32(answer.read()))


def test_an_answer_comes_late(client: http.client.HTTPConnection, proxy: FaultProxy, server: type[_Server]) -> None:
    proxy.order(delay(0.2))
    began = time.monotonic()
    assert _ask(client) == (200, _BODY)
    assert time.monotonic() - began >= 0.2


def test_an_answer_is_invented(client: http.client.HTTPConnection, proxy: FaultProxy, server: type[_Server]) -> None:
    proxy.order(invent(200, {"Items": []}, after=True))
    assert _ask(client) == (200, b'{"Items": []}')
    assert len(server.asked) == 1


def test_a_hole_swallows_what_comes_on_open_connections_only(
    client: http.client.HTTPConnection, proxy: FaultProxy, server: type[_Server]
) -> None:
    _ask(client)
    proxy.hole()
    assert client.sock is not None
    client.sock.settimeout(0.2)
    with pytest.raises(TimeoutError):
        _ask(client)
    client.close()
    assert _ask(client) == (200, _BODY)
    assert len(server.asked) == 2


def test_the_proxy_goes_before_http_only() -> None:
    with pytest.raises(ValueError, match="http:// address"):
        FaultProxy("https://example.org")
