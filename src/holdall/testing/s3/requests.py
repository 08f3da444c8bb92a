"""A request to S3 as it is sent, in path style."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from ..._frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping


class RequestRefused(AssertionError):
    """S3 would refuse a request, or take it for another."""


@frozen
class HttpRequest:
    """
    A request.

    Attributes:
        method: Its method.
        target: Path and query as they stand in the first line; the bucket is in the path.
        headers: By name.
        body: What is sent.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def key(self) -> str:
        """The blob's key, decoded once; empty for a request about the bucket."""
        return unquote(self.target.partition("?")[0].lstrip("/").partition("/")[2], errors="strict")

    @property
    def query(self) -> dict[str, str]:
        """The query's names and values."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    def header(self, name: str) -> str | None:
        """Return a header's value, None where there is none."""
        return next((value for given, value in self.headers.items() if given.lower() == name), None)
