"""Condition, filter, projection and update expressions."""

from __future__ import annotations

from typing import Any

from .rows import MAIN, NUMERIC, Params, Row, condition, filtered, key, n, nested, s, update

_NO_LIMITS = "has no limits of an expression"
_NO_PATH_CHECK = "looks at paths into keys in filters, projections and updates only"
_NO_ORDER_CHECK = "does not check the types of literals that are compared"


def _many(count: int, text: str, joint: str) -> str:
    return joint.join([text] * count)


def _condition(name: str, text: str, refused: str | None = None, lie: str | None = None, **placeholders: Any) -> Row:
    return Row(f"condition-{name}", "DeleteItem", condition(text, **placeholders), refused, lie)


def _filter(name: str, text: str, refused: str | None = None, lie: str | None = None, **placeholders: Any) -> Row:
    return Row(f"filter-{name}", "Scan", filtered(text, **placeholders), refused, lie)


def _update(name: str, text: str, refused: str | None = None, lie: str | None = None, **placeholders: Any) -> Row:
    return Row(f"update-{name}", "UpdateItem", update(text, **placeholders), refused, lie)


def _in(count: int) -> dict[str, Any]:
    values = {f"v{place}": s(str(place)) for place in range(count)}
    return {"text": f"#a IN ({', '.join(f':{name}' for name in values)})", "a": "a", **values}


def _assignments(count: int, value: str) -> dict[str, Any]:
    names = {f"a{place}": f"x{place}" for place in range(count)}
    return {"text": "SET " + ",".join(f"#{name}={value}" for name in names), **names}


_LONG = "a" * 254

LIMITS = [
    _filter("in-of-100", **_in(100)),
    _filter("in-of-101", refused="too many operands; number of operands: 101", lie=_NO_LIMITS, **_in(101)),
    # So many comparisons are joined by one OR less.
    _filter("299-operators", _many(150, "#a=:v", " OR "), a="a", v=s("x")),
    _filter("301-operators", _many(151, "#a=:v", " OR "), "operator count: 301", _NO_LIMITS, a="a", v=s("x")),
    _filter("299-operators-with-between", _many(150, "#a BETWEEN :v AND :v", " OR "), a="a", v=s("x")),
    _filter("301-operators-with-not", "NOT #a=:v OR " + _many(150, "#a=:v", " OR "), "operator count: 302", _NO_LIMITS,
            a="a", v=s("x")),
    _filter("301-functions", _many(151, "attribute_exists(#a)", " OR "), "operator count: 301", _NO_LIMITS, a="a"),
    _update("301-assignments", **_assignments(301, ":v"), v=s("x")),
    _update("300-additions", **_assignments(300, ":v+:v"), v=n(1)),
    _update("301-additions", refused="operator count: 301", lie=_NO_LIMITS, **_assignments(301, ":v+:v"), v=n(1)),
    _filter("4096-bytes", "#a".ljust(4096 - 4) + "= :v", a="a", v=s("x")),
    _filter("4097-bytes", "#a".ljust(4097 - 4) + "= :v", "expression size: 4097", _NO_LIMITS, a="a", v=s("x")),
    _filter("placeholder-of-255-characters", f"#{_LONG} = :v", v=s("x"), **{_LONG: "a"}),
    _filter("placeholder-of-256-characters", f"#{_LONG}a = :v", "invalid key", _NO_LIMITS, v=s("x"),
            **{_LONG + "a": "a"}),
    _filter("path-of-32-elements", "#a" + ".#a" * 31 + " = :v", a="a", v=s("x")),
    _filter("path-of-33-elements", "#a" + ".#a" * 32 + " = :v", "nesting levels: 33", _NO_LIMITS, a="a", v=s("x")),
    _filter("values-of-more-than-2-mb", "#a IN (:b, :c, :d, :e, :f, :g)", "bytes in all", _NO_LIMITS,
            a="a", **{name: s(name * 400_000) for name in "bcdefg"}),
    _condition("value-nested-32-deep", "#a = :v", "Nesting Levels", _NO_LIMITS, a="a", v=nested(32)),
]

PLACEHOLDERS = [
    _condition("unused-name", "#a = :v", "ExpressionAttributeNames unused in expressions: keys: {#b}",
               a="a", b="b", v=s("x")),
    _condition("unused-value", "#a = :v", "ExpressionAttributeValues unused in expressions: keys: {:w}",
               a="a", v=s("x"), w=s("y")),
    _condition("undefined-name", "#b = :v", "not defined; attribute name: #b", v=s("x")),
    _condition("undefined-value", "#a = :v", "not defined; attribute value: :v", a="a"),
    Row("names-without-an-expression", "GetItem",
        {"TableName": MAIN, "Key": key(), "ExpressionAttributeNames": {"#a": "a"}},
        "ExpressionAttributeNames can only be specified when using expressions"),
    Row("values-without-an-expression", "DeleteItem",
        {"TableName": MAIN, "Key": key(), "ExpressionAttributeValues": {":a": s("x")}},
        "ExpressionAttributeValues can only be specified when using expressions"),
    Row("names-that-are-empty", "Scan", {**filtered("#a = :v", v=s("x")), "ExpressionAttributeNames": {}},
        "ExpressionAttributeNames must not be empty"),
    Row("values-that-are-empty", "Scan", {**filtered("attribute_exists(#a)", a="a"), "ExpressionAttributeValues": {}},
        "ExpressionAttributeValues must not be empty"),
    Row("name-with-a-dash", "Scan",
        {"TableName": MAIN, "FilterExpression": "attribute_exists(#a-b)", "ExpressionAttributeNames": {"#a-b": "a"}},
        "contains invalid key"),
    _condition("value-39-digits", "#a = :v", "38", a="a", v=n("1" * 39)),
    _condition("value-of-an-empty-set", "#a = :v", "may not be empty", a="a", v={"SS": []}),
    *(_condition(f"reserved-word-{word}", f"{word} = :v", f"reserved keyword: {word}", v=s("x"))
      for word in ("name", "status", "data", "ttl", "count", "value", "size", "Zone", "KEY")),
    Row("projection-of-a-reserved-word", "GetItem",
        {"TableName": MAIN, "Key": key(), "ProjectionExpression": "ttl"}, "reserved keyword: ttl"),
]

CONDITIONS = [
    _condition("every-form",
               "(#a = :v OR #a <> :v AND #b.#a[0] < :m) AND NOT (attribute_type(#a, :t) AND size(#b) >= :m) "
               "AND attribute_not_exists(#b) OR begins_with(#a, :v) OR contains(#b, :v) OR #a BETWEEN :v AND :v "
               "OR #b IN (:v, :m)", a="a", b="b", v=s("x"), m=n(1), t=s("S")),
    _condition("words-in-small-letters", "not #a = :v and #a between :v and :v or #a in (:v)", a="a", v=s("x")),
    _condition("on-a-key", "attribute_exists(#pk) AND #sk = :v", pk="pk", sk="sk", v=s("x")),
    _condition("empty", "", "The expression can not be empty"),
    _condition("half", "#a = ", "Syntax error", a="a"),
    _condition("stray-character", "#a == :v", "Syntax error", a="a", v=s("x")),
    _condition("no-comparison", "#a", "Syntax error", a="a"),
    _condition("unclosed", "(#a = :v", "Syntax error", a="a", v=s("x")),
    _condition("double-parentheses", "((#a = :v))", "redundant parentheses", a="a", v=s("x")),
    _condition("unknown-function", "exists(#a)", "Invalid function name; function: exists", a="a"),
    _condition("function-in-capitals", "ATTRIBUTE_EXISTS(#a)", "Invalid function name", a="a"),
    _condition("function-of-updates", "if_not_exists(#a, :v) = :v", "function", a="a", v=s("x")),
    _condition("one-operand-too-few", "begins_with(#a)", "number of operands: 1", a="a"),
    _condition("one-operand-too-many", "attribute_exists(#a, #b)", "number of operands: 2", a="a", b="b"),
    _condition("exists-of-a-value", "attribute_exists(:v)", "requires a document path", v=s("x")),
    _condition("unknown-type", "attribute_type(#a, :v)", "Invalid attribute type name found", a="a", v=s("STRING")),
    _condition("type-that-is-a-number", "attribute_type(#a, :v)", "operand type: N", a="a", v=n(1)),
    _condition("begins-with-number", "begins_with(#a, :v)", "operand type: N", a="a", v=n(1)),
    _condition("contains-itself", "contains(#a, #a)", "must be distinct", a="a"),
    _condition("equals-itself", "#a = #a", "must be distinct", a="a"),
    _condition("size-alone", "size(#a)", "not allowed to be used this way", a="a"),
    _condition("size-of-a-number", "size(:v) = :v", "operand type: N", v=n(1)),
    _condition("function-compared", "contains(#a, :v) = :v", "not allowed to be used this way", a="a", v=s("x")),
    _condition("between-reversed", "#a BETWEEN :v AND :w", "upper bound to be greater than or equal", a="a",
               v=n(10), w=n(9)),
    _condition("between-of-one-value", "#a BETWEEN :v AND :v", a="a", v=n(1)),
    _condition("between-of-two-types", "#a BETWEEN :v AND :w", "requires same data type", a="a", v=n(1), w=s("x")),
    _condition("between-of-a-boolean", "#a BETWEEN :v AND :v", "operand type: BOOL", _NO_ORDER_CHECK,
               a="a", v={"BOOL": True}),
    _condition("less-than-a-boolean", "#a < :v", "operand type: BOOL", _NO_ORDER_CHECK, a="a", v={"BOOL": True}),
    _condition("more-than-null", "#a > :v", "operand type: NULL", _NO_ORDER_CHECK, a="a", v={"NULL": True}),
    _condition("at-least-a-list", "#a >= :v", "operand type: L", _NO_ORDER_CHECK, a="a", v={"L": []}),
    _condition("equal-to-a-list", "#a = :v", a="a", v={"L": [s("x")]}),
    _condition("two-values", ":v = :w", v=s("x"), w=s("y")),
    _condition("nested-in-a-key", "#pk.#a = :v", "Key attributes must be scalars", _NO_PATH_CHECK, pk="pk", a="a",
               v=s("x")),
    _condition("nested-in-an-index-key", "#g[0] = :v", "IndexKey: g", _NO_PATH_CHECK, g="g", v=s("x")),
    _filter("empty", "  ", "The expression can not be empty"),
    _filter("nested-in-a-key", "#pk.#a = :v", "Key attributes must be scalars", pk="pk", a="a", v=s("x")),
]

PROJECTIONS = [
    Row("projection", "GetItem", {
        "TableName": MAIN, "Key": key(), "ProjectionExpression": "#a, #b[0].#a, #b[1]",
        "ExpressionAttributeNames": {"#a": "a", "#b": "b"},
    }),
    *(Row(f"projection-{name}", "GetItem", {
        "TableName": MAIN, "Key": key(), "ProjectionExpression": text,
        "ExpressionAttributeNames": {f"#{letter}": letter for letter in "ab" if f"#{letter}" in text} or {"#a": "a"},
      }, refused)
      for name, text, refused in (
        ("twice-the-same", "#a, #a", "overlap"),
        ("overlapping", "#a, #a.#b", "overlap"),
        ("list-and-map", "#a.#b, #a[0]", "conflict"),
        ("with-a-value", "#a, :v", "Syntax error"),
        ("with-a-comma-at-the-end", "#a,", "Syntax error"),
        ("empty", "", "The expression can not be empty"),
      )),
    Row("projection-into-a-key", "GetItem", {
        "TableName": MAIN, "Key": key(), "ProjectionExpression": "#p.#a",
        "ExpressionAttributeNames": {"#p": "pk", "#a": "a"},
    }, "Key attributes must be scalars"),
]

UPDATES = [
    _update("every-clause",
            "SET #a = :v, #b = if_not_exists(#b, :n) + :n, #c = list_append(if_not_exists(#c, :l), :l) "
            "REMOVE #d, #e ADD #f :n, #h :s DELETE #i :s",
            **{letter: f"u{letter}" for letter in "abcdefhi"}, v=s("x"), n=n(1), l={"L": []}, s={"SS": ["x"]}),
    _update("clauses-in-small-letters", "set #a = :v remove #d", a="ua", d="ud", v=s("x")),
    _update("empty", "", "The expression can not be empty"),
    _update("clause-twice", "SET #a = :v SET #b = :v", "can only be used once", a="ua", b="ub", v=s("x")),
    _update("same-path-twice", "SET #a = :v, #a = :v", "overlap", a="ua", v=s("x")),
    _update("overlap-of-clauses", "SET #a.#b = :v REMOVE #a", "overlap", a="ua", b="ub", v=s("x")),
    _update("list-and-map", "SET #a.#b = :v, #a[0] = :v", "conflict", a="ua", b="ub", v=s("x")),
    _update("of-the-partition", "SET #pk = :v", "This attribute is part of the key", pk="pk", v=s("x")),
    _update("of-the-sort-key", "REMOVE #sk", "This attribute is part of the key", sk="sk"),
    _update("add-of-a-string", "ADD #a :v", "operand type: STRING", a="ua", v=s("x")),
    _update("delete-of-a-number", "DELETE #a :v", "operand type: NUMBER", a="ua", v=n(1)),
    _update("add-of-a-path", "ADD #a #b", "Syntax error", a="ua", b="ub"),
    _update("plus-string", "SET #a = #a + :v", "operand type: S", a="ua", v=s("x")),
    _update("sum-of-three", "SET #a = #b + :v + :v", "Syntax error", a="ua", b="ub", v=n(1)),
    _update("append-of-a-string", "SET #a = list_append(#a, :v)", "operand type: S", a="ua", v=s("x")),
    _update("default-for-a-value", "SET #a = if_not_exists(:v, :v)", "requires a document path", a="ua", v=s("x")),
    _update("function-of-conditions", "SET #a = size(#b)", "function", a="ua", b="ub"),
    _update("unknown-function", "SET #a = now()", "", a="ua"),
    _update("comma-at-the-end", "SET #a = :v,", "Syntax error", a="ua", v=s("x")),
    _update("index-key-of-wrong-type", "SET #g = :v", "Type mismatch for Index Key g", g="g", v=n(1)),
    _update("index-key-to-null", "SET #g = :v", "Type mismatch for Index Key g", g="g", v={"NULL": True}),
    _update("index-key-to-empty", "SET #g = :v", "IndexKey: g", "takes an empty key of an index", g="g", v=s("")),
    _update("index-key-removed", "REMOVE #g", g="g"),
    _update("nested-in-an-index-key", "SET #g.#a = :v", "Key attributes must be scalars", g="g", a="a", v=s("x")),
    Row("update-without-an-expression", "UpdateItem", {"TableName": MAIN, "Key": key("bare")}),
    Row("update-and-condition-share-placeholders", "UpdateItem", {
        **update("SET #a = :v", a="ua", v=s("x")), "ConditionExpression": "#a <> :w OR attribute_not_exists(#a)",
        "ExpressionAttributeValues": {":v": s("x"), ":w": s("y")}, "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }),
    Row("put-that-returns-the-new-item", "PutItem", {"TableName": MAIN, "Item": key(), "ReturnValues": "ALL_NEW"},
        "ReturnValues can only be ALL_OLD or NONE"),
    Row("update-that-returns-what-no-enum-knows", "UpdateItem",
        {**update("REMOVE #a", a="ua"), "ReturnValues": "EVERYTHING"}, "Member must satisfy enum value set"),
]


def _legacy(name: str, operation: str, params: Params) -> Row:
    # The service still takes them; what is built today has no reason to send them, so that they are refused here.
    return Row(f"legacy-{name}", operation, params, "legacy parameter", unjudged="the service takes them")


LEGACY = [
    _legacy("attributes-to-get", "GetItem", {"TableName": MAIN, "Key": key(), "AttributesToGet": ["a"]}),
    _legacy("attribute-updates", "UpdateItem", {"TableName": MAIN, "Key": key(), "AttributeUpdates": {}}),
    _legacy("expected", "DeleteItem", {"TableName": MAIN, "Key": key(), "Expected": {}}),
    _legacy("key-conditions", "Query", {"TableName": MAIN, "KeyConditions": {}}),
    _legacy("scan-filter", "Scan", {"TableName": NUMERIC, "ScanFilter": {}}),
    Row("bare-name", "DeleteItem", condition("a = :v", v=s("x")), "the attribute name a is not a #placeholder",
        unjudged="the service takes words that are not reserved"),
    Row("unknown-parameter", "GetItem", {"TableName": MAIN, "Key": key(), "Consistent": True}, "Unknown parameter",
        unjudged="the service ignores what it doesn't know"),
]

ROWS = [*LIMITS, *PLACEHOLDERS, *CONDITIONS, *PROJECTIONS, *UPDATES, *LEGACY]
