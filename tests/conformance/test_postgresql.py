"""The kit on PostgreSQL, over a connection."""

from __future__ import annotations

from holdall.testing import RecordConformance
from tests.conformance.backends import Postgresql


class TestPostgresql(Postgresql, RecordConformance):
    pass
