"""Tokens of ElastiCache in the place of passwords (ElastiCache User Guide, "Authenticating with IAM")."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from holdall.cache_drivers import CacheOpening
from holdall.io import run_blocking

from .._aws.client import connect
from .._aws.connection import Connection
from .._aws.presigning import Signing, presigned_url
from .._aws.services import Service

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from holdall.credentials import Credentials

    from .options import Iam

_LIFE = 900
"""Seconds that a token is good for, as many as AWS allows."""
_USED = _LIFE * 2 // 3
_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""The SHA-256 of no bytes."""


def _returned(operation: str, params: Mapping[str, Any]) -> tuple[str, ...]:  # noqa: ARG001 - nothing is called
    return ()


_SERVICE = Service(
    name="elasticache", title="ElastiCache", protocol="json-1.1", target="", operations={}, plain=frozenset(),
    returned=_returned, kinds={},
)  # fmt: skip


class Tokens:
    """
    The token of one user of one cache, made anew before it ends: a credential provider of redis-py and valkey-py.

    Raises:
        ConfigError: The keys are where only boto3 finds them, and it is not installed.
    """

    def __init__(self, iam: Iam, credentials: Credentials | None) -> None:
        self._iam = iam
        connection = Connection(region=iam.region, credentials=credentials)
        self._calls, _ = connect(_SERVICE, connection, CacheOpening())
        self._lock, self._process = threading.Lock(), os.getpid()
        self._made = (0.0, "")

    def get_credentials(self) -> tuple[str, str]:
        """
        Return the user and a token that is good for some minutes more.

        Raises:
            NoCredentials: There are no usable keys.
        """
        if self._process != os.getpid():
            # The parent's may have been held by a thread that this process has not got.
            self._lock, self._process = threading.Lock(), os.getpid()
        with self._lock:
            token = self._current()
            if token is None:
                identity = run_blocking(self._calls.identity())
                now = time.time()
                token = token_of(self._iam, Signing(identity.credentials, identity.region, int(now), _SERVICE.name))
                self._made = (now, token)
        return self._iam.user, token

    async def get_credentials_async(self) -> tuple[str, str]:
        """Return the same, without a halt of the loop while keys are sought."""
        token = self._current()
        if token is not None:
            return self._iam.user, token
        from holdall.aio import ThreadIo

        return await ThreadIo().call(self.get_credentials)

    def _current(self) -> str | None:
        born, token = self._made
        # By the clock on the wall, which goes on while a Lambda function is frozen.
        return token if 0 <= time.time() - born < _USED else None


def token_of(iam: Iam, signing: Signing) -> str:
    """Return a new token; nothing is sent."""
    asked = [("Action", "connect"), ("User", iam.user)]
    if iam.serverless:
        asked.append(("ResourceType", "ServerlessCache"))
    place = ("http", iam.cache_name, "/")
    url = presigned_url(signing, "GET", place, asked, (), _LIFE, payload_hash=_NOTHING)
    return url.removeprefix("http://")
