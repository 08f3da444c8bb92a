"""How engines are made: the driver's package, its pool, TLS, tokens; and whose engine it is."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event, exc

from holdall.errors import ConfigError

from .._sql.driver import blocking_io, blocking_start
from . import iam, tls
from .client import Server, Servers, database_of, listen

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall.drivers import Opening
    from holdall.io import Io

    from .._sql.driver import Start
    from .dialects import Kind
    from .options import Options

_EXTRAS = {"psycopg": "postgresql", "pymysql": "mysql", "boto3": "dynamodb"}
_BY_PLACE = frozenset({"aiomysql", "mysqldb", "psycopg", "psycopg2", "pymysql"})
"""Drivers that take values by place as well as by name, which costs more."""
_EITHER = frozenset({"psycopg"})
"""Drivers that block or are awaited, as the engine is made."""


class Opened(NamedTuple):
    """A database, and how its work is started and waited for."""

    database: Servers
    io: Io
    start: Start


def opened(options: Options, kind: Kind, opening: Opening) -> Opened:
    """
    Return the database of a URL, or of the caller's own engine.

    Raises:
        ConfigError: The driver's package is not installed, the driver is for asyncio only, or `client=` is no engine of
            this kind of database.
    """
    if opening.client is not None:
        return _given(options, kind, opening)
    if opening.asynchronous and _is_awaited(options):
        from .aio_engines import opened_on_loops

        return opened_on_loops(options, kind)
    if _driver_class(options.url).is_async:
        raise ConfigError(f"{options.url.drivername} is for asyncio: open it with open_async_repository, or name "
                          "another driver")

    def make(url: sa.URL) -> Callable[[], Server]:
        return lambda: server_of(options, kind, url, lambda url, settings: sa.create_engine(url, **settings))

    replica = None if options.replica is None else make(options.replica)
    return _blocking(database_of(("blocking", options.shared), make(options.url), replica), opening)


def _blocking(servers: Servers, opening: Opening) -> Opened:
    io = blocking_io(opening.asynchronous)
    return Opened(servers, io, blocking_start(io))


def _given(options: Options, kind: Kind, opening: Opening) -> Opened:
    client: Any = opening.client
    engine: Any = getattr(client, "sync_engine", client)
    if not isinstance(engine, sa.Engine) or engine.dialect.name != options.url.get_backend_name():
        raise ConfigError(f"client= of a {options.url.get_backend_name()} URL is a SQLAlchemy Engine or AsyncEngine of "
                          f"that database; got {type(client).__name__}")
    if engine.dialect.is_async and not opening.asynchronous:
        raise ConfigError("client= is an AsyncEngine, which open_async_repository takes")

    def make() -> Server:
        return Server(engine, kind, kind.flavor(engine.dialect), options.timeout, ours=False)

    servers = database_of(("engine", id(engine)), make, None)
    if not engine.dialect.is_async:
        return _blocking(servers, opening)
    from .aio_engines import awaited

    return awaited(servers)


def server_of(
    options: Options, kind: Kind, url: sa.URL, create: Callable[[sa.URL, dict[str, Any]], sa.Engine]
) -> Server:
    """
    Return a server with an engine of our own.

    Raises:
        ConfigError: The driver's package is not installed.
    """
    settings: dict[str, Any] = {
        "pool_size": options.pool_size, "max_overflow": 0, "pool_timeout": options.timeout, "pool_use_lifo": True,
        # Our transactions end by themselves, and a connection that is idle has nothing to reset.
        "pool_reset_on_return": None, "connect_args": tls.arguments(options),
    }  # fmt: skip
    if url.get_driver_name() in _BY_PLACE:
        settings["paramstyle"] = "format"
    try:
        engine = create(url, settings)
    except exc.NoSuchModuleError:
        raise ConfigError(f"SQLAlchemy knows no driver {url.drivername!r}") from None
    except ModuleNotFoundError as error:
        raise _not_installed(url, str(error.name)) from error
    listen(engine)
    if options.iam:
        _sign_in_by_tokens(engine, iam.Tokens(url, iam.minted))
    return Server(engine, kind, kind.flavor(engine.dialect), options.timeout, ours=True)


def _not_installed(url: sa.URL, name: str) -> ConfigError:
    package = f"'holdall[{_EXTRAS[name]}]'" if name in _EXTRAS else name
    return ConfigError(f"{url.drivername}:// needs the package {name!r}: pip install {package}")


def _sign_in_by_tokens(engine: sa.Engine, tokens: iam.Tokens) -> None:
    def connect(_dialect: Any, _record: Any, _arguments: Any, named: dict[str, Any]) -> None:
        named["password"] = tokens.current()

    event.listen(engine, "do_connect", connect)


def _driver_class(url: sa.URL) -> Any:
    try:
        return url.get_dialect()
    except exc.NoSuchModuleError:
        raise ConfigError(f"SQLAlchemy knows no driver {url.drivername!r}") from None


def _has_greenlet() -> bool:
    return find_spec("greenlet") is not None


def _is_awaited(options: Options) -> bool:
    if _driver_class(options.url).is_async:
        if not _has_greenlet():
            raise ConfigError(f"{options.url.drivername} needs the package 'greenlet': pip install 'holdall[aiosql]'")
        return True
    # Without greenlet, a driver that can also block is run in threads.
    return _has_greenlet() and options.url.get_driver_name() in _EITHER
