"""Every client of the process is watched: refused requests don't leave it, and are found even if swallowed."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from boto3.dynamodb.conditions import Key

from holdall.testing.dynamodb import Recorder, RequestRefused, install, unwatched, watching

from .battery.rows import create_table, key, s

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def client(dynalite_endpoint: str) -> Iterator[Any]:
    found = boto3.client("dynamodb", endpoint_url=dynalite_endpoint)
    yield found
    found.close()


@pytest.fixture
def table(client: Any) -> Iterator[str]:
    name = f"watching-{secrets.token_hex(4)}"
    client.create_table(**create_table(name, pk="S", sk="S"))
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 0, "MaxAttempts": 200})
    yield name
    client.delete_table(TableName=name)


def test_a_client_made_before_is_watched(client: Any, table: str, strict_dynamodb: Recorder) -> None:
    client.put_item(TableName=table, Item=key())
    assert strict_dynamodb.of("PutItem") == [{"TableName": table, "Item": key()}]


def test_a_refused_request_does_not_leave(client: Any, table: str, strict_dynamodb: Recorder) -> None:
    request = {"TableName": table, "Item": {**key(), "a": {"S": "x" * 500_000}}}
    with pytest.raises(RequestRefused, match="Item size has exceeded"):
        client.put_item(**request)
    assert len(strict_dynamodb.refused) == 1
    strict_dynamodb.refused.clear()
    assert client.scan(TableName=table)["Count"] == 0


def test_a_refusal_that_is_swallowed_is_kept(client: Any, table: str) -> None:
    recorder = Recorder()
    with watching(recorder), suppress(AssertionError):
        client.get_item(TableName=table, Key={"pk": s("p")})
    assert [str(error) for error in recorder.refused] == ["The provided key element does not match the schema"]


def test_a_table_that_is_not_known_is_looked_up(client: Any, table: str) -> None:
    recorder = Recorder()
    with watching(recorder), pytest.raises(RequestRefused, match="does not match the schema"):
        client.get_item(TableName=table, Key={"pk": s("p")})
    assert list(recorder.tables) == [table]
    assert recorder.count("DescribeTable") == 0


def test_a_table_that_is_not_there_fails_on_the_server(client: Any, strict_dynamodb: Recorder) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_item(TableName="watching-nowhere", Key={"pk": s("p")})
    assert strict_dynamodb.count("GetItem") == 1


def test_what_a_resource_sends_is_seen_in_wire_form(
    client: Any, table: str, dynalite_endpoint: str, strict_dynamodb: Recorder
) -> None:
    found = boto3.resource("dynamodb", endpoint_url=dynalite_endpoint)
    found.Table(table).query(KeyConditionExpression=Key("pk").eq("p"))
    found.meta.client.close()
    (request,) = strict_dynamodb.of("Query")
    assert request["ExpressionAttributeValues"] == {":v0": s("p")}


def test_unwatched_requests_are_not_recorded(client: Any, table: str, strict_dynamodb: Recorder) -> None:
    with unwatched():
        client.put_item(TableName=table, Item=key())
    assert strict_dynamodb.count("PutItem") == 0


def test_a_table_that_was_deleted_is_forgotten(client: Any, strict_dynamodb: Recorder) -> None:
    name = f"watching-{secrets.token_hex(4)}"
    client.create_table(**create_table(name, pk="S"))
    assert strict_dynamodb.tables[name].keys.sort == ()
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 0, "MaxAttempts": 200})
    client.delete_table(TableName=name)
    assert name not in strict_dynamodb.tables


def test_one_client_can_be_watched_alone(client: Any, table: str) -> None:
    recorder = install(client, allow_unknown=True)
    client.get_item(TableName=table, Key=key())
    client.describe_table(TableName=table)
    assert (recorder.count(), list(recorder.tables)) == (2, [table])
