"""What the URL of a database server says."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy import exc

from holdall._model.schema import did_you_mean
from holdall.errors import ConfigError
from holdall.urls import read_bool

if TYPE_CHECKING:
    from holdall.urls import Url

_TIMEOUT = 30.0
_POOL, _POOL_IN_LAMBDA = 5, 1
_DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql"}
"""Those that are taken where the URL names none."""
_TLS = ("verify", "require", "off", "driver")
_KNOWN: Final = ("table", "timeout", "pool_size", "replica", "iam", "tls", "ca")


@dataclass(frozen=True)
class Options:
    """
    `table` (None: the model's), and how the database is reached.

    Attributes:
        url: SQLAlchemy's, with the parameters that are the driver's.
        timeout: Seconds for a statement, a lock or a connection.
        pool_size: Connections that are kept.
        replica: The same URL at the address of a read replica, None for none.
        iam: The password is a token of RDS.
        tls: "verify", "require" or "off"; None leaves it to the driver's own parameters.
        ca: The file of certificates to check by; None for the system's.
    """

    table: str | None
    url: sa.URL
    timeout: float
    pool_size: int
    replica: sa.URL | None
    iam: bool
    tls: str | None
    ca: str | None

    @classmethod
    def from_url(cls, url: Url) -> Options:
        """
        Read the options.

        Raises:
            ConfigError: The URL is wrong, or has a parameter that nearly is one of ours.
        """
        if url.params.get("table") == "":
            raise ConfigError(f"open {url}: the parameter 'table' is empty")
        address = _address(url)
        iam, tls = url.param("iam", read_bool, False), url.param("tls", _tls, _usual_tls(address))
        if iam and tls == "off":
            raise ConfigError(f"open {url}: iam=true sends a token, so it needs TLS; drop tls=off")
        replica = url.params.get("replica")
        return cls(
            url.params.get("table"), address, url.param("timeout", _seconds, _TIMEOUT),
            url.param("pool_size", _count, _POOL_IN_LAMBDA if "AWS_LAMBDA_FUNCTION_NAME" in os.environ else _POOL),
            None if replica is None else _at(url, address, replica), iam, tls, url.params.get("ca"),
        )  # fmt: skip

    @property
    def shared(self) -> object:
        """What repositories have in common that share their connections."""
        return (self.url, self.timeout, self.pool_size, self.replica, self.iam, self.tls, self.ca)


def _address(url: Url) -> sa.URL:
    scheme = url.scheme if "+" in url.scheme else f"{url.scheme}+{_DRIVERS[url.scheme]}"
    try:
        address = sa.make_url(f"{scheme}://{url.location}")
    except (exc.ArgumentError, ValueError):
        raise ConfigError(f"open {url}: expected {url.scheme}://user:password@host:port/database") from None
    for name in url.params:
        near = "" if name in _KNOWN else did_you_mean(name, dict.fromkeys(_KNOWN))
        if "did you mean" in near:
            raise ConfigError(f"open {url}: unknown parameter {name!r}{near}")
    return address.update_query_dict({name: text for name, text in url.params.items() if name not in _KNOWN})


def _at(url: Url, address: sa.URL, place: str) -> sa.URL:
    host, _, port = place.partition(":")
    if not host or (port and not port.isdecimal()):
        raise ConfigError(f"open {url}: the parameter 'replica' is wrong: expected host or host:port")
    return address.set(host=host, port=int(port) if port else address.port)


def _usual_tls(address: sa.URL) -> str | None:
    if any(name.startswith("ssl") for name in address.query):
        return None
    return "off" if _is_here(address.host) else "verify"


def _is_here(host: str | None) -> bool:
    return not host or host in ("localhost", "127.0.0.1", "::1") or host.startswith("/")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < math.inf:
        raise ValueError("expected a number of seconds above 0")
    return seconds


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError("expected a whole number of 1 or more")
    return count


def _tls(text: str) -> str | None:
    if text not in _TLS:
        raise ValueError(f"expected one of {', '.join(_TLS)}")
    return None if text == "driver" else text
