"""One bucket of S3: calls about it, with errors in holdall's words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from holdall.errors import NotFound

from .._aws.errors import Refused
from .._aws.failures import failure_of
from .errors import Asked, error_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from holdall.errors import HoldallError
    from holdall.io import Io

    from .._aws.client import Calls
    from .._aws.identity import Identity
    from .options import Options

_FALSE = frozenset({"PreconditionFailed", "412"})


class Bucket:
    """What the parts of the driver share."""

    def __init__(self, calls: Calls, io: Io, options: Options) -> None:
        self.calls = calls
        self.io = io
        self.name = options.bucket
        self.prefix = options.prefix
        self.stored = options.stored
        self._is_there = False

    def key(self, key: str) -> dict[str, Any]:
        """Return the parameters for a blob."""
        return {"Bucket": self.name, "Key": self.prefix + key}

    def shown(self, key: str) -> str:
        """Return a key of S3's as the program sees it."""
        return key[len(self.prefix) :]

    async def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """
        Send a request and return its answer.

        Raises:
            HoldallError: What the refusal or failure means.
        """
        try:
            return await self.attempt(operation, params)
        except Refused as refused:
            raise await self.meaning(refused, operation) from refused.native

    async def attempt(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """
        Send a request whose refusal the caller understands.

        Raises:
            Refused: The service refused it.
            HoldallError: It failed otherwise.
        """
        with self._translating(operation):
            answer = await self.calls.call(operation, params)
        self._is_there = True
        return answer

    async def wait(self, operation: str, fn: Callable[..., Any], *args: Any) -> Any:
        """
        Return what a step of an answer that still comes gives.

        Raises:
            HoldallError: What its failure means.
        """
        with self._translating(operation):
            return await self.io.call(fn, *args)

    @contextmanager
    def _translating(self, operation: str) -> Generator[None, None, None]:
        try:
            yield
        except Refused:
            raise
        except Exception as error:
            failure = failure_of(error, self._asked(operation))
            if failure is None:
                raise
            raise failure from error

    async def meaning(self, refused: Refused, operation: str) -> HoldallError:
        """Return the error that a refusal means."""
        found = error_of(refused, self._asked(operation))
        if not isinstance(found, NotFound) or refused.code != "404":
            self._is_there = self._is_there or isinstance(found, NotFound)
            return found
        if await self._exists():
            return found
        return error_of(Refused("NoSuchBucket", "", 404, refused.request_id), self._asked(operation))

    async def _exists(self) -> bool:
        """Return whether the bucket is there, which the answer to HeadObject does not tell: it has no body."""
        if not self._is_there:
            try:
                await self.attempt("HeadBucket", {"Bucket": self.name})
            except Refused as refused:
                self._is_there = refused.status != 404
        return self._is_there

    async def identity(self) -> Identity:
        """
        Return what a request can be signed by outside a call.

        Raises:
            HoldallError: There are no usable keys.
        """
        with self._translating("*"):
            return await self.calls.identity()

    def native(self) -> Any:
        """
        Return the SDK's client.

        Raises:
            HoldallError: It can't be made.
        """
        with self._translating("*"):
            return self.calls.native

    def _asked(self, operation: str) -> Asked:
        return Asked(operation, self.name, self.prefix)


def is_false(refused: Refused) -> bool:
    """Return whether a refusal says that a condition was false."""
    return refused.code in _FALSE or refused.status == 412
