"""Faults that the server makes on order."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Literal, get_args

from ..._model.kinds import is_map
from .errors import ApiError, bad_request

Kind = Literal["resuming", "throttled", "unavailable", "lost", "denied", "secret"]
_RESUMING = (
    "The Aurora DB instance shop-1 is resuming after being auto-paused. Please wait a few seconds and try again."
)
_ERRORS: dict[str, tuple[str, str, int]] = {
    "resuming": ("DatabaseResumingException", _RESUMING, 400),
    "throttled": ("ThrottlingException", "Rate exceeded", 400),
    "unavailable": ("DatabaseUnavailableException", "The writer instance in the DB cluster isn't available.", 504),
    "denied": ("AccessDeniedException", "User is not authorized to perform: rds-data:ExecuteStatement", 403),
    "secret": ("SecretsErrorException", "There was a problem with the Secrets Manager secret.", 400),
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """
    One fault.

    Attributes:
        kind: "lost" does what was asked and closes the connection without an answer; the others refuse.
        on: The operation that it is for, such as "ExecuteStatement"; None for any.
        times: For how many requests.
        skip: How many requests before are left alone.
    """

    kind: Kind
    on: str | None = None
    times: int = 1
    skip: int = 0

    @classmethod
    def read(cls, document: Any) -> Fault:
        """
        Read a fault from JSON.

        Raises:
            ApiError: It is none.
        """
        if not is_map(document) or document.get("kind") not in get_args(Kind):
            raise bad_request(f"a fault has a kind, one of {', '.join(get_args(Kind))}")
        try:
            return cls(**document)
        except TypeError as error:
            raise bad_request(str(error)) from None


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: list[list[Any]] = []

    def order(self, fault: Fault) -> None:
        """Add one."""
        with self._lock:
            self._orders.append([fault, fault.skip, fault.times])

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._orders.clear()

    def next(self, operation: str) -> bool:
        """
        Return whether the answer to a request is to be lost.

        Raises:
            ApiError: The request is to be refused.
        """
        with self._lock:
            kind = self._due(operation)
        if kind is None or kind == "lost":
            return kind == "lost"
        name, message, status = _ERRORS[kind]
        raise ApiError(name, message, status)

    def _due(self, operation: str) -> str | None:
        for order in self._orders:
            fault: Fault = order[0]
            if fault.on not in (None, operation):
                continue
            if order[1]:
                order[1] -= 1
                continue
            order[2] -= 1
            if not order[2]:
                self._orders.remove(order)
            return fault.kind
        return None
