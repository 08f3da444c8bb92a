"""Values, keys and items: types, sizes, numbers, emptiness."""

from __future__ import annotations

from .rows import MAIN, NUMERIC, PLAIN, Row, key, n, nested, put, s

_DIGITS = "1234567890" * 4
# 409,600 bytes with the names and values of the keys (6) and the name `a` (1).
_LARGEST = 409_600 - len("pk" + "p" + "sk" + "s" + "a")


def _number(name: str, text: str, refused: str | None = None, lie: str | None = None) -> Row:
    return Row(f"number-{name}", "PutItem", put(a=n(text)), refused, lie)


NUMBERS = [
    _number("38-digits", _DIGITS[:38]),
    _number("38-digits-and-zeros", _DIGITS[:38] + "000"),
    _number("39-digits", _DIGITS[:39], "38"),
    _number("39-digits-after-the-point", "0." + _DIGITS[:39], "38"),
    _number("largest", "9." + "9" * 37 + "E125"),
    _number("too-large", "1E126", "Number overflow"),
    _number("smallest", "1E-130"),
    _number("too-small", "1E-131", "Number underflow"),
    _number("negative-too-large", "-1E126", "Number overflow"),
    _number("negative-zero", "-0"),
    _number("exponent", "1E2"),
    _number("trailing-zero", "1.10"),
    _number("nan", "NaN", "cannot be converted to a numeric value"),
    _number("infinity", "Infinity", "cannot be converted to a numeric value"),
    _number("empty", "", "cannot be converted to a numeric value"),
    _number("word", "one", "cannot be converted to a numeric value"),
    Row("number-39-digits-in-a-list", "PutItem", put(a={"L": [n(_DIGITS[:39])]}), "38"),
    Row("number-39-digits-in-a-set", "PutItem", put(a={"NS": [_DIGITS[:39]]}), "38"),
]

TYPES = [
    Row("every-type", "PutItem", put(
        a={"B": b"\x00"}, b={"BOOL": False}, c={"NULL": True}, d={"L": [s(""), {"M": {}}]}, e={"M": {"x": n(1)}},
        f={"SS": ["a", "b"]}, h={"NS": ["1", "2"]}, i={"BS": [b"a", b"b"]},
    )),
    Row("null-that-is-false", "PutItem", put(a={"NULL": False}),
        "Null attribute value types must have the value of true"),
    Row("no-type", "PutItem", put(a={}), "must contain exactly one of the supported datatypes"),
    Row("two-types", "PutItem", put(a={"S": "x", "N": "1"}), "more than one datatypes set"),
    Row("empty-string-set", "PutItem", put(a={"SS": []}), "set  may not be empty"),
    Row("empty-number-set", "PutItem", put(a={"NS": []}), "set  may not be empty"),
    Row("duplicate-in-a-string-set", "PutItem", put(a={"SS": ["x", "x"]}), "contains duplicates"),
    Row("duplicate-in-a-number-set", "PutItem", put(a={"NS": ["1", "1.0"]}), "contains duplicates"),
    Row("empty-string-in-a-set", "PutItem", put(a={"SS": ["", "x"]})),
    Row("empty-list-and-map", "PutItem", put(a={"L": []}, b={"M": {}})),
    Row("empty-string", "PutItem", put(a=s(""))),
    Row("empty-binary", "PutItem", put(a={"B": b""})),
    Row("nested-31-deep", "PutItem", put(a=nested(31))),
    Row("nested-32-deep", "PutItem", put(a=nested(32)), "Nesting Levels", "has no limit of nesting"),
    Row("nested-32-deep-in-a-list", "PutItem", put(a={"L": [nested(31)]}), "Nesting Levels", "has no limit of nesting"),
    Row("empty-attribute-name", "PutItem", {"TableName": MAIN, "Item": {**key(), "": s("x")}}, "attribute name",
        "takes a name without a character"),
]

ITEMS = [
    Row("item-of-400-kb", "PutItem", put(a=s("x" * _LARGEST))),
    Row("item-of-400-kb-and-a-byte", "PutItem", put(a=s("x" * (_LARGEST + 1))), "Item size has exceeded"),
    Row("item-of-400-kb-in-utf-8", "PutItem", put(a=s("é" * (_LARGEST // 2)))),
    Row("item-over-400-kb-in-utf-8", "PutItem", put(a=s("é" * (_LARGEST // 2 + 1))), "Item size has exceeded",
        "counts the characters of an item, not its bytes"),
    Row("item-over-400-kb-by-many-small-ones", "PutItem", put(a={"L": [s("x" * 9)] * 41_000}),
        "Item size has exceeded"),
    Row("update-that-sets-more-than-400-kb", "UpdateItem", {
        "TableName": MAIN, "Key": key("grow"), "UpdateExpression": "SET #a = :a",
        "ExpressionAttributeNames": {"#a": "a"}, "ExpressionAttributeValues": {":a": s("x" * 409_600)},
    }, "Item size to update has exceeded"),
]

KEYS = [
    Row("partition-of-2048-bytes", "PutItem", put(pk=s("p" * 2048))),
    Row("partition-of-2049-bytes", "PutItem", put(pk=s("p" * 2049)), "Size of hashkey has exceeded"),
    Row("partition-of-2049-bytes-in-utf-8", "PutItem", put(pk=s("é" * 1025)), "Size of hashkey has exceeded",
        "counts the characters of a key, not its bytes"),
    Row("sort-of-1024-bytes", "PutItem", put(sk=s("s" * 1024))),
    Row("sort-of-1025-bytes", "PutItem", put(sk=s("s" * 1025)), "range keys has exceeded"),
    Row("get-by-sort-of-1025-bytes", "GetItem", {"TableName": MAIN, "Key": key(sk="s" * 1025)},
        "range keys has exceeded"),
    Row("empty-partition", "PutItem", put(pk=s("")), "cannot contain an empty string value"),
    Row("empty-sort", "PutItem", put(sk=s("")), "cannot contain an empty string value"),
    Row("get-by-empty-partition", "GetItem", {"TableName": MAIN, "Key": key("")},
        "cannot contain an empty string value"),
    Row("empty-binary-sort", "PutItem", put(NUMERIC, pk=n(1), sk={"B": b""}), "cannot contain an empty binary value"),
    Row("put-without-sort", "PutItem", put(drop="sk"), "Missing the key sk in the item"),
    Row("put-with-number-as-partition", "PutItem", put(pk=n(1)), "Type mismatch for key pk expected: S actual: N"),
    Row("get-without-sort", "GetItem", {"TableName": MAIN, "Key": {"pk": s("p")}}, "does not match the schema"),
    Row("get-by-another-attribute", "GetItem", {"TableName": PLAIN, "Key": {"a": s("p")}}, "does not match the schema"),
    Row("get-by-one-attribute-more", "GetItem", {"TableName": PLAIN, "Key": {"pk": s("p"), "a": s("x")}},
        "does not match the schema"),
    Row("get-by-number-for-string", "GetItem", {"TableName": PLAIN, "Key": {"pk": n(1)}}, "does not match the schema"),
    Row("get-by-number", "GetItem", {"TableName": NUMERIC, "Key": {"pk": n("1.50"), "sk": {"B": b"x"}}}),
    Row("index-key-of-wrong-type", "PutItem", put(g=n(1)), "Type mismatch for Index Key g Expected: S Actual: N"),
    Row("index-key-that-is-null", "PutItem", put(g={"NULL": True}),
        "Type mismatch for Index Key g Expected: S Actual: NULL"),
    Row("empty-index-key", "PutItem", put(g=s("")), "IndexKey: g", "takes an empty key of an index"),
    Row("index-partition-of-2049-bytes", "PutItem", put(g=s("g" * 2049)), "Size of hashkey has exceeded",
        "does not check the length of keys of an index"),
    Row("no-index-key", "PutItem", put(a=s("x"))),
    Row("unknown-table", "GetItem", {"TableName": "battery-nowhere", "Key": {"pk": s("p")}},
        "Cannot do operations on a non-existent table", unjudged="dynalite answers ResourceNotFoundException"),
]

ROWS = [*NUMBERS, *TYPES, *ITEMS, *KEYS]
