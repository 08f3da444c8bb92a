"""The kit on MariaDB, over a connection."""

from __future__ import annotations

from holdall.testing import RecordConformance
from tests.conformance.backends import Mariadb


class TestMariadb(Mariadb, RecordConformance):
    pass
