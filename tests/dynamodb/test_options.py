"""What a DynamoDB URL may say."""

from __future__ import annotations

from typing import Any

import pytest

import holdall
from holdall import Key, Schema
from holdall.errors import ConfigError
from holdall.urls import parse_url
from holdall_adapters._aws.connection import Connection
from holdall_adapters.dynamodb.options import Options

ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"


def options(url: str) -> Options:
    return Options.from_url(parse_url(url))


def test_a_table_alone_leaves_all_else_to_the_environment() -> None:
    assert options("dynamodb://orders") == Options("orders", Connection(None, None, None, 1.0, 2.0, 8), False, False)


def test_every_parameter_is_read() -> None:
    found = options(
        "dynamodb://a.b_c-1?region=eu-west-1&endpoint=http://127.0.0.1:8000/&profile=p&consistent=true"
        "&connect_timeout=0.5&read_timeout=9&parallel=3&meter=true"
    )
    connection = Connection("eu-west-1", "http://127.0.0.1:8000/", "p", 0.5, 9.0, 3)
    assert found == Options("a.b_c-1", connection, True, True)


def test_without_a_name_the_table_is_the_models() -> None:
    assert options("dynamodb://?region=eu-west-1").table is None


def test_an_arn_is_taken_with_its_region() -> None:
    found = options(f"dynamodb://{ARN}")
    assert (found.table, found.connection.region) == (ARN, "eu-west-1")
    assert options(f"dynamodb://{ARN}?region=us-east-1").connection.region == "us-east-1"


@pytest.mark.parametrize(("url", "problem"), [
    ("dynamodb://orders?regoin=x", "did you mean 'region'"),
    ("dynamodb://orders?aws_secret_access_key=hush", "unknown parameter"),
    ("dynamodb://key:hush@orders", "no credentials"),
    ("dynamodb://orders?endpoint=http://key:hush@127.0.0.1", "credentials"),
    ("dynamodb://orders?endpoint=127.0.0.1:8000", "endpoint"),
    ("dynamodb://orders?endpoint=ftp://x", "endpoint"),
    ("dynamodb://orders/more", "without a path"),
    ("dynamodb://ab", "3 to 255"),
    ("dynamodb://a%20b", "3 to 255"),
    ("dynamodb://arn:aws:dynamodb:eu-west-1:123456789012:stream/orders", "ARN"),
    ("dynamodb://orders?consistent=maybe", "consistent"),
    ("dynamodb://orders?read_timeout=0", "read_timeout"),
    ("dynamodb://orders?connect_timeout=soon", "connect_timeout"),
    ("dynamodb://orders?parallel=0", "parallel"),
    ("dynamodb://orders?parallel=many", "parallel"),
])  # fmt: skip
def test_a_wrong_url_is_refused(url: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        options(url)
    assert "hush" not in str(caught.value)


def test_a_class_whose_name_makes_no_table_name_needs_one_in_the_url() -> None:
    short: Schema[Any] = Schema(dict, partition="id", fields={"id": Key[str]}, table="t")
    with pytest.raises(ConfigError, match="name the table in the URL"):
        holdall.open_repository("dynamodb://?region=eu-west-1", short)
    assert holdall.open_repository("dynamodb://long-enough?region=eu-west-1", short).capabilities.name == "dynamodb"


def test_parallel_is_what_the_engine_is_told() -> None:
    store = holdall.open_repository(
        "dynamodb://orders?parallel=3", Schema(dict, partition="id", fields={"id": str}, table="t")
    )
    assert store.capabilities.parallel == 3
