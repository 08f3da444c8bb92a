"""What a program says of a cache in front of a store, and what the cache says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ._frozen import frozen
from .errors import InvalidArgument
from .secret import Secret

if TYPE_CHECKING:
    from .credentials import Credentials

_LEAST_SECRET = 16


class Cache:
    """
    A cache, where its URL alone does not say enough.

    Given to several stores it is one cache: they share its connections, its circuit breaker and its counters. It is
    closed with the last of them.

    Args:
        url: Such as "rediss://host:6379?ttl=60", "memcached://host:11211" or "process://?max_items=1000".
        encrypt: A secret from which the key is made that everything is encrypted by, the names of records included.
            What was encrypted by another secret is a miss. Programs with different secrets don't see each other's
            writes before `ttl`, so give a new one to all of them together.
        username: Of the cache's access control list.
        password: Of that user.
        client: A client of the cache's SDK of your own, which stays yours to close.
        credentials: An AWS key of your own for `iam=true`, which otherwise finds one as boto3 does.

    Raises:
        InvalidArgument: A secret is not given as `Secret`, or has fewer than 16 characters.
    """

    def __init__(
        self,
        url: str,
        *,
        encrypt: Secret | None = None,
        username: str | None = None,
        password: Secret | None = None,
        client: Any = None,
        credentials: Credentials | None = None,
    ) -> None:
        for name, value in (("encrypt", encrypt), ("password", password)):
            if value is not None and not isinstance(value, Secret):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers err
                raise InvalidArgument(f"{name}= takes a Secret, such as config.secret('cache/{name}')")
        if encrypt is not None and len(encrypt.reveal()) < _LEAST_SECRET:
            raise InvalidArgument(f"encrypt= takes a secret of {_LEAST_SECRET} characters or more, such as "
                                  "secrets.token_urlsafe(32): a shorter one can be guessed")
        self.url = url
        self.encrypt = encrypt
        self.username = username
        self.password = password
        self.client = client
        self.credentials = credentials
        self.opened: dict[bool, Any] = {}
        """The engine's side of it, for blocking stores and for those of asyncio."""

    def __repr__(self) -> str:
        return f"Cache({self.url.partition('?')[0].rpartition('@')[2]!r})"


@frozen
class CacheStats:
    """
    What one cache has done for the stores that share it, since it was opened in this process.

    Attributes:
        name: Which one, such as "redis".
        hits: Values that it had, those included that say that the store has nothing.
        negative_hits: Of those, the ones that say so.
        misses: Values that it did not have.
        early: Values that were read from the store before their end, so that not everybody does at their end.
        waits: Values that another caller was reading, for which this one waited.
        past: Values read from the store without the cache: it did not answer, somebody was writing them, or somebody
            took too long to read them.
        stale_refused: Values that were not served or not kept, since a write came after they were read.
        foreign: Entries that were damaged, of another shape, or another program's.
        skipped: Values that were not kept, since they are too large or can't be written as JSON.
        failures: Requests that failed, among them those that took too long.
        missed: Written keys of which the cache has not heard yet, since it did not answer.
        breaker: "closed", "open" (the cache is left alone for a while), or "half-open" (the next call tries it).
        breaker_opened: How often it was opened.
        bytes_read: Bytes of the values that it had.
        bytes_written: Bytes of the values that it was given.
    """

    name: str
    hits: int = 0
    negative_hits: int = 0
    misses: int = 0
    early: int = 0
    waits: int = 0
    past: int = 0
    stale_refused: int = 0
    foreign: int = 0
    skipped: int = 0
    failures: int = 0
    missed: int = 0
    breaker: Literal["closed", "open", "half-open"] = "closed"
    breaker_opened: int = 0
    bytes_read: int = 0
    bytes_written: int = 0
