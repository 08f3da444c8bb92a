"""The kit on DynamoDB's servers; every request passes the strict validator (see `tests/conftest.py`)."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from holdall.testing import RecordConformance
from tests.conftest import OWN

if TYPE_CHECKING:
    from collections.abc import Callable

_INDEXES = "DynamoDB reads global indexes eventually consistent only"


@functools.cache
def client(endpoint: str) -> Any:
    """Return a client to drop tables with."""
    return boto3.client("dynamodb", region_name="us-east-1", endpoint_url=endpoint)


class _DynamoDB(RecordConformance):
    endpoint = ""

    @pytest.fixture
    def store_url(self, server: str) -> Callable[[str], str]:
        self.endpoint = server
        return lambda table: f"dynamodb://{table}?region=us-east-1&endpoint={server}&read_timeout=30"

    def drop_table(self, table: str) -> None:
        drops = client(self.endpoint)
        with contextlib.suppress(drops.exceptions.ResourceNotFoundException):
            drops.delete_table(TableName=table)


class TestDynalite(_DynamoDB):
    lacks = {
        "transactions": "dynalite has no TransactWriteItems",
        "idempotency_tokens": "dynalite has no TransactWriteItems",
        "unique": "unique fields are written in transactions, which dynalite has not",
        "consistent_index_reads": _INDEXES,
    }

    @pytest.fixture
    def server(self, dynalite_endpoint: str) -> str:
        return dynalite_endpoint


class TestMinistack(_DynamoDB):
    lacks = {"consistent_index_reads": _INDEXES}

    @pytest.fixture
    def server(self, ministack_endpoint: str) -> str:
        return ministack_endpoint


if OWN is not None:

    class TestOwn(_DynamoDB):
        lacks = {"consistent_index_reads": _INDEXES}

        @pytest.fixture
        def server(self, own_endpoint: str) -> str:
            return own_endpoint
