"""What an adapter of one's own must be, and that ours are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import assert_type

import holdall
from holdall.registry import RecordOpener
from holdall_adapters import dynamodb, memory, sql

if TYPE_CHECKING:
    from holdall.drivers import Opening, RecordDriver
    from holdall.io import Io
    from holdall.urls import Url

OURS: tuple[RecordOpener, ...] = (memory.open_records, sql.open_records, dynamodb.open_records)


def opener(url: Url, opening: Opening) -> tuple[RecordDriver, Io]:
    assert_type(url.params.get("table"), str | None)
    assert_type(opening.model.table, str)
    raise NotImplementedError


def wrong(url: str) -> None: ...


def registering(driver: RecordDriver) -> None:
    holdall.register("mine", opener)
    assert_type(driver.capabilities.transactions, bool)
    driver.capabilities.transactions = False  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    holdall.register("mine", wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
