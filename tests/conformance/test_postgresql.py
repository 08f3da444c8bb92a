"""The kit on PostgreSQL, over a connection."""

from __future__ import annotations

from holdall.testing import RecordConformance
from tests.conformance.backends import Asyncpg, Postgresql


class TestPostgresql(Postgresql, RecordConformance):
    pass


class TestAsyncpg(Asyncpg, RecordConformance):
    pass
