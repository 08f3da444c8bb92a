"""What needs a server: nulls and missing places, guards of every type of key, clients of both kinds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import uuid4

import boto3
import pytest

import holdall
from holdall import Expires, F, Index, Key, Partition, Sort, Unique
from holdall._engine.apply import apply_changes
from holdall._engine.resolve import resolve_changes
from holdall._model.schema import Model
from holdall_adapters.dynamodb.wire.values import to_wire

Open = Callable[..., Any]


@pytest.fixture
def opener() -> Iterator[Callable[[str], Open]]:
    """Return what opens and provisions tables at an endpoint; they are dropped at the end."""
    opened: list[tuple[str, Any]] = []

    def at(endpoint: str) -> Open:
        def open_table(model: Any, **options: Any) -> Any:
            name = f"servers-{uuid4()}"
            url = f"dynamodb://{name}?region=us-east-1&endpoint={endpoint}&read_timeout=30"
            repository = holdall.open_repository(url, model, **options)
            repository.provision()
            opened.append((name, repository.native))
            return repository

        return open_table

    yield at
    for name, client in opened:
        client.delete_table(TableName=name)


@dataclass
class Note:
    id: Key[str]
    scores: dict[str, int | None] = field(default_factory=dict)
    lines: list[str | None] = field(default_factory=list)
    deep: dict[str, dict[str, int]] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    hits: int | None = None


STORED: dict[str, dict[str, Any]] = {
    "bare": {"scores": {}, "lines": [], "deep": {}},
    "nulls": {"scores": {"x": None}, "lines": ["a", None], "deep": {}, "hits": None, "tags": None},
    "full": {"scores": {"x": 1, "y": 2}, "lines": ["a", "b"], "deep": {"x": {"y": 1}}, "hits": 5, "tags": {"a", "b"}},
}
CHANGES: dict[str, list[Any]] = {
    "add inside": [F.scores.x.add(2)],
    "add": [F.hits.add(-2)],
    "set_if_absent inside": [F.scores.x.set_if_absent(7)],
    "set_if_absent": [F.hits.set_if_absent(7)],
    "append": [F.lines.append("c", None)],
    "prepend": [F.lines.prepend("c")],
    "add_to": [F.tags.add_to("c")],
    "discard_from": [F.tags.discard_from("a", "z")],
    "discard all": [F.tags.discard_from("a", "b")],
    "remove inside": [F.scores.x.remove()],
    "remove deep inside": [F.deep.x.y.remove()],
    "remove from a list": [F.lines[1].remove(), F.lines[0].remove()],
    "remove beyond a list": [F.lines[7].remove()],
    "set in a list": [F.lines[0].set("z")],
    "set beyond a list": [F.lines[9].set("z")],
    "several": [
        F.scores.x.add(1),
        F.hits.set_if_absent(3),
        F.lines.append("z"),
        F.tags.add_to("q"),
        F.deep.x.y.remove(),
    ],
}


@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize("name", CHANGES)
def test_changes_of_what_others_stored_are_those_of_the_reference(
    opener: Callable[[str], Open], dynamodb_endpoint: str, name: str, stored: str
) -> None:
    notes = opener(dynamodb_endpoint)(Note)
    engine = notes.engine
    item = {"id": "n", **STORED[stored]}
    table = engine.driver.table
    notes.native.put_item(TableName=table, Item={attribute: to_wire(value) for attribute, value in item.items()})
    changes = resolve_changes(Model(Note), CHANGES[name], notes.capabilities)
    known = {attribute: value for attribute, value in item.items() if value is not None}
    expected = engine.codec.decode(engine.codec.from_portable(apply_changes(changes, known)))
    assert notes.update("n", *CHANGES[name]) == expected
    assert notes.get("n", consistent=True) == expected


def test_a_change_that_has_no_place_is_refused_and_nothing_changes(
    opener: Callable[[str], Open], dynamodb_endpoint: str
) -> None:
    notes = opener(dynamodb_endpoint)(Note)
    notes.put(Note("n"))
    for change in (F.deep.x.y.set(1), F.deep.x.y.add(1)):
        with pytest.raises(holdall.InvalidArgument, match="set what holds it first"):
            notes.update("n", change, F.hits.set(9))
    assert notes.get("n") == Note("n")


@dataclass
class Named:
    """Its guards have keys of text."""

    id: Key[str]
    email: Unique[str | None] = None
    number: Unique[Decimal | None] = None
    ends: Expires[int | None] = None

    by_end = Index("ends")


@dataclass
class Numbered:
    """Its guards have keys of numbers."""

    id: Partition[int]
    place: Sort[bytes]
    email: Unique[str | None] = None


@dataclass
class Bytes:
    """Its guards have keys of bytes."""

    id: Partition[bytes]
    place: Sort[int]
    email: Unique[str | None] = None


RECORDS: dict[str, tuple[Any, Any, Any]] = {
    "text": (Named, Named("a", "x@y"), Named("b", "x@y")),
    "numbers": (Numbered, Numbered(-5, b"a", "x@y"), Numbered(5, b"a", "x@y")),
    "bytes": (Bytes, Bytes(b"a", 1, "x@y"), Bytes(b"a", 2, "x@y")),
}


@pytest.mark.parametrize("kind", RECORDS)
def test_a_unique_value_is_held_by_one_record_whatever_the_type_of_the_key(
    opener: Callable[[str], Open], ministack_endpoint: str, kind: str
) -> None:
    model, first, second = RECORDS[kind]
    store = opener(ministack_endpoint)(model)
    store.create(first)
    with pytest.raises(holdall.AlreadyExists) as caught:
        store.create(second)
    assert caught.value.field == "email"
    assert store.scan().all() == [first]
    assert store.scan().count() == 1
    store.update(first, F.email.remove())
    store.create(second)
    store.delete(second)
    store.update(first, F.email.set("x@y"))
    assert store.scan().all() == [first]


def test_a_table_without_records_holds_no_guards(opener: Callable[[str], Open], ministack_endpoint: str) -> None:
    store = opener(ministack_endpoint)(Named)
    store.put_many(Named(f"{n}", f"{n}@x", Decimal(n)) for n in range(5))
    store.update("1", F.email.set("new@x"))
    store.delete_many([f"{n}" for n in range(5)])
    table = store.engine.driver.table
    assert store.native.scan(TableName=table)["Items"] == []


def test_guards_do_not_show_in_an_index_that_could_hold_them(
    opener: Callable[[str], Open], ministack_endpoint: str
) -> None:
    store = opener(ministack_endpoint)(Named, clock=lambda: 1000.0)
    store.create(Named("a", "x@y", Decimal("1.50"), 2000))
    query = store.query(F.ends == 2000)
    assert [one.id for one in query] == ["a"]
    assert query.count() == 1


def test_two_records_exchange_a_unique_value_in_one_transaction(
    opener: Callable[[str], Open], ministack_endpoint: str
) -> None:
    store = opener(ministack_endpoint)(Named)
    store.create(Named("a", "x"))
    store.create(Named("b", "y"))
    with store.transaction() as tx:
        tx.update("a", F.email.set("z"))
        tx.update("b", F.email.set("x"))
    assert [store.require(name).email for name in "ab"] == ["z", "x"]
    store.create(Named("c", "y"))


def test_a_client_of_the_callers_own_serves_both_shells(opener: Callable[[str], Open], dynamodb_endpoint: str) -> None:
    notes = opener(dynamodb_endpoint)(Note)
    table = notes.engine.driver.table
    own = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=dynamodb_endpoint)
    mine = holdall.open_repository(f"dynamodb://{table}", Note, client=own)
    mine.put(Note("n", hits=1))

    async def read() -> Note | None:
        async with holdall.open_async_repository(f"dynamodb://{table}", Note, client=own) as store:
            return await store.get("n")

    assert asyncio.run(read()) == Note("n", hits=1)
    assert notes.get("n") == Note("n", hits=1)
    own.close()


def test_many_tasks_on_one_loop_and_another_loop_after_it(
    opener: Callable[[str], Open], dynamodb_endpoint: str
) -> None:
    notes = opener(dynamodb_endpoint)(Note)
    table = notes.engine.driver.table
    store = holdall.open_async_repository(f"dynamodb://{table}?region=us-east-1&endpoint={dynamodb_endpoint}", Note)

    async def work(start: int) -> int:
        await asyncio.gather(*(store.put(Note(f"{n}")) for n in range(start, start + 10)))
        found = [await store.get(f"{n}") for n in range(start, start + 10)]
        await store.engine.driver.close()
        return sum(one is not None for one in found)

    assert asyncio.run(work(0)) == asyncio.run(work(10)) == 10
    assert notes.scan().count() == 20
