"""What a CreateTable may say, as far as it does not depend on what is there (developer guide: limits, naming rules)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .errors import refuse, refuse_value
from .shapes import as_mapping, as_sequence, as_text
from .tables import TableDescription

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_MAX_KEY_NAME = 255
_MOST = {"GlobalSecondaryIndexes": 20, "LocalSecondaryIndexes": 5}
_MAX_PROJECTED = 100
_PROJECTIONS = ("ALL", "KEYS_ONLY", "INCLUDE")


def check_create_table(params: Mapping[str, Any]) -> None:
    """
    Check a CreateTable.

    Raises:
        RequestRefused: A name is not legal, a key or index is not, or there are too many of something.
    """
    table = TableDescription.from_create_table(params)
    _check_name(table.name, "TableName")
    _check_attributes(table)
    for parameter, most in _MOST.items():
        entries = as_sequence(params.get(parameter, ()), parameter)
        if parameter in params and not 1 <= len(entries) <= most:
            refuse_value(f"List of {parameter} must have between 1 and {most} entries, not {len(entries)}")
    _check_indexes(table, params)
    _check_billing(params)


def _check_name(name: object, what: str) -> None:
    if not _NAME.fullmatch(as_text(name, what)):
        refuse(f"{what} must be at least 3 characters long and at most 255 characters long, of a-z A-Z 0-9 _ . -")


def _check_attributes(table: TableDescription) -> None:
    used = {name for keys in [table.keys, *(index.keys for index in table.indexes.values())] for name in keys.names}
    if set(table.types) != used:
        refuse_value(
            "Number of attributes in KeySchema does not exactly match number of attributes defined in "
            "AttributeDefinitions"
        )
    for name in used:
        if not 1 <= len(name.encode()) <= _MAX_KEY_NAME:
            refuse(f"the name of a key attribute must have between 1 and {_MAX_KEY_NAME} bytes")


def _check_indexes(table: TableDescription, params: Mapping[str, Any]) -> None:
    entries = list(_entries(params))
    if len(table.indexes) < len(entries):
        refuse_value("Duplicate index name")
    if params.get("LocalSecondaryIndexes") and not table.keys.sort:
        refuse_value("Table KeySchema does not have a range key, which is required when specifying a "
                     "LocalSecondaryIndex")
    projected = 0
    for entry in entries:
        _check_name(entry.get("IndexName"), "IndexName")
        projected += _projected(entry)
    if projected > _MAX_PROJECTED:
        refuse_value(f"the indexes project {projected} attributes by name, more than {_MAX_PROJECTED}")


def _entries(params: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for parameter in _MOST:
        for entry in as_sequence(params.get(parameter, ()), parameter):
            yield as_mapping(entry, parameter)


def _projected(entry: Mapping[str, Any]) -> int:
    projection = as_mapping(entry.get("Projection", {}), "Projection")
    kind, names = projection.get("ProjectionType"), projection.get("NonKeyAttributes")
    if kind not in _PROJECTIONS:
        refuse_value("Unknown ProjectionType: null" if kind is None else f"Unknown ProjectionType: {kind}")
    if (kind == "INCLUDE") != bool(names):
        refuse_value(f"ProjectionType is {kind}, but NonKeyAttributes is {'not ' if not names else ''}specified")
    return len(as_sequence(names or (), "NonKeyAttributes"))


def _check_billing(params: Mapping[str, Any]) -> None:
    on_demand, provisioned = params.get("BillingMode") == "PAY_PER_REQUEST", "ProvisionedThroughput" in params
    if on_demand == provisioned:
        refuse_value(
            "ProvisionedThroughput "
            + ("cannot be specified when BillingMode is PAY_PER_REQUEST" if on_demand else "must be specified")
        )
