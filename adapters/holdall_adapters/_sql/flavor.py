"""What differs between databases: types of columns, upserts, and tests that SQL itself has no word for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import BindParameter, ColumnElement, Dialect, Executable, Table
    from sqlalchemy.types import TypeEngine

    from holdall._model.kinds import Kind

    from .columns import ColumnType


class Flavor(Protocol):
    """One database's ways."""

    @property
    def dialect(self) -> Dialect:
        """What statements are compiled for."""
        ...

    @property
    def max_operands(self) -> int:
        """How many operands one `in` may have as bound values; one with more is sent as a document."""
        ...

    def column(self, kind: Kind) -> ColumnType:
        """Return how values of a kind lie in a column."""
        ...

    def sql_type(self, column: ColumnType) -> TypeEngine[Any]:
        """Return the type that a column is declared with."""
        ...

    def upsert(self, table: Table, values: dict[str, Any], key: Sequence[str]) -> Executable:
        """Return the statement that inserts a row, or gives the row of that key the same values."""
        ...

    def contains(self, text: ColumnElement[Any], part: BindParameter[Any]) -> ColumnElement[bool]:
        """Return the test that a text has a part, by code point."""
        ...

    def octets(self, blob: ColumnElement[Any]) -> ColumnElement[int]:
        """Return the number of bytes of a blob."""
        ...

    def document_test(self, column: ColumnElement[Any], test: BindParameter[Any]) -> ColumnElement[bool]:
        """Return the test of a column by a condition that is written as a document (see `documents`)."""
        ...
