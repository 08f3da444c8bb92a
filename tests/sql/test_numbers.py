"""Decimal numbers as text: exact, one form a value, in the order of the numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdall._model.kinds import BadValue
from holdall_adapters._sql.numbers import decode_number, encode_number


def _number(sign: int, digits: int, exponent: int) -> Decimal:
    first = len(str(digits)) - 1
    return Decimal(sign * digits).scaleb(exponent - first)


numbers = st.builds(_number, st.sampled_from([1, -1]), st.integers(0, 10**38 - 1), st.integers(-130, 125))


@given(numbers)
def test_a_number_comes_back_exactly(number: Decimal) -> None:
    assert decode_number(encode_number(number)) == number


@given(numbers, numbers)
def test_texts_have_the_order_of_their_numbers(one: Decimal, other: Decimal) -> None:
    assert (encode_number(one) < encode_number(other)) is (one < other)
    assert (encode_number(one) == encode_number(other)) is (one == other)


@given(numbers, st.integers(-1000, 1000))
def test_neighbours_keep_their_order(number: Decimal, units: int) -> None:
    near = number + units * Decimal(1).scaleb(number.adjusted() - 3)
    assert (encode_number(number) < encode_number(near)) is (number < near)


@pytest.mark.parametrize("same", [["1.10", "1.1", "1.100"], ["0", "-0", "0.00", "0E+9"], ["100", "1E+2", "1.00E2"]])
def test_a_value_has_one_text_however_it_is_written(same: list[str]) -> None:
    assert len({encode_number(Decimal(text)) for text in same}) == 1


@given(st.integers(-(10**20), 10**20))
def test_whole_numbers_need_not_be_decimals(number: int) -> None:
    assert encode_number(number) == encode_number(Decimal(number))


@pytest.mark.parametrize("text", ["", "p", "1.5", "p500.", "p5000.1", "-500.1", "p500.1~", "p50x.1", "p٥00.1", 1.5])
def test_text_of_another_form_is_refused(text: object) -> None:
    with pytest.raises(BadValue):
        decode_number(text)


@pytest.mark.parametrize("text", ["1E+500", "1E-501"])
def test_a_magnitude_without_room_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="magnitude"):
        encode_number(Decimal(text))
