"""One open blob store, as the engine sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ...errors import AlreadyExists, Conflict, HoldallError, NotFound, Unsupported
from ..attempts import RetryPolicy, RetryQuota, retrying
from ..verb import Verb
from .checks import check_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from typing_extensions import Self

    from ...blob_drivers import BlobDriver, Condition, Refused
    from ...cache import CacheStats
    from ...io import Io
    from ..cache.tier import Tier

T = TypeVar("T")


class Base:
    """
    What all verbs need.

    Attributes:
        driver: The store.
        io: How the driver is waited for.
        local: How files and iterables of the caller's are waited for.
        asynchronous: The shell is for asyncio.
    """

    def __init__(
        self, driver: BlobDriver, io: Io, local: Io, *, asynchronous: bool, retry: RetryPolicy | None = None
    ) -> None:
        self.driver = driver
        self.io = io
        self.local = local
        self.asynchronous = asynchronous
        self.retry = retry or RetryPolicy()
        self.quota = RetryQuota()
        self.capabilities = driver.capabilities
        self.closed = False

    @property
    def pinned(self) -> Self:
        """This very engine, where `indirect.Indirect` stands for one that may be replaced."""
        return self

    @property
    def tiers(self) -> Sequence[Tier]:
        """The caches in front of the store, the nearest first."""
        tiers: Sequence[Tier] = getattr(self.driver, "tiers", ())
        return tiers

    @property
    def cache_stats(self) -> tuple[CacheStats, ...]:
        """What the caches have done, the nearest first."""
        return tuple(tier.stats for tier in self.tiers)

    @property
    def title(self) -> str:
        """What it is, in words."""
        return "blob store"

    def words_of(self, target: object) -> object:
        """Return the key of what a verb is about."""
        return target

    def verb(self, operation: str, key: object = None) -> Verb:
        """
        Return the block in which a verb runs.

        Raises:
            ClosedError: (on entering) the store is closed.
        """
        return Verb(self, operation, key)

    async def retrying(self, job: Callable[[bool], Awaitable[T]], *, repeatable: bool = True) -> T:
        """Return the job's result, trying again as the store's policy says; see `attempts.retrying`."""
        return await retrying(self.io, self.retry, self.quota, job, repeatable=repeatable)

    def key(self, key: Any, what: str = "the key") -> str:
        """Return a key; see `check_key`."""
        return check_key(key, self.capabilities, what)

    def needs(self, capability: str, what: str) -> None:
        """
        Check that the store can do what is asked for.

        Raises:
            Unsupported: It can't.
        """
        if not getattr(self.capabilities, capability):
            raise Unsupported(f"{self.capabilities.name} has no {what}")


def refusal(refused: Refused, condition: Condition) -> HoldallError:
    """Return the error that a false condition means."""
    if condition.absent:
        return AlreadyExists("there is a blob of this key already")
    return Conflict("the blob has changed since its ETag was read, or is gone", current=refused.current)


def missing() -> NotFound:
    """Return the error for a blob that is not there."""
    return NotFound("there is no blob of this key")
