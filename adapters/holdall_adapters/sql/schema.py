"""What a model needs of a SQLite database, what of it is there, and making the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from holdall.errors import ConfigError, InvalidArgument, ResourceMissing

from .._sql.tokens import TABLE as TOKENS
from .._sql.tokens import tokens_table
from .statements import COLUMNS, DDL, INDEXES, AddColumn, collations, once

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._sql.session import Session
    from .._sql.tables import IndexColumns, MappedTable


MEND = "call provision(), or drop create=false from the URL"


@dataclass(frozen=True)
class Lacking:
    """What a database lacks for a model."""

    table: bool = False
    columns: tuple[str, ...] = ()
    indexes: tuple[IndexColumns, ...] = ()
    tokens: bool = False

    @property
    def anything(self) -> bool:
        return bool(self.table or self.columns or self.indexes or self.tokens)


@dataclass(frozen=True)
class _Found:
    primary: tuple[str, ...]
    indexes: tuple[_FoundIndex, ...]


@dataclass(frozen=True)
class _FoundIndex:
    columns: tuple[str, ...]
    unique: bool
    """Whether it refuses every second value, by its bytes: neither partial nor blind to case."""


async def lacking(session: Session, table: MappedTable, *, tokens: bool) -> Lacking:
    """
    Return what the database lacks for a model, and for the `tokens` of transactions where they are asked for.

    Raises:
        ConfigError: The table's key is not the model's.
    """
    no_tokens = tokens and not await _columns_of(session, TOKENS)
    columns = await _columns_of(session, table.name)
    if not columns:
        return Lacking(table=True, indexes=tuple(table.indexes()), tokens=no_tokens)
    found = _Found(tuple(name for name, key in columns.items() if key), await _indexes_of(session, table.name))
    absent = tuple(name for name in table.columns if folded(name) not in columns)
    await _check_collations(session, table, [name for name in table.columns if name not in absent])
    _check_key(table, found)
    return Lacking(False, absent, tuple(index for index in table.indexes() if not _has(index, found)), no_tokens)


def folded(name: str) -> str:
    """Return a name in the form in which SQLite compares names: only ASCII letters of two cases are one."""
    return name.encode().lower().decode()


def check_names(table: MappedTable) -> None:
    """
    Refuse names that SQLite takes for one.

    Raises:
        ConfigError: Two columns differ in nothing but case.
    """
    seen: dict[str, str] = {}
    for name in table.columns:
        other = seen.setdefault(folded(name), name)
        if other != name:
            raise ConfigError(f"{table.model.name}: {other!r} and {name!r} are one column to SQLite, which ignores "
                              "case; give one of them another name by Schema(..., names=)")


def _check_key(table: MappedTable, found: _Found) -> None:
    unique = [set(index.columns) for index in found.indexes if index.unique]
    if found.primary not in [index.columns for index in found.indexes]:
        # A whole-number key is the table itself, so no index of it is listed.
        unique.append(set(found.primary))
    if set(map(folded, table.key)) not in unique:
        words = ", ".join(found.primary) or "none"
        raise ConfigError(f"the table {table.name!r} has the primary key ({words}), but the key of {table.model.name} "
                          f"is ({', '.join(table.key)}); give Schema(..., partition=, sort=, names=) to fit, or "
                          "another ?table=")


async def _check_collations(session: Session, table: MappedTable, names: Sequence[str]) -> None:
    """Refuse texts that the database would compare by anything but code point."""
    ((ddl,),) = await session.rows(DDL, [table.name])
    texts = [name for name in names if isinstance(table.table.c[name].type, sa.Text)]
    if not texts or "collate" not in str(ddl).lower():
        return
    (row,) = await session.rows(collations([table.table.c[name] for name in texts]), ())
    for name, blind in zip(texts, row, strict=True):
        if blind:
            raise ConfigError(f"the column {name!r} of the table {table.name!r} compares texts by a COLLATE of its "
                              "own; every store compares them by code point, so declare it COLLATE BINARY")


def _has(index: IndexColumns, found: _Found) -> bool:
    wanted = tuple(map(folded, index.columns))
    if index.unique:
        return any(one.unique and one.columns == wanted for one in found.indexes)
    return any(one.columns[: len(wanted)] == wanted for one in found.indexes)


async def _columns_of(session: Session, table: str) -> dict[str, int]:
    rows = await session.rows(COLUMNS, [table])
    return {folded(name): key for name, key in rows}


async def _indexes_of(session: Session, table: str) -> tuple[_FoundIndex, ...]:
    rows = await session.rows(INDEXES, [table])
    return tuple(_index([row for row in rows if row[0] == name]) for name in dict.fromkeys(row[0] for row in rows))


def _index(rows: Sequence[Any]) -> _FoundIndex:
    unique = all(row[1] and not row[2] and row[4] == "BINARY" for row in rows)
    return _FoundIndex(tuple(folded(str(row[3])) for row in rows), unique)


def check(table: MappedTable, missing: Lacking) -> None:
    """
    Refuse to work on what `create=false` forbids to make.

    Raises:
        ResourceMissing: The table, a column or a unique index is not there.
    """
    if missing.table:
        raise ResourceMissing(f"the database has no table {table.name!r}; {MEND}")
    if missing.columns:
        raise ResourceMissing(f"the table {table.name!r} has no column {missing.columns[0]!r}; {MEND}")
    for index in missing.indexes:
        if index.unique:
            raise ResourceMissing(f"the table {table.name!r} has no unique index on {index.columns[0]!r}, so it would "
                                  f"take a value twice; {MEND}")


async def make(session: Session, table: MappedTable, missing: Lacking) -> None:
    """
    Make what is missing.

    Raises:
        ConfigError: A unique index can't be made, since the table holds a value twice.
    """
    if missing.table:
        await session.run(once(CreateTable(table.table)), ())
    for name in missing.columns:
        await session.run(once(AddColumn(table.table.c[name])), ())
    for index in missing.indexes:
        await _make_index(session, table, index)
    if missing.tokens:
        await session.run(once(CreateTable(tokens_table(), if_not_exists=True)), ())


async def _make_index(session: Session, table: MappedTable, index: IndexColumns) -> None:
    made = sa.Index(index.name, *[table.table.c[name] for name in index.columns], unique=index.unique)
    # An index of SQLAlchemy's adds itself to its table; ours is made by itself.
    table.table.indexes.discard(made)
    try:
        await session.run(once(CreateIndex(made)), ())
    except InvalidArgument as error:
        raise ConfigError(f"{table.model.name}.{index.columns[0]} can't be made unique: the table {table.name!r} holds "
                          "a value of it twice; remove one") from error
