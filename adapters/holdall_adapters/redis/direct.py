"""
The short way for a single command to a single server.

What the packages do around each command, for clusters, hooks and events, takes longer than the command itself. Here
some connections are kept at hand, out of the package's pool, and asked by what connections have in public. Whatever
goes wrong is left to the usual way, which makes a new connection.
"""

from __future__ import annotations

import os
from inspect import signature
from typing import TYPE_CHECKING, Any

from holdall import deadlines

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall.io import Io

_GRACE = 1.0
"""Seconds for putting a connection back."""


class Direct:
    """
    Connections of one client that are kept at hand.

    Args:
        pool: The client's pool.
        most: How many are kept; the others of the pool are for what goes the usual way.
    """

    def __init__(self, pool: Any, most: int) -> None:
        self._pool = pool
        self._most = most
        self._take = _taker(pool)
        self._free: list[Any] = []
        self._process = os.getpid()

    async def ask(self, io: Io, *command: Any) -> Any:
        """Send a command, and return its answer; raises what the package raises."""
        connection = self._at_hand() or await io.call(self._take)
        try:
            await io.call(connection.send_command, *command)
            answer = await io.call(connection.read_response)
        except BaseException as error:
            await self._leave(io, connection, error)
            raise
        if len(self._free) < self._most:
            self._free.append(connection)
        else:
            await io.call(self._pool.release, connection)
        return answer

    def _at_hand(self) -> Any:
        if self._process != os.getpid():
            # Those are the parent's, who goes on with them.
            self._process, self._free = os.getpid(), []
        try:
            return self._free.pop()
        except IndexError:
            return None

    async def _leave(self, io: Io, connection: Any, error: BaseException) -> None:
        """Give a connection back, closed unless the server has answered, so that nobody gets an answer to this."""
        # Also where it is the deadline that has passed: else the pool would have one fewer for good.
        with deadlines.extended(_GRACE):
            try:
                if not _is_answer(error):
                    await io.call(connection.disconnect)
            finally:
                await io.call(self._pool.release, connection)


def _is_answer(error: BaseException) -> bool:
    return any(cls.__name__ == "ResponseError" for cls in type(error).__mro__)


def _taker(pool: Any) -> Callable[[], Any]:
    """Return what takes a connection out of the pool; older versions want to know what for."""
    name = signature(pool.get_connection).parameters["command_name"]
    if name.default is not name.empty:
        taken: Callable[[], Any] = pool.get_connection
        return taken
    return lambda: pool.get_connection("GET")
