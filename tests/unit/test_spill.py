"""Which fields can be spilled, into what, and which values are."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

import holdall
from holdall import Expires, F, Index, Partition, Revision, Sort, Spill, Unique
from holdall._engine.spill import reading
from holdall._engine.spill.fields import SpilledField, SpillingForm, lightened
from holdall._engine.spill.markers import PREFIX, Marker, folder_of, marker_of, read_marker
from holdall._model.schema import Model
from tests.unit.spilled import LONG, Doc, Spilling


@dataclass
class Everything:
    at: Partition[str]
    to: Sort[str]
    mail: Unique[str | None] = None
    shelf: str = ""
    ends: Expires[datetime | None] = None
    tags: set[str] = field(default_factory=set[str])
    total: Decimal = Decimal(0)
    revision: Revision = None
    body: str = ""

    by_shelf = Index("shelf")


def opened(name: str, **options: Any) -> Any:
    blobs = holdall.open_blobs("memory://")
    return holdall.open_repository("memory://", Everything, spill=[Spill(name, blobs=blobs, **options)])


@pytest.mark.parametrize("name", ["at", "to", "mail", "shelf", "revision"])
def test_a_field_with_a_role_is_not_spilled(name: str) -> None:
    with pytest.raises(holdall.InvalidArgument, match=f"Everything.{name} has a role"):
        opened(name)


@pytest.mark.parametrize("name", ["tags", "total", "ends"])
def test_only_texts_and_bytes_are_spilled(name: str) -> None:
    with pytest.raises(holdall.InvalidArgument, match="only str and bytes can be spilled"):
        opened(name)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(holdall.InvalidArgument, match="no field 'bdy'; did you mean 'body'"):
        opened("bdy")


@pytest.mark.parametrize("over", [-1, 1.5, True, "9"])
def test_a_threshold_is_a_whole_number_of_bytes(over: Any) -> None:
    with pytest.raises(holdall.InvalidArgument, match="over= is a whole number of bytes"):
        opened("body", over=over)


@pytest.mark.parametrize("wrong", ["body", ["body"], [1]])
def test_what_is_given_is_a_list_of_spills(wrong: Any) -> None:
    with pytest.raises(holdall.InvalidArgument, match="spill= takes a list"):
        holdall.open_repository("memory://", Doc, spill=wrong)


def test_one_spill_is_no_list() -> None:
    one: Any = Spill("body", blobs=holdall.open_blobs("memory://"))
    with pytest.raises(holdall.InvalidArgument, match="spill= takes a list"):
        holdall.open_repository("memory://", Doc, spill=one)


def test_a_field_is_spilled_once() -> None:
    spill = Spill("body", blobs=holdall.open_blobs("memory://"))
    with pytest.raises(holdall.InvalidArgument, match="'body' twice"):
        holdall.open_repository("memory://", Doc, spill=[spill, spill])


def test_a_url_is_no_blob_store() -> None:
    url: Any = "s3://bucket"
    with pytest.raises(holdall.InvalidArgument, match="blobs= takes an open blob store"):
        Spill("body", blobs=url)


def test_a_blob_store_of_the_other_kind_is_refused() -> None:
    blocking, other = holdall.open_blobs("memory://"), holdall.open_async_blobs("memory://")
    wrong: Any = [Spill("body", blobs=other)]
    with pytest.raises(holdall.InvalidArgument, match="open_repository takes one of open_blobs"):
        holdall.open_repository("memory://", Doc, spill=wrong)
    wrong = [Spill("body", blobs=blocking)]
    with pytest.raises(holdall.InvalidArgument, match="open_async_repository takes one of open_async_blobs"):
        holdall.open_async_repository("memory://", Doc, spill=wrong)


def test_it_says_what_it_is() -> None:
    assert repr(Spill("body", blobs=holdall.open_blobs("memory://"), over=9)).startswith("Spill('body', blobs=<")


def test_a_closed_blob_store_is_an_error_and_writes_nothing() -> None:
    spilling = Spilling()
    spilling.blobs.close()
    with pytest.raises(holdall.ClosedError):
        spilling.docs.put(Doc("a", body=LONG))
    assert spilling.docs.scan().all() == []


def test_two_repositories_on_one_blob_store_keep_apart() -> None:
    assert folder_of("orders", "body") != folder_of("notes", "body")
    assert folder_of("shop/../orders", "b:c") == "shop_.._orders/b_c"


def test_a_marker_is_read_as_it_was_written() -> None:
    marker = marker_of(b"content", "docs/body")
    assert read_marker(str(marker)) == read_marker(str(marker).encode()) == marker
    assert marker.fits(b"content")
    assert not marker.fits(b"consent")


@pytest.mark.parametrize("value", ["", "plain", PREFIX, f"{PREFIX}x:00000000:k", f"{PREFIX}1:0:k", b"\xff", None, 7])
def test_what_is_no_marker_is_none(value: object) -> None:
    assert read_marker(value) is None


def test_no_two_blobs_have_one_key() -> None:
    assert len({marker_of(b"", "f").key for _ in range(1000)}) == 1000


class _Form:
    """A form in which values are as they are."""

    def encoder(self, _: Any) -> Any:
        return lambda value: value

    decoder = encoder
    shortcut = staticmethod(lambda _: None)
    is_null = staticmethod(lambda _: False)
    checks_numbers = False

    def size(self, item: dict[str, Any]) -> int:
        return sum(len(name) + len(value) for name, value in item.items())


def fields(over: int) -> list[SpilledField]:
    blobs: Any = None
    form: Any = _Form()
    return [SpilledField(one, blobs, over, form, "t") for one in Model(Doc).fields if one.name in ("body", "raw")]


def test_values_over_the_threshold_are_taken_out() -> None:
    light, large = lightened({"id": "a", "body": "x" * 11, "raw": b"x" * 10}, fields(10), None, _Form().size)
    assert isinstance(read_marker(light["body"]), Marker)
    assert light["raw"] == b"x" * 10
    assert [content for content, _ in large.contents.values()] == [b"x" * 11]


def test_a_text_counts_as_utf_8() -> None:
    _, large = lightened({"body": "ä" * 6}, fields(11), None, _Form().size)
    assert len(large.contents) == 1


def test_the_largest_values_are_taken_out_until_the_record_fits() -> None:
    item = {"id": "a", "body": "x" * 700, "raw": b"x" * 600}
    light, _ = lightened(item, fields(1000), 1000, _Form().size)
    assert read_marker(light["body"]) is not None
    assert light["raw"] == item["raw"]
    light, large = lightened(item, fields(1000), 500, _Form().size)
    assert len(large.contents) == 2
    assert SpillingForm(_any(_Form()), fields(1000), 500).size(item) == _Form().size(light)


def test_what_would_not_get_smaller_stays() -> None:
    _, large = lightened({"id": "i" * 500, "body": "x" * 200}, fields(1000), 300, _Form().size)
    assert large.contents == {}


def test_a_page_of_large_values_is_cut_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PAGE_BYTES", 120)
    docs = Spilling().docs
    docs.put_many(Doc(f"{n:02}", body=LONG) for n in range(9))
    assert [doc.id for doc in docs.query(F.shelf == "s")] == [f"{n:02}" for n in range(9)]
    assert docs.scan().count() == 9
    assert [len(block) for block in blocks(docs)] == [2, 2, 2, 2, 1]
    page = docs.query(F.shelf == "s", limit=5).page()
    assert [doc.id for doc in docs.query(F.shelf == "s", limit=5).page(page.token)] == ["05", "06", "07", "08"]


def blocks(docs: Any) -> list[list[Any]]:
    """Return what the pages of the backend hold."""

    async def collected() -> list[list[Any]]:
        return [block async for block in docs.query(F.shelf == "s")._execution.blocks()]

    return asyncio.run(collected())


def test_a_page_holds_one_record_however_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PAGE_BYTES", 10)
    docs = Spilling().docs
    docs.put_many(Doc(f"{n}", body=LONG) for n in range(3))
    assert len(docs.query(F.shelf == "s").all()) == 3


def test_what_is_not_asked_for_is_not_read() -> None:
    spilling = Spilling()
    spilling.docs.put(Doc("a", body=LONG, raw=b"r" * 30))
    spilling.faults.calls.clear()
    assert spilling.docs.exists("a")
    assert spilling.docs.query(F.shelf == "s", fields=["shelf"]).all() == [{"shelf": "s"}]
    assert spilling.docs.query(F.shelf == "s").count() == 1
    assert spilling.faults.calls == []
    assert spilling.docs.query(F.shelf == "s", fields=["body"]).one() == {"body": LONG}
    assert spilling.faults.calls.count("read") == 1


def test_a_create_does_not_look_up_what_it_replaces() -> None:
    spilling = Spilling()
    spilling.docs.create(Doc("a", body=LONG))
    spilling.docs.update("a", F.shelf.set("t"))
    assert spilling.store.count("get") == 0


def test_explain_says_which_fields_come_out_of_blobs() -> None:
    docs = Spilling().docs
    assert "out of blobs where large, a request each: body, raw" in str(docs.query(F.shelf == "s").explain())
    assert docs.query(F.shelf == "s", fields=["raw"]).explain().blobs == "raw"
    assert docs.query(F.shelf == "s", fields=["shelf"]).explain().blobs is None


def test_a_transaction_under_a_token_is_refused() -> None:
    transaction = Spilling().docs.transaction(token="t")
    with pytest.raises(holdall.Unsupported, match="spilled fields"):
        transaction.put(Doc("a"))


@pytest.mark.parametrize("wrong", [0, timedelta(0), timedelta(seconds=-1), None])
def test_orphans_have_an_age(wrong: Any) -> None:
    with pytest.raises(holdall.InvalidArgument, match="older_than= takes a positive timedelta"):
        Spilling().docs.remove_orphans(older_than=wrong)


def test_a_repository_that_spills_nothing_has_no_orphans() -> None:
    with pytest.raises(holdall.Unsupported, match="spills no field"):
        holdall.open_repository("memory://", Doc).remove_orphans()


def _any(value: Any) -> Any:
    return value
