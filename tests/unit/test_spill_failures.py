"""Spilled fields where something fails or comes between: no record without its blobs, and no live blob removed."""

from __future__ import annotations

import logging
from typing import Any

import pytest

import holdall
from holdall import F
from holdall.drivers import Got
from holdall.io import run_blocking
from tests.unit.spilled import LONG, Doc, Note, Spilling


@pytest.fixture
def spilling() -> Spilling:
    return Spilling()


def test_where_a_blob_fails_nothing_is_written(spilling: Spilling) -> None:
    before = spilling.docs.put(Doc("a", body=LONG))
    spilling.faults.fail("put", times=3)
    with pytest.raises(holdall.Unavailable) as raised:
        spilling.docs.put(Doc("a", body=f"{LONG}!"))
    assert (raised.value.maybe_done, raised.value.retry) == (False, "exhausted")
    assert spilling.docs.get("a") == before
    assert len(spilling.keys()) == 1


def test_where_one_of_two_blobs_fails_the_other_is_removed(spilling: Spilling) -> None:
    spilling.faults.fail("put", times=3, skip=1)
    with pytest.raises(holdall.Unavailable):
        spilling.docs.put(Doc("a", body=LONG, raw=b"r" * 30))
    assert spilling.docs.get("a") is None
    assert spilling.keys() == []


def test_where_the_blob_may_be_there_the_record_is_not(spilling: Spilling) -> None:
    spilling.faults.lose("put", times=3)
    with pytest.raises(holdall.Unavailable) as raised:
        spilling.docs.put(Doc("a", body=LONG))
    assert not raised.value.maybe_done
    assert spilling.keys() == []


def test_a_write_that_fails_for_certain_leaves_no_blob(spilling: Spilling) -> None:
    spilling.store.fail("write", times=3)
    with pytest.raises(holdall.Throttled):
        spilling.docs.put(Doc("a", body=LONG))
    assert spilling.keys() == []


def test_a_throttled_write_that_is_repeated_leaves_one_blob(spilling: Spilling) -> None:
    spilling.store.fail("write", times=2)
    assert spilling.docs.put(Doc("a", body=LONG)) == spilling.docs.get("a")
    assert len(spilling.keys()) == 1


@pytest.mark.parametrize("verb", ["put", "create"])
@pytest.mark.parametrize("model", [Doc, Note])
@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_answer_leaves_the_record_with_its_blob(verb: str, model: Any, applied: bool) -> None:
    spilling = Spilling(model, ("body",))
    spilling.store.lose("write", applied=applied)
    stored = getattr(spilling.docs, verb)(model("a", body=LONG))
    assert spilling.docs.get("a") == stored
    # A request that was lost may arrive late, so its blob stays.
    assert len(spilling.keys()) == (1 if applied else 2)


def test_a_write_that_may_be_done_keeps_its_blob(spilling: Spilling) -> None:
    spilling.store.lose("write", times=2, applied=False)
    spilling.store.lose("write")
    with pytest.raises(holdall.Unavailable) as raised:
        spilling.docs.put(Doc("a", body=LONG))
    assert raised.value.maybe_done
    assert spilling.docs.require("a").body == LONG


def test_an_update_that_may_be_done_keeps_its_blob() -> None:
    spilling = Spilling(Note, ("body",))
    spilling.docs.put(Note("a", LONG))
    spilling.store.lose("write")
    with pytest.raises(holdall.Unavailable) as raised:
        spilling.docs.update("a", F.body.set(f"{LONG}!"), F.seen.add(1))
    assert raised.value.maybe_done
    assert spilling.docs.require("a") == Note("a", f"{LONG}!", 1)


def test_a_request_that_arrives_late_finds_its_blob(spilling: Spilling) -> None:
    late: list[Any] = []
    inside = spilling.store.inside

    async def remember(write: Any) -> Any:
        if not late:
            late.append(write)
            raise holdall.Unavailable("lost on the way", maybe_done=True)
        return await type(inside).write(inside, write)

    inside.write = remember  # type: ignore[method-assign]  # the request that is still under way
    spilling.docs.put(Doc("a", body=LONG))
    spilling.docs.delete("a")
    run_blocking(type(inside).write(inside, late[0]))
    assert spilling.docs.require("a").body == LONG


def test_a_blob_that_cannot_be_removed_fails_no_verb(spilling: Spilling, caplog: pytest.LogCaptureFixture) -> None:
    spilling.docs.put(Doc("a", body=LONG))
    spilling.faults.fail("delete", times=3)
    with caplog.at_level(logging.WARNING, "holdall"):
        spilling.docs.delete("a")
    assert spilling.docs.get("a") is None
    left = f"{spilling.keys()[0]!r} in memory (unavailable)"
    assert caplog.messages == [f"a blob that no record claims could not be removed: {left}"]


def test_blobs_are_removed_even_after_the_deadline(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a", body=LONG))
    spilling.store.delay("write", 0.05)
    with holdall.deadline(0.04):
        spilling.docs.delete("a")
    assert spilling.keys() == []


def test_a_blob_that_is_gone_is_a_corrupt_record(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a", body=LONG))
    spilling.blobs.delete(spilling.keys()[0])
    for read in (lambda: spilling.docs.get("a"), lambda: spilling.docs.query(F.shelf == "s").all(),
                 lambda: list(spilling.docs.get_many(["a"]))):  # fmt: skip
        with pytest.raises(holdall.CorruptRecord, match="the body of a stored Doc is not in the blob store") as raised:
            read()
        assert (raised.value.field, raised.value.key) == ("body", "a")


def test_other_bytes_in_a_blob_are_a_corrupt_record(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a", body=LONG))
    spilling.blobs.put(spilling.keys()[0], "y" * 50)
    with pytest.raises(holdall.CorruptRecord):
        spilling.docs.get("a")


def test_a_corrupt_record_can_be_replaced_and_deleted(spilling: Spilling) -> None:
    spilling.docs.put_many([Doc("a", body=LONG), Doc("b", body=LONG)])
    spilling.blobs.delete_prefix("doc/")
    spilling.docs.put(Doc("a", body=f"{LONG}!"))
    spilling.docs.delete("b")
    assert [doc.body for doc in spilling.docs.scan()] == [f"{LONG}!"]


def between(spilling: Spilling, act: Any, times: int = 1) -> None:
    """Let something happen between the reading of a record and that of its blob."""
    engine, left = spilling.blobs.engine, [times]
    get = engine.get

    async def late(*args: Any) -> Any:
        if left[0]:
            left[0] -= 1
            act()
        return await get(*args)

    engine.get = late  # type: ignore[method-assign]  # another writer, just then


def test_a_record_that_is_overwritten_while_it_is_read_is_read_anew(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a", body=LONG))
    between(spilling, lambda: spilling.docs.put(Doc("a", body="short")))
    assert spilling.docs.require("a").body == "short"
    spilling.docs.put(Doc("a", body=LONG))
    between(spilling, lambda: spilling.docs.put(Doc("a", body=f"{LONG}!")), times=3)
    assert [doc.body for doc in spilling.docs.query(F.shelf == "s")] == [f"{LONG}!"]


def test_a_record_that_is_deleted_while_it_is_read_is_not_there(spilling: Spilling) -> None:
    for read, nothing in ((lambda: spilling.docs.get("a"), None), (lambda: spilling.docs.scan().all(), []),
                          (lambda: list(spilling.docs.get_many(["a"])), [None])):  # fmt: skip
        spilling.docs.put(Doc("a", body=LONG))
        between(spilling, lambda: spilling.docs.delete("a"))
        assert read() == nothing


def test_a_record_that_ceases_to_answer_while_it_is_read_is_passed_over(spilling: Spilling) -> None:
    spilling.docs.put_many([Doc("a", body=LONG), Doc("b", body="short")])
    between(spilling, lambda: spilling.docs.put(Doc("a", shelf="t", body=f"{LONG}!")))
    assert [doc.id for doc in spilling.docs.query(F.shelf == "s")] == ["b"]
    spilling.docs.put(Doc("a", body=LONG))
    between(spilling, lambda: spilling.docs.update("a", F.body.set(f"{LONG}!"), F.raw.set(b"r")))
    assert [doc.id for doc in spilling.docs.scan(F.raw.is_null())] == ["b"]


def test_a_record_that_is_read_anew_is_tested_by_all_of_its_fields(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a", body=LONG, raw=b"r"))
    inside = spilling.store.inside
    get = inside.get

    async def only_what_is_asked(keys: Any, *, consistent: bool, fields: Any) -> Any:
        got = await get(keys, consistent=consistent, fields=fields)
        names = None if fields is None else {field.stored for field in fields}
        return Got([item and {name: item[name] for name in item if names is None or name in names}
                    for item in got.items])  # fmt: skip

    inside.get = only_what_is_asked  # type: ignore[method-assign]  # as other stores do
    between(spilling, lambda: spilling.docs.put(Doc("a", body=f"{LONG}!", raw=b"r")))
    assert spilling.docs.scan(F.shelf == "s", F.raw.is_set(), fields=["body"]).all() == [{"body": f"{LONG}!"}]


def test_a_record_that_is_overwritten_again_and_again_is_throttled(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a", body=LONG))
    between(spilling, lambda: spilling.docs.put(Doc("a", body=LONG)), times=99)
    with pytest.raises(holdall.Throttled, match="other writers keep changing this Doc"):
        spilling.docs.get("a")


def test_an_update_of_what_is_deleted_at_once_is_a_conflict(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a", body=LONG))
    between(spilling, lambda: spilling.docs.delete("a"))
    with pytest.raises(holdall.Conflict, match="removed as soon as it was written") as raised:
        spilling.docs.update("a", F.shelf.set("t"))
    assert raised.value.maybe_done


def test_an_update_whose_outcome_cannot_be_read_may_be_done(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a", body=LONG))
    spilling.faults.fail("read", times=3)
    with pytest.raises(holdall.Unavailable) as raised:
        spilling.docs.update("a", F.shelf.set("t"))
    assert raised.value.maybe_done
    assert spilling.docs.require("a").shelf == "t"


def overtaken(spilling: Spilling, act: Any, port: str = "write", times: int = 1) -> None:
    """Let another writer come between what a write looks up and the write."""
    inside, left, inner = spilling.store.inside, [times], [False]
    method = getattr(inside, port)

    async def late(*args: Any, **kwargs: Any) -> Any:
        if left[0] and not inner[0]:
            left[0] -= 1
            inner[0] = True
            act()
            inner[0] = False
        return await method(*args, **kwargs)

    setattr(inside, port, late)


def test_a_write_that_is_overtaken_removes_what_it_really_replaces(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a", body=LONG))
    overtaken(spilling, lambda: spilling.docs.put(Doc("a", body=f"other{LONG}")))
    spilling.docs.put(Doc("a", body=f"mine{LONG}"))
    assert spilling.docs.require("a").body == f"mine{LONG}"
    assert len(spilling.keys()) == 1


def test_a_delete_that_is_overtaken_removes_what_it_really_deletes(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a", body="short"))
    overtaken(spilling, lambda: spilling.docs.put(Doc("a", body=LONG)))
    spilling.docs.delete("a")
    assert spilling.docs.get("a") is None
    assert spilling.keys() == []


def test_set_if_absent_that_is_overtaken_leaves_one_blob(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a"))
    overtaken(spilling, lambda: spilling.docs.put(Doc("a", body=f"other{LONG}")))
    assert spilling.docs.update("a", F.body.set_if_absent(LONG)).body == f"other{LONG}"
    assert len(spilling.keys()) == 1


def test_a_write_that_is_overtaken_each_time_is_throttled(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a", body=LONG))
    overtaken(spilling, lambda: spilling.docs.put(Doc("a", body=f"other{LONG}")), times=99)
    with pytest.raises(holdall.Throttled, match="other writers keep changing this Doc"):
        spilling.docs.put(Doc("a", body=f"mine{LONG}"))
    assert len(spilling.keys()) == 1
    assert spilling.docs.require("a").body == f"other{LONG}"


def sent_twice(spilling: Spilling, port: str) -> None:
    """Let the store be as if the SDK's client sent each request again, and told what came of the second one only."""
    inside = spilling.store.inside
    method = getattr(inside, port)

    async def twice(*args: Any) -> Any:
        await method(*args)
        return await method(*args)

    setattr(inside, port, twice)


@pytest.mark.parametrize("model", [Doc, Note])
def test_a_request_that_is_sent_twice_by_the_client_keeps_its_blob(model: Any) -> None:
    spilling = Spilling(model, ("body",))
    sent_twice(spilling, "write")
    assert spilling.docs.create(model("a", body=LONG)) == spilling.docs.get("a")
    assert spilling.docs.put(model("a", body=f"{LONG}!")) == spilling.docs.get("a")
    assert len(spilling.keys()) == 1
    assert spilling.docs.update("a", F.body.set(LONG)).body == spilling.docs.require("a").body == LONG
    assert spilling.docs.replace(model("a", body=f"{LONG}?")) == spilling.docs.get("a")
    assert len(spilling.keys()) == 1


def test_a_transaction_that_is_sent_twice_by_the_client_keeps_its_blobs(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a", body=LONG))
    sent_twice(spilling, "transact")
    with spilling.docs.transaction() as transaction:
        transaction.put(Doc("a", body=f"new{LONG}"))
        transaction.create(Doc("b", body=LONG))
    assert {doc.body for doc in spilling.docs.scan()} == {f"new{LONG}", LONG}
    assert len(spilling.keys()) == 2


def test_a_batch_says_which_records_had_no_blob(spilling: Spilling) -> None:
    spilling.faults.fail("put", times=3, skip=1)
    with pytest.raises(holdall.BatchError) as raised:
        spilling.docs.put_many([Doc("a", body=LONG), Doc("b", body=LONG), Doc("c", body=LONG), Doc("d")])
    assert [failure.key for failure in raised.value.failures] == ["b"]
    assert sorted(doc.id for doc in spilling.docs.scan()) == ["a", "c", "d"]
    assert len(spilling.keys()) == 2


def test_a_batch_none_of_whose_blobs_can_be_put_is_not_sent(spilling: Spilling) -> None:
    spilling.faults.fail("put", times=6)
    with pytest.raises(holdall.BatchError) as raised:
        spilling.docs.put_many([Doc("a", body=LONG), Doc("b", body=LONG)])
    assert [failure.key for failure in raised.value.failures] == ["a", "b"]
    assert spilling.store.count("write_batch") == 0


def test_what_a_batch_left_undone_leaves_no_blob(spilling: Spilling) -> None:
    spilling.store.leave("write_batch", lambda places: range(places - 1))
    assert spilling.docs.put_many(Doc(str(n), body=LONG) for n in range(4)) == 4
    assert len(spilling.keys()) == 4


def test_a_batch_that_fails_for_certain_leaves_no_blob(spilling: Spilling) -> None:
    spilling.store.fail("write_batch", times=3)
    with pytest.raises(holdall.BatchError):
        spilling.docs.put_many([Doc("a", body=LONG)])
    assert spilling.keys() == []


def test_a_batch_whose_answer_is_lost_leaves_every_record_whole(spilling: Spilling) -> None:
    spilling.docs.put_many(Doc(str(n), body=f"old{LONG}") for n in range(3))
    spilling.store.lose("write_batch")
    assert spilling.docs.put_many(Doc(str(n), body=f"new{LONG}") for n in range(3)) == 3
    assert {doc.body for doc in spilling.docs.scan()} == {f"new{LONG}"}


def test_a_transaction_that_is_overtaken_is_worked_out_anew(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a", body=LONG))
    overtaken(spilling, lambda: spilling.docs.put(Doc("a", body=f"other{LONG}")), "transact")
    with spilling.docs.transaction() as transaction:
        transaction.put(Doc("a", body=f"mine{LONG}"))
        transaction.create(Doc("b", body=LONG))
    assert {doc.body for doc in spilling.docs.scan()} == {f"mine{LONG}", LONG}
    assert len(spilling.keys()) == 2


def test_a_transaction_that_is_overtaken_each_time_is_throttled(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a", body=LONG))
    overtaken(spilling, lambda: spilling.docs.put(Doc("a", body=LONG)), "transact", times=99)
    transaction = spilling.docs.transaction()
    transaction.put(Doc("a"))
    with pytest.raises(holdall.Throttled, match="other writers"):
        transaction.commit()
    assert len(spilling.keys()) == 1


def test_a_transaction_whose_blob_fails_writes_nothing(spilling: Spilling) -> None:
    spilling.faults.fail("put", times=3, skip=1)
    transaction = spilling.docs.transaction()
    transaction.put(Doc("a", body=LONG))
    transaction.put(Doc("b", body=LONG))
    with pytest.raises(holdall.Unavailable):
        transaction.commit()
    assert spilling.docs.scan().all() == []
    assert spilling.keys() == []


@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_answer_to_a_transaction_leaves_the_records_whole(spilling: Spilling, applied: bool) -> None:
    spilling.docs.put(Doc("a", body=LONG))
    spilling.store.lose("transact", applied=applied)
    with spilling.docs.transaction() as transaction:
        transaction.put(Doc("a", body=f"new{LONG}"))
        transaction.create(Doc("b", body=LONG))
    assert {doc.body for doc in spilling.docs.scan()} == {f"new{LONG}", LONG}
    assert len(spilling.keys()) == 2


def test_a_transaction_that_may_be_done_keeps_its_blobs(spilling: Spilling) -> None:
    spilling.store.lose("transact", times=3)
    transaction = spilling.docs.transaction()
    transaction.put(Doc("a", body=LONG))
    with pytest.raises(holdall.Unavailable) as raised:
        transaction.commit()
    assert raised.value.maybe_done
    assert spilling.docs.require("a").body == LONG


def test_what_is_looked_up_and_left_unprocessed_is_asked_again(spilling: Spilling) -> None:
    spilling.docs.put(Doc("a", body=LONG))
    spilling.store.leave("get", range)
    spilling.docs.put(Doc("a", body="short"))
    assert spilling.keys() == []
