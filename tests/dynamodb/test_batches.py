"""Batches: what is left over is matched back, and one invalid item loses no report of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

import holdall
from holdall import Key

from .fakes import Order, Scripted, refused, repository_of


@dataclass
class Blob:
    id: Key[bytes]


@dataclass
class Numbered:
    id: Key[int]


def left(*requests: dict[str, Any]) -> dict[str, Any]:
    return {"UnprocessedItems": {"orders": list(requests)} if requests else {}}


def test_puts_and_deletes_are_sent_in_one_request() -> None:
    calls = Scripted(left(), left())
    numbered = repository_of(Numbered, calls)
    numbered.put_many([Numbered(1), Numbered(2)])
    puts = [{"PutRequest": {"Item": {"id": {"N": f"{n}"}}}} for n in (1, 2)]
    assert calls.calls == [("BatchWriteItem", {"RequestItems": {"orders": puts}})]
    numbered.delete_many([1])
    assert calls.params == {"RequestItems": {"orders": [{"DeleteRequest": {"Key": {"id": {"N": "1"}}}}]}}


def test_what_is_left_unprocessed_is_sent_again() -> None:
    calls = Scripted(left({"PutRequest": {"Item": {"id": {"N": "2.0"}}}}), left())
    assert repository_of(Numbered, calls).put_many([Numbered(1), Numbered(2)]) == 2
    assert calls.params["RequestItems"]["orders"] == [{"PutRequest": {"Item": {"id": {"N": "2"}}}}]


@pytest.mark.parametrize("given", [b"\xff\x00", "/wA="])
def test_bytes_are_matched_however_the_connection_gives_them(given: Any) -> None:
    calls = Scripted(left({"DeleteRequest": {"Key": {"id": {"B": given}}}}), left())
    assert repository_of(Blob, calls).delete_many([b"\xff\x00", b"a"]) == 2
    assert calls.params["RequestItems"]["orders"] == [{"DeleteRequest": {"Key": {"id": {"B": b"\xff\x00"}}}}]


def test_after_a_refusal_of_the_batch_each_is_done_alone() -> None:
    bad = refused("ValidationException", "One or more parameter values were invalid")
    calls = Scripted(bad, {}, bad, {})
    with pytest.raises(holdall.BatchError) as caught:
        repository_of(Numbered, calls).put_many([Numbered(1), Numbered(2), Numbered(3)])
    assert calls.operations == ["BatchWriteItem", "PutItem", "PutItem", "PutItem"]
    assert len(caught.value.failures) == 1
    assert isinstance(caught.value.failures[0].error, holdall.InvalidArgument)
    assert caught.value.done == 2


def test_a_batch_of_which_nothing_is_done_ends() -> None:
    calls = Scripted(*[left({"PutRequest": {"Item": {"id": {"N": "1"}}}})] * 9)
    with pytest.raises(holdall.BatchError) as caught:
        repository_of(Numbered, calls).put_many([Numbered(1)])
    assert [failure.item for failure in caught.value.failures] == [Numbered(1)]


def test_a_missing_table_ends_a_batch() -> None:
    calls = Scripted(refused("ResourceNotFoundException"))
    with pytest.raises(holdall.BatchError) as caught:
        repository_of(Numbered, calls).put_many([Numbered(1), Numbered(2)])
    assert {type(failure.error) for failure in caught.value.failures} == {holdall.ResourceMissing}


def test_no_keys_and_no_writes_send_nothing() -> None:
    calls = Scripted()
    orders = repository_of(Order, calls)
    assert orders.put_many([]) == orders.delete_many([]) == 0
    assert list(orders.get_many([])) == []
    assert calls.calls == []
