"""
DynamoDB's errors as holdall's. The tables are total: a test walks every error of the service's model and every
exception of botocore, and finds each of them here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from holdall._frozen import frozen
from holdall.errors import (
    AccessDenied,
    AlreadyExists,
    ConditionFailed,
    ConfigError,
    HoldallError,
    InvalidArgument,
    InvalidToken,
    ResourceMissing,
    Throttled,
    TooLarge,
    TransactionFailed,
    Unavailable,
    Unsupported,
)

if TYPE_CHECKING:
    from .._aws.errors import Refused

WRITES = frozenset({
    "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems", "CreateTable", "UpdateTable",
    "UpdateTimeToLive",
})  # fmt: skip


@frozen
class Asked:
    """What a request was about, for messages."""

    operation: str
    table: str
    keys: tuple[str, ...] = ()
    index_name: str | None = None
    region: str | None = None

    @property
    def backend(self) -> str:
        """The adapter's name."""
        return "dynamodb"

    @property
    def words(self) -> dict[str, str]:
        """What messages are filled with."""
        return {"service": "DynamoDB", "operation": self.operation, "place": self.table, "table": self.table,
                "action": f"dynamodb:{self.action}", "resource": self.resource, "keys": ", ".join(self.keys),
                "index": str(self.index_name)}

    @property
    def writes(self) -> bool:
        """Whether it would change something."""
        return self.operation in WRITES

    @property
    def action(self) -> str:
        """The IAM action to allow. A transaction has none of its own, but needs those of its parts."""
        if self.operation == "TransactWriteItems":
            return "PutItem, UpdateItem, DeleteItem or ConditionCheckItem"
        return self.operation

    @property
    def resource(self) -> str:
        """The ARN to allow, as far as it is known here."""
        name = self.table if self.table.startswith("arn:") else (
            f"arn:aws:dynamodb:{self.region or '*'}:*:table/{self.table}")
        return name if self.index_name is None else f"{name}/index/{self.index_name}"


@frozen
class Rule:
    """The error to raise, and its message, in which {operation}, {action}, {table} and so on are filled."""

    error: type[HoldallError]
    message: str


_THROTTLED = Rule(Throttled, "DynamoDB refuses {operation} on {table} for now")
_CONTENDED = Rule(Throttled, "another transaction or write holds an item of {table} that {operation} needs")
_CHANGING = Rule(Throttled, "the table {table} is being made, changed or deleted")
_BROKEN = Rule(Unavailable, "DynamoDB failed at {operation} on {table}")
_DENIED = Rule(AccessDenied, "the credentials may not do this; allow the action {action} on {resource}")
_BAD_KEYS = Rule(AccessDenied, "DynamoDB does not know or no longer takes the credentials (the action was "
                               "{action} on {resource}); renew them, and check the clock")
_NO_TABLE = Rule(ResourceMissing, "the table {table} is not there; make it by provision() or in your template, or "
                                  "correct the name or the region")
_NO_OTHER = Rule(ResourceMissing, "what {operation} on {table} names is not there")
_INVALID = Rule(InvalidArgument, "DynamoDB refuses {operation} on {table} as invalid; its own words are in __cause__")
_UNKNOWN = Rule(Unsupported, "the server does not know {operation}")
_NOT_ON = Rule(Unsupported, "a feature that {operation} needs is not turned on for {table}")
_ELSEWHERE = Rule(ConfigError, "the endpoint redirects {operation} on {table} to another address, which is never "
                               "followed with a signature; correct the endpoint")
_THERE = Rule(AlreadyExists, "what {operation} would make is there already")

CODES: dict[str, Rule] = {
    **dict.fromkeys(
        ("ProvisionedThroughputExceededException", "ProvisionedThroughputExceeded", "ThrottlingException", "Throttling",
         "ThrottlingError", "ThrottledException", "RequestThrottled", "RequestThrottledException",
         "RequestLimitExceeded", "TooManyRequestsException", "LimitExceededException", "PriorRequestNotComplete"),
        _THROTTLED,
    ),
    **dict.fromkeys(
        ("TransactionConflictException", "TransactionConflict", "TransactionInProgressException",
         "ReplicatedWriteConflictException"),
        _CONTENDED,
    ),
    **dict.fromkeys(
        ("ResourceInUseException", "TableInUseException", "BackupInUseException", "ExportConflictException",
         "ImportConflictException"),
        _CHANGING,
    ),
    **dict.fromkeys(
        ("InternalServerError", "InternalServerErrorException", "InternalFailure", "InternalError",
         "ServiceUnavailable", "ServiceUnavailableException", "RequestTimeout", "RequestTimeoutException"),
        _BROKEN,
    ),
    **dict.fromkeys(("AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "NotAuthorized"), _DENIED),
    **dict.fromkeys(
        ("UnrecognizedClientException", "InvalidSignatureException", "SignatureDoesNotMatch", "InvalidClientTokenId",
         "ExpiredToken", "ExpiredTokenException", "RequestExpired", "MissingAuthenticationToken",
         "MissingAuthenticationTokenException", "IncompleteSignature", "IncompleteSignatureException", "OptInRequired"),
        _BAD_KEYS,
    ),
    **dict.fromkeys(("ResourceNotFoundException", "TableNotFoundException"), _NO_TABLE),
    **dict.fromkeys(
        ("IndexNotFoundException", "BackupNotFoundException", "ExportNotFoundException", "ImportNotFoundException",
         "GlobalTableNotFoundException", "ReplicaNotFoundException", "PolicyNotFoundException"),
        _NO_OTHER,
    ),
    **dict.fromkeys(
        ("ValidationException", "ValidationError", "SerializationException", "InvalidExportTimeException",
         "InvalidRestoreTimeException", "MalformedQueryString", "MissingParameter", "InvalidParameterValue"),
        _INVALID,
    ),
    **dict.fromkeys(("UnknownOperationException", "UnknownOperation", "InvalidAction"), _UNKNOWN),
    **dict.fromkeys(
        ("ContinuousBackupsUnavailableException", "PointInTimeRecoveryUnavailableException"), _NOT_ON
    ),
    **dict.fromkeys(
        ("DuplicateItemException", "DuplicateItem", "TableAlreadyExistsException", "GlobalTableAlreadyExistsException",
         "ReplicaAlreadyExistsException"),
        _THERE,
    ),
    "ItemCollectionSizeLimitExceededException": Rule(
        TooLarge, "the items of one partition of {table} and its local indexes have more than 10 GB; spread them"),
    "ItemCollectionSizeLimitExceeded": Rule(
        TooLarge, "the items of one partition of {table} and its local indexes have more than 10 GB; spread them"),
    "IdempotentParameterMismatchException": Rule(
        InvalidArgument, "the transaction's token was used for another transaction; give each its own"),
    # Both are understood by the verbs that can meet them; these are for a client that is used directly.
    "ConditionalCheckFailedException": Rule(ConditionFailed, "the condition of {operation} on {table} is false"),
    "ConditionalCheckFailed": Rule(ConditionFailed, "the condition of {operation} on {table} is false"),
    "TransactionCanceledException": Rule(TransactionFailed, "nothing was written"),
}  # fmt: skip

_MISMATCH = Rule(ConfigError, "the key of the table {table} is not that of the record class ({keys}): declare the key "
                              "and its types as the table has them, or open another table")
_BAD_INDEX_KEY = Rule(ConfigError, "a key of an index of {table} is of another type than the record class says")

INVALID: tuple[tuple[str, Rule], ...] = (
    ("provided starting key is", Rule(InvalidToken, "the page token names no place of {table}")),
    ("Exclusive Start Key must", Rule(InvalidToken, "the page token names no place of {table}")),
    ("key element does not match the schema", _MISMATCH),
    ("Missing the key ", _MISMATCH),
    ("Type mismatch for key", _MISMATCH),
    ("Type mismatch for Index Key", _BAD_INDEX_KEY),
    ("parameter type does not match schema type", _MISMATCH),
    ("missed key schema element", _MISMATCH),
    ("number of conditions on the keys is invalid", _MISMATCH),
    ("does not have the specified index", Rule(
        ResourceMissing, "the table {table} lacks the index {index}; add it by provision() or in your template")),
    ("Item size to update has exceeded", Rule(TooLarge, "the update would make the item larger than 409600 bytes")),
    ("tem size has exceeded", Rule(TooLarge, "the item is larger than 409600 bytes")),
    ("payload size cannot exceed", Rule(TooLarge, "the transaction has more than 4 MB, and is never split")),
    ("exceeded the maximum size limit", Rule(TooLarge, "a key of {table} or of its indexes is too long")),
    ("exceeded the size limit", Rule(TooLarge, "a key of {table} or of its indexes is too long")),
    ("xpression size has exceeded", Rule(TooLarge, "the conditions or changes are too long; ask in parts")),
    ("too many operators", Rule(TooLarge, "the conditions have too many operators; ask in parts")),
    ("too many operands", Rule(TooLarge, "the conditions have too many operands; ask in parts")),
    ("document path provided in the update expression is invalid", Rule(
        InvalidArgument, "the path of a change is not there; set what holds it first")),
    ("refers to an attribute that does not exist", Rule(
        InvalidArgument, "the path of a change is not there; set what holds it first")),
    ("operand in the update expression has an incorrect data type", Rule(
        InvalidArgument, "a change needs a number, list or set at its path, but there is a value of another type")),
    ("Type mismatch for attribute to update", Rule(
        InvalidArgument, "a change needs a number or set at its path, but there is a value of another type")),
    ("Number overflow", Rule(InvalidArgument, "a number or sum is over DynamoDB's range of 9.99E+125")),
    ("Number underflow", Rule(InvalidArgument, "a number or sum is under DynamoDB's range of 1E-130")),
    ("precision up to 38", Rule(InvalidArgument, "a number or sum has more than 38 digits")),
    ("Nesting Levels", Rule(InvalidArgument, "lists and dicts are nested deeper than DynamoDB's 32 levels")),
    ("cannot contain an empty", Rule(InvalidArgument, "a key of {table} or of its indexes is empty")),
    ("Consistent reads are not supported", Rule(Unsupported, "an index of {table} has no consistent reads")),
    ("multiple operations on one item", Rule(InvalidArgument, "a transaction can't touch one item twice")),
)  # fmt: skip
"""What a ValidationException means, by a part of the service's words."""


# What IAM says names the action and the resource exactly, and no value.
_DENIAL = re.compile(r"not authorized to perform: (dynamodb:\w+) on resource: (\S+)")


def error_of(refused: Refused, asked: Asked) -> HoldallError:
    """Return the error that a refusal means."""
    rule = rule_of(refused.code, refused.message, refused.status)
    said = _DENIAL.search(refused.message)
    words = asked.words
    if said is not None:
        words["action"], words["resource"] = said.groups()
    details: dict[str, Any] = {"backend": asked.backend, "request_id": refused.request_id,
                               "retry_after": refused.retry_after}
    if rule.error is TransactionFailed:
        details["reasons"] = ()
    # What is refused with a 4xx was not done; after a 5xx nobody knows.
    done = asked.writes and rule.error is Unavailable and refused.status >= 500
    return rule.error(rule.message.format(**words), maybe_done=done, **details)


def rule_of(code: str, message: str, status: int) -> Rule:
    """Return the rule for a refusal, also for a code that is not known."""
    rule = CODES.get(code)
    if rule is _INVALID:
        return next((found for part, found in INVALID if part in message), _INVALID)
    if rule is not None:
        return rule
    if status == 429:
        return _THROTTLED
    if 300 <= status < 400:
        return _ELSEWHERE
    # A code of digits stands for an answer whose body could not be read.
    return _BROKEN if status >= 500 or code.isdigit() or not code else _INVALID
