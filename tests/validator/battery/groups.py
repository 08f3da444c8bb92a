"""Batches, transactions and the creation of tables."""

from __future__ import annotations

from typing import Any

from .rows import (
    MAIN,
    NO_TRANSACTIONS,
    PLAIN,
    Params,
    Row,
    attributes,
    condition,
    create_table,
    index,
    key,
    n,
    put,
    s,
    schema,
    update,
)


def _puts(count: int, **more: Any) -> list[Params]:
    return [{"PutRequest": {"Item": {"pk": s(f"p{place}"), **more}}} for place in range(count)]


def _batch_write(name: str, entries: list[Params], refused: str | None = None, lie: str | None = None) -> Row:
    return Row(f"batch-write-{name}", "BatchWriteItem", {"RequestItems": {PLAIN: entries}}, refused, lie)


def _batch_get(
    name: str, keys: list[Params], refused: str | None = None, lie: str | None = None, **more: Any
) -> Row:
    return Row(f"batch-get-{name}", "BatchGetItem", {"RequestItems": {PLAIN: {"Keys": keys, **more}}}, refused, lie)


def _keys(count: int) -> list[Params]:
    return [{"pk": s(f"p{place}")} for place in range(count)]


BATCHES = [
    _batch_write("25", _puts(25)),
    _batch_write("26", _puts(26), "Too many items requested for the BatchWriteItem call"),
    _batch_write("none", [], "cannot be null or empty"),
    _batch_write("twice-the-same-key", [*_puts(1), *_puts(1)], "contains duplicates"),
    _batch_write("put-and-delete-of-one-key", [*_puts(1), {"DeleteRequest": {"Key": {"pk": s("p0")}}}],
                 "contains duplicates"),
    _batch_write("key-of-wrong-type", [{"DeleteRequest": {"Key": {"pk": n(1)}}}], "does not match the schema"),
    _batch_write("large-item", _puts(1, a=s("x" * 409_600)), "Item size has exceeded"),
    _batch_write("both-in-one-entry",
                 [{"PutRequest": {"Item": {"pk": s("a")}}, "DeleteRequest": {"Key": {"pk": s("b")}}}],
                 "can only contain one of", "does the first of the two"),
    Row("batch-write-no-table", "BatchWriteItem", {"RequestItems": {}}, "length greater than or equal to 1"),
    Row("batch-write-13-in-each-of-two-tables", "BatchWriteItem", {"RequestItems": {
        PLAIN: _puts(13), MAIN: _puts(13, sk=s("s")),
    }}, "Too many items requested for the BatchWriteItem call", "counts for each table alone"),
    Row("batch-write-one-key-in-two-tables", "BatchWriteItem", {"RequestItems": {
        PLAIN: _puts(1), MAIN: _puts(1, sk=s("s")),
    }}),
    _batch_get("100", _keys(100)),
    _batch_get("101", _keys(101), "Too many items requested for the BatchGetItem call"),
    _batch_get("none", [], "length greater than or equal to 1"),
    _batch_get("twice-the-same-key", [*_keys(1), *_keys(1)], "contains duplicates"),
    _batch_get("key-of-wrong-type", [{"pk": n(1)}], "does not match the schema"),
    _batch_get("empty-key", [{"pk": s("")}], "cannot contain an empty string value"),
    _batch_get("projection", _keys(2), ProjectionExpression="#a", ExpressionAttributeNames={"#a": "a"},
               ConsistentRead=True),
    _batch_get("unused-name", _keys(1), "unused in expressions", ProjectionExpression="#a",
               ExpressionAttributeNames={"#a": "a", "#b": "b"}),
]


def _transaction(name: str, entries: list[Params], refused: str | None = None, **more: Any) -> Row:
    params = {"TransactItems": entries, **more}
    return Row(f"transaction-{name}", "TransactWriteItems", params, refused, unjudged=NO_TRANSACTIONS)


def _transact_puts(count: int, size: int = 0) -> list[Params]:
    return [{"Put": put(PLAIN, pk=s(f"p{place}"), a=s("x" * size))} for place in range(count)]


def _transact_gets(count: int) -> list[Params]:
    return [{"Get": {"TableName": PLAIN, "Key": item}} for item in _keys(count)]


TRANSACTIONS = [
    _transaction("every-action", [
        {"Put": put(PLAIN, pk=s("a"))},
        {"Update": {**update("SET #a = :v", a="a", v=s("x")), "Key": key("b")}},
        {"Delete": {**condition("#a = :v", a="a", v=s("x")), "Key": key("c"),
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
        {"ConditionCheck": {**condition("attribute_exists(#a)", a="a"), "Key": key("d")}},
    ], ClientRequestToken="t" * 36),
    _transaction("100", _transact_puts(100)),
    _transaction("101", _transact_puts(101), "Member must have length less than or equal to 100"),
    _transaction("none", [], "Member must have length greater than or equal to 1"),
    _transaction("twice-the-same-item", [*_transact_puts(1), *_transact_puts(1)], "multiple operations on one item"),
    _transaction("check-and-put-of-one-item", [
        {"ConditionCheck": condition("attribute_exists(#a)", a="a")}, {"Put": put()},
    ], "multiple operations on one item"),
    _transaction("4-mb", _transact_puts(10, 409_000)),
    _transaction("more-than-4-mb", _transact_puts(11, 409_000), "payload size cannot exceed 4MB"),
    _transaction("token-of-37-characters", _transact_puts(1), "Member must have length less than or equal to 36",
                 ClientRequestToken="t" * 37),
    _transaction("empty-token", _transact_puts(1), "Member must have length greater than or equal to 1",
                 ClientRequestToken=""),
    _transaction("check-without-a-condition", [{"ConditionCheck": {"TableName": MAIN, "Key": key()}}],
                 'Missing required parameter in input: "ConditionExpression"'),
    _transaction("update-without-an-expression", [{"Update": {"TableName": MAIN, "Key": key()}}],
                 'Missing required parameter in input: "UpdateExpression"'),
    _transaction("update-that-returns-the-new-item",
                 [{"Update": {**update("REMOVE #a", a="a"), "ReturnValues": "ALL_NEW"}}],
                 'Unknown parameter in input: "ReturnValues"'),
    _transaction("two-actions-in-one-entry",
                 [{"Put": put(PLAIN, pk=s("a")), "Delete": {"TableName": MAIN, "Key": key()}}],
                 "can only contain one of"),
    _transaction("large-item", [{"Put": put(PLAIN, pk=s("p"), a=s("x" * 409_600))}], "Item size has exceeded"),
    _transaction("unused-value", [{"Delete": condition("attribute_exists(#a)", a="a", v=s("x"))}],
                 "unused in expressions"),
    Row("transaction-get-100", "TransactGetItems", {"TransactItems": _transact_gets(100)}, unjudged=NO_TRANSACTIONS),
    Row("transaction-get-101", "TransactGetItems", {"TransactItems": _transact_gets(101)},
        "Member must have length less than or equal to 100", unjudged=NO_TRANSACTIONS),
    Row("transaction-get-twice-the-same-item", "TransactGetItems",
        {"TransactItems": [*_transact_gets(1), *_transact_gets(1)]}, "multiple operations on one item",
        unjudged=NO_TRANSACTIONS),
]


def _create(name: str, refused: str | None = None, lie: str | None = None, unjudged: str | None = None,
            **more: Any) -> Row:
    params = {**create_table(f"{PLAIN}-{name}", pk="S"), **more}
    return Row(f"create-{name}", "CreateTable", params, refused, lie, unjudged)


CREATIONS = [
    _create("table"),
    _create("name-of-2-characters", "at least 3 characters", TableName="ab"),
    _create("name-with-a-blank", "TableName", TableName="a b c"),
    _create("unused-attribute", "does not exactly match", AttributeDefinitions=attributes(pk="S", b="S")),
    _create("key-without-a-type", "not defined in AttributeDefinitions", AttributeDefinitions=attributes(b="S")),
    _create("boolean-key", "S, N or B",
            AttributeDefinitions=attributes(pk="BOOL")),
    _create("two-partitions", "one HASH key", AttributeDefinitions=attributes(pk="S", b="S"),
            KeySchema=[*schema("pk"), *schema("b")]),
    _create("21-indexes", "between 1 and 20", AttributeDefinitions=attributes(pk="S", b="S"),
            GlobalSecondaryIndexes=[index(f"index{place}", "b") for place in range(21)]),
    _create("20-indexes", AttributeDefinitions=attributes(pk="S", b="S"),
            GlobalSecondaryIndexes=[index(f"index{place}", "b") for place in range(20)]),
    _create("two-indexes-of-one-name", "Duplicate index name", AttributeDefinitions=attributes(pk="S", b="S"),
            GlobalSecondaryIndexes=[index("same", "b"), index("same", "b")]),
    _create("no-indexes", "between 1 and 20", GlobalSecondaryIndexes=[]),
    _create("local-index-without-sort-key", "does not have a range key", AttributeDefinitions=attributes(pk="S", b="S"),
            LocalSecondaryIndexes=[index("local", "pk", "b")]),
    _create("index-without-projection", "ProjectionType", AttributeDefinitions=attributes(pk="S", b="S"),
            GlobalSecondaryIndexes=[{**index("bare", "b"), "Projection": {}}]),
    _create("include-without-names", "NonKeyAttributes", "does without", AttributeDefinitions=attributes(pk="S", b="S"),
            GlobalSecondaryIndexes=[index("bare", "b", projection="INCLUDE")]),
    _create("101-projected-names", "more than 100", "takes any number of them",
            AttributeDefinitions=attributes(pk="S", b="S"),
            GlobalSecondaryIndexes=[{**index("wide", "b"), "Projection": {
                "ProjectionType": "INCLUDE", "NonKeyAttributes": [f"x{place}" for place in range(101)]}}]),
    _create("on-demand-with-throughput", "cannot be specified when BillingMode is PAY_PER_REQUEST",
            ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}),
    _create("index-with-two-partitions", unjudged="dynalite knows one partition and one sort key",
            AttributeDefinitions=attributes(pk="S", b="S", c="S"),
            GlobalSecondaryIndexes=[{**index("wide", "b"), "KeySchema": [*schema("b"), *schema("c")]}]),
]

ROWS = [*BATCHES, *TRANSACTIONS, *CREATIONS]
