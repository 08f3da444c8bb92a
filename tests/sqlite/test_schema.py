"""Tables, columns and indexes: made when they are needed, or asked for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import F, Index, Key, Partition, Schema, Sort, Unique

from .models import Order, Plain, order

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


def run(path: Path, *statements: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return [connection.execute(statement).fetchall() for statement in statements][-1]


def test_opening_touches_no_file(path: Path) -> None:
    holdall.open_repository(f"sqlite:///{path}", Order).close()
    assert not path.exists()


@pytest.mark.parametrize(
    "verb",
    [lambda orders: orders.get(("c", "x")), lambda orders: orders.put(order()), lambda orders: orders.scan().all(),
     lambda orders: orders.put_many([order()]), lambda orders: orders.count()],
    ids=["get", "put", "scan", "put_many", "count"],
)  # fmt: skip
def test_the_first_verb_makes_the_table(path: Path, verb: Callable[[Any], object]) -> None:
    with holdall.open_repository(f"sqlite:///{path}", Order) as orders:
        verb(orders)
    assert run(path, "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'order'") == [("order",)]


def test_a_table_that_was_dropped_is_made_again(path: Path) -> None:
    with holdall.open_repository(f"sqlite:///{path}", Order) as orders:
        orders.put(order())
        run(path, 'DROP TABLE "order"')
        assert orders.get(("c", "o-001")) is None
        orders.put(order())
        assert orders.count() == 1


def test_a_new_field_becomes_a_column_of_the_old_table(path: Path) -> None:
    run(path, "CREATE TABLE plain (id TEXT NOT NULL PRIMARY KEY, note TEXT)", "INSERT INTO plain VALUES ('a', 'mine')")
    with holdall.open_repository(f"sqlite:///{path}", Plain) as plains:
        assert plains.get("a") == Plain("a")
        plains.put(Plain("a", 5))
    assert run(path, "SELECT id, note, value FROM plain") == [("a", "mine", 5)]


def test_a_put_leaves_columns_alone_that_the_model_does_not_know(path: Path) -> None:
    run(path, "CREATE TABLE plain (id TEXT NOT NULL PRIMARY KEY, value INT, note TEXT DEFAULT 'none')")
    with holdall.open_repository(f"sqlite:///{path}", Plain) as plains:
        plains.put(Plain("a", 1))
        run(path, "UPDATE plain SET note = 'mine'")
        plains.put(Plain("a", 2))
        plains.update("a", F.value.add(1))
    assert run(path, "SELECT value, note FROM plain") == [(3, "mine")]


def test_a_new_index_is_made_on_the_old_table(path: Path) -> None:
    @dataclass
    class Indexed:
        id: Key[str]
        value: int = 0

        by_value = Index("value")

    with holdall.open_repository(f"sqlite:///{path}?table=plain", Plain) as plains:
        plains.put(Plain("a", 1))
    with holdall.open_repository(f"sqlite:///{path}?table=plain", Indexed) as indexed:
        assert [one.id for one in indexed.query(F.value == 1)] == ["a"]
    assert run(path, "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL") == [("plain.by_value",)]


def test_an_index_of_another_name_on_the_same_columns_will_do(path: Path) -> None:
    with holdall.open_repository(f"sqlite:///{path}", Order) as orders:
        orders.provision()
    run(path, 'DROP INDEX "order.by_status"', 'CREATE INDEX mine ON "order" (status, total, customer, id)')
    with holdall.open_repository(f"sqlite:///{path}", Order) as orders:
        orders.provision()
    names = {name for (name,) in run(path, "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")}
    assert names == {"mine", "order.unique.code"}


def test_with_create_false_a_missing_table_is_named(path: Path) -> None:
    run(path, "CREATE TABLE other (x)")
    with holdall.open_repository(f"sqlite:///{path}?create=false", Plain) as plains:
        with pytest.raises(holdall.ResourceMissing, match=r"no table 'plain'; call provision\(\), or drop create"):
            plains.put(Plain("a"))
        plains.provision()
        plains.put(Plain("a"))


def test_with_create_false_a_missing_file_is_not_made(path: Path) -> None:
    with (
        holdall.open_repository(f"sqlite:///{path}?create=false", Plain) as plains,
        pytest.raises(holdall.ResourceMissing, match="no database file"),
    ):
        plains.get("a")
    assert not path.exists()


def test_with_create_false_a_missing_column_is_named(path: Path) -> None:
    run(path, "CREATE TABLE plain (id TEXT NOT NULL PRIMARY KEY)")
    with (
        holdall.open_repository(f"sqlite:///{path}?create=false", Plain) as plains,
        pytest.raises(holdall.ResourceMissing, match="'plain' has no column 'value'"),
    ):
        plains.get("a")


def test_with_create_false_a_missing_unique_index_is_refused(path: Path) -> None:
    with holdall.open_repository(f"sqlite:///{path}", Order) as orders:
        orders.provision()
    run(path, 'DROP INDEX "order.unique.code"')
    with (
        holdall.open_repository(f"sqlite:///{path}?create=false", Order) as orders,
        pytest.raises(holdall.ResourceMissing, match="no unique index on 'code'"),
    ):
        orders.put(order())


def test_with_create_false_what_was_dropped_later_is_missing_too(path: Path) -> None:
    with holdall.open_repository(f"sqlite:///{path}?create=false", Plain) as plains:
        plains.provision()
        plains.put(Plain("a"))
        run(path, "DROP TABLE plain")
        with pytest.raises(holdall.ResourceMissing, match="no table 'plain'"):
            plains.get("a")


def test_a_value_held_twice_keeps_a_field_from_becoming_unique(path: Path) -> None:
    @dataclass
    class Single:
        id: Key[str]
        value: Unique[int] = 0

    with holdall.open_repository(f"sqlite:///{path}?table=plain", Plain) as plains:
        plains.put_many([Plain("a", 1), Plain("b", 1)])
    with (
        holdall.open_repository(f"sqlite:///{path}?table=plain", Single) as singles,
        pytest.raises(holdall.ConfigError, match=r"Single\.value can't be made unique: .* holds a value of it twice"),
    ):
        singles.get("a")


@pytest.mark.parametrize("ddl", ["value INT UNIQUE", "value INT, UNIQUE (value)"])
def test_a_unique_constraint_of_the_table_will_do(path: Path, ddl: str) -> None:
    @dataclass
    class Single:
        id: Key[str]
        value: Unique[int] = 0

    run(path, f"CREATE TABLE single (id TEXT NOT NULL PRIMARY KEY, {ddl})")
    with holdall.open_repository(f"sqlite:///{path}?create=false", Single) as singles:
        singles.provision()
        singles.put(Single("a", 1))
        with pytest.raises(holdall.AlreadyExists) as caught:
            singles.put(Single("b", 1))
    assert caught.value.field == "value"


@pytest.mark.parametrize(
    "ddl",
    ["id TEXT, value INT, PRIMARY KEY (id, value)", "id TEXT, value INT"],
    ids=["wider", "none"],
)
def test_a_table_with_another_key_is_refused(path: Path, ddl: str) -> None:
    run(path, f"CREATE TABLE plain ({ddl})")
    with (
        holdall.open_repository(f"sqlite:///{path}", Plain) as plains,
        pytest.raises(holdall.ConfigError, match=r"the key of Plain is \(id\)"),
    ):
        plains.get("a")


@pytest.mark.parametrize("collation", ["NOCASE", "rtrim"])
@pytest.mark.parametrize("ddl", ["id TEXT COLLATE {} PRIMARY KEY", "id TEXT PRIMARY KEY, note TEXT COLLATE {}"])
def test_a_table_that_compares_texts_in_its_own_way_is_refused(path: Path, ddl: str, collation: str) -> None:
    @dataclass
    class Noted:
        id: Key[str]
        note: str = ""

    run(path, f"CREATE TABLE noted ({ddl.format(collation)})")
    with (
        holdall.open_repository(f"sqlite:///{path}", Noted) as noted,
        pytest.raises(holdall.ConfigError, match="compares texts by a COLLATE of its own"),
    ):
        noted.get("a")


def test_a_collation_of_a_column_that_is_not_ours_does_not_matter(path: Path) -> None:
    run(path, "CREATE TABLE plain (id TEXT COLLATE BINARY PRIMARY KEY, value INT, title TEXT COLLATE NOCASE)")
    with holdall.open_repository(f"sqlite:///{path}", Plain) as plains:
        plains.put_many([Plain("a"), Plain("A")])
        assert plains.count() == 2


@pytest.mark.parametrize("ddl", ["id INTEGER PRIMARY KEY", "id INT NOT NULL UNIQUE"])
def test_a_whole_number_may_be_the_key_of_an_old_table(path: Path, ddl: str) -> None:
    @dataclass
    class Numbered:
        id: Key[int]
        value: str = ""

    run(path, f"CREATE TABLE numbered ({ddl}, value TEXT)", "INSERT INTO numbered VALUES (7, 'x')")
    with holdall.open_repository(f"sqlite:///{path}?create=false", Numbered) as numbered:
        numbered.provision()
        numbered.update(7, F.value.set("y"))
        numbered.put(Numbered(8))
        assert [one.id for one in numbered.scan()] == [7, 8]
        assert numbered.require(7).value == "y"


NAMES = ["select", 'a"b', "a b", "a'b", "a.b", "a:b", "a%b", "(x)", "é", "holdall_0", "excluded", "a;--", "[a]", "`a`"]


@pytest.mark.parametrize("name", NAMES)
def test_names_in_the_store_may_be_anything(path: Path, name: str) -> None:
    @dataclass
    class Named:
        part: Partition[str]
        sort: Sort[str]
        value: int = 0
        code: Unique[str | None] = None

        by_value = Index("value", "sort", name=name)

    names = {"part": name, "sort": name + "1", "value": name + "2", "code": name + "3"}
    schema = Schema(Named, names=names, table=name)
    with holdall.open_repository(f"sqlite:///{path}", schema) as repository:
        repository.put_many([Named("p", str(n), n % 2, f"c{n}") for n in range(4)])
        repository.update(("p", "0"), F.value.add(5), when=F.value == 0)
        with pytest.raises(holdall.AlreadyExists):
            repository.put(Named("p", "9", code="c1"))
        repository.delete(("p", "3"))
        first = repository.query(F.part == "p", limit=1).page()
        second = repository.query(F.part == "p", limit=9).page(after=first.token)
        assert [one.value for one in [*first, *second]] == [5, 1, 0]
        assert [one.sort for one in repository.query(F.value == 1, F.code.startswith("c"), order="-sort")] == ["1"]
        with repository.transaction() as tx:
            tx.put(Named("p", "9"))
    assert run(path, "PRAGMA integrity_check") == [("ok",)]


def test_making_the_table_twice_at_once_is_no_error(path: Path) -> None:
    with holdall.open_repository(f"sqlite:///{path}", Order) as one:
        one.provision()
        with holdall.open_repository(f"sqlite:///{path}", Order) as other:
            other.provision()
            one.provision()
            other.put(order())
        assert one.count() == 1


def test_the_side_table_of_transactions_is_made_by_the_first_one(path: Path) -> None:
    with holdall.open_repository(f"sqlite:///{path}", Plain) as plains:
        plains.put(Plain("a"))
        assert run(path, "SELECT name FROM sqlite_master WHERE name LIKE 'holdall%'") == []
        with plains.transaction() as tx:
            tx.put(Plain("b"))
    assert run(path, "SELECT name FROM sqlite_master WHERE name LIKE 'holdall%'") == [("holdall_transactions",)]


def _put_in_a_transaction(plains: holdall.Repository[Plain]) -> None:
    with plains.transaction() as tx:
        tx.put(Plain("b"))


def test_with_create_false_a_transaction_asks_for_its_side_table(path: Path) -> None:
    run(path, "CREATE TABLE plain (id TEXT PRIMARY KEY, value INT)")
    with holdall.open_repository(f"sqlite:///{path}?create=false", Plain) as plains:
        plains.put(Plain("a"))
        with pytest.raises(holdall.ResourceMissing, match=r"holdall_transactions.*provision"):
            _put_in_a_transaction(plains)
        assert not plains.exists("b")
        plains.provision()
        _put_in_a_transaction(plains)
        assert plains.exists("b")


def test_a_name_of_another_case_is_the_same_column(path: Path) -> None:
    run(path, "CREATE TABLE PLAIN (ID TEXT PRIMARY KEY, Value INT)", "CREATE INDEX mine ON plain (VALUE, Id)")
    with holdall.open_repository(f"sqlite:///{path}?create=false", Plain) as plains:
        plains.put(Plain("a", 1))
        assert plains.scan().all() == [Plain("a", 1)]


def test_names_that_differ_only_by_case_are_refused() -> None:
    @dataclass
    class Cased:
        id: Key[str]
        value: int = 0
        Value: int = 0

    with pytest.raises(holdall.ConfigError, match="'value' and 'Value' are one column to the database"):
        holdall.open_repository("sqlite://", Cased)


def test_a_name_that_something_else_has_is_refused(path: Path) -> None:
    run(path, "CREATE TABLE other (x)", "CREATE INDEX plain ON other (x)")
    with (
        holdall.open_repository(f"sqlite:///{path}", Plain) as plains,
        pytest.raises(holdall.ConfigError, match="already an index named plain"),
    ):
        plains.get("a")
