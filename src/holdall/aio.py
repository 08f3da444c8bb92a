"""The two ways to wait on an event loop. The only module of the core that imports asyncio."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from . import deadlines
from .errors import Timeout

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

T = TypeVar("T")
P = ParamSpec("P")


TIMEOUTS = (TimeoutError, asyncio.TimeoutError)
"""What a wait on a loop that takes too long ends with; before Python 3.11 they are two."""


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the loop that runs, for adapters whose clients belong to one loop."""
    return asyncio.get_running_loop()


async def _gather(jobs: Sequence[Coroutine[Any, Any, T]], parallel: int) -> list[T]:
    gate = asyncio.Semaphore(max(1, parallel))

    async def one(job: Coroutine[Any, Any, T]) -> T:
        async with gate:
            return await job

    tasks = [asyncio.ensure_future(one(job)) for job in jobs]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for job in jobs:
            job.close()
        raise


class AsyncIo:
    """Awaits clients whose methods return awaitables, such as aioboto3's."""

    async def call(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        answer = cast("Awaitable[T]", fn(*args, **kwargs))
        left = deadlines.remaining()
        if left is None:
            return await answer
        try:
            return await asyncio.wait_for(answer, left)
        except asyncio.TimeoutError as error:
            raise Timeout("the deadline has passed without an answer", retry="exhausted", maybe_done=True) from error

    @asynccontextmanager
    async def enter(self, manager: AbstractContextManager[T]) -> AsyncGenerator[T, None]:
        # The port's type is the blocking client's; the asynchronous client gives its twin.
        async with cast("AbstractAsyncContextManager[T]", manager) as value:
            yield value

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def gather(self, jobs: Sequence[Coroutine[Any, Any, T]], *, parallel: int) -> list[T]:
        return await _gather(jobs, parallel)


class ThreadIo:
    """Gives asynchronous waiting over a blocking client, one thread of the loop's executor a call."""

    async def call(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(fn, *args, **kwargs)

    @asynccontextmanager
    async def enter(self, manager: AbstractContextManager[T]) -> AsyncGenerator[T, None]:
        value = await asyncio.to_thread(manager.__enter__)
        try:
            yield value
        except BaseException as error:
            if not await asyncio.to_thread(manager.__exit__, type(error), error, error.__traceback__):
                raise
        else:
            await asyncio.to_thread(manager.__exit__, None, None, None)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def gather(self, jobs: Sequence[Coroutine[Any, Any, T]], *, parallel: int) -> list[T]:
        return await _gather(jobs, parallel)
