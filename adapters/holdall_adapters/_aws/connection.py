"""How to connect, as a store's URL says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlsplit

from holdall.errors import ConfigError
from holdall.urls import read_bool

from .endpoints import is_host

if TYPE_CHECKING:
    from holdall.credentials import Credentials
    from holdall.urls import Url

PARAMETERS: tuple[str, ...] = (
    "region", "endpoint", "profile", "client", "insecure", "connect_timeout", "read_timeout", "parallel",
)  # fmt: skip
"""What every URL of an AWS service may say."""

ClientName = Literal["auto", "lean", "boto3"]
_CLIENTS: tuple[ClientName, ...] = ("auto", "lean", "boto3")


class Connection(NamedTuple):
    """What makes one client differ from another; equal ones share a client."""

    region: str | None = None
    endpoint: str | None = None
    profile: str | None = None
    connect_timeout: float = 1.0
    read_timeout: float = 2.0
    parallel: int = 8
    client: ClientName = "auto"
    insecure: bool = False
    credentials: Credentials | None = None

    @property
    def kept(self) -> int:
        """How many connections are kept for the next calls."""
        return max(10, self.parallel)


def connection_of(
    url: Url, region: str | None, credentials: Credentials | None, *, read_timeout: float = 2.0
) -> Connection:
    """
    Read how to connect; `region` is what the URL says of it otherwise, `read_timeout` the usual one.

    Raises:
        ConfigError: A parameter of the URL is wrong, or its endpoint has no TLS and is not on this machine.
    """
    insecure = url.param("insecure", read_bool, False)
    endpoint = url.param("endpoint", _endpoint, None)
    if endpoint is not None and not insecure and not is_safe(endpoint):
        raise ConfigError(f"open {url}: the endpoint is http:// on another machine, so everybody on the way can read "
                          "and change what is sent; use https://, or say &insecure=true where the network is your own")
    return Connection(
        url.params.get("region") or region,
        endpoint,
        url.params.get("profile"),
        url.param("connect_timeout", _seconds, 1.0),
        url.param("read_timeout", _seconds, read_timeout),
        url.param("parallel", _parallel, 8),
        url.param("client", _client, "auto"),
        insecure,
        credentials,
    )


def refuse_secrets(url: Url) -> None:
    """
    Refuse a URL with a user or password.

    Raises:
        ConfigError: It has one.
    """
    if "@" in url.location:
        raise ConfigError(f"open {url}: a URL carries no credentials; set AWS_PROFILE, or let AWS's own chain find "
                          "them")


def is_safe(endpoint: str) -> bool:
    """Return whether nobody else can listen: TLS, or a server on this machine."""
    parts = urlsplit(endpoint)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine itself."""
    if host in ("localhost", "127.0.0.1") or host.endswith(".localhost"):
        return True
    if not host or not (host[0].isdigit() or ":" in host):
        return False
    # Imported here: it takes longer than a call, and most hosts have names.
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _endpoint(text: str) -> str | None:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected a URL such as http://127.0.0.1:8000")
    if "@" in parts.netloc:
        raise ValueError("it carries credentials")
    if parts.query or parts.fragment or not is_host(parts.hostname) or not text.isprintable():
        raise ValueError("expected a scheme, a host and perhaps a port and a path")
    if parts.port == 0:  # Reading it refuses what is no port, too.
        raise ValueError("0 is no port")
    return text


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 3600:
        raise ValueError("expected seconds, more than 0")
    return seconds


def _parallel(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 100:
        raise ValueError("expected a whole number from 1 to 100")
    return number


def _client(text: str) -> ClientName:
    for name in _CLIENTS:
        if text == name:
            return name
    raise ValueError("expected auto, lean or boto3")
