"""What becomes of bad answers, whichever client gets them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import holdall

from .common import ONCE, THINGS
from .scripted import canned, http


@pytest.fixture(params=["lean", "boto3", "lean on a loop"])
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Things:
    """A repository, each verb of which runs on a loop of its own where it is asynchronous."""

    def __init__(self, endpoint: str, client: str) -> None:
        name, _, self.on_loop = client.partition(" ")
        self.url = f"dynamodb://things?region=us-east-1&endpoint={endpoint}&read_timeout=1&client={name}"

    def ask(self, verb: str, *args: Any) -> Any:
        if self.on_loop:
            return asyncio.run(self._ask(verb, *args))
        with holdall.open_repository(self.url, THINGS, retry=ONCE) as things:
            return things.scan().all() if verb == "scan" else getattr(things, verb)(*args)

    async def _ask(self, verb: str, *args: Any) -> Any:
        async with holdall.open_async_repository(self.url, THINGS, retry=ONCE) as things:
            return await (things.scan().all() if verb == "scan" else getattr(things, verb)(*args))


WHOLE = http(b'{"Item":{"id":{"S":"a"}}}')
BAD = {
    "nothing": b"",
    "cut in the status": b"HTTP/1.1 20",
    "cut in the headers": WHOLE[:40],
    "cut before the length": http(b"", length=False)[:-2],
    "no body": WHOLE[: WHOLE.index(b"\r\n\r\n") + 4],
    "half a body": WHOLE[:-9],
    "a byte too few": WHOLE[:-1],
    "no length": http(b'{"Item":{"id":{"S":"a"}}}', length=False),
    "chunks cut": http(b"1a\r\n{", "transfer-encoding: chunked", length=False),
    "wrong checksum": http(b'{"Item":{"id":{"S":"a"}}}', "x-amz-crc32: 1"),
    "no JSON": http(b"<html>"),
    "a list": http(b"[]"),
    "null": http(b"null"),
    "a number": http(b"5"),
    "half a character": http('{"Item":{"id":{"S":"é"}}}'.encode()[:20]),
    "400 without body": http(b"", status="400 Bad Request"),
    "400 that is no JSON": http(b"<html>", status="400 Bad Request"),
    "500": http(b'{"__type":"InternalServerError"}', status="500 Internal Server Error"),
    "503 of a proxy": http(b"<html>", status="503 Service Unavailable"),
}
REFUSALS = {"400 without body", "400 that is no JSON"}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_to_a_read_is_no_answer(client: str, name: str) -> None:
    with canned(BAD[name]) as server, pytest.raises(holdall.Unavailable) as caught:
        Things(server.endpoint, client).ask("get", "a")
    assert len(server.bodies) == 1
    assert not caught.value.maybe_done


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_to_a_write_leaves_open_whether_it_was_done(client: str, name: str) -> None:
    with canned(BAD[name]) as server, pytest.raises(holdall.Unavailable) as caught:
        Things(server.endpoint, client).ask("put", {"id": "a"})
    assert len(server.bodies) == 1
    assert caught.value.maybe_done is (name not in REFUSALS)


def test_a_whole_answer_is_read(client: str) -> None:
    with canned(WHOLE) as server:
        assert Things(server.endpoint, client).ask("get", "a") == {"id": "a"}


def test_an_answer_without_what_the_operation_returns_is_no_answer(client: str) -> None:
    with canned(http(b'{"Items":[]}')) as server, pytest.raises(holdall.Unavailable):
        Things(server.endpoint, client).ask("scan")


