"""The parts of the server that need no database: places of statements, requests, results."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest

from holdall.testing.data_api import ApiError
from holdall.testing.data_api.names import placed
from holdall.testing.data_api.requests import Hinted, read
from holdall.testing.data_api.results import Column, Done, answer

ARNS = {"resourceArn": "arn:aws:rds:r:1:cluster:c", "secretArn": "arn:aws:secretsmanager:r:1:secret:s"}

STATEMENTS = {
    "a place": ("select :a", "select %(a)s", {"a"}),
    "a longer name": ("select :a, :ab", "select %(a)s, %(ab)s", {"a", "ab"}),
    "twice": ("select :a where :a", "select %(a)s where %(a)s", {"a"}),
    "a cast": ("select :a::uuid, 1::text", "select %(a)s::uuid, 1::text", {"a"}),
    "a literal": ("select ':a', 'it''s :b'", "select ':a', 'it''s :b'", set()),
    "a name": ('select ":a"', 'select ":a"', set()),
    "a comment": ("select 1 -- :a\n, :b", "select 1 -- :a\n, %(b)s", {"b"}),
    "a long comment": ("select /* :a ; */ :b", "select /* :a ; */ %(b)s", {"b"}),
    "dollar quotes": ("select $x$ :a ' $x$, :b", "select $x$ :a ' $x$, %(b)s", {"b"}),
    "a percent": ("select 5 % 2, '10%'", "select 5 %% 2, '10%%'", set()),
    "a last semicolon": ("select :a ; ", "select %(a)s ; ", {"a"}),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_places_are_told_from_what_looks_like_them(name: str) -> None:
    sql, text, names = STATEMENTS[name]
    assert placed(sql, mysql=False) == (text, names)


def test_mysql_has_quotes_and_comments_of_its_own() -> None:
    found = placed("select `:a`, 'it\\'s :b', :c # :d\n", mysql=True)
    assert found.names == {"c"}


@pytest.mark.parametrize("sql", ["select 1; select 2", "select ';'; delete from x"])
def test_several_statements_are_refused(sql: str) -> None:
    with pytest.raises(ApiError, match="Multistatements aren't supported"):
        placed(sql, mysql=False)


def value_of(value: dict[str, Any], hint: str | None = None) -> Any:
    one: dict[str, Any] = {"name": "p", "value": value, **({} if hint is None else {"typeHint": hint})}
    return read("ExecuteStatement", {**ARNS, "sql": "x", "parameters": [one]}).sets[0]["p"]


VALUES: dict[str, tuple[dict[str, Any], Any]] = {
    "null": ({"isNull": True}, None),
    "boolean": ({"booleanValue": True}, True),
    "long": ({"longValue": 2**62}, 2**62),
    "double": ({"doubleValue": 1}, 1.0),
    "string": ({"stringValue": "é"}, "é"),
    "blob": ({"blobValue": "AP8="}, b"\x00\xff"),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_read_as_what_it_says(name: str) -> None:
    given, expected = VALUES[name]
    found = value_of(given)
    assert (found, type(found)) == (expected, type(expected))


HINTS: dict[str, tuple[str, Any]] = {
    "DATE": ("2026-01-02", dt.date(2026, 1, 2)),
    "TIME": ("03:04:05.6", dt.time(3, 4, 5, 600_000)),
    "TIMESTAMP": ("2026-01-02 03:04:05.006", dt.datetime(2026, 1, 2, 3, 4, 5, 6000)),  # noqa: DTZ001 - the hint has no zone
    "DECIMAL": ("1.50", Decimal("1.50")),
    "UUID": ("12345678-1234-5678-1234-567812345678", uuid.UUID("12345678-1234-5678-1234-567812345678")),
    "JSON": ('{"a": 1}', '{"a": 1}'),
}


@pytest.mark.parametrize("hint", HINTS)
def test_a_hint_gives_a_text_its_type(hint: str) -> None:
    text, expected = HINTS[hint]
    assert value_of({"stringValue": text}, hint) == Hinted(expected, hint)


WRONG: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "two values": ({"longValue": 1, "stringValue": "x"}, None, "exactly one"),
    "no value": ({}, None, "exactly one"),
    "an array": ({"arrayValue": {"longValues": [1]}}, None, "Array parameters are not supported"),
    "a long that is too long": ({"longValue": 2**63}, None, "longValue"),
    "text for a long": ({"longValue": "1"}, None, "longValue"),
    "no base64": ({"blobValue": "?"}, None, "blobValue"),
    "a hint on a number": ({"longValue": 1}, "DECIMAL", "needs a stringValue"),
    "an unknown hint": ({"stringValue": "x"}, "MONEY", "not known"),
    "an instant with T": ({"stringValue": "2026-01-02T03:04:05"}, "TIMESTAMP", 'Cannot parse date or time "2026'),
    "an instant with a zone": ({"stringValue": "2026-01-02 03:04:05Z"}, "TIMESTAMP", "Cannot parse date or time"),
    "microseconds": ({"stringValue": "2026-01-02 03:04:05.000001"}, "TIMESTAMP", "Cannot parse date or time"),
    "no such day": ({"stringValue": "2026-02-30"}, "DATE", "Cannot parse DATE"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_refused(name: str) -> None:
    value, hint, words = WRONG[name]
    with pytest.raises(ApiError, match=words):
        value_of(value, hint)


REQUESTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "no resource": ("ExecuteStatement", {"secretArn": ARNS["secretArn"], "sql": "x"}, "resourceArn"),
    "a short secret": ("ExecuteStatement", {**ARNS, "secretArn": "short", "sql": "x"}, "secretArn must have from 11"),
    "no sql": ("ExecuteStatement", ARNS, "Missing required parameter: sql"),
    "long sql": ("ExecuteStatement", {**ARNS, "sql": "x" * 65_537}, "at most 65536"),
    "a schema": ("ExecuteStatement", {**ARNS, "sql": "x", "schema": "s"}, "schema parameter isn't supported"),
    "a long database": ("BeginTransaction", {**ARNS, "database": "d" * 65}, "at most 64"),
    "no transaction": ("CommitTransaction", ARNS, "Missing required parameter: transactionId"),
    "a parameter twice": ("ExecuteStatement", {**ARNS, "sql": "x", "parameters": [
        {"name": "a", "value": {"isNull": True}}] * 2}, "given twice"),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_that_breaks_the_model_is_refused(name: str) -> None:
    operation, body, words = REQUESTS[name]
    with pytest.raises(ApiError, match=words):
        read(operation, body)


def result(*fields: dict[str, Any], jdbc: int = 4, **options: Any) -> dict[str, Any]:
    columns = [Column(f"c{number}", 0, "int4", jdbc) for number in range(len(fields))]
    return answer(read("ExecuteStatement", {**ARNS, "sql": "x", **options}), Done(columns, [fields], 0))


def test_columns_are_described_on_request_only() -> None:
    assert "columnMetadata" not in result({"longValue": 1})
    (column,) = result({"longValue": 1}, includeResultMetadata=True)["columnMetadata"]
    assert (column["name"], column["type"], column["typeName"]) == ("c0", 4, "int4")


def test_numbers_come_as_the_request_wants_them() -> None:
    longs = {"longReturnType": "STRING"}
    assert result({"longValue": 1}, resultSetOptions=longs)["records"] == [[{"stringValue": "1"}]]
    loose = {"decimalReturnType": "DOUBLE_OR_LONG"}
    assert result({"stringValue": "7"}, jdbc=2, resultSetOptions=loose)["records"] == [[{"longValue": 7}]]
    assert result({"stringValue": "7.5"}, jdbc=2, resultSetOptions=loose)["records"] == [[{"doubleValue": 7.5}]]
    assert result({"stringValue": "7.50"}, jdbc=2)["records"] == [[{"stringValue": "7.50"}]]


def test_records_come_as_one_json_text_on_request() -> None:
    found = result({"longValue": 1}, {"isNull": True}, formatRecordsAs="JSON")
    assert found == {"numberOfRecordsUpdated": 0, "formattedRecords": '[{"c0": 1, "c1": null}]'}


def test_a_result_over_a_mebibyte_is_refused() -> None:
    with pytest.raises(ApiError, match="more than the allowed response size limit"):
        result({"stringValue": "x" * (1 << 20)})
