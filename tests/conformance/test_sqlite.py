"""The kit on SQLite: in files, and in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from holdall.testing import RecordConformance

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class TestSqliteFile(RecordConformance):
    @pytest.fixture
    def store_url(self, tmp_path: Path) -> Callable[[str], str]:
        return lambda table: f"sqlite:///{tmp_path}/kit.db?table={table}&create=false"
