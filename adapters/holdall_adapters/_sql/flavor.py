"""What differs between databases: types of columns, upserts, and tests that SQL itself has no word for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import BindParameter, Column, ColumnElement, Dialect, Executable, Table
    from sqlalchemy.types import TypeEngine

    from holdall._model.kinds import Kind
    from holdall.drivers import Shortcut

    from .columns import ColumnType


class Arrays(Protocol):
    """Rows given as one array a column."""

    def upsert(
        self, columns: Sequence[Column[Any]], place: Callable[[TypeEngine[Any]], Any], key: Sequence[str]
    ) -> Executable:
        """Return the statement that stores rows, new or not; `place` gives the place of the next column's array."""
        ...

    def finished(self, text: str) -> str:
        """Return the text of that statement as the database's driver takes it best."""
        ...


class Flavor(Protocol):
    """
    One database's ways.

    Attributes:
        max_operands: How many operands one `in` may have as bound values; one with more is tested otherwise.
        documents: The database tests documents itself, by `document_test`; else what it finds is tested here.
        row_values: The database uses an index for `(a, b) > (x, y)`.
        one_statement: A write is worth trying as one statement before a transaction that reads first.
        returning: An update can return the row as it is afterwards.
        fetches_as_bound: A value comes in the form in which it was bound.
        arrays: How any number of rows is stored by one statement, where the database has arrays, and None elsewhere.
        names_key: An index has to name the columns of the key, to be in their order where its own are equal.
        max_name: Bytes that the name of an index may have, None for any number.
        shortcuts: How the commonest values are stored, by the class of their kind.
    """

    max_operands: int
    documents: bool
    row_values: bool
    one_statement: bool
    returning: bool
    fetches_as_bound: bool
    arrays: Arrays | None
    names_key: bool
    max_name: int | None
    shortcuts: Mapping[type[Kind], Shortcut]

    @property
    def dialect(self) -> Dialect:
        """What statements are compiled for."""
        ...

    def column(self, kind: Kind) -> ColumnType:
        """Return how values of a kind lie in a column."""
        ...

    def native(self, column: ColumnType) -> ColumnType:
        """Return the column as the database has it, where its values reach us in another form."""
        ...

    def sql_type(self, column: ColumnType, length: int | None) -> TypeEngine[Any]:
        """Return the type that a column is declared with; `length` in characters or bytes where an index is on it."""
        ...

    def selected(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return what is selected to have a column in its stored form."""
        ...

    def ordered(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return a column as it is compared by order: texts by code point."""
        ...

    def upsert(self, table: Table, rows: Sequence[dict[str, Any]], key: Sequence[str]) -> Executable:
        """Return the statement that inserts rows, or gives the rows of those keys the same values."""
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
