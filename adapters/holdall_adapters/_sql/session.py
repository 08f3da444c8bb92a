"""How work reaches a database: statements in, rows or counts out, inside one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeVar

from holdall.errors import InvalidArgument, Throttled

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from contextlib import AbstractAsyncContextManager

T = TypeVar("T")
Row = Any
"""A sequence of stored values."""
Mode = Literal["eventual", "read", "statement", "batch", "locked", "serializable"]
"""
What a piece of work does: it reads what may be a little old; it reads; it is one statement that writes, which is atomic
by itself; it writes rows whatever is there, and may be done in part or twice; it reads and writes rows, which it locks;
or it does so as if it were alone.
"""


class Prepared(NamedTuple):
    """
    A compiled statement.

    `order` says for each of its places which of the values given belongs there; `constants` holds the values of places
    that SQLAlchemy filled itself; `names` are the places' names where the database's driver goes by them.
    """

    text: str
    order: tuple[int | None, ...]
    constants: tuple[Any, ...] = ()
    names: tuple[str, ...] | None = None

    def bind(self, values: Sequence[Any]) -> Any:
        """Return the values in the order of the statement's places, or by their names."""
        if not self.constants:
            found: tuple[Any, ...] = tuple([values[i] for i in self.order])  # type: ignore[index]  # no None without
        else:
            constants = iter(self.constants)
            found = tuple([next(constants) if i is None else values[i] for i in self.order])
        return found if self.names is None else dict(zip(self.names, found, strict=True))


SAVE, BACK, DONE = (Prepared(text, ()) for text in (
    "SAVEPOINT holdall", "ROLLBACK TO SAVEPOINT holdall", "RELEASE SAVEPOINT holdall"))  # fmt: skip
"""What begins a part of a transaction, undoes it, and ends it."""


class Session(Protocol):
    """
    A transaction, or statements each by itself.

    Raises errors of `holdall.errors` only, and `Missing`.
    """

    async def rows(self, statement: Prepared, values: Sequence[Any]) -> Sequence[Row]:
        """Return the rows of a query."""
        ...

    async def run(self, statement: Prepared, values: Sequence[Any]) -> int:
        """Do a statement that changes something; return how many rows it met."""
        ...

    async def run_many(self, statement: Callable[[int], Prepared], values: Sequence[Sequence[Any]]) -> None:
        """Do a statement for each sequence of values; `statement` gives the one for so many of them, joined."""
        ...

    def part(self) -> AbstractAsyncContextManager[None]:
        """Enter a part of a transaction that changes nothing where it raises, so that the rest can go on."""
        ...


class Database(Protocol):
    """Where work is run."""

    @property
    def identity(self) -> object:
        """What is equal for two drivers on one database."""
        ...

    async def run(self, work: Callable[[Session], Coroutine[Any, Any, T]], mode: Mode) -> T:
        """
        Run a piece of work, all of it or nothing.

        Raises:
            Contended: It was rolled back for the sake of another transaction.
        """
        ...

    async def release(self) -> None:
        """Give back what was opened for one driver."""
        ...

    def missing(self) -> str | None:
        """Return in words what is not there, where that is known without asking."""
        ...


class Missing(Exception):
    """Raised for a table or column that is not there."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Taken(InvalidArgument):
    """Raised for a value of a unique column, or a key, that another row has: one that came since it was looked for?"""


class Contended(Throttled):
    """Raised where the database rolled a transaction back for the sake of another: a deadlock, or out of order."""
