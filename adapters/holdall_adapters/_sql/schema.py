"""What a model needs of a database, what of it is there, and making the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable, ExecutableDDLElement

from holdall.errors import ConfigError, InvalidArgument, ResourceMissing

from .session import Contended, Taken
from .statements import compiled
from .tables import MappedTable
from .tokens import TABLE as TOKENS
from .tokens import tokens_table

if TYPE_CHECKING:
    import sqlalchemy as sa

    from holdall._model.schema import Model
    from holdall.urls import Url

    from .catalog import Catalog, Found
    from .flavor import Flavor
    from .session import Session
    from .tables import IndexColumns


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


async def lacking(session: Session, table: MappedTable, catalog: Catalog, *, tokens: bool) -> Lacking:
    """
    Return what the database lacks for a model, and for the `tokens` of transactions where they are asked for.

    Raises:
        ConfigError: The table's key is not the model's, or a column can't hold a field.
    """
    no_tokens = tokens and not await catalog.exists(session, TOKENS)
    found = await catalog.table(session, table)
    if found is None:
        return Lacking(table=True, indexes=tuple(table.indexes()), tokens=no_tokens)
    if found.problem is not None:
        raise ConfigError(found.problem)
    _check_key(table, catalog, found)
    absent = tuple(name for name in table.columns if catalog.folded(name) not in found.columns)
    indexes = tuple(index for index in table.indexes() if not _has(index, catalog, found))
    return Lacking(False, absent, indexes, no_tokens)


def mapped(url: Url, model: Model[Any], name: str | None, flavor: Flavor, catalog: Catalog) -> MappedTable:
    """
    Return a model in the table that a URL names, or in its own.

    Raises:
        ConfigError: The name is our side table's, or two columns are one to the database.
    """
    if (name or model.table) == TOKENS:
        raise ConfigError(f"open {url}: the table {TOKENS!r} is holdall's own; choose another ?table=")
    table = MappedTable(model, name or model.table, flavor)
    _check_names(table, catalog)
    return table


def _check_names(table: MappedTable, catalog: Catalog) -> None:
    """
    Refuse names that the database takes for one.

    Raises:
        ConfigError: Two columns differ in nothing but case.
    """
    seen: dict[str, str] = {}
    for name in table.columns:
        other = seen.setdefault(catalog.folded(name), name)
        if other != name:
            raise ConfigError(f"{table.model.name}: {other!r} and {name!r} are one column to the database, which "
                              "ignores case; give one of them another name by Schema(..., names=)")


def _check_key(table: MappedTable, catalog: Catalog, found: Found) -> None:
    unique = [set(index.columns) for index in found.indexes if index.unique]
    if found.primary not in [index.columns for index in found.indexes]:
        # A whole-number key of SQLite is the table itself, so no index of it is listed.
        unique.append(set(found.primary))
    if set(map(catalog.folded, table.key)) not in unique:
        words = ", ".join(found.primary) or "none"
        raise ConfigError(f"the table {table.name!r} has the primary key ({words}), but the key of {table.model.name} "
                          f"is ({', '.join(table.key)}); give Schema(..., partition=, sort=, names=) to fit, or "
                          "another ?table=")


def _has(index: IndexColumns, catalog: Catalog, found: Found) -> bool:
    wanted = tuple(map(catalog.folded, index.columns))
    if index.unique:
        return any(one.unique and one.columns == wanted for one in found.indexes)
    return any(one.columns[: len(wanted)] == wanted for one in found.indexes)


def check(table: MappedTable, missing: Lacking, mend: str) -> None:
    """
    Refuse to work without what may not be made.

    Raises:
        ResourceMissing: The table, a column or a unique index is not there.
    """
    if missing.table:
        raise ResourceMissing(f"the database has no table {table.name!r}; {mend}")
    if missing.columns:
        raise ResourceMissing(f"the table {table.name!r} has no column {missing.columns[0]!r}; {mend}")
    for index in missing.indexes:
        if index.unique:
            raise ResourceMissing(f"the table {table.name!r} has no unique index on {index.columns[0]!r}, so it would "
                                  f"take a value twice; {mend}")


async def make(session: Session, table: MappedTable, missing: Lacking) -> None:
    """
    Make what is missing.

    Raises:
        ConfigError: A unique index can't be made, since the table holds a value twice.
        Contended: Another process was making the same.
    """
    if missing.table:
        await _define(session, table, CreateTable(table.table))
    for name in missing.columns:
        await _define(session, table, AddColumn(table.table.c[name]))
    for index in missing.indexes:
        await _make_index(session, table, index)
    if missing.tokens:
        await _define(session, table, CreateTable(tokens_table(), if_not_exists=True))


async def _define(session: Session, table: MappedTable, statement: sa.Executable) -> None:
    try:
        await session.run(compiled(statement, table.flavor), ())
    except Taken as taken:
        # IF NOT EXISTS looks first: two who make a table at once meet in PostgreSQL's own catalogue.
        raise Contended(f"another process is making what the table {table.name!r} needs") from taken.__cause__


async def _make_index(session: Session, table: MappedTable, index: IndexColumns) -> None:
    made = next(one for one in table.table.indexes if one.name == index.name)
    try:
        await session.run(compiled(CreateIndex(made), table.flavor), ())
    except InvalidArgument as error:
        raise ConfigError(f"{table.model.name}.{index.columns[0]} can't be made unique: the table {table.name!r} holds "
                          "a value of it twice; remove one") from error


class AddColumn(ExecutableDDLElement):
    """`ALTER TABLE ... ADD COLUMN`."""

    inherit_cache = False

    def __init__(self, column: sa.Column[Any]) -> None:
        self.column = column


@compiles(AddColumn)
def _add_column(element: AddColumn, compiler: Any, **_: Any) -> str:
    table = compiler.preparer.format_table(element.column.table)
    return " ".join(("ALTER TABLE", table, "ADD COLUMN", compiler.process(CreateColumn(element.column))))
