"""Tables on a real server, made and filled for a run and removed behind it."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3

from tests.servers import SERVERS, Session

from .. import record
from ..peers.base import CREDENTIALS, MANY, REGION

if TYPE_CHECKING:
    from collections.abc import Iterator


DYNALITE = "dynalite"
"""The server that is installed and started by the run itself, as the tests do."""


@contextmanager
def reached(server: str) -> Iterator[str]:
    """
    Give the URL of a server, which may be given by it.

    Raises:
        ServerMissing: dynalite can't be installed or started here.
    """
    if server != DYNALITE:
        yield server
        return
    session = Session.begin()
    try:
        yield session.address(SERVERS[DYNALITE])
    finally:
        session.end()


@contextmanager
def filled(endpoint: str, sizes: list[int]) -> Iterator[str]:
    """Give the name of a table that holds partitions of those sizes, and what batches read."""
    client = boto3.client(
        "dynamodb", endpoint_url=endpoint, region_name=REGION,
        aws_access_key_id=CREDENTIALS[0], aws_secret_access_key=CREDENTIALS[1],
    )  # fmt: skip
    name = f"bench-{uuid.uuid4().hex[:8]}"
    made: list[str] = []
    try:
        for table in (name, record.PYNAMODB_TABLE + name):
            _make(client, table)
            made.append(table)
            for size in {3, *sizes}:
                _fill(client, table, 1 if size == 3 else size, size)
            _fill(client, table, MANY, sizes[-1])
        yield name
    finally:
        for table in made:
            client.delete_table(TableName=table)
        client.close()


def _make(client: Any, table: str) -> None:
    client.create_table(
        TableName=table, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "customer", "KeyType": "HASH"}, {"AttributeName": "id", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("customer", "id")],
    )  # fmt: skip
    client.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})


def _fill(client: Any, table: str, partition: int, count: int) -> None:
    for first in range(0, count, 25):
        items = [record.wire(partition, number, table) for number in range(first, min(first + 25, count))]
        client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item}} for item in items]})
