"""The kit on the memory store."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from holdall.testing import RecordConformance

if TYPE_CHECKING:
    from collections.abc import Callable


class TestMemory(RecordConformance):
    lacks = {
        "missing_tables": "a table in memory is always there",
        "processes": "the store is in the memory of one process",
    }

    @pytest.fixture
    def store_url(self) -> Callable[[str], str]:
        store = secrets.token_hex(8)
        return lambda table: f"memory://{store}?table={table}"
