"""The lean client against servers that misbehave, blocking, in threads and on an event loop."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from email.utils import formatdate
from typing import Any

import pytest

import holdall
from holdall import F, Key, RetryPolicy, Schema
from holdall_adapters._aws import client as clients
from holdall_adapters._aws import lean

from .common import ONCE, in_threads
from .scripted import CLOSE, Scripted, reply, scripted

MODEL: Schema[Any] = Schema(dict, partition="id", fields={"id": Key[str], "hits": int}, table="things")
ITEM = b'{"Item":{"id":{"S":"a"},"hits":{"N":"1"}}}'
WHOLE = reply(ITEM)
RECORD = {"id": "a", "hits": 1}
QUICK = RetryPolicy(attempts=3, first_wait=0.001, max_wait=0.002, throttled_wait=0.001)


@pytest.fixture(autouse=True)
def nothing_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lean, "_states", {})


@pytest.fixture(params=["blocking", "aiohttp", "threads"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "threads":
        real = clients._has
        monkeypatch.setattr(clients, "_has", lambda package: package != "aiohttp" and real(package))
    return str(request.param)


def refusal(code: str, *headers: str, status: str = "400 Bad Request") -> bytes:
    return reply(json.dumps({"__type": f"x#{code}", "message": "m"}).encode(), *headers, status=status)


class Things:
    def __init__(self, server: Scripted, way: str = "blocking", retry: RetryPolicy = QUICK, **options: str) -> None:
        more = "".join(f"&{name}={value}" for name, value in options.items())
        self.url = f"dynamodb://things?region=us-east-1&client=lean&endpoint={server.endpoint}{more}"
        self.way, self.retry = way, retry

    def ask(self, verb: str, *args: Any, times: int = 1, within: float | None = None, **named: Any) -> Any:
        if self.way != "blocking":
            return asyncio.run(self._ask(verb, args, times, within, named))
        with holdall.open_repository(self.url, MODEL, retry=self.retry) as things:
            for _ in range(times):
                with holdall.deadline(within or 60):
                    found = getattr(things, verb)(*args, **named)
            return found

    async def _ask(self, verb: str, args: Any, times: int, within: float | None, named: Any) -> Any:
        async with holdall.open_async_repository(self.url, MODEL, retry=self.retry) as things:
            for _ in range(times):
                with holdall.deadline(within or 60):
                    found = await getattr(things, verb)(*args, **named)
            return found


def test_a_connection_serves_many_calls(way: str) -> None:
    with scripted(WHOLE) as server:
        assert Things(server, way).ask("get", "a", times=5) == RECORD
    assert (len(server.bodies), server.connections) == (5, 1)


@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_cut_at_any_byte_is_asked_for_again(chunked: bool) -> None:
    whole = WHOLE
    if chunked:
        whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n" + ITEM[:9] + b"\r\n"
        whole += f"{len(ITEM) - 9:x}".encode() + b"\r\n" + ITEM[9:] + b"\r\n0\r\n\r\n"
    steps = [step for cut in range(len(whole)) for step in (whole[:cut] + CLOSE, whole)]
    with scripted(*steps) as server:
        things = Things(server)
        with holdall.open_repository(things.url, MODEL, retry=QUICK) as opened:
            assert all(opened.get("a") == RECORD for _ in range(len(whole)))
    assert len(server.bodies) == 2 * len(whole)


def test_an_answer_cut_at_any_byte_on_a_loop_is_asked_for_again() -> None:
    steps = [step for cut in range(len(WHOLE)) for step in (WHOLE[:cut] + CLOSE, WHOLE)]

    async def ask(url: str) -> None:
        async with holdall.open_async_repository(url, MODEL, retry=QUICK) as things:
            for _ in range(len(WHOLE)):
                assert await things.get("a") == RECORD

    with scripted(*steps) as server:
        asyncio.run(ask(Things(server).url))
    assert len(server.bodies) == 2 * len(WHOLE)


LOST = [WHOLE[:-5] + CLOSE, CLOSE, reply(b"<html>"), refusal("InternalServerError", status="500 E")]
BUSY = [refusal("ThrottlingException"), refusal("InternalServerError", status="500 E"), reply(b"", status="503 S")]


@pytest.mark.parametrize("broken", LOST)
def test_a_write_whose_answer_is_lost_is_not_sent_again_unless_it_is_safe(way: str, broken: bytes) -> None:
    with scripted(broken) as server, pytest.raises(holdall.Unavailable) as caught:
        Things(server, way).ask("update", "a", F.hits.add(1))
    assert caught.value.maybe_done
    assert len(server.bodies) == 1


def test_a_server_that_hangs_up_after_each_answer_is_served_by_new_connections(way: str) -> None:
    with scripted(WHOLE + CLOSE) as server:
        things = Things(server, way)
        assert things.ask("get", "a", times=4) == RECORD
    assert len(server.bodies) == 4


def test_a_connection_that_died_while_idle_is_replaced_and_nothing_is_sent_twice() -> None:
    with scripted(WHOLE) as server, holdall.open_repository(Things(server).url, MODEL, retry=ONCE) as things:
        things.get("a")
        server.hang_up()
        time.sleep(0.05)
        assert things.get("a") == RECORD
    assert (len(server.bodies), server.connections) == (2, 2)


def test_bytes_after_an_answer_are_never_taken_for_the_next(way: str) -> None:
    with scripted(WHOLE + reply(b'{"Item":{"id":{"S":"evil"}}}'), WHOLE) as server:
        assert Things(server, way).ask("get", "a", times=2) == RECORD


def test_continue_comes_before_the_answer(way: str) -> None:
    with scripted(b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE) as server:
        assert Things(server, way).ask("get", "a") == RECORD


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_is_not_followed(way: str, status: str) -> None:
    with scripted(WHOLE) as other:
        answer = reply(b"", f"Location: {other.endpoint}/", status=status)
        with scripted(answer) as server, pytest.raises(holdall.ConfigError, match="redirects"):
            Things(server, way).ask("get", "a")
    assert other.bodies == []


def silent(sock: socket.socket) -> None:
    sock.recv(1)


def drip(sock: socket.socket) -> None:
    for byte in WHOLE:
        time.sleep(0.05)
        sock.sendall(bytes([byte]))


def test_a_server_that_says_nothing_is_given_up_in_two_seconds(way: str) -> None:
    began = time.monotonic()
    with scripted(silent) as server, pytest.raises(holdall.Unavailable):
        Things(server, way, ONCE).ask("get", "a")
    assert 1.5 < time.monotonic() - began < 4


@pytest.mark.parametrize("step", [silent, drip])
def test_no_answer_is_waited_for_past_the_deadline(way: str, step: Any) -> None:
    began = time.monotonic()
    with scripted(step) as server, pytest.raises((holdall.Timeout, holdall.Unavailable)):
        Things(server, way, read_timeout="5").ask("get", "a", within=0.4)
    assert time.monotonic() - began < 2


def test_an_answer_that_drips_is_given_up_without_a_deadline_too() -> None:
    began = time.monotonic()
    with scripted(drip) as server, pytest.raises(holdall.Unavailable):
        Things(server, "blocking", ONCE, read_timeout="0.1").ask("get", "a")
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_wrong_clock_is_learnt_from_one_refusal(way: str, minutes: int) -> None:
    skewed = refusal("InvalidSignatureException", f"Date: {formatdate(time.time() + minutes * 60, usegmt=True)}")
    with scripted(skewed, WHOLE) as server:
        assert Things(server, way, ONCE).ask("get", "a", times=3) == RECORD
    dates = [head.lower().partition(b"x-amz-date: ")[2][:15] for head in server.heads]
    assert len(server.heads) == 4
    assert dates[0] != dates[1]
    assert dates[1][:11] == dates[3][:11]


def test_a_refused_signature_at_the_right_time_is_told_at_once(way: str) -> None:
    answer = refusal("InvalidSignatureException", f"Date: {formatdate(usegmt=True)}")
    with scripted(answer) as server, pytest.raises(holdall.AccessDenied):
        Things(server, way).ask("get", "a")
    assert len(server.bodies) == 1


def test_an_expired_token_is_looked_up_again_once(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def expire(sock: socket.socket) -> None:
        monkeypatch.setenv("AWS_SESSION_TOKEN", "new")
        sock.sendall(refusal("ExpiredTokenException"))

    with scripted(expire, WHOLE) as server:
        assert Things(server, way, ONCE).ask("get", "a") == RECORD
    assert b"X-Amz-Security-Token: new" in server.heads[1]
    with scripted(refusal("ExpiredTokenException")) as server, pytest.raises(holdall.AccessDenied):
        Things(server, way).ask("get", "a")
    assert len(server.bodies) == 1


@pytest.mark.parametrize("broken", BUSY)
def test_a_storm_is_weathered_by_a_few_tries(way: str, broken: bytes) -> None:
    with scripted(broken, broken, WHOLE) as server:
        assert Things(server, way).ask("get", "a") == RECORD
    with scripted(broken) as server, pytest.raises((holdall.Throttled, holdall.Unavailable)) as caught:
        Things(server, way).ask("get", "a")
    assert (len(server.bodies), caught.value.retry) == (3, "exhausted")


@pytest.mark.parametrize("header", ["Retry-After: 1", "x-amz-retry-after: 600"])
def test_the_wait_that_the_service_asks_for_is_kept(header: str) -> None:
    began = time.monotonic()
    with scripted(refusal("ThrottlingException", header), WHOLE) as server:
        assert Things(server).ask("get", "a") == RECORD
    assert 0.55 < time.monotonic() - began < 3


def test_threads_get_each_its_own_answers() -> None:
    found: list[bool] = []
    with scripted(WHOLE) as server, holdall.open_repository(Things(server).url, MODEL) as things:
        def ask() -> None:
            found.extend(things.get("a") == RECORD for _ in range(50))

        in_threads(16, ask)
    assert found == [True] * 800
    assert server.connections <= 16


def test_a_large_body_travels_both_ways(way: str) -> None:
    text = "é" * 100_000
    answer = json.dumps({"Item": {"id": {"S": text}}}, ensure_ascii=False).encode()
    with scripted(reply(b"{}"), reply(answer)) as server:
        Things(server, way).ask("put", {"id": "a", "hits": 1})
        assert json.loads(server.bodies[0])["Item"]["id"] == {"S": "a"}
        with pytest.raises(holdall.CorruptRecord):
            Things(server, way).ask("get", "a")


def test_the_trace_of_lambda_is_sent_and_can_not_inject(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-2;Sampled=1\r\nEvil: 1")
    with scripted(WHOLE) as server:
        Things(server, way).ask("get", "a")
    assert b"X-Amzn-Trace-Id: Root=1-2;Sampled=1%0D%0AEvil:%201" in server.heads[0]


def test_native_is_a_client_of_boto3() -> None:
    with scripted(WHOLE) as server, holdall.open_repository(Things(server).url, MODEL) as things:
        assert things.native.get_item(TableName="things", Key={"id": {"S": "a"}})["Item"]["id"] == {"S": "a"}
