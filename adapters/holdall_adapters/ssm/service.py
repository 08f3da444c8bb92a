"""Calls to Parameter Store, with errors in holdall's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall.errors import HoldallError

from .._aws.errors import Refused
from .._aws.failures import failure_of
from .answers import checked
from .errors import Asked, error_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdall.io import Io

    from .._aws.client import Calls


class Service:
    """What the parts of the driver share."""

    def __init__(self, calls: Calls, io: Io) -> None:
        self.calls = calls
        self.io = io

    async def call(self, operation: str, params: Mapping[str, Any], place: str) -> dict[str, Any]:
        """
        Send a request about a place, and return its answer.

        Raises:
            HoldallError: What the refusal or failure means.
        """
        try:
            return await self.attempt(operation, params, place)
        except Refused as refused:
            raise self.meaning(refused, operation, place) from refused.native

    async def send_secret(self, operation: str, params: Mapping[str, Any], place: str) -> dict[str, Any]:
        """
        Send a request that holds a secret; as `attempt`, but errors have no cause, which might show what was sent.

        Raises:
            Refused: The service refused it.
            HoldallError: It failed otherwise.
        """
        try:
            return await self.attempt(operation, params, place)
        except Refused as refused:
            problem: Exception = Refused(refused.code, "", refused.status, refused.request_id,
                                         retry_after=refused.retry_after)  # fmt: skip
        except HoldallError as error:
            error.__cause__ = error.__context__ = None
            problem = error.with_traceback(None)
        del params  # which a traceback with variables would show
        raise problem

    async def attempt(self, operation: str, params: Mapping[str, Any], place: str) -> dict[str, Any]:
        """
        Send a request whose refusal the caller understands.

        Raises:
            Refused: The service refused it.
            HoldallError: It failed otherwise.
        """
        try:
            return checked(await self.calls.call(operation, params))
        except Refused:
            raise
        except Exception as error:
            failure = failure_of(error, self._asked(operation, place))
            if failure is None:
                raise
            raise failure from error

    def meaning(self, refused: Refused, operation: str, place: str) -> HoldallError:
        """Return the error that a refusal means."""
        return error_of(refused, self._asked(operation, place))

    def native(self) -> Any:
        """
        Return the SDK's client.

        Raises:
            HoldallError: It can't be made.
        """
        try:
            return self.calls.native
        except Exception as error:
            failure = failure_of(error, self._asked("*", "/"))
            if failure is None:
                raise
            raise failure from error

    def _asked(self, operation: str, place: str) -> Asked:
        return Asked(operation, place, self.calls.region)
