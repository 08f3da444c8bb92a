"""The backends that the kit and the differential test run on: how a store is opened, what it lacks, what is broken."""

from __future__ import annotations

import contextlib
import functools
import secrets
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

import boto3
import pytest
import sqlalchemy as sa

from holdall.testing.records.base import RecordKit
from holdall.testing.stores import Stores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


def _opened(kit: RecordKit, store_url: Callable[[str], str], *, asynchronous: bool) -> Iterator[Stores]:
    """Open stores for a test, and close them behind it."""
    stores = Stores(kit, store_url, asynchronous=asynchronous)
    try:
        yield stores
    finally:
        stores.close()


class Memory(RecordKit):
    lacks: ClassVar[Mapping[str, str]] = {
        "missing_tables": "a table in memory is always there",
        "processes": "the store is in the memory of one process",
    }

    @pytest.fixture
    def store_url(self) -> Callable[[str], str]:
        store = secrets.token_hex(8)
        return lambda table: f"memory://{store}?table={table}"


class SqliteFile(RecordKit):
    @pytest.fixture
    def store_url(self, tmp_path: Path) -> Callable[[str], str]:
        return lambda table: f"sqlite:///{tmp_path}/kit.db?table={table}&create=false"


class OnAsyncioAlone(RecordKit):
    """A backend whose blocking form is another one's."""

    @pytest.fixture(params=["async"])
    def stores(self, store_url: Callable[[str], str]) -> Iterator[Stores]:
        yield from _opened(self, store_url, asynchronous=True)


class Aiosqlite(OnAsyncioAlone, SqliteFile):
    def open_store(self, url: str, model: Any, *, asynchronous: bool, **options: Any) -> Any:
        return super().open_store(_by("aiosqlite", url), model, asynchronous=asynchronous, **options)


class SqliteMemory(RecordKit):
    lacks: ClassVar[Mapping[str, str]] = {
        "shared": "a database in memory is private to its repository",
        "processes": "the store is in the memory of one process",
    }

    @pytest.fixture
    def store_url(self) -> Callable[[str], str]:
        return lambda table: f"sqlite://?table={table}&create=false"


class Database(RecordKit):
    """A database server; a subclass gives its address by the fixture `server`."""

    driver = ""
    awaited = ""
    """The driver on asyncio."""
    address = ""

    @pytest.fixture
    def store_url(self, server: str) -> Callable[[str], str]:
        self.address = server
        # A busy machine is no fault of the server.
        return lambda table: f"{server}?table={table}&timeout=60"

    def open_store(self, url: str, model: Any, *, asynchronous: bool, **options: Any) -> Any:
        own = _by(self.awaited if asynchronous else self.driver, url)
        return super().open_store(own, model, asynchronous=asynchronous, **options)

    def drop_table(self, table: str) -> None:
        engine = _engine(_by(self.driver, self.address))
        sa.Table(table, sa.MetaData()).drop(engine, checkfirst=True)


def _by(driver: str, url: str) -> str:
    return url.replace("://", f"+{driver}://", 1)


@functools.cache
def _engine(url: str) -> sa.Engine:
    return sa.create_engine(url, isolation_level="AUTOCOMMIT")


_TYPED = "a column has the type of its field"


class Postgresql(Database):
    lacks: ClassVar[Mapping[str, str]] = {"any_type": _TYPED, "nul": "PostgreSQL's texts can't hold NUL"}
    driver = awaited = "psycopg"

    @pytest.fixture
    def server(self, postgresql_address: str) -> str:
        return postgresql_address


class Asyncpg(OnAsyncioAlone, Postgresql):
    awaited = "asyncpg"


class Mariadb(Database):
    lacks: ClassVar[Mapping[str, str]] = {
        "any_type": _TYPED,
        "wide_decimals": "a DECIMAL has 65 digits, 27 of them behind the point",
    }
    broken: ClassVar[Mapping[str, str]] = {
        "test_one_repository_serves_one_event_loop_after_another[async]":
            "aiomysql fails where a connection is collected after its loop was closed",
    }  # fmt: skip
    driver, awaited = "pymysql", "aiomysql"

    @pytest.fixture
    def server(self, mariadb_address: str) -> str:
        return mariadb_address


_CLUSTER = "arn:aws:rds:eu-west-1:123456789012:cluster:shop"
_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop"


class AuroraPostgresql(Postgresql):
    """The Data API over PostgreSQL."""

    database, dialect = "postgres", "postgresql"

    @pytest.fixture
    def api(self, postgresql_api: str) -> str:
        return postgresql_api

    @pytest.fixture
    def store_url(self, server: str, api: str) -> Callable[[str], str]:
        self.address = server
        options = f"secret={_SECRET}&dialect={self.dialect}&endpoint={api}&read_timeout=60"
        return lambda table: f"rds-data://{_CLUSTER}/{self.database}?{options}&table={table}"

    def open_store(self, url: str, model: Any, *, asynchronous: bool, **options: Any) -> Any:
        return RecordKit.open_store(self, url, model, asynchronous=asynchronous, **options)


class AuroraMysql(AuroraPostgresql):
    """The Data API over MariaDB."""

    lacks: ClassVar[Mapping[str, str]] = Mariadb.lacks
    database, dialect = "test", "mysql"
    driver = "pymysql"

    @pytest.fixture
    def server(self, mariadb_address: str) -> str:
        return mariadb_address

    @pytest.fixture
    def api(self, mariadb_api: str) -> str:
        return mariadb_api


class OwnMysql(Mariadb):
    @pytest.fixture
    def server(self, own_mysql_address: str) -> str:
        return own_mysql_address


_INDEXES = "DynamoDB reads global indexes eventually consistent only"


@functools.cache
def _client(endpoint: str) -> Any:
    return boto3.client("dynamodb", region_name="us-east-1", endpoint_url=endpoint)


class DynamoDB(RecordKit):
    """A server; a subclass gives its address by the fixture `server`."""

    lacks: ClassVar[Mapping[str, str]] = {"consistent_index_reads": _INDEXES}
    client = "lean"
    endpoint = ""

    @pytest.fixture
    def store_url(self, server: str) -> Callable[[str], str]:
        self.endpoint = server
        # A busy machine is no fault of the server.
        options = f"region=us-east-1&endpoint={server}&read_timeout=30&client={self.client}"
        return lambda table: f"dynamodb://{table}?{options}"

    def drop_table(self, table: str) -> None:
        client = _client(self.endpoint)
        with contextlib.suppress(client.exceptions.ResourceNotFoundException):
            client.delete_table(TableName=table)


_EMPTY = "dynalite's attribute_type is false of '' and false"


class Dynalite(DynamoDB):
    lacks: ClassVar[Mapping[str, str]] = {
        "transactions": "dynalite has no TransactWriteItems",
        "idempotency_tokens": "dynalite has no TransactWriteItems",
        "unique": "unique fields are written in transactions, which dynalite has not",
        "consistent_index_reads": _INDEXES,
    }
    broken: ClassVar[Mapping[str, str]] = {
        "test_a_sum_of_more_than_38_digits_is_refused": "dynalite stores a sum of 39 digits",
        "test_an_empty_value_is_replaced_by_a_large_one": _EMPTY,
        "test_empty_and_false_values_are_values_like_any_other": _EMPTY,
        "test_strings_beyond_the_basic_plane_come_after_all_others": "dynalite's filters order by UTF-16 units",
    }

    @pytest.fixture
    def server(self, dynalite_endpoint: str) -> str:
        return dynalite_endpoint


_ROUNDS = "ministack rounds sums to 28 digits"
_BEGINS = "ministack refuses begins_with where an item holds a value of another type"
_FILTERS = "test_a_filter_gives_exactly_the_records_it_is_true_of"
_WRITES = "test_a_write_goes_through_exactly_where_its_condition_is_true"
_MISFITS = "test_a_change_that_does_not_fit_what_is_stored_is_refused_and_nothing_changes"


class Ministack(DynamoDB):
    broken: ClassVar[Mapping[str, str]] = {
        "test_a_change[add to 38 digits]": _ROUNDS,
        "test_a_change[add a small one]": _ROUNDS,
        "test_a_sum_of_more_than_38_digits_is_refused": _ROUNDS,
        f"{_MISFITS}[append]": "ministack makes a list of a string that is appended to",
        f"{_MISFITS}[prepend]": "ministack makes a list of a string that is prepended to",
        "test_empty_and_false_values_are_values_like_any_other": _BEGINS,
        "test_the_table_holds_at_the_top_level_too": _BEGINS,
        **{f"{test}[{case}]": _BEGINS for test in (_FILTERS, _WRITES)
           for case in ("startswith", "startswith bytes", "not startswith")},
    }  # fmt: skip

    @pytest.fixture
    def server(self, ministack_endpoint: str) -> str:
        return ministack_endpoint


class DynaliteBoto3(Dynalite):
    client = "boto3"


class MinistackBoto3(Ministack):
    """Asynchronous by aioboto3 alone, where it is installed: boto3 in threads is proved on dynalite."""

    client = "boto3"

    @pytest.fixture(params=["sync", *(["async"] if find_spec("aioboto3") else [])])
    def stores(self, request: pytest.FixtureRequest, store_url: Callable[[str], str]) -> Iterator[Stores]:
        stores = Stores(self, store_url, asynchronous=request.param == "async")
        try:
            yield stores
        finally:
            stores.close()


class Own(DynamoDB):
    # A developer's own settings may be such that only boto3 understands them.
    client = "auto"

    @pytest.fixture
    def server(self, own_endpoint: str) -> str:
        return own_endpoint


class Blocking(RecordKit):
    """Not on asyncio, but where a test is for that alone."""

    @pytest.fixture(params=["sync"])
    def stores(self, request: pytest.FixtureRequest, store_url: Callable[[str], str]) -> Iterator[Stores]:
        yield from _opened(self, store_url, asynchronous=request.param == "async")


class Awaited(Blocking):
    """On asyncio alone, but where a test is for the other kind."""

    @pytest.fixture(params=["async"])
    def stores(self, request: pytest.FixtureRequest, store_url: Callable[[str], str]) -> Iterator[Stores]:
        yield from _opened(self, store_url, asynchronous=request.param == "async")
