"""The shells: what programs call. Each method is one statement over the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._engine.queries import Asked, Execution
from ._engine.records import Records
from .io import iter_blocking, run_blocking
from .pages import Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from .drivers import Capabilities
    from .expressions import Change, Condition, Path

T = TypeVar("T")
R = TypeVar("R")


class Query(Generic[R]):
    """A query or scan that runs when it is iterated, or when one of its methods is called."""

    def __init__(self, execution: Execution[Any]) -> None:
        self._execution = execution

    def __iter__(self) -> Iterator[R]:
        """
        Yield the records, page by page from the backend.

        Raises:
            BudgetExceeded: `max_read=` items were examined before the end; `.token` goes on from there.
            Timeout: The deadline has passed.
        """
        return iter_blocking(self._execution.stream())

    def page(self, after: str | None = None) -> Page[R]:
        """Return one page of at most `limit` records, beginning behind the page that gave the token `after`."""
        return Page(*run_blocking(self._execution.page(after or self._execution.asked.after)))

    def count(self) -> int:
        """Return how many records answer the query."""
        return run_blocking(self._execution.count())


class AsyncQuery(Generic[R]):
    """A query or scan that runs when it is iterated, or when one of its methods is called."""

    def __init__(self, execution: Execution[Any]) -> None:
        self._execution = execution

    def __aiter__(self) -> AsyncIterator[R]:
        """
        Yield the records, page by page from the backend.

        Raises:
            BudgetExceeded: `max_read=` items were examined before the end; `.token` goes on from there.
            Timeout: The deadline has passed.
        """
        return self._execution.stream()

    async def page(self, after: str | None = None) -> Page[R]:
        """Return one page of at most `limit` records, beginning behind the page that gave the token `after`."""
        return Page(*await self._execution.page(after or self._execution.asked.after))

    async def count(self) -> int:
        """Return how many records answer the query."""
        return await self._execution.count()
