"""Transactions: each on a connection of its own, and ended by the service when nobody uses it."""

from __future__ import annotations

import base64
import secrets
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .errors import bad_request, database_error, no_transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_IDLE, _WHOLE = 180.0, 86_400.0


class _Open:
    def __init__(self, connection: Any, database: str | None, now: float) -> None:
        self.connection = connection
        self.database = database
        self.born = self.used = now
        self.busy = threading.Lock()


class Transactions:
    """
    Those that are open.

    Attributes:
        idle: Seconds after which one that nobody uses is rolled back.
        clock: What time it is, in seconds.
    """

    def __init__(self) -> None:
        self.idle = _IDLE
        self.clock: Callable[[], float] = time.monotonic
        self._open: dict[str, _Open] = {}
        self._lock = threading.Lock()

    def begin(self, connection: Any, database: str | None) -> str:
        """Keep a connection on which a transaction has begun, and return its id."""
        number = base64.b64encode(secrets.token_bytes(60)).decode()
        with self._lock:
            self._open[number] = _Open(connection, database, self.clock())
        return number

    @contextmanager
    def used(self, number: str, database: str | None) -> Generator[Any, None, None]:
        """
        Give the connection of a transaction for one statement.

        Raises:
            ApiError: It is not open, is in use, or belongs to another database.
        """
        self.end_old()
        with self._lock:
            found = self._open.get(number)
        if found is None:
            raise no_transaction(number, "It may have expired.", ending=False)
        if database is not None and found.database is not None and database != found.database:
            raise bad_request("Database name is not the same as transaction")
        if not found.busy.acquire(blocking=False):
            raise database_error("Transaction is still running a query")
        try:
            yield found.connection
        finally:
            found.used = self.clock()
            found.busy.release()

    def end(self, number: str) -> Any:
        """
        Forget a transaction, and return its connection.

        Raises:
            ApiError: It is not open, or in use.
        """
        self.end_old()
        with self._lock:
            found = self._open.get(number)
            if found is None:
                raise no_transaction(number, "It may have expired.", ending=True)
            if not found.busy.acquire(blocking=False):
                raise database_error("Transaction is still running a query")
            del self._open[number]
        return found.connection

    def end_old(self) -> None:
        """Roll back what nobody has used for too long."""
        now = self.clock()
        with self._lock:
            old = [number for number, one in self._open.items()
                   if now - one.used > self.idle or now - one.born > _WHOLE]  # fmt: skip
            gone = [self._open.pop(number) for number in old]
        for one in gone:
            one.connection.close()

    def close(self) -> None:
        """Roll back everything."""
        with self._lock:
            gone, self._open = list(self._open.values()), {}
        for one in gone:
            one.connection.close()
