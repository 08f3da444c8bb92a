"""The kit on DynamoDB's servers; every request passes the strict validator (see `tests/conftest.py`)."""

from __future__ import annotations

from holdall.testing import RecordConformance
from tests.conformance.backends import Awaited, Blocking, Dynalite, DynaliteBoto3, Ministack, MinistackBoto3, Own
from tests.conftest import OWN


class TestDynalite(Dynalite, RecordConformance):
    pass


class TestMinistack(Ministack, RecordConformance):
    pass


# The lean client has both shells on both servers. Of boto3's it is the client alone that differs, which has each once.
class TestDynaliteBoto3(Blocking, DynaliteBoto3, RecordConformance):
    pass


class TestMinistackBoto3(Awaited, MinistackBoto3, RecordConformance):
    pass


if OWN is not None:

    class TestOwn(Own, RecordConformance):
        pass
