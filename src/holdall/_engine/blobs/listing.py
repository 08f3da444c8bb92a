"""Lists of blobs: in the order of the keys' UTF-8, in pages that go on where they ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...blob_drivers import BlobInfo, ListAsked
from ...errors import InvalidArgument
from ..seal import Seal
from .checks import check_prefix

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from ...blob_drivers import Listed
    from .base import Base

_PAGE = 1000
"""What a request asks for at most, as S3 gives at most."""


class BlobPageResult(NamedTuple):
    """What a page holds."""

    items: list[BlobInfo]
    prefixes: list[str]
    token: str | None


class Listing:
    """
    One checked list.

    Raises:
        InvalidArgument: (when made) the prefix, delimiter, place or limit is wrong.
    """

    def __init__(
        self, base: Base, prefix: str, delimiter: str | None, start_after: str | None, limit: int | None
    ) -> None:
        self._base = base
        self._prefix = check_prefix(prefix)
        self._delimiter = None if delimiter is None else check_prefix(delimiter, "delimiter=")
        self._start = None if start_after is None else check_prefix(start_after, "start_after=")
        if delimiter == "":
            raise InvalidArgument("delimiter= is empty; leave it out for a list without one")
        if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument(f"limit= takes a number from 1 on, got {limit!r}")
        self._limit = limit

    async def blocks(self) -> AsyncGenerator[list[BlobInfo], None]:
        """Yield the blobs, a list for each request."""
        async for listed in self._pages():
            yield listed.blobs

    async def collected(self) -> list[BlobInfo]:
        """Return all the blobs."""
        return [info async for block in self.blocks() for info in block]

    async def first(self) -> BlobInfo | None:
        """Return the first blob, None where there is none."""
        async for block in self.blocks():
            if block:
                return block[0]
        return None

    async def prefixes(self) -> list[str]:
        """
        Return the common prefixes.

        Raises:
            InvalidArgument: The list has no delimiter.
        """
        if self._delimiter is None:
            raise InvalidArgument("only a list with delimiter= has common prefixes")
        return [prefix async for listed in self._pages() for prefix in listed.prefixes]

    async def _pages(self) -> AsyncGenerator[Listed, None]:
        after, left = self._start, self._limit
        while left is None or left > 0:
            listed = await self._ask(after, _PAGE if left is None else min(left, _PAGE))
            yield listed
            after = listed.after
            if after is None:
                return
            if left is not None:
                left -= len(listed.blobs) + len(listed.prefixes)

    async def _ask(self, after: str | None, limit: int) -> Listed:
        asked = ListAsked(self._prefix, self._delimiter, after, limit)
        with self._base.verb("list"):
            return await self._base.retrying(lambda _: self._base.driver.list(asked))

    async def page(self, after: str | None) -> BlobPageResult:
        """
        Return one page of at most `limit` (1,000 without it) blobs and common prefixes.

        Raises:
            InvalidToken: The token is another list's, or was changed.
        """
        start = self._start if after is None else self._seal.open(after).decode()
        limit = self._limit or _PAGE
        blobs: list[BlobInfo] = []
        prefixes: list[str] = []
        # A store may give less at once than it is asked for.
        while (room := limit - len(blobs) - len(prefixes)) > 0:
            listed = await self._ask(start, min(room, _PAGE))
            blobs += listed.blobs
            prefixes += listed.prefixes
            start = listed.after
            if start is None:
                return BlobPageResult(blobs, prefixes, None)
        return BlobPageResult(blobs, prefixes, self._seal.close(str(start).encode()))

    @property
    def _seal(self) -> Seal:
        # Made where there is a token: few lists have any.
        return Seal(repr((self._prefix, self._delimiter)), None, "list; repeat the list with the same prefix and "
                    "delimiter as the page that gave the token")  # fmt: skip
