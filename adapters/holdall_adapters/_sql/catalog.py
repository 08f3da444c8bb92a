"""What a database says of a table that is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .session import Session
    from .tables import MappedTable


@dataclass(frozen=True)
class FoundIndex:
    """
    An index, or a constraint that is one.

    Attributes:
        columns: Its columns in order, by folded names.
        unique: Whether it refuses every second value, by code point: neither partial nor blind to case.
    """

    columns: tuple[str, ...]
    unique: bool


@dataclass(frozen=True)
class Found:
    """
    A table.

    Attributes:
        columns: Its columns, by folded names.
        primary: The columns of the primary key, likewise.
        indexes: The indexes; that of the primary key may be among them.
        problem: Why one of its columns can't serve the model, None where all can.
    """

    columns: frozenset[str]
    primary: tuple[str, ...]
    indexes: tuple[FoundIndex, ...]
    problem: str | None = None


class Catalog(Protocol):
    """Looks tables up in one kind of database."""

    @property
    def makes(self) -> bool:
        """Whether tables are made when they are needed, unless the URL forbids it."""
        ...

    def folded(self, name: str) -> str:
        """Return a name in the form in which the database compares names of columns."""
        ...

    async def table(self, session: Session, table: MappedTable) -> Found | None:
        """Return what is there of a table, None for no table."""
        ...

    async def exists(self, session: Session, name: str) -> bool:
        """Return whether there is a table of that name."""
        ...
