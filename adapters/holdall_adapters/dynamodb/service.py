"""One table of DynamoDB: calls about it, with errors in holdall's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._aws.errors import Refused
from .._aws.failures import failure_of
from .errors import Asked, error_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdall._model.schema import Model
    from holdall.drivers import Capabilities
    from holdall.errors import HoldallError
    from holdall.io import Io

    from .._aws.client import Calls
    from .options import Options
    from .transactions import Part
    from .wire import DynamoForm


class Service:
    """What the parts of the driver share."""

    def __init__(
        self, calls: Calls, io: Io, table: str, model: Model[Any], options: Options, form: DynamoForm,
        capabilities: Capabilities,
    ) -> None:  # fmt: skip
        self.calls = calls
        self.io = io
        self.table = table
        self.model = model
        self.options = options
        self.form = form
        self.capabilities = capabilities
        self.returns_items = False
        """Whether the server is known to send the item with the refusal of a condition; some emulators do not."""
        self.lost: dict[str, tuple[int, Sequence[Part]]] = {}
        """By token, the transactions that were changed after a refusal, and then got no answer."""

    async def call(self, operation: str, params: Mapping[str, Any], index: str | None = None) -> dict[str, Any]:
        """
        Send a request and return its answer.

        Raises:
            HoldallError: What the refusal or failure means.
        """
        try:
            return await self.attempt(operation, params, index)
        except Refused as refused:
            raise self.meaning(refused, operation, index) from refused.native

    async def attempt(self, operation: str, params: Mapping[str, Any], index: str | None = None) -> dict[str, Any]:
        """
        Send a request whose refusal the caller understands.

        Raises:
            Refused: The service refused it.
            HoldallError: It failed otherwise.
        """
        try:
            return await self.calls.call(operation, params)
        except Refused:
            raise
        except Exception as error:
            failure = failure_of(error, self.asked(operation, index))
            if failure is None:
                raise
            raise failure from error

    def meaning(self, refused: Refused, operation: str, index: str | None = None) -> HoldallError:
        """Return the error that a refusal means."""
        return error_of(refused, self.asked(operation, index))

    def native(self) -> Any:
        """
        Return the SDK's client.

        Raises:
            HoldallError: It can't be made.
        """
        try:
            return self.calls.native
        except Exception as error:
            failure = failure_of(error, self.asked("*"))
            if failure is None:
                raise
            raise failure from error

    def asked(self, operation: str, index: str | None = None) -> Asked:
        """Return what a request is about, for messages."""
        keys = tuple(field.name for field in self.model.key.keys)
        return Asked(operation, self.table, keys, index, self.calls.region)

    @property
    def key_name(self) -> str:
        """The partition field's name in the store."""
        return self.model.key.partition.stored
