"""Conditions in SQL mean what `evaluate` says, for every type of column, operator and operand."""

from __future__ import annotations

import enum
import math
import sqlite3
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.schema import CreateTable

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
CREATE = str(CreateTable(TABLE.table).compile(dialect=FLAVOR.dialect))
FIELDS = {field.name: field for field in TABLE.model.fields}
BIG = 2**63
BINARY = Decimal(float("0.1"))
"""What the double 0.1 is, which is not what it stands for."""
TICK = Decimal("0.1") + Decimal("1E-20")
DOUBLES = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e100, max_value=1e100)
SHORTEST = DOUBLES.map(lambda number: Decimal(repr(number)))
# What is always stored, and how more of it is drawn.
STORED: dict[str, tuple[list[Any], st.SearchStrategy[Any]]] = {
    "text": (["", "a", "A", "b", "a\0b", "ab", "é", "a%", "\ud7ff", "\uffff", "\U0001f600", "\U0010ffff", "10"], texts),
    "blob": ([b"", b"a", b"b", b"\xff", b"\xff\xff", b"a\xffb", b"\0"], st.binary(max_size=4)),
    "flag": ([True, False], st.booleans()),
    "whole": ([0, 1, 2, -1, BIG - 1, -BIG], st.integers(-BIG, BIG - 1)),
    "real": ([Decimal(text) for text in ("0.0", "0.1", "0.30000000000000004", "1E+23", "5.0", "-0.1")], SHORTEST),
    "exact": ([Decimal("0.1"), TICK, 0, 1, Decimal("-1.5"), Decimal("1E+100"), Decimal("-1E-100"), 2**70], decimals),
    "size": ([1, 2**70], st.sampled_from([1, 2**70])),
    "document": ([True, 1, "a", b"a", [1, "a"], {"a": {"a": 1}}, {"$set": [1]}, {1, 2}, Decimal("1.5")], documents),
}
# Operands that lie beside what is stored, or are of no use for it.
BESIDE: dict[str, list[Any]] = {
    "str": ["", "%", "_", "*", "a\0", "B", "\ue000"],
    "bytes": [b"", b"\xff", b"a\xff\xff"],
    "bool": [True, False],
    "number": [TICK, Decimal("0.5"), Decimal("1.5"), BIG, -BIG - 1, BIG - Decimal("0.5"), -(2**70),
               BINARY, (BINARY + Decimal(math.nextafter(0.1, 1))) / 2, Decimal("1E+125"), Decimal("-1E+125")],
}  # fmt: skip
MORE: dict[str, st.SearchStrategy[Any]] = {
    "str": texts,
    "bytes": st.binary(max_size=3),
    "bool": st.booleans(),
    "number": st.integers(-BIG, BIG) | decimals | SHORTEST,
}
_ORDERED = ("=", "!=", "<", "<=", ">", ">=", "between", "not_between")
_LISTED = ("in", "not_in")
_SCALAR = (*_ORDERED, *_LISTED, "startswith", "not_startswith", "contains", "not_contains", "is_null", "is_set")
_COUNTS = {"is_null": 0, "is_set": 0, "between": 2, "not_between": 2}
CASES = [(name, op, False) for name in STORED for op in _SCALAR]
CASES += [(name, op, True) for name in ("blob", "text", "document") for op in (*_ORDERED, *_LISTED)]


@st.composite
def leaves(draw: st.DrawFn, name: str, op: Any, size: bool) -> drivers.Leaf:
    """Draw a comparison of a field: the operands are often stored, or beside what is."""
    kind = FIELDS[name].kind
    path: tuple[Any, ...] = (name,)
    if name == "document":
        path += tuple(draw(st.lists(st.sampled_from(["a", "$set", 0]), max_size=2)))
    if size:
        operand: st.SearchStrategy[Any] = st.sampled_from([-1, 0, 1, 2, Decimal("1.5"), 2**70])
    else:
        operand = _operands(name, draw(st.sampled_from(_types(name, op))))
    count = draw(st.integers(0, 5)) if op in _LISTED else _COUNTS.get(op, 1)
    portable = tuple(draw(st.lists(operand, min_size=count, max_size=count)))
    portable = tuple(sorted(portable)) if count == 2 else portable
    return drivers.Leaf(path, op, kind, kinds.Int() if size else kind, (), portable, size)


def _types(name: str, op: str) -> list[Any]:
    declared = sorted(FIELDS[name].kind.types & set(BESIDE))
    if op in ("startswith", "not_startswith"):
        # The engine lets texts and bytes only have a prefix.
        return [one for one in declared if one in ("str", "bytes")] or ["str"]
    if op in (*_ORDERED, *_LISTED) and "bool" in declared and len(declared) > 1:
        declared.remove("bool")
    # Another type than the column's is false; it comes where a field is a union.
    return [*declared, *declared, "str"]


def _operands(name: str, portable_type: str) -> st.SearchStrategy[Any]:
    here = [value for value in STORED[name][0] if kinds.portable_type(value) == portable_type]
    return st.sampled_from([*here, *BESIDE[portable_type]]) | MORE[portable_type]


def rows(name: str, more: list[Any]) -> list[dict[str, Any]]:
    """Return the items of a field's values, and one without."""
    return [{}, *({name: value} for value in [*STORED[name][0], *more])]


def selected(test: drivers.Test, items: list[dict[str, Any]]) -> list[int]:
    """Return the numbers of the items that SQLite finds."""
    connection = sqlite3.connect(":memory:")
    connection.create_function(TEST_FUNCTION, 2, matches, deterministic=True)
    connection.execute(CREATE)
    put = TABLE.statements.put()
    for number, item in enumerate(items):
        stored = {"id": str(number), **{name: TABLE.stored(name, value) for name, value in item.items()}}
        connection.execute(put.text, put.bind([stored.get(name) for name in TABLE.statements.names]))
    values: list[Any] = []
    shape = Lowering(TABLE.columns, FLAVOR, values).test(test)
    where = Clauses(TABLE.table, FLAVOR, Places()).test(shape)
    statement = compiled(sa.select(TABLE.table.c.id).where(where), FLAVOR)
    found = sorted(int(row[0]) for row in connection.execute(statement.text, statement.bind(values)))
    connection.close()
    return found


def expected(test: drivers.Test, items: list[dict[str, Any]]) -> list[int]:
    """Return the numbers of the items that `evaluate` finds."""
    return [number for number, item in enumerate(items) if evaluate(test, item)]


@pytest.mark.parametrize(("name", "op", "size"), CASES)
@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_a_comparison_finds_what_evaluate_finds(data: st.DataObject, name: str, op: str, size: bool) -> None:
    leaf = data.draw(leaves(name, op, size))
    items = rows(name, data.draw(st.lists(STORED[name][1], max_size=4)))
    items = [item for item in items if item.get(name) is not None or not item]
    assert selected(leaf, items) == expected(leaf, items)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_comparisons_combine_as_evaluate_combines_them(data: st.DataObject) -> None:
    one = st.sampled_from([case for case in CASES if case[0] != "document"]).flatmap(lambda case: leaves(*case))
    parts = st.lists(one, max_size=3).map(tuple)
    tree = parts.map(drivers.All) | parts.map(drivers.AnyOf)
    test = data.draw(st.lists(tree, max_size=3).map(tuple).map(drivers.AnyOf) | tree)
    items = [{name: values[n] for name, (values, _) in STORED.items() if n < len(values)} for n in range(14)]
    assert selected(test, items) == expected(test, items)


@pytest.mark.parametrize("prefix", ["a", "\ud7ff", "\U0010ffff", "a\U0010ffff", "é", b"a", b"a\xff", b"\xff"])
def test_nothing_lies_between_a_prefix_and_what_is_behind_it(prefix: Any) -> None:
    after = after_prefix(prefix)
    last = prefix + ("\U0010ffff" * 3 if isinstance(prefix, str) else b"\xff" * 3)
    assert after is None or after > last
    assert after is None or not after.startswith(prefix)


def test_many_operands_are_sent_as_one_value() -> None:
    values: list[Any] = []
    leaf = drivers.Leaf(("whole",), "in", FIELDS["whole"].kind, kinds.Int(), (), tuple(range(40_000)))
    assert Lowering(TABLE.columns, FLAVOR, values).test(leaf) == ("document", "whole")
    assert selected(leaf, [{"whole": 39_999}, {"whole": 40_000}, {}]) == [0]


def test_the_number_of_operands_gives_few_shapes() -> None:
    shapes = set()
    for count in range(1, 65):
        leaf = drivers.Leaf(("whole",), "in", FIELDS["whole"].kind, kinds.Int(), (), tuple(range(count)))
        shapes.add(Lowering(TABLE.columns, FLAVOR, []).test(leaf))
    assert len(shapes) == 7
