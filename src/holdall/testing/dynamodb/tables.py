"""What the validator has to know of a table: its keys, their types and its indexes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import refuse, refuse_value
from .shapes import as_mapping, as_sequence, as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEY_TYPES = ("S", "N", "B")
_MAX_ATTRIBUTES = 4


@dataclass(frozen=True)
class KeySchema:
    """The key attributes of a table or index, in their order; an index may have up to four of each role."""

    partition: tuple[str, ...]
    sort: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All key attributes, those of the partition first."""
        return self.partition + self.sort

    @classmethod
    def from_schema(cls, schema: object) -> KeySchema:
        """
        Return the keys that a `KeySchema` parameter describes.

        Raises:
            RequestRefused: It has no partition key, or an unknown role.
        """
        entries = [as_mapping(entry, "KeySchema") for entry in as_sequence(schema, "KeySchema")]
        if any(entry.get("KeyType") not in ("HASH", "RANGE") for entry in entries):
            refuse("every KeyType must be HASH or RANGE")
        keys = cls(_with_role(entries, "HASH"), _with_role(entries, "RANGE"))
        if not 1 <= len(keys.partition) <= _MAX_ATTRIBUTES or len(keys.sort) > _MAX_ATTRIBUTES:
            refuse_value("Invalid KeySchema: between one and four HASH keys and at most four RANGE keys are allowed")
        return keys


def _with_role(entries: list[Mapping[str, Any]], role: str) -> tuple[str, ...]:
    return tuple(as_text(entry.get("AttributeName"), "AttributeName") for entry in entries if entry["KeyType"] == role)


@dataclass(frozen=True)
class IndexDescription:
    """A secondary index: `is_global` tells a GSI from an LSI, `projected` is None when it holds all attributes."""

    name: str
    keys: KeySchema
    is_global: bool
    projected: frozenset[str] | None


@dataclass(frozen=True)
class TableDescription:
    """A table: its keys, the types of all key attributes, and its indexes by name."""

    name: str
    keys: KeySchema
    types: Mapping[str, str]
    indexes: Mapping[str, IndexDescription] = field(default_factory=dict[str, IndexDescription])

    @classmethod
    def from_create_table(cls, params: Mapping[str, Any]) -> TableDescription:
        """
        Return the table that the parameters of CreateTable (or a DescribeTable answer's `Table`) describe.

        Raises:
            RequestRefused: A key has no type, the table has not exactly one HASH key, or a part is missing.
        """
        keys = KeySchema.from_schema(params.get("KeySchema"))
        if len(keys.partition) != 1 or len(keys.sort) > 1:
            refuse_value("Invalid KeySchema: a table has one HASH key and at most one RANGE key")
        table = cls(as_text(params.get("TableName"), "TableName"), keys, _types(params), _indexes(params, keys))
        table._check_types()
        return table

    def keys_of(self, index: str | None) -> KeySchema:
        """
        Return the keys of an index, or of the table itself for None.

        Raises:
            RequestRefused: The table has no such index.
        """
        return self.keys if index is None else self.index(index).keys

    def index(self, name: str) -> IndexDescription:
        """
        Return an index.

        Raises:
            RequestRefused: The table has no such index.
        """
        if name not in self.indexes:
            refuse(f"The table does not have the specified index: {name}")
        return self.indexes[name]

    def _check_types(self) -> None:
        for keys in [self.keys, *(index.keys for index in self.indexes.values())]:
            missing = [name for name in keys.names if name not in self.types]
            if missing:
                refuse_value(f"Some key attributes are not defined in AttributeDefinitions: {missing}")


def _types(params: Mapping[str, Any]) -> dict[str, str]:
    types: dict[str, str] = {}
    for raw in as_sequence(params.get("AttributeDefinitions"), "AttributeDefinitions"):
        entry = as_mapping(raw, "AttributeDefinitions")
        if entry.get("AttributeType") not in _KEY_TYPES:
            refuse_value("every AttributeType must be S, N or B")
        types[as_text(entry.get("AttributeName"), "AttributeName")] = entry["AttributeType"]
    return types


def _indexes(params: Mapping[str, Any], keys: KeySchema) -> dict[str, IndexDescription]:
    found: dict[str, IndexDescription] = {}
    for parameter in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        for raw in as_sequence(params.get(parameter, ()), parameter):
            index = _index(as_mapping(raw, parameter), keys, is_global=parameter.startswith("Global"))
            found[index.name] = index
    return found


def _index(entry: Mapping[str, Any], keys: KeySchema, *, is_global: bool) -> IndexDescription:
    own = KeySchema.from_schema(entry.get("KeySchema"))
    if not is_global and own.partition != keys.partition:
        refuse_value("Index KeySchema does not have the same leading hash key as table KeySchema")
    projection = as_mapping(entry.get("Projection", {"ProjectionType": "ALL"}), "Projection")
    projected: frozenset[str] | None = None
    if projection.get("ProjectionType") != "ALL":
        projected = frozenset([*own.names, *keys.names, *projection.get("NonKeyAttributes", ())])
    return IndexDescription(as_text(entry.get("IndexName"), "IndexName"), own, is_global, projected)
