"""The table as data, and `provision()`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

import holdall
from holdall import Expires, F, Index, Key, Partition, Schema, Sort
from holdall._model.schema import Model
from holdall.testing.dynamodb.watch import unwatched
from holdall_adapters.dynamodb import schema

from .fakes import Scripted, refused, repository_of


@dataclass
class Rich:
    group: Partition[bytes]
    number: Sort[int]
    status: str
    note: str | None = None
    ends: Expires[int | None] = None

    by_status = Index("status", "number")
    keys = Index("status", keys_only=True)
    some = Index("note", "status", include=["ends"])


MODEL: Schema[Rich] = Schema(Rich, names={"group": "pk", "number": "sk", "status": "data", "ends": "ttl"})
TABLE = {
    "TableName": "rich",
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "B"},
        {"AttributeName": "sk", "AttributeType": "N"},
        {"AttributeName": "data", "AttributeType": "S"},
        {"AttributeName": "note", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {"IndexName": "by_status", "Projection": {"ProjectionType": "ALL"},
         "KeySchema": [{"AttributeName": "data", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]},
        {"IndexName": "keys", "Projection": {"ProjectionType": "KEYS_ONLY"},
         "KeySchema": [{"AttributeName": "data", "KeyType": "HASH"}]},
        {"IndexName": "some", "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["ttl"]},
         "KeySchema": [{"AttributeName": "note", "KeyType": "HASH"}, {"AttributeName": "data", "KeyType": "RANGE"}]},
    ],
}  # fmt: skip
LIVE = {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}}


def described(**more: Any) -> dict[str, Any]:
    indexes = [{**one, "IndexStatus": "ACTIVE"} for one in TABLE["GlobalSecondaryIndexes"]]
    return {"Table": {**TABLE, "TableStatus": "ACTIVE", "GlobalSecondaryIndexes": indexes, **more}}


def test_the_table_is_given_as_data() -> None:
    assert schema.table(Model(MODEL), "rich") == TABLE


def test_the_time_to_live_is_given_as_data() -> None:
    wanted = {"TableName": "rich", "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "ttl"}}
    assert schema.time_to_live(Model(MODEL), "rich") == wanted


def test_a_class_without_expiry_has_no_time_to_live() -> None:
    assert schema.time_to_live(Model(Schema(dict, partition="id", fields={"id": str}, table="t")), "t") is None


def test_a_table_is_made_and_waited_for() -> None:
    creating = described(TableStatus="CREATING")
    made = {"TableDescription": creating["Table"]}
    off = {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}
    calls = Scripted(
        refused("ResourceNotFoundException"),
        made,
        creating,
        described(),
        described(),
        off,
        {"TimeToLiveSpecification": {}},
    )
    repository_of(MODEL, calls, "rich").provision()
    assert calls.operations[:3] == ["DescribeTable", "CreateTable", "DescribeTable"]
    assert calls.calls[1][1] == TABLE
    assert calls.operations[-2:] == ["DescribeTimeToLive", "UpdateTimeToLive"]


def test_what_is_there_is_left_alone() -> None:
    calls = Scripted(described(), described(), LIVE)
    repository_of(MODEL, calls, "rich").provision()
    assert calls.operations == ["DescribeTable", "DescribeTable", "DescribeTimeToLive"]


def test_an_index_that_is_missing_is_added_and_waited_for() -> None:
    two = TABLE["GlobalSecondaryIndexes"][:2]
    building = [*two, {**TABLE["GlobalSecondaryIndexes"][2], "IndexStatus": "CREATING"}]
    before = described(GlobalSecondaryIndexes=two, AttributeDefinitions=TABLE["AttributeDefinitions"][:3])
    calls = Scripted(
        before, before, {"TableDescription": {}}, described(GlobalSecondaryIndexes=building), described(), LIVE
    )
    repository_of(MODEL, calls, "rich").provision()
    (update,) = [params for operation, params in calls.calls if operation == "UpdateTable"]
    assert update["GlobalSecondaryIndexUpdates"] == [{"Create": TABLE["GlobalSecondaryIndexes"][2]}]
    assert update["AttributeDefinitions"] == TABLE["AttributeDefinitions"]


def test_an_index_of_a_table_with_provisioned_capacity_gets_as_much() -> None:
    capacity = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 2}
    before = described(GlobalSecondaryIndexes=[], ProvisionedThroughput={**capacity, "NumberOfDecreasesToday": 0})
    calls = Scripted(before, before, *[{"TableDescription": {}}, described()] * 3, LIVE)
    repository_of(MODEL, calls, "rich").provision()
    updates = [params for operation, params in calls.calls if operation == "UpdateTable"]
    created = [update["GlobalSecondaryIndexUpdates"][0]["Create"] for update in updates]
    assert [one["ProvisionedThroughput"] for one in created] == [capacity] * 3


def test_a_table_that_another_process_makes_meanwhile_is_taken() -> None:
    calls = Scripted(
        refused("ResourceNotFoundException"), refused("ResourceInUseException"), described(), described(), LIVE
    )
    repository_of(MODEL, calls, "rich").provision()


@pytest.mark.parametrize("wrong", [
    {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]},
    {"AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "data", "note")]},
])  # fmt: skip
def test_a_table_with_another_key_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(holdall.ConfigError, match=r"rich has the key .* declares pk \(B\), sk \(N\)"):
        repository_of(MODEL, Scripted(described(**wrong)), "rich").provision()


def test_an_index_with_another_key_is_refused() -> None:
    indexes = [{**TABLE["GlobalSecondaryIndexes"][0], "KeySchema": TABLE["GlobalSecondaryIndexes"][1]["KeySchema"]}]
    with pytest.raises(holdall.ConfigError, match="index by_status of rich"):
        repository_of(MODEL, Scripted(described(GlobalSecondaryIndexes=indexes)), "rich").provision()


def test_a_time_to_live_by_another_attribute_is_refused() -> None:
    other = {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "other"}}
    with pytest.raises(holdall.ConfigError, match="time to live of rich is by 'other'"):
        repository_of(MODEL, Scripted(described(), described(), other), "rich").provision()


def test_a_server_without_time_to_live_is_taken_as_it_is() -> None:
    calls = Scripted(described(), described(), refused("UnknownOperationException"))
    repository_of(MODEL, calls, "rich").provision()


def test_a_time_to_live_that_is_denied_is_said() -> None:
    calls = Scripted(described(), described(), refused("AccessDeniedException"))
    with pytest.raises(holdall.AccessDenied, match="dynamodb:DescribeTimeToLive"):
        repository_of(MODEL, calls, "rich").provision()


def test_the_deadline_bounds_the_wait() -> None:
    creating = described(TableStatus="CREATING")
    with pytest.raises(holdall.Timeout), holdall.deadline(0.1):
        repository_of(MODEL, Scripted(*[creating] * 50), "rich").provision()


@dataclass
class Small:
    id: Key[str]
    hits: int = 0


@dataclass
class Grown:
    id: Key[str]
    hits: int = 0
    ends: Expires[int | None] = None

    by_hits = Index("hits")


KEYED: Schema[dict[str, Any]] = Schema(dict, partition="key", fields={"key": int}, table="keyed")


@contextmanager
def table_at(endpoint: str) -> Iterator[str]:
    """Give the URL of a table that is dropped at the end."""
    name = f"schema-{uuid4()}"
    url = f"dynamodb://{name}?region=us-east-1&endpoint={endpoint}"
    yield url
    holdall.open_repository(url, Small).native.delete_table(TableName=name)


# dynalite takes no new index of a table without provisioned capacity.
def test_on_a_server_a_table_grows(ministack_endpoint: str) -> None:
    with table_at(ministack_endpoint) as url:
        small, grown = holdall.open_repository(url, Small), holdall.open_repository(url, Grown)
        small.provision()
        small.put(Small("a", 3))
        with unwatched(), pytest.raises(holdall.ResourceMissing, match="by_hits"):
            grown.query(F.hits == 3).all()
        grown.provision()
        grown.put(Grown("b", 3))
        assert {one.id for one in grown.query(F.hits == 3)} == {"a", "b"}


def test_on_a_server_a_table_is_made_once(dynamodb_endpoint: str) -> None:
    with table_at(dynamodb_endpoint) as url:
        grown = holdall.open_repository(url, Grown)
        grown.provision()
        grown.put(Grown("a"))
        grown.provision()
        assert grown.get("a") == Grown("a")


def test_on_a_server_another_key_is_said_by_every_verb(dynamodb_endpoint: str) -> None:
    with table_at(dynamodb_endpoint) as url:
        other = holdall.open_repository(url, KEYED)
        holdall.open_repository(url, Small).provision()
        for verb in (lambda: other.get(1), lambda: other.put({"key": 1}), other.provision):
            with unwatched(), pytest.raises(holdall.ConfigError, match="key"):
                verb()
