"""The kit on DynamoDB's servers; every request passes the strict validator (see `tests/conftest.py`)."""

from __future__ import annotations

from holdall.testing import RecordConformance
from tests.conformance.backends import Dynalite, Ministack, Own
from tests.conftest import OWN


class TestDynalite(Dynalite, RecordConformance):
    pass


class TestMinistack(Ministack, RecordConformance):
    pass


if OWN is not None:

    class TestOwn(Own, RecordConformance):
        pass
