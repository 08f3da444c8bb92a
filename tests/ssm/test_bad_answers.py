"""Answers that were cut short or garbled are never taken for "there is none"."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

import holdall
from holdall import Credentials, RetryPolicy
from tests.aws.scripted import CLOSE, Scripted, http, scripted

from .fakes import page, parameter

KEYS, ONCE = Credentials("k", "s"), RetryPolicy(attempts=1)
WHOLE = json.dumps(page(parameter("/shop/a", "1"))).encode()
ANSWERS = {
    "no body": http(b""),
    "cut in the head": b"HTTP/1.1 200 OK\r\nContent-Le" + CLOSE,
    "cut in the body": http(WHOLE).replace(WHOLE, WHOLE[:50]) + CLOSE,
    "without its length": http(WHOLE, length=False) + CLOSE,
    "empty": http(b"{}"),
    "no JSON": http(b"<html>busy</html>"),
    "a list": http(b"[]"),
    "null": http(b"null"),
    "of another kind": http(b'{"Parameters": "none"}'),
    "null inside": http(b'{"Parameters": null}'),
    "a wrong checksum": http(WHOLE, "x-amz-crc32: 1"),
}
CLIENTS = ["lean", "boto3"]


def url_of(server: Scripted, client: str, more: str = "") -> str:
    return f"ssm:///shop?region=us-east-1&client={client}&endpoint={server.endpoint}{more}"


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("more", ["", "&by=name"], ids=["by path", "by name"])
@pytest.mark.parametrize("name", ANSWERS)
def test_a_broken_answer_is_not_taken_for_none(name: str, more: str, client: str) -> None:
    with (
        scripted(ANSWERS[name]) as server,
        holdall.open_config(url_of(server, client, more), credentials=KEYS, retry=ONCE) as config,
        pytest.raises(holdall.Unavailable) as caught,
    ):
        config.get("a", default="none")
    assert "Parameter Store" in caught.value.message
    assert not caught.value.maybe_done


@pytest.mark.parametrize("name", ANSWERS)
def test_a_broken_answer_is_not_taken_for_none_by_asyncio(name: str) -> None:
    async def read(server: Scripted) -> None:
        async with holdall.open_async_config(url_of(server, "lean"), credentials=KEYS, retry=ONCE) as config:
            with pytest.raises(holdall.Unavailable):
                await config.get("a")

    with scripted(ANSWERS[name]) as server:
        asyncio.run(read(server))


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", ["cut in the body", "empty", "no JSON"])
def test_after_a_broken_answer_it_is_asked_once_more(name: str, client: str) -> None:
    quick = RetryPolicy(attempts=2, first_wait=0.0)
    with (
        scripted(ANSWERS[name], http(WHOLE) + CLOSE) as server,
        holdall.open_config(url_of(server, client), credentials=KEYS, retry=quick) as config,
    ):
        assert config.get("a") == "1"
        assert len(server.bodies) == 2


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("body", [b"{}", b'{"Version": "1"}', b'{"Version": null}', b"", b"[]"])
def test_a_put_whose_answer_is_broken_may_be_done_and_is_sent_once(body: bytes, client: str) -> None:
    with (
        scripted(http(body)) as server,
        holdall.open_config(url_of(server, client), credentials=KEYS) as config,
        pytest.raises(holdall.Unavailable) as caught,
    ):
        config.put("a", "1")
    assert caught.value.maybe_done
    assert len(server.bodies) == 1


@pytest.mark.parametrize("client", CLIENTS)
def test_a_put_with_a_version_whose_read_is_broken_puts_nothing(client: str) -> None:
    with (
        scripted(http(b'{"Parameter": []}')) as server,
        holdall.open_config(url_of(server, client), credentials=KEYS, retry=ONCE) as config,
        pytest.raises(holdall.Unavailable) as caught,
    ):
        config.put("a", "1", if_version=1)
    assert not caught.value.maybe_done
    assert len(server.bodies) == 1


ENTRIES: dict[str, Any] = {
    "nothing": {}, "a text": "x", "null": None, "no name": {"Value": "1", "Version": 1},
    "no version": {"Name": "/shop/a", "Value": "1"}, "a name of another kind": {"Name": 1, "Value": "1", "Version": 1},
    "a version of another kind": {"Name": "/shop/a", "Value": "1", "Version": "one"},
}  # fmt: skip


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("more", ["", "&by=name"], ids=["by path", "by name"])
@pytest.mark.parametrize("name", ENTRIES)
def test_a_parameter_of_another_shape_is_a_broken_answer(name: str, more: str, client: str) -> None:
    body = json.dumps({"Parameters": [ENTRIES[name]], "InvalidParameters": []}).encode()
    with (
        scripted(http(body)) as server,
        holdall.open_config(url_of(server, client, more), credentials=KEYS, retry=ONCE) as config,
        pytest.raises(holdall.Unavailable),
    ):
        config.get("a")
