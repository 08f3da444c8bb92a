"""Conditions in SQL mean what `evaluate` says, for every type of column, operator and operand."""

from __future__ import annotations

import enum
import math
import sqlite3
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdall import drivers
from holdall._engine.evaluate import evaluate
from holdall._model import kinds
from holdall._model.markers import Key
from holdall._model.schema import Model
from holdall_adapters._sql.clauses import Clauses, Places
from holdall_adapters._sql.comparisons import after_prefix
from holdall_adapters._sql.conditions import Lowering
from holdall_adapters._sql.sqlite import TEST_FUNCTION, Sqlite
from holdall_adapters._sql.statements import compiled
from holdall_adapters._sql.tables import MappedTable
from holdall_adapters._sql.tester import matches

from .values import decimals, documents, texts


class Size(enum.Enum):
    SMALL = 1
    HUGE = 2**70


@dataclass
class Everything:
    id: Key[str]
    text: str | None = None
    blob: bytes | None = None
    flag: bool | None = None
    whole: int | None = None
    real: float | None = None
    exact: Decimal | None = None
    size: Size | None = None
    document: Any = None


FLAVOR = Sqlite()
TABLE = MappedTable(Model(Everything), "everything", FLAVOR)
FIELDS = {field.name: field for field in TABLE.model.fields}
INT64 = st.integers(-(2**63), 2**63 - 1)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e100, max_value=1e100)
STORED = {
    "text": texts,
    "blob": st.binary(max_size=4),
    "flag": st.booleans(),
    "whole": INT64 | st.integers(-3, 3),
    "real": (DOUBLES | st.sampled_from([0.1, 0.30000000000000004, 1e23, -0.0, 5.0])).map(lambda f: Decimal(repr(f))),
    "exact": decimals,
    "size": st.sampled_from([1, 2**70]),
    "document": documents,
}
BETWEEN_DOUBLES = DOUBLES.flatmap(
    lambda f: st.sampled_from([Decimal(f), (Decimal(f) + Decimal(math.nextafter(f, math.inf))) / 2, Decimal(repr(f))])
).map(lambda number: +number)
NUMBERS = st.one_of(INT64, st.integers(-3, 3), st.integers(-(2**70), 2**70), decimals, BETWEEN_DOUBLES,
                    st.sampled_from([Decimal("0.1"), Decimal("0.10000000000000000001"), Decimal("1.5"), 2**63, -(2**63) - 1,
                                     Decimal(2**63 - 1) + Decimal("0.5"), Decimal(-(2**63)) - Decimal("0.5")]))  # fmt: skip
OPERANDS = {
    "str": texts | st.sampled_from(["", "%", "_", "*", "a\0", "\ud7ff", "\uffff", "\U0010ffff"]),
    "bytes": st.binary(max_size=3) | st.sampled_from([b"", b"\xff", b"a\xff\xff"]),
    "bool": st.booleans(),
    "number": NUMBERS,
}
_ORDERED = ("=", "!=", "<", "<=", ">", ">=")


@st.composite
def leaves(draw: st.DrawFn, items: list[dict[str, Any]]) -> drivers.Leaf:
    """Draw a comparison, often with a value that is stored."""
    name = draw(st.sampled_from(sorted(STORED)))
    kind = FIELDS[name].kind
    path: tuple[Any, ...] = (name,)
    if name == "document":
        path += tuple(draw(st.lists(st.sampled_from(["a", "$set", 0, 1]), max_size=2)))
    op: Any = draw(st.sampled_from(OPERATORS))
    count = {"is_null": 0, "is_set": 0, "between": 2, "not_between": 2}.get(op, 1)
    if op in ("in", "not_in"):
        count = draw(st.integers(0, 5))
    size = draw(st.booleans()) and op in (*_ORDERED, "in", "not_in", "between", "not_between")
    portable_type = "number" if size else draw(st.sampled_from(_types(name, op)))
    here = [item[name] for item in items if name in item and not size]
    here = [value for value in here if kinds.portable_type(value) == portable_type]
    operand = st.one_of(OPERANDS[portable_type], *([st.sampled_from(here)] if here else []))
    portable = tuple(draw(st.lists(operand, min_size=count, max_size=count)))
    if count == 2:
        portable = tuple(sorted(portable))
    operand_kind = kinds.Int() if size else kind
    return drivers.Leaf(path, op, kind, operand_kind, (), portable, size)


def _types(name: str, op: str) -> list[str]:
    declared = FIELDS[name].kind.types & set(OPERANDS)
    if op in ("startswith", "not_startswith"):
        # The engine lets texts and bytes only have a prefix.
        return sorted(declared & {"str", "bytes"}) or ["str"]
    # Another type than the column's: possible where a field is a union, and false.
    return [*sorted(declared), "str"]


OPERATORS = [*_ORDERED, "in", "not_in", "between", "not_between", "startswith", "not_startswith", "contains",
             "not_contains", "is_null", "is_set"]  # fmt: skip
ITEMS = st.lists(
    st.fixed_dictionaries({}, optional=STORED).map(lambda item: {k: v for k, v in item.items() if v is not None}),
    max_size=5,
)


def sound(test: drivers.Test, items: list[dict[str, Any]]) -> bool:
    """Return whether `evaluate` has an answer: a prefix of a number is a question that the engine refuses."""
    try:
        [evaluate(test, item) for item in items]
    except (AttributeError, TypeError):
        return False
    return True


def selected(test: drivers.Test, items: list[dict[str, Any]]) -> list[str]:
    """Return the ids of the rows that SQLite finds."""
    connection = sqlite3.connect(":memory:")
    connection.create_function(TEST_FUNCTION, 2, matches, deterministic=True)
    connection.execute(str(create))
    put = TABLE.statements.put()
    for number, item in enumerate(items):
        stored = {"id": str(number), **{name: TABLE.stored(name, value) for name, value in item.items()}}
        connection.execute(put.text, put.bind([stored.get(name) for name in TABLE.statements.names]))
    values: list[Any] = []
    shape = Lowering(TABLE.columns, FLAVOR.max_operands, values).test(test)
    places = Places()
    where = Clauses(TABLE.table, FLAVOR, places).test(shape)
    statement = compiled(sa.select(TABLE.table.c.id).where(where).order_by(TABLE.table.c.id), FLAVOR)
    found = [row[0] for row in connection.execute(statement.text, statement.bind(values))]
    connection.close()
    return found


import sqlalchemy as sa  # noqa: E402
from sqlalchemy.schema import CreateTable  # noqa: E402

create = CreateTable(TABLE.table).compile(dialect=FLAVOR.dialect)


@settings(deadline=None, max_examples=300)
@given(st.data(), ITEMS)
def test_a_comparison_finds_what_evaluate_finds(data: st.DataObject, items: list[dict[str, Any]]) -> None:
    leaf = data.draw(leaves(items))
    if sound(leaf, items):
        assert selected(leaf, items) == [str(i) for i, item in enumerate(items) if evaluate(leaf, item)]


@settings(deadline=None, max_examples=100)
@given(st.data(), ITEMS)
def test_comparisons_combine_as_evaluate_combines_them(data: st.DataObject, items: list[dict[str, Any]]) -> None:
    parts = st.lists(leaves(items), max_size=3).map(tuple)
    tree = st.one_of(parts.map(drivers.All), parts.map(drivers.AnyOf))
    test = data.draw(st.lists(tree, max_size=3).map(tuple).map(drivers.AnyOf) | tree)
    if sound(test, items):
        assert selected(test, items) == [str(i) for i, item in enumerate(items) if evaluate(test, item)]


@pytest.mark.parametrize("prefix", ["a", "\ud7ff", "\U0010ffff", "a\U0010ffff", "é", b"a", b"a\xff", b"\xff"])
def test_nothing_lies_between_a_prefix_and_what_is_behind_it(prefix: Any) -> None:
    after = after_prefix(prefix)
    last = prefix + ("\U0010ffff" * 3 if isinstance(prefix, str) else b"\xff" * 3)
    assert after is None or after > last
    assert after is None or not after.startswith(prefix)


def test_many_operands_are_sent_as_one_value() -> None:
    values: list[Any] = []
    leaf = drivers.Leaf(("whole",), "in", FIELDS["whole"].kind, kinds.Int(), (), tuple(range(40_000)))
    assert Lowering(TABLE.columns, FLAVOR.max_operands, values).test(leaf) == ("document", "whole")
    assert selected(leaf, [{"whole": 39_999}, {"whole": 40_000}, {}]) == ["0"]


def test_the_number_of_operands_gives_few_shapes() -> None:
    shapes = set()
    for count in range(1, 65):
        leaf = drivers.Leaf(("whole",), "in", FIELDS["whole"].kind, kinds.Int(), (), tuple(range(count)))
        shapes.add(Lowering(TABLE.columns, FLAVOR.max_operands, []).test(leaf))
    assert len(shapes) == 7
