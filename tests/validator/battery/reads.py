"""Queries and scans."""

from __future__ import annotations

from typing import Any

from .rows import MAIN, NUMERIC, PLAIN, Params, Row, filtered, key, n, query, s

_PK = "#pk = :p"
_NO_SELECT_CHECK = "does not compare Select with the other parameters"


def _query(name: str, text: str, refused: str | None = None, lie: str | None = None, **rest: Any) -> Row:
    return Row(f"query-{name}", "Query", query(text, **rest), refused, lie)


def _numeric(name: str, text: str, refused: str | None = None, **values: Any) -> Row:
    return Row(f"query-numeric-{name}", "Query", {**query(text, **values), "TableName": NUMERIC}, refused)


KEY_CONDITIONS = [
    _query("partition", _PK, p=s("p")),
    *(_query(f"sort-{name}", f"{_PK} AND #sk {operator} :s", p=s("p"), s=s("s"))
      for name, operator in (("equal", "="), ("less", "<"), ("at-most", "<="), ("more", ">"), ("at-least", ">="))),
    _query("sort-between", f"{_PK} AND #sk BETWEEN :s AND :t", p=s("p"), s=s("a"), t=s("b")),
    _query("sort-begins-with", f"{_PK} AND begins_with(#sk, :s)", p=s("p"), s=s("a")),
    _query("sort-first", f"#sk > :s AND {_PK}", p=s("p"), s=s("a")),
    _query("in-parentheses", f"({_PK}) AND (#sk > :s)", p=s("p"), s=s("a")),
    _query("value-first", ":p = #pk AND :s <= #sk", p=s("p"), s=s("a")),
    _query("two-conditions-on-sort", f"{_PK} AND #sk >= :s AND #sk <= :t", "must only contain one condition per key",
           p=s("p"), s=s("a"), t=s("b")),
    _query("two-conditions-on-partition", f"{_PK} AND #pk = :s", "must only contain one condition per key",
           p=s("p"), s=s("a")),
    _query("no-partition", "#sk = :s", "missed key schema element: pk", s=s("a")),
    _query("range-of-partition", "#pk > :p", "Query key condition not supported", p=s("p")),
    _query("prefix-of-partition", "begins_with(#pk, :p)", "Query key condition not supported", p=s("p")),
    _query("another-attribute", f"{_PK} AND #a = :s", "missed key schema element: sk", p=s("p"), s=s("a")),
    _query("unequal", f"{_PK} AND #sk <> :s", "Invalid operator used in KeyConditionExpression: <>", p=s("p"),
           s=s("a")),
    _query("in", f"{_PK} AND #sk IN (:s)", "Invalid operator used in KeyConditionExpression: IN", p=s("p"), s=s("a")),
    _query("or", f"{_PK} OR #sk = :s", "Invalid operator used in KeyConditionExpression: OR", p=s("p"), s=s("a")),
    _query("not", f"{_PK} AND NOT #sk = :s", "Invalid operator used in KeyConditionExpression: NOT", p=s("p"),
           s=s("a")),
    _query("contains", f"{_PK} AND contains(#sk, :s)", "Invalid operator used in KeyConditionExpression: contains",
           p=s("p"), s=s("a")),
    _query("exists", f"{_PK} AND attribute_exists(#sk)",
           "Invalid operator used in KeyConditionExpression: attribute_exists", p=s("p")),
    _query("nested", f"{_PK} AND #sk.#a = :s", "cannot have conditions on nested attributes", p=s("p"), s=s("a")),
    _query("between-reversed", f"{_PK} AND #sk BETWEEN :s AND :t", "upper bound to be greater", p=s("p"), s=s("b"),
           t=s("a")),
    _query("wrong-type", f"{_PK} AND #sk = :s", "Condition parameter type does not match schema type", p=s("p"),
           s=n(1)),
    _query("empty-partition", _PK, "cannot contain an empty string value", "takes an empty key in a query", p=s("")),
    _query("empty-prefix", f"{_PK} AND begins_with(#sk, :s)", "cannot contain an empty string value",
           "takes an empty key in a query", p=s("p"), s=s("")),
    Row("query-without-a-condition", "Query", {"TableName": MAIN}, "Missing required parameter",
        unjudged="other words"),
    Row("query-of-a-sort-key-that-is-not-there", "Query",
        {**query(f"{_PK} AND #sk = :s", p=s("p"), s=s("a")), "TableName": PLAIN}, "Query key condition not supported"),
    _numeric("range", f"{_PK} AND #sk > :s", p=n(1), s={"B": b"a"}),
    _numeric("prefix-of-bytes", f"{_PK} AND begins_with(#sk, :s)", p=n(1), s={"B": b"a"}),
    _numeric("string-for-number", _PK, "type does not match schema type", p=s("1")),
]

INDEXES = [
    _query("index", "#g = :g", g=s("x"), index="by-g"),
    _query("index-range", "#g = :g AND #n > :n", g=s("x"), n=n(1), index="by-g", ScanIndexForward=False),
    _query("index-two-conditions-on-sort", "#g = :g AND #n > :n AND #n < :m", "must only contain one condition per key",
           g=s("x"), n=n(1), m=n(2), index="by-g"),
    _query("prefix-of-a-number", "#g = :g AND begins_with(#n, :n)", "operand type: N", g=s("x"), n=n(1), index="by-g"),
    _query("consistent-global-index", "#g = :g", "Consistent reads are not supported on global secondary indexes",
           g=s("x"), index="by-g", ConsistentRead=True),
    Row("consistent-scan-of-a-global-index", "Scan", {"TableName": MAIN, "IndexName": "by-g", "ConsistentRead": True},
        "Consistent reads are not supported on global secondary indexes", "does not know ConsistentRead of a scan"),
    _query("consistent-local-index", f"{_PK} AND #n > :n", p=s("p"), n=n(1), index="local", ConsistentRead=True),
    _query("unknown-index", "#g = :g", "does not have the specified index: nowhere", g=s("x"), index="nowhere"),
    _query("table-keys-in-an-index", f"{_PK} AND #sk = :s", "missed key schema element", p=s("p"), s=s("a"),
           index="by-g"),
    _query("all-attributes-of-a-thin-index", "#g = :g", "Select type ALL_ATTRIBUTES is not supported for global",
           g=s("x"), index="thin", Select="ALL_ATTRIBUTES"),
    _query("what-a-thin-index-lacks", "#g = :g", "does not project", g=s("x"), index="thin", ProjectionExpression="#a",
           lie="does not look at what an index projects"),
    _query("filter-on-what-a-thin-index-lacks", "#g = :g", "does not project", g=s("x"), v=s("x"), index="thin",
           FilterExpression="#a = :v", lie="does not look at what an index projects"),
    _query("keys-of-a-thin-index", "#g = :g", g=s("x"), index="thin", ProjectionExpression="#pk, #sk, #g"),
    _query("what-a-local-index-lacks", f"{_PK} AND #n > :n", p=s("p"), n=n(1), index="local",
           ProjectionExpression="#a"),
]

FILTERS = [
    _query("filter", _PK, p=s("p"), v=s("x"), FilterExpression="#a = :v"),
    _query("filter-on-sort-key", _PK, "non-primary key attributes: Primary key attribute: sk", p=s("p"), v=s("x"),
           FilterExpression="#sk = :v"),
    _query("filter-on-partition", _PK, "non-primary key attributes: Primary key attribute: pk", p=s("p"), v=s("x"),
           FilterExpression="NOT #pk = :v"),
    _query("filter-on-sort-key-in-a-function", _PK, "Primary key attribute: sk", p=s("p"), v=s("x"),
           FilterExpression="#a = :v OR contains(#sk, :v)"),
    _query("filter-on-key-of-an-index", _PK, p=s("p"), v=s("x"), FilterExpression="#g = :v"),
    _query("filter-on-sort-key-of-the-index-in-use", "#g = :g", "Primary key attribute: n", g=s("x"), v=n(1),
           index="by-g",
           FilterExpression="#n = :v"),
    _query("filter-on-table-keys-in-an-index", "#g = :g", g=s("x"), v=s("x"), index="by-g",
           FilterExpression="#sk = :v"),
    Row("scan-filter-on-keys", "Scan", filtered("#pk = :v AND #sk = :v", pk="pk", sk="sk", v=s("x"))),
]

PAGES = [
    _query("limit-0", _PK, "greater than or equal to 1", p=s("p"), Limit=0),
    _query("limit-1", _PK, p=s("p"), Limit=1),
    _query("start", _PK, p=s("p"), ExclusiveStartKey=key()),
    _query("start-of-another-partition", _PK, "outside query boundaries", p=s("p"), ExclusiveStartKey=key("other")),
    _query("start-without-sort", _PK, "starting key is invalid", p=s("p"), ExclusiveStartKey={"pk": s("p")}),
    _query("start-of-an-index", "#g = :g", g=s("x"), index="by-g", ExclusiveStartKey={**key(), "g": s("x"), "n": n(1)}),
    _query("start-of-an-index-without-its-keys", "#g = :g", "starting key is invalid", g=s("x"), index="by-g",
           ExclusiveStartKey=key()),
    _query("count", _PK, p=s("p"), Select="COUNT"),
    _query("count-with-projection", _PK, "Cannot specify the ProjectionExpression", p=s("p"), Select="COUNT",
           ProjectionExpression="#a", lie=_NO_SELECT_CHECK),
    _query("specific-without-projection", _PK, "Must specify", p=s("p"), Select="SPECIFIC_ATTRIBUTES",
           lie=_NO_SELECT_CHECK),
    _query("projected-without-index", _PK, "ALL_PROJECTED_ATTRIBUTES can be used only", p=s("p"),
           Select="ALL_PROJECTED_ATTRIBUTES", lie=_NO_SELECT_CHECK),
    _query("capacity", _PK, p=s("p"), ReturnConsumedCapacity="INDEXES"),
    _query("unknown-capacity", _PK, "Member must satisfy enum value set", p=s("p"), ReturnConsumedCapacity="ALL"),
]


def _scan(name: str, refused: str | None = None, lie: str | None = None, **rest: Any) -> Row:
    params: Params = {"TableName": MAIN, **rest}
    return Row(f"scan-{name}", "Scan", params, refused, lie)


SCANS = [
    _scan("plain"),
    _scan("index", IndexName="thin"),
    _scan("segment", Segment=1, TotalSegments=2),
    _scan("first-segment", Segment=0, TotalSegments=1),
    _scan("segment-over-total", "must be less than parameter TotalSegments", Segment=2, TotalSegments=2),
    _scan("segment-without-total", "TotalSegments parameter is required", Segment=1),
    _scan("total-without-segment", "Segment parameter is required", TotalSegments=2),
    _scan("total-of-0", "greater than or equal to 1", Segment=0, TotalSegments=0),
    _scan("start", ExclusiveStartKey=key()),
    _scan("start-with-one-key-more", "starting key is invalid", ExclusiveStartKey={**key(), "a": s("x")}),
]

ROWS = [*KEY_CONDITIONS, *INDEXES, *FILTERS, *PAGES, *SCANS]
