"""The kit on SQLite: in files, and in memory."""

from __future__ import annotations

from holdall.testing import RecordConformance
from tests.conformance.backends import Aiosqlite, SqliteFile, SqliteMemory


class TestSqliteFile(SqliteFile, RecordConformance):
    pass


class TestAiosqlite(Aiosqlite, RecordConformance):
    pass


class TestSqliteMemory(SqliteMemory, RecordConformance):
    pass
