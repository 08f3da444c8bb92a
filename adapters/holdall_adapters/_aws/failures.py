"""
Failures of a call as holdall's errors: those of the lean client, and botocore's own exceptions.

botocore's are known by class name, so that botocore is imported on use only. A test walks every exception of it, and
finds each in the table.
"""

from __future__ import annotations

from typing import Protocol

from holdall._frozen import frozen
from holdall.errors import AccessDenied, ConfigError, HoldallError, InvalidArgument, Unavailable, Unsupported

from .errors import Lost, NoCredentials, Unreached


class Asked(Protocol):
    """What a request was about."""

    @property
    def words(self) -> dict[str, str]:
        """What messages are filled with: "service", "operation", "place", "action" and "resource"."""
        ...

    @property
    def backend(self) -> str:
        """The adapter's name."""
        ...

    @property
    def writes(self) -> bool:
        """Whether it would change something."""
        ...


@frozen
class Failure:
    """The error to raise, its message, and whether the request may have reached the service."""

    error: type[HoldallError]
    message: str
    sent: bool = False


_UNREACHED = Failure(Unavailable, "{service} can't be reached for {operation} on {place}")
_LOST = Failure(Unavailable, "the answer of {service} to {operation} on {place} was lost", sent=True)
_CREDENTIALS = Failure(
    AccessDenied,
    "no usable AWS credentials were found for {action} on {resource}; set AWS_PROFILE, the variables "
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run under a role",
)
_SETTING = Failure(ConfigError, "an AWS setting is wrong ({name}); its own words are in __cause__")
_REGION = Failure(ConfigError, "no AWS region is set, or a wrong one: add ?region=... to the URL, or set "
                               "AWS_DEFAULT_REGION")
_INSTALL = Failure(ConfigError, "botocore lacks a file or package that it needs ({name}); install it again")
_PARAMETERS = Failure(InvalidArgument, "botocore refuses the parameters of {operation} ({name})")
_ELSEWHERE = Failure(Unsupported, "botocore reports {name}, which no call of holdall to {service} should cause")

FAILURES: dict[str, Failure] = {
    **dict.fromkeys(("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError"), _UNREACHED),
    **dict.fromkeys(
        ("ConnectionError", "ConnectionClosedError", "ReadTimeoutError", "HTTPClientError", "ResponseStreamingError",
         "IncompleteReadError", "SSLError", "ChecksumError", "FlexibleChecksumError", "EventStreamError",
         "ResponseParserError", "CapacityNotAvailableError", "ClientError"),
        _LOST,
    ),
    **dict.fromkeys(
        ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "NoAuthTokenError", "SSOError",
         "SSOTokenLoadError", "UnauthorizedSSOTokenError", "TokenRetrievalError", "RefreshWithMFAUnsupportedError",
         "MetadataRetrievalError", "UnknownCredentialError", "UnknownTokenProviderError", "LoginError",
         "LoginAuthorizationCodeError", "LoginInsufficientPermissions", "LoginRefreshRequired", "LoginTokenLoadError"),
        _CREDENTIALS,
    ),
    **dict.fromkeys(
        ("NoRegionError", "InvalidRegionError", "UnknownRegionError", "ServiceNotInRegionError", "UnknownEndpointError",
         "UnknownFIPSEndpointError", "EndpointVariantError", "BaseEndpointResolverError", "EndpointProviderError",
         "EndpointResolutionError", "UnknownEndpointResolutionBuiltInName"),
        _REGION,
    ),
    **dict.fromkeys(
        ("ProfileNotFound", "ConfigNotFound", "ConfigParseError", "InvalidConfigError", "InfiniteLoopConfigError",
         "InvalidDefaultsMode", "InvalidDNSNameError", "InvalidEndpointConfigurationError",
         "InvalidEndpointDiscoveryConfigurationError", "InvalidHostLabelError", "InvalidIMDSEndpointError",
         "InvalidIMDSEndpointModeError", "InvalidMaxRetryAttemptsError", "InvalidProxiesConfigError",
         "InvalidRetryConfigurationError", "InvalidRetryModeError", "InvalidSTSRegionalEndpointsConfigError",
         "InvalidChecksumConfigError", "UnknownSignatureVersionError", "UnsupportedSignatureVersionError",
         "BotoCoreError", "ValidationError"),
        _SETTING,
    ),
    **dict.fromkeys(
        ("ApiVersionNotFoundError", "DataNotFoundError", "UnknownServiceError", "UnknownServiceStyle",
         "MissingDependencyException", "MissingServiceIdError", "UndefinedModelAttributeError", "MD5UnavailableError",
         "UnsupportedServiceProtocolsError"),
        _INSTALL,
    ),
    **dict.fromkeys(
        ("ParamValidationError", "MissingParametersError", "AliasConflictParameterError", "RangeError",
         "UnknownKeyError", "UnknownParameterError", "InvalidExpressionError"),
        _PARAMETERS,
    ),
    **dict.fromkeys(
        ("AwsChunkedWrapperError", "InvalidS3AddressingStyleError", "InvalidS3UsEast1RegionalEndpointConfigError",
         "OperationNotPageableError", "PaginationError", "StubAssertionError", "StubResponseError",
         "UnStubbedResponseError", "UnknownClientMethodError", "UnseekableStreamError",
         "UnsupportedOutpostResourceError", "UnsupportedS3AccesspointConfigurationError", "UnsupportedS3ArnError",
         "UnsupportedS3ConfigurationError", "UnsupportedS3ControlArnError", "UnsupportedS3ControlConfigurationError",
         "WaiterConfigError", "WaiterError"),
        _ELSEWHERE,
    ),
}  # fmt: skip


_OWN: tuple[tuple[type[Exception], Failure], ...] = (
    (Unreached, _UNREACHED), (Lost, _LOST), (NoCredentials, _CREDENTIALS),
)  # fmt: skip


def failure_of(error: BaseException, asked: Asked) -> HoldallError | None:
    """Return the error that an exception of a client means; None for one that is no client's."""
    failure = next((found for cls, found in _OWN if isinstance(error, cls)), None)
    failure = failure or (_LOST if _in_parser(error) else _by_class(error))
    if failure is None:
        return None
    message = failure.message.format(**asked.words, name=type(error).__name__)
    return failure.error(message, backend=asked.backend, maybe_done=failure.sent and asked.writes)


def _by_class(error: BaseException) -> Failure | None:
    for cls in type(error).__mro__:
        if cls.__module__.startswith(("botocore", "aiobotocore")) and cls.__name__ in FAILURES:
            return FAILURES[cls.__name__]
    return None


def _in_parser(error: BaseException) -> bool:
    """Return whether botocore broke off at JSON of another shape, as it does with exceptions of many kinds."""
    trace, module = error.__traceback__, ""
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__")).removeprefix("aio")
        if module == "botocore.parsers":
            return True
        trace = trace.tb_next
    # Where what was parsed is no object, the next step fails.
    return module == "botocore.endpoint"
