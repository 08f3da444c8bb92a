"""Random programs on the oracle and on every backend, sync and async."""

from __future__ import annotations

from holdall.testing.differential import ProgramConformance
from tests.conformance.backends import (
    Asyncpg,
    AuroraMysql,
    AuroraPostgresql,
    Dynalite,
    DynaliteBoto3,
    Mariadb,
    Memory,
    Ministack,
    MinistackBoto3,
    Own,
    Postgresql,
    SqliteFile,
    SqliteMemory,
)
from tests.conftest import OWN


class TestMemory(Memory, ProgramConformance):
    examples = 60


class TestSqliteFile(SqliteFile, ProgramConformance):
    examples = 10


class TestSqliteMemory(SqliteMemory, ProgramConformance):
    examples = 30


class TestPostgresql(Postgresql, ProgramConformance):
    examples = 20


class TestAsyncpg(Asyncpg, ProgramConformance):
    examples = 10


class TestMariadb(Mariadb, ProgramConformance):
    examples = 20


class TestAuroraPostgresql(AuroraPostgresql, ProgramConformance):
    examples = 15


class TestAuroraMysql(AuroraMysql, ProgramConformance):
    examples = 15


class TestDynalite(Dynalite, ProgramConformance):
    examples = 20


class TestMinistack(Ministack, ProgramConformance):
    examples = 15


class TestDynaliteBoto3(DynaliteBoto3, ProgramConformance):
    examples = 10


class TestMinistackBoto3(MinistackBoto3, ProgramConformance):
    examples = 8


if OWN is not None:

    class TestOwn(Own, ProgramConformance):
        examples = 20
