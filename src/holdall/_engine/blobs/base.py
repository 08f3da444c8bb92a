"""One open blob store, as the engine sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ...errors import AlreadyExists, ClosedError, Conflict, HoldallError, NotFound, Unsupported
from ..attempts import RetryPolicy, RetryQuota, retrying
from .checks import check_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ...blob_drivers import BlobDriver, Condition, Refused
    from ...io import Io

T = TypeVar("T")


class Verb:
    """The block in which one verb runs; it says in every error which verb, key and store it was."""

    __slots__ = ("_base", "_key", "_operation")

    def __init__(self, base: Base, operation: str, key: object = None) -> None:
        self._base = base
        self._operation = operation
        self._key = key

    def __enter__(self) -> None:
        if self._base.closed:
            raise ClosedError("the blob store is closed", operation=self._operation)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, HoldallError):
            error.operation = error.operation or self._operation
            error.backend = error.backend or self._base.capabilities.name
            error.key = self._key if error.key is None else error.key


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
