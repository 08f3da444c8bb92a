"""Asynchronous clients: one pair for each event loop, since a connection belongs to the loop it was made on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall.aio import running_loop
from holdall.errors import Unsupported

from .client import close_pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall.io import Io

    from .client import Pair


class PerLoop:
    """The clients of every loop of the process that asked."""

    def __init__(self, make: Callable[[], Pair], *, cluster: bool) -> None:
        self.cluster = cluster
        self._make = make
        self._by_loop: dict[Any, Pair] = {}

    def here(self) -> Pair:
        loop = running_loop()
        pair = self._by_loop.get(loop)
        if pair is None:
            self._leave_closed_loops()
            pair = self._by_loop[loop] = self._make()
        return pair

    @property
    def native(self) -> Any:
        try:
            return self.here().primary.client
        except RuntimeError:
            raise Unsupported("the asynchronous client belongs to an event loop; ask for it on one") from None

    async def close(self, io: Io) -> None:
        """Close those of the running loop; those of others are left to them."""
        self._leave_closed_loops()
        pair = self._by_loop.pop(running_loop(), None)
        if pair is not None:
            await close_pair(io, pair)

    def _leave_closed_loops(self) -> None:
        # Nobody can close their connections any more, but what is forgotten is collected, and its socket with it.
        for loop in [loop for loop in list(self._by_loop) if loop.is_closed()]:
            self._by_loop.pop(loop, None)
