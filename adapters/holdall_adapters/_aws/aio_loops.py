"""What belongs to one event loop: opened by the first call on it, shared, and closed by the last user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall.aio import running_loop

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from holdall.io import Io


class Entered:
    """Something that is open on one loop, and who uses it."""

    def __init__(self, manager: Any, value: Any) -> None:
        self.manager = manager
        self.value = value
        self.users: set[int] = set()


class LoopShared:
    """Asynchronous context managers, entered once for each loop and key."""

    def __init__(self) -> None:
        self._entered: dict[tuple[Any, Hashable], Entered] = {}

    async def get(self, io: Io, key: Hashable, user: object, make: Callable[[], Any]) -> Any:
        """Return what `make()` gives when it is entered, on the running loop; it stays open for its users."""
        here = (running_loop(), key)
        entered = self._entered.get(here) or await self._enter(io, here, make)
        entered.users.add(id(user))
        return entered.value

    def peek(self, key: Hashable) -> Any:
        """Return what is open on the running loop, None for nothing."""
        entered = self._entered.get((running_loop(), key))
        return None if entered is None else entered.value

    async def leave(self, io: Io, key: Hashable, user: object) -> None:
        """Close it on the running loop, if nobody else uses it."""
        await self._leave_closed_loops(io)
        here = (running_loop(), key)
        entered = self._entered.get(here)
        if entered is None:
            return
        entered.users.discard(id(user))
        if not entered.users:
            del self._entered[here]
            await io.call(entered.manager.__aexit__, None, None, None)

    async def _enter(self, io: Io, here: tuple[Any, Hashable], make: Callable[[], Any]) -> Entered:
        await self._leave_closed_loops(io)
        manager = make()
        value: Any = await io.call(manager.__aenter__)
        # Another task may have been faster.
        entered = self._entered.setdefault(here, Entered(manager, value))
        if entered.manager is not manager:
            await io.call(manager.__aexit__, None, None, None)
        return entered

    async def _leave_closed_loops(self, io: Io) -> None:
        # Else aiohttp logs an error about each when it is collected.
        left = [self._entered.pop(old) for old in [old for old in self._entered if old[0].is_closed()]]
        for entered in left:
            await io.call(entered.manager.__aexit__, None, None, None)
