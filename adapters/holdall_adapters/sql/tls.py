"""How each driver is told whether and how to encrypt."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

from holdall.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .options import Options


def arguments(options: Options) -> dict[str, Any]:
    """
    Return what a driver's `connect` is given for TLS.

    Raises:
        ConfigError: The driver is one that we don't know.
    """
    if options.tls is None:
        return {}
    driver = options.url.get_driver_name()
    if driver not in _DRIVERS:
        raise ConfigError(f"holdall doesn't know how the driver {driver!r} is told to check certificates; tell it by "
                          "its own parameters, and add tls=driver")
    return _DRIVERS[driver](options.tls, options.ca)


def _libpq(tls: str, ca: str | None) -> dict[str, Any]:
    if tls != "verify":
        return {"sslmode": "require" if tls == "require" else "disable"}
    return {"sslmode": "verify-full", "sslrootcert": ca or "system"}


def _asyncpg(tls: str, ca: str | None) -> dict[str, Any]:
    return {"ssl": False if tls == "off" else context(tls, ca)}


def _pymysql(tls: str, ca: str | None) -> dict[str, Any]:
    return {"ssl_disabled": True} if tls == "off" else {"ssl": context(tls, ca)}


def _aiomysql(tls: str, ca: str | None) -> dict[str, Any]:
    return {} if tls == "off" else {"ssl": context(tls, ca)}


_DRIVERS: dict[str, Callable[[str, str | None], dict[str, Any]]] = {
    "psycopg": _libpq, "psycopg2": _libpq, "asyncpg": _asyncpg, "pymysql": _pymysql, "aiomysql": _aiomysql,
}  # fmt: skip


def context(tls: str, ca: str | None) -> ssl.SSLContext:
    """
    Return the settings of a connection that is encrypted, and checked unless `tls` is "require".

    Raises:
        ConfigError: The file can't be read, or holds no certificates.
    """
    try:
        made = ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise ConfigError(f"the certificates in {ca!r} can't be read: {type(error).__name__}") from error
    if tls == "require":
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made
