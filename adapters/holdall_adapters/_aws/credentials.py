"""Where the lean client has its keys from: the caller, the environment, or the container that it runs in."""

from __future__ import annotations

import datetime as dt
import os
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from holdall.credentials import Credentials, is_header_text
from holdall.deadlines import remaining

from .connection import is_loopback
from .endpoints import Endpoint
from .errors import Lost, NoCredentials, Unreached
from .http import Request
from .protocol import loads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from holdall.io import Io

    from .protocol import Answer

ADVISORY, MANDATORY = 15 * 60, 10 * 60
"""Seconds before the end of keys from which one caller gets new ones, and all wait for them; as in botocore."""
_PAUSE = 30
"""Seconds between two requests for keys, where those that came are nearly over themselves."""
_TRIES = 3
_CONTAINER = "http://169.254.170.2"
_AGENTS = ("169.254.170.2", "169.254.170.23", "fd00:ec2::23")
"""The agents of Amazon ECS and EKS, which are asked without TLS, as botocore does."""

Dial = Any
"""Gives, for an endpoint, the function that exchanges requests for answers; `Io.call` calls it."""


class Keys(Protocol):
    """A source of keys."""

    async def current(self, io: Io, dial: Dial) -> Credentials:
        """
        Return the keys to sign with.

        Raises:
            NoCredentials: There are none.
        """
        ...

    async def renewed(self, io: Io, dial: Dial, refused: Credentials) -> bool:
        """Return whether there are others than those, which the service has refused as expired."""
        ...


class Given:
    """Keys given in code."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    async def current(self, io: Io, dial: Dial) -> Credentials:  # noqa: ARG002 - as the protocol has it
        return self._credentials

    async def renewed(self, io: Io, dial: Dial, refused: Credentials) -> bool:  # noqa: ARG002 - likewise
        return False


class EnvironmentKeys:
    """Keys of the environment, read again only when the service takes them for expired."""

    def __init__(self) -> None:
        self._credentials: Credentials | None = None

    async def current(self, io: Io, dial: Dial) -> Credentials:  # noqa: ARG002 - as the protocol has it
        if self._credentials is None:
            self._credentials = _from_environment(os.environ)
        return self._credentials

    async def renewed(self, io: Io, dial: Dial, refused: Credentials) -> bool:  # noqa: ARG002 - likewise
        self._credentials = _from_environment(os.environ)
        return self._credentials != refused


def _from_environment(variables: Mapping[str, str]) -> Credentials:
    key, secret = variables.get("AWS_ACCESS_KEY_ID", ""), variables.get("AWS_SECRET_ACCESS_KEY", "")
    token = variables.get("AWS_SECURITY_TOKEN") or variables.get("AWS_SESSION_TOKEN") or None
    return _checked(key, secret, token, "the environment")


def _checked(key: object, secret: object, token: object, source: str) -> Credentials:
    for part in (key, secret, *(() if token is None else (token,))):
        if not isinstance(part, str) or not is_header_text(part):
            raise NoCredentials(f"{source} has no keys, or odd ones")
    return Credentials(str(key), str(secret), None if token is None else str(token))


class _Lease(NamedTuple):
    """Keys for a time: until `ends`, in seconds since 1970."""

    credentials: Credentials
    ends: float
    fetched: float


class ContainerKeys:
    """
    Keys from the endpoint that a container (or a function restored from a snapshot) is given.

    As AWS SDKs do ("Container credential provider" in the AWS SDKs and Tools Reference Guide): some minutes before
    keys expire, one caller gets new ones while the others use the old.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lease: _Lease | None = None
        self._lock = (os.getpid(), threading.Lock())

    async def current(self, io: Io, dial: Dial) -> Credentials:
        lease = self._lease
        if lease is not None and not self._is_due(lease, ADVISORY):
            return lease.credentials
        if lease is not None and not self._is_due(lease, MANDATORY):
            return await self._early(io, dial, lease)
        return (await self._fresh(io, dial, lease)).credentials

    async def renewed(self, io: Io, dial: Dial, refused: Credentials) -> bool:
        lease = self._lease
        if lease is None or lease.credentials == refused:
            lease = await self._fresh(io, dial, lease)
        return lease.credentials != refused

    def _is_due(self, lease: _Lease, before: float) -> bool:
        now = self._clock()
        return now >= lease.ends or (now >= lease.ends - before and now >= lease.fetched + _PAUSE)

    async def _early(self, io: Io, dial: Dial, lease: _Lease) -> Credentials:
        lock = self._own_lock()
        if not lock.acquire(blocking=False):
            return lease.credentials
        try:
            self._lease = await self._fetch(io, dial)
        except NoCredentials:
            # The old ones serve for minutes; asking is tried again later.
            self._lease = lease._replace(fetched=self._clock())
        finally:
            lock.release()
        return self._lease.credentials

    async def _fresh(self, io: Io, dial: Dial, old: _Lease | None) -> _Lease:
        """Return other keys than the old ones: got here, or meanwhile by another caller."""
        lock = self._own_lock()
        while not lock.acquire(blocking=False):
            _check_time()
            await io.sleep(0.01)
        try:
            if self._lease is None or self._lease is old:
                self._lease = await self._fetch(io, dial)
            return self._lease
        finally:
            lock.release()

    def _own_lock(self) -> threading.Lock:
        # Another thread of the parent may have held the lock when this process was forked off.
        pid, lock = self._lock
        if pid != os.getpid():
            pid, lock = self._lock = (os.getpid(), threading.Lock())
        return lock

    async def _fetch(self, io: Io, dial: Dial) -> _Lease:
        endpoint, path = container_endpoint(os.environ)
        exchange = dial(endpoint)
        for tried in range(1, _TRIES + 1):
            try:
                answer: Answer = await io.call(exchange, Request("GET", path, self._headers(endpoint), b""))
            except (Unreached, Lost) as error:
                if tried == _TRIES:
                    raise NoCredentials("the container's endpoint for keys does not answer") from error
            else:
                if answer.status == 200:
                    return self._read(answer)
                if answer.status < 500 and answer.status != 429:
                    raise NoCredentials(f"the container's endpoint for keys refuses ({answer.status})")
            _check_time()
            await io.sleep(0.1 * tried)
        raise NoCredentials("the container's endpoint for keys fails")

    def _headers(self, endpoint: Endpoint) -> dict[str, str]:
        headers = {"Host": endpoint.authority, "Accept": "application/json"}
        token = _token(os.environ)
        return headers if token is None else {**headers, "Authorization": token}

    def _read(self, answer: Answer) -> _Lease:
        try:
            found: Any = loads(answer.body)
            ends = _instant(found["Expiration"]) if found.get("Expiration") else float("inf")
            credentials = _checked(found["AccessKeyId"], found["SecretAccessKey"], found.get("Token"), "the container")
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise NoCredentials("the container's endpoint for keys gives something else") from error
        if ends <= self._clock():
            raise NoCredentials("the container's endpoint for keys gives expired ones")
        return _Lease(credentials, ends, self._clock())


def container_endpoint(variables: Mapping[str, str]) -> tuple[Endpoint, str]:
    """
    Return where a container gets its keys: an address, and the path to ask for.

    Raises:
        NoCredentials: The variables give no address, or one that must not be told the container's token.
    """
    relative = variables.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    url = variables.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", "") if relative is None else f"{_CONTAINER}{relative}"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NoCredentials("the container's endpoint for keys is no URL") from None
    host, path = parts.hostname or "", f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    if parts.scheme not in ("http", "https") or not host or " " in url or not is_header_text(url):
        raise NoCredentials("the container's endpoint for keys is no URL")
    tls = parts.scheme == "https"
    if not tls and not is_loopback(host) and host not in _AGENTS:
        raise NoCredentials("the container's endpoint for keys is on another machine, and without TLS")
    return Endpoint(tls, host, port or (443 if tls else 80)), path


def _token(variables: Mapping[str, str]) -> str | None:
    file = variables.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    try:
        token = variables.get("AWS_CONTAINER_AUTHORIZATION_TOKEN") if file is None else _text_of(file)
    except (OSError, ValueError) as error:
        raise NoCredentials("the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE can't be read") from error
    if token is not None and not is_header_text(token):
        raise NoCredentials("the container's token can't stand in a header")
    return token


def _text_of(file: str) -> str:
    with open(file, encoding="utf-8") as opened:  # noqa: PTH123 - pathlib is slow to import
        return opened.read()


def _instant(text: str) -> float:
    found = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (found if found.tzinfo else found.replace(tzinfo=dt.timezone.utc)).timestamp()


def _check_time() -> None:
    if remaining() == 0.0:
        raise NoCredentials("the deadline passed before there were keys")
