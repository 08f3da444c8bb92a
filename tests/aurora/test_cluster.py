"""The Data API as it is: requests, limits, pauses, and answers that are lost."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import F, Key, deadline
from holdall.testing.data_api import DataApi, serving
from holdall_adapters.aurora import client as clients
from tests.sqlite.models import Order, Plain, order

if TYPE_CHECKING:
    from collections.abc import Iterator

CLUSTER = "arn:aws:rds:eu-west-1:123456789012:cluster:shop"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop"
IMPATIENT = holdall.RetryPolicy(attempts=3, first_wait=0.001, max_wait=0.002, throttled_wait=0.001)


@dataclass
class Shop:
    """A cluster with a table of the test's own."""

    api: DataApi
    url: str
    opened: list[Any]

    def open(self, model: Any, **options: Any) -> Any:
        repository = holdall.open_repository(self.url, model, **{"retry": IMPATIENT, **options})
        repository.provision()
        self.opened.append(repository)
        self.api.calls.clear()
        return repository


@pytest.fixture(params=["postgresql", "mysql"])
def shop(request: pytest.FixtureRequest, postgresql_address: str, mariadb_address: str) -> Iterator[Shop]:
    address = postgresql_address if request.param == "postgresql" else mariadb_address
    database = address.rpartition("/")[2]
    table = f"t_{secrets.token_hex(4)}"
    with serving(address) as api:
        url = (f"rds-data://{CLUSTER}/{database}?secret={SECRET}&dialect={request.param}&endpoint={api.url}&table={table}"
               "&client=lean")  # fmt: skip
        made = Shop(api, url, [])
        try:
            yield made
        finally:
            api.calm()
            for repository in made.opened:
                repository.close()
            import boto3

            client = boto3.client("rds-data", endpoint_url=api.url)
            client.execute_statement(resourceArn=CLUSTER, secretArn=SECRET, sql=f"DROP TABLE IF EXISTS {table}")
            client.close()


ONE = {
    "get": lambda orders: orders.get(("c", "o-001")),
    "create": lambda orders: orders.create(order(2)),
    "put": lambda orders: orders.put(order(3)),
    "replace": lambda orders: orders.replace(order(1, status="paid")),
    "delete": lambda orders: orders.delete(("c", "o-001"), when=F.status == "new"),
    "query": lambda orders: orders.query(F.customer == "c").all(),
    "count": lambda orders: orders.query(F.customer == "c").count(),
}


@pytest.mark.parametrize("verb", ONE)
def test_a_verb_is_one_request(shop: Shop, verb: str) -> None:
    orders = shop.open(Order)
    orders.put(order())
    shop.api.calls.clear()
    ONE[verb](orders)
    assert shop.api.calls == ["ExecuteStatement"]


def test_a_change_of_what_is_stored_is_one_transaction(shop: Shop) -> None:
    orders = shop.open(Order)
    orders.put(order())
    shop.api.calls.clear()
    assert orders.update(("c", "o-001"), F.count.add(2)).count == 2
    assert shop.api.calls == ["BeginTransaction", "ExecuteStatement", "ExecuteStatement", "CommitTransaction"]


def test_a_batch_is_a_request_for_each_thousand(shop: Shop) -> None:
    plains = shop.open(Plain)
    plains.count()
    shop.api.calls.clear()
    assert plains.put_many(Plain(f"p-{number}", number) for number in range(2500)) == 2500
    assert shop.api.calls == ["BatchExecuteStatement"] * 3
    assert plains.count() == 2500


@dataclass
class Large:
    id: Key[int]
    text: str = ""


def test_pages_get_smaller_where_an_answer_would_be_too_large(shop: Shop) -> None:
    large = shop.open(Large)
    for number in range(20):
        large.put(Large(number, "x" * 100_000))
    assert [len(one.text) for one in large.scan()] == [100_000] * 20
    assert [one is not None for one in large.get_many(range(20))] == [True] * 20


def test_a_row_that_is_too_large_says_so(shop: Shop) -> None:
    large = shop.open(Large)
    large.put(Large(1, "x" * 1_100_000))
    with pytest.raises(holdall.TooLarge, match="1 MiB"):
        large.get(1)
    with pytest.raises(holdall.TooLarge):
        large.scan().all()
    with pytest.raises(holdall.TooLarge, match="4 MiB"):
        large.put(Large(2, "x" * (4 << 20)))


def test_a_cluster_that_resumes_is_waited_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "_BETWEEN", 0.01)
    plains = shop.open(Plain)
    shop.api.order("resuming", times=5)
    plains.put(Plain("a", 1))
    assert plains.get("a") == Plain("a", 1)


def test_a_cluster_that_does_not_resume_in_time_is_unavailable(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "_BETWEEN", 0.05)
    plains = shop.open(Plain)
    shop.api.order("resuming", times=1000)
    with pytest.raises((holdall.Unavailable, holdall.Timeout)), deadline(0.5):
        plains.get("a")


def test_throttles_are_tried_again(shop: Shop) -> None:
    plains = shop.open(Plain)
    shop.api.order("throttled", times=2)
    assert plains.put(Plain("a", 1)) == plains.get("a")


REFUSED = {
    "denied": (holdall.AccessDenied, "allow rds-data:ExecuteStatement on arn:aws:rds"),
    "secret": (holdall.AccessDenied, "secretsmanager:GetSecretValue"),
    "unavailable": (holdall.Unavailable, "the writer of the cluster"),
    "throttled": (holdall.Throttled, "refuses ExecuteStatement"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_refusal_is_an_error_of_ours(shop: Shop, kind: str) -> None:
    plains = shop.open(Plain)
    plains.count()
    shop.api.order(kind, times=10)
    error, words = REFUSED[kind]
    with pytest.raises(error, match=words) as caught:
        plains.get("a")
    assert caught.value.backend == "aurora"
    assert caught.value.__cause__ is not None


def test_a_write_whose_answer_was_lost_is_not_run_again_blindly(shop: Shop) -> None:
    orders = shop.open(Order)
    shop.api.order("lost", on="ExecuteStatement")
    # It was done, and the second try meets its own revision.
    assert orders.create(order()) == orders.get(("c", "o-001"))
    plains = holdall.open_repository(shop.url, Order, retry=holdall.RetryPolicy(attempts=1))
    plains.count()
    shop.api.order("lost", on="ExecuteStatement")
    with plains, pytest.raises(holdall.Unavailable) as caught:
        plains.put(order(2))
    assert caught.value.maybe_done


def test_an_addition_is_never_made_twice(shop: Shop) -> None:
    orders = shop.open(Order)
    orders.put(order(count=1))
    for lost in ("BeginTransaction", "ExecuteStatement"):
        shop.api.order("lost", on=lost)
        orders.update(("c", "o-001"), F.count.add(1))
    assert orders.require(("c", "o-001")).count == 3
    shop.api.order("lost", on="CommitTransaction")
    with pytest.raises(holdall.Unavailable) as caught:
        orders.update(("c", "o-001"), F.count.add(1))
    assert caught.value.maybe_done
    assert orders.require(("c", "o-001")).count == 4


def test_a_transaction_that_the_service_ended_is_run_again(shop: Shop) -> None:
    orders = shop.open(Order)
    orders.put(order())
    begun, real = [0.0], shop.api.begin

    def begin(asked: Any) -> Any:
        found = real(asked)
        begun[0] += 1
        if begun[0] == 1:
            shop.api.transactions.close()
        return found

    shop.api.begin = begin  # type: ignore[method-assign]  # what the service does once
    from holdall.testing.data_api import server

    original = server._OPERATIONS["BeginTransaction"]
    server._OPERATIONS["BeginTransaction"] = lambda _, asked: begin(asked)
    try:
        assert orders.update(("c", "o-001"), F.count.add(1)).count == 1
    finally:
        server._OPERATIONS["BeginTransaction"] = original
    assert begun == [2.0]


def test_explain_says_which_client_is_in_use(shop: Shop) -> None:
    orders = shop.open(Order)
    assert "client: lean" in str(orders.query(F.customer == "c").explain())
