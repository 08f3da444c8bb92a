"""How work reaches a database: statements in, rows or counts out, inside one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = Any
"""A sequence of stored values."""


class Prepared(NamedTuple):
    """
    A compiled statement.

    `order` says for each of its places which of the values given belongs there; `constants` holds the values of places
    that SQLAlchemy filled itself.
    """

    text: str
    order: tuple[int | None, ...]
    constants: tuple[Any, ...] = ()

    def bind(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """Return the values in the order of the statement's places."""
        if not self.constants:
            return tuple([values[i] for i in self.order])  # type: ignore[index]  # no constants, so no None
        constants = iter(self.constants)
        return tuple([next(constants) if i is None else values[i] for i in self.order])


class Session(Protocol):
    """
    A transaction, or a read outside one.

    Raises errors of `holdall.errors` only, and `Missing`. A statement that fails changes nothing by itself.
    """

    async def rows(self, statement: Prepared, values: Sequence[Any]) -> Sequence[Row]:
        """Return the rows of a query."""
        ...

    async def run(self, statement: Prepared, values: Sequence[Any]) -> int:
        """Do a statement that changes something; return how many rows it changed."""
        ...

    async def run_many(self, statement: Prepared, values: Sequence[Sequence[Any]]) -> None:
        """Do a statement once for each sequence of values."""
        ...


class Missing(Exception):
    """Raised for a table or column that is not there."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
