"""An answer is believed only if it is whole."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest

from holdall_adapters._aws.checks import check_body, check_keys
from holdall_adapters._aws.errors import BadAnswer
from holdall_adapters.dynamodb.client import SERVICE

BODY = json.dumps({"Item": {"id": {"S": "é"}}}).encode()
PARSED = {"Item": {"id": {"S": "é"}}, "ResponseMetadata": {}}
LENGTH = {"content-length": str(len(BODY))}
CRC = {"x-amz-crc32": str(zlib.crc32(BODY))}


@pytest.mark.parametrize("headers", [LENGTH, CRC, {**LENGTH, **CRC}, {"transfer-encoding": "chunked"},
                                     {"content-encoding": "gzip", "content-length": "7"}])  # fmt: skip
def test_a_whole_answer_is_believed(headers: dict[str, str]) -> None:
    check_body(headers, BODY, PARSED)


@pytest.mark.parametrize(("headers", "body"), [
    ({}, BODY),
    ({"content-type": "application/x-amz-json-1.0"}, b""),
    (LENGTH, BODY[:-1]),
    (LENGTH, b""),
    (LENGTH, BODY + b" "),
    ({"content-length": ""}, BODY),
    (CRC, BODY[:-1]),
    ({**LENGTH, "x-amz-crc32": "1"}, BODY),
    ({"x-amz-crc32": CRC["x-amz-crc32"][:-1]}, BODY),
])  # fmt: skip
def test_an_answer_that_was_cut_is_not(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(BadAnswer):
        check_body(headers, body, PARSED)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"<html>", b'"x"', b"{}}"])
def test_an_answer_of_which_nothing_was_read_must_be_an_empty_object(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        check_body({"content-length": str(len(body))}, body, {"ResponseMetadata": {}})


@pytest.mark.parametrize("body", [b"{}", b" {} ", b'{"Unknown": 1}'])
def test_an_empty_object_says_that_nothing_was_found(body: bytes) -> None:
    check_body({"content-length": str(len(body))}, body, {"ResponseMetadata": {}})


@pytest.mark.parametrize(("operation", "params", "answer"), [
    ("Query", {}, {"Items": []}),
    ("Query", {}, {"Count": 0}),
    ("Query", {"Select": "COUNT"}, {}),
    ("Scan", {}, {"Items": []}),
    ("BatchGetItem", {}, {"UnprocessedKeys": {}}),
    ("BatchWriteItem", {}, {}),
    ("UpdateItem", {"ReturnValues": "ALL_NEW"}, {}),
    ("DescribeTable", {}, {}),
    ("DescribeTimeToLive", {}, {}),
])  # fmt: skip
def test_what_an_operation_always_returns_must_be_there(operation: str, params: dict[str, Any], answer: Any) -> None:
    with pytest.raises(BadAnswer, match=operation):
        check_keys(SERVICE, operation, params, answer)


@pytest.mark.parametrize(("operation", "params", "answer"), [
    ("GetItem", {}, {}),
    ("PutItem", {}, {}),
    ("DeleteItem", {}, {}),
    ("UpdateItem", {}, {}),
    ("TransactWriteItems", {}, {}),
    ("Query", {"Select": "COUNT"}, {"Count": 0}),
    ("Query", {}, {"Count": 0, "Items": []}),
    ("UpdateItem", {"ReturnValues": "ALL_NEW"}, {"Attributes": {}}),
])  # fmt: skip
def test_an_answer_may_be_empty_where_there_is_nothing_to_say(
    operation: str, params: dict[str, Any], answer: Any
) -> None:
    check_keys(SERVICE, operation, params, answer)
