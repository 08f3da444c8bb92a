"""Who reads the body of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import boto3
import pytest

from holdall import Repository, Schema, open_repository
from holdall_adapters._aws.reading import call_reading, take_body
from holdall_adapters.dynamodb.client import SERVICE

KEY = {"id": {"S": "a"}}


def taken(operation: str, status: int, body: bytes, *, ours: bool = True) -> tuple[dict[str, Any], bytes]:
    response: dict[str, Any] = {"status_code": status, "body": body}
    found: dict[str, Any] = {}

    def call() -> dict[str, Any]:
        take_body(SERVICE.plain, SimpleNamespace(name=operation), response, found, event_name="before-parse")
        return {}

    if ours:
        call_reading(call, {})
    else:
        call()
    return found, response["body"]


def test_an_answer_to_a_call_of_ours_is_read_here() -> None:
    assert taken("GetItem", 200, b'{"Item": {"id": {"B": "AA=="}}}') == ({"Item": {"id": {"B": "AA=="}}}, b"{}")


@pytest.mark.parametrize(
    ("operation", "status", "body", "ours"),
    [
        ("GetItem", 200, b"{}", False),
        ("DescribeTable", 200, b'{"Table": {}}', True),
        ("GetItem", 400, b'{"__type": "x"}', True),
        ("GetItem", 200, b'{"Item": {"id"', True),
        ("GetItem", 200, b"\xff", True),
        ("GetItem", 200, b"[]", True),
    ],
    ids=["call of others", "other operation", "error", "cut short", "no text", "no object"],
)
def test_any_other_answer_is_left_to_botocore(operation: str, status: int, body: bytes, ours: bool) -> None:
    assert taken(operation, status, body, ours=ours) == ({}, body)


@pytest.fixture
def table() -> str:
    return f"reading-{uuid4().hex[:8]}"


@pytest.fixture
def blobs(dynalite_endpoint: str, table: str) -> Iterator[Repository[dict[str, Any]]]:
    keys: dict[str, Any] = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = boto3.client("dynamodb", endpoint_url=dynalite_endpoint, **keys)
    schema = Schema(dict, fields={"id": str, "blob": bytes}, partition="id")
    with open_repository(f"dynamodb://{table}", schema, client=client) as opened:
        opened.provision()
        yield opened
    client.delete_table(TableName=table)
    client.close()


def test_the_callers_own_calls_on_a_shared_client_still_give_bytes(
    blobs: Repository[dict[str, Any]], table: str
) -> None:
    blobs.put({"id": "a", "blob": b"\x00\xff"})
    assert blobs.require("a")["blob"] == b"\x00\xff"
    assert blobs.native.get_item(TableName=table, Key=KEY)["Item"]["blob"] == {"B": b"\x00\xff"}
