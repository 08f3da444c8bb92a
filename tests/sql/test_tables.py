"""Tables of a server: ordinary ones, whose columns have the types of their fields."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

import holdall
from holdall import F, Key, Partition, Schema, Sort
from tests.sqlite.models import Kinds, Order, Plain, order

if TYPE_CHECKING:
    from .conftest import Base


def test_a_missing_table_is_a_missing_resource_until_it_is_made(base: Base) -> None:
    orders = base.open(Order, provision=False)
    for verb in (lambda: orders.get(("c", "x")), lambda: orders.put(order()), lambda: orders.scan().all()):
        with pytest.raises(holdall.ResourceMissing, match=r"call provision\(\)"):
            verb()
    orders.provision()
    assert orders.create(order()) == orders.get(("c", "o-001"))
    orders.provision()
    assert orders.count() == 1


def test_a_table_that_is_dropped_is_missing_again(base: Base) -> None:
    orders = base.open(Order)
    orders.put(order())
    base.run("DROP TABLE TABLE_")
    with pytest.raises(holdall.ResourceMissing):
        orders.get(("c", "o-001"))


TYPES = {
    "postgresql": {
        "text": "text", "number": "double precision", "exact": "numeric", "flag": "boolean", "data": "bytea",
        "instant": "timestamp with time zone", "day": "date", "clock": "time without time zone", "length": "bigint",
        "uuid": "uuid", "nested": "jsonb",
    },
    "mysql": {
        "text": "longtext", "number": "double", "exact": "decimal", "flag": "tinyint", "data": "longblob",
        "instant": "datetime", "day": "date", "clock": "time", "length": "bigint", "uuid": "char", "nested": "longtext",
    },
}  # fmt: skip


def test_each_field_is_a_column_of_its_own_type(base: Base) -> None:
    base.open(Kinds)
    rows = base.run("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = :t", t=base.table)
    found = {name: kind for name, kind in rows if name in TYPES[base.engine.dialect.name]}
    assert found == TYPES[base.engine.dialect.name]


def test_other_programs_see_plain_values(base: Base) -> None:
    orders = base.open(Order)
    orders.put(order(total=Decimal("12.50"), expires=dt.datetime(2100, 1, 1, tzinfo=dt.timezone.utc)))
    ((total, status),) = base.run("SELECT total, status FROM TABLE_")
    assert (total, status) == (Decimal("12.5"), "new")


def test_the_table_of_native_is_the_one_that_was_made(base: Base) -> None:
    orders = base.open(Order)
    there = sa.inspect(base.engine).get_columns(base.table)
    assert {column["name"] for column in there} == {column.name for column in orders.native.table.columns}
    with orders.native.engine.connect() as connection:
        assert connection.execute(sa.select(orders.native.table)).all() == []


@dataclass
class Person:
    name: Key[str]
    born: dt.date
    shoe: int | None = None


def test_a_table_of_others_is_used_under_its_own_names(base: Base) -> None:
    collate = "COLLATE utf8mb4_nopad_bin" if base.is_mysql else ""
    charset = "CHARACTER SET utf8mb4" if base.is_mysql else ""
    base.run(f"CREATE TABLE TABLE_ (full_name varchar(80) {charset} {collate} PRIMARY KEY, birthday date NOT NULL, "
             f"shoe_size int, note varchar(80) {charset} {collate} DEFAULT 'kept')")
    names = {"name": "full_name", "born": "birthday", "shoe": "shoe_size"}
    people = base.open(Schema(Person, names=names), provision=False)
    people.create(Person("Ada", dt.date(1815, 12, 10)))
    people.update("Ada", F.shoe.set(38))
    assert people.get("Ada") == Person("Ada", dt.date(1815, 12, 10), 38)
    assert base.run("SELECT note FROM TABLE_") == [("kept",)]
    with pytest.raises(holdall.HoldallError) as caught:
        people.put(Person("Bob", dt.date(1815, 12, 10), 1 << 40))
    assert isinstance(caught.value, holdall.TooLarge)
    assert people.count() == 1


UNFIT = {
    "rounded decimals": "exact numeric(10, 2)",
    "no microseconds": "instant timestamp(0)",
    "text for a number": "number varchar(20)",
    "single precision": "number {real}",
}


@dataclass
class Loose:
    id: Key[int]
    exact: Decimal | None = None
    instant: dt.datetime | None = None
    number: float | None = None


@pytest.mark.parametrize("column", UNFIT.values(), ids=UNFIT)
def test_a_column_that_would_change_values_is_refused_at_the_first_use(base: Base, column: str) -> None:
    base.run(f"CREATE TABLE TABLE_ (id bigint PRIMARY KEY, {column.format(real='float' if base.is_mysql else 'real')})")
    loose = base.open(Loose, provision=False)
    with pytest.raises(holdall.ConfigError, match=f"column '{column.split(maxsplit=1)[0]}'.*make it"):
        loose.get(1)
    with pytest.raises(holdall.ConfigError):
        loose.provision()


def test_a_key_of_another_table_is_refused(base: Base) -> None:
    base.run("CREATE TABLE TABLE_ (id bigint PRIMARY KEY, value bigint)")
    with pytest.raises(holdall.ConfigError, match="primary key"):
        base.open(Schema(dict, fields={"id": int, "value": int}, partition="value", table=base.table), provision=False
                  ).get(1)


def test_texts_that_ignore_case_are_refused(base: Base) -> None:
    if not base.is_mysql:
        pytest.skip("PostgreSQL compares texts as they are asked to be compared")
    base.run("CREATE TABLE TABLE_ (id varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci PRIMARY KEY, "
             "value bigint)")
    with pytest.raises(holdall.ConfigError, match="utf8mb4_general_ci; every store compares them by code point"):
        base.open(Plain, provision=False).get("a")


@dataclass
class Pair:
    customer: Partition[str]
    id: Sort[str]


def test_texts_are_ordered_by_code_point_whatever_the_collation_of_the_column(base: Base, sent: list[str]) -> None:
    if base.is_mysql:
        pytest.skip("such a table is refused")
    base.run("CREATE TABLE TABLE_ (customer text, id text, PRIMARY KEY (customer, id))")
    pairs = base.open(Pair, provision=False)
    for name in ("a", "B", "Ä", "b"):
        pairs.put(Pair("c", name))
    assert [one.id for one in pairs.query(F.customer == "c")] == ["B", "a", "b", "Ä"]
    assert [one.id for one in pairs.query(F.customer == "c", F.id > "a")] == ["b", "Ä"]
    # The server of the tests knows no other order: what it is told to do is looked at instead.
    assert '.id COLLATE "C") > %s' in sent[-1]
    assert "ORDER BY" in sent[-1]
    assert sent[-1].partition("ORDER BY")[2].count('COLLATE "C"') == 2


def test_a_unique_index_that_the_model_does_not_know_is_never_overwritten(base: Base) -> None:
    plains = base.open(Plain)
    base.run("CREATE UNIQUE INDEX ux ON TABLE_ (value)")
    plains.put(Plain("a", 1))
    with pytest.raises(holdall.InvalidArgument, match="a constraint of the table"):
        plains.put(Plain("b", 1))
    with pytest.raises(holdall.BatchError):
        plains.put_many([Plain("c", 2), Plain("d", 1)])
    assert sorted((one.id, one.value) for one in plains.scan()) == [("a", 1), ("c", 2)]


def test_an_index_name_that_is_too_long_is_cut_and_stays_its_own(base: Base) -> None:
    long = "f" * 60
    fields: dict[str, Any] = {"id": str, **{f"{long}{number}": str for number in range(2)}}
    indexes = {f"by_{name}": holdall.Index(name) for name in list(fields)[1:]}
    repository = base.open(Schema(dict, fields=fields, partition="id", indexes=indexes, table=base.table))
    repository.provision()
    assert len(sa.inspect(base.engine).get_indexes(base.table)) == 2


def test_a_number_that_a_decimal_of_mysql_can_not_hold_is_refused(base: Base) -> None:
    loose = base.open(Loose)
    value = Loose(1, exact=Decimal("1E-30"))
    if base.is_mysql:
        with pytest.raises(holdall.InvalidArgument, match="exact: the column takes 38 digits before the point"):
            loose.put(value)
    else:
        assert loose.put(value) == loose.get(1)


def test_many_who_provision_at_once_all_succeed(base: Base) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def provision(number: int) -> int:
        url = base.url.replace(f"table={base.table}", f"table={base.table}_{number % 3}&timeout={20 + number}")
        with holdall.open_repository(url, Plain) as plains:
            plains.provision()
            return plains.put_many([Plain(f"p-{number}", number)])

    with ThreadPoolExecutor(8) as pool:
        for _ in range(4):
            assert sum(pool.map(provision, range(8))) == 8
            for name in (*(f"{base.table}_{number}" for number in range(3)), "holdall_transactions"):
                sa.Table(name, sa.MetaData()).drop(base.engine)
