"""
Which client serves a connection: the lean one where every setting in sight is understood, else boto3.

Pure. What botocore's own source reads (version 1.44) is in the three tables below; a test looks for variables and
configuration keys that are in none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdall._frozen import frozen
from holdall.credentials import is_header_text

from .connection import is_safe
from .endpoints import Endpoint, is_region, parse_endpoint, regional

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .connection import Connection
    from .environment import Environment
    from .services import Service

UNDERSTOOD: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "the key",
    "AWS_SECRET_ACCESS_KEY": "the key",
    "AWS_SESSION_TOKEN": "the key",
    "AWS_SECURITY_TOKEN": "an older name of AWS_SESSION_TOKEN, which goes before it",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "where a container gets its keys",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "where a container, or a function with SnapStart, gets its keys",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "goes with the request for keys",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "a file with the same, read anew each time",
    "AWS_DEFAULT_REGION": "the region",
    "AWS_REGION": "the region, where AWS_DEFAULT_REGION is not set",
    "AWS_ENDPOINT_URL": "another server",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "whether the variables for endpoints count",
    "AWS_CA_BUNDLE": "the authorities that are trusted",
    "REQUESTS_CA_BUNDLE": "the same, where AWS_CA_BUNDLE is not set",
    "AWS_LAMBDA_FUNCTION_NAME": "with _X_AMZN_TRACE_ID, sent as the header X-Amzn-Trace-Id",
    "_X_AMZN_TRACE_ID": "sent as the header X-Amzn-Trace-Id",
    "AWS_CONFIG_FILE": "read by boto3, if there is anything in it",
    "AWS_SHARED_CREDENTIALS_FILE": "read by boto3, if there is anything in it",
    "BOTO_CONFIG": "read by boto3, if there is anything in it",
}
"""What the lean client does as botocore does."""

HARMLESS: Mapping[str, str] = {
    "AWS_ACCOUNT_ID": "endpoints of an account are preferred, not needed: those of the region serve it too",
    "AWS_MAX_ATTEMPTS": "holdall decides how often a call is tried, with either client",
    "AWS_STS_REGIONAL_ENDPOINTS": "for STS, which only boto3 asks",
    "AWS_SDK_UA_APP_ID": "a name in the header User-Agent",
    "AWS_EXECUTION_ENV": "a name in the header User-Agent",
    "AWS_EC2_METADATA_DISABLED": "for keys from the instance's metadata, which only boto3 asks for",
    "AWS_EC2_METADATA_V1_DISABLED": "likewise",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT": "likewise",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "likewise",
    "AWS_METADATA_SERVICE_TIMEOUT": "likewise",
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "likewise",
    "AWS_IMDS_USE_IPV6": "likewise",
    "AWS_CREDENTIAL_FILE": "a file of keys that comes after those of the environment and the container",
    "AWS_CSM_HOST": "counts with AWS_CSM_ENABLED only",
    "AWS_CSM_PORT": "counts with AWS_CSM_ENABLED only",
    "AWS_CSM_CLIENT_ID": "counts with AWS_CSM_ENABLED only",
    "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES": "no operation in use has requests that are compressed",
    "AWS_DISABLE_REQUEST_COMPRESSION": "no operation in use has requests that are compressed",
    "AWS_REQUEST_CHECKSUM_CALCULATION": "every body is sent with its checksum, with either client",
    "AWS_RESPONSE_CHECKSUM_VALIDATION": "what is read whole is checked here, with either client",
    "AWS_DISABLE_HOST_PREFIX_INJECTION": "no operation in use has a host of its own",
    "AWS_S3_USE_ARN_REGION": "buckets are named, never given by ARN",
    "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "the region's own address serves its buckets, whichever is preferred",
    "AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS": "buckets are named, never such access points",
    "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH": "directory buckets are not opened",
    "AWS_ROLE_SESSION_NAME": "counts with AWS_WEB_IDENTITY_TOKEN_FILE only",
    "AWS_LOGIN_CACHE_DIRECTORY": "for keys of a profile",
    "BOTOCORE_TCP_KEEPALIVE": "always on, with either client",
    "BOTO_DISABLE_CRT": "for transfers that boto3 manages, which are not used",
    "BOTO_EXPERIMENTAL__NO_EMPTY_CONTINUE": "nothing empty waits for a leave to be sent",
    "BOTO_EXPERIMENTAL__ADD_PROXY_HOST_HEADER": "counts with a proxy only",
    "NO_PROXY": "counts with a proxy only",
}
"""What changes nothing about the calls that are made here."""


def _given(value: str) -> bool:
    return value != ""


def _present(_: str) -> bool:
    return True


def _on(value: str) -> bool:
    return value.lower() not in ("", "false")


def _unlike(*usual: str) -> Callable[[str], bool]:
    return lambda value: value.lower() not in ("", *usual)


FOREIGN: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "AWS_PROFILE": (_present, "a profile of the configuration files"),
    "AWS_DEFAULT_PROFILE": (_present, "a profile of the configuration files"),
    "AWS_CREDENTIAL_EXPIRATION": (_given, "keys of the environment that expire"),
    "AWS_WEB_IDENTITY_TOKEN_FILE": (_given, "keys by web identity"),
    "AWS_ROLE_ARN": (_given, "keys of an assumed role"),
    "AWS_USE_FIPS_ENDPOINT": (_on, "FIPS endpoints"),
    "AWS_USE_DUALSTACK_ENDPOINT": (_on, "dual-stack endpoints"),
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": (_unlike("preferred", "disabled"), "endpoints of an account"),
    "AWS_ENDPOINT_DISCOVERY_ENABLED": (_unlike("auto", "false"), "endpoint discovery"),
    "AWS_RETRY_MODE": (_unlike("standard", "legacy"), "adaptive retries"),
    "AWS_DEFAULTS_MODE": (_unlike("legacy"), "a set of defaults"),
    "AWS_AUTH_SCHEME_PREFERENCE": (_given, "a choice of signatures"),
    "AWS_SIGV4A_SIGNING_REGION_SET": (_given, "signatures for several regions"),
    "AWS_DATA_PATH": (_given, "service models of one's own"),
    "AWS_CSM_ENABLED": (_on, "client-side monitoring"),
    "BOTOCORE_EXPERIMENTAL__PLUGINS": (_given, "plugins of botocore"),
    "HTTP_PROXY": (_given, "a proxy"),
    "HTTPS_PROXY": (_given, "a proxy"),
    "ALL_PROXY": (_given, "a proxy"),
}
"""What only boto3 does: when a variable means it, and what it is."""


@frozen
class Lean:
    """
    What the lean client needs to know.

    Attributes:
        endpoint: The address.
        region: The region that requests are signed for.
        source: Where the keys come from: "code", "environment" or "container".
        ca_bundle: A file or folder of the authorities that are trusted; None for the system's.
        key_id: The identifier of the environment's key, by which one set of keys is told from another.
        set_by: The parameter or variable that gives the address; None for the region's own.
    """

    endpoint: Endpoint
    region: str
    source: str
    ca_bundle: str | None = None
    key_id: str | None = None
    set_by: str | None = None

    def __str__(self) -> str:
        keys = "given in code" if self.source == "code" else f"of the {self.source}"
        return f"keys {keys}, region {self.region}{f', server of {self.set_by}' if self.set_by else ''}"


@frozen
class Foreign:
    """A setting that only boto3 understands, and what it is."""

    setting: str
    what: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.what}"


def choose(service: Service, connection: Connection, environment: Environment) -> Lean | Foreign:
    """Return what the lean client needs, or the first setting that it does not understand."""
    variables = environment.variables
    foreign = _foreign(connection, environment)
    if foreign is not None:
        return foreign
    source = _source(connection, variables)
    if isinstance(source, Foreign):
        return source
    region = connection.region or variables.get("AWS_DEFAULT_REGION") or variables.get("AWS_REGION") or ""
    if not is_region(region):
        return Foreign("region", "none is given, or one of an odd name" if region else "none is given")
    set_by, endpoint = _endpoint(service, connection, variables, region)
    if isinstance(endpoint, Foreign):
        return endpoint
    bundle = variables.get("AWS_CA_BUNDLE") or variables.get("REQUESTS_CA_BUNDLE") or None
    key_id = variables["AWS_ACCESS_KEY_ID"] if source == "environment" else None
    return Lean(endpoint, region, source, bundle, key_id, set_by)


def _foreign(connection: Connection, environment: Environment) -> Foreign | None:
    if connection.profile is not None:
        return Foreign("profile", "a profile of the configuration files")
    for name, value in environment.variables.items():
        # Only those that may be meant are looked up: a process has a hundred others.
        rule = FOREIGN.get(name) or (FOREIGN.get(name.upper()) if name.lower().endswith("_proxy") else None)
        if rule is not None and rule[0](value):
            return Foreign(name, rule[1])
        if name.startswith("AWS_BEARER_TOKEN_") and value:
            return Foreign(name, "a bearer token instead of a signature")
    if environment.files:
        return Foreign(environment.files[0], "a configuration file")
    if environment.proxies:
        return Foreign("the system's settings", "a proxy")
    return None


def _source(connection: Connection, variables: Mapping[str, str]) -> str | Foreign:
    if connection.credentials is not None:
        return "code"
    if variables.get("AWS_ACCESS_KEY_ID"):
        return _environment_keys(variables)
    if "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" in variables or "AWS_CONTAINER_CREDENTIALS_FULL_URI" in variables:
        return "container"
    return Foreign("credentials", "neither the environment nor a container has keys")


def _environment_keys(variables: Mapping[str, str]) -> str | Foreign:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        if not is_header_text(variables.get(name, "")):
            return Foreign(name, "not there, or no key")
    return "environment"


def _endpoint(
    service: Service, connection: Connection, variables: Mapping[str, str], region: str
) -> tuple[str | None, Endpoint | Foreign]:
    """Return the address, and what gives it."""
    if connection.endpoint is not None:
        return "?endpoint=", parse_endpoint(connection.endpoint) or Foreign("endpoint", "an odd URL")
    ignored = _on(variables.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", ""))
    for name in (service.variable, "AWS_ENDPOINT_URL"):
        if variables.get(name) and not ignored:
            return name, _configured(name, variables[name], connection)
    return None, regional(service.name, region) or Foreign("region", f"{region} is of no partition that is known here")


def _configured(name: str, url: str, connection: Connection) -> Endpoint | Foreign:
    found = parse_endpoint(url)
    if found is None:
        return Foreign(name, "an odd URL")
    if not connection.insecure and not is_safe(url):
        return Foreign(name, "http:// to another machine, which the lean client does only with &insecure=true")
    return found
