"""
S3's refusals as holdall's errors.

The table is total: a test walks every error of the service's model. The other codes are those of "Error responses" in
the Amazon S3 API Reference that a call of ours can meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdall._frozen import frozen
from holdall.errors import (
    AccessDenied,
    ConfigError,
    Conflict,
    HoldallError,
    InvalidArgument,
    NotFound,
    ResourceMissing,
    Throttled,
    TooLarge,
    Unavailable,
    Unsupported,
)

from .permissions import ACTIONS, OF_BUCKET

if TYPE_CHECKING:
    from .._aws.errors import Refused

_READS = frozenset({"GetObject", "HeadObject", "HeadBucket", "ListObjectsV2", "ListObjectVersions",
                    "ListMultipartUploads", "ListParts", "GetObjectTagging"})  # fmt: skip

@frozen
class Asked:
    """What a request was about, for messages."""

    operation: str
    bucket: str
    prefix: str

    @property
    def backend(self) -> str:
        """The adapter's name."""
        return "s3"

    @property
    def words(self) -> dict[str, str]:
        """What messages are filled with."""
        return {"service": "S3", "operation": self.operation, "place": self.bucket, "bucket": self.bucket,
                "action": self.action, "resource": self.resource}  # fmt: skip

    @property
    def writes(self) -> bool:
        """Whether it would change something."""
        return self.operation not in _READS

    @property
    def action(self) -> str:
        """The IAM action to allow."""
        return " and ".join(f"s3:{name}" for name in ACTIONS.get(self.operation, (self.operation,)))

    @property
    def resource(self) -> str:
        """The ARN to allow."""
        arn = f"arn:aws:s3:::{self.bucket}"
        return arn if self.operation in OF_BUCKET else f"{arn}/{self.prefix}*"


@frozen
class Rule:
    """The error to raise, and its message, in which {operation}, {action}, {bucket} and so on are filled."""

    error: type[HoldallError]
    message: str


_THROTTLED = Rule(Throttled, "S3 refuses {operation} on {bucket} for now")
_CONTENDED = Rule(Throttled, "another request changes the key that {operation} on {bucket} needs")
_BROKEN = Rule(Unavailable, "S3 failed at {operation} on {bucket}")
_DENIED = Rule(AccessDenied, "the credentials may not do this; allow the action {action} on {resource} (S3 says so of "
                             "missing blobs, too, where s3:ListBucket is not allowed)")  # fmt: skip
_BAD_KEYS = Rule(AccessDenied, "S3 does not know or no longer takes the credentials (the action was {action} on "
                               "{resource}); renew them, and check the clock")  # fmt: skip
_NO_BUCKET = Rule(ResourceMissing, "the bucket {bucket} is not there; make it by provision() or in your template, or "
                                   "correct the name")  # fmt: skip
_ELSEWHERE = Rule(ConfigError, "the bucket {bucket} is in another region{region}; say which in the URL: ?region=")
_UNSAID = Rule(AccessDenied, "S3 refuses {operation} on {bucket} without saying why, as it does where the credentials "
                             "have expired; renew them, and check the region")  # fmt: skip
_INVALID = Rule(InvalidArgument, "S3 refuses {operation} on {bucket} as invalid; its own words are in __cause__")
_LARGE = Rule(TooLarge, "S3 refuses {operation} on {bucket}, since something is too large; its own words are in "
                        "__cause__")  # fmt: skip
_NOT_FOUND = Rule(NotFound, "there is no blob of this key")
_UNKNOWN = Rule(Unsupported, "the server does not know {operation}, or not with these parameters; if it never will, "
                             "say so by ?lacks= in the URL")  # fmt: skip
_TAKEN = Rule(ConfigError, "the name of the bucket {bucket} is taken by somebody else; choose another")
_FALSE = Rule(Conflict, "the condition of {operation} on {bucket} is false")
_ARCHIVED = Rule(Unavailable, "the blob is archived; restore it before it is read")
_NESTED = Rule(InvalidArgument, "the key lies below the key of a blob, or has blobs below it, and the server keeps "
                                "blobs as files in folders")  # fmt: skip
"""As versitygw says it, over a file system."""
_GARBLED = Rule(Unavailable, "the bytes of {operation} on {bucket} came to S3 with another checksum")

CODES: dict[str, Rule] = {
    **dict.fromkeys(
        ("SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "BandwidthLimitExceeded",
         "TooManyRequests", "TooManyRequestsException", "RequestThrottled", "RequestThrottledException",
         "PriorRequestNotComplete", "OperationAborted"),
        _THROTTLED,
    ),
    **dict.fromkeys(("ConditionalRequestConflict", "ConflictException"), _CONTENDED),
    **dict.fromkeys(
        ("InternalError", "InternalFailure", "ServiceUnavailable", "ServiceException", "RequestTimeout",
         "RequestTimeoutException", "IncompleteBody"),
        _BROKEN,
    ),
    **dict.fromkeys(("AccessDenied", "AllAccessDisabled", "AccountProblem", "UnauthorizedAccess",
                     "UnauthorizedAccessError", "InvalidObjectOwnership", "403"), _DENIED),
    **dict.fromkeys(
        ("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired",
         "RequestTimeTooSkewed", "RequestExpired", "AuthorizationHeaderMalformed", "CredentialsNotSupported",
         "InvalidSecurity", "MissingSecurityHeader", "NotSignedUp", "InvalidPayer", "401"),
        _BAD_KEYS,
    ),
    **dict.fromkeys(("NoSuchBucket", "NoSuchBucketPolicy"), _NO_BUCKET),
    **dict.fromkeys(("NoSuchKey", "NoSuchVersion", "NoSuchTagSet", "NoSuchTagSetError", "NoSuchUpload", "404"),
                    _NOT_FOUND),
    **dict.fromkeys(
        ("PermanentRedirect", "TemporaryRedirect", "Redirect", "IllegalLocationConstraintException", "301", "307"),
        _ELSEWHERE,
    ),
    **dict.fromkeys(("BucketAlreadyExists",), _TAKEN),
    **dict.fromkeys(("PreconditionFailed", "412"), _FALSE),
    **dict.fromkeys(("NotImplemented", "MethodNotAllowed", "UnsupportedOperation", "405"), _UNKNOWN),
    **dict.fromkeys(("EntityTooLarge", "MetadataTooLarge", "KeyTooLongError", "MaxMessageLengthExceeded",
                     "RequestHeaderSectionTooLarge"), _LARGE),
    **dict.fromkeys(("InvalidObjectState", "ObjectNotInActiveTierError", "ObjectAlreadyInActiveTierError"), _ARCHIVED),
    **dict.fromkeys(("BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"),
                    _GARBLED),
    **dict.fromkeys(
        ("InvalidArgument", "InvalidRequest", "InvalidPart", "InvalidPartOrder", "EntityTooSmall", "InvalidRange",
         "InvalidTag", "InvalidURI", "InvalidStorageClass", "InvalidBucketName", "MalformedXML", "MalformedPOSTRequest",
         "MissingContentLength", "MissingRequestBodyError", "InvalidWriteOffset", "EncryptionTypeMismatch",
         "IdempotencyParameterMismatch", "TooManyParts", "416", "InvalidPrefix", "UnsupportedMediaType",
         "ExpiredAnnotation", "AnnotationLimitExceeded", "AnnotationNameTooLong", "InvalidAnnotationName",
         "NoSuchAnnotation"),
        _INVALID,
    ),
    **dict.fromkeys(("400",), _UNSAID),
    **dict.fromkeys(("ObjectParentIsFile", "ExistingObjectIsDirectory"), _NESTED),
    **dict.fromkeys(("BucketAlreadyOwnedByYou",), Rule(ConfigError, "the bucket {bucket} is there already")),
}  # fmt: skip


def error_of(refused: Refused, asked: Asked) -> HoldallError:
    """Return the error that a refusal means."""
    rule = rule_of(refused.code, refused.status)
    region = f" ({refused.region})" if refused.region else ""
    # What is refused with a 4xx was not done; after a 5xx nobody knows.
    done = asked.writes and rule.error is Unavailable and refused.status >= 500
    return rule.error(rule.message.format(**asked.words, region=region), backend=asked.backend, maybe_done=done,
                      request_id=refused.request_id, retry_after=refused.retry_after)  # fmt: skip


def rule_of(code: str, status: int) -> Rule:
    """Return the rule for a refusal, also for a code that is not known."""
    rule = CODES.get(code)
    if rule is not None:
        return rule
    if status in (429, 503):
        return _THROTTLED
    if 300 <= status < 400:
        return _ELSEWHERE
    # A code of digits stands for an answer whose body could not be read.
    return _BROKEN if status >= 500 or code.isdigit() or not code else _INVALID
