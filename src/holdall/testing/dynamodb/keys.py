"""Keys: which attributes they have, of which type, and how large they may be (developer guide: limits)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import refuse, refuse_value
from .shapes import as_mapping
from .values import MAX_ITEM, Scalar, check_attributes, check_item_size, check_value, scalar, type_of, value_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .syntax import Path
    from .tables import IndexDescription, KeySchema, TableDescription

_MAX_PARTITION = 2048
_MAX_SORT = 1024
_EMPTY = "The AttributeValue for a key attribute cannot contain an empty {} value."
Identity = tuple[str, tuple[Scalar, ...]]
"""What makes two keys the same item: the table, and the values in the order of its keys."""


def check_key(table: TableDescription, raw: object) -> Identity:
    """
    Return the identity of a `Key` parameter.

    Raises:
        RequestRefused: It has not exactly the table's key attributes, or one is of the wrong type, empty or too long.
    """
    key = as_mapping(raw, "Key")
    check_attributes(key)
    if set(key) != set(table.keys.names):
        refuse("The provided key element does not match the schema")
    if any(type_of(key[name]) != table.types[name] for name in key):
        refuse("The provided key element does not match the schema")
    _check_primary(table, key)
    return identity(table, key)


def check_item(table: TableDescription, raw: object) -> Identity:
    """
    Return the identity of an `Item` parameter.

    Raises:
        RequestRefused: A value is not legal, a key attribute is missing or not legal, or the item is too large.
    """
    item = as_mapping(raw, "Item")
    check_attributes(item)
    for name in table.keys.names:
        _check_present(table, item, name)
    _check_primary(table, item)
    check_index_keys(table, item)
    check_item_size(item, "Item size has exceeded the maximum allowed size")
    return identity(table, item)


def identity(table: TableDescription, attributes: Mapping[str, Any]) -> Identity:
    """Return which item these attributes, among them all keys of the table, belong to."""
    return table.name, tuple(scalar(attributes[name]) for name in table.keys.names)


def check_index_keys(table: TableDescription, attributes: Mapping[str, Any]) -> None:
    """
    Check attributes that are going to be stored, against the keys of every index.

    Raises:
        RequestRefused: An index key is of the wrong type, empty or too long.
    """
    for index in table.indexes.values():
        present = [name for name in index.keys.names if name in attributes]
        for name in present:
            _check_index_key(table, index, name, attributes[name])
        _check_lengths(index.keys, attributes)


def check_scalar_keys(table: TableDescription, paths: Iterable[Path]) -> None:
    """
    Check that no path goes into a key attribute, of the table or of an index.

    Raises:
        RequestRefused: One does.
    """
    nested = {path.top for path in paths if len(path.elements) > 1}
    for kind, keys in [("Key", table.keys), *(("IndexKey", index.keys) for index in table.indexes.values())]:
        for name in keys.names:
            if name in nested:
                refuse(
                    "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
                    f"{kind}: {name}"
                )


def check_start_key(table: TableDescription, keys: KeySchema, raw: object) -> Mapping[str, Any]:
    """
    Return an `ExclusiveStartKey`, checked: the table's key attributes and those of the queried index, no other.

    Raises:
        RequestRefused: It has others, or one is of the wrong type, empty or too long.
    """
    key = as_mapping(raw, "ExclusiveStartKey")
    check_attributes(key)
    wanted = {*table.keys.names, *keys.names}
    if set(key) != wanted or any(type_of(key[name]) != table.types[name] for name in wanted):
        refuse("The provided starting key is invalid: The provided key element does not match the schema")
    _check_primary(table, key)
    check_index_keys(table, key)
    return key


def check_condition_value(name: str, wanted: str, value: Mapping[str, Any]) -> None:
    """
    Check a value that a key condition compares with.

    Raises:
        RequestRefused: It is of another type than the key, or empty.
    """
    check_value(value)
    if type_of(value) != wanted:
        refuse_value("Condition parameter type does not match schema type")
    _check_not_empty(name, value)


def check_update_size(key: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    """
    Check the least size that an item has after an update that sets these attributes.

    Raises:
        RequestRefused: It is more than 400 KB.
    """
    check_item_size({**attributes, **key}, f"Item size to update has exceeded the maximum allowed size of {MAX_ITEM}")


def _check_present(table: TableDescription, item: Mapping[str, Any], name: str) -> None:
    if name not in item:
        refuse_value(f"Missing the key {name} in the item")
    actual = type_of(item[name])
    if actual != table.types[name]:
        refuse_value(f"Type mismatch for key {name} expected: {table.types[name]} actual: {actual}")


def _check_primary(table: TableDescription, attributes: Mapping[str, Any]) -> None:
    for name in table.keys.names:
        _check_not_empty(name, attributes[name])
    _check_lengths(table.keys, attributes)


def _check_not_empty(name: str, value: Mapping[str, Any]) -> None:
    kind = _empty_kind(value)
    if kind:
        refuse(f"One or more parameter values are not valid. {_EMPTY.format(kind)} Key: {name}")


def _check_index_key(table: TableDescription, index: IndexDescription, name: str, value: Mapping[str, Any]) -> None:
    wanted, actual = table.types[name], type_of(value)
    if actual != wanted:
        refuse_value(
            f"Type mismatch for Index Key {name} Expected: {wanted} Actual: {actual} IndexName: {index.name}"
        )
    kind = _empty_kind(value)
    if kind:
        refuse(
            "One or more parameter values are not valid. A value specified for a secondary index key is not "
            f"supported. {_EMPTY.format(kind)} IndexName: {index.name}, IndexKey: {name}"
        )


def _check_lengths(keys: KeySchema, attributes: Mapping[str, Any]) -> None:
    if _total(keys.partition, attributes) > _MAX_PARTITION:
        refuse_value(f"Size of hashkey has exceeded the maximum size limit of {_MAX_PARTITION} bytes")
    if _total(keys.sort, attributes) > _MAX_SORT:
        refuse_value(f"Aggregated size of all range keys has exceeded the size limit of {_MAX_SORT} bytes")


def _total(names: Iterable[str], attributes: Mapping[str, Any]) -> int:
    return sum(value_size(attributes[name]) for name in names if name in attributes)


def _empty_kind(value: Mapping[str, Any]) -> str | None:
    if type_of(value) not in ("S", "B") or next(iter(value.values())):
        return None
    return "string" if type_of(value) == "S" else "binary"
