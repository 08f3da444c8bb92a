"""A table in a database: looked at, or made, when it is needed first, and the work that is done on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from holdall.errors import ResourceMissing

from . import schema
from .session import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from .catalog import Catalog
    from .session import Database, Mode, Session
    from .tables import MappedTable

T = TypeVar("T")


class Place:
    """
    Where a driver's records lie.

    Attributes:
        database: The database.
        table: The table in it.
    """

    def __init__(
        self, database: Database, table: MappedTable, catalog: Catalog, *, create: bool = False
    ) -> None:
        self.database = database
        self.table = table
        self._catalog = catalog
        self._create = create
        self._mend = "call provision(), or drop create=false from the URL" if catalog.makes else "call provision()"
        self._ready = False

    async def work(
        self, job: Callable[[Session], Coroutine[Any, Any, T]], mode: Mode, others: Sequence[Place] = ()
    ) -> T:
        """
        Run a piece of work, and make before what it needs.

        Raises:
            ResourceMissing: What it needs is not there, and must not be made.
        """
        places = (self, *others)
        for place in places:
            await place.make_ready()
        try:
            return await self.database.run(job, mode)
        except Missing:
            # Somebody dropped it since.
            for place in places:
                await place.make_ready(again=True)
        try:
            return await self.database.run(job, mode)
        except Missing as missing:
            raise ResourceMissing(f"the database lacks what the table {self.table.name!r} needs ({missing}); "
                                  f"{self._mend}") from None

    async def make_ready(self, *, again: bool = False) -> None:
        """Look once for what the model needs, or once more, and make it where that is allowed."""
        if again or not self._ready:
            await self.provide(create=self._create, tokens=again)
            self._ready = True

    async def provide(self, *, create: bool, tokens: bool) -> None:
        """
        Look for what the model needs; make what is missing, or refuse to go on.

        The side table of `tokens` is not made before a transaction needs it: a database may be somebody else's.

        Raises:
            ResourceMissing: Something is missing, and `create` is False.
        """
        gone = None if create else self.database.missing()
        if gone is not None:
            raise ResourceMissing(f"there is {gone}, so no table {self.table.name!r}; {self._mend}")
        missing = await self.database.run(lambda session: self._lacking(session, tokens), "read")
        if not create:
            schema.check(self.table, missing, self._mend)
        elif missing.anything:
            await self.database.run(lambda session: self._make(session, tokens), "locked")

    async def _lacking(self, session: Session, tokens: bool) -> schema.Lacking:
        return await schema.lacking(session, self.table, self._catalog, tokens=tokens)

    async def _make(self, session: Session, tokens: bool) -> None:
        # Looked for again: another process may have made it in between.
        await schema.make(session, self.table, await self._lacking(session, tokens))
