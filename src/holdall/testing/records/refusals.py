"""Bad input: an error of holdall that says where and the mend, before any request, and without the value."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from ... import errors
from ..._model.schema import Schema
from ...expressions import F
from .base import RecordKit
from .models import START, Everything, Line, Order, Plain, key, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...repository import Repository
    from ..stores import Stores

SENTINEL = "hush-hush"
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001  # the naive one is the point

line: Any = Line  # with wrong arguments too

RECORDS: dict[str, tuple[dict[str, Any], str]] = {
    "str for int": ({"whole": SENTINEL}, r"Everything\.whole: expected int"),
    "bool for int": ({"whole": True}, r"Everything\.whole: expected int"),
    "float for int": ({"whole": 1.5}, r"Everything\.whole: expected int"),
    "int for str": ({"text": 5}, r"Everything\.text: expected str"),
    "bytes for str": ({"text": b"x"}, r"Everything\.text: expected str"),
    "str for bytes": ({"data": SENTINEL}, r"Everything\.data: expected bytes"),
    "int for bool": ({"flag": 1}, r"Everything\.flag: expected bool"),
    "float for Decimal": ({"exact": 1.5}, r"Everything\.exact: expected Decimal"),
    "NaN": ({"real": float("nan")}, r"Everything\.real: NaN"),
    "infinite Decimal": ({"exact": Decimal("-Infinity")}, r"Everything\.exact: NaN and infinities"),
    "naive instant": ({"instant": NAIVE}, r"Everything\.instant: the datetime has no time zone; use"),
    "naive instant in a list": ({"instants": [START, NAIVE]}, r"Everything\.instants\[1\]: .*time zone"),
    "date for instant": ({"instant": START.date()}, r"Everything\.instant: expected datetime"),
    "instant for date": ({"day": START}, r"Everything\.day: expected date"),
    "zoned time": ({"clock": START.timetz()}, r"Everything\.clock: a time of day with a time zone"),
    "str for UUID": ({"uuid": "0" * 32}, r"Everything\.uuid: expected UUID"),
    "value for Enum": ({"colour": "red"}, r"Everything\.colour: expected a member of Colour"),
    "no choice": ({"choice": SENTINEL}, r"Everything\.choice: expected one of"),
    "str in list": ({"numbers": [Decimal(1), SENTINEL]}, r"Everything\.numbers\[1\]: expected Decimal"),
    "str for list": ({"texts": SENTINEL}, r"Everything\.texts: expected a list of str"),
    "list for set": ({"words": ["a"]}, r"Everything\.words: expected a set of str"),
    "None for set": ({"words": None}, r"Everything\.words: expected a set of str"),
    "None in list": ({"texts": [None]}, r"Everything\.texts\[0\]: expected str"),
    "int key of dict": ({"mapping": {5: 1}}, r"Everything\.mapping: the keys of a dict must be str"),
    "str in dict": ({"mapping": {"a": SENTINEL}}, r"Everything\.mapping\['a'\]: expected int"),
    "wrong length": ({"pair": ("a",)}, r"Everything\.pair: expected a tuple of 2"),
    "dict for record": ({"line": {"article": "x"}}, r"Everything\.line: expected a Line"),
    "wrong inside record": ({"line": line(5)}, r"Everything\.line\['article'\]: expected str"),
    "wrong deep inside": ({"lines": [line("x", SENTINEL)]}, r"Everything\.lines\[0\]\['price'\]: expected Decimal"),
    "float in untyped": ({"anything": {"a": [1.5]}}, r"Everything\.anything\['a'\]\[0\]: .*untyped"),
    "tuple in untyped": ({"anything": [(1, 2)]}, r"Everything\.anything\[0\]: .*tuple"),
    "object": ({"anything": object()}, r"Everything\.anything: .*object"),
    "lone surrogate": ({"text": "\ud800"}, r"Everything\.text: .*surrogate"),
    "neither of a union": ({"either": 1.5}, r"Everything\.either: expected str or int"),
}  # fmt: skip

CONDITIONS: dict[str, tuple[Callable[[], Any], str]] = {
    "unknown field": (lambda: F.txet == "x", r"no field 'txet'; did you mean 'text'"),
    "unknown field inside": (lambda: F.line.prise > 1, r"no field 'prise'; did you mean 'price'"),
    "inside a str": (lambda: F.text.a == 1, r"Everything\.text"),
    "negative position": (lambda: F.texts[-1] == "x", r"Everything\.texts: a position counts from 0"),
    "list by name": (lambda: F.texts.a == "x", r"Everything\.texts"),
    "str against int": (lambda: F.whole == SENTINEL, r"Everything\.whole: expected number"),
    "int against str": (lambda: F.text > 5, r"Everything\.text: expected str"),
    "bool ordered": (lambda: F.flag < True, r"Everything\.flag"),
    "list compared": (lambda: F.texts == ["a"], r"Everything\.texts.*compare what is inside it"),
    "dict compared": (lambda: F.mapping != {"a": 1}, r"Everything\.mapping"),
    "record compared": (lambda: F.line == Line("x"), r"Everything\.line"),
    "set compared": (lambda: F.words == {"a"}, r"Everything\.words"),
    "None compared": (lambda: F.text == None, r"is_null"),  # noqa: E711  # the wrong one is the point
    "None in list": (lambda: F.text.in_(["a", None]), r"is_null"),
    "wrong in list": (lambda: F.whole.in_([1, SENTINEL]), r"Everything\.whole: expected number"),
    "str for list": (lambda: F.text.in_("abc"), r"list of values"),
    "field against field": (lambda: F.whole == F.real, r"value only"),
    "prefix of int": (lambda: F.whole.startswith(1), r"Everything\.whole"),
    "prefix of instant": (lambda: F.instant.startswith("2026"), r"Everything\.instant"),
    "part of int": (lambda: F.whole.contains(1), r"Everything\.whole"),
    "wrong part": (lambda: F.primes.contains(SENTINEL), r"Everything\.primes: expected number"),
    "size of str": (lambda: F.text.size() > 1, r"Everything\.text.*size"),
    "size of int": (lambda: F.whole.size() > 1, r"Everything\.whole"),
    "size against str": (lambda: F.texts.size() > "1", r"Everything\.texts"),
    "reversed bounds": (lambda: F.whole.between(2, 1), r"Everything\.whole: .*wrong order"),
    "naive instant": (lambda: F.instant < NAIVE, r"Everything\.instant: .*time zone"),
    "value of an Enum": (lambda: F.colour == "red", r"Everything\.colour"),
    "NaN": (lambda: F.real > float("nan"), r"Everything\.real: NaN"),
    "a bool": (lambda: START == NAIVE, r"expected a condition"),
    "a value": (lambda: 5, r"expected a condition"),
    "a change": (lambda: F.text.set("x"), r"expected a condition"),
    "truth": (lambda: (F.text == "a") and (F.text == "b"), r"no truth value"),
    "chained": (lambda: 1 < F.whole < 5, r"no truth value"),
    "not a condition": (lambda: (F.text == "a") & True, r"combined with a condition only"),  # type: ignore[operator]
}

CHANGES: dict[str, tuple[Callable[[], Any], str]] = {
    "unknown field": (lambda: F.txet.set("x"), r"did you mean 'text'"),
    "unknown field inside": (lambda: F.line.artikle.set("x"), r"did you mean 'article'"),
    "wrong type": (lambda: F.whole.set(SENTINEL), r"Everything\.whole: expected int"),
    "wrong type inside": (lambda: F.line.price.set(SENTINEL), r"Everything\.line\.price: expected Decimal"),
    "naive instant": (lambda: F.instant.set(NAIVE), r"Everything\.instant: .*time zone"),
    "add to a str": (lambda: F.text.add(1), r"Everything\.text.*add"),
    "add a str": (lambda: F.whole.add(SENTINEL), r"Everything\.whole: expected int"),
    "add a fraction to an int": (lambda: F.whole.add(Decimal("0.5")), r"Everything\.whole: expected int"),
    "add NaN": (lambda: F.real.add(float("nan")), r"Everything\.real: NaN"),
    "append to a set": (lambda: F.words.append("a"), r"Everything\.words.*append"),
    "append a wrong one": (lambda: F.texts.append(5), r"Everything\.texts.*expected str"),
    "add_to a list": (lambda: F.texts.add_to("a"), r"Everything\.texts.*add_to"),
    "add_to a wrong one": (lambda: F.primes.add_to(SENTINEL), r"Everything\.primes.*expected"),
    "a condition": (lambda: F.text == "x", r"F\.x\.set\(y\) a change"),
    "a value": (lambda: {"text": "x"}, r"expected a change"),
    "the key": (lambda: F.id.set("x"), r"Everything\.id is part of the key"),
    "a dict for a record": (lambda: F.line.set({"article": "x"}), r"Everything\.line: expected a Line"),
    "a required one removed": (lambda: F.line.article.remove(), r"Everything\.line\.article is neither optional"),
    "a required one unset": (lambda: F.lines[0].article.set(None), r"lines\[0\]\.article is neither optional"),
    "a place of a tuple removed": (lambda: F.pair[0].remove(), r"Everything\.pair\[0\] is neither optional"),
    "past a tuple's end": (lambda: F.pair[2].set("x"), r"Everything\.pair"),
    "a negative position": (lambda: F.texts[-1].set("x"), r"Everything\.texts: a position counts from 0"),
}

KEYS: dict[str, tuple[Any, str]] = {
    "too few": ("c", r"the key of Order is the tuple \(customer, id\)"),
    "too many": (("c", "i", "x"), r"the key of Order is the tuple \(customer, id\), got 3"),
    "list": (["c", "i"], r"the key of Order"),
    "None": (None, r"the key of Order"),
    "int for str": (("c", 5), r"Order\.id: expected str"),
    "None inside": ((None, "i"), r"Order\.customer: expected str"),
    "empty": (("c", ""), r"id is empty"),
    "empty partition": (("", "i"), r"customer is empty"),
    "lone surrogate": (("c", "\udc00"), r"Order\.id: .*surrogate"),
    "another record": (Plain("x"), r"the key of Order"),
}


class RefusalTests(RecordKit):
    """Bad input."""

    @pytest.mark.parametrize("name", RECORDS)
    def test_a_wrong_value_is_refused_before_any_request(self, stores: Stores, name: str) -> None:
        values, message = RECORDS[name]
        store = stores.open(Everything, provision=False)
        faults = stores.faults(store)
        for verb in ("create", "put", "replace"):
            with pytest.raises(errors.InvalidArgument, match=message) as caught:
                getattr(store, verb)(Everything("k", **values))
            assert isinstance(caught.value, ValueError)
            assert SENTINEL not in str(caught.value)
            assert (caught.value.operation, caught.value.key) == (verb, "k")
        assert faults.count() == 0

    @pytest.mark.parametrize("name", CONDITIONS)
    def test_a_wrong_condition_is_refused_before_any_request(self, stores: Stores, name: str) -> None:
        make, message = CONDITIONS[name]
        store = stores.open(Everything, provision=False)
        faults = stores.faults(store)
        uses: tuple[Callable[[], Any], ...] = (
            lambda: store.scan(make()),
            lambda: store.query(F.id == "k", make()),
            lambda: store.update("k", F.text.set("x"), when=make()),
            lambda: store.delete("k", when=make()),
            lambda: store.replace(Everything("k"), when=make()),
        )
        for use in uses:
            with pytest.raises(errors.InvalidArgument, match=message) as caught:
                use()
            assert SENTINEL not in str(caught.value)
        assert faults.count() == 0

    @pytest.mark.parametrize("name", CHANGES)
    def test_a_wrong_change_is_refused_before_any_request(self, stores: Stores, name: str) -> None:
        make, message = CHANGES[name]
        store = stores.open(Everything, provision=False)
        faults = stores.faults(store)
        with pytest.raises(errors.InvalidArgument, match=message) as caught:
            store.update("k", F.flag.set(True), make())
        assert SENTINEL not in str(caught.value)
        assert faults.count() == 0

    @pytest.mark.parametrize("name", KEYS)
    def test_a_wrong_key_is_refused_before_any_request(self, stores: Stores, name: str) -> None:
        wrong, message = KEYS[name]
        orders = stores.open(Order, provision=False)
        faults = stores.faults(orders)
        uses: tuple[Callable[[], Any], ...] = (
            lambda: orders.get(wrong),
            lambda: orders.require(wrong),
            lambda: orders.exists(wrong),
            lambda: orders.delete(wrong),
            lambda: orders.update(wrong, F.note.set("x")),
            lambda: list(orders.get_many([wrong])),
        )
        for use in uses:
            with pytest.raises(errors.InvalidArgument, match=message):
                use()
        with pytest.raises(errors.BatchError) as caught:
            orders.delete_many([wrong])
        assert isinstance(caught.value.failures[0].error, errors.InvalidArgument)
        assert faults.count() == 0

    @pytest.mark.parametrize("wrong", [None, 5, "text", Plain("x"), {"customer": "c", "id": "i"}], ids=ascii)
    def test_what_is_no_record_is_refused_before_any_request(self, stores: Stores, wrong: Any) -> None:
        orders = stores.open(Order, provision=False)
        faults = stores.faults(orders)
        for verb in (orders.create, orders.put, orders.replace):
            with pytest.raises(errors.InvalidArgument, match="Order"):
                verb(wrong)
        assert faults.count() == 0

    def test_an_empty_key_of_a_record_is_refused(self, stores: Stores) -> None:
        orders = stores.open(Order, provision=False)
        faults = stores.faults(orders)
        for record in (Order("", "i"), Order("c", "")):
            with pytest.raises(errors.InvalidArgument, match="empty"):
                orders.put(record)
        assert faults.count() == 0

    def test_a_dict_with_an_unknown_or_a_missing_field_is_refused(self, stores: Stores) -> None:
        fields: dict[str, Any] = {"id": str, "text": str, "note": str | None}
        schema: Schema[dict[str, Any]] = Schema(dict, fields=fields, partition="id", table="noted")
        store = stores.open(schema)
        faults = stores.faults(store)
        with pytest.raises(errors.InvalidArgument, match="no field 'txt'; did you mean 'text'"):
            store.put({"id": "k", "text": "x", "txt": "y"})
        with pytest.raises(errors.InvalidArgument, match="lacks the field 'text'"):
            store.put({"id": "k", "note": "y"})
        assert faults.count() == 0
        assert store.put({"id": "k", "text": "x"}) == {"id": "k", "text": "x", "note": None}

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"order": "plced"}, "did you mean 'placed'"),
            ({"order": "-"}, "order="),
            ({"order": 5}, "order="),
            ({"fields": ["sttus"]}, "did you mean 'status'"),
        ],
        ids=["unknown order", "no order", "wrong order", "unknown field"],
    )
    def test_a_wrong_option_of_a_query_is_refused(self, stores: Stores, options: dict[str, Any], message: str) -> None:
        orders = stores.open(Order, provision=False)
        with pytest.raises(errors.InvalidArgument, match=message):
            orders.query(F.customer == "c", **options)

    def test_an_unknown_parameter_of_the_url_is_refused(self, stores: Stores) -> None:
        url = stores.url(Order)
        with pytest.raises(errors.ConfigError, match="unknown parameter 'tabel'"):
            self.open_store(f"{url}{'&' if '?' in url else '?'}tabel=x", Order, asynchronous=stores.asynchronous)

    def test_a_required_capability_that_is_unknown_is_refused(self, stores: Stores) -> None:
        with pytest.raises(errors.InvalidArgument, match="did you mean 'transactions'"):
            stores.open(Order, provision=False, require={"transaction"})

    def test_nothing_of_a_refused_write_is_stored(self, orders: Repository[Order]) -> None:
        before = orders.put(order())
        writes: tuple[Callable[[], Any], ...] = (
            lambda: orders.put(order(total=Decimal("NaN"))),
            lambda: orders.update(key(), F.status.set("changed"), F.items.add("x")),
            lambda: orders.replace(order(lines=[line("x", Decimal(0), "yes")])),
            lambda: orders.update(key(), F.status.set("changed"), when=F.placed < NAIVE - timedelta(1)),
        )
        for write in writes:
            with pytest.raises(errors.InvalidArgument):
                write()
        assert orders.scan().all() == [before]
