"""A driver of blobs that fails, loses answers and breaks off, on order; and counts its calls."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any

from ...errors import HoldallError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...blob_drivers import BlobDriver


def lost() -> HoldallError:
    """Return the error of a request whose answer was lost, so that it may have been applied."""
    return Unavailable("the answer was lost on order", maybe_done=True)


def refused() -> HoldallError:
    """Return the error of a request that did not get through."""
    return Unavailable("the server did not answer, on order")


class FaultyBlobs:
    """
    Does what the driver `inside` does, except where it is ordered otherwise.

    Orders are by the names of the port's methods, and `part`, `complete`, `abort_upload` and `piece` for those of
    uploads and bodies. They are taken up by the next calls, one a call. `calls` holds the names of all calls.
    """

    def __init__(self, inside: BlobDriver) -> None:
        self.inside = inside
        self.calls: list[str] = []
        self._orders: dict[str, deque[tuple[Callable[[], BaseException], bool] | None]] = defaultdict(deque)

    def fail(
        self, on: str, error: Callable[[], BaseException] = refused, *, times: int = 1, skip: int = 0,
        after: bool = False,
    ) -> None:  # fmt: skip
        """Let `times` calls fail, after `skip` more; with `after`, once they have been carried out."""
        self._orders[on].extend([None] * skip + [(error, after)] * times)

    def lose(self, on: str, *, times: int = 1, applied: bool = True) -> None:
        """Lose the answers of the next `times` calls, carried out or not."""
        self.fail(on, lost, times=times, after=applied)

    @property
    def capabilities(self) -> Any:
        """What the driver inside can do."""
        return self.inside.capabilities

    @property
    def native(self) -> Any:
        """What the driver inside has."""
        return self.inside.native

    def __getattr__(self, name: str) -> Any:
        """Return one of the port's methods, with what was ordered for it."""

        async def call(*args: Any) -> Any:
            made = await self.carried_out(name, getattr(self.inside, name), args)
            wrap = {"begin": _Upload, "resume": _Resumed, "read": _Body}.get(name)
            return made if wrap is None or made is None else wrap(self, made)

        return call

    async def carried_out(self, name: str, method: Any, args: tuple[Any, ...]) -> Any:
        """Call a method, with what was ordered for it."""
        self.calls.append(name)
        order = self._orders[name].popleft() if self._orders[name] else None
        make, after = order or (None, False)
        error = None if make is None else make()
        if error is not None and not after:
            raise error
        result = await method(*args)
        if error is not None:
            raise error
        return result


class _Upload:
    def __init__(self, faulty: FaultyBlobs, inside: Any) -> None:
        self._faulty = faulty
        self._inside = inside

    async def put(self, *args: Any) -> Any:
        return await self._faulty.carried_out("part", self._inside.put, args)

    async def complete(self, *args: Any) -> Any:
        return await self._faulty.carried_out("complete", self._inside.complete, args)

    async def abort(self) -> Any:
        return await self._faulty.carried_out("abort_upload", self._inside.abort, ())


class _Resumed(_Upload):
    @property
    def there(self) -> Any:
        return self._inside.there

    def keep(self, number: int) -> None:
        self._inside.keep(number)


class _Body:
    def __init__(self, faulty: FaultyBlobs, inside: Any) -> None:
        self._faulty = faulty
        self._inside = inside

    @property
    def info(self) -> Any:
        return self._inside.info

    async def read(self) -> Any:
        return await self._faulty.carried_out("piece", self._inside.read, ())

    async def close(self) -> Any:
        await self._inside.close()
