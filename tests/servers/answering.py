"""Whether a server at an address can work."""

from __future__ import annotations

import socket
import ssl
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import parse_qs, urlsplit

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


def answers_redis(address: str) -> bool:
    """Return whether Redis or Valkey answers, over TLS where the scheme is `rediss`."""
    try:
        return ask_redis(address, "PING") == "+PONG"
    except OSError:
        return False


def answers_cluster(address: str) -> bool:
    """Return whether each node of a cluster holds it for whole."""
    try:
        nodes = [line.split()[1].partition("@")[0] for line in ask_redis(address, "CLUSTER NODES").splitlines()]
        return all("cluster_state:ok" in ask_redis(f"redis://{node}", "CLUSTER INFO") for node in nodes)
    except OSError:
        return False


def answers_memcached(address: str) -> bool:
    """Return whether memcached answers."""
    try:
        return ask_memcached(address, "version").startswith("VERSION ")
    except OSError:
        return False


def ask_redis(address: str, command: str) -> str:
    """
    Return the answer of Redis or Valkey to a command in words: a text, or the line of a status or number.

    Raises:
        OSError: There is none, or it is an error.
    """
    with _connected(address) as connection, connection.makefile("rb") as answer:
        connection.sendall(f"{command}\r\n".encode())
        head = answer.readline().strip().decode()
        if not head or head.startswith("-"):
            raise ConnectionError(head)
        return answer.read(int(head[1:])).decode() if head.startswith("$") else head


def ask_memcached(address: str, command: str) -> str:
    """
    Return the line with which memcached answers a command.

    Raises:
        OSError: There is none.
    """
    with _connected(address) as connection, connection.makefile("rb") as answer:
        connection.sendall(f"{command}\r\n".encode())
        return answer.readline().strip().decode()


def _connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    host = parts.hostname or "localhost"
    plain = socket.create_connection((host, parts.port or 0), _SECONDS)
    if parts.scheme != "rediss":
        return plain
    (authority,) = parse_qs(parts.query).get("ca", [None])
    return ssl.create_default_context(cafile=authority).wrap_socket(plain, server_hostname=host)
