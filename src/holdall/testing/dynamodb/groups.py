"""BatchGetItem, BatchWriteItem, TransactWriteItems and TransactGetItems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import refuse
from .keys import Identity, check_item, check_key
from .parameters import PARTS, check_parameters
from .reads import check_get, check_projection
from .scope import Scope
from .shapes import as_mapping, as_sequence, as_text, check_length
from .values import item_size
from .writes import check_delete, check_put, check_update

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .tables import TableDescription

    TableOf = Callable[[object], TableDescription]

_MAX_WRITES = 25
_MAX_GETS = 100
_MAX_ACTIONS = 100
_MAX_TOKEN = 36
_MAX_TRANSACTION = 4 * 1024 * 1024


def check_batch_get(params: Mapping[str, Any], table_of: TableOf, *, strict: bool) -> None:
    """
    Check a BatchGetItem.

    Raises:
        RequestRefused: It has none or more than 100 keys, one of them twice, or a part is not legal.
    """
    requested = as_mapping(params["RequestItems"], "RequestItems")
    check_length(len(requested), "RequestItems", 1)
    found: list[Identity] = []
    for name, raw in requested.items():
        found += _keys_of(as_mapping(raw, name), table_of(name), strict=strict)
    _check_batch("BatchGetItem", found, _MAX_GETS)


def check_batch_write(params: Mapping[str, Any], table_of: TableOf) -> None:
    """
    Check a BatchWriteItem.

    Raises:
        RequestRefused: It has none or more than 25 writes, two on one item, or a part is not legal.
    """
    requested = as_mapping(params["RequestItems"], "RequestItems")
    check_length(len(requested), "RequestItems", 1)
    found: list[Identity] = []
    for name, raw in requested.items():
        writes = as_sequence(raw, name)
        if not writes:
            refuse("The batch write request list for a table cannot be null or empty")
        found += [_written(entry, table_of(name)) for entry in writes]
    _check_batch("BatchWriteItem", found, _MAX_WRITES)


def check_transact_write(params: Mapping[str, Any], table_of: TableOf, *, strict: bool) -> None:
    """
    Check a TransactWriteItems.

    Raises:
        RequestRefused: It has none or more than 100 entries, two on one item, more than 4 MB, a token of a wrong
            length, or an entry is not legal.
    """
    entries = _entries(params)
    if "ClientRequestToken" in params:
        token = as_text(params["ClientRequestToken"], "ClientRequestToken")
        check_length(len(token), "ClientRequestToken", 1, _MAX_TOKEN)
    actions = [_only_part(entry, tuple(_ACTIONS)) for entry in entries]
    found = [_acted_on(name, part, table_of, strict=strict) for name, part in actions]
    _check_apart(found)
    if sum(_payload(part) for _, part in actions) > _MAX_TRANSACTION:
        refuse("Transaction payload size cannot exceed 4MB")


def check_transact_get(params: Mapping[str, Any], table_of: TableOf, *, strict: bool) -> None:
    """
    Check a TransactGetItems.

    Raises:
        RequestRefused: It has none or more than 100 entries, two on one item, or an entry is not legal.
    """
    found: list[Identity] = []
    for entry in _entries(params):
        _, part = _only_part(entry, ("Get",))
        table, scope = table_of(part["TableName"]), Scope(part, strict=strict)
        check_get(part, table, scope)
        scope.finish()
        found.append(check_key(table, part["Key"]))
    _check_apart(found)


def _keys_of(part: Mapping[str, Any], table: TableDescription, *, strict: bool) -> list[Identity]:
    check_parameters("KeysAndAttributes", part, PARTS["KeysAndAttributes"])
    scope = Scope(part, strict=strict)
    check_projection(part, table, scope)
    scope.finish()
    keys = as_sequence(part["Keys"], "Keys")
    check_length(len(keys), "Keys", 1)
    return [check_key(table, key) for key in keys]


def _written(raw: object, table: TableDescription) -> Identity:
    name, part = _only_part(raw, ("PutRequest", "DeleteRequest"))
    return check_item(table, part["Item"]) if name == "PutRequest" else check_key(table, part["Key"])


def _check_batch(operation: str, found: list[Identity], most: int) -> None:
    if len(found) > most:
        refuse(f"Too many items requested for the {operation} call")
    if len(set(found)) < len(found):
        refuse("Provided list of item keys contains duplicates")


def _entries(params: Mapping[str, Any]) -> Sequence[Any]:
    entries = as_sequence(params["TransactItems"], "TransactItems")
    check_length(len(entries), "TransactItems", 1, _MAX_ACTIONS)
    return entries


def _only_part(raw: object, allowed: tuple[str, ...]) -> tuple[str, Mapping[str, Any]]:
    entry = as_mapping(raw, "an entry")
    if len(entry) != 1 or not set(entry) <= set(allowed):
        refuse(f"An entry can only contain one of {', '.join(allowed)}, not {sorted(entry)}")
    name = next(iter(entry))
    part = as_mapping(entry[name], name)
    check_parameters(name, part, PARTS[name])
    return name, part


def _acted_on(name: str, part: Mapping[str, Any], table_of: TableOf, *, strict: bool) -> Identity:
    scope = Scope(part, strict=strict)
    found = _ACTIONS[name](part, table_of(part["TableName"]), scope)
    scope.finish()
    return found


def _check_apart(found: list[Identity]) -> None:
    if len(set(found)) < len(found):
        refuse("Transaction request cannot include multiple operations on one item")


def _payload(part: Mapping[str, Any]) -> int:
    if "Item" in part:
        return item_size(part["Item"])
    return item_size(part["Key"]) + item_size(part.get("ExpressionAttributeValues", {}))


_ACTIONS: dict[str, Callable[[Mapping[str, Any], TableDescription, Scope], Identity]] = {
    "Put": check_put,
    "Update": check_update,
    "Delete": check_delete,
    "ConditionCheck": check_delete,
}
