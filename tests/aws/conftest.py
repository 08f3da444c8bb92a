"""The developer's own settings of AWS, which might lead to boto3, are kept from these tests."""

from __future__ import annotations

import pytest

from tests.conftest import use_safe_settings


@pytest.fixture(autouse=True)
def safe_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    use_safe_settings(monkeypatch)
