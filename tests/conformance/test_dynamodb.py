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
    broken = {
        "test_a_sum_of_more_than_38_digits_is_refused": "dynalite stores a sum of 39 digits",
        "test_empty_and_false_values_are_values_like_any_other": "dynalite's attribute_type is false of '' and false",
        "test_strings_beyond_the_basic_plane_come_after_all_others": "dynalite's filters order by UTF-16 units",
    }

    @pytest.fixture
    def server(self, dynalite_endpoint: str) -> str:
        return dynalite_endpoint


_ROUNDS = "ministack rounds sums to 28 digits"
_BEGINS = "ministack refuses begins_with where an item holds a value of another type"
_FILTERS = "test_a_filter_gives_exactly_the_records_it_is_true_of"
_WRITES = "test_a_write_goes_through_exactly_where_its_condition_is_true"
_MISFITS = "test_a_change_that_does_not_fit_what_is_stored_is_refused_and_nothing_changes"


class TestMinistack(_DynamoDB):
    lacks = {"consistent_index_reads": _INDEXES}
    broken = {
        "test_a_change[add to 38 digits]": _ROUNDS,
        "test_a_change[add a small one]": _ROUNDS,
        "test_a_sum_of_more_than_38_digits_is_refused": _ROUNDS,
        f"{_MISFITS}[append]": "ministack makes a list of a string that is appended to",
        f"{_MISFITS}[prepend]": "ministack makes a list of a string that is prepended to",
        "test_empty_and_false_values_are_values_like_any_other": _BEGINS,
        "test_the_table_holds_at_the_top_level_too": _BEGINS,
        **{f"{test}[{case}]": _BEGINS for test in (_FILTERS, _WRITES)
           for case in ("startswith", "startswith bytes", "not startswith")},
    }  # fmt: skip

    @pytest.fixture
    def server(self, ministack_endpoint: str) -> str:
        return ministack_endpoint


if OWN is not None:

    class TestOwn(_DynamoDB):
        lacks = {"consistent_index_reads": _INDEXES}

        @pytest.fixture
        def server(self, own_endpoint: str) -> str:
            return own_endpoint
