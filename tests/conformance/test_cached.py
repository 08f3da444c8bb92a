"""The kit on every store with a cache in front: it changes no result."""

from __future__ import annotations

from holdall.testing import RecordConformance
from tests.conformance.backends import Memory
from tests.conformance.caches import InProcess, InValkey, Replacing


class TestMemoryInProcess(InProcess, Memory, RecordConformance):
    pass


class TestMemoryInValkey(InValkey, Memory, RecordConformance):
    pass


class TestMemoryReplacing(Replacing, InProcess, Memory, RecordConformance):
    pass
