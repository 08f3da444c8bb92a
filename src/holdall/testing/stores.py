"""Opens stores for tests, and runs both shells from tests that are written once, without `await`."""

from __future__ import annotations

import asyncio
import inspect
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

from .._engine.attempts import RetryPolicy
from .._model.schema import Model
from ..io import run_blocking
from ..opening import open_async_blobs, open_blobs
from .faults import inject

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence

    from typing_extensions import Self

    from .._model.schema import Schema
    from ..async_repository import AsyncRepository
    from ..blobs.store import BlobStore
    from ..repository import Repository
    from .faults import FaultyDriver

T = TypeVar("T")
R = TypeVar("R")


class OnLoop:
    """An asynchronous object as its synchronous twin: what it returns is run on one event loop."""

    def __init__(self, target: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._target = target
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        return self._shown(getattr(self._target, name))

    @property
    def on_loop_target(self) -> Any:
        """The asynchronous object itself."""
        return self._target

    def __enter__(self) -> Self:
        self._loop.run_until_complete(self._target.__aenter__())
        return self

    def __exit__(self, *error: object) -> Any:
        return self._loop.run_until_complete(self._target.__aexit__(*error))

    def __iter__(self) -> Iterator[Any]:
        return self._each(self._target.__aiter__())

    def __reduce__(self) -> Any:
        return self._target.__reduce__()

    def _shown(self, value: Any) -> Any:
        if inspect.ismethod(value):
            return partial(self._call, value)
        if inspect.isawaitable(value):
            return self._shown(self._loop.run_until_complete(value))
        if hasattr(value, "__anext__"):
            return self._each(value)
        return OnLoop(value, self._loop) if _asynchronous(value) else value

    def _call(self, method: Any, *args: Any, **kwargs: Any) -> Any:
        return self._shown(method(*map(bare, args), **kwargs))

    def _each(self, stream: Any) -> Iterator[Any]:
        try:
            while True:
                try:
                    item = self._loop.run_until_complete(_next(stream))
                except StopAsyncIteration:
                    return
                yield item
        finally:
            self._loop.run_until_complete(stream.aclose())


def _asynchronous(value: Any) -> bool:
    return hasattr(value, "__aiter__") or hasattr(value, "__aenter__")


async def _next(stream: Any) -> Any:
    return await stream.__anext__()


def bare(value: Any) -> Any:
    """Return what an `OnLoop` is about; anything else as it is."""
    return value.on_loop_target if isinstance(value, OnLoop) else value


class Awaited:
    """A synchronous repository whose verbs can be awaited, so that a worker is written once for both kinds."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        async def verb(*args: Any, **kwargs: Any) -> Any:
            return getattr(self._target, name)(*args, **kwargs)

        return verb


class Opener(Protocol):
    """What a conformance class gives: how a store is opened, and how a table is dropped."""

    def open_store(self, url: str, model: Any, *, asynchronous: bool, **options: Any) -> Any: ...

    def drop_table(self, table: str) -> None: ...


class Stores:
    """
    The stores of one test, with table names of its own; closed and dropped at its end.

    `impatient` is a retry policy that gives up soon, for tests in which nothing helps.
    """

    impatient: Final = RetryPolicy(attempts=3, first_wait=0.001, max_wait=0.002)

    def __init__(self, opener: Opener, url_of: Callable[[str], str], *, asynchronous: bool) -> None:
        self.asynchronous = asynchronous
        self._opener = opener
        self._url_of = url_of
        self._prefix = f"kit_{secrets.token_hex(4)}"
        self._loop = asyncio.new_event_loop() if asynchronous else None
        self._tables: set[str] = set()
        self._opened: list[Any] = []

    def table(self, model: type[Any] | Schema[Any]) -> str:
        """Return the name that a model's table has in this test."""
        return f"{self._prefix}_{Model(model).table}"

    def url(self, model: type[Any] | Schema[Any], *, like: type[Any] | Schema[Any] | None = None) -> str:
        """Return the URL of a model's table, or of the table of the model `like`."""
        return self._url_of(self.table(model if like is None else like))

    def open(
        self,
        model: type[T] | Schema[T],
        *,
        like: type[Any] | Schema[Any] | None = None,
        provision: bool = True,
        **options: Any,
    ) -> Repository[T]:
        """
        Open a repository, of the kind that the test is run for, in the form of `Repository`.

        Args:
            model: The record class, or a `Schema` about one.
            like: The model whose table is opened; by default the model's own.
            provision: Make the table.
            options: As for `holdall.open_repository`.
        """
        url = self.url(model, like=like)
        raw = self._opener.open_store(url, model, asynchronous=self.asynchronous, **options)
        shown = self._shown(raw)
        if provision:
            self._tables.add(self.table(model if like is None else like))
            shown.provision()
        return cast("Repository[T]", shown)

    def blobs(self, url: str = "memory://") -> BlobStore:
        """Open a blob store of the same kind, in the form of `BlobStore`; for `spill=`, take what it is `bare`."""
        raw = open_async_blobs(url) if self.asynchronous else open_blobs(url)
        return cast("BlobStore", self._shown(raw))

    def _shown(self, raw: Any) -> Any:
        """Return what was opened as the tests see it; it is closed at the end."""
        shown = raw if self._loop is None else OnLoop(raw, self._loop)
        self._opened.append(shown)
        return shown

    def on_loop(self, job: Coroutine[Any, Any, R]) -> R:
        """Run a coroutine on the test's event loop, in a test that is run for asyncio alone."""
        assert self._loop is not None
        return self._loop.run_until_complete(job)

    def native(self, repository: Repository[Any]) -> Any:
        """Return `repository.native`, asked where it is at hand: on the event loop, and after a call."""
        repository.count()
        return self.on_loop(_native(bare(repository))) if self.asynchronous else repository.native

    def faults(self, repository: Repository[Any]) -> FaultyDriver:
        """Put a faulty, counting driver under a repository."""
        return inject(bare(repository))

    def race(
        self, repository: Repository[T], workers: Sequence[Callable[[AsyncRepository[T]], Coroutine[Any, Any, R]]]
    ) -> list[R]:
        """Run workers at once, as threads or as tasks, and return what they return."""
        return raced(self._loop, repository, workers)

    def close(self) -> None:
        """Close everything, and drop the tables."""
        for repository in self._opened:
            repository.close()
        for table in self._tables:
            self._opener.drop_table(table)
        if self._loop is not None:
            ended(self._loop)


def raced(
    loop: asyncio.AbstractEventLoop | None, target: Any, workers: Sequence[Callable[[Any], Coroutine[Any, Any, R]]]
) -> list[R]:
    """Run workers on one store at once, as threads or as tasks, and return what they return."""
    if loop is not None:
        return loop.run_until_complete(_together([worker(bare(target)) for worker in workers]))
    awaited = Awaited(target)
    with ThreadPoolExecutor(len(workers)) as pool:
        running = [pool.submit(_run, worker, awaited) for worker in workers]
    return [one.result() for one in running]


def ended(loop: asyncio.AbstractEventLoop) -> None:
    """Close a loop of the tests."""
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


async def _native(repository: Any) -> Any:
    return repository.native


def _run(worker: Callable[[T], Coroutine[Any, Any, R]], target: T) -> R:
    return run_blocking(worker(target))


async def _together(jobs: Sequence[Coroutine[Any, Any, R]]) -> list[R]:
    return list(await asyncio.gather(*jobs))
