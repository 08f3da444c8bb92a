"""What MySQL 8 has of its own, on compiled statements: the servers of the tests are MariaDB's."""

from __future__ import annotations

import pytest
from sqlalchemy.dialects.mysql import pymysql
from sqlalchemy.schema import CreateTable

from holdall._model.schema import Model
from holdall_adapters._sql.mysql import Mysql, statements
from holdall_adapters._sql.tables import MappedTable
from tests.sqlite.models import Kinds, Order


def table_of(model: type, *, mariadb: bool) -> MappedTable:
    dialect = pymysql.dialect(paramstyle="format")
    dialect.is_mariadb = mariadb  # type: ignore[misc]  # as a connection tells it
    dialect.server_version_info = (11, 4) if mariadb else (8, 4, 0)  # type: ignore[assignment]  # likewise
    dialect._requires_alias_for_on_duplicate_key = not mariadb
    return MappedTable(Model(model), "t", Mysql(dialect))


@pytest.mark.parametrize(("mariadb", "collation"), [(False, "utf8mb4_0900_bin"), (True, "utf8mb4_nopad_bin")])
def test_texts_have_the_collation_by_code_point_that_the_server_knows(mariadb: bool, collation: str) -> None:
    table = table_of(Order, mariadb=mariadb)
    ddl = str(CreateTable(table.table).compile(dialect=table.flavor.dialect))
    assert f"customer VARCHAR(512) CHARACTER SET utf8mb4 COLLATE {collation} NOT NULL" in ddl
    assert f"id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE {collation} NOT NULL" in ddl
    assert f"revision LONGTEXT CHARACTER SET utf8mb4 COLLATE {collation}" in ddl


def test_an_upsert_names_the_new_row_as_each_server_does() -> None:
    mysql, mariadb = (table_of(Order, mariadb=mariadb).statements.put().text for mariadb in (False, True))
    assert " AS new ON DUPLICATE KEY UPDATE" in mysql
    assert "VALUES(status)" not in mysql
    assert " AS new " not in mariadb
    assert "VALUES(status)" in mariadb


def test_no_statement_asks_mysql_to_return_rows() -> None:
    of = table_of(Order, mariadb=False).statements
    assert not any("RETURNING" in one.text for one in (of.put(), of.insert(), of.update(("status",)), of.delete()))


def test_a_bound_is_told_in_the_servers_own_words() -> None:
    mysql, mariadb = (table_of(Order, mariadb=mariadb).flavor for mariadb in (False, True))
    assert "max_execution_time" in statements.limit(mysql).text
    assert "max_statement_time" in statements.limit(mariadb).text


def test_values_that_have_a_type_of_their_own_get_it() -> None:
    table = table_of(Kinds, mariadb=False)
    ddl = str(CreateTable(table.table).compile(dialect=table.flavor.dialect))
    for declared in ("instant DATETIME(6)", "clock TIME(6)", "day DATE", "exact DECIMAL(65, 27)", "nested JSON",
                     "data LONGBLOB", "uuid CHAR(36) CHARACTER SET ascii COLLATE ascii_bin"):  # fmt: skip
        assert declared in ddl
