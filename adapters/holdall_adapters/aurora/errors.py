"""From refusals of the Data API to our errors: a total table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from holdall._frozen import frozen
from holdall.errors import (
    AccessDenied,
    ConfigError,
    HoldallError,
    InvalidArgument,
    Throttled,
    Timeout,
    TooLarge,
    Unavailable,
)

from .._sql.meanings import meant

if TYPE_CHECKING:
    from .._aws.errors import Refused
    from .._sql.meanings import Made

RESUMING = "DatabaseResumingException"
_STATE = re.compile(r"SQLState:\s*([0-9A-Z]{5})")
_NUMBER = re.compile(r"Database error code: (\d+)")
_TOO_LARGE = ("allowed response size limit", "exceeded size limit", "response size limit", "too large")
_RIGHTS = frozenset({
    "ExecuteStatement", "BatchExecuteStatement", "BeginTransaction", "CommitTransaction", "RollbackTransaction",
})  # fmt: skip
_WRITES = frozenset({"ExecuteStatement", "BatchExecuteStatement", "CommitTransaction"})
_DENIED = ("the credentials may not do this; allow {action} on {resource}, and secretsmanager:GetSecretValue on the "
           "secret")  # fmt: skip
_EXPIRED = "the transaction was ended by the service, since nobody used it; nothing of it was done"


@frozen
class Asked:
    """What a request was about, for messages."""

    operation: str
    cluster: str
    writing: bool

    @property
    def words(self) -> dict[str, str]:
        """What messages are filled with."""
        service = "rds-data" if self.operation in _RIGHTS else "rds"
        return {"service": "the Data API", "operation": self.operation, "place": self.cluster,
                "action": f"{service}:{self.operation}", "resource": self.cluster}  # fmt: skip

    @property
    def backend(self) -> str:
        """The adapter's name."""
        return "aurora"

    @property
    def writes(self) -> bool:
        """Whether it would change something."""
        return self.writing and self.operation in _WRITES


CODES: dict[str, tuple[type[HoldallError], str]] = {
    RESUMING: (Unavailable, "the cluster {place} is resuming after a pause, for longer than could be waited"),
    "DatabaseUnavailableException": (Unavailable, "the writer of the cluster {place} is not available"),
    "ServiceUnavailableError": (Unavailable, "the Data API is not available for {place}"),
    "InternalServerErrorException": (Unavailable, "the Data API failed at {operation} on {place}"),
    "InvalidResourceStateException": (Unavailable, "the cluster {place} is in a state in which it takes no statements"),
    "TransactionNotFoundException": (Unavailable, _EXPIRED),
    "NotFoundException": (Unavailable, _EXPIRED),
    "StatementTimeoutException": (Timeout, "the Data API stopped the statement after its 45 seconds"),
    "ThrottlingException": (Throttled, "the Data API refuses {operation} on {place} for now"),
    "DatabaseNotFoundException": (ConfigError, "the cluster {place} has no database of the URL's name"),
    "HttpEndpointNotEnabledException": (
        ConfigError, "the Data API is not enabled for the cluster {place}; enable its HTTP endpoint"),
    "AccessDeniedException": (AccessDenied, _DENIED),
    "ForbiddenException": (AccessDenied, _DENIED),
    "SecretsErrorException": (
        AccessDenied, "the secret can't be read; allow secretsmanager:GetSecretValue, and kms:Decrypt on its key"),
    "InvalidSecretException": (ConfigError, "the secret does not hold a user and a password of {place}"),
    "UnsupportedResultException": (ConfigError, "a column has a type that the Data API can't give"),
    "BadRequestException": (InvalidArgument, "the Data API refuses {operation} on {place} as invalid"),
    "ValidationException": (InvalidArgument, "the Data API refuses {operation} on {place} as invalid"),
    "DatabaseErrorException": (Unavailable, "the database failed at {operation} on {place}"),
    **dict.fromkeys(
        ("UnrecognizedClientException", "InvalidSignatureException", "SignatureDoesNotMatch", "ExpiredToken",
         "ExpiredTokenException", "MissingAuthenticationTokenException", "IncompleteSignature", "InvalidClientTokenId"),
        (AccessDenied, "the Data API does not know the credentials, or no longer; renew them, and check the clock"),
    ),
}  # fmt: skip


def error_of(refused: Refused, asked: Asked) -> Made:
    """Return the error that a refusal means."""
    if any(part in refused.message for part in _TOO_LARGE):
        return TooLarge("a row, or what is sent, is over a limit of the Data API: an answer has 1 MiB, a request 4 MiB",
                        backend=asked.backend, request_id=refused.request_id)
    state, number = _STATE.search(refused.message), _NUMBER.search(refused.message)
    found = meant(state[1] if state else None, int(number[1]) if number else None)
    if found is not None:
        return found
    error, message = CODES.get(refused.code) or _unknown(refused.status)
    done = asked.writes and error is Unavailable and refused.status >= 500
    return error(message.format(**asked.words), maybe_done=done, backend=asked.backend, request_id=refused.request_id,
                 retry_after=refused.retry_after)


def _unknown(status: int) -> tuple[type[HoldallError], str]:
    if status == 429:
        return CODES["ThrottlingException"]
    return CODES["InternalServerErrorException" if status >= 500 else "BadRequestException"]
