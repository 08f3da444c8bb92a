"""Committing a transaction, of whatever parts."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from ..drivers import Wrapping

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from ..drivers import Guard, RecordDriver, Write
    from .base import Base

    Parts = Sequence[tuple[RecordDriver, Write | Guard]]


async def commit(home: Base[Any], parts: Parts, token: str | None = None) -> None:
    """
    Do all parts or none, surviving lost answers.

    Args:
        home: The repository by whose driver it is done.
        parts: The writes, each with the driver it is for.
        token: What the backend is to know the transaction by; by default a fresh one.

    Raises:
        TransactionRefused: Nothing was written.
    """
    await _through(parts, partial(_sent, home, token))


async def _through(parts: Parts, send: Callable[[Parts], Coroutine[Any, Any, None]]) -> None:
    """Let the drivers over others do what they do, from the outermost inwards, and `send` the rest."""
    layer = next((driver for driver, _ in parts if isinstance(driver, Wrapping)), None)
    if layer is None:
        await send(parts)
    else:
        await layer.around(parts, partial(_through, send=send))


async def _sent(home: Base[Any], token: str | None, parts: Parts) -> None:
    known_by = token or os.urandom(16).hex()
    driver = home.driver
    while isinstance(driver, Wrapping):
        driver = driver.inner

    async def job(_: bool) -> None:
        await driver.transact(parts, known_by)

    # The token makes a repetition harmless, where the backend knows tokens.
    await home.retrying(job, repeatable=home.capabilities.idempotency_tokens)
