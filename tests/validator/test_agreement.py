"""
dynalite gives the verdict of the battery, but where a row says why it does not.

A lie that is mended is noticed: then its reason has to go.
"""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from holdall.testing.dynamodb import unwatched

from .battery import ROWS, TABLES, Row

JUDGED = [row for row in ROWS if row.unjudged is None]


@pytest.fixture(scope="module")
def client(dynalite_endpoint: str) -> Any:
    # Without the client's own checks, and unwatched, so that the server is the one to judge.
    found = boto3.client(
        "dynamodb", endpoint_url=dynalite_endpoint, region_name="us-east-1", aws_access_key_id="test",
        aws_secret_access_key="test", config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )
    with unwatched():
        for table in TABLES:
            found.create_table(**table)
    yield found
    for table in TABLES:
        _drop(found, table["TableName"])
    found.close()


@pytest.mark.parametrize("row", JUDGED, ids=lambda row: row.name)
def test_dynalite_agrees(client: Any, row: Row) -> None:
    agrees = _is_accepted(client, row) == (row.refused is None)
    assert agrees == (row.lie is None), row.lie or "dynalite answers otherwise"


def _is_accepted(client: Any, row: Row) -> bool:
    method = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in row.operation).lstrip("_")
    try:
        with unwatched():
            getattr(client, method)(**row.params)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        assert code in ("ValidationException", "ConditionalCheckFailedException"), error
        return bool(code == "ConditionalCheckFailedException")
    if row.operation == "CreateTable":
        _drop(client, row.params["TableName"])
    return True


def _drop(client: Any, table: str) -> None:
    with unwatched():
        client.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 0, "MaxAttempts": 200})
        client.delete_table(TableName=table)
