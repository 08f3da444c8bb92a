"""Single writes: what is sent, and what becomes of a refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

import holdall
from holdall import F, Key
from holdall.drivers import Exists, Write, WriteRefused
from holdall.io import run_blocking

from .fakes import Order, Scripted, driver_of, false, refused, repository_of, shown

KEY = ("c", "1")
WIRE_KEY = {"customer": {"S": "c"}, "id": {"S": "1"}}
STORED = {**WIRE_KEY, "status": {"S": "new"}, "count": {"N": "1"}, "revision": {"S": "r1"}}
NO_PATH = "The document path provided in the update expression is invalid for update"


@dataclass
class Note:
    id: Key[str]
    scores: dict[str, int | None] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    hits: int | None = None


NOTE = {"id": {"S": "n"}, "scores": {"M": {"x": {"NULL": True}}}}


def test_a_write_without_condition_sends_none() -> None:
    calls = Scripted({})
    repository_of(Note, calls).put(Note("n"))
    params = {"TableName": "orders", "Item": {"id": {"S": "n"}, "scores": {"M": {}}, "lines": {"L": []}}}
    assert calls.calls == [("PutItem", params)]


def test_create_asks_that_nothing_is_there_and_for_what_is() -> None:
    calls = Scripted({})
    repository_of(Note, calls).create(Note("n"))
    assert shown(calls.params, "ConditionExpression") == "attribute_not_exists(id)"
    assert calls.params["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"


def test_an_update_asks_for_the_new_item() -> None:
    calls = Scripted({"Attributes": NOTE | {"scores": {"M": {}}, "lines": {"L": []}}})
    assert repository_of(Note, calls).update("n", F.hits.set(1)) == Note("n")
    assert calls.params["ReturnValues"] == "ALL_NEW"
    assert calls.params["Key"] == {"id": {"S": "n"}}


def test_a_refusal_that_brings_the_item_asks_for_nothing_more() -> None:
    calls = Scripted(false({**STORED, "revision": {"S": "r2"}}))
    with pytest.raises(holdall.Conflict) as caught:
        repository_of(Order, calls).put(Order("c", "1", revision="r1"))
    assert caught.value.current == Order("c", "1", count=1, revision="r2")
    assert calls.operations == ["PutItem"]


def test_a_refusal_without_the_item_is_followed_by_a_consistent_read() -> None:
    calls = Scripted(false(), {"Item": STORED})
    with pytest.raises(holdall.AlreadyExists):
        repository_of(Order, calls).create(Order("c", "1"))
    assert calls.operations == ["PutItem", "GetItem"]
    assert calls.params == {"TableName": "orders", "Key": WIRE_KEY, "ConsistentRead": True}


def test_a_server_that_sent_an_item_once_is_believed_when_it_sends_none() -> None:
    calls = Scripted(false(STORED), false())
    orders = repository_of(Order, calls)
    with pytest.raises(holdall.Conflict):
        orders.replace(Order("c", "1", revision="r0"))
    with pytest.raises(holdall.NotFound):
        orders.update(KEY, F.count.add(1))
    assert calls.operations == ["PutItem", "UpdateItem"]


def test_a_write_that_was_refused_for_what_is_gone_since_is_tried_again() -> None:
    # The item was created between the refusal and the read of it: the update would go through by now.
    calls = Scripted(false(), {"Item": STORED}, {"Attributes": STORED})
    assert repository_of(Order, calls).update(KEY, F.count.add(1)) == Order("c", "1", count=1, revision="r1")
    assert calls.operations == ["UpdateItem", "GetItem", "UpdateItem"]


def test_a_write_that_others_always_outrun_is_throttled() -> None:
    script = [false(), {"Item": STORED}] * 12
    with pytest.raises(holdall.Throttled):
        repository_of(Order, Scripted(*script)).update(KEY, F.count.add(1))


def test_a_check_reads_consistently_and_compares_here() -> None:
    calls = Scripted({"Item": STORED}, {})
    driver = driver_of(Order, calls)
    repository = repository_of(Order, Scripted())
    key = repository.engine.key_of(KEY)
    run_blocking(driver.write(Write("check", key, condition=Exists(present=True))))
    with pytest.raises(WriteRefused) as caught:
        run_blocking(driver.write(Write("check", key, condition=Exists(present=True))))
    assert caught.value.current is None
    assert calls.operations == ["GetItem", "GetItem"]


@pytest.mark.parametrize("change", [F.scores.x.add(2), F.scores.x.set_if_absent(2)])
def test_a_null_counts_as_absent(change: Any) -> None:
    after = {**NOTE, "scores": {"M": {"x": {"N": "2"}}}, "lines": {"L": []}}
    calls = Scripted(false(NOTE), {"Attributes": after})
    assert repository_of(Note, calls).update("n", change).scores == {"x": 2}
    first, second = (params for _, params in calls.calls)
    assert shown(first, "ConditionExpression") == "attribute_exists(id) AND NOT attribute_type(scores.x, NULL)"
    assert "if_not_exists" in first["UpdateExpression"]
    assert shown(second, "ConditionExpression") == "attribute_exists(id) AND attribute_type(scores.x, NULL)"
    assert shown(second, "UpdateExpression") == "SET scores.x = 2"


@pytest.mark.parametrize(("change", "sent"), [
    (F.hits.add(2), "SET hits = 2"),
    (F.lines.append("a"), "SET lines = [{'S': 'a'}]"),
    (F.lines.prepend("a"), "SET lines = [{'S': 'a'}]"),
    (F.tags.add_to("a"), "SET tags = ['a']"),
    (F.tags.discard_from("a"), "REMOVE tags"),
])  # fmt: skip
def test_a_null_that_others_wrote_counts_as_absent(change: Any, sent: str) -> None:
    name = next(iter(change.path))
    calls = Scripted(false({"id": {"S": "n"}, name: {"NULL": True}}), {"Attributes": {"id": {"S": "n"}}})
    repository_of(Note, calls).update("n", change)
    assert shown(calls.params, "UpdateExpression") == sent


def test_a_refusal_beside_a_null_stands_where_the_condition_is_false() -> None:
    calls = Scripted(false(NOTE), false(NOTE))
    with pytest.raises(holdall.ConditionFailed):
        repository_of(Note, calls).update("n", F.scores.x.add(2), when=F.hits == 5)
    assert len(calls.calls) == 2


@pytest.mark.parametrize("change", [F.scores.x.remove(), F.lines[3].remove()])
def test_removing_what_has_no_holder_changes_nothing(change: Any) -> None:
    item = {"id": {"S": "n"}}
    calls = Scripted(refused("ValidationException", NO_PATH), {"Item": item}, {"Attributes": item})
    repository_of(Note, calls).update("n", change, F.hits.set(1))
    assert calls.operations == ["UpdateItem", "GetItem", "UpdateItem"]
    assert shown(calls.params, "UpdateExpression") == "SET hits = 1"
    assert "attribute_not_exists" in calls.params["ConditionExpression"]


def test_an_update_of_which_nothing_is_left_only_asks() -> None:
    item = {"id": {"S": "n"}}
    calls = Scripted(refused("ValidationException", NO_PATH), {"Item": item}, {"Attributes": item})
    repository_of(Note, calls).update("n", F.scores.x.remove())
    assert "UpdateExpression" not in calls.params


def test_setting_what_has_no_holder_is_refused() -> None:
    calls = Scripted(refused("ValidationException", NO_PATH))
    with pytest.raises(holdall.InvalidArgument, match="set what holds it first"):
        repository_of(Note, calls).update("n", F.scores.x.set(1))


def test_adding_to_what_has_no_holder_is_refused_after_a_look() -> None:
    calls = Scripted(refused("ValidationException", NO_PATH), {"Item": {"id": {"S": "n"}}})
    with pytest.raises(holdall.InvalidArgument, match="set what holds it first"):
        repository_of(Note, calls).update("n", F.scores.x.add(1))


@pytest.mark.parametrize("change", [F.tags.add_to(), F.tags.discard_from()])
def test_changing_a_set_by_nothing_sends_no_empty_set(change: Any) -> None:
    calls = Scripted({"Attributes": {"id": {"S": "n"}}})
    repository_of(Note, calls).update("n", change)
    assert "UpdateExpression" not in calls.params


def test_a_condition_that_is_always_false_is_sent_as_one() -> None:
    calls = Scripted(false(), {})
    with pytest.raises(holdall.NotFound):
        repository_of(Note, calls).update("n", F.hits.set(1), when=F.hits.in_([]))
    params = calls.calls[0][1]
    assert shown(params, "ConditionExpression") == "attribute_exists(id) AND attribute_not_exists(id)"
    assert sorted(params["ExpressionAttributeNames"].values()) == ["hits", "id"]


def test_a_throttled_write_is_tried_again() -> None:
    calls = Scripted(refused("ProvisionedThroughputExceededException"), refused("TransactionConflictException"), {})
    repository_of(Note, calls).put(Note("n"))
    assert calls.operations == ["PutItem"] * 3


def test_a_delete_of_what_is_not_there_is_fine() -> None:
    calls = Scripted({})
    repository_of(Note, calls).delete("n")
    assert calls.calls == [("DeleteItem", {"TableName": "orders", "Key": {"id": {"S": "n"}}})]


def test_a_key_field_can_be_part_of_a_condition() -> None:
    calls = Scripted({})
    repository_of(Order, calls).delete(KEY, when=F.id >= "1", must_exist=True)
    assert shown(calls.params, "ConditionExpression") == (
        "attribute_exists(customer) AND (attribute_not_exists(expires) OR attribute_type(expires, NULL) "
        "OR expires > 1000) AND id >= 1"
    )
