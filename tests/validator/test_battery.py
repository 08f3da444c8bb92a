"""Each request of the battery is accepted or refused as the service does."""

from __future__ import annotations

from collections import Counter

import pytest

from holdall.testing.dynamodb import Recorder, RequestRefused

from .battery import ROWS, TABLES, Row


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    found = Recorder()
    for table in TABLES:
        found.record("CreateTable", table)
    return found


@pytest.mark.parametrize("row", [row for row in ROWS if row.refused is None], ids=lambda row: row.name)
def test_accepts(recorder: Recorder, row: Row) -> None:
    recorder.record(row.operation, row.params)


@pytest.mark.parametrize("row", [row for row in ROWS if row.refused is not None], ids=lambda row: row.name)
def test_refuses(recorder: Recorder, row: Row) -> None:
    with pytest.raises(RequestRefused) as caught:
        recorder.record(row.operation, row.params)
    assert row.refused is not None
    assert row.refused in str(caught.value)


def test_every_row_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(row.name for row in ROWS).items() if count > 1] == []
