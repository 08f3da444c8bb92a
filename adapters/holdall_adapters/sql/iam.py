"""Tokens of RDS in the place of passwords (RDS guide, "IAM database authentication")."""

from __future__ import annotations

import threading
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from holdall.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

_LIFE = 600.0
"""Seconds that a token is used for; it is good for 15 minutes."""


class Tokens:
    """The token of one user at one address, made anew before it ends."""

    def __init__(self, url: sa.URL, mint: Callable[[str, int, str], str]) -> None:
        self._url = url
        self._mint = mint
        self._lock = threading.Lock()
        self._made = (0.0, "")

    def current(self) -> str:
        """Return a token that is good for some minutes more."""
        with self._lock:
            born, token = self._made
            # By the clock on the wall, which goes on while a Lambda function is frozen.
            if not 0 <= time.time() - born < _LIFE:
                token = self._mint(self._url.host or "", self._url.port or _port(self._url), self._url.username or "")
                self._made = (time.time(), token)
            return token


def _port(url: sa.URL) -> int:
    return 5432 if url.get_backend_name() == "postgresql" else 3306


def minted(host: str, port: int, user: str) -> str:
    """
    Return a new token, signed by boto3 with the keys that it finds; nothing is sent.

    Raises:
        ConfigError: boto3 is not installed, or the region is not known.
    """
    try:
        boto3: Any = import_module("boto3")
    except ModuleNotFoundError as error:
        raise ConfigError("iam=true needs boto3, which signs the token: pip install 'holdall[dynamodb]'") from error
    client = boto3.client("rds", region_name=_region(host))
    token: str = client.generate_db_auth_token(DBHostname=host, Port=port, DBUsername=user)
    return token


def _region(host: str) -> str | None:
    """Return the region that an address of RDS names; None leaves it to the environment."""
    parts = host.split(".")
    return parts[-4] if host.endswith(".rds.amazonaws.com") and len(parts) > 4 else None
