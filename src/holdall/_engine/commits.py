"""Committing a transaction, of whatever parts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from ..drivers import Guard, RecordDriver, Write
    from .base import Base

    Parts = Sequence[tuple[RecordDriver, Write | Guard]]


async def commit(home: Base[Any], records: Iterable[Base[Any]], parts: Parts, token: str | None = None) -> None:
    """
    Do all parts or none, surviving lost answers.

    Args:
        home: The repository by whose driver it is done.
        records: The repositories that the parts are of.
        parts: The writes, each with the driver it is for.
        token: What the backend is to know the transaction by; by default a fresh one.

    Raises:
        TransactionRefused: Nothing was written.
    """
    if any(one.model.spilled for one in records):
        # Imported here: few repositories spill.
        from .spill.transactions import bare, transact

        await transact(parts, lambda light: _sent(home, bare(home.driver), light, token))
    else:
        await _sent(home, home.driver, parts, token)


async def _sent(home: Base[Any], driver: RecordDriver, parts: Parts, token: str | None) -> None:
    known_by = token or os.urandom(16).hex()

    async def job(_: bool) -> None:
        await driver.transact(parts, known_by)

    # The token makes a repetition harmless, where the backend knows tokens.
    await home.retrying(job, repeatable=home.capabilities.idempotency_tokens)
