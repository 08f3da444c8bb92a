"""Which parameters each request has to have, which it may have, and what they may be (API reference)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import refuse
from .shapes import as_text, camel

if TYPE_CHECKING:
    from collections.abc import Mapping

LEGACY = frozenset(
    ("AttributesToGet", "AttributeUpdates", "Expected", "ConditionalOperator", "KeyConditions", "QueryFilter",
     "ScanFilter")
)


@dataclass(frozen=True)
class Shape:
    """The names of the required and the optional parameters."""

    required: frozenset[str]
    optional: frozenset[str]


def _shape(required: str, optional: str) -> Shape:
    return Shape(frozenset(required.split()), frozenset(optional.split()))


_NAMES = " ExpressionAttributeNames"
_PLACEHOLDERS = _NAMES + " ExpressionAttributeValues"
_CONDITION = " ConditionExpression ReturnValuesOnConditionCheckFailure" + _PLACEHOLDERS
_CAPACITY = " ReturnConsumedCapacity"
_METRICS = _CAPACITY + " ReturnItemCollectionMetrics"
_READ = " ConsistentRead ProjectionExpression" + _NAMES
_PAGE = " IndexName FilterExpression ExclusiveStartKey Limit Select ExpressionAttributeValues" + _READ + _CAPACITY

SHAPES = {
    "GetItem": _shape("TableName Key", _READ + _CAPACITY),
    "PutItem": _shape("TableName Item", "ReturnValues" + _CONDITION + _METRICS),
    "UpdateItem": _shape("TableName Key", "UpdateExpression ReturnValues" + _CONDITION + _METRICS),
    "DeleteItem": _shape("TableName Key", "ReturnValues" + _CONDITION + _METRICS),
    "Query": _shape("TableName KeyConditionExpression", "ScanIndexForward" + _PAGE),
    "Scan": _shape("TableName", "Segment TotalSegments" + _PAGE),
    "BatchGetItem": _shape("RequestItems", _CAPACITY),
    "BatchWriteItem": _shape("RequestItems", _METRICS),
    "TransactWriteItems": _shape("TransactItems", "ClientRequestToken" + _METRICS),
    "TransactGetItems": _shape("TransactItems", _CAPACITY),
}
"""By operation."""

PARTS = {
    "KeysAndAttributes": _shape("Keys", _READ),
    "PutRequest": _shape("Item", ""),
    "DeleteRequest": _shape("Key", ""),
    "Put": _shape("TableName Item", _CONDITION),
    "Update": _shape("TableName Key UpdateExpression", _CONDITION),
    "Delete": _shape("TableName Key", _CONDITION),
    "ConditionCheck": _shape("TableName Key ConditionExpression", _CONDITION),
    "Get": _shape("TableName Key", "ProjectionExpression" + _NAMES),
}
"""By the name of the part of a batch or transaction."""

_ENUMS = {
    "ReturnConsumedCapacity": ("INDEXES", "TOTAL", "NONE"),
    "ReturnItemCollectionMetrics": ("SIZE", "NONE"),
    "ReturnValuesOnConditionCheckFailure": ("ALL_OLD", "NONE"),
    "ReturnValues": ("NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"),
    "Select": ("ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "COUNT"),
}
_BOOLEANS = ("ConsistentRead", "ScanIndexForward")


def check_parameters(name: str, params: Mapping[str, Any], shape: Shape) -> None:
    """
    Check the parameters of an operation, or of a part of one.

    Raises:
        RequestRefused: One is unknown, legacy or missing, or is none of the values that it may be.
    """
    for parameter in params:
        _check_known(name, parameter, shape)
        _check_kind(parameter, params[parameter])
    missing = sorted(shape.required - set(params))
    if missing:
        refuse(f'{name}: Missing required parameter in input: "{missing[0]}"')
    if name in ("PutItem", "DeleteItem") and params.get("ReturnValues", "NONE") not in ("NONE", "ALL_OLD"):
        refuse("ReturnValues can only be ALL_OLD or NONE")


def _check_known(name: str, parameter: str, shape: Shape) -> None:
    if parameter in LEGACY:
        refuse(f"{name}: {parameter} is a legacy parameter; use expressions")
    if parameter not in shape.required | shape.optional:
        refuse(f'{name}: Unknown parameter in input: "{parameter}"')


def _check_kind(parameter: str, value: object) -> None:
    if parameter in _ENUMS and value not in _ENUMS[parameter]:
        refuse(
            f"1 validation error detected: Value '{value}' at '{camel(parameter)}' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(_ENUMS[parameter])}]"
        )
    if parameter in _BOOLEANS and not isinstance(value, bool):
        refuse(f"{parameter} must be a boolean, not {type(value).__name__}")
    if parameter in ("TableName", "IndexName") or parameter.endswith("Expression"):
        as_text(value, parameter)
