"""Every error of SQLAlchemy and sqlite3 has its place in the tree."""

from __future__ import annotations

import inspect
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

import holdall
from holdall import F
from holdall.errors import HoldallError
from holdall_adapters._sql.session import Missing
from holdall_adapters.sqlite import errors as table
from holdall_adapters.sqlite.errors import original, translate

from .models import Kinds, Order, Plain, order

if TYPE_CHECKING:
    from pathlib import Path


def _errors(module: Any, *bases: type[BaseException]) -> list[type[BaseException]]:
    return [cls for cls in vars(module).values() if inspect.isclass(cls) and issubclass(cls, bases)]


NATIVE = _errors(sqlite3, sqlite3.Error, sqlite3.Warning)
WRAPPING = _errors(exc, exc.SQLAlchemyError)


@pytest.mark.parametrize("cls", NATIVE)
def test_each_class_of_sqlite3_is_in_the_table(cls: type[BaseException]) -> None:
    assert cls in table._BY_CLASS  # pyright: ignore[reportPrivateUsage]  # the table under test
    assert isinstance(translate(cls("nothing that is known")), HoldallError)


@pytest.mark.parametrize("cls", WRAPPING)
def test_each_class_of_sqlalchemy_is_in_the_table(cls: type[BaseException]) -> None:
    assert isinstance(cls.__new__(cls), table.HANDLED)
    assert isinstance(translate(cls.__new__(cls)), HoldallError)


def test_what_sqlalchemy_wraps_is_judged_by_the_database_s_own_error() -> None:
    native = sqlite3.OperationalError("database is locked")
    wrapped = exc.OperationalError("SELECT", {}, native)
    assert original(wrapped) is native
    assert isinstance(translate(wrapped), holdall.Throttled)


# The texts of sqlite3_errstr() and of the parser that a program can meet.
TEXTS = {
    "no such table: main.orders": Missing,
    "no such column: orders.total": Missing,
    "table orders has no column named total": Missing,
    "database is locked": holdall.Throttled,
    "database table is locked: orders": holdall.Throttled,
    "database schema is locked: main": holdall.Throttled,
    "locking protocol": holdall.Throttled,
    "interrupted": holdall.Timeout,
    "unable to open database file": holdall.ConfigError,
    "attempt to write a readonly database": holdall.AccessDenied,
    "access permission denied": holdall.AccessDenied,
    "authorization denied": holdall.AccessDenied,
    "not authorized to use function: holdall_test": holdall.AccessDenied,
    "file is not a database": holdall.ConfigError,
    "database disk image is malformed": holdall.ConfigError,
    "malformed database schema (orders)": holdall.ConfigError,
    "database or disk is full": holdall.Unavailable,
    "disk I/O error": holdall.Unavailable,
    "out of memory": holdall.Unavailable,
    "string or blob too big": holdall.TooLarge,
    "too many SQL variables": holdall.TooLarge,
    "Expression tree is too large (maximum depth 1000)": holdall.TooLarge,
    "user-defined function raised exception": holdall.CorruptRecord,
    "Could not decode to UTF-8 column 'text' with text '\ufffd'": holdall.CorruptRecord,
    "ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint": holdall.ConfigError,
    "table orders already exists": holdall.ConfigError,
    "there is already an index named orders": holdall.ConfigError,
    "object name reserved for internal use: sqlite_orders": holdall.ConfigError,
    "too many columns on orders": holdall.ConfigError,
    "NOT NULL constraint failed: orders.note": holdall.InvalidArgument,
    "CHECK constraint failed: total": holdall.InvalidArgument,
    "FOREIGN KEY constraint failed": holdall.InvalidArgument,
}


@pytest.mark.parametrize("text", TEXTS)
def test_each_situation_has_its_class(text: str) -> None:
    assert type(translate(sqlite3.OperationalError(text))) is TEXTS[text]


def test_a_missing_directory_is_named_as_the_thing_to_mend(tmp_path: Path) -> None:
    with (
        holdall.open_repository(f"sqlite:///{tmp_path}/none/shop.db", Plain) as plains,
        pytest.raises(holdall.ConfigError, match="check that its directory exists") as caught,
    ):
        plains.get("a")
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
    assert (caught.value.backend, caught.value.operation) == ("sqlite", "get")


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("no database " * 100)
    with (
        holdall.open_repository(f"sqlite:///{path}", Plain) as plains,
        pytest.raises(holdall.ConfigError, match="no SQLite database"),
    ):
        plains.get("a")


def test_a_database_that_can_only_be_read_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with holdall.open_repository(f"sqlite:///{path}", Plain) as plains:
        plains.put(Plain("a", 1))
    engine = sa.create_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
    with holdall.open_repository("sqlite://", Plain, client=engine) as plains:
        assert plains.get("a") == Plain("a", 1)
        with pytest.raises(holdall.AccessDenied, match="allow the process to write the file"):
            plains.put(Plain("a", 2))
    engine.dispose()


def test_a_constraint_that_the_model_does_not_know_is_named(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE plain (id TEXT PRIMARY KEY, value INT CONSTRAINT small CHECK (value < 10))")
    with holdall.open_repository(f"sqlite:///{path}", Plain) as plains:
        with pytest.raises(holdall.InvalidArgument, match="small"):
            plains.put(Plain("a", 77))
        with pytest.raises(holdall.BatchError) as caught:
            plains.put_many([Plain("a", 1), Plain("b", 77), Plain("c", 2)])
        assert [failure.index for failure in caught.value.failures] == [1]
        assert [one.id for one in plains.scan()] == ["a", "c"]


def test_a_document_that_is_none_is_corrupt_in_a_filter_too(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with holdall.open_repository(f"sqlite:///{path}", Order) as orders:
        orders.put(order())
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("""UPDATE "order" SET tags = 'nonsense'""")
        with pytest.raises(holdall.CorruptRecord):
            orders.scan(F.tags.contains("x")).all()


def test_a_text_that_is_not_utf_8_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE plain (id TEXT PRIMARY KEY, value INT)")
        connection.execute("INSERT INTO plain VALUES (CAST(x'61ff' AS TEXT), 1)")
    with holdall.open_repository(f"sqlite:///{path}", Plain) as plains, pytest.raises(holdall.CorruptRecord):
        plains.scan().all()


def test_values_are_not_shown_by_errors_nor_by_their_causes(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE plain (id TEXT PRIMARY KEY, value INT CHECK (value < 10))")
    engine = sa.create_engine(f"sqlite:///{path}")
    with (
        holdall.open_repository("sqlite://", Plain, client=engine) as plains,
        pytest.raises(holdall.InvalidArgument) as caught,
    ):
        plains.put(Plain("secret", 7777))
    engine.dispose()
    shown = [str(caught.value), repr(caught.value.__cause__)]
    assert not any("secret" in text or "7777" in text for text in shown)


@pytest.mark.parametrize("error", [OverflowError("int too large"), UnicodeEncodeError("utf-8", "\udc00", 0, 1, "x")])
def test_what_python_can_not_hand_to_sqlite_is_an_argument(error: Exception) -> None:
    assert isinstance(translate(error), holdall.InvalidArgument)


def test_a_lock_that_is_never_given_up_is_throttled_after_the_timeout(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    retry = holdall.RetryPolicy(attempts=2, first_wait=0.001)
    with holdall.open_repository(f"sqlite:///{path}?timeout=0.05", Plain, retry=retry) as plains:
        plains.put(Plain("a", 1))
        with closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(holdall.Throttled) as caught:
                plains.put(Plain("a", 2))
            assert caught.value.retry == "exhausted"
            assert plains.get("a") == Plain("a", 1)
            other.rollback()
        plains.put(Plain("a", 3))


def test_a_lock_that_is_given_up_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with holdall.open_repository(f"sqlite:///{path}", Plain) as plains:
        plains.put(Plain("a", 1))
        other = sqlite3.connect(path, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE plain SET value = 10")
        timer = threading.Timer(0.2, other.commit)
        timer.start()
        assert plains.update("a", F.value.add(1)).value == 11
        timer.join()
        other.close()


def test_a_deadline_is_kept_while_waiting_for_a_lock(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with holdall.open_repository(f"sqlite:///{path}?timeout=30", Plain) as plains:
        plains.put(Plain("a", 1))
        with closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(holdall.Timeout), holdall.deadline(0.3):
                plains.put(Plain("a", 2))


def test_a_deadline_is_kept_while_the_database_is_at_work(tmp_path: Path) -> None:
    with holdall.open_repository(f"sqlite:///{tmp_path}/shop.db", Kinds) as kinds:
        kinds.provision()
        native = kinds.native
        many = sa.text(
            "INSERT INTO kinds (id, nested) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000)"
            " SELECT i, '{\"a\":[1,2,3]}' FROM n"
        )
        with native.engine.begin() as connection:
            connection.execute(many)
        with pytest.raises(holdall.Timeout), holdall.deadline(0.05):
            kinds.scan(F.nested.b == 1).all()
        assert kinds.count() == 20000


