"""Removals of many keys, whatever is in them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall.io import BlockingIo, run_blocking
from holdall.urls import parse_url
from holdall_adapters.s3.driver import S3
from holdall_adapters.s3.options import Options

if TYPE_CHECKING:
    from collections.abc import Mapping

ODD = ["a\rb", "a\nb", "a\tb", "a&b<c>\"'", "a\x01b", "é🚀", "a+b c%20"]


@pytest.mark.parametrize("client", ["lean", "boto3"])
def test_a_key_with_odd_characters_is_the_one_that_is_removed(versitygw_endpoint: str, client: str) -> None:
    with holdall.open_blobs(f"s3://odd-{secrets.token_hex(6)}?endpoint={versitygw_endpoint}&client={client}") as blobs:
        blobs.provision()
        for key in ODD:
            blobs.put(key, b"x")
        blobs.put("ab", b"stays")
        assert blobs.delete_many(ODD) == len(ODD)
        assert [key for key in ODD if blobs.exists(key)] == []
        assert blobs.exists("ab")


class Answering:
    """Calls to a service that removes nothing."""

    region = "us-east-1"

    def __init__(self, errors: list[dict[str, str]]) -> None:
        self._errors = errors

    async def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        assert operation == "DeleteObjects"
        assert len(params["Delete"]["Objects"]) == 2
        return {"Errors": self._errors, "ResponseMetadata": {"RequestId": "r"}}


def removing(errors: list[dict[str, str]]) -> Mapping[int, holdall.HoldallError]:
    calls: Any = Answering(errors)
    driver = S3(calls, BlockingIo(), Options.from_url(parse_url("s3://shop/p")))
    return run_blocking(driver.delete_many(["a", "b"]))


def test_what_was_not_removed_is_told_by_its_place() -> None:
    (failed,) = removing([{"Key": "p/b", "Code": "AccessDenied", "Message": "no"}]).items()
    assert failed[0] == 1
    assert isinstance(failed[1], holdall.AccessDenied)
    assert failed[1].request_id == "r"


def test_an_answer_about_another_key_is_no_answer() -> None:
    with pytest.raises(holdall.Unavailable, match="not asked for"):
        removing([{"Key": "elsewhere", "Code": "AccessDenied", "Message": "no"}])
