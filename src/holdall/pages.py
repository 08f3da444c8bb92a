"""One page of a query's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from ._frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

R = TypeVar("R")


@frozen
class Page(Generic[R]):
    """
    A page: iterable, with a length.

    Attributes:
        items: The records.
        token: What `.page(after=token)` of the same query takes to go on; None when the query is finished.
        stopped: Why the page is short of `limit` although the query is not finished: "budget" (`max_read=` is used
            up) or "deadline"; else None.
    """

    items: list[R]
    token: str | None
    stopped: Literal["budget", "deadline"] | None = None

    def __iter__(self) -> Iterator[R]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)
