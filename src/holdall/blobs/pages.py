"""A page of a list of blobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..blob_drivers import BlobInfo


@frozen
class BlobPage:
    """
    One page of a list. Iterating it gives its blobs.

    Attributes:
        items: The blobs.
        prefixes: The common prefixes, of a list with a delimiter.
        token: For the next page; None where the list ends.
    """

    items: Sequence[BlobInfo]
    prefixes: Sequence[str]
    token: str | None

    def __iter__(self) -> Iterator[BlobInfo]:
        """Yield the blobs."""
        return iter(self.items)

    def __len__(self) -> int:
        """How many blobs the page holds."""
        return len(self.items)
