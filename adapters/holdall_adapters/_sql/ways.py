"""What the flavours share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from holdall._model import kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import BindParameter, ColumnElement, Dialect, Executable

    from holdall._model.kinds import Kind

    from .columns import ColumnType
    from .flavor import Arrays

    Columns = Sequence[tuple[type[Kind] | tuple[type[Kind], ...], ColumnType]]


def column_of(kind: Kind, columns: Columns, document: ColumnType, number: ColumnType) -> ColumnType:
    """
    Return how values of a kind lie in a column.

    Args:
        kind: The kind.
        columns: The columns of plain kinds.
        document: That of all others.
        number: That of whole numbers of more than 64 bits, which only an Enum or a Literal can have.
    """
    if isinstance(kind, (kinds.EnumMember, kinds.Choice)):
        values = kind.values if isinstance(kind, kinds.EnumMember) else kind.kind
        return number if _wide(kind.portables()) else column_of(values, columns, document, number)
    return next((column for cls, column in columns if isinstance(kind, cls)), document)


def _wide(values: Iterable[Any]) -> bool:
    return any(isinstance(value, int) and not -(1 << 63) <= value < 1 << 63 for value in values)


def on_conflict(new: Any, names: Iterable[str], key: Sequence[str]) -> Executable:
    """Return an INSERT of rows that gives a row of the same key the same values, for those who write ON CONFLICT."""
    rest = {name: new.excluded[name] for name in names if name not in key}
    done: Executable = (
        new.on_conflict_do_update(index_elements=key, set_=rest) if rest else new.on_conflict_do_nothing()
    )
    return done


class ServerFlavor:
    """The base of the flavours of database servers: see `Flavor`."""

    # PostgreSQL's protocol counts 65,535 bound values a statement.
    max_operands = 10_000
    documents = False
    one_statement = True
    fetches_as_bound = True
    arrays: Arrays | None = None
    as_text: Mapping[ColumnType, ColumnType] = {}
    """Columns whose values a subclass has as text, each with the one that stands for it."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def native(self, column: ColumnType) -> ColumnType:
        """See `Flavor.native`."""
        return next((own for own, text in self.as_text.items() if text is column), column)

    def octets(self, blob: ColumnElement[Any]) -> ColumnElement[int]:
        """See `Flavor.octets`."""
        return sa.func.octet_length(blob, type_=sa.Integer())

    def document_test(self, column: ColumnElement[Any], test: BindParameter[Any]) -> ColumnElement[bool]:
        """See `Flavor.document_test`; nobody asks where `documents` is False."""
        raise AssertionError(f"the database tests no documents, but was asked to test {column} by {test}")
