"""What no server here proves: requests about odd and long keys, and conditions on copies, by S3's own rules."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from holdall.blob_drivers import ALWAYS, BlobInfo, Condition, ListAsked, NewBlob, Span
from holdall.credentials import Credentials
from holdall.io import BlockingIo, run_blocking
from holdall.testing.s3 import HttpRequest, check
from holdall.urls import parse_url
from holdall_adapters._aws.choice import Lean
from holdall_adapters._aws.endpoints import Endpoint
from holdall_adapters._aws.http import Request
from holdall_adapters._aws.protocol import Answer
from holdall_adapters._aws.rest_xml.client import RestCalls
from holdall_adapters.s3.client import SERVICE
from holdall_adapters.s3.driver import S3
from holdall_adapters.s3.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = [
    "a//b", "/lead", "//", "a/./b", "a/../b", "../x", "..", ".", "trail/", "a b", "+", "%41", "100%", "a?b#c&d=e", "\\",
    "é", "🚀", "~'()*!,;:@$", '<&>"', "\t", "\x7f", "k" * 1024, "é" * 512,
]  # fmt: skip
NEW = NewBlob("text/plain", {"by": "José"}, "crc32", {"kind": "a b", "größe": "x"})
HEADERS = {"content-length": "0", "etag": '"e"', "last-modified": "Fri, 27 Nov 2026 20:00:20 GMT"}
BODIES = {
    "uploads=": b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>",
    "tagging=": b"<Tagging><TagSet></TagSet></Tagging>",
    "list-type=2": b"<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>",
    "delete=": b"<DeleteResult></DeleteResult>",
    "uploadId=": b"<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>",
}
COPIED = b"<CopyObjectResult><ETag>e</ETag><LastModified>2026-11-27T20:00:20.000Z</LastModified></CopyObjectResult>"


class Recording:
    """A transport that checks and keeps requests, and answers as S3 would."""

    def __init__(self) -> None:
        self.seen: list[HttpRequest] = []

    def dial(self, endpoint: Endpoint) -> Callable[[Request], Any]:
        def exchange(request: Request) -> Answer:
            seen = HttpRequest(request.method, request.path, request.headers, bytes(request.body))
            check(seen)
            self.seen.append(seen)
            return self._answer(seen)

        assert endpoint.host == "s3.example"
        return exchange

    def _answer(self, request: HttpRequest) -> Answer:
        asked = request.target.partition("?")[2]
        body = next((text for mark, text in BODIES.items() if mark in asked), b"")
        if request.header("x-amz-copy-source") is not None:
            body = COPIED
        if request.method in ("HEAD", "DELETE", "GET") and not body:
            return Answer(200, HEADERS, Nothing())
        return Answer(200, {**HEADERS, "content-length": str(len(body))}, body)

    async def close(self) -> None:
        """Nothing is open."""


class Nothing(bytes):
    """A body without bytes."""

    def read(self, size: int) -> bytes:
        return self[:size]

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def transport() -> Recording:
    return Recording()


@pytest.fixture
def driver(transport: Recording) -> S3:
    options = Options.from_url(parse_url("s3://bucket?region=eu-west-1"), Credentials("k", "s"))
    lean = Lean(Endpoint(True, "s3.example", 443), "eu-west-1", "code", set_by="?endpoint=")
    io = BlockingIo()
    return S3(RestCalls(io, SERVICE, options.connection, lean, transport), io, options)


NOON = datetime(2026, 11, 27, 12, tzinfo=timezone.utc)


def info(key: str) -> BlobInfo:
    return BlobInfo(key, 5, '"e"', NOON, "text/plain", {}, "crc32:3610a686")


@pytest.mark.parametrize("key", KEYS)
def test_a_key_arrives_as_it_is(driver: S3, transport: Recording, key: str) -> None:
    async def program() -> None:
        await driver.put(key, b"hello", NEW, "crc32:3610a686", Condition(absent=True))
        await driver.info(key, None)
        await (await driver.read(key, Span(), None, "v")).close()
        upload = await driver.begin(key, NEW)
        await upload.put(1, b"hello", "crc32:3610a686")
        await upload.complete("crc32:3610a686", Condition(match='"e"'))
        await driver.tags(key)
        await driver.set_tags(key, {"a": "b"})
        await driver.delete(key, '"e"', None)
        await driver.copy(info("source"), key, NEW, ALWAYS)

    run_blocking(program())
    assert {seen.key for seen in transport.seen} == {key}
    assert len(transport.seen) == 11


@pytest.mark.parametrize("key", KEYS)
def test_a_source_and_a_removal_name_the_key_as_it_is(driver: S3, transport: Recording, key: str) -> None:
    async def program() -> None:
        await driver.copy(info(key), "target", None, Condition(absent=True))
        await driver.delete_many([key, "other"])
        await driver.list(ListAsked(key, "/", key, 7))

    run_blocking(program())
    copied, removed, *rest = transport.seen
    source = copied.header("x-amz-copy-source") or ""
    assert HttpRequest("GET", f"/{source}", {}, b"").key == key
    assert copied.header("if-none-match") == "*"
    listed = rest[-1]
    if key != "\x7f":
        assert removed.body.count(b"<Object>") == 2
    assert (listed.query["prefix"], listed.query["start-after"], listed.query["max-keys"]) == (key, key, "7")


@pytest.mark.parametrize(("condition", "name", "value"), [
    (Condition(absent=True), "if-none-match", "*"), (Condition(match='"x"'), "if-match", '"x"'),
])  # fmt: skip
def test_a_condition_on_a_copy_is_sent(
    driver: S3, transport: Recording, condition: Condition, name: str, value: str
) -> None:
    run_blocking(driver.copy(info("a"), "b", None, condition))
    assert transport.seen[0].header(name) == value
    assert transport.seen[0].header("x-amz-copy-source-if-match") == '"e"'
