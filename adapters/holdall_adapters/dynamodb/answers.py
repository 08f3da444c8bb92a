"""What DynamoDB's answers always hold. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALWAYS: dict[str, tuple[str, ...]] = {
    "Query": ("Count",),
    "Scan": ("Count",),
    "BatchGetItem": ("Responses",),
    "BatchWriteItem": ("UnprocessedItems",),
    "CreateTable": ("TableDescription",),
    "UpdateTable": ("TableDescription",),
    "DescribeTable": ("Table",),
    "DescribeTimeToLive": ("TimeToLiveDescription",),
    "UpdateTimeToLive": ("TimeToLiveSpecification",),
}
KINDS: dict[str, type] = {
    "Count": int,
    "ScannedCount": int,
    "Item": dict,
    "Items": list,
    "Attributes": dict,
    "LastEvaluatedKey": dict,
    "Responses": dict,
    "UnprocessedItems": dict,
    "UnprocessedKeys": dict,
}


def returned(operation: str, params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names that an answer to an operation with these parameters always has."""
    if operation in ("Query", "Scan"):
        return ("Count",) if params.get("Select") == "COUNT" else ("Count", "Items")
    if operation == "UpdateItem" and params.get("ReturnValues") == "ALL_NEW":
        return ("Attributes",)
    return _ALWAYS.get(operation, ())
