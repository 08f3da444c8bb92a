"""How things lie in memcached: for how long, how large, and how many are asked for at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from holdall.cache_drivers import CacheFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")

# Servers take items of 1 MiB by default, of which a key, the header and the pieces of a large one take their part.
MAX_VALUE_BYTES = 2**20 - 1024
MAX_KEY_BYTES = 250

ENDED = -1
"""The expiry of what is to be gone at once."""

# What is longer counts as seconds since 1970, and what is later than the protocol's 32 bits as long past.
_LONGEST = 60 * 60 * 24 * 30
_LAST = 2**31 - 1
_NEVER = 0

# ElastiCache Serverless refuses a line of more than 16 KB.
_KEYS_AT_ONCE = 60


def expiry(seconds: float, now: float) -> int:
    """
    Return the expiry of what is to be kept for so many seconds, never less.

    A server counts whole seconds by a clock of whole seconds, so that 1 may be over after a moment: it gets one more.
    What is kept too long does no harm: values carry their end inside, and a fence or a lease only keeps readers off.

    Args:
        seconds: How long.
        now: The time in seconds since 1970.
    """
    whole = math.ceil(seconds) + 1
    if whole <= _LONGEST:
        return max(whole, 1)
    end = math.ceil(now) + whole
    return end if end <= _LAST else _NEVER


def checked(value: object) -> bytes:
    """
    Return what a client has found.

    Raises:
        CacheFailed: The caller's own client makes something else of it.
    """
    if not isinstance(value, bytes):
        raise CacheFailed(f"memcached failed: client= makes {type(value).__name__} of bytes; drop its serializer")
    return value


def portions(things: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield as many things at once as one command may name."""
    for i in range(0, len(things), _KEYS_AT_ONCE):
        yield things[i : i + _KEYS_AT_ONCE]


def nodes_of(lines: Iterator[bytes]) -> list[tuple[str, int]]:
    """
    Return the nodes by the first lines of an answer of ElastiCache's: "CONFIG cluster 0 147", a number, and
    "host|address|port" for each. The host counts: by TLS it must be whom it says.

    Raises:
        CacheFailed, ValueError: That is no such answer.
    """
    # Line by line, since another server sends one and no more.
    if not next(lines, b"").startswith(b"CONFIG cluster ") or not next(lines, b"").strip().isdigit():
        raise CacheFailed("memcached failed: the host is no configuration endpoint of ElastiCache: drop discovery=")
    found = [node.split("|") for node in next(lines, b"").decode("ascii").split()]
    if not found or any(len(node) != 3 for node in found):
        raise CacheFailed("memcached failed: the configuration endpoint names no nodes")
    return [(host or address, int(port)) for host, address, port in found]
