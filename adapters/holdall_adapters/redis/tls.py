"""
TLS with one context for all connections of a cache.

Both packages make a context for each connection, which takes longer than the handshake, and trust the system's
authorities besides those that are named. Where a version has not the places that are used here, it does as it does.
"""

from __future__ import annotations

import ssl
from functools import lru_cache
from typing import Any

from holdall.errors import ConfigError


@lru_cache(16)
def context_of(ca: str | None) -> ssl.SSLContext:
    """
    Return the context; it verifies the server's certificate and name.

    Raises:
        ConfigError: The file of the authorities can't be read, or holds none.
    """
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise ConfigError(f"the trusted authorities can't be read from {ca!r}, which ?ca= gives") from error


def blocking(base: Any, ca: str | None) -> Any:
    """
    Return the class of blocking connections.

    Raises:
        ConfigError: The file of the authorities can't be read, or holds none.
    """
    _check(ca)
    if not hasattr(base, "_wrap_socket_with_ssl"):
        return base

    def wrap(self: Any, sock: Any) -> Any:
        return context_of(ca).wrap_socket(sock, server_hostname=self.host)

    return type(base.__name__, (base,), {"_wrap_socket_with_ssl": wrap})


def awaited(base: Any, ca: str | None) -> Any:
    """
    Return the class of asynchronous connections.

    Raises:
        ConfigError: The file of the authorities can't be read, or holds none.
    """
    _check(ca)

    def init(self: Any, **settings: Any) -> None:
        base.__init__(self, **settings)
        self.ssl_context.context = context_of(ca)

    return type(base.__name__, (base,), {"__init__": init})


def _check(ca: str | None) -> None:
    # The system's authorities are there, and take long to load: that is left to the first connection.
    if ca is not None:
        context_of(ca)
