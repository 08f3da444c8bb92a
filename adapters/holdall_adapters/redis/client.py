"""
The clients: redis-py's or valkey-py's, blocking or asynchronous, made by the first call.

Both packages have the same interface, under other names. Their types are given up here once: what the driver calls is
said by the protocols.
"""

from __future__ import annotations

import os
import threading
import time
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from holdall.cache_drivers import CacheFailed
from holdall.errors import InvalidArgument
from holdall.io import BlockingIo

from .direct import Direct

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall.cache_drivers import CacheOpening
    from holdall.io import Io

    from .options import Options, Place


class Pipeline(Protocol):
    """Commands that are sent together."""

    def execute_command(self, *command: Any) -> Any:
        """Add one."""
        ...

    def execute(self, *, raise_on_error: bool) -> list[Any]:
        """Send them all; return what is answered, errors among it."""
        ...


class Client(Protocol):
    """One server or cluster."""

    def execute_command(self, *command: Any) -> Any:
        """Send one command, and return its answer."""
        ...

    def pipeline(self, *, transaction: bool) -> Pipeline:
        """Return what gathers commands."""
        ...


class Node(NamedTuple):
    """Who is asked: by the package's client, and where there is one, by the short way for a single command."""

    client: Client
    direct: Direct | None = None


class Pair(NamedTuple):
    """The primary, for what must be so, and the reader, for what may be a little behind."""

    primary: Node
    reader: Node


class Clients(Protocol):
    """The clients of one cache."""

    @property
    def cluster(self) -> bool:
        """Keys of one command would have to lie on one node."""
        ...

    def here(self) -> Pair:
        """Return those for the calling thread or loop."""
        ...

    @property
    def native(self) -> Any:
        """The package's own client."""
        ...

    async def close(self, io: Io) -> None:
        """Close those that were made here."""
        ...


class Own:
    """The client of the caller, who closes it."""

    def __init__(self, client: Any) -> None:
        self.cluster = any(cls.__name__ in ("RedisCluster", "ValkeyCluster") for cls in type(client).__mro__)
        self.native = client
        self._pair = Pair(Node(client), Node(client))

    def here(self) -> Pair:
        return self._pair

    async def close(self, io: Io) -> None:
        """It stays open."""


class Shared:
    """Blocking clients, which all threads share."""

    def __init__(self, make: Callable[[], Pair], patience: float, *, cluster: bool) -> None:
        self.cluster = cluster
        self._make = make
        self._patience = patience
        self._pair: Pair | None = None
        self._lock, self._process = threading.Lock(), os.getpid()
        self._failed = 0.0

    def here(self) -> Pair:
        pair = self._pair
        return self._first() if pair is None else pair

    def _own_lock(self) -> threading.Lock:
        if self._process != os.getpid():
            # The parent's may have been held by a thread that this process has not got.
            self._lock, self._process = threading.Lock(), os.getpid()
        return self._lock

    def _first(self) -> Pair:
        """Return the clients, made by one thread: a cluster's ask at once which nodes there are."""
        lock = self._own_lock()
        if time.monotonic() < self._failed or not lock.acquire(timeout=self._patience):
            raise CacheFailed("another thread is connecting, or has failed to a moment ago")
        try:
            if self._pair is None:
                self._pair = self._made()
            return self._pair
        finally:
            lock.release()

    def _made(self) -> Pair:
        if time.monotonic() < self._failed:
            raise CacheFailed("another thread has failed to connect a moment ago")
        try:
            return self._make()
        except Exception:
            self._failed = time.monotonic() + self._patience
            raise

    @property
    def native(self) -> Any:
        return self.here().primary.client

    async def close(self, io: Io) -> None:
        with self._own_lock():
            pair, self._pair = self._pair, None
        if pair is not None:
            await close_pair(io, pair)


def open_clients(options: Options, opening: CacheOpening) -> tuple[Clients, Io]:
    """
    Return the clients, not yet made, and the way to wait for them.

    Raises:
        InvalidArgument: The caller's own client is of another kind.
        ModuleNotFoundError: Neither package is installed.
    """
    if opening.client is not None:
        check_own(opening.client, asynchronous=opening.asynchronous)
    maker = None if opening.client is not None else Maker(options, opening)
    if not opening.asynchronous:
        if maker is None:
            return Own(opening.client), BlockingIo()
        return Shared(maker.pair, opening.connect_timeout, cluster=options.cluster), BlockingIo()
    # Imported here: only asynchronous programs pay for asyncio.
    from holdall.aio import AsyncIo

    from .aio_clients import PerLoop

    return (Own(opening.client) if maker is None else PerLoop(maker.pair, cluster=options.cluster)), AsyncIo()


def check_own(client: Any, *, asynchronous: bool) -> None:
    """
    Check the caller's own client.

    Raises:
        InvalidArgument: It is of another kind, or decodes answers.
    """
    modules = [cls.__module__ for cls in type(client).__mro__]
    if not any(name.partition(".")[0] in ("redis", "valkey") for name in modules):
        raise InvalidArgument(f"client= takes a client of redis-py or valkey-py; got a {type(client).__name__}")
    if asynchronous != any(name.startswith(("redis.asyncio", "valkey.asyncio")) for name in modules):
        kind = "redis.asyncio or valkey.asyncio" if asynchronous else "redis or valkey, not of their asyncio"
        raise InvalidArgument(f"client= takes a client of {kind} here")
    if client.get_encoder().decode_responses:
        raise InvalidArgument(
            "client= decodes answers, and what a cache keeps is bytes; make it without decode_responses=True"
        )


def package_for(name: str) -> Any:
    """
    Return redis-py or valkey-py, the other one where the preferred is not installed.

    Raises:
        ModuleNotFoundError: Neither is.
    """
    try:
        return import_module("valkey") if name == "valkey" else import_module("redis")
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
    if name == "valkey":
        return import_module("redis")
    try:
        return import_module("valkey")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("No module named 'redis'", name="redis") from error


class Maker:
    """Makes the clients of one cache."""

    def __init__(self, options: Options, opening: CacheOpening) -> None:
        self._options = options
        self._opening = opening
        package = package_for(options.name)
        self._kind = package.asyncio if opening.asynchronous else package
        self._class_name = package.__name__.capitalize()
        self._newer = package.__name__ == "redis" and int(package.__version__.partition(".")[0]) >= 6
        self._backoff: Any = import_module(f"{package.__name__}.backoff")
        self._retry: Any = import_module(f"{self._kind.__name__}.retry")
        self._settings = {**_settings(options, opening), **_silent(package)}
        self._connection = self._kind.Connection
        if options.tls:
            from . import tls

            shared = tls.awaited if opening.asynchronous else tls.blocking
            self._connection = shared(self._kind.SSLConnection, options.ca)

    def pair(self) -> Pair:
        """Return new clients."""
        options = self._options
        if options.cluster:
            primary = self._cluster(replicas=False)
            return Pair(primary, self._cluster(replicas=True) if options.replicas else primary)
        primary = self._single(options.place)
        return Pair(primary, primary if options.reader is None else self._single(options.reader))

    def _single(self, place: Place) -> Node:
        kind, options = self._kind, self._options
        pool = kind.BlockingConnectionPool(
            host=place.host, port=place.port, db=options.database,
            connection_class=self._connection,
            max_connections=options.max_connections, timeout=self._opening.connect_timeout, **self._settings,
        )  # fmt: skip
        return Node(getattr(kind, self._class_name)(connection_pool=pool), Direct(pool, options.max_connections // 2))

    def _cluster(self, *, replicas: bool) -> Node:
        """Return a client of a cluster; a blocking one asks at once which nodes there are."""
        kind, options = self._kind, self._options
        base = getattr(kind, f"{self._class_name}Cluster")
        known = signature(base.__init__).parameters
        changes: dict[str, Any] = {"ERRORS_ALLOW_RETRY": (kind.ConnectionError,)}
        if self._opening.asynchronous:
            changes["execute_command"] = _knowing(base)
        made = type(base.__name__, (base,), changes)
        tries: dict[str, Any] = {"cluster_error_retry_attempts": 1, "connection_error_retry_attempts": 0}
        if self._newer:
            tries = {"retry": self._retry.Retry(self._backoff.NoBackoff(), 1)}
        elif "connection_error_retry_attempts" not in known:
            del tries["connection_error_retry_attempts"]
        if replicas and "load_balancing_strategy" in known:
            strategies: Any = import_module(f"{kind.__name__.partition('.')[0]}.cluster").LoadBalancingStrategy
            tries["load_balancing_strategy"] = strategies.ROUND_ROBIN
        elif replicas:
            tries["read_from_replicas"] = True
        return Node(made(host=options.place.host, port=options.place.port, max_connections=options.max_connections,
                         ssl=options.tls, **tries, **self._settings))  # fmt: skip


def _knowing(base: Any) -> Any:
    async def execute_command(self: Any, *command: Any, **options: Any) -> Any:
        # Else tasks that come before the first has learned the nodes would send to any of them, and be sent on; and so
        # many of them that connections in use are closed.
        await self.initialize()
        return await base.execute_command(self, *command, **options)

    return execute_command


def _settings(options: Options, opening: CacheOpening) -> dict[str, Any]:
    found: dict[str, Any] = {
        "socket_timeout": opening.timeout, "socket_connect_timeout": opening.connect_timeout, "socket_keepalive": True,
        # The newer protocol costs a round trip for each connection, and has nothing that is needed here.
        "protocol": 2,
    }  # fmt: skip
    if options.iam is not None:
        # Imported here: it loads what signs requests to AWS.
        from .iam import Tokens

        found["credential_provider"] = Tokens(options.iam, opening.credentials)
    elif opening.password is not None:
        found |= {"username": options.username, "password": opening.password.reveal()}
    if options.tls:
        found |= {"ssl_cert_reqs": "required", "ssl_check_hostname": True, "ssl_ca_certs": options.ca}
    return found


def _silent(package: Any) -> dict[str, Any]:
    # To tell the server which library this is would cost two more round trips.
    known = [signature(cls.__init__).parameters for cls in package.Connection.__mro__]
    newer = any("driver_info" in names for names in known)
    return {"driver_info": None} if newer else {"lib_name": None, "lib_version": None}


async def close_pair(io: Io, pair: Pair) -> None:
    """Close clients."""
    for node in {id(one): one for one in pair}.values():
        native: Any = node.client
        pool = getattr(native, "connection_pool", None)
        await io.call(getattr(native, "aclose", native.close) if pool is None else pool.disconnect)
