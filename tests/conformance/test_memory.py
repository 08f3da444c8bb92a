"""The kit on the memory store."""

from __future__ import annotations

from holdall.testing import RecordConformance
from tests.conformance.backends import Memory


class TestMemory(Memory, RecordConformance):
    pass
