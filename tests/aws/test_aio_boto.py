"""The clients of aioboto3: one for each loop and connection, checked like boto3's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import holdall
from holdall import RetryPolicy
from holdall.aio import ThreadIo

from .common import THINGS
from .scripted import canned, http

pytest.importorskip("aioboto3", reason="the extra aio is not installed; it pins an older botocore")

WHOLE = http(b'{"Item":{"id":{"S":"a"}}}')


def open_at(endpoint: str, **options: Any) -> holdall.AsyncRepository[Any]:
    url = f"dynamodb://things?region=us-east-1&endpoint={endpoint}&read_timeout=1&client=boto3"
    return holdall.open_async_repository(url, THINGS, retry=RetryPolicy(attempts=1), **options)


def test_repositories_on_one_loop_share_a_client_until_the_last_is_closed() -> None:
    async def work(endpoint: str) -> None:
        first, second = open_at(endpoint), open_at(endpoint)
        assert await first.get("a") == await second.get("a") == {"id": "a"}
        assert first.native is second.native
        await first.close()
        assert await second.get("a") == {"id": "a"}
        await second.close()

    with canned(WHOLE) as server:
        asyncio.run(work(server.endpoint))


def test_another_loop_has_another_client() -> None:
    async def work(endpoint: str) -> Any:
        async with open_at(endpoint) as things:
            await things.get("a")
            return things.native

    with canned(WHOLE) as server:
        assert asyncio.run(work(server.endpoint)) is not asyncio.run(work(server.endpoint))


def test_tasks_that_call_at_once_use_one_client() -> None:
    async def work(endpoint: str) -> None:
        async with open_at(endpoint) as things:
            assert await asyncio.gather(*(things.get("a") for _ in range(5))) == [{"id": "a"}] * 5

    with canned(WHOLE) as server:
        asyncio.run(work(server.endpoint))


def test_there_is_no_native_client_before_the_first_call() -> None:
    async def work() -> None:
        with pytest.raises(holdall.Unsupported, match="first call"):
            _ = open_at("http://127.0.0.1:1").native

    asyncio.run(work())


def test_a_client_of_the_callers_own_is_used_and_left_open() -> None:
    import aioboto3

    async def work(endpoint: str) -> None:
        async with aioboto3.Session().client("dynamodb", region_name="us-east-1", endpoint_url=endpoint) as own:
            async with open_at("http://127.0.0.1:9", client=own) as things:
                assert things.native is own
                assert await things.get("a") == {"id": "a"}
            assert (await own.get_item(TableName="things", Key={"id": {"S": "a"}}))["Item"]

    with canned(WHOLE) as server:
        asyncio.run(work(server.endpoint))


def test_an_asynchronous_client_does_not_serve_the_blocking_shell() -> None:
    import aioboto3

    async def work() -> None:
        async with aioboto3.Session().client("dynamodb", region_name="us-east-1") as own:
            with pytest.raises(holdall.InvalidArgument, match="open_async_"):
                holdall.open_repository("dynamodb://things", THINGS, client=own)

    asyncio.run(work())


def test_a_client_that_was_not_entered_is_refused() -> None:
    import aioboto3

    async def work() -> None:
        client = aioboto3.Session().client("dynamodb", region_name="us-east-1")
        with pytest.raises(holdall.InvalidArgument, match="open client"):
            open_at("http://127.0.0.1:1", client=client)
        async with client:
            pass

    asyncio.run(work())


def test_a_blocking_client_of_the_callers_own_is_called_in_threads() -> None:
    import boto3

    own = boto3.client("dynamodb", region_name="us-east-1", endpoint_url="http://127.0.0.1:1")
    assert isinstance(open_at("http://127.0.0.1:1", client=own)._engine.io, ThreadIo)
    own.close()


BAD = {
    "nothing": b"",
    "cut in the headers": WHOLE[:40],
    "half a body": WHOLE[:-9],
    "no length": http(b'{"Item":{"id":{"S":"a"}}}', length=False),
    "wrong checksum": http(b'{"Item":{"id":{"S":"a"}}}', "x-amz-crc32: 1"),
    "no JSON": http(b"<html>"),
    "a list": http(b"[]"),
    "null": http(b"null"),
    "500": http(b"{}", status="500 Internal Server Error"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_no_answer(name: str) -> None:
    async def work(endpoint: str) -> None:
        async with open_at(endpoint) as things:
            with pytest.raises(holdall.Unavailable) as caught:
                await things.get("a")
            assert not caught.value.maybe_done
            with pytest.raises(holdall.Unavailable) as caught:
                await things.put({"id": "a"})
            assert caught.value.maybe_done

    with canned(BAD[name]) as server:
        asyncio.run(work(server.endpoint))


def test_a_server_that_is_not_there_has_done_nothing() -> None:
    async def work() -> None:
        async with open_at("http://127.0.0.1:1") as things:
            with pytest.raises(holdall.Unavailable) as caught:
                await things.put({"id": "a"})
            assert not caught.value.maybe_done

    asyncio.run(work())
