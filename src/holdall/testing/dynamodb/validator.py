"""The entrance: one function that checks a request of any of the ten data operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import refuse
from .groups import check_batch_get, check_batch_write, check_transact_get, check_transact_write
from .parameters import SHAPES, check_parameters
from .reads import check_get, check_query, check_scan
from .scope import Scope
from .shapes import as_mapping, as_text
from .writes import check_delete, check_put, check_update

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .tables import TableDescription

OPERATIONS = frozenset(SHAPES)
"""The operations that can be checked."""


def validate(
    operation: str, params: Mapping[str, Any], tables: Mapping[str, TableDescription], *, strict: bool = True
) -> None:
    """
    Check a request as the service does, by the AWS DynamoDB developer guide (limits, expression reference).

    `params` are those of a boto3 client, and `tables` are found by name (or by the name in an ARN). With `strict`,
    every attribute name in an expression has to be a #placeholder; without, only the reserved words.

    Raises:
        RequestRefused: The service would refuse the request, or a table is not among `tables`.
    """
    if operation not in OPERATIONS:
        refuse(f"{operation} is none of the operations that can be checked: {sorted(OPERATIONS)}")
    check_parameters(operation, as_mapping(params, "the request"), SHAPES[operation])

    def table_of(name: object) -> TableDescription:
        return _table(name, tables)

    if operation in _SINGLE:
        scope = Scope(params, strict=strict)
        _SINGLE[operation](params, table_of(params["TableName"]), scope)
        scope.finish()
    elif operation == "BatchWriteItem":
        check_batch_write(params, table_of)
    else:
        _GROUPS[operation](params, table_of, strict=strict)


def table_name(name: object) -> str:
    """
    Return the name of a table from a name or ARN.

    Raises:
        RequestRefused: It is no text.
    """
    text = as_text(name, "TableName")
    return text.partition(":table/")[2] if text.startswith("arn:") else text


def _table(name: object, tables: Mapping[str, TableDescription]) -> TableDescription:
    found = tables.get(table_name(name))
    if found is None:
        refuse(f"Cannot do operations on a non-existent table: {name}")
    return found


_SINGLE: dict[str, Callable[[Mapping[str, Any], TableDescription, Scope], object]] = {
    "GetItem": check_get,
    "PutItem": check_put,
    "UpdateItem": check_update,
    "DeleteItem": check_delete,
    "Query": check_query,
    "Scan": check_scan,
}
_GROUPS: dict[str, Callable[..., None]] = {
    "BatchGetItem": check_batch_get,
    "TransactWriteItems": check_transact_write,
    "TransactGetItems": check_transact_get,
}
