"""What the driver declares is so: what it can, works; what it can't, is refused before any request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ... import errors
from ...expressions import F
from .base import RecordKit
from .models import Everything, GroupFirst, GroupLast, Order, Plain, key, order

if TYPE_CHECKING:
    from ...repository import Repository
    from ..stores import Stores

FLAGS = ["transactions", "idempotency_tokens", "consistent_reads", "consistent_index_reads"]


class LimitTests(RecordKit):
    """Capabilities and limits, both ways."""

    @pytest.mark.parametrize("flag", FLAGS)
    def test_what_the_driver_says_it_lacks_the_test_class_says_too(self, stores: Stores, flag: str) -> None:
        declared = getattr(stores.open(Order, provision=False).capabilities, flag)
        assert declared or self.lacking(flag), f"add {flag!r} to `lacks`, or declare it in the driver's capabilities"

    @pytest.mark.parametrize("flag", FLAGS)
    def test_what_a_program_requires_is_there_or_opening_fails(self, stores: Stores, flag: str) -> None:
        if getattr(stores.open(Order, provision=False).capabilities, flag):
            stores.open(Order, provision=False, require={flag})
        else:
            with pytest.raises(errors.Unsupported, match=flag):
                stores.open(Order, provision=False, require={flag})

    def test_transactions_that_are_not_declared_are_refused_before_any_request(self, stores: Stores) -> None:
        orders = stores.open(Order, provision=False)
        faults = stores.faults(orders)
        if not orders.capabilities.transactions:
            with pytest.raises(errors.Unsupported):
                orders.transaction()
        assert faults.count() == 0

    def test_the_backend_goes_by_the_name_that_is_declared(self, orders: Repository[Order]) -> None:
        with pytest.raises(errors.NotFound) as caught:
            orders.require(key())
        assert caught.value.backend == orders.capabilities.name != ""

    def test_the_native_client_is_at_hand(self, stores: Stores, orders: Repository[Order]) -> None:
        assert stores.native(orders) is not None

    def test_a_metered_backend_estimates_its_units_and_another_does_not(self, orders: Repository[Order]) -> None:
        told = orders.query(F.customer == "c", limit=10).explain()
        assert (told.read_units is not None) is orders.capabilities.metered

    @pytest.mark.parametrize("segments", [1, 2, 7])
    def test_a_scan_in_segments_gives_every_record_once(self, orders: Repository[Order], segments: int) -> None:
        orders.put_many(order(n, items=n) for n in range(40))
        assert sorted(one.items or 0 for one in orders.scan(segments=segments)) == list(range(40))
        assert orders.scan(F.items >= 30, segments=segments).count() == 10
        query, found, token = orders.scan(segments=segments, limit=7), list[int](), None
        while True:
            page = query.page(after=token)
            found += [one.items or 0 for one in page]
            token = page.token
            if token is None:
                break
        assert sorted(found) == list(range(40))

    def test_requests_hold_no_more_than_is_declared_and_no_key_twice(
        self, stores: Stores, orders: Repository[Order]
    ) -> None:
        faults, limits = stores.faults(orders), orders.capabilities
        orders.put_many(order(n % 230) for n in range(250))
        list(orders.get_many(key(n % 230) for n in range(250)))
        orders.delete_many(key(n % 230) for n in range(250))
        for port, asked in faults.calls:
            keys = [one.portable if port == "get" else one.key.portable for one in asked]
            most = limits.max_get if port == "get" else limits.max_batch
            assert most is None or len(keys) <= most
            assert len(set(keys)) == len(keys)

    def test_a_record_of_the_greatest_size_is_kept_and_one_byte_more_is_refused(self, stores: Stores) -> None:
        plain = stores.open(Plain)
        limit = plain.capabilities.max_item_bytes
        room = 400_000 if limit is None else limit - _size(plain, Plain("k", "", 1))
        largest = Plain("k", "x" * room, 1)
        plain.put(largest)
        assert plain.get("k") == largest
        if limit is not None:
            faults = stores.faults(plain)
            for verb in (plain.put, plain.create, plain.replace):
                with pytest.raises(errors.TooLarge, match=rf"{limit + 1} bytes.*{limit}.*text") as caught:
                    verb(Plain("k", "x" * (room + 1), 1))
                assert caught.value.key == "k"
            assert faults.count() == 0

    def test_a_size_is_counted_in_bytes_of_utf8(self, stores: Stores) -> None:
        plain = stores.open(Plain)
        limit = plain.capabilities.max_item_bytes
        text = "\U0001f600" * ((limit or 400_000) // 4)
        if limit is None:
            assert plain.put(Plain("k", text)).text == text
        else:
            with pytest.raises(errors.TooLarge):
                plain.put(Plain("k", text))

    def test_an_update_that_would_grow_a_record_past_the_limit_is_refused_and_changes_nothing(
        self, stores: Stores
    ) -> None:
        store = stores.open(Everything)
        limit = store.capabilities.max_item_bytes
        if limit is None:
            store.put(Everything("k", texts=["x" * 300_000]))
            assert store.update("k", F.texts.append("y" * 300_000)).texts == ["x" * 300_000, "y" * 300_000]
            return
        before = store.put(Everything("k", texts=["x" * (limit * 3 // 4)]))
        with pytest.raises(errors.TooLarge):
            store.update("k", F.texts.append("y" * (limit // 2)))
        assert store.get("k") == before

    @pytest.mark.parametrize("part", ["partition", "sort"])
    def test_a_key_of_the_greatest_length_is_kept_and_one_byte_more_is_refused(self, stores: Stores, part: str) -> None:
        orders = stores.open(Order)
        limits = orders.capabilities
        limit = limits.max_partition_bytes if part == "partition" else limits.max_sort_bytes
        size = 1000 if limit is None else limit

        def of(text: str) -> Order:
            return Order(text, "i") if part == "partition" else Order("c", text)

        for text in ("x" * size, "é" * (size // 2)):
            stored = orders.create(of(text))
            assert orders.get(of(text)) == stored
            assert orders.query(F.customer == stored.customer, F.id == stored.id).count() == 1
        if limit is not None:
            faults = stores.faults(orders)
            for text in ("x" * (size + 1), "é" * (size // 2 + 1)):
                uses: tuple[Any, ...] = (orders.put, orders.get, orders.delete)
                for use in uses:
                    with pytest.raises(errors.TooLarge, match=str(limit)):
                        use(of(text))
            assert faults.count() == 0

    @pytest.mark.parametrize("model", [GroupFirst, GroupLast], ids=["partition", "sort"])
    def test_a_key_of_an_index_of_the_greatest_length_is_kept_and_one_byte_more_is_refused(
        self, stores: Stores, model: Any
    ) -> None:
        store = stores.open(model)
        limits = store.capabilities
        limit = limits.max_partition_bytes if model is GroupFirst else limits.max_sort_bytes
        size = 1000 if limit is None else limit
        store.put(model("k", "x" * size))
        assert store.query(F.group == "x" * size, F.name == "n").count() == 1
        if limit is not None:
            faults = stores.faults(store)
            with pytest.raises(errors.TooLarge, match=rf"group.*{limit + 1} bytes.*{limit}"):
                store.put(model("k", "x" * (limit + 1)))
            with pytest.raises(errors.TooLarge, match=rf"group.*{limit + 1} bytes.*{limit}"):
                store.update("k", F.group.set("x" * (limit + 1)))
            assert faults.count() == 0


def _size(repository: Any, record: Any) -> int:
    """Return an item's size as the driver's form counts it."""
    codec = repository.engine.codec
    size: int = codec.form.size(codec.encode(record))
    return size
