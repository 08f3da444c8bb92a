"""
What goes wrong with memcached as `CacheFailed`.

The table is total: the client raises its own errors, those of sockets and TLS, and where an answer makes no sense
whatever reading it runs into. A message names no key and no value; `__cause__` may.
"""

from __future__ import annotations

import ssl

from pymemcache.exceptions import (  # type: ignore[import-untyped]  # the package has no types
    MemcacheClientError,
    MemcacheServerError,
    MemcacheUnexpectedCloseError,
)

from holdall.cache_drivers import CacheFailed

CLOSED: tuple[type[Exception], ...] = (
    MemcacheUnexpectedCloseError, ConnectionResetError, ConnectionAbortedError, BrokenPipeError, ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
)  # fmt: skip
"""How a connection shows that the other side has closed it."""

# The first that fits counts, so the more special stand first.
_WORDS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((TimeoutError,), "it did not answer in time"),
    (CLOSED, "it closed the connection"),
    ((ConnectionRefusedError,), "nobody answers at its address"),
    ((ssl.SSLCertVerificationError,), "its certificate is not to be trusted; is ca= right?"),
    ((ssl.SSLError,), "TLS failed; does it speak TLS?"),
    ((OSError,), "it can't be reached"),
    ((MemcacheClientError,), "it takes the request for wrong"),
)


def failure_of(error: Exception) -> CacheFailed:
    """Return the failure that any error of the client means."""
    return CacheFailed(f"memcached failed: {_words(error)}")


def _words(error: Exception) -> str:
    for kinds, words in _WORDS:
        if isinstance(error, kinds):
            return words
    if isinstance(error, MemcacheServerError):
        # Its own words, such as "object too large for cache", hold nothing of the request.
        return f"it says {b' '.join(one for one in error.args if isinstance(one, bytes)).decode('ascii', 'replace')!r}"
    return f"its answer makes no sense ({type(error).__name__})"
