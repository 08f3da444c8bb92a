"""Every client of the process is watched: a request that Parameter Store would refuse doesn't leave it."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from holdall.interception import intercepted
from holdall.testing.ssm import RequestRefused, watching

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@pytest.fixture
def client(moto_endpoint: str) -> Iterator[Any]:
    found = boto3.client("ssm", endpoint_url=moto_endpoint)
    yield found
    found.close()


@pytest.fixture
def name() -> str:
    return f"/watching-{secrets.token_hex(4)}"


def lean(operation: str, **params: Any) -> tuple[dict[str, Any] | None, int]:
    """Return the answer to a call as holdall's own client makes it, and how often it was sent."""
    sent: list[str] = []

    async def send(operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        sent.append(operation)
        return {"sent": operation}

    with suppress(RequestRefused):
        return asyncio.run(intercepted("ssm", operation, params, send)), len(sent)
    return None, len(sent)


def test_a_right_request_of_boto3_reaches_the_server(client: Any, name: str) -> None:
    client.put_parameter(Name=name, Value="7", Type="String")
    assert client.get_parameter(Name=name)["Parameter"]["Value"] == "7"


def test_a_request_of_boto3_that_the_server_would_take_is_refused(
    client: Any, name: str, strict_ssm: list[RequestRefused]
) -> None:
    with pytest.raises(RequestRefused, match="Value has 4,097 bytes"):
        client.put_parameter(Name=name, Value="x" * 4097, Type="String")
    assert len(strict_ssm) == 1
    strict_ssm.clear()
    with pytest.raises(client.exceptions.ParameterNotFound):
        client.get_parameter(Name=name)


def test_a_right_request_of_holdalls_own_client_is_sent() -> None:
    with watching():
        assert lean("GetParameter", Name="/shop/fee") == ({"sent": "GetParameter"}, 1)


def test_a_wrong_request_of_holdalls_own_client_is_not_sent() -> None:
    with watching():
        assert lean("GetParameter", Name="shop/fee") == (None, 0)


def test_a_refusal_that_is_swallowed_is_kept() -> None:
    with watching() as refused:
        lean("GetParameter", Name="shop/fee")
    assert [str(error) for error in refused] == ["GetParameter: Name has levels, so it has to begin with /"]


def test_other_services_are_not_watched(client: Any, moto_endpoint: str) -> None:
    other = boto3.client("sts", endpoint_url=moto_endpoint)
    assert other.get_caller_identity()["Account"]
    other.close()


def test_nothing_is_watched_after_the_block() -> None:
    with watching():
        pass
    assert lean("GetParameter", Name="shop/fee") == ({"sent": "GetParameter"}, 1)
