"""A table in a database: made when it is needed, and the work that is done on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from holdall.errors import ResourceMissing

from .._sql.session import Missing
from . import schema
from .schema import MEND

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from .._sql.tables import MappedTable
    from .client import SqlSession, Store
    from .options import Options

T = TypeVar("T")


class Place:
    """Where a driver's records lie. Everything here blocks."""

    def __init__(self, store: Store, table: MappedTable, options: Options) -> None:
        self.store = store
        self.table = table
        self._options = options
        self._ready = False

    def work(
        self, job: Callable[[SqlSession], Coroutine[Any, Any, T]], write: bool, others: Sequence[Place] = ()
    ) -> T:
        """
        Run a piece of work, a write in one transaction, and make before what it needs.

        Raises:
            ResourceMissing: What it needs is not there, and must not be made.
        """
        places = (self, *others)
        for place in places:
            place.make_ready()
        try:
            return self._run(job, write)
        except Missing:
            # Somebody dropped it since.
            for place in places:
                place.make_ready(again=True)
        try:
            return self._run(job, write)
        except Missing as missing:
            raise ResourceMissing(f"the database lacks what the table {self.table.name!r} needs ({missing}); {MEND}"
                                  ) from None

    def make_ready(self, *, again: bool = False) -> None:
        """Look once for what the model needs, or once more, and make it unless the URL forbids that."""
        if again or not self._ready:
            self.provide(create=self._options.create, tokens=again)
            self._ready = True

    def provide(self, *, create: bool, tokens: bool) -> None:
        """
        Look for what the model needs; make what is missing, or refuse to go on.

        The side table of `tokens` is not made before a transaction needs it: a database may be somebody else's.

        Raises:
            ResourceMissing: Something is missing, and `create` is False.
        """
        path = self.store.path
        if not create and path is not None and not Path(path).exists():
            raise ResourceMissing(f"there is no database file {path!r}, so no table {self.table.name!r}; {MEND}")
        missing = self._run(lambda session: schema.lacking(session, self.table, tokens=tokens), write=False)
        if not create:
            schema.check(self.table, missing)
        elif missing.anything:
            self._run(lambda session: self._make(session, tokens), write=True)

    async def _make(self, session: SqlSession, tokens: bool) -> None:
        # Looked for again: another process may have made it in between.
        await schema.make(session, self.table, await schema.lacking(session, self.table, tokens=tokens))

    def _run(self, job: Callable[[SqlSession], Coroutine[Any, Any, T]], write: bool) -> T:
        return self.store.run(job, write=write, wait=self._options.timeout)
