"""What each change of an update does, to fields that are set and to fields that are not."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from ... import errors
from ...expressions import F
from .base import RecordKit
from .models import AWKWARD, START, Awkward, Everything, Line, Loose, Order, key, order

if TYPE_CHECKING:
    from ...expressions import Change
    from ...repository import Repository
    from ..stores import Stores

ONE: list[tuple[str, dict[str, Any], Change, str, Any]] = [
    ("set an unset field", {}, F.text.set("x"), "text", "x"),
    ("set a field", {"text": "a"}, F.text.set("x"), "text", "x"),
    ("set to empty", {"text": "a"}, F.text.set(""), "text", ""),
    ("set to None", {"text": "a"}, F.text.set(None), "text", None),
    ("remove", {"text": "a"}, F.text.remove(), "text", None),
    ("remove an unset field", {}, F.text.remove(), "text", None),
    ("remove a set", {"words": {"a"}}, F.words.remove(), "words", set()),
    ("set to an empty set", {"words": {"a"}}, F.words.set(set()), "words", set()),
    ("set to an empty list", {"texts": ["a"]}, F.texts.set([]), "texts", []),
    ("set if absent", {}, F.text.set_if_absent("x"), "text", "x"),
    ("set if absent, there", {"text": "a"}, F.text.set_if_absent("x"), "text", "a"),
    ("set if absent, empty there", {"text": ""}, F.text.set_if_absent("x"), "text", ""),
    ("add", {"whole": 5}, F.whole.add(3), "whole", 8),
    ("add to an unset field", {}, F.whole.add(3), "whole", 3),
    ("add a negative number", {"whole": 5}, F.whole.add(-8), "whole", -3),
    ("add a Decimal", {"exact": Decimal("0.1")}, F.exact.add(Decimal("0.2")), "exact", Decimal("0.3")),
    ("add an int to a Decimal", {"exact": Decimal("0.1")}, F.exact.add(1), "exact", Decimal("1.1")),
    ("add floats exactly", {"real": 0.1}, F.real.add(0.2), "real", 0.3),
    ("add great numbers exactly", {"whole": 2**53}, F.whole.add(1), "whole", 2**53 + 1),
    ("add to 38 digits", {"exact": Decimal("9" * 37 + "8")}, F.exact.add(1), "exact", Decimal("9" * 38)),
    ("add a small one", {"exact": Decimal(1)}, F.exact.add(Decimal("1E-37")), "exact", Decimal("1." + "0" * 36 + "1")),
    ("add a duration", {"span": timedelta(hours=1)}, F.span.add(-timedelta(seconds=60)), "span", timedelta(minutes=59)),
    ("append", {"texts": ["a"]}, F.texts.append("b", "a"), "texts", ["a", "b", "a"]),
    ("append to an unset field", {}, F.texts.append("b"), "texts", ["b"]),
    ("prepend", {"texts": ["a"]}, F.texts.prepend("b", "c"), "texts", ["b", "c", "a"]),
    ("prepend to an unset field", {}, F.texts.prepend("b"), "texts", ["b"]),
    ("append nothing", {"texts": ["a"]}, F.texts.append(), "texts", ["a"]),
    ("append records", {"lines": [Line("a")]}, F.lines.append(Line("b")), "lines", [Line("a"), Line("b")]),
    ("add to a set", {"words": {"a"}}, F.words.add_to("b", "a"), "words", {"a", "b"}),
    ("add to an unset set", {}, F.words.add_to("b"), "words", {"b"}),
    ("add numbers to a set", {"primes": frozenset({2})}, F.primes.add_to(3), "primes", frozenset({2, 3})),
    ("add bytes to a set", {"blobs": {b"a"}}, F.blobs.add_to(b"b"), "blobs", {b"a", b"b"}),
    ("discard from a set", {"words": {"a", "b"}}, F.words.discard_from("a", "z"), "words", {"b"}),
    ("discard the last element", {"words": {"a"}}, F.words.discard_from("a"), "words", set()),
    ("discard from an unset set", {}, F.words.discard_from("a"), "words", set()),
    ("set inside a record", {"line": Line("a")}, F.line.price.set(Decimal(2)), "line", Line("a", Decimal(2))),
    ("unset inside a record", {"line": Line("a", gift=True)}, F.line.gift.set(None), "line", Line("a")),
    ("add inside a record", {"line": Line("a", Decimal(1))}, F.line.price.add(1), "line", Line("a", Decimal(2))),
    ("set inside a dict", {"mapping": {"a": 1}}, F.mapping.b.set(2), "mapping", {"a": 1, "b": 2}),
    ("set a name with dots", {"mapping": {}}, F.mapping["a.b #c"].set(2), "mapping", {"a.b #c": 2}),
    ("remove inside a dict", {"mapping": {"a": 1, "b": 2}}, F.mapping.a.remove(), "mapping", {"b": 2}),
    ("remove nothing inside a dict", {"mapping": {"b": 2}}, F.mapping.a.remove(), "mapping", {"b": 2}),
    ("add inside a dict", {"mapping": {}}, F.mapping.a.add(2), "mapping", {"a": 2}),
    ("set an element", {"texts": ["a", "b"]}, F.texts[1].set("x"), "texts", ["a", "x"]),
    ("set past a list's end", {"texts": ["a"]}, F.texts[7].set("x"), "texts", ["a", "x"]),
    ("remove an element", {"texts": ["a", "b", "c"]}, F.texts[1].remove(), "texts", ["a", "c"]),
    ("remove past a list's end", {"texts": ["a"]}, F.texts[3].remove(), "texts", ["a"]),
    ("set inside an element", {"lines": [Line("a"), Line("b")]}, F.lines[1].article.set("x"), "lines",
     [Line("a"), Line("x")]),
    ("append deep inside", {"deep": {"k": [{"a": "b"}]}}, F.deep.k.append({"c": "d"}), "deep",
     {"k": [{"a": "b"}, {"c": "d"}]}),
    ("set an untyped field", {"anything": 1}, F.anything.set({"a": [1, None]}), "anything", {"a": [1, None]}),
]  # fmt: skip


_WIDE = pytest.mark.needs("wide_decimals")


class ChangeTests(RecordKit):
    """The changes of an update."""

    @pytest.mark.parametrize(
        ("before", "change", "field", "after"),
        [pytest.param(*case[1:], id=case[0], marks=_WIDE if case[0] == "add a small one" else ()) for case in ONE],
    )
    def test_a_change(self, stores: Stores, before: dict[str, Any], change: Change, field: str, after: Any) -> None:
        store = stores.open(Everything)
        store.put(Everything("k", **before))
        updated = store.update("k", change)
        assert getattr(updated, field) == after
        assert store.get("k") == updated
        assert [name for name, value in vars(updated).items() if value != getattr(Everything("k", **before), name)] in (
            [], [field])  # fmt: skip

    def test_several_changes_are_made_at_once(self, orders: Repository[Order]) -> None:
        orders.put(order(events=["a"], tags={"x", "y"}, items=1, note="n", first=Line("f")))
        updated = orders.update(
            key(), F.status.set("paid"), F.items.add(4), F.note.remove(), F.events.append("b"),
            F.tags.discard_from("x"), F.first.price.set(Decimal(7)), F.first.gift.set(True),
            F.total.set_if_absent(Decimal(9)),
        )  # fmt: skip
        assert (updated.status, updated.items, updated.note, updated.events) == ("paid", 5, None, ["a", "b"])
        assert (updated.tags, updated.first, updated.total) == ({"y"}, Line("f", Decimal(7), gift=True), Decimal(0))
        assert orders.get(key()) == updated

    def test_places_in_a_list_are_those_before_the_update(self, stores: Stores) -> None:
        store = stores.open(Everything)
        store.put(Everything("k", texts=["a", "b", "c", "d"]))
        assert store.update("k", F.texts[0].remove(), F.texts[2].remove()).texts == ["b", "d"]
        assert store.update("k", F.texts[0].remove(), F.texts[1].set("x")).texts == ["x"]
        assert store.update("k", F.texts.set(["a", "b", "c"])).texts == ["a", "b", "c"]
        assert store.update("k", F.texts[1].set("x"), F.texts[0].remove()).texts == ["x", "c"]

    def test_changes_that_overlap_are_refused(self, stores: Stores) -> None:
        store = stores.open(Everything)
        store.put(Everything("k", line=Line("a"), texts=["a"]))
        faults = stores.faults(store)
        for changes in (
            (F.text.set("a"), F.text.set("b")),
            (F.line.set(Line("b")), F.line.price.add(1)),
            (F.texts[0].set("b"), F.texts.append("c")),
            (F.whole.add(1), F.whole.remove()),
        ):
            with pytest.raises(errors.InvalidArgument, match="twice"):
                store.update("k", *changes)
        assert faults.count() == 0

    def test_an_update_without_changes_is_refused(self, orders: Repository[Order]) -> None:
        with pytest.raises(errors.InvalidArgument):
            orders.update(key())

    def test_an_unset_field_with_a_default_reads_as_the_default_and_compares_as_unset(
        self, orders: Repository[Order]
    ) -> None:
        orders.put(order(total=Decimal(5), events=["a"]))
        updated = orders.update(key(), F.total.remove(), F.events.remove())
        assert updated.total == 0
        assert updated.events == []
        assert orders.scan(F.total.is_null(), F.events.is_null()).count() == 1
        assert orders.scan(F.total == 0).count() == 0
        assert orders.update(key(), F.total.add(2)).total == 2

    def test_a_field_that_update_unsets_in_what_it_creates_is_unset(self, orders: Repository[Order]) -> None:
        created = orders.update(key(), F.total.remove(), F.note.remove(), create=order(total=Decimal(5), note="n"))
        assert (created.total, created.note) == (Decimal(0), None)
        assert orders.get(key()) == created
        assert orders.scan(F.total.is_null(), F.note.is_null()).count() == 1

    @pytest.mark.parametrize(
        "change",
        [F.id.set("x"), F.customer.remove(), F.revision.set("x"), F.revision.remove()],
        ids=["key", "partition", "revision", "no revision"],
    )
    def test_keys_and_the_revision_cannot_be_changed(
        self, stores: Stores, orders: Repository[Order], change: Change
    ) -> None:
        stored = orders.put(order())
        faults = stores.faults(orders)
        with pytest.raises(errors.InvalidArgument):
            orders.update(key(), change)
        assert faults.count() == 0
        assert orders.get(key()) == stored

    def test_a_place_inside_something_that_is_not_there_is_refused_and_nothing_changes(self, stores: Stores) -> None:
        store = stores.open(Everything)
        before = store.put(Everything("k", mapping={"a": 1}, texts=["a"]))
        for change in (F.line.price.set(Decimal(1)), F.lines[0].price.set(Decimal(1)), F.by_name.x.price.add(1)):
            with pytest.raises(errors.InvalidArgument, match="not there"):
                store.update("k", F.text.set("changed"), change)
        assert store.get("k") == before

    def test_removing_inside_something_that_is_not_there_is_fine(self, stores: Stores) -> None:
        store = stores.open(Everything)
        before = store.put(Everything("k"))
        for change in (F.line.gift.remove(), F.mapping.a.remove(), F.texts[2].remove(), F.lines[0].gift.set(None)):
            assert store.update("k", change) == before

    @pytest.mark.parametrize(
        "change",
        [F.value.add(1), F.value.append("x"), F.value.prepend("x"), F.value.add_to("x"), F.value.discard_from("x"),
         F.value.inside.set(1)],
        ids=["add", "append", "prepend", "add_to", "discard_from", "inside"],
    )  # fmt: skip
    def test_a_change_that_does_not_fit_what_is_stored_is_refused_and_nothing_changes(
        self, stores: Stores, change: Change
    ) -> None:
        store = stores.open(Loose)
        before = store.put(Loose("k", value="text"))
        with pytest.raises(errors.InvalidArgument):
            store.update("k", F.data.set({"changed": True}), change)
        assert store.get("k") == before

    def test_a_sum_of_more_than_38_digits_is_refused(self, stores: Stores) -> None:
        store = stores.open(Everything)
        before = store.put(Everything("k", exact=Decimal("9" * 38)))
        if store.capabilities.max_digits is None:
            assert store.update("k", F.exact.add(Decimal("0.5"))).exact == Decimal("9" * 38 + ".5")
            return
        with pytest.raises(errors.InvalidArgument):
            store.update("k", F.exact.add(Decimal("0.5")))
        assert store.get("k") == before

    def test_changing_a_key_of_an_index_moves_the_record_in_the_index(self, orders: Repository[Order]) -> None:
        orders.put(order(note="a", items=1))
        later = START.replace(year=2027)
        orders.update(key(), F.status.set("paid"), F.placed.set(later), F.note.remove(), F.items.add(1))
        assert orders.query(F.status == "new").all() == []
        assert orders.query(F.status == "paid", F.placed > START).count() == 1
        assert orders.query(F.note == "a").count() == 0
        assert orders.query(F.items == 2).count() == 1

    def test_an_empty_key_of_an_index_is_refused(self, orders: Repository[Order]) -> None:
        before = orders.put(order(note="a"))
        with pytest.raises(errors.InvalidArgument, match="empty"):
            orders.put(order(note=""))
        with pytest.raises(errors.InvalidArgument, match="empty"):
            orders.update(key(), F.note.set(""))
        assert orders.get(key()) == before

    def test_names_in_the_store_serve_every_verb(self, stores: Stores) -> None:
        store = stores.open(AWKWARD)
        first = store.create(Awkward("a", 1, "new", 5, "d", {"x.y": "z"}))
        store.put(Awkward("a", 2, "new", 7))
        updated = store.update(
            first, F.dotted.set("e"), F.quoted["#n"].set("v"), F["size"].add(1),
            when=(F.dotted == "d") & (F["size"] == 5),
        )  # fmt: skip
        assert updated == store.get(("a", 1))
        assert updated.quoted == {"x.y": "z", "#n": "v"}
        assert [one.order for one in store.query(F.id == "a", F.order >= 1, F.dotted.is_set(), F["size"] > 5)] == [1]
        assert [one.order for one in store.query(F.status == "new", F["size"] <= 7, order="-size")] == [2, 1]
        assert store.query(F.id == "a", F.order == 1, fields=["dotted", "size"]).all() == [{"dotted": "e", "size": 6}]
        assert store.query(F.id == "a", fields=["dotted"]).all() == [{"dotted": "e"}, {"dotted": None}]
        assert store.scan(F.quoted["x.y"] == "z").count() == 1
        with pytest.raises(errors.Conflict):
            store.replace(first)
