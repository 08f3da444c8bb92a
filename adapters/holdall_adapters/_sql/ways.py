"""What the flavours share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall._model import kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import BindParameter, ColumnElement

    from holdall._model.kinds import Kind

    from .columns import ColumnType

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


class TestsNoDocuments:
    """The base of flavours of databases that test no documents."""

    documents = False

    def document_test(self, column: ColumnElement[Any], test: BindParameter[Any]) -> ColumnElement[bool]:
        """See `Flavor.document_test`; nobody asks where `documents` is False."""
        raise AssertionError(f"the database tests no documents, but was asked to test {column} by {test}")
