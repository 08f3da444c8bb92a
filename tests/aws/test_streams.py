"""Bodies that are read as they come and sent when they are wanted, and buckets that are in another region."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import RetryPolicy
from holdall.credentials import Credentials
from holdall.io import BlockingIo, run_blocking
from holdall_adapters._aws import http as transport
from holdall_adapters._aws.choice import Lean
from holdall_adapters._aws.connection import Connection
from holdall_adapters._aws.endpoints import Endpoint
from holdall_adapters._aws.errors import Refused
from holdall_adapters._aws.http import Pool, Request, Timeouts
from holdall_adapters._aws.protocol import Answer
from holdall_adapters._aws.rest_xml.client import RestCalls
from holdall_adapters.s3.client import SERVICE

from .scripted import CLOSE, reply, scripted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FACTS = ('ETag: "e"', "Last-Modified: Fri, 27 Nov 2026 20:00:20 GMT", "Content-Type: text/plain")
DATA = b"0123456789"
WHOLE = reply(DATA, *FACTS)
HEAD = reply(b"", *FACTS).replace(b"Content-Length: 0", b"Content-Length: 10")
QUICK = RetryPolicy(attempts=3, first_wait=0.001, max_wait=0.002)


def cut(answer: bytes, left_out: int) -> bytes:
    return answer[:-left_out] + CLOSE


def url_of(endpoint: str) -> str:
    return f"s3://bucket?endpoint={endpoint}&region=us-east-1&client=lean&read_timeout=2"


def opened(endpoint: str, retry: RetryPolicy = QUICK) -> holdall.BlobStore:
    return holdall.open_blobs(url_of(endpoint), credentials=Credentials("test", "test"), retry=retry)


def test_a_connection_whose_answer_was_read_serves_the_next() -> None:
    with scripted(WHOLE) as server, opened(server.endpoint) as blobs:
        assert [blobs.get("a"), blobs.get("a")] == [DATA, DATA]
        assert server.connections == 1


def test_a_connection_whose_answer_was_left_is_not_used_again() -> None:
    large = reply(bytes(4 << 20), *FACTS)
    head = HEAD.replace(b"Content-Length: 10", b"Content-Length: 4194304")
    with scripted(head, large, WHOLE) as server, opened(server.endpoint) as blobs:
        with blobs.open("a", "rb") as file:
            file.read(1)
        assert blobs.get("a") == DATA
        assert server.connections == 2


def test_an_answer_that_was_cut_is_asked_for_again() -> None:
    with scripted(cut(WHOLE, 3), WHOLE) as server, opened(server.endpoint) as blobs:
        assert blobs.get("a") == DATA


def test_a_reader_goes_on_where_the_answer_broke_off() -> None:
    data, size, place = DATA * 200_000, 2_000_000, 1 << 20
    facts = (*FACTS, f"Content-Range: bytes {place}-{size - 1}/{size}")
    rest = reply(data[place:], *facts, status="206 Partial Content")
    head = HEAD.replace(b"Content-Length: 10", b"Content-Length: 2000000")
    with scripted(head, cut(reply(data, *FACTS), 100), rest) as server, opened(server.endpoint) as blobs:
        with blobs.open("a", "rb") as file:
            assert file.read() == data
        assert b"Range: bytes=1048576-" in server.heads[2]
        assert b'If-Match: "e"' in server.heads[2]


def test_a_part_that_was_not_asked_for_is_refused_and_its_connection_closed() -> None:
    wrong = reply(DATA, *FACTS, "Content-Range: bytes 0-9/100", status="206 Partial Content")
    refused = pytest.raises(holdall.Unavailable, match="another part")
    with scripted(wrong) as server, opened(server.endpoint) as blobs, refused:
        blobs.get("a", start=5)


def test_an_asynchronous_answer_that_was_cut_is_asked_for_again() -> None:
    async def program(endpoint: str) -> list[bytes | None]:
        store = holdall.open_async_blobs(url_of(endpoint), credentials=Credentials("test", "test"), retry=QUICK)
        async with store as blobs:
            return [await blobs.get("a"), await blobs.get("a")]

    with scripted(cut(WHOLE, 3), WHOLE) as server:
        assert asyncio.run(program(server.endpoint)) == [DATA, DATA]
        assert server.connections == 2


def test_the_deadline_bounds_a_body_that_stops_coming() -> None:
    def stall(sock: socket.socket) -> None:
        sock.sendall(WHOLE[:-3])
        time.sleep(1.5)

    with scripted(stall) as server, opened(server.endpoint) as blobs:
        began = time.monotonic()
        with pytest.raises((holdall.Timeout, holdall.Unavailable)), holdall.deadline(0.3):
            blobs.get("a")
        assert time.monotonic() - began < 1.2


def test_a_list_that_was_cut_in_its_headers_is_not_empty() -> None:
    body = b"<ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated></ListBucketResult>"
    headless = reply(body).replace(b"\r\nContent-Length: %d" % len(body), b"")[:-len(body)] + CLOSE
    with scripted(headless) as server, opened(server.endpoint) as blobs, pytest.raises(holdall.Unavailable):
        list(blobs.list())


def test_head_that_is_refused_without_a_word_is_explained_by_a_get() -> None:
    body = b"<Error><Code>ExpiredToken</Code><Message>m</Message></Error>"
    expired = reply(body, status="400 Bad Request")
    with scripted(reply(b"", status="400 Bad Request"), expired) as server, opened(server.endpoint) as blobs:
        with pytest.raises(holdall.AccessDenied, match="no longer takes the credentials"):
            blobs.info("a")
        assert [head.partition(b" ")[0] for head in server.heads] == [b"HEAD", b"GET"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_LEAVE", 0.05)


def _pool(port: int) -> Pool:
    return Pool(Endpoint(False, "127.0.0.1", port), None, Timeouts(1.0, 2.0), 2)


LARGE = bytes(2 << 20)


def test_a_large_body_waits_for_leave_but_not_for_long(impatient: None) -> None:
    with scripted(reply(b"")) as server:
        pool = _pool(server.port)
        assert pool.exchange(Request("PUT", "/", {"Host": "h"}, LARGE, wait=2.0)).status == 200
        pool.close()
        assert b"Expect: 100-continue" in server.heads[0]
        assert server.bodies[0] == LARGE


@pytest.fixture
def early() -> Iterator[tuple[int, Callable[[], int]]]:
    """Serve one refusal before any body; give the port, and what tells how many bytes of a body came."""
    listener = socket.create_server(("127.0.0.1", 0))
    came: list[int] = []

    def serve() -> None:
        sock, _ = listener.accept()
        with sock:
            data = b""
            while b"\r\n\r\n" not in data:
                data += sock.recv(65536)
            sock.sendall(reply(b"", status="412 Precondition Failed"))
            sock.settimeout(1)
            count = 0
            while piece := sock.recv(65536):
                count += len(piece)
            came.append(count)

    thread = threading.Thread(target=serve)
    thread.start()

    def told() -> int:
        thread.join(5)
        return came[0]

    yield listener.getsockname()[1], told
    listener.close()
    thread.join(5)


def test_a_large_body_that_is_refused_at_once_is_not_sent(early: tuple[int, Callable[[], int]]) -> None:
    port, came = early
    pool = _pool(port)
    assert pool.exchange(Request("PUT", "/", {"Host": "h"}, LARGE, wait=2.0)).status == 412
    assert came() == 0


def test_other_news_before_leave_is_passed_over() -> None:
    def serve(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")

    listener = socket.create_server(("127.0.0.1", 0))
    came: list[int] = []

    def accept() -> None:
        sock, _ = listener.accept()
        with sock:
            data = b""
            while b"\r\n\r\n" not in data:
                data += sock.recv(65536)
            serve(sock)
            count = len(data.partition(b"\r\n\r\n")[2])
            while count < len(LARGE):
                count += len(sock.recv(65536))
            came.append(count)
            sock.sendall(reply(b"done"))

    thread = threading.Thread(target=accept)
    thread.start()
    pool = _pool(listener.getsockname()[1])
    assert pool.exchange(Request("PUT", "/", {"Host": "h"}, LARGE, wait=2.0)).body == b"done"
    thread.join(5)
    pool.close()
    listener.close()
    assert came == [len(LARGE)]


def test_leave_to_send_is_no_answer() -> None:
    with scripted(b"HTTP/1.1 100 Continue\r\n\r\n" + reply(b"done")) as server:
        pool = _pool(server.port)
        assert pool.exchange(Request("PUT", "/", {"Host": "h"}, b"x")).body == b"done"
        pool.close()


class Regions:
    """A transport to AWS, where the bucket is in us-west-2."""

    def __init__(self, refusal: Answer) -> None:
        self.asked: list[tuple[str, str]] = []
        self._refusal = refusal

    def dial(self, endpoint: Endpoint) -> Callable[[Request], Any]:
        def exchange(request: Request) -> Answer:
            self.asked.append((endpoint.host, request.headers["Authorization"].split("/")[2]))
            if "us-west-2" not in endpoint.host:
                return self._refusal
            return Answer(200, {"content-length": "0", "etag": '"e"'}, b"")

        return exchange

    async def close(self) -> None:
        """Nothing is open."""


MOVED = b"<Error><Code>PermanentRedirect</Code><Message>m</Message><Region>us-west-2</Region></Error>"
MALFORMED = MOVED.replace(b"PermanentRedirect", b"AuthorizationHeaderMalformed")
REFUSALS = {
    "in the headers": Answer(301, {"x-amz-bucket-region": "us-west-2"}, b""),
    "in the body": Answer(301, {}, MOVED),
    "as a wrong signature": Answer(400, {}, MALFORMED),
}


def calls_over(regions: Regions, set_by: str | None = None) -> RestCalls:
    lean = Lean(Endpoint(True, "s3.eu-west-1.amazonaws.com", 443), "eu-west-1", "code", set_by=set_by)
    return RestCalls(BlockingIo(), SERVICE, Connection(credentials=Credentials("k", "s")), lean, regions)


PUT = {"Bucket": "bucket-1", "Key": "k", "Body": b""}


@pytest.mark.parametrize("how", REFUSALS)
def test_a_request_is_signed_anew_for_the_bucket_s_region(how: str) -> None:
    regions = Regions(REFUSALS[how])
    calls = calls_over(regions)
    for _ in range(2):
        run_blocking(calls.call("PutObject", PUT))
    there = ("bucket-1.s3.us-west-2.amazonaws.com", "us-west-2")
    assert regions.asked == [("bucket-1.s3.eu-west-1.amazonaws.com", "eu-west-1"), there, there]


def test_an_address_of_the_user_s_own_is_never_left() -> None:
    regions = Regions(REFUSALS["in the headers"])
    with pytest.raises(Refused):
        run_blocking(calls_over(regions, "?endpoint=").call("PutObject", PUT))
    assert len(regions.asked) == 1
