"""Whether a server at an address can work."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

_SECONDS = 5


def answers_http(address: str) -> bool:
    """Return whether an HTTP server answers."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(address, timeout=_SECONDS):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except OSError:
        return False


def answers_postgresql(address: str) -> bool:
    """Return whether PostgreSQL lets us in."""
    import psycopg

    try:
        psycopg.connect(address, connect_timeout=_SECONDS).close()
    except psycopg.Error:
        return False
    return True


def answers_mariadb(address: str) -> bool:
    """Return whether MariaDB or MySQL lets us in."""
    import pymysql

    parts = urlsplit(address)
    password: Any = parts.password or ""
    try:
        pymysql.connect(
            host=parts.hostname, port=parts.port or 3306, user=parts.username, password=password,
            connect_timeout=_SECONDS,
        ).close()  # fmt: skip
    except pymysql.Error:
        return False
    return True
