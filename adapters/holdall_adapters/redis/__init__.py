"""
Caches in Redis and Valkey: a single server, a primary with a reader, or a cluster; also those of Amazon ElastiCache.

    redis://cache.internal:6379/0          a server in a network of one's own
    rediss://cache.example:6379            the same with TLS, which is always verified
    valkeys://cache.example?cluster=true   a cluster, by valkey-py where it is installed

redis:// and rediss:// are served by redis-py where it is installed, else by valkey-py; valkey:// and valkeys:// the
other way round. The path is the number of the database. Passwords are given in code, never in the URL. Nothing is sent
before the first call.

Parameters:
    cluster: "true" for a cluster, of which the address is any node, or what ElastiCache calls its configuration
        endpoint.
    read_from: "replica" lets replicas answer reads that need not know of the last change; "primary" by default.
    replica: Where replicas are reached, as HOST or HOST:PORT: what ElastiCache calls the reader endpoint. Without a
        cluster, read_from=replica needs it.
    username: The user of the server's access control list.
    iam: "true" signs in to ElastiCache by IAM, as the user of username=, over TLS.
    cache_name: With iam=true, the name of the replication group or the serverless cache.
    serverless: "true" if that is a serverless cache.
    region: With iam=true, the AWS region; by default that of the environment.
    ca: A file of the authorities that are trusted with TLS; by default the system's.
    max_connections: How many connections are open at once at most; by default 50.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .client import open_clients
from .driver import RedisDriver
from .options import Options

if TYPE_CHECKING:
    from holdall.cache_drivers import CacheDriver, CacheOpening
    from holdall.io import Io
    from holdall.urls import Url

__all__ = ["open_cache"]


def open_cache(url: Url, opening: CacheOpening) -> tuple[CacheDriver, Io]:
    """
    Open a cache in Redis or Valkey; nothing is sent.

    Raises:
        ConfigError: The URL is wrong.
        InvalidArgument: The caller's own client is of another kind.
        ModuleNotFoundError: Neither redis-py nor valkey-py is installed.
    """
    options = Options.from_url(url, opening)
    clients, io = open_clients(options, opening)
    return RedisDriver(io, clients, options.capabilities), io
