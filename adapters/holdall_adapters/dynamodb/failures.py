"""botocore's own exceptions as holdall's errors, by class name, so that botocore is imported on use only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from holdall.errors import AccessDenied, ConfigError, HoldallError, InvalidArgument, Unavailable, Unsupported

from .answers import BadAnswer
from .errors import WRITES

if TYPE_CHECKING:
    from .errors import Asked


class Failure(NamedTuple):
    """The error to raise, its message, and whether the request may have reached the service."""

    error: type[HoldallError]
    message: str
    sent: bool = False


_UNREACHED = Failure(Unavailable, "DynamoDB can't be reached for {operation} on {table}")
_LOST = Failure(Unavailable, "DynamoDB's answer to {operation} on {table} was lost", sent=True)
_CREDENTIALS = Failure(
    AccessDenied,
    "no usable AWS credentials were found for dynamodb:{action} on {resource}; set AWS_PROFILE, the variables "
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run under a role",
)
_SETTING = Failure(ConfigError, "an AWS setting is wrong ({name}); its own words are in __cause__")
_REGION = Failure(ConfigError, "no AWS region is set, or a wrong one: add ?region=... to the URL, or set "
                               "AWS_DEFAULT_REGION")
_INSTALL = Failure(ConfigError, "botocore lacks a file or package that it needs ({name}); install it again")
_PARAMETERS = Failure(InvalidArgument, "botocore refuses the parameters of {operation} ({name})")
_ELSEWHERE = Failure(Unsupported, "botocore reports {name}, which no DynamoDB call of holdall should cause")

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


def failure_of(error: BaseException, asked: Asked) -> HoldallError | None:
    """Return the error that an exception of botocore means; None for one that is not botocore's."""
    failure = _LOST if isinstance(error, BadAnswer) or _in_parser(error) else _by_class(error)
    if failure is None:
        return None
    message = failure.message.format(operation=asked.operation, table=asked.table, action=asked.action,
                                     resource=asked.resource, name=type(error).__name__)
    return failure.error(message, backend="dynamodb", maybe_done=failure.sent and asked.operation in WRITES)


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
