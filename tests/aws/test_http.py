"""Heads, kept connections, forks and TLS."""

from __future__ import annotations

import http.client
import io
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

import holdall
from holdall import RetryPolicy
from holdall_adapters._aws import http as transport
from holdall_adapters._aws import tls
from holdall_adapters._aws.endpoints import Endpoint
from holdall_adapters._aws.errors import BadAnswer, Lost, Unreached
from holdall_adapters._aws.heads import read_head
from holdall_adapters._aws.http import Pool, Request, Timeouts

from .common import THINGS, in_threads
from .scripted import Scripted, reply, scripted

REQUEST = Request("POST", "/", {"Host": "h"}, b"{}")
OK = b"HTTP/1.1 200 OK\r\n"
ODD_HEADS = [
    b"", b"HTTP/1.1", b"HTTP/2 200 OK", b"HTTP/1.1 20 OK", b"HTTP/1.1 600 X", b"<html>", OK, OK + b"Content-Length: ",
    OK + b"Content-Length: -1", OK + b"Content-Length: +5", OK + b"Content-Length: 5, 5", OK + b"Content-Length: 0x5",
    OK + b"Content-Length: 5\r\nContent-Length: 6", OK + b"Content-Length: 9999999999", OK + b"Content-Length : 5",
    OK + b"Content-Length: 5\r\n folded", OK + b": 5", OK + b"a b: 5\r\nContent-Length: 1",
    OK + b"Content-Length: 5\nX: 1",
    OK + b"Transfer-Encoding: gzip, chunked", OK + b"Transfer-Encoding: chunked\r\nContent-Length: 5",
    OK + b"X\0: 1\r\nContent-Length: 1", OK + b"X: \0\r\nContent-Length: 1", OK + "Content-Length: ٥".encode(),
]  # fmt: skip


@pytest.mark.parametrize("head", ODD_HEADS)
def test_an_odd_head_is_no_answer(head: bytes) -> None:
    with pytest.raises(BadAnswer):
        read_head(head)


@pytest.mark.parametrize("filling", [b" " * 65000 + b"\0", b":" * 65000, b"a:" * 30000 + b"\n", b"\t" * 65000 + b"\r"])
def test_no_head_takes_long(filling: bytes) -> None:
    began = time.process_time()
    with pytest.raises(BadAnswer):
        read_head(OK + b"X:" + filling)
    assert time.process_time() - began < 0.5


NAMES = st.text(st.sampled_from("abcXYZ-09_"), min_size=1, max_size=12).map(lambda name: f"x{name}")
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)


@settings(deadline=None)
@given(st.integers(200, 599).filter(lambda code: code not in (204, 304)), st.dictionaries(NAMES, VALUES, max_size=5))
def test_whole_heads_are_read_as_the_standard_library_reads_them(status: int, headers: dict[str, str]) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    text = f"HTTP/1.1 {status} OK\r\nContent-Length: 3\r\n{lines}".encode()

    class Fake:
        def makefile(self, mode: str) -> Any:
            return io.BytesIO(text + b"\r\nabc")

    theirs = http.client.HTTPResponse(Fake())  # type: ignore[arg-type]  # all that it needs of a socket
    theirs.begin()
    ours = read_head(text.removesuffix(b"\r\n"))
    assert (ours.status, ours.length) == (theirs.status, theirs.length)
    for name in headers:
        assert ours.headers[name.lower()].replace(", ", ",") == ",".join(theirs.headers.get_all(name) or ())


def pool_of(server: Scripted, keep: int = 2, read: float = 1.0) -> Pool:
    return Pool(Endpoint(False, "127.0.0.1", server.port), None, Timeouts(1.0, read), keep)


@contextmanager
def pooled(*steps: Any, keep: int = 2) -> Iterator[tuple[Scripted, Pool]]:
    with scripted(*steps) as server:
        pool = pool_of(server, keep)
        yield server, pool
        pool.close()


@pytest.mark.parametrize("clock", ["monotonic", "time"])
def test_a_connection_is_too_old_by_either_clock(clock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pooled(reply(b"1")) as (server, pool):
        pool.exchange(REQUEST)
        real = getattr(time, clock)
        monkeypatch.setattr(transport.time, clock, lambda: real() + 21)
        pool.exchange(REQUEST)
    assert server.connections == 2


def test_no_more_connections_are_kept_than_said() -> None:
    gate = threading.Barrier(6)

    def together(sock: socket.socket) -> None:
        gate.wait(5)
        sock.sendall(reply(b"1"))

    with pooled(together, keep=2) as (_, pool):
        in_threads(6, lambda: pool.exchange(REQUEST))
        assert len(pool._kept) == 2


def test_an_interrupted_call_leaves_no_connection_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    with pooled(reply(b"1")) as (server, pool):
        pool.exchange(REQUEST)
        with monkeypatch.context() as patch:
            patch.setattr(transport, "_receive", interrupted)
            with pytest.raises(KeyboardInterrupt):
                pool.exchange(REQUEST)
        assert pool._kept == []
        assert pool.exchange(REQUEST).body == b"1"
    assert server.connections == 2


def test_a_server_that_is_not_there_has_not_got_the_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unreached):
        Pool(Endpoint(False, "127.0.0.1", port), None, Timeouts(1, 1), 1).exchange(REQUEST)


def test_a_name_that_nobody_knows_is_not_reached() -> None:
    with pytest.raises(Unreached):
        Pool(Endpoint(False, "no-such-host.invalid", 80), None, Timeouts(1, 1), 1).exchange(REQUEST)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_fork_makes_its_own_connections_and_leaves_the_parents_alone() -> None:
    with pooled(reply(b"1")) as (server, pool):
        pool.exchange(REQUEST)
        child = os.fork()
        if child == 0:
            right = pool.exchange(REQUEST).body == b"1"
            os._exit(0 if right else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert pool.exchange(REQUEST).body == b"1"
    assert (len(server.bodies), server.connections) == (3, 2)


WHOLE = reply(b'{"Item":{"id":{"S":"a"}}}')


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def server_context(issued: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    return context


def ask(server: Scripted, on_loop: bool = False) -> Any:
    url = f"dynamodb://things?region=us-east-1&client=lean&endpoint={server.endpoint}"
    if on_loop:
        import asyncio

        async def run() -> Any:
            async with holdall.open_async_repository(url, THINGS, retry=RetryPolicy(attempts=1)) as things:
                await things.get("a")
                return await things.get("a")

        return asyncio.run(run())
    with holdall.open_repository(url, THINGS, retry=RetryPolicy(attempts=1)) as things:
        things.get("a")
        return things.get("a")


@pytest.mark.parametrize("on_loop", [False, True], ids=["blocking", "aiohttp"])
@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_a_server_of_a_trusted_authority_is_spoken_to(
    authority: trustme.CA, variable: str, on_loop: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv(variable, str(tmp_path / "ca.pem"))
    with scripted(WHOLE, context=server_context(authority.issue_cert("127.0.0.1"))) as server:
        assert ask(server, on_loop) == {"id": "a"}
    assert server.connections == 1


@pytest.mark.parametrize("on_loop", [False, True], ids=["blocking", "aiohttp"])
@pytest.mark.parametrize("what", ["unknown authority", "other name"])
def test_a_server_that_can_not_be_trusted_is_told_nothing(
    authority: trustme.CA, what: str, on_loop: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = trustme.CA() if what == "unknown authority" else authority
    trusted.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    name = "127.0.0.1" if what == "unknown authority" else "other.test"
    refused = pytest.raises(holdall.Unavailable, match="can't be reached")
    with scripted(WHOLE, context=server_context(authority.issue_cert(name))) as server, refused as caught:
        ask(server, on_loop)
    assert server.bodies == []
    assert not caught.value.maybe_done


@pytest.mark.parametrize("on_loop", [False, True], ids=["blocking", "aiohttp"])
def test_a_bundle_that_is_not_there_is_said(
    monkeypatch: pytest.MonkeyPatch, authority: trustme.CA, on_loop: bool
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such/bundle.pem")
    refused = pytest.raises(holdall.ConfigError, match=r"/no/such/bundle\.pem")
    with scripted(WHOLE, context=server_context(authority.issue_cert("127.0.0.1"))) as server, refused:
        ask(server, on_loop)


def test_the_context_of_a_bundle_is_made_once(authority: trustme.CA, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    found: set[int] = set()
    in_threads(8, lambda: found.add(id(tls.context(str(tmp_path / "ca.pem")))))
    assert len(found) == 1
    made = tls.context(str(tmp_path / "ca.pem"))
    assert made.check_hostname
    assert made.verify_mode is ssl.CERT_REQUIRED


def test_a_lost_answer_is_told_from_a_request_that_was_not_sent() -> None:
    with pooled(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc<close>") as (_, pool), pytest.raises(Lost):
        pool.exchange(REQUEST)
