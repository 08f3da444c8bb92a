"""What the URL of a cache in memcached says."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from holdall._frozen import frozen
from holdall.cache_drivers import COMMON, ca_of
from holdall.errors import ConfigError
from holdall.urls import read_bool

if TYPE_CHECKING:
    from holdall.cache_drivers import CacheOpening
    from holdall.urls import Url

Server = tuple[str, int]
_PORT = 11211


@frozen
class Options:
    """
    Where the servers are, and how to connect.

    Attributes:
        servers: Their hosts and ports; none where the caller's own client knows them.
        tls: With TLS, which is verified.
        ca: A file of the authorities that are trusted; None for the system's.
        discovery: The one server is the configuration endpoint of ElastiCache, which names the others.
    """

    servers: tuple[Server, ...]
    tls: bool
    ca: str | None
    discovery: bool

    @classmethod
    def from_url(cls, url: Url, opening: CacheOpening) -> Options:
        """
        Read the options.

        Raises:
            ConfigError: There are credentials, a path or an unknown parameter, or a part is wrong.
        """
        _refuse_users(url, opening)
        url.refuse_unknown(dict.fromkeys((*COMMON, "ca", "discovery")))
        if url.path not in ("", "/"):
            raise ConfigError(f"open {url}: memcached has no databases; drop what stands behind the host. A prefix of "
                              "keys is ?prefix=")
        tls, discovery = url.scheme == "memcacheds", url.param("discovery", read_bool, False)
        servers = _servers(url, needed=opening.client is None)
        if discovery and (len(servers) != 1 or opening.client is not None):
            raise ConfigError(f"open {url}: discovery=true is for one host, the configuration endpoint, and no client "
                              "of your own")
        return cls(servers, tls, ca_of(url, tls=tls), discovery)


def _refuse_users(url: Url, opening: CacheOpening) -> None:
    if "@" in url.location:
        raise ConfigError(f"open {url}: a URL carries no credentials, and memcached asks for none; drop what stands "
                          "before the @")
    if opening.username is not None or opening.password is not None:
        raise ConfigError(f"open {url}: memcached knows no users; drop username= and password=")


def _servers(url: Url, *, needed: bool) -> tuple[Server, ...]:
    location = url.location.partition("/")[0]
    if not location:
        if needed:
            raise ConfigError(f"open {url}: expected {url.scheme}://HOST:PORT, or several with commas between")
        return ()
    servers = [_server(url, text) for text in location.split(",")]
    if len(set(servers)) < len(servers):
        raise ConfigError(f"open {url}: a server stands there twice")
    return tuple(servers)


def _server(url: Url, text: str) -> Server:
    try:
        split = urlsplit(f"//{text}")
        host, port = split.hostname, split.port
    except ValueError:
        host = port = None
    if not host or port == 0:
        raise ConfigError(f"open {url}: {text!r} is no HOST or HOST:PORT")
    return host, port or _PORT
