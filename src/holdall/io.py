"""
How the engine and the adapters wait, without knowing whether anybody does.

Both are written once, as `async def`, and await nothing but an `Io`. Under `BlockingIo` nothing ever suspends, so
a coroutine is finished by one `send(None)`: no event loop, no thread, no import of asyncio.
"""

from __future__ import annotations

import time
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Sequence
    from contextlib import AbstractContextManager

T = TypeVar("T")
P = ParamSpec("P")


class Io(Protocol):
    """What the engine and the adapters may await."""

    async def call(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the result of `fn(*args, **kwargs)`, awaited where the client is asynchronous."""
        ...

    def enter(self, manager: AbstractContextManager[T]) -> AbstractAsyncContextManager[T]:
        """Enter a client's context manager. Never yield to the caller inside it."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        ...

    async def gather(self, jobs: Sequence[Coroutine[Any, Any, T]], *, parallel: int) -> list[T]:
        """Run the jobs, at most `parallel` at once; return their results in order. The first error is raised."""
        ...


class BlockingIo:
    """Waits by blocking the calling thread."""

    async def call(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return fn(*args, **kwargs)

    @asynccontextmanager
    async def enter(self, manager: AbstractContextManager[T]) -> AsyncGenerator[T, None]:
        with manager as value:
            yield value

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    async def gather(self, jobs: Sequence[Coroutine[Any, Any, T]], *, parallel: int) -> list[T]:
        if parallel <= 1 or len(jobs) <= 1:
            return await _in_turn(jobs)
        return _in_threads(jobs, parallel)


async def _in_turn(jobs: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    try:
        return [await job for job in jobs]
    finally:
        for job in jobs:  # after an error, those that never began; the others are closed already
            job.close()


def _in_threads(jobs: Sequence[Coroutine[Any, Any, T]], parallel: int) -> list[T]:
    # Imported here: a program that never runs a large batch doesn't pay for it.
    from ._threads import gather

    return gather(jobs, parallel, run_blocking)


def run_blocking(coro: Coroutine[Any, Any, T]) -> T:
    """
    Run a coroutine that awaits only a `BlockingIo`, and return its result.

    Raises:
        RuntimeError: The coroutine awaited something else; it is closed first.
    """
    try:
        coro.send(None)
    except StopIteration as stop:
        return cast("T", stop.value)
    coro.close()
    raise RuntimeError(f"{coro!r} awaited something other than its Io")


def iter_blocking(blocks: AsyncGenerator[Sequence[T], None]) -> Generator[T, None, None]:
    """Iterate, without a loop, over the items of blocks whose asynchronous generator awaits only a `BlockingIo`."""
    try:
        while True:
            try:
                block = run_blocking(blocks.__anext__())
            except StopAsyncIteration:
                return
            yield from block
    finally:
        run_blocking(blocks.aclose())


async def iter_async(blocks: AsyncGenerator[Sequence[T], None]) -> AsyncGenerator[T, None]:
    """Iterate over the items of blocks."""
    async with aclosing(blocks):
        async for block in blocks:
            for item in block:
                yield item
