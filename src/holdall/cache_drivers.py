"""
The port of caches: what an adapter implements. The engine does everything else.

A cache is no store: it holds for a while what a durable store said, and may lose any of it at any time. A driver keeps
bytes under keys, and does each change of one key atomically. What it keeps is in one of three states, told by the first
byte: a value that the store has given (`VALUE`), the lease of who is reading it from the store (`LEASE`), or the fence
of who is writing it there (`FENCE`). A driver awaits nothing but its `Io`, and raises `CacheFailed` only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ._frozen import frozen
from .errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .credentials import Credentials
    from .secret import Secret
    from .urls import Url

VALUE, LEASE, FENCE = b"V", b"L", b"F"
TOKEN_BYTES = 16
"""Length of the token of a lease or a fence, in hexadecimal digits."""


class CacheFailed(Exception):
    """Raised by a driver for whatever goes wrong: the engine goes on without the cache."""


class CacheBusy(CacheFailed):
    """Raised where the cache was not even asked, since this process is asking it too much already."""


@frozen
class CacheCapabilities:
    """
    What a cache can do, and its limits.

    Attributes:
        name: The adapter's name.
        max_key_bytes: Size of a key, which has no blanks and no control characters.
        max_value_bytes: Size of what is kept under a key; None for no limit.
        replicas: Reads that don't ask for the primary may be answered by a replica, which is a little behind.
        shared: Other processes see it.
    """

    name: str
    max_key_bytes: int = 250
    max_value_bytes: int | None = None
    replicas: bool = False
    shared: bool = True


class Added(NamedTuple):
    """What is kept where nothing is under its key, for so many seconds."""

    key: str
    value: bytes
    seconds: float


class Swap(NamedTuple):
    """What replaces something that begins with `expected`, for so many seconds."""

    key: str
    expected: bytes
    value: bytes
    seconds: float


class Drop(NamedTuple):
    """What is removed if it begins with `expected`."""

    key: str
    expected: bytes


class Fence(NamedTuple):
    """
    Who is writing: a token of its own, from when on, and until when the write is over for certain.

    Times are whole milliseconds since 1970.
    """

    token: bytes
    now: int
    until: int


class Release(NamedTuple):
    """The end of a write: what is kept from then on (None: nothing), for so many seconds."""

    key: str
    value: bytes | None = None
    seconds: float = 0.0


class CacheDriver(Protocol):
    """One cache. Keys of one call are all different; each is changed by itself, atomically."""

    @property
    def capabilities(self) -> CacheCapabilities:
        """What it can do."""
        ...

    @property
    def native(self) -> Any:
        """The SDK's own client; None for what has none."""
        ...

    async def get(self, keys: Sequence[str], *, primary: bool) -> Sequence[bytes | None]:
        """Return what is kept under keys; `primary` asks for what the last change has left."""
        ...

    async def add(self, added: Sequence[Added]) -> Sequence[bool]:
        """Keep things where there is nothing; return for each whether it was."""
        ...

    async def swap(self, swaps: Sequence[Swap]) -> Sequence[bool]:
        """Replace things by others, if they are still there; return for each whether they were."""
        ...

    async def drop(self, drops: Sequence[Drop]) -> None:
        """Remove things, if they are still there."""
        ...

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove whatever there is."""
        ...

    async def fence(self, keys: Sequence[str], fence: Fence) -> None:
        """Put what `fenced` says in the place of what is there."""
        ...

    async def release(self, releases: Sequence[Release], fence: Fence) -> None:
        """Put what `released` says in the place of what is there; `fence.now` is the time of the release."""
        ...

    async def close(self) -> None:
        """Give back what was opened."""
        ...


MOST_FENCES = 16
"""Writers of one key that are told apart. Those beyond share a fence that none of them releases: it ends by time."""
ANYBODY = b"*" * TOKEN_BYTES
_TIME_BYTES = 13
_FENCE_BYTES = TOKEN_BYTES + _TIME_BYTES
_SKEW = 5000


class Kept(NamedTuple):
    """What a key is to hold, for so many milliseconds. None: nothing."""

    value: bytes | None
    milliseconds: int = 0


def fenced(current: bytes | None, fence: Fence) -> Kept:
    """
    Return what a key holds once a writer has put up a fence: no value and no lease, so that no reader fills it.

    The text is "F", then "0" where no other fence was beside it or "1", then for each fence its token and its end.
    """
    beside = current is not None and current[:1] == FENCE
    live = [one for one in _fences(current) if one[1] > fence.now]
    if len(live) < MOST_FENCES:
        live.append((fence.token, fence.until))
    else:
        own = [one for one in live if one[0] != ANYBODY]
        beyond = [one for one in live if one not in own[: MOST_FENCES - 1]]
        live = [*own[: MOST_FENCES - 1], (ANYBODY, max([fence.until, *(end for _, end in beyond)]))]
    return _kept(b"1" if beside else b"0", live, fence.now)


def released(current: bytes | None, fence: Fence, value: bytes | None, milliseconds: int) -> Kept:
    """
    Return what a key holds once a writer has finished: the fences of others, else what it wrote, else nothing.

    What it wrote stays only where its own fence is there, and no other was since it was put up: nobody could say which
    of two writes the store did last.
    """
    live = [one for one in _fences(current) if one[1] > fence.now and one[0] != fence.token]
    if live:
        return _kept(b"1", live, fence.now)
    alone = current is not None and current[:2] == FENCE + b"0" and _tokens(current) == [fence.token]
    return Kept(value, milliseconds) if alone and value is not None else Kept(None)


def is_fence(held: bytes, now: int) -> bool:
    """Return whether what is held is a fence that may still stand, by a clock that may be a little fast."""
    fences = _fences(held)
    return len(held) == 2 + len(fences) * _FENCE_BYTES and any(end > now - _SKEW for _, end in fences)


def _fences(current: bytes | None) -> list[tuple[bytes, int]]:
    if current is None or current[:1] != FENCE:
        return []
    each = [current[i : i + _FENCE_BYTES] for i in range(2, len(current), _FENCE_BYTES)]
    return [(one[:TOKEN_BYTES], int(one[TOKEN_BYTES:])) for one in each if one[TOKEN_BYTES:].isdigit()]


def _tokens(current: bytes) -> list[bytes]:
    return [token for token, _ in _fences(current)]


def _kept(mark: bytes, fences: list[tuple[bytes, int]], now: int) -> Kept:
    text = b"".join(token + b"%0*d" % (_TIME_BYTES, end) for token, end in fences)
    return Kept(FENCE + mark + text, max(end for _, end in fences) - now)


@frozen
class CacheOpening:
    """
    What an adapter is told when it opens a cache.

    Attributes:
        asynchronous: The shell is for asyncio.
        timeout: Seconds that an answer may take.
        connect_timeout: Seconds that a connection may take.
        client: A client of the caller's own, or None.
        username: Of the server's access control list, or None.
        password: Of that user, or None.
        credentials: An AWS key of the caller's own, or None.
    """

    asynchronous: bool = False
    timeout: float = 0.05
    connect_timeout: float = 0.2
    client: Any = None
    username: str | None = None
    password: Secret | None = None
    credentials: Credentials | None = None


COMMON = (
    "breaker_failures", "breaker_pause", "compress_over", "connect_timeout", "early", "fence", "jitter", "lease",
    "max_bytes", "negative_ttl", "on_write", "prefix", "timeout", "ttl", "wait",
)  # fmt: skip
"""What every URL of a cache may say, which the engine reads; see `Cache`."""


def ca_of(url: Url, *, tls: bool) -> str | None:
    """
    Return the file of the authorities that a cache's URL wants trusted; None for the system's.

    Raises:
        ConfigError: There is one without TLS, or it is empty.
    """
    ca = url.params.get("ca")
    if ca is not None and not tls:
        raise ConfigError(f"open {url}: ca= is for TLS; write {url.scheme}s://")
    if ca == "":
        raise ConfigError(f"open {url}: the parameter 'ca' is empty")
    return ca
