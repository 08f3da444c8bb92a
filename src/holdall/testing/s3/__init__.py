"""
The rules of Amazon S3 for requests, which servers that imitate it keep in part only.

    check(HttpRequest("PUT", "/bucket/key", {"If-None-Match": '"etag"', ...}, b"..."))    # raises RequestRefused

After the Amazon S3 API Reference; each rule names its page.
"""

from .requests import HttpRequest, RequestRefused
from .rules import check

__all__ = ["HttpRequest", "RequestRefused", "check"]
