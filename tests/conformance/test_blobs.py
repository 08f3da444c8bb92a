"""The kit of blobs on every store."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, ClassVar

import pytest

from holdall.testing import BlobConformance

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


_THERE = "a store in memory is always there"
_PRIVATE = "no other program can reach it by HTTP"
_UNASKED = "the store keeps no versions unless it is asked to"


class TestMemory(BlobConformance):
    lacks: ClassVar[Mapping[str, str]] = {"missing_stores": _THERE, "versions": _UNASKED, "presigned": _PRIVATE}

    @pytest.fixture
    def store_url(self) -> str:
        return f"memory://{secrets.token_hex(8)}"


class TestMemoryWithVersions(BlobConformance):
    lacks: ClassVar[Mapping[str, str]] = {"missing_stores": _THERE, "presigned": _PRIVATE}

    @pytest.fixture
    def store_url(self) -> str:
        return f"memory://{secrets.token_hex(8)}?versions=true"


class TestFiles(BlobConformance):
    lacks: ClassVar[Mapping[str, str]] = {
        "nested_keys": "a folder can't have a file and a folder of one name",
        "versions": "a folder keeps none",
        "presigned": _PRIVATE,
    }

    @pytest.fixture
    def store_url(self, tmp_path: Path) -> str:
        return f"file://{tmp_path}/kit?create=false&fsync=false"
