"""A model as a table: one column a field, under its stored name."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from holdall._model.kinds import BadValue
from holdall.errors import CorruptRecord, InvalidArgument

from .statements import Statements
from .tokens import tokens_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from holdall._model.kinds import Portable
    from holdall._model.schema import IndexSpec, Model
    from holdall.drivers import Item, KeyValue

    from .columns import ColumnType
    from .flavor import Flavor

PARTITION_LENGTH, SORT_LENGTH = 512, 255
"""Characters, or bytes, of a column of an index where a database wants to know: two of them take 3,068 bytes as UTF-8,
and MySQL's indexes hold 3,072."""
_DIGITS = 8


class IndexColumns(NamedTuple):
    """An index that the model asks for: its name in the database, its columns in order, and whether it is unique."""

    name: str
    columns: tuple[str, ...]
    unique: bool


class MappedTable:
    """
    One model in one table.

    Attributes:
        model: The record type.
        name: The table's name.
        table: The table, for SQLAlchemy.
        columns: How each field lies in its column, by stored name.
        key: The stored names of the key fields.
        flavor: The ways of its database.
        statements: Its statements, compiled once a shape.
    """

    def __init__(self, model: Model[Any], name: str, flavor: Flavor) -> None:
        self.model = model
        self.name = name
        self.flavor = flavor
        self.columns: dict[str, ColumnType] = {field.stored: flavor.column(field.kind) for field in model.fields}
        self.key = tuple(field.stored for field in model.key.keys)
        self.table = self._table(flavor)
        self.statements = Statements(self.table, self.columns, self.key, flavor)

    def _length(self, name: str) -> int | None:
        """Return how long a column of an index may be, None for a column of no index."""
        indexes = [self.model.key, *self.model.indexes]
        if any(index.sort is not None and index.sort.stored == name for index in indexes):
            return SORT_LENGTH
        held = {field.stored for index in indexes for field in index.keys} | {f.stored for f in self.model.uniques}
        return PARTITION_LENGTH if name in held else None

    def _table(self, flavor: Flavor) -> sa.Table:
        # Only the key is NOT NULL: a required field may become optional in a later version of the program.
        columns = [
            sa.Column(name, flavor.sql_type(column, self._length(name)), primary_key=name in self.key,
                      nullable=name not in self.key, autoincrement=False if name in self.key else "auto")
            for name, column in self.columns.items()
        ]  # fmt: skip
        ordered = sorted(columns, key=lambda column: self.key.index(column.name) if column.name in self.key else 99)
        metadata = sa.MetaData()
        # Tools for migrations make it, too.
        tokens_table(metadata)
        table = sa.Table(self.name, metadata, *ordered)
        for index in self.indexes():
            # It adds itself to its table, where tools for migrations find it.
            sa.Index(index.name, *[table.c[name] for name in index.columns], unique=index.unique)
        return table

    def indexes(self) -> list[IndexColumns]:
        """Return the indexes that the model asks for, beside the primary key."""
        found = [
            IndexColumns(self._index_name(index.name), self._indexed(index), False) for index in self.model.indexes
        ]
        uniques = [field.stored for field in self.model.uniques if self.key != (field.stored,)]
        return found + [IndexColumns(self._index_name("unique", name), (name,), True) for name in uniques]

    def _indexed(self, index: IndexSpec) -> tuple[str, ...]:
        return self.order(index) if self.flavor.names_key else tuple(field.stored for field in index.keys)

    def _index_name(self, *words: str | None) -> str:
        name, most = ".".join((self.name, *map(str, words))), self.flavor.max_name
        if most is None or len(name.encode()) <= most:
            return name
        digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGITS]
        # Cut by bytes, as the database counts.
        return name.encode()[: most - _DIGITS - 1].decode(errors="ignore") + "." + digest

    def order(self, index: IndexSpec) -> tuple[str, ...]:
        """Return the columns by which an index is read: its own, then the key's, so that no two rows tie."""
        return tuple(dict.fromkeys((*(field.stored for field in index.keys), *self.key)))

    def item(self, names: Sequence[str], row: Sequence[Any]) -> Item:
        """Return the item of a row."""
        item = dict(zip(names, row, strict=False))
        return {name: value for name, value in item.items() if value is not None} if None in item.values() else item

    def portable(self, item: Item, names: Collection[str]) -> dict[str, Portable]:
        """
        Return some columns of an item in portable form.

        Raises:
            CorruptRecord: A value is not of its column's type.
        """
        return {name: self._load(name, item[name]) for name in names if name in item}

    def _load(self, name: str, stored: Any) -> Portable:
        try:
            return self.columns[name].load(stored)
        except BadValue as bad:
            raise CorruptRecord(f"a stored {self.model.name} has a wrong value in the column {name!r}: {bad.problem}",
                                field=self._field_name(name)) from None

    def stored(self, name: str, value: Portable) -> Any:
        """
        Return what is stored for a portable value.

        Raises:
            InvalidArgument: The column can't hold it.
        """
        try:
            return self.columns[name].store(value)
        except BadValue as bad:
            raise InvalidArgument(f"{self.model.name}.{self._field_name(name)}: {bad.problem}") from None

    def _field_name(self, stored: str) -> str:
        return next(field.name for field in self.model.fields if field.stored == stored)

    def key_values(self, key: KeyValue) -> list[Any]:
        """Return what is bound for a key."""
        return [key.item[name] for name in self.key]

    def same(self, key: Iterable[Any]) -> tuple[Any, ...]:
        """Return the values of a key in the form in which those that were bound and those that came are equal."""
        if self.flavor.fetches_as_bound:
            return tuple(key)
        return tuple(self._load(name, value) for name, value in zip(self.key, key, strict=True))

    def bound(self, key: Iterable[Any]) -> list[Any]:
        """Return what is bound for a key that came."""
        if self.flavor.fetches_as_bound:
            return list(key)
        return [self.stored(name, self._load(name, value)) for name, value in zip(self.key, key, strict=True)]

    def position(self, index: IndexSpec, item: Item) -> dict[str, Portable]:
        """Return where a page goes on behind an item."""
        return {name: self._load(name, item[name]) for name in self.order(index)}

    def behind(self, index: IndexSpec, after: Mapping[str, Portable]) -> list[Any]:
        """Return what is bound for a position."""
        return [self.stored(name, after[name]) for name in self.order(index)]
