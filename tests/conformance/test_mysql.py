"""The kit on MariaDB, over a connection, and on the user's own MySQL."""

from __future__ import annotations

from holdall.testing import RecordConformance
from tests.conformance.backends import Mariadb, OwnMysql
from tests.conftest import OWN_MYSQL


class TestMariadb(Mariadb, RecordConformance):
    pass


if OWN_MYSQL is not None:

    class TestOwnMysql(OwnMysql, RecordConformance):
        pass
