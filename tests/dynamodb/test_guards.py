"""Keys of guards: one a value, of the type and size that the table's key has, and never that of a record."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdall import Partition, Sort, Unique
from holdall._model.schema import Model
from holdall.testing.dynamodb.values import check_attributes
from holdall_adapters.dynamodb.guards import Guards
from holdall_adapters.dynamodb.wire.values import from_wire


@dataclass
class Text:
    id: Partition[str]
    sort: Sort[int]
    name: Unique[str]
    number: Unique[Decimal]
    data: Unique[bytes]


@dataclass
class Number:
    id: Partition[int]
    sort: Sort[bytes]
    name: Unique[str]


@dataclass
class Bytes:
    id: Partition[bytes]
    sort: Sort[str]
    name: Unique[str]


MODELS: dict[str, Model[Any]] = {cls.__name__: Model(cls) for cls in (Text, Number, Bytes)}  # type: ignore[type-abstract]
GUARDS = {name: Guards(model) for name, model in MODELS.items()}


def key(model: str, field: str, value: Any) -> dict[str, Any]:
    return GUARDS[model].key(MODELS[model].field(field), value)


@pytest.mark.parametrize(("name", "letters"), [("Text", ["S", "N"]), ("Number", ["N", "B"]), ("Bytes", ["B", "S"])])
def test_a_guard_has_a_key_as_the_table_has(name: str, letters: list[str]) -> None:
    found = key(name, "name", "x" * 5000)
    check_attributes(found)
    assert [next(iter(value)) for value in found.values()] == letters
    assert all(len(str(content)) < 140 for value in found.values() for content in value.values())
    assert GUARDS[name].is_guard(from_wire(found["id"]))


@pytest.mark.parametrize("name", MODELS)
@given(value=st.text())
def test_each_value_has_its_own_key(name: str, value: str) -> None:
    assert key(name, "name", value) != key(name, "name", value + "x")
    assert key(name, "name", value) == key(name, "name", value)


def test_fields_and_types_do_not_share_keys() -> None:
    found = [
        key("Text", "name", "1"),
        key("Text", "number", 1),
        key("Text", "data", b"1"),
        key("Text", "data", b"\x31\x00"),
    ]
    assert len({str(one) for one in found}) == 4


@pytest.mark.parametrize("number", [Decimal("1.50"), Decimal("1.5"), Decimal("1.500000")])
def test_equal_numbers_have_one_key(number: Decimal) -> None:
    assert key("Text", "number", number) == key("Text", "number", Decimal("1.5"))


def test_whole_numbers_have_one_key_whatever_their_type() -> None:
    assert key("Text", "number", 100) == key("Text", "number", Decimal("1E+2"))


@pytest.mark.parametrize(
    "value", [0, 1, -1, -(10**37), Decimal("-0.1"), Decimal("-1E-80"), Decimal("1E-92"), Decimal("-1E-130")]
)
def test_numbers_that_programs_use_are_no_guards(value: Any) -> None:
    assert not GUARDS["Number"].is_guard(value)


@pytest.mark.parametrize(("name", "value"), [("Text", "holdall"), ("Text", ""), ("Bytes", b"holdall#"), ("Bytes", b"")])
def test_other_keys_are_no_guards(name: str, value: Any) -> None:
    assert not GUARDS[name].is_guard(value)


def test_a_guard_in_stored_form_is_told_however_the_connection_gives_bytes() -> None:
    guards = GUARDS["Bytes"]
    found = key("Bytes", "name", "x")
    import base64

    text = {"id": {"B": base64.b64encode(found["id"]["B"]).decode()}}
    record = {"id": {"B": base64.b64encode(b"x").decode()}}
    assert list(guards.records([found, text, record])) == [record]
