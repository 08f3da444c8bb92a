"""Gets, queries and scans: what is sent, and how answers are read."""

from __future__ import annotations

from typing import Any

import pytest

import holdall
from holdall import F

from .fakes import Member, Order, Scripted, refused, repository_of, shown

C = F.customer == "c"
ITEM = {"customer": {"S": "c"}, "id": {"S": "1"}, "status": {"S": "new"}}
ORDER = Order("c", "1")


def page(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Items": list(items), "Count": len(items), "ScannedCount": len(items), **more}


def test_one_key_is_a_get() -> None:
    calls = Scripted({"Item": ITEM}, {})
    orders = repository_of(Order, calls)
    assert orders.get(("c", "1")) == ORDER
    assert calls.operations == ["GetItem"]
    assert "ConsistentRead" not in calls.params
    assert orders.get(("c", "2"), consistent=True) is None
    assert calls.params["ConsistentRead"] is True


def test_an_url_may_make_every_read_consistent() -> None:
    calls = Scripted({}, page(), page())
    orders = repository_of(Order, calls, consistent=True)
    orders.get(("c", "1"))
    assert calls.params["ConsistentRead"] is True
    orders.query(C).all()
    assert calls.params["ConsistentRead"] is True
    orders.query(F.status == "new").all()
    assert "ConsistentRead" not in calls.params, "an index has none"


def test_existence_is_asked_for_by_keys_and_expiry_alone() -> None:
    calls = Scripted({"Item": ITEM})
    assert repository_of(Order, calls).exists(("c", "1"))
    assert sorted(calls.params["ExpressionAttributeNames"].values()) == ["customer", "expires", "id"]


def test_many_keys_are_matched_to_their_items_and_asked_again_where_left_out() -> None:
    other = {**ITEM, "id": {"S": "3"}}
    calls = Scripted(
        {
            "Responses": {"orders": [other]},
            "UnprocessedKeys": {"orders": {"Keys": [{"customer": {"S": "c"}, "id": {"S": "1"}}]}},
        },
        {"Item": ITEM},
    )
    found = list(repository_of(Order, calls).get_many([("c", "1"), ("c", "2"), ("c", "3")]))
    assert found == [ORDER, None, Order("c", "3")]
    assert calls.operations == ["BatchGetItem", "GetItem"]


def test_a_query_is_one_key_condition_and_a_filter_without_keys() -> None:
    calls = Scripted(page(ITEM))
    query = repository_of(Order, calls).query(
        C, F.id >= "1", F.id <= "5", F.count > 0, order="-id", limit=3, fields=["status"]
    )
    assert query.all() == [{"status": "new"}]
    params = calls.params
    assert shown(params, "KeyConditionExpression") == "customer = c AND id BETWEEN 1 AND 5"
    assert shown(params, "FilterExpression").startswith("count > 0 AND (attribute_not_exists(expires)")
    assert sorted(shown(params, "ProjectionExpression").split(", ")) == ["customer", "id", "status"]
    assert params["ScanIndexForward"] is False


@pytest.mark.parametrize(("condition", "expected"), [
    (F.id == "1", "GetItem"), (F.id < "1", "<"), (F.id > "1", ">"), (F.id.startswith("1"), "begins_with"),
    (F.id.between("1", "2"), "BETWEEN"),
])  # fmt: skip
def test_a_range_is_one_key_condition(condition: Any, expected: str) -> None:
    calls = Scripted(page(ITEM) if expected != "GetItem" else {"Item": ITEM})
    assert repository_of(Order, calls).query(C, condition).all() == [ORDER]
    params = calls.params
    assert calls.operations == ["GetItem"] if expected == "GetItem" else expected in params["KeyConditionExpression"]


def test_a_page_goes_on_where_the_last_one_ended() -> None:
    last = {"customer": {"S": "c"}, "id": {"S": "1"}}
    calls = Scripted(page(ITEM, LastEvaluatedKey=last), page(ITEM | {"id": {"S": "2"}}))
    assert [one.id for one in repository_of(Order, calls).query(C)] == ["1", "2"]
    assert calls.params["ExclusiveStartKey"] == last


def test_a_page_of_an_index_goes_on_by_both_keys() -> None:
    last = {"customer": {"S": "c"}, "id": {"S": "1"}, "status": {"S": "new"}, "count": {"N": "1.50"}}
    calls = Scripted(page(ITEM, LastEvaluatedKey=last), page())
    repository_of(Order, calls).query(F.status == "new").all()
    assert calls.params["ExclusiveStartKey"] == last | {"count": {"N": "1.50"}}
    assert calls.params["IndexName"] == "by_status"


def test_a_count_brings_no_items() -> None:
    calls = Scripted({"Count": 7, "ScannedCount": 9})
    assert repository_of(Order, calls).query(C).count() == 7
    assert calls.params["Select"] == "COUNT"


def test_a_scan_reads_its_segments() -> None:
    calls = Scripted(page(ITEM), page(), page())
    assert repository_of(Order, calls).scan(segments=3).all() == [ORDER]
    assert [(params["Segment"], params["TotalSegments"]) for _, params in calls.calls] == [(0, 3), (1, 3), (2, 3)]


def test_conditions_that_nothing_meets_ask_nothing() -> None:
    calls = Scripted()
    assert repository_of(Order, calls).query(C, F.status.in_([])).all() == []
    assert calls.calls == []


def test_units_are_asked_for_only_where_wanted() -> None:
    calls = Scripted(page(), page(ConsumedCapacity={"CapacityUnits": 2.5}))
    repository_of(Order, calls).query(C).all()
    assert "ReturnConsumedCapacity" not in calls.params
    repository_of(Order, calls, meter=True).query(C).all()
    assert calls.params["ReturnConsumedCapacity"] == "TOTAL"


@pytest.mark.parametrize("condition", [F.customer == "x" * 2049, (F.customer == "c") & F.id.startswith("x" * 1025)])
def test_a_key_that_can_not_be_is_refused_before_any_request(condition: Any) -> None:
    calls = Scripted()
    with pytest.raises(holdall.TooLarge):
        repository_of(Order, calls).query(condition).all()
    assert calls.calls == []


def test_a_table_without_the_index_is_told_from_a_missing_table() -> None:
    words = "The table does not have the specified index: by_status"
    with pytest.raises(holdall.ResourceMissing, match="lacks the index by_status"):
        repository_of(Order, Scripted(refused("ValidationException", words))).query(F.status == "new").all()


def test_a_scan_of_records_with_unique_fields_passes_over_their_guards() -> None:
    guard = {"id": {"S": "holdall#unique#00"}, "holdall:unique": {"S": "email"}, "holdall:owner": {"S": "[]"}}
    calls = Scripted(page(guard, {"id": {"S": "a"}}))
    assert repository_of(Member, calls).scan().all() == [Member("a")]
    assert "attribute_not_exists" in calls.params["FilterExpression"]


def test_guards_in_an_index_are_not_counted() -> None:
    guard = {"id": {"S": "holdall#unique#00"}, "expires": {"N": "2000"}}
    calls = Scripted(page(guard, {"id": {"S": "a"}, "expires": {"N": "2000"}}), page(guard))
    members = repository_of(Member, calls)
    assert members.query(F.expires == 2000).count() == 1
    assert "Select" not in calls.params
    assert members.query(F.expires == 2000).all() == []
