"""What the driver talks to: servers that the URL names or ElastiCache does, or a client of the caller's own."""

from __future__ import annotations

from functools import partial
from operator import methodcaller
from typing import TYPE_CHECKING, Any, Protocol, cast

from pymemcache.client.base import PooledClient  # type: ignore[import-untyped]  # the package has no types

from holdall.errors import ConfigError, InvalidArgument

from .pools import Layout, Pool

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence

    from holdall.cache_drivers import CacheOpening

    from .options import Options, Server

# On AWS and elsewhere a connection that nobody uses is forgotten on the way, without a word, after 350 seconds.
_IDLE_SECONDS = 240


class Commands(Protocol):
    """What the driver needs of a client: some methods of pymemcache's."""

    def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Return what is there."""
        ...

    def gets_many(self, keys: Sequence[str]) -> Mapping[str, tuple[bytes, bytes]]:
        """Return what is there, each with the number of its change."""
        ...

    def add(self, key: str, value: bytes, *, expire: int, noreply: bool) -> bool:
        """Return whether there was nothing, and now is the value."""
        ...

    def cas(self, key: str, value: bytes, cas: bytes, *, expire: int) -> bool | None:
        """Return whether it was still the change of this number, and now is the value; None where there is nothing."""
        ...

    def delete(self, key: str, *, noreply: bool) -> bool:
        """Return whether there was something."""
        ...


class Servers:
    """The commands, each sent to the server of its key; `layout` says which that is at present."""

    def __init__(self, layout: Callable[[], Layout]) -> None:
        self._layout = layout

    def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        return self._many("get_many", keys)

    def gets_many(self, keys: Sequence[str]) -> Mapping[str, tuple[bytes, bytes]]:
        return self._many("gets_many", keys)

    def add(self, key: str, value: bytes, *, expire: int, noreply: bool) -> bool:
        added: bool = self._one(key, methodcaller("add", key, value, expire=expire, noreply=noreply))
        return added

    def cas(self, key: str, value: bytes, cas: bytes, *, expire: int) -> bool | None:
        changed: bool | None = self._one(key, methodcaller("cas", key, value, cas, expire=expire))
        return changed

    def delete(self, key: str, *, noreply: bool) -> bool:
        deleted: bool = self._one(key, methodcaller("delete", key, noreply=noreply))
        return deleted

    def _one(self, key: str, command: Callable[[Any], Any]) -> Any:
        return self._layout().pool(key).run(command)

    def _many(self, name: str, keys: Sequence[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for pool, part in self._layout().parts(keys):
            found.update(pool.run(methodcaller(name, part)))
        return found


class Client:
    """
    What the driver talks to.

    Attributes:
        commands: They are sent by it.
    """

    def __init__(self, commands: Commands, native: Callable[[], Any], close: Callable[[], None]) -> None:
        self.commands = commands
        self._native = native
        self.close = close

    @property
    def native(self) -> Any:
        """The caller's own client, the `PooledClient` of one server, or those of several by host and port."""
        return self._native()


def connect(options: Options, opening: CacheOpening) -> Client:
    """
    Return the client. Nothing is sent yet.

    Raises:
        ConfigError: The authorities to trust can't be read.
        InvalidArgument: The caller's own client is of another kind.
    """
    if opening.client is not None:
        return _own(opening.client)
    tls = _tls(options.ca) if options.tls else None
    if options.discovery:
        from .discovery import Discovery

        found = Discovery(options.servers[0], tls, opening, partial(_pool, tls=tls, opening=opening))
        return Client(Servers(found.layout), found.native, found.close)
    layout = Layout({server: _pool(server, tls, opening) for server in options.servers})
    return Client(Servers(lambda: layout), partial(_natives, layout), partial(_close, layout))


def _own(client: Any) -> Client:
    lacks = [name for name in ("get_many", "gets_many", "add", "cas", "delete") if not hasattr(client, name)]
    if lacks:
        raise InvalidArgument(f"client= is a {type(client).__name__}, which has no {lacks[0]}(); give a client of "
                              "pymemcache's")
    return Client(cast("Commands", client), lambda: client, lambda: None)


def _pool(server: Server, tls: ssl.SSLContext | None, opening: CacheOpening) -> Pool:
    return Pool(partial(
        PooledClient, server, timeout=opening.timeout, connect_timeout=opening.connect_timeout, no_delay=True,
        pool_idle_timeout=_IDLE_SECONDS, allow_unicode_keys=True, tls_context=tls,
    ))  # fmt: skip


def _natives(layout: Layout) -> Any:
    natives = {server: pool.native for server, pool in layout.pools.items()}
    return natives if len(natives) > 1 else next(iter(natives.values()))


def _close(layout: Layout) -> None:
    for pool in layout.pools.values():
        pool.close()


def _tls(ca: str | None) -> ssl.SSLContext:
    import ssl

    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise ConfigError(f"the trusted authorities can't be read from {ca!r}, which ca= gives") from error
