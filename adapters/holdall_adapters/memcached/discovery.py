"""The nodes of a cluster, as the configuration endpoint of ElastiCache names them."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from holdall.cache_drivers import CacheFailed

from .pools import Layout
from .wire import nodes_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from holdall.cache_drivers import CacheOpening

    from .options import Server
    from .pools import Pool

_SECONDS = 60
_MOST_BYTES = 2**16


class Discovery:
    """The nodes, asked for when they are first needed and again every minute."""

    def __init__(
        self, endpoint: Server, tls: ssl.SSLContext | None, opening: CacheOpening, connect: Callable[[Server], Pool]
    ) -> None:
        self._endpoint = endpoint
        self._tls = tls
        self._opening = opening
        self._connect = connect
        self._found: Layout | None = None
        self._next = 0.0

    def layout(self) -> Layout:
        """
        Return the nodes.

        Raises:
            CacheFailed, OSError, ValueError: The endpoint says none, and never did.
        """
        found, now = self._found, time.monotonic()
        if found is not None:
            if now < self._next:
                return found
            # Before the question, so that other threads don't ask too: they go on with what is known.
            self._next = now + _SECONDS
        try:
            found = self._laid_out(self._asked(), found)
        except (CacheFailed, OSError, ValueError):
            if found is None:
                raise
        self._found, self._next = found, now + _SECONDS
        return found

    def native(self) -> Any:
        """Return the `PooledClient` of each node that is known, by host and port."""
        return {server: pool.native for server, pool in self._pools().items()}

    def close(self) -> None:
        """Close the connections."""
        for pool in self._pools().values():
            pool.close()

    def _pools(self) -> dict[Server, Pool]:
        return {} if self._found is None else dict(self._found.pools)

    def _laid_out(self, nodes: list[Server], before: Layout | None) -> Layout:
        old = {} if before is None else dict(before.pools)
        if before is not None and set(old) == set(nodes):
            return before
        pools = {node: old[node] if node in old else self._connect(node) for node in nodes}
        for gone in old.keys() - pools.keys():
            old[gone].close()
        return Layout(pools)

    def _asked(self) -> list[Server]:
        with ExitStack() as stack:
            connection = stack.enter_context(socket.create_connection(self._endpoint, self._opening.connect_timeout))
            if self._tls is not None:
                connection = stack.enter_context(self._tls.wrap_socket(connection, server_hostname=self._endpoint[0]))
            connection.settimeout(self._opening.timeout)
            connection.sendall(b"config get cluster\r\n")
            lines = stack.enter_context(connection.makefile("rb"))
            return nodes_of(iter(partial(lines.readline, _MOST_BYTES), b""))
