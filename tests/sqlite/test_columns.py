"""What lies in a SQLite file: columns that other programs can read."""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

import holdall
from holdall import F

from .models import START, Colour, Kinds, Opened

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = Kinds(
    1, "é", 1.5, Decimal("1.50"), True, b"\0", START, START.date(), dt.time(12), dt.timedelta(seconds=1), UUID(int=1),
    Colour.RED, 2, {"a": [1, Decimal("0.5")]}, {"b", "a"},
)  # fmt: skip


def test_each_kind_has_a_column_of_its_own_type(tmp_path: Path) -> None:
    path = tmp_path / "kinds.db"
    with holdall.open_repository(f"sqlite:///{path}", Kinds) as repository:
        repository.put(SAMPLE)
    with sqlite3.connect(path) as connection:
        (row,) = connection.execute("SELECT * FROM kinds").fetchall()
        declared = [(name, kind) for _, name, kind, *_ in connection.execute("PRAGMA table_info(kinds)")]
    connection.close()
    assert row == (
        1, "é", 1.5, "p500.15", 1, b"\0", "2026-01-01T00:00:00.000000Z", "2026-01-01", "12:00:00.000000", 1_000_000,
        "00000000-0000-0000-0000-000000000001", "red", "p500.2", '{"a":[1,0.5]}', '{"$set":["a","b"]}',
    )  # fmt: skip
    assert dict(declared) == {
        "id": "INTEGER", "text": "TEXT", "number": "REAL", "exact": "TEXT", "flag": "INTEGER", "data": "BLOB",
        "instant": "TEXT", "day": "TEXT", "clock": "TEXT", "length": "INTEGER", "uuid": "TEXT", "colour": "TEXT",
        "either": "TEXT", "nested": "TEXT", "names": "TEXT",
    }  # fmt: skip


def test_every_kind_comes_back_as_it_was(opened: Opened) -> None:
    repository = opened("sqlite://", Kinds)
    assert repository.put(SAMPLE) == repository.get(1) == SAMPLE


@pytest.mark.parametrize("whole", [2**63, -(2**63) - 1])
def test_an_int_beyond_64_bits_is_refused_with_the_mend(opened: Opened, whole: int) -> None:
    repository = opened("sqlite://", Kinds)
    with pytest.raises(holdall.InvalidArgument, match=r"Kinds\.id: .*64-bit integers; declare the field as Decimal"):
        repository.put(replace(SAMPLE, id=whole))


def test_a_duration_beyond_64_bits_of_microseconds_is_refused(opened: Opened) -> None:
    repository = opened("sqlite://", Kinds)
    with pytest.raises(holdall.InvalidArgument, match=r"Kinds\.length: .*64-bit integers"):
        repository.put(replace(SAMPLE, length=dt.timedelta.max))


def test_a_sum_beyond_64_bits_is_refused_and_changes_nothing(opened: Opened) -> None:
    @dataclass
    class Counter:
        id: holdall.Key[str]
        value: int = 0

    repository = opened("sqlite://", Counter)
    repository.put(Counter("a", 2**63 - 1))
    with pytest.raises(holdall.InvalidArgument, match=r"Counter\.value: .*64-bit integers"):
        repository.update("a", F.value.add(1))
    assert repository.require("a").value == 2**63 - 1


def test_a_float_of_another_program_that_is_whole_is_a_float_here(tmp_path: Path) -> None:
    path = tmp_path / "kinds.db"
    with holdall.open_repository(f"sqlite:///{path}", Kinds) as repository:
        repository.put(SAMPLE)
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE kinds SET number = 7")
        connection.close()
        found = repository.require(1).number
    assert (found, type(found)) == (7.0, float)
