"""Random programs on the oracle and on every backend, sync and async."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from holdall.testing.differential import ProgramConformance

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class TestMemory(ProgramConformance):
    examples = 150

    @pytest.fixture
    def store_url(self) -> Callable[[str], str]:
        store = secrets.token_hex(8)
        return lambda table: f"memory://{store}?table={table}"
