"""Tokens of transactions, kept beside the records for ten minutes, so that a repeated one is applied once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .clauses import Places
from .statements import compiled

if TYPE_CHECKING:
    from .flavor import Flavor
    from .session import Session

TABLE = "holdall_transactions"
_SECONDS = 600


def tokens_table(metadata: sa.MetaData | None = None) -> sa.Table:
    """Return the side table, of its own or of the metadata given."""
    token, committed = sa.Column("token", sa.String(255), primary_key=True), sa.Column("committed", sa.BigInteger)
    return sa.Table(TABLE, sa.MetaData() if metadata is None else metadata, token, committed)


class Tokens:
    """The statements on the side table."""

    def __init__(self, flavor: Flavor) -> None:
        table = tokens_table()
        place = Places().next
        token = table.c.token == place()
        self._find = compiled(sa.select(table.c.committed).where(token), flavor)
        self._forget = compiled(sa.delete(table).where(table.c.committed <= Places().next()), flavor)
        places = Places()
        new: dict[str, Any] = {"token": places.next(), "committed": places.next()}
        self._keep = compiled(sa.insert(table).values(new), flavor)

    async def seen(self, session: Session, token: str, now: int) -> bool:
        """Return whether a transaction of that token was committed in the last ten minutes; forget older ones."""
        await session.run(self._forget, [now - _SECONDS])
        return bool(await session.rows(self._find, [token]))

    async def keep(self, session: Session, token: str, now: int) -> None:
        """Remember a token."""
        await session.run(self._keep, [token, now])
