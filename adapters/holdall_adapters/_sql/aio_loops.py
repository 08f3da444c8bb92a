"""Engines whose drivers are awaited: one for each event loop, since a connection belongs to the loop it was made on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from sqlalchemy.util.concurrency import greenlet_spawn

from holdall.aio import AsyncIo, running_loop
from holdall.io import run_blocking

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    import sqlalchemy as sa

    from .driver import Start


class HasEngine(Protocol):
    """What is made for each loop."""

    @property
    def engine(self) -> sa.Engine: ...


E = TypeVar("E", bound=HasEngine)


def awaited_start(io: AsyncIo) -> Start:
    """Return how work begins that is awaited: whole, in a greenlet, so that what blocks in it lets the loop go on."""

    def start(make: Callable[[], Coroutine[Any, Any, Any]]) -> Awaitable[Any]:
        return io.call(greenlet_spawn, lambda: run_blocking(make()))

    return start


class PerLoop(Generic[E]):
    """
    One of a kind for each loop of the process.

    Attributes:
        first: The one that was made at once, and serves the first loop.
    """

    def __init__(self, make: Callable[[], E]) -> None:
        self._make = make
        self.first = make()
        self._free = [self.first]
        self._by_loop: dict[Any, E] = {}

    def here(self) -> E:
        """Return the one of the loop that runs."""
        loop = running_loop()
        found = self._by_loop.get(loop)
        if found is None:
            self._leave_closed_loops()
            found = self._by_loop[loop] = self._free.pop() if self._free else self._make()
        return found

    def used_here(self) -> E | None:
        """Return the one of the loop that runs, None where it has none; those of other loops are left to them."""
        self._leave_closed_loops()
        return self._by_loop.get(running_loop())

    def _leave_closed_loops(self) -> None:
        # Nobody can close their connections any more, but what is forgotten is collected, and its socket with it.
        for loop in [loop for loop in self._by_loop if loop.is_closed()]:
            self._by_loop.pop(loop).engine.dispose(close=False)
