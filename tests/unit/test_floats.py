"""Whole numbers in fields of floats."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import holdall


@dataclass
class Reading:
    id: holdall.Key[str]
    value: float


@pytest.mark.parametrize("value", [0, -5, 2**53, 2**60])
def test_a_whole_number_that_is_a_float_comes_back_equal(value: int) -> None:
    readings = holdall.open_repository("memory://", Reading)
    assert readings.put(Reading("a", value)).value == value


@pytest.mark.parametrize("value", [2**53 + 1, -(2**60) - 1, 10**400])
def test_a_whole_number_that_is_no_float_is_refused(value: int) -> None:
    readings = holdall.open_repository("memory://", Reading)
    with pytest.raises(holdall.InvalidArgument, match=r"Reading\.value: the whole number is none that a float holds"):
        readings.put(Reading("a", value))
