"""Lists of blobs: in the order of the keys' UTF-8, in pages that go on where they ended."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING, Any, NamedTuple

from ...blob_drivers import BlobInfo, ListAsked
from ...errors import InvalidArgument, InvalidToken
from .checks import check_prefix

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from ...blob_drivers import Listed
    from .base import Base

_PAGE = 1000
"""What a request asks for at most, as S3 gives at most."""
_CHECK = 12


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
        start = self._start if after is None else self._read(after)
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
        return BlobPageResult(blobs, prefixes, self._write(str(start)))

    def _write(self, place: str) -> str:
        body = place.encode()
        return base64.urlsafe_b64encode(self._sum(body) + body).decode().rstrip("=")

    def _read(self, token: Any) -> str:
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            place = raw[_CHECK:].decode()
        except (binascii.Error, ValueError, TypeError):
            raise InvalidToken("the page token is damaged") from None
        if not hmac.compare_digest(raw[:_CHECK], self._sum(raw[_CHECK:])):
            raise InvalidToken("the page token was changed, or belongs to another list; repeat the list with the same "
                               "prefix and delimiter as the page that gave the token")
        return place

    def _sum(self, body: bytes) -> bytes:
        scope = repr((self._prefix, self._delimiter)).encode()
        return hashlib.sha256(hashlib.sha256(scope).digest() + body).digest()[:_CHECK]
