"""
The connections: pymemcache's pools, one a server, and which server a key lies on.

pymemcache's `HashClient` is not used: it sends the keys of a server that fails to the others, and later back again, to
what has been replaced since.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

from pymemcache.client.rendezvous import RendezvousHash  # type: ignore[import-untyped]  # the package has no types

from .errors import CLOSED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .options import Server


class Pool:
    """The connections to one server: safe in threads, and made anew in a child process."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._by_process = {os.getpid(): make()}

    @property
    def native(self) -> Any:
        """The pool of this process, a `PooledClient`."""
        return self._by_process.get(os.getpid()) or self._forked()

    def run(self, command: Callable[[Any], Any]) -> Any:
        """
        Return what a command on a connection returns.

        A server may have closed a connection since it was used, also while the process was frozen; then a new one does
        it. What the first had done already, its answer lost, looks like the doing of another, whom the engine has to
        live with anyway.
        """
        with self.native.client_pool.get_and_release(destroy_on_fail=True) as connection:
            used = connection.sock is not None
            try:
                return command(connection)
            except CLOSED:
                if not used:
                    raise
            return command(connection)

    def close(self) -> None:
        """Close the connections."""
        self.native.close()

    def _forked(self) -> Any:
        for parents in list(self._by_process.values()):
            # Its lock may be held by a thread that is not here, so the pool itself is left as it is.
            for connection in (*parents.client_pool.free, *parents.client_pool.used):
                connection.close()
        here = self._make()
        self._by_process = {os.getpid(): here}
        return here


class Layout:
    """Which server a key lies on, by rendezvous hashing of their names."""

    def __init__(self, pools: Mapping[Server, Pool]) -> None:
        self.pools = pools
        self._only = next(iter(pools.values())) if len(pools) == 1 else None
        self._named = {f"{host}:{port}": pool for (host, port), pool in pools.items()}
        self._name_of: Callable[[str], str] = cast("Any", RendezvousHash(list(self._named))).get_node

    def pool(self, key: str) -> Pool:
        """Return the server of a key."""
        return self._only or self._named[self._name_of(key)]

    def parts(self, keys: Sequence[str]) -> Iterable[tuple[Pool, Sequence[str]]]:
        """Return the servers of keys, each with its own."""
        if self._only is not None:
            return [(self._only, keys)]
        parts: dict[Pool, list[str]] = {}
        for key in keys:
            parts.setdefault(self.pool(key), []).append(key)
        return parts.items()
