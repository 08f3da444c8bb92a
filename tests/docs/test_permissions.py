"""The table of IAM actions on the DynamoDB page is what the verbs send, no more and no less."""

from __future__ import annotations

import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

import holdall
from holdall import Expires, F, Index, Key, Revision, Schema, Unique

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from holdall.testing.dynamodb import Recorder

PAGE = Path(__file__).parents[2] / "docs" / "stores" / "dynamodb.md"
_ROW = re.compile(r"^\| (`[^|]+) \| ([^|]*) \| ([^|]*)\|$", re.MULTILINE)
_PARTS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


@dataclass
class Plain:
    id: Key[str]
    code: str | None = None
    ends: Expires[int | None] = None
    number: int = 0
    revision: Revision = None


@dataclass
class Guarded:
    id: Key[str]
    code: Unique[str | None] = None
    number: int = 0


INDEXED = {"by_number": Index("number")}


def in_transaction(store: Any, collect: Callable[[Any], object]) -> None:
    with store.transaction() as transaction:
        collect(transaction)


CHANGES = (F.code.set("new"), F.number.add(1))
STEPS: dict[str, list[Callable[[Any, Any, Any], object]]] = {
    "`get`, `require`, `exists`": [
        lambda store, make, have: store.get("1"),
        lambda store, make, have: store.require("1"),
        lambda store, make, have: store.exists("1"),
    ],
    "`get_many`": [
        lambda store, make, have: list(store.get_many(["1"])),
        lambda store, make, have: list(store.get_many(["1", "2"])),
    ],
    "`create`, `put`, `replace`": [
        lambda store, make, have: store.replace(make("9")),
        lambda store, make, have: store.create(make("3", "c")),
        lambda store, make, have: store.put(make("3", "d")),
        lambda store, make, have: store.replace(make("3", "d", number=1)),
    ],
    "`update`": [
        lambda store, make, have: store.update("9", F.number.add(1)),
        lambda store, make, have: store.update("1", *CHANGES),
        lambda store, make, have: store.update("1", F.number.add(1)),
    ],
    "`update` with `create=`": [
        lambda store, make, have: store.update("5", F.number.add(1), create=make("5", "e")),
        lambda store, make, have: store.update("5", F.code.set("f"), create=make("5")),
        lambda store, make, have: store.update("5", F.number.add(1), create=make("5")),
    ],
    "`delete`": [
        lambda store, make, have: store.delete("9", must_exist=True),
        lambda store, make, have: store.delete("1"),
    ],
    "`put_many`": [
        lambda store, make, have: store.put_many([make("1", "x"), make("2", "y")]),
        lambda store, make, have: store.put_many([replace(have, id="9")]),
        lambda store, make, have: store.put_many([have]),
    ],
    "`delete_many`": [lambda store, make, have: store.delete_many([have, "2"])],
    "`update_many`": [
        lambda store, make, have: store.update_many(["9"], *CHANGES),
        lambda store, make, have: store.update_many(["1"], *CHANGES),
        lambda store, make, have: store.update_many(["1"], F.number.add(1)),
    ],
    "`query`": [
        lambda store, make, have: store.query(F.number == 0).all(),
        lambda store, make, have: store.query(F.id == "1").all(),
        lambda store, make, have: store.query(F.id.in_(["1", "2"])).all(),
    ],
    "`scan`, `count`": [lambda store, make, have: store.scan().all(), lambda store, make, have: store.count()],
    "`transaction`: `create`, `put`, `replace`": [
        lambda store, make, have: in_transaction(store, lambda one: one.replace(make("9"))),
        lambda store, make, have: in_transaction(store, lambda one: one.create(make("3", "c"))),
        lambda store, make, have: in_transaction(store, lambda one: one.put(make("1", "d"))),
    ],
    "`transaction`: `update`": [
        lambda store, make, have: in_transaction(store, lambda one: one.update("9", *CHANGES)),
        lambda store, make, have: in_transaction(store, lambda one: one.update("1", *CHANGES)),
    ],
    "`transaction`: `delete`": [
        lambda store, make, have: in_transaction(store, lambda one: one.delete("9", must_exist=True)),
        lambda store, make, have: in_transaction(store, lambda one: one.delete("1")),
    ],
    "`transaction`: `check`": [
        lambda store, make, have: in_transaction(store, lambda one: one.check("9")),
        lambda store, make, have: in_transaction(store, lambda one: one.check("1")),
    ],
}
"""By the first cell of a row: what exercises its verbs, on a store with the records "1", which is `have`, and "2"."""


def table() -> dict[str, tuple[set[str], set[str]]]:
    section = PAGE.read_text().partition("## Permissions")[2].partition("\n## ")[0]
    return {row: (set(re.findall(r"\w+", plain)), set(re.findall(r"\w+", more)))
            for row, plain, more in _ROW.findall(section)}  # fmt: skip


@pytest.fixture
def drop(ministack_endpoint: str) -> Iterator[str]:
    name = f"permissions-{secrets.token_hex(6)}"
    yield f"dynamodb://{name}?endpoint={ministack_endpoint}"
    boto3.client("dynamodb", endpoint_url=ministack_endpoint).delete_table(TableName=name)


def actions_of(recorder: Recorder) -> set[str]:
    found: set[str] = set()
    for operation, params in recorder.requests:
        parts = [part for entry in params.get("TransactItems", ()) for part in entry]
        found |= {_PARTS[part] for part in parts} if operation == "TransactWriteItems" else {operation}
    return found


def observed(url: str, cls: Any, row: str, recorder: Recorder) -> set[str]:
    store = holdall.open_repository(url, Schema(cls, indexes=INDEXED))
    store.provision()
    found: set[str] = set()
    for step in STEPS[row]:
        store.put_many([cls("1", "a"), cls("2", "b")])
        have = store.require("1")
        recorder.requests.clear()
        # Refused ones count too: to say why, a verb may have to look.
        with suppress(holdall.NotFound, holdall.BatchError, holdall.TransactionFailed):
            step(store, cls, have)
        found |= actions_of(recorder)
    return found


@pytest.mark.parametrize("row", STEPS)
def test_a_verb_sends_what_its_row_says(row: str, drop: str, strict_dynamodb: Recorder) -> None:
    assert observed(drop, Plain, row, strict_dynamodb) == table()[row][0]


@pytest.mark.parametrize("row", STEPS)
def test_a_verb_of_a_class_with_unique_fields_sends_what_its_row_says(
    row: str, drop: str, strict_dynamodb: Recorder
) -> None:
    plain, more = table()[row]
    sent = observed(drop, Guarded, row, strict_dynamodb)
    assert more <= sent <= plain | more


def test_provision_sends_what_its_row_says(drop: str, strict_dynamodb: Recorder) -> None:
    holdall.open_repository(drop, Plain).provision()
    holdall.open_repository(drop, Schema(Plain, indexes=INDEXED)).provision()
    assert actions_of(strict_dynamodb) == table()["`provision`"][0]


def test_every_row_is_exercised() -> None:
    assert table().keys() == {*STEPS, "`provision`"}
