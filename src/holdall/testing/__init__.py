"""
The kit for adapter authors: behaviour that every backend must show, as tests to subclass.

    pytest_plugins = ["holdall.testing.plugin"]     in conftest.py

    class TestMine(RecordConformance):
        lacks = {"transactions": "the store has none"}

        @pytest.fixture
        def store_url(self, tmp_path):
            return lambda table: f"mine:///{tmp_path}/store?table={table}"

Needs the extra `testing` (pytest and hypothesis), which only the names below import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .blobs import BlobConformance as BlobConformance
    from .caches import CacheConformance as CacheConformance
    from .config import ConfigConformance as ConfigConformance
    from .faults import FaultyDriver as FaultyDriver
    from .faults import inject as inject
    from .records import RecordConformance as RecordConformance
    from .stores import Stores as Stores

__all__ = [
    "BlobConformance",
    "CacheConformance",
    "ConfigConformance",
    "FaultyDriver",
    "RecordConformance",
    "Stores",
    "inject",
]

_HOMES = {
    "BlobConformance": "blobs", "CacheConformance": "caches", "ConfigConformance": "config", "FaultyDriver": "faults",
    "inject": "faults", "RecordConformance": "records", "Stores": "stores",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    # Late, so that the request validator beside the kit can be used where pytest is not installed.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    if name.endswith("Conformance"):
        import pytest

        pytest.register_assert_rewrite(f"holdall.testing.{_HOMES[name]}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
