"""Opening, closing, forks, event loops, missing tables, other processes."""

from __future__ import annotations

import asyncio
import copy
import gc
import os
import pickle
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from ... import errors
from ...expressions import F
from ..stores import bare
from .answers import VERBS
from .base import RecordKit
from .models import Order, Plain, key, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...repository import Repository
    from ..stores import Stores

_OTHER_PROCESS = """
import sys
import holdall
from holdall import F
from holdall.testing.records.models import Order

with holdall.open_repository(sys.argv[1], Order) as orders:
    orders.update(("c", "o-001"), F.items.add(1), F.note.set("from the other process"), when=F.items == 1)
    orders.create(Order("c", "o-002"))
"""


class LifecycleTests(RecordKit):
    """What happens around the verbs."""

    def test_closing_twice_is_fine(self, orders: Repository[Order]) -> None:
        orders.close()
        orders.close()

    def test_every_verb_of_a_closed_repository_is_refused_before_any_request(
        self, stores: Stores, orders: Repository[Order]
    ) -> None:
        faults = stores.faults(orders)
        orders.close()
        uses: dict[str, Callable[[Repository[Order]], Any]] = {
            **{name: run for name, (_, run) in VERBS.items()},
            "put_many": lambda it: it.put_many([order()]),
            "delete_many": lambda it: it.delete_many([key()]),
            "update_many": lambda it: it.update_many([key()], F.note.set("x")),
            "provision": lambda it: it.provision(),
            "first": lambda it: it.scan().first(),
            "exists by query": lambda it: it.scan().exists(),
        }
        for name, use in uses.items():
            with pytest.raises(errors.ClosedError):
                use(orders)
                pytest.fail(f"{name} was not refused")
        assert faults.count() == 0

    def test_a_query_made_before_closing_is_refused_after_it(self, orders: Repository[Order]) -> None:
        query = orders.query(F.customer == "c")
        orders.close()
        with pytest.raises(errors.ClosedError):
            query.all()

    @pytest.mark.needs("transactions")
    def test_a_transaction_of_a_closed_repository_is_refused(self, orders: Repository[Order]) -> None:
        tx = orders.transaction()
        tx.put(order())
        orders.close()
        with pytest.raises(errors.ClosedError):
            tx.commit()

    def test_the_end_of_a_block_closes(self, orders: Repository[Order]) -> None:
        with orders as entered:
            entered.put(order())
        with pytest.raises(errors.ClosedError):
            orders.get(key())

    def test_an_error_in_the_block_closes_and_passes(self, orders: Repository[Order]) -> None:
        with pytest.raises(ZeroDivisionError), orders:
            raise ZeroDivisionError
        with pytest.raises(errors.ClosedError):
            orders.get(key())

    @pytest.mark.needs("shared")
    def test_repositories_of_one_url_see_the_same_records(self, stores: Stores, orders: Repository[Order]) -> None:
        other = stores.open(Order)
        stored = orders.put(order())
        assert other.get(key()) == stored
        other.update(key(), F.note.set("x"))
        assert orders.require(key()).note == "x"
        with pytest.raises(errors.Conflict):
            orders.put(stored)

    @pytest.mark.needs("shared")
    def test_closing_one_leaves_the_others_open(self, stores: Stores, orders: Repository[Order]) -> None:
        stored = orders.put(order())
        stores.open(Order).close()
        stores.open(Plain).close()
        assert orders.get(key()) == stored

    @pytest.mark.needs("processes")
    def test_another_process_sees_the_same_records(self, stores: Stores, orders: Repository[Order]) -> None:
        orders.put(order(items=1))
        subprocess.run(
            [sys.executable, "-c", _OTHER_PROCESS, stores.url(Order)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, check=True, timeout=60,
        )  # fmt: skip
        found = orders.require(key())
        assert (found.items, found.note) == (2, "from the other process")
        assert orders.exists(key(2))

    def test_provision_twice_keeps_the_records(self, orders: Repository[Order]) -> None:
        stored = orders.put(order())
        orders.provision()
        assert orders.get(key()) == stored

    @pytest.mark.needs("missing_tables")
    @pytest.mark.parametrize("verb", VERBS)
    def test_a_missing_table_is_not_a_missing_record(self, stores: Stores, verb: str) -> None:
        orders = stores.open(Order, provision=False)
        with pytest.raises(errors.ResourceMissing) as caught:
            VERBS[verb][1](orders)
        assert not isinstance(caught.value, errors.NotFound)
        assert caught.value.backend == orders.capabilities.name
        assert stores.table(Order) in str(caught.value)

    @pytest.mark.needs("missing_tables")
    def test_a_batch_to_a_missing_table_says_so(self, stores: Stores) -> None:
        orders = stores.open(Order, provision=False)
        writes: tuple[Callable[[], Any], ...] = (
            lambda: orders.put_many([order()] * 3),
            lambda: orders.delete_many([key()]),
        )
        for write in writes:
            with pytest.raises(errors.BatchError) as caught:
                write()
            assert {type(one.error) for one in caught.value.failures} == {errors.ResourceMissing}

    @pytest.mark.needs("missing_tables", "transactions")
    def test_a_transaction_on_a_missing_table_says_so(self, stores: Stores) -> None:
        orders = stores.open(Order, provision=False)
        with pytest.raises((errors.ResourceMissing, errors.TransactionFailed)) as caught, orders.transaction() as tx:
            tx.put(order())
        found: Any = caught.value
        assert isinstance(found, errors.ResourceMissing) or isinstance(found.reasons[0], errors.ResourceMissing)

    @pytest.mark.needs("missing_tables")
    def test_opening_asks_the_backend_nothing(self, stores: Stores) -> None:
        stores.open(Order, provision=False)

    @pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"])
    def test_a_copy_is_refused_with_the_mend(self, orders: Repository[Order], way: Callable[[Any], Any]) -> None:
        with pytest.raises(errors.Unsupported, match="open it"):
            way(bare(orders))

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")
    def test_a_forked_process_uses_the_repository(self, stores: Stores, orders: Repository[Order]) -> None:
        stored = orders.put(order())
        with warnings.catch_warnings():
            # Python 3.12 warns where the parent has threads, as the event loop's executor does.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            os._exit(_in_child(orders, stored, write=not self.lacking("processes")))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert orders.get(key()) == stored
        if not self.lacking("processes"):
            assert orders.require(key(2)).note == "from the child"

    # The connections of a loop that was closed over them can only be collected.
    @pytest.mark.filterwarnings("ignore::ResourceWarning")
    @pytest.mark.parametrize("stores", ["async"], indirect=True)
    def test_one_repository_serves_one_event_loop_after_another(
        self, stores: Stores, orders: Repository[Order]
    ) -> None:
        repository: Any = bare(orders)

        async def turn(number: int) -> int:
            await repository.put(order(number))
            await repository.put_many([order(number + 10 * n) for n in range(1, 30)])
            found = [one async for one in repository.query(F.customer == "c")]
            return len(found)

        assert [asyncio.run(turn(number)) for number in range(3)] == [30, 60, 90]
        orders.close()
        gc.collect()

    @pytest.mark.parametrize("stores", ["async"], indirect=True)
    @pytest.mark.parametrize("verb", ["put", "put_many", "query"])
    def test_a_verb_that_is_cancelled_leaves_the_repository_in_use(
        self, stores: Stores, orders: Repository[Order], verb: str
    ) -> None:
        orders.put(order(1))
        port: Any = {"put": "write", "put_many": "write_batch", "query": "read"}[verb]
        stores.faults(orders).delay(port, 30)
        target: Any = bare(orders)

        async def cancelled() -> None:
            uses = {"put": lambda: target.put(order(1, note="late")),
                    "query": lambda: target.query(F.customer == "c").all(),
                    "put_many": lambda: target.put_many([order(n, note="late") for n in range(1, 50)])}
            await asyncio.wait_for(uses[verb](), 0.05)

        with pytest.raises(asyncio.TimeoutError):
            stores.on_loop(cancelled())
        assert orders.require(key(1)).note is None
        assert orders.put(order(1, note="after")) == orders.get(key(1))

    def test_a_repr_tells_the_model_and_no_secret(self, stores: Stores) -> None:
        orders = stores.open(Order, token_secret=b"hush-hush")
        orders.put(order(note="hush-hush"))
        text = repr(bare(orders))
        assert "Order" in text
        assert "hush" not in text


def _in_child(orders: Repository[Order], stored: Order, *, write: bool) -> int:
    try:
        found = _fresh(orders, lambda target: target.get(key()))
        if write:
            _fresh(orders, lambda target: target.create(order(2, note="from the child")))
        return 0 if found == stored else 3
    except BaseException as error:  # noqa: BLE001  # whatever it is, the parent must hear of it
        os.write(2, f"in the child: {error!r}\n".encode())
        return 4


def _fresh(orders: Repository[Order], use: Callable[[Any], Any]) -> Any:
    """Use a repository on a loop of the child's own: a loop does not outlive a fork."""
    target: Any = bare(orders)
    if target is orders:
        return use(orders)

    async def run() -> Any:
        return await use(target)

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(run())
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
