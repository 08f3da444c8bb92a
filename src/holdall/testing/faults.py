"""A driver that throttles, loses answers, leaves batches half done and is slow, on order; and counts its calls."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from .._frozen import replace
from ..aio import AsyncIo
from ..async_repository import AsyncRepository
from ..drivers import BatchWritten, Got
from ..errors import HoldallError, Throttled, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from .._model.schema import Field
    from ..drivers import Capabilities, Form, Guard, KeyValue, PageOfItems, Read, RecordDriver, Write, Written
    from ..io import Io

T = TypeVar("T")
Port = Literal["get", "write", "write_batch", "transact", "read"]


@dataclass
class _Order:
    """What happens to one call: it waits, fails before or after it is carried out, or leaves places undone."""

    seconds: float = 0.0
    error: Callable[[], HoldallError] | None = None
    after: bool = False
    undone: Callable[[int], Sequence[int]] | None = None


def throttled() -> HoldallError:
    """Return the error of a request that was refused for now, and not applied."""
    return Throttled("throttled on order")


def lost() -> HoldallError:
    """Return the error of a request whose answer was lost, so that it may have been applied."""
    return Unavailable("the answer was lost on order", maybe_done=True)


@dataclass
class FaultyDriver:
    """
    Does what the driver `inside` does, except where it is ordered otherwise.

    Orders are taken up by the next calls of their port, one a call, in the order they were given. `calls` holds the
    port and the argument of every call. With `page`, a `read` examines at most so many items, as a backend does with
    great ones.
    """

    inside: RecordDriver
    io: Io
    page: int | None = None
    calls: list[tuple[Port, Any]] = field(default_factory=list[tuple[Port, Any]])
    _orders: dict[Port, deque[_Order]] = field(default_factory=lambda: defaultdict(deque))

    def fail(
        self, on: Port, error: Callable[[], HoldallError] = throttled, *, times: int = 1, after: bool = False
    ) -> None:
        """Let the next `times` calls fail; with `after`, only once they have been carried out."""
        self._orders[on].extend(_Order(error=error, after=after) for _ in range(times))

    def lose(self, on: Port, *, times: int = 1, applied: bool = True) -> None:
        """Lose the answers of the next `times` calls, carried out or not."""
        self.fail(on, lost, times=times, after=applied)

    def leave(self, on: Literal["get", "write_batch"], undone: Callable[[int], Sequence[int]], times: int = 1) -> None:
        """Let the next `times` calls leave the places undone that `undone(number of places)` returns."""
        self._orders[on].extend(_Order(undone=undone) for _ in range(times))

    def delay(self, on: Port, seconds: float, times: int = 1) -> None:
        """Let the next `times` calls take that much longer."""
        self._orders[on].extend(_Order(seconds=seconds) for _ in range(times))

    def count(self, *ports: Port) -> int:
        """Return how many calls there were, of some ports or of all."""
        return sum(not ports or port in ports for port, _ in self.calls)

    @property
    def capabilities(self) -> Capabilities:
        return self.inside.capabilities

    @property
    def form(self) -> Form:
        return self.inside.form

    @property
    def store(self) -> object:
        return self.inside.store

    @property
    def table(self) -> str:
        return self.inside.table

    @property
    def native(self) -> Any:
        return self.inside.native

    async def get(self, keys: Sequence[KeyValue], *, consistent: bool, fields: tuple[Field, ...] | None) -> Got:
        order = self._next("get", keys)
        places = _done(order, len(keys))
        asked = [keys[i] for i in places]
        got = await self._do(order, lambda: self.inside.get(asked, consistent=consistent, fields=fields))
        items = dict(zip(places, got.items, strict=True))
        unprocessed = [i for i in range(len(keys)) if i not in items] + [places[i] for i in got.unprocessed]
        return Got([items.get(i) for i in range(len(keys))], unprocessed)

    async def write(self, write: Write) -> Written:
        return await self._do(self._next("write", write), lambda: self.inside.write(write))

    async def write_batch(self, writes: Sequence[Write]) -> BatchWritten:
        order = self._next("write_batch", writes)
        places = _done(order, len(writes))
        asked = [writes[i] for i in places]
        written = await self._do(order, lambda: self.inside.write_batch(asked))
        left = [i for i in range(len(writes)) if i not in places] + [places[i] for i in written.unprocessed]
        return BatchWritten(left, {places[i]: error for i, error in written.failed.items()})

    async def transact(self, parts: Sequence[tuple[RecordDriver, Write | Guard]], token: str | None) -> None:
        bare = [(driver.inside if isinstance(driver, FaultyDriver) else driver, part) for driver, part in parts]
        await self._do(self._next("transact", parts), lambda: self.inside.transact(bare, token))

    async def read(self, read: Read) -> PageOfItems:
        order = self._next("read", read)
        short = read if self.page is None else replace(read, limit=min(read.limit or self.page, self.page))
        return await self._do(order, lambda: self.inside.read(short))

    async def provision(self) -> None:
        await self.inside.provision()

    async def close(self) -> None:
        await self.inside.close()

    def _next(self, port: Port, argument: Any) -> _Order:
        self.calls.append((port, argument))
        return self._orders[port].popleft() if self._orders[port] else _Order()

    async def _do(self, order: _Order, job: Callable[[], Coroutine[Any, Any, T]]) -> T:
        if order.seconds:
            await self.io.sleep(order.seconds)
        if order.error is not None and not order.after:
            raise order.error()
        result = await job()
        if order.error is not None:
            raise order.error()
        return result


def _done(order: _Order, places: int) -> list[int]:
    left = frozenset(() if order.undone is None else order.undone(places))
    return [i for i in range(places) if i not in left]


def inject(repository: Any) -> FaultyDriver:
    """Put a faulty driver under an open repository, of either kind, and return it."""
    engine = repository.engine
    # A delay is to suspend an asynchronous verb also where the driver itself never does.
    io = AsyncIo() if isinstance(repository, AsyncRepository) else engine.io
    engine.driver = FaultyDriver(engine.driver, io)
    driver: FaultyDriver = engine.driver
    return driver
