"""The blocking shells."""

from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

import holdall
from holdall import F, Page, Repository

from .records import NOTES, Note, Order

URL = "memory://"


def opening() -> None:
    assert_type(holdall.open_repository(URL, Order), Repository[Order])
    assert_type(holdall.open_repository(URL, NOTES), Repository[Note])
    assert_type(holdall.open_repository(URL, Order, require={"transactions"}, retry=holdall.RetryPolicy(attempts=2)),
                Repository[Order])
    blobs = holdall.open_blobs(URL)
    assert_type(holdall.open_repository(URL, Order, spill=[holdall.Spill("note", blobs=blobs)]), Repository[Order])
    other = holdall.Spill("note", blobs=holdall.open_async_blobs(URL), over=1000)
    holdall.open_repository(URL, Order, spill=[other])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]  # of asyncio
    with holdall.open_repository(URL, Order) as orders:
        assert_type(orders, Repository[Order])


def verbs(orders: Repository[Order], order: Order) -> None:
    assert_type(orders.create(order), Order)
    assert_type(orders.put(order), Order)
    assert_type(orders.replace(order, when=F.total > 5), Order)
    assert_type(orders.update(order, F.total.add(5), F["status"].set("x"), when=F.total == 5, create=order), Order)
    assert_type(orders.get(("c", 1)), Order | None)
    assert_type(orders.require(order, consistent=True), Order)
    assert_type(orders.exists(order), bool)
    assert_type(orders.count(F.total > 5), int)
    assert_type(list(orders.get_many([order])), list[Order | None])
    assert_type(orders.put_many(one for one in [order]), int)
    assert_type(orders.update_many([order], F.total.remove()), int)
    orders.delete(order, must_exist=True)


def queries(orders: Repository[Order]) -> None:
    found = orders.query(F.customer == "c", F.id.between(1, 5) | ~F.total.is_null(), order="-id", limit=5)
    for order in found:
        assert_type(order, Order)
    assert_type(found.all(), list[Order])
    assert_type(found.first(), Order | None)
    assert_type(found.one(), Order)
    assert_type(found.page(), Page[Order])
    assert_type(found.page().items, list[Order])
    assert_type(found.page(after=found.page().token).token, str | None)
    assert_type(found.count(), int)
    assert_type(str(found.explain()), str)
    assert_type(found.explain().index, str)
    assert_type(orders.scan(segments=4).all(), list[Order])
    assert_type(orders.query(F.customer == "c", fields=["id"]).all(), list[dict[str, Any]])
    assert_type(orders.scan(fields=["id"]).first(), dict[str, Any] | None)


def transactions(orders: Repository[Order], notes: Repository[Note], order: Order) -> None:
    with orders.transaction(token="t") as changes:
        assert_type(changes.put(order), Order)
        assert_type(changes.on(notes).create({"id": "a", "text": "b"}), Note)
        changes.update(order, F.total.add(1))
        changes.check(order, when=F.total > 5)


def errors() -> None:
    try:
        raise holdall.BatchError("", failures=[], rest=iter(()), done=0)
    except holdall.BatchError as error:
        assert_type(error.code, str)
        assert_type(error.failures[0].error, holdall.HoldallError)
    except holdall.HoldallError as error:
        assert_type(error.retry, "holdall.errors.Retry")


def mistakes(orders: Repository[Order], notes: Repository[Note], order: Order) -> None:
    holdall.open_repository(Order, URL)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    holdall.open_repository(URL, Order, True)  # type: ignore[call-arg, arg-type]  # pyright: ignore[reportCallIssue]
    orders.put(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    orders.get(("c", 1)).total  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    orders.update(order, F.total == 5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    orders.query(F.total.add(5))  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    orders.query("customer = c")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    notes.put({"id": "a"})  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
    F.total.add()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    orders.frobnicate()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
