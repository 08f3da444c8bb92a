"""
Parameter Store's refusals as holdall's errors.

The table is total: a test walks every error of the operations in use. The service's own words may hold values, so they
never go into our messages; what they say of KMS is recognised.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from holdall._frozen import frozen
from holdall.errors import (
    AccessDenied,
    AlreadyExists,
    ConfigError,
    HoldallError,
    InvalidArgument,
    NotFound,
    Throttled,
    TooLarge,
    Unavailable,
    Unsupported,
)

from .permissions import OF_BASE

if TYPE_CHECKING:
    from .._aws.errors import Refused

_READS = frozenset({"GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory"})


_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))


@frozen
class Asked:
    """What a request was about, for messages."""

    operation: str
    place: str
    """A full name, or the path that everything is below."""
    region: str | None

    @property
    def backend(self) -> str:
        """The adapter's name."""
        return "ssm"

    @property
    def words(self) -> dict[str, str]:
        """What messages are filled with."""
        return {"service": "Parameter Store", "operation": self.operation, "place": self.place, "action": self.action,
                "resource": self.resource, "kms": self.kms, "key": "the key of a SecureString"}  # fmt: skip

    @property
    def writes(self) -> bool:
        """Whether it would change something."""
        return self.operation not in _READS

    @property
    def action(self) -> str:
        """The IAM action to allow."""
        return f"ssm:{self.operation}"

    @property
    def kms(self) -> str:
        """What KMS must allow."""
        return "kms:Encrypt, and kms:GenerateDataKey for values over 4 KB," if self.writes else "kms:Decrypt"

    @property
    def resource(self) -> str:
        """The ARN to allow, as far as it is known here."""
        if self.place.startswith("arn:"):
            return self.place
        region = self.region or "*"
        partition = next((name for start, name in _PARTITIONS if region.startswith(start)), "aws")
        arn = f"arn:{partition}:ssm:{region}:*:parameter/{self.place.strip('/')}".rstrip("/")
        return f"{arn} and {arn}/*" if self.operation in OF_BASE else arn


@frozen
class Rule:
    """The error to raise, and its message, in which {operation}, {action}, {place} and so on are filled."""

    error: type[HoldallError]
    message: str


_THROTTLED = Rule(Throttled, "Parameter Store refuses {operation} on {place} for now")
_BROKEN = Rule(Unavailable, "Parameter Store failed at {operation} on {place}")
_DENIED = Rule(AccessDenied, "the credentials may not do this; allow the action {action} on {resource}, and {kms} on "
                             "the KMS key of SecureStrings where it is one of your own")  # fmt: skip
_KMS_DENIED = Rule(AccessDenied, "KMS refuses {key}: allow {kms} on it to the role, and the role in the key's policy "
                                 "({operation} on {place})")  # fmt: skip
_BAD_KEYS = Rule(AccessDenied, "Parameter Store does not know or no longer takes the credentials (the action was "
                               "{action} on {resource}); renew them, and check the clock")  # fmt: skip
_BAD_KMS_KEY = Rule(ConfigError, "the KMS key of {operation} on {place} is not there, is disabled, or may not be used; "
                                 "correct kms_key=, enable it, or allow {kms} on it")  # fmt: skip
_INVALID = Rule(InvalidArgument, "Parameter Store refuses {operation} on {place} as invalid; what it says of it is in "
                                 "__cause__, unless a secret was sent")  # fmt: skip
_KIND = Rule(InvalidArgument, "{place} is a parameter of another kind, which a new version can't change; give a secret "
                              "as Secret(...), or delete it first")  # fmt: skip
_NOT_FOUND = Rule(NotFound, "there is no parameter, or no version or label of it, at {place}")
_UNKNOWN = Rule(Unsupported, "the server does not know {operation}")
_ELSEWHERE = Rule(ConfigError, "the endpoint redirects {operation} on {place} to another address, which is never "
                               "followed with a signature; correct the endpoint")  # fmt: skip
_LIMIT = Rule(TooLarge, "{operation} on {place} is over a limit of the account or the parameter: 10,000 standard "
                        "parameters, 100 versions (the oldest of them has a label, so it stays), 10 labels a version, "
                        "50 tags, 15 levels")  # fmt: skip
_PATTERN = Rule(InvalidArgument, "the value of {place} does not fit the pattern that the parameter allows")

CODES: dict[str, Rule] = {
    **dict.fromkeys(
        ("ThrottlingException", "Throttling", "ThrottledException", "RequestThrottled", "RequestThrottledException",
         "RequestLimitExceeded", "TooManyRequestsException", "TooManyUpdates", "PriorRequestNotComplete"),
        _THROTTLED,
    ),
    **dict.fromkeys(
        ("InternalServerError", "InternalFailure", "InternalError", "ServiceUnavailable",
         "ServiceUnavailableException", "RequestTimeout", "RequestTimeoutException"),
        _BROKEN,
    ),
    **dict.fromkeys(("AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "NotAuthorized"), _DENIED),
    **dict.fromkeys(
        ("UnrecognizedClientException", "InvalidSignatureException", "SignatureDoesNotMatch", "InvalidClientTokenId",
         "ExpiredToken", "ExpiredTokenException", "RequestExpired", "MissingAuthenticationToken",
         "MissingAuthenticationTokenException", "IncompleteSignature", "IncompleteSignatureException", "OptInRequired"),
        _BAD_KEYS,
    ),
    **dict.fromkeys(("InvalidKeyId", "KMSInvalidStateException", "KMSNotFoundException", "KMSDisabledException"),
                    _BAD_KMS_KEY),
    **dict.fromkeys(("KMSAccessDeniedException",), _KMS_DENIED),
    **dict.fromkeys(("ParameterNotFound", "ParameterVersionNotFound"), _NOT_FOUND),
    **dict.fromkeys(("ParameterAlreadyExists",), Rule(AlreadyExists, "there is a parameter of this name already")),
    **dict.fromkeys(("HierarchyTypeMismatchException", "UnsupportedParameterType"), _KIND),
    **dict.fromkeys(("ParameterPatternMismatchException",), _PATTERN),
    **dict.fromkeys(
        ("ParameterLimitExceeded", "ParameterMaxVersionLimitExceeded", "HierarchyLevelLimitExceededException",
         "ParameterVersionLabelLimitExceeded", "PoliciesLimitExceededException", "TooManyTagsError"),
        _LIMIT,
    ),
    **dict.fromkeys(
        ("ValidationException", "ValidationError", "SerializationException", "InvalidAllowedPatternException",
         "InvalidPolicyAttributeException", "InvalidPolicyTypeException", "IncompatiblePolicyException",
         "InvalidFilterKey", "InvalidFilterOption", "InvalidFilterValue", "InvalidNextToken", "InvalidResourceId",
         "InvalidResourceType", "MissingParameter", "InvalidParameterValue"),
        _INVALID,
    ),
    **dict.fromkeys(("UnknownOperationException", "UnknownOperation", "InvalidAction"), _UNKNOWN),
}  # fmt: skip

# What IAM says names the action and the resource exactly, and no value.
_DENIAL = re.compile(r"not authorized to perform: (\w+:\w+) on resource: (\S+)")
_ABOUT_KMS = re.compile(r"\b(?:aws)?kms\b|ciphertext refers to", re.IGNORECASE)


def error_of(refused: Refused, asked: Asked) -> HoldallError:
    """Return the error that a refusal means."""
    rule = rule_of(refused.code, refused.message, refused.status)
    said = _DENIAL.search(refused.message)
    words = asked.words
    if said is not None:
        action, resource = said.groups()
        words |= {"kms": action, "key": resource} if _is_kms(said[0]) else {"action": action, "resource": resource}
    # What is refused with a 4xx was not done; after a 5xx nobody knows.
    done = asked.writes and rule.error is Unavailable and refused.status >= 500
    return rule.error(rule.message.format(**words), backend=asked.backend, maybe_done=done,
                      request_id=refused.request_id, retry_after=refused.retry_after)  # fmt: skip


def rule_of(code: str, message: str, status: int) -> Rule:
    """Return the rule for a refusal, also for a code that is not known."""
    rule = CODES.get(code)
    if rule is _DENIED and _is_kms(message):
        return _KMS_DENIED
    if rule is not None:
        return rule
    if status == 429:
        return _THROTTLED
    if 300 <= status < 400:
        return _ELSEWHERE
    # A code of digits stands for an answer whose body could not be read.
    return _BROKEN if status >= 500 or code.isdigit() or not code else _INVALID


def _is_kms(message: str) -> bool:
    # Where the action is named it alone counts: a user or a parameter may be called kms, too.
    said = _DENIAL.search(message)
    return said[1].startswith("kms:") if said is not None else _ABOUT_KMS.search(message) is not None
