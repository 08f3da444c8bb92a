"""What conditions say of keys."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

import holdall
from holdall import F, Key


@dataclass
class Whole:
    id: Key[int]


@dataclass
class Real:
    id: Key[float]


@pytest.mark.parametrize(
    ("model", "stored", "operand"), [(Whole, 2, 2.5), (Real, 0.5, Decimal("0.5000000000000000000000000000000000001"))]
)
def test_a_key_that_no_record_can_have_finds_nothing(model: Any, stored: Any, operand: Any) -> None:
    records = holdall.open_repository("memory://", model)
    records.put(model(stored))
    assert records.query(F.id == operand).all() == []
    assert records.query(F.id.in_([operand, stored])).all() == [model(stored)]
