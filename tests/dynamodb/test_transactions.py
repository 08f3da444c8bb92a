"""Transactions: one reason a part, conflicts tried again, guards that are nobody's or somebody else's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

import holdall
from holdall import F, Key, Unique
from holdall.drivers import Guard, TransactionRefused, Write
from holdall.io import run_blocking

from .fakes import Member, Order, Scripted, cancelled, driver_of, refused, repository_of, shown

FALSE = "ConditionalCheckFailed"
ITEM = {"customer": {"S": "c"}, "id": {"S": "2"}, "status": {"S": "new"}, "revision": {"S": "theirs"}}


@dataclass
class Note:
    id: Key[str]
    hits: int | None = None
    text: str = ""


def three(calls: Scripted) -> Any:
    """Send a transaction of a create, a fenced replace and a checked update."""
    orders = repository_of(Order, calls)
    with orders.transaction(token="t-1") as tx:
        tx.create(Order("c", "1"))
        tx.replace(Order("c", "2", revision="mine"))
        tx.update(("c", "3"), F.status.set("paid"), when=F.status == "new")


def test_every_part_is_sent_with_its_condition_and_the_token() -> None:
    calls = Scripted({})
    three(calls)
    assert calls.operations == ["TransactWriteItems"]
    assert 1 <= len(calls.params["ClientRequestToken"]) <= 36
    entries = [next(iter(entry.items())) for entry in calls.params["TransactItems"]]
    assert [name for name, _ in entries] == ["Put", "Put", "Update"]
    assert all(part["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD" for _, part in entries)


def test_each_part_has_its_reason() -> None:
    calls = Scripted(
        cancelled({"Code": FALSE, "Item": {**ITEM, "id": {"S": "1"}}}, {"Code": FALSE, "Item": ITEM}, "None")
    )
    with pytest.raises(holdall.TransactionFailed) as caught:
        three(calls)
    first, second, third = caught.value.reasons
    assert isinstance(first, holdall.AlreadyExists)
    assert isinstance(second, holdall.Conflict)
    assert second.current == Order("c", "2", revision="theirs")
    assert third is None
    assert calls.operations == ["TransactWriteItems"]


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_in_others_way_is_tried_again_under_its_token(code: str) -> None:
    calls = Scripted(cancelled("None", code, "None"), {})
    three(calls)
    first, second = (params for _, params in calls.calls)
    assert first == second


def test_a_conflict_beside_a_false_condition_is_a_refusal() -> None:
    calls = Scripted(cancelled({"Code": FALSE, "Item": {**ITEM, "id": {"S": "1"}}}, "TransactionConflict", "None"))
    with pytest.raises(holdall.TransactionFailed) as caught:
        three(calls)
    assert isinstance(caught.value.reasons[1], holdall.Throttled)


@pytest.mark.parametrize(("code", "message", "expected"), [
    ("ItemCollectionSizeLimitExceeded", "", holdall.TooLarge),
    ("ValidationError", "Item size to update has exceeded the maximum allowed size", holdall.TooLarge),
    ("ValidationError", "An operand in the update expression has an incorrect data type", holdall.InvalidArgument),
    ("AccessDenied", "", holdall.AccessDenied),
])  # fmt: skip
def test_a_part_may_be_refused_for_itself(code: str, message: str, expected: type[holdall.HoldallError]) -> None:
    calls = Scripted(cancelled("None", "None", {"Code": code, "Message": message}))
    with pytest.raises(holdall.TransactionFailed) as caught:
        three(calls)
    assert [type(reason) for reason in caught.value.reasons] == [type(None), type(None), expected]


@pytest.mark.parametrize(("code", "expected"), [
    ("ValidationException", holdall.InvalidArgument),
    ("AccessDeniedException", holdall.AccessDenied), ("ResourceNotFoundException", holdall.ResourceMissing),
    ("UnknownOperationException", holdall.Unsupported),
])  # fmt: skip
def test_a_transaction_may_be_refused_whole(code: str, expected: type[holdall.HoldallError]) -> None:
    with pytest.raises(expected):
        three(Scripted(refused(code)))


def test_a_token_that_was_used_with_another_clock_says_that_it_is_done() -> None:
    calls = Scripted(refused("IdempotentParameterMismatchException"))
    three(calls)
    assert len(calls.calls) == 1


def test_a_transaction_in_progress_is_waited_for() -> None:
    calls = Scripted(refused("TransactionInProgressException"), {})
    three(calls)
    assert len(calls.calls) == 2


def test_a_cancellation_without_reasons_says_at_least_that() -> None:
    with pytest.raises(holdall.TransactionFailed):
        three(Scripted(refused("TransactionCanceledException")))


def test_more_than_4_mb_is_refused_before_any_request() -> None:
    calls = Scripted()
    notes = repository_of(Note, calls)
    with pytest.raises(holdall.TooLarge, match="never split"), notes.transaction() as tx:
        for n in range(11):
            tx.put(Note(f"{n}", text="x" * 400_000))
    assert calls.calls == []


def test_repositories_of_two_tables_commit_together() -> None:
    calls = Scripted({})
    orders, notes = repository_of(Order, calls), repository_of(Note, calls, "notes")
    with orders.transaction() as tx:
        tx.put(Order("c", "1"))
        tx.on(notes).put(Note("n"))
    assert [entry["Put"]["TableName"] for entry in calls.params["TransactItems"]] == ["orders", "notes"]


def test_an_addition_to_null_is_sent_again_under_another_token() -> None:
    null = {"Code": FALSE, "Item": {"id": {"S": "n"}, "hits": {"NULL": True}}}
    calls = Scripted(cancelled(null), {})
    with repository_of(Note, calls).transaction(token="t-1") as tx:
        tx.update("n", F.hits.add(5))
    first, second = (params for _, params in calls.calls)
    assert shown(second["TransactItems"][0]["Update"], "UpdateExpression") == "SET hits = 5"
    assert first["ClientRequestToken"] != second["ClientRequestToken"]
    assert len(second["ClientRequestToken"]) <= 36


def member(calls: Scripted, table: str = "orders") -> Any:
    driver = driver_of(Member, calls, table)
    engine = repository_of(Member, Scripted(), table).engine
    return driver, engine, driver.part(Write("delete", engine.key_of("a")))[0].model.field("email")


def transact(calls: Scripted, *whats: tuple[str, str, str]) -> None:
    """Send guards: (verb, owner, value)."""
    driver, engine, email = member(calls)
    parts = [(driver, Guard(verb, email, value, engine.key_of(owner), None, 1000)) for verb, owner, value in whats]  # type: ignore[arg-type]
    run_blocking(driver.transact(parts, "t"))


def test_a_value_is_taken_where_nobody_else_holds_it() -> None:
    calls = Scripted({})
    transact(calls, ("take", "a", "x@y"))
    (entry,) = calls.params["TransactItems"]
    put = entry["Put"]
    assert put["Item"]["holdall:unique"] == {"S": "email"}
    assert put["Item"]["holdall:value"] == {"S": "x@y"}
    assert put["Item"]["id"]["S"].startswith("holdall#unique#")
    assert "x@y" not in put["Item"]["id"]["S"]
    assert shown(put, "ConditionExpression") == (
        'attribute_not_exists(id) OR holdall:owner = [["str","a"]] AND holdall:value = x@y OR expires <= 1000'
    )


def test_a_value_that_another_holds_is_named_by_its_field() -> None:
    with pytest.raises(TransactionRefused) as caught:
        transact(Scripted(cancelled(FALSE, "None")), ("take", "a", "x"), ("release", "a", "y"))
    first, second = caught.value.reasons
    assert getattr(first, "field", None) == "email"
    assert second is None


def test_a_value_that_is_anothers_by_now_is_not_released() -> None:
    calls = Scripted(cancelled("None", FALSE), {})
    transact(calls, ("take", "a", "x"), ("release", "a", "y"))
    assert [list(entry) for entry in calls.params["TransactItems"]] == [["Put"]]
    assert calls.calls[0][1]["ClientRequestToken"] != calls.params["ClientRequestToken"]


def test_a_value_that_one_record_gives_up_another_may_take() -> None:
    calls = Scripted({})
    transact(calls, ("release", "a", "x"), ("take", "b", "x"))
    (entry,) = calls.params["TransactItems"]
    condition = shown(entry["Put"], "ConditionExpression")
    assert '[["str","a"]]' in condition
    assert '[["str","b"]]' in condition
    assert entry["Put"]["Item"]["holdall:owner"] == {"S": '[["str","b"]]'}


@pytest.mark.parametrize("whats", [
    (("take", "a", "x"), ("take", "b", "x")),
    (("take", "b", "x"), ("release", "a", "x")),
])  # fmt: skip
def test_a_value_that_two_records_hold_at_a_time_is_refused_before_any_request(whats: Any) -> None:
    calls = Scripted()
    with pytest.raises(TransactionRefused) as caught:
        transact(calls, *whats)
    assert [getattr(reason, "field", None) for reason in caught.value.reasons].count("email") == 1
    assert calls.calls == []


def test_the_same_value_of_two_fields_or_tables_are_two() -> None:
    @dataclass
    class Both:
        id: Key[str]
        one: Unique[str]
        two: Unique[str]

    calls = Scripted({}, {})
    repository_of(Both, calls).create(Both("a", "x", "x"))
    keys = [entry["Put"]["Item"]["id"]["S"] for entry in calls.params["TransactItems"]]
    assert len(set(keys)) == 3


@pytest.mark.parametrize("verb", ["get", "delete", "put"])
def test_a_record_can_not_have_the_key_of_a_guard(verb: str) -> None:
    key = "holdall#unique#" + "0" * 64
    members = repository_of(Member, Scripted())
    if verb == "get":
        assert members.get(key) is None
        assert list(members.get_many([key])) == [None]
        return
    with pytest.raises(holdall.InvalidArgument, match="holdall's own"):
        members.engine.driver.part(Write("delete", members.engine.key_of(key)))  # type: ignore[attr-defined]
