"""What a reader of the engine would look for: tokens and clocks, lost fields, broken iterables, foreign keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pydantic
import pytest

import holdall
from holdall import Expires, F, Key, Partition, Revision, Schema, Sort
from holdall._engine.idempotency import request_token
from holdall._engine.transactions import WriteSet

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


@dataclass
class Session:
    id: Key[str]
    tags: set[str]
    expires: Expires[datetime | None] = None
    revision: Revision = None


def token_of(at: float, tags: set[str]) -> str:
    sessions = holdall.open_repository("memory://", Session, clock=lambda: at)
    parts = WriteSet(sessions.engine, "t-1")
    parts.replace(sessions.engine, Session("a", tags, NOW + timedelta(hours=1)), F.id == "a")
    return request_token("t-1", parts._parts)  # pyright: ignore[reportPrivateUsage]  # what the token stands for


def test_a_transaction_is_the_same_under_its_token_whatever_the_clock_says() -> None:
    assert token_of(1000.0, {"x", "y", "z"}) == token_of(2000.0, {"z", "y", "x"})


def test_another_transaction_is_another_one_under_the_same_token() -> None:
    assert token_of(1000.0, {"x"}) != token_of(1000.0, {"y"})


def test_another_transaction_under_a_used_token_is_not_dropped() -> None:
    sessions = holdall.open_repository("memory://", Session)
    for name in ("a", "b"):
        with sessions.transaction(token="t") as transaction:
            transaction.put(Session(name, set()))
    assert sessions.count() == 2


def test_a_repeated_transaction_is_applied_once() -> None:
    sessions = holdall.open_repository("memory://", Session)
    for _ in range(2):
        with sessions.transaction(token="t") as transaction:
            transaction.create(Session("a", set()))
    assert sessions.count() == 1


def test_two_tables_of_one_class_are_two_in_a_transaction() -> None:
    notes: Schema[dict[str, Any]] = Schema(dict, fields={"id": str}, partition="id")
    one = holdall.open_repository("memory://review-tables?table=one", notes)
    two = holdall.open_repository("memory://review-tables?table=two", notes)
    with one.transaction() as transaction:
        transaction.put({"id": "1"})
        transaction.on(two).put({"id": "1"})
    assert (one.count(), two.count()) == (1, 1)


@dataclass
class Wider(Session):
    more: str = "lost"


@dataclass
class Same(Session):
    pass


def test_a_record_of_a_wider_class_is_refused_since_its_fields_would_be_lost() -> None:
    sessions = holdall.open_repository("memory://", Session)
    with pytest.raises(holdall.InvalidArgument, match="more"):
        sessions.put(Wider("a", set()))


def test_a_record_of_a_subclass_without_fields_of_its_own_is_stored() -> None:
    sessions = holdall.open_repository("memory://", Session)
    assert sessions.put(Same("a", set())).id == "a"


class Open(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    id: Key[str]


def test_extra_fields_of_a_pydantic_model_are_refused_since_they_would_be_lost() -> None:
    records = holdall.open_repository("memory://", Open)
    records.put(Open(id="a"))
    with pytest.raises(holdall.InvalidArgument, match="extra"):
        records.put(Open.model_validate({"id": "a", "b": 1}))


def test_what_an_iterable_gave_before_it_failed_is_written() -> None:
    sessions = holdall.open_repository("memory://", Session)

    def broken() -> Iterator[Session]:
        yield from (Session(str(n), set()) for n in range(5))
        raise KeyError("the file ended")

    with pytest.raises(KeyError, match="the file ended"):
        sessions.put_many(broken())
    assert sessions.count() == 5


def test_an_iterable_that_fails_behind_a_bad_record_gives_the_batch_error() -> None:
    sessions = holdall.open_repository("memory://", Session)

    def broken() -> Iterator[Session]:
        yield Session("", set())
        raise KeyError("the file ended")

    with pytest.raises(holdall.BatchError) as caught:
        sessions.put_many(broken())
    assert isinstance(caught.value.__cause__, KeyError)


@dataclass
class Loose:
    id: Key[str]
    more: dict[str, Any]
    any: Any = None


@pytest.mark.parametrize("loose", [Loose("a", {"b": set()}), Loose("a", {}, [set()]), Loose("a", {}, {"c": [set()]})])
def test_an_empty_set_inside_an_untyped_value_is_refused(loose: Loose) -> None:
    with pytest.raises(holdall.InvalidArgument, match="empty set"):
        holdall.open_repository("memory://", Loose).put(loose)


@dataclass
class Raw:
    group: Partition[str]
    at: Sort[str]


@dataclass
class Timed:
    group: Partition[str]
    at: Sort[datetime]


def test_a_page_behind_a_key_in_a_foreign_form_is_refused_and_not_repeated() -> None:
    raw = holdall.open_repository("memory://review-foreign?table=t", Raw)
    raw.put_many(Raw("g", f"2024-01-0{day}T00:00:00Z") for day in range(1, 6))
    timed = holdall.open_repository("memory://review-foreign?table=t", Timed)
    with pytest.raises(holdall.CorruptRecord, match="declare the field as str"):
        timed.query(F.group == "g", limit=1).page()


def test_bounds_that_exclude_each_other_do_not_serve_a_query_without_a_partition() -> None:
    raw = holdall.open_repository("memory://", Raw)
    with pytest.raises(holdall.QueryRefused):
        raw.query(F.at > "5", F.at < "1")
