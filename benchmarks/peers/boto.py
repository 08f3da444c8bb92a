"""boto3: the client in wire form, and the resource, which translates values."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import TypeDeserializer

from .. import record
from .base import CREDENTIALS, PUT, READ, REGION, THREADS, UPDATED, Peer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GET_CHUNK, PUT_CHUNK = 100, 25


def chunks(items: list[Any], size: int) -> list[list[Any]]:
    """Return the items in chunks."""
    source = iter(items)
    return [chunk for _ in range(-(-len(items) // size)) if (chunk := list(islice(source, size)))]


def in_threads(get: Callable[[list[Any]], list[Any]], many: list[list[Any]]) -> list[Any]:
    """Return what all chunks have, each got by one of 8 threads."""
    with ThreadPoolExecutor(THREADS) as pool:
        return [item for found in pool.map(get, many) for item in found]


def every_page(query: Callable[..., Any], **asked: Any) -> Iterator[Any]:
    """Yield the items of every page of a query."""
    while True:
        page = query(**asked)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _options(endpoint: str) -> dict[str, Any]:
    return {
        "endpoint_url": endpoint,
        "region_name": REGION,
        "aws_access_key_id": CREDENTIALS[0],
        "aws_secret_access_key": CREDENTIALS[1],
    }


class Client(Peer):
    """The raw client: attribute values in, attribute values out."""

    def __init__(self, endpoint: str, table: str) -> None:
        super().__init__(endpoint, table)
        self.client = boto3.client("dynamodb", **_options(endpoint))
        self._put = self.record(1, PUT)

    def get(self) -> Any:
        return self.client.get_item(TableName=self.table, Key=record.wire_key(1, READ))["Item"]

    def put(self) -> Any:
        return self.client.put_item(TableName=self.table, Item=self._put)

    def put_if_present(self) -> Any:
        return self.client.put_item(
            TableName=self.table, Item=self._put, ConditionExpression="attribute_exists(#k)",
            ExpressionAttributeNames={"#k": "customer"},
        )  # fmt: skip

    def update(self) -> Any:
        return self.client.update_item(
            TableName=self.table, Key={"customer": {"S": "c-1"}, "id": {"S": record.ID.format(UPDATED)}},
            UpdateExpression="SET #p = :p ADD #q :q", ConditionExpression="attribute_exists(#k)",
            ExpressionAttributeNames={"#p": "paid", "#q": "quantity", "#k": "customer"},
            ExpressionAttributeValues={":p": {"BOOL": True}, ":q": {"N": "1"}}, ReturnValues="ALL_NEW",
        )["Attributes"]  # fmt: skip

    def _items(self, size: int) -> Iterator[Any]:
        return every_page(
            self.client.query, TableName=self.table, KeyConditionExpression="#k = :k",
            ExpressionAttributeNames={"#k": "customer"}, ExpressionAttributeValues={":k": {"S": f"c-{size}"}},
        )  # fmt: skip

    def query(self, size: int) -> Any:
        return list(self._items(size))

    def stream(self, size: int) -> int:
        return sum(1 for _ in self._items(size))

    def _get_chunk(self, keys: list[Any]) -> list[Any]:
        answer = self.client.batch_get_item(RequestItems={self.table: {"Keys": keys}})
        assert not answer["UnprocessedKeys"]
        found: list[Any] = answer["Responses"][self.table]
        return found

    def get_many(self) -> Any:
        return [item for chunk in chunks(self.keys, GET_CHUNK) for item in self._get_chunk(chunk)]

    def get_many_in_threads(self) -> Any:
        return in_threads(self._get_chunk, chunks(self.keys, GET_CHUNK))

    def put_many(self) -> Any:
        for chunk in chunks(self.records, PUT_CHUNK):
            asked: Any = {self.table: [{"PutRequest": {"Item": item}} for item in chunk]}
            answer = self.client.batch_write_item(RequestItems=asked)
            assert not answer["UnprocessedItems"]

    def key(self, size: int, number: int) -> Any:
        return record.wire_key(size, number)

    def record(self, size: int, number: int) -> Any:
        return record.wire(size, number, self.table)

    def values(self, found: Any) -> Any:
        return {name: TypeDeserializer().deserialize(value) for name, value in found.items()}

    def close(self) -> None:
        self.client.close()


class Resource(Peer):
    """The resource: Python values in, Python values out, as dicts."""

    def __init__(self, endpoint: str, table: str) -> None:
        super().__init__(endpoint, table)
        self.resource = boto3.resource("dynamodb", **_options(endpoint))
        self.orders = self.resource.Table(self.table)
        self._put = self.record(1, PUT)

    def get(self) -> Any:
        return self.orders.get_item(Key={"customer": "c-1", "id": record.ID.format(READ)})["Item"]

    def put(self) -> Any:
        return self.orders.put_item(Item=self._put)

    def put_if_present(self) -> Any:
        return self.orders.put_item(Item=self._put, ConditionExpression=Attr("customer").exists())

    def update(self) -> Any:
        return self.orders.update_item(
            Key={"customer": "c-1", "id": record.ID.format(UPDATED)}, UpdateExpression="SET #p = :p ADD #q :q",
            ConditionExpression=Attr("customer").exists(), ExpressionAttributeNames={"#p": "paid", "#q": "quantity"},
            ExpressionAttributeValues={":p": True, ":q": 1}, ReturnValues="ALL_NEW",
        )["Attributes"]  # fmt: skip

    def _items(self, size: int) -> Iterator[Any]:
        return every_page(self.orders.query, KeyConditionExpression=Key("customer").eq(f"c-{size}"))

    def query(self, size: int) -> Any:
        return list(self._items(size))

    def stream(self, size: int) -> int:
        return sum(1 for _ in self._items(size))

    def _get_chunk(self, keys: list[Any]) -> list[Any]:
        answer = self.resource.batch_get_item(RequestItems={self.table: {"Keys": keys}})
        assert not answer["UnprocessedKeys"]
        found: list[Any] = answer["Responses"][self.table]
        return found

    def get_many(self) -> Any:
        return [item for chunk in chunks(self.keys, GET_CHUNK) for item in self._get_chunk(chunk)]

    def put_many(self) -> Any:
        with self.orders.batch_writer() as batch:
            for item in self.records:
                batch.put_item(Item=item)

    def key(self, size: int, number: int) -> Any:
        return record.key(size, number)

    def record(self, size: int, number: int) -> Any:
        return record.plain(size, number)

    def close(self) -> None:
        self.resource.meta.client.close()
