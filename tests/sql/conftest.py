"""Database servers, each with a table of the test's own."""

from __future__ import annotations

import contextlib
import secrets
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

import holdall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Base:
    """
    A database with a table of the test's own.

    Attributes:
        url: The store's URL, with the table.
        table: The table's name.
        engine: An engine to look at it from outside, each statement by itself.
    """

    url: str
    table: str
    engine: sa.Engine
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def is_mysql(self) -> bool:
        return self.engine.dialect.name == "mysql"

    def open(self, model: Any, *more: str, provision: bool = True, **options: Any) -> Any:
        """Open a repository that is closed at the end of the test."""
        url = "&".join((self.url, *more))
        opened = self.stack.enter_context(holdall.open_repository(url, model, **options))
        if provision:
            opened.provision()
        return opened

    def run(self, statement: str, **values: Any) -> list[Any]:
        """Run a statement in which TABLE stands for the table's name."""
        quoted = self.engine.dialect.identifier_preparer.quote(self.table)
        with self.engine.connect() as connection:
            done = connection.execute(sa.text(statement.replace("TABLE_", quoted)), values)
            return list(done) if done.returns_rows else []

    def connections(self) -> list[int]:
        """Return the ids of the connections to the database but for our own."""
        own = (
            "SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND DB = DATABASE()"
            if self.is_mysql
            else "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        return [row[0] for row in self.run(own)]

    def kill(self, number: int) -> None:
        """Break a connection."""
        with contextlib.suppress(sa.exc.DBAPIError):  # it may be gone by itself
            self.run(f"KILL {number}" if self.is_mysql else f"SELECT pg_terminate_backend({number})")


@pytest.fixture(params=["postgresql", "mariadb"])
def base(request: pytest.FixtureRequest, postgresql_address: str, mariadb_address: str) -> Iterator[Base]:
    """Give each database server in turn."""
    address = {
        "postgresql": postgresql_address.replace("postgresql:", "postgresql+psycopg:"),
        "mariadb": mariadb_address.replace("mysql:", "mysql+pymysql:"),
    }[request.param]
    # A database of its own, so that no other test's connections are met.
    table = f"t_{secrets.token_hex(4)}"
    server = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    engine = sa.create_engine(server.url.set(database=table), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.schema.DDL(f"CREATE DATABASE {table}"))
    made = Base(f"{engine.url}?table={table}", table, engine)
    try:
        yield made
    finally:
        made.stack.close()
        engine.dispose()
        with server.connect() as connection:
            force = " WITH (FORCE)" if request.param == "postgresql" else ""
            connection.execute(sa.schema.DDL(f"DROP DATABASE {table}{force}"))
        server.dispose()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is sent to a database from here on."""
    from holdall_adapters.sql.client import DbSession

    seen: list[str] = []
    real: Callable[..., Any] = DbSession.do

    def do(self: DbSession, statement: str, values: Any = ()) -> Any:
        seen.append(statement)
        return real(self, statement, values)

    monkeypatch.setattr(DbSession, "do", do)
    return seen
