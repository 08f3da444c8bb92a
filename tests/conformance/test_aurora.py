"""The kit on Aurora's Data API, over PostgreSQL and over MariaDB."""

from __future__ import annotations

from holdall.testing import RecordConformance
from tests.conformance.backends import AuroraMysql, AuroraPostgresql


class TestAuroraPostgresql(AuroraPostgresql, RecordConformance):
    pass


class TestAuroraMysql(AuroraMysql, RecordConformance):
    pass
