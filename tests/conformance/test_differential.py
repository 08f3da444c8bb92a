"""Random programs on the oracle and on every backend, sync and async."""

from __future__ import annotations

from holdall.testing.differential import ProgramConformance
from tests.conformance.backends import Dynalite, Memory, Ministack, Own, SqliteFile, SqliteMemory
from tests.conftest import OWN


class TestMemory(Memory, ProgramConformance):
    examples = 100


class TestSqliteFile(SqliteFile, ProgramConformance):
    examples = 15


class TestSqliteMemory(SqliteMemory, ProgramConformance):
    examples = 40


class TestDynalite(Dynalite, ProgramConformance):
    examples = 20


class TestMinistack(Ministack, ProgramConformance):
    examples = 20


if OWN is not None:

    class TestOwn(Own, ProgramConformance):
        examples = 20
