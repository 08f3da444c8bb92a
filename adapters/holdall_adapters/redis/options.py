"""What the URL of a cache in Redis or Valkey says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from holdall._frozen import frozen
from holdall.cache_drivers import COMMON, CacheCapabilities, ca_of
from holdall.errors import ConfigError
from holdall.urls import read_bool

if TYPE_CHECKING:
    from holdall.cache_drivers import CacheOpening
    from holdall.urls import Url

_OWN = ("cluster", "read_from", "replica", "username", "iam", "cache_name", "region", "serverless", "ca",
        "max_connections")  # fmt: skip
_HOST = re.compile(r"[a-z0-9._:-]+")
_PORT = 6379
_CONNECTIONS = 50


class Place(NamedTuple):
    """Where a server is."""

    host: str
    port: int


@frozen
class Iam:
    """
    How to sign in to ElastiCache.

    Attributes:
        cache_name: The name of the replication group or the serverless cache, in small letters as AWS keeps it.
        user: The user's name, in small letters likewise.
        serverless: It is a serverless cache.
        region: The AWS region; None for that of the environment.
    """

    cache_name: str
    user: str
    serverless: bool = False
    region: str | None = None


@frozen
class Options:
    """
    Where the cache is, and how to connect.

    Attributes:
        name: "redis" or "valkey", of which the package of that name is preferred.
        place: The server, or a node of the cluster.
        tls: With TLS, which is verified.
        database: The number of the database.
        cluster: It is a cluster.
        replicas: Replicas may answer reads.
        reader: Where they do without a cluster; None with one, or where they may not.
        username: Of the server's access control list, or None.
        iam: How to sign in to ElastiCache; None for a password, or nothing.
        ca: A file of the authorities that are trusted; None for the system's.
        max_connections: How many connections are open at once at most.
    """

    name: str
    place: Place
    tls: bool
    database: int
    cluster: bool
    replicas: bool
    reader: Place | None
    username: str | None
    iam: Iam | None
    ca: str | None
    max_connections: int

    @classmethod
    def from_url(cls, url: Url, opening: CacheOpening) -> Options:
        """
        Read the options.

        Raises:
            ConfigError: The URL carries credentials or an unknown parameter, or a part of it is wrong.
        """
        if "@" in url.location:
            raise ConfigError(
                f"open {url}: a URL carries no credentials; drop what stands before the @, and give "
                "them in code: Cache(url, username=..., password=Secret(...))"
            )
        url.refuse_unknown(dict.fromkeys((*COMMON, *_OWN)))
        tls, cluster = url.scheme in ("rediss", "valkeys"), url.param("cluster", read_bool, False)
        replicas = url.param("read_from", _read_from, False)
        username = _username(url, opening)
        return cls(
            "valkey" if url.scheme.startswith("valkey") else "redis", _place(url), tls, _database(url, cluster=cluster),
            cluster, replicas, _reader(url, replicas=replicas, cluster=cluster), username,
            _iam(url, username, opening, tls=tls), ca_of(url, tls=tls),
            url.param("max_connections", _connections, _CONNECTIONS),
        )  # fmt: skip

    @property
    def capabilities(self) -> CacheCapabilities:
        """What the cache can do."""
        return CacheCapabilities(self.name, replicas=self.replicas)


def _place(url: Url) -> Place:
    place = _place_of(url.location.partition("/")[0])
    if place is None:
        raise ConfigError(f"open {url}: expected {url.scheme}://HOST:PORT, and perhaps /DATABASE behind it")
    return place


def _place_of(text: str) -> Place | None:
    try:
        split = urlsplit(f"//{text}")
        port = split.port
    except ValueError:
        return None
    if split.netloc != text or "@" in text or port == 0 or not _HOST.fullmatch(split.hostname or ""):
        return None
    return Place(split.hostname or "", port or _PORT)


def _database(url: Url, *, cluster: bool) -> int:
    text = url.path.strip("/")
    if not text:
        return 0
    if cluster:
        raise ConfigError(f"open {url}: a cluster has one database; drop what stands behind the host")
    if not text.isdecimal() or not text.isascii():
        raise ConfigError(
            f"open {url}: what stands behind the host is the number of a database, such as /0; a prefix "
            "of keys is ?prefix="
        )
    return int(text)


def _read_from(text: str) -> bool:
    if text not in ("primary", "replica"):
        raise ValueError("expected primary or replica")
    return text == "replica"


def _reader(url: Url, *, replicas: bool, cluster: bool) -> Place | None:
    if "replica" not in url.params:
        if replicas and not cluster:
            raise ConfigError(f"open {url}: read_from=replica needs replica=HOST:PORT, the address of the replicas")
        return None
    if cluster or not replicas:
        raise ConfigError(f"open {url}: replica= is for read_from=replica without a cluster, which knows its replicas")
    return url.param("replica", _read_place, None)


def _read_place(text: str) -> Place | None:
    place = _place_of(text)
    if place is None:
        raise ValueError("expected HOST or HOST:PORT")
    return place


def _username(url: Url, opening: CacheOpening) -> str | None:
    given, said = opening.username, url.params.get("username") or None
    if given is not None and said is not None and given != said:
        raise ConfigError(f"open {url}: the URL and username= name different users; drop one of them")
    username = given or said
    if username is not None and opening.password is None and not url.param("iam", read_bool, False):
        raise ConfigError(
            f"open {url}: a username needs a password: Cache(url, username=..., password=Secret(...)); "
            "or iam=true for ElastiCache"
        )
    return username


def _iam(url: Url, username: str | None, opening: CacheOpening, *, tls: bool) -> Iam | None:
    if not url.param("iam", read_bool, False):
        stray = next((name for name in ("cache_name", "serverless", "region") if name in url.params), None)
        if stray is not None:
            raise ConfigError(f"open {url}: {stray}= is for iam=true only")
        return None
    if not tls:
        raise ConfigError(f"open {url}: iam=true sends a token, so it needs TLS; write {url.scheme}s://")
    if username is None:
        raise ConfigError(f"open {url}: iam=true needs username=, the user of ElastiCache that IAM signs in")
    if opening.password is not None:
        raise ConfigError(f"open {url}: iam=true signs in by a token; drop password=")
    if not url.params.get("cache_name"):
        raise ConfigError(
            f"open {url}: iam=true needs cache_name=, the name of the replication group or of the serverless cache"
        )
    serverless = url.param("serverless", read_bool, False)
    return Iam(url.params["cache_name"].lower(), username.lower(), serverless, url.params.get("region") or None)


def _connections(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 10_000:
        raise ValueError("expected a whole number from 1 to 10000")
    return number
