"""Stores whose URL is kept in a parameter or in a variable."""

from __future__ import annotations

import asyncio
import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

import holdall
from holdall import F, Key, references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdall.config_drivers import ConfigDriver, ConfigOpening
    from holdall.io import Io
    from holdall.urls import Url


@dataclass
class Order:
    id: Key[str]
    total: int = 0


@pytest.fixture
def reads() -> list[str]:
    """Every time that parameters are read."""
    return []


@pytest.fixture
def admin(reads: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[holdall.Config]:
    """Have ssm:// be parameters in memory for this test, and give what writes them."""
    name = secrets.token_hex(8)
    opener = holdall.registry.config_opener("memory")

    def open_config(url: Url, opening: ConfigOpening) -> tuple[ConfigDriver, Io]:
        reads.append(str(url))
        age = url.params.get("max_age", "0")
        return opener(holdall.urls.parse_url(f"memory://{name}?max_age={age}"), opening)

    monkeypatch.setitem(holdall.registry._CONFIG._registered, "ssm", open_config)
    monkeypatch.setattr(references, "_configs", {})
    with holdall.open_config(f"memory://{name}") as config:
        yield config


def memory() -> str:
    return f"memory://{secrets.token_hex(8)}"


def test_a_repository_is_opened_at_the_url_that_a_parameter_holds(admin: holdall.Config) -> None:
    url = memory()
    admin.put("/shop/orders_url", url)
    holdall.open_repository("ssm:///shop/orders_url", Order).put(Order("o-1", 5))
    assert holdall.open_repository(url, Order).get("o-1") == Order("o-1", 5)


def test_a_blob_store_is_opened_at_the_url_that_a_variable_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    url = memory()
    monkeypatch.setenv("RECEIPTS_URL", f" {url}\n")
    blobs = holdall.open_blobs("env:RECEIPTS_URL")
    with blobs.open("a", "wb") as file:
        file.write(b"x")
    blobs.put("b", b"y")
    assert [info.key for info in blobs.list()] == ["a", "b"]
    assert holdall.open_blobs(url).get("a") == b"x"


def test_nothing_is_read_before_the_first_use(admin: holdall.Config) -> None:
    orders = holdall.open_repository("ssm:///shop/orders_url", Order)
    assert "ssm:///shop/orders_url" in repr(orders)
    admin.put("/shop/orders_url", memory())
    assert orders.get("o-1") is None


def test_the_record_class_is_checked_at_once(admin: holdall.Config) -> None:
    with pytest.raises(holdall.ModelError):
        holdall.open_repository("ssm:///shop/orders_url", int)


def test_the_next_call_goes_to_the_store_that_the_parameter_names_then(admin: holdall.Config) -> None:
    first, second = memory(), memory()
    admin.put("/url", first)
    orders = holdall.open_repository("ssm:///url", Order)
    orders.put(Order("o-1"))
    admin.put("/url", second)
    assert orders.get("o-1") is None
    admin.put("/url", first)
    assert orders.get("o-1") == Order("o-1")


def test_what_was_read_serves_for_max_age(admin: holdall.Config) -> None:
    admin.put("/url", memory())
    orders = holdall.open_repository("ssm:///url?max_age=1000", Order)
    orders.put(Order("o-1"))
    admin.put("/url", memory())
    assert orders.exists("o-1")


def test_a_transaction_ends_on_the_store_that_it_began_on(admin: holdall.Config) -> None:
    first = memory()
    admin.put("/url", first)
    orders = holdall.open_repository("ssm:///url", Order)
    with orders.transaction() as both:
        both.put(Order("o-1"))
        admin.put("/url", memory())
        both.put(Order("o-2"))
    assert sorted(each.id for each in holdall.open_repository(first, Order).scan()) == ["o-1", "o-2"]


def test_a_query_ends_on_the_store_that_it_began_on(admin: holdall.Config) -> None:
    admin.put("/url", memory())
    orders = holdall.open_repository("ssm:///url", Order)
    orders.put(Order("o-1"))
    query = orders.query(F.id == "o-1")
    admin.put("/url", memory())
    assert query.all() == [Order("o-1")]


def test_two_references_to_one_parameter_share_what_was_read(admin: holdall.Config, reads: list[str]) -> None:
    admin.put("/url", memory())
    for _ in range(2):
        holdall.open_repository("ssm:///url?max_age=60", Order).get("o-1")
    assert len(reads) == 1


def test_a_reference_may_lead_to_another(admin: holdall.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    admin.put("/url", memory())
    monkeypatch.setenv("ORDERS_URL", "ssm:///url")
    assert holdall.open_repository("env:ORDERS_URL", Order).get("o-1") is None


def test_a_circle_is_refused_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE", "env:TWO")
    monkeypatch.setenv("TWO", "env:ONE")
    with pytest.raises(holdall.ConfigError, match="circle: env:ONE -> env:TWO -> env:ONE"):
        holdall.open_blobs("env:ONE").get("a")


def test_more_than_five_references_in_a_row_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        monkeypatch.setenv(f"N{number}", f"env:N{number + 1}")
    with pytest.raises(holdall.ConfigError, match="more than 5 in a row"):
        holdall.open_blobs("env:N0").get("a")


@pytest.mark.parametrize("found", ["hunter2", "postgresql:/hunter2", "a://hunter2#x", "hunter2://x#"])
def test_what_is_no_url_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, found: str) -> None:
    monkeypatch.setenv("ORDERS_URL", found)
    with pytest.raises(holdall.ConfigError, match="what env:ORDERS_URL holds is no store's URL") as caught:
        holdall.open_repository("env:ORDERS_URL", Order).get("a")
    assert "hunter2" not in repr(caught.value) + repr(caught.value.__cause__)


@pytest.mark.parametrize("variable", ["", "  "])
def test_a_variable_that_is_empty_is_refused(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv("ORDERS_URL", variable)
    with pytest.raises(holdall.ConfigError, match="no variable ORDERS_URL"):
        holdall.open_repository("env:ORDERS_URL", Order).get("a")


def test_a_parameter_that_is_not_there_is_refused(admin: holdall.Config) -> None:
    with pytest.raises(holdall.ConfigError, match="no parameter '/shop/url'"):
        holdall.open_repository("ssm:///shop/url", Order).get("a")


@pytest.mark.parametrize("url", ["env:", "env:A-B", "env:///", "ssm://", "ssm:///", "ssm://host/x"])
def test_a_reference_that_names_nothing_is_refused_when_it_is_opened(url: str) -> None:
    with pytest.raises(holdall.ConfigError):
        holdall.open_repository(url, Order)


def test_a_capability_that_lacks_is_told_on_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIPTS_URL", memory())
    blobs = holdall.open_blobs("env:RECEIPTS_URL", require={"presigned"})
    with pytest.raises(holdall.Unsupported, match="presigned"):
        blobs.get("a")


def test_a_required_capability_may_come_from_a_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIPTS_URL", memory())
    blobs = holdall.open_blobs("env:RECEIPTS_URL", require=(name for name in ["presigned"]))
    for _ in range(2):
        with pytest.raises(holdall.Unsupported):
            blobs.get("a")


def test_a_closed_repository_refuses_every_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERS_URL", memory())
    orders = holdall.open_repository("env:ORDERS_URL", Order)
    orders.put(Order("o-1"))
    orders.close()
    with pytest.raises(holdall.ClosedError):
        orders.get("o-1")
    with pytest.raises(holdall.ClosedError):
        orders.query(F.id == "o-1")


def test_closing_reads_nothing(admin: holdall.Config) -> None:
    with holdall.open_repository("ssm:///shop/url", Order):
        pass


def test_on_asyncio_verbs_and_queries_go_where_the_parameter_says(admin: holdall.Config) -> None:
    url = memory()
    admin.put("/url", url)

    async def program() -> list[Order]:
        async with holdall.open_async_repository("ssm:///url?max_age=0", Order) as orders:
            await orders.put(Order("o-1", 5))
            await orders.put_many([Order("o-2")])
            assert await orders.get("o-1") == Order("o-1", 5)
            return [each async for each in orders.query(F.id == "o-2")]

    assert asyncio.run(program()) == [Order("o-2")]


def test_on_asyncio_the_url_is_read_beside_the_loop(admin: holdall.Config, reads: list[str]) -> None:
    admin.put("/url", memory())
    read_by: list[str] = []
    get = holdall.Config.get

    def watched(config: holdall.Config, name: str) -> str | None:
        read_by.append(threading.current_thread().name)
        return get(config, name)

    async def program() -> None:
        async with holdall.open_async_repository("ssm:///url?max_age=60", Order) as orders:
            await orders.get("o-1")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(holdall.Config, "get", watched)
        asyncio.run(program())
    assert read_by
    assert threading.main_thread().name not in read_by


def test_an_asynchronous_blob_store_goes_where_the_variable_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECEIPTS_URL", memory())

    async def program() -> bytes:
        async with holdall.open_async_blobs("env:RECEIPTS_URL") as blobs:
            await blobs.put("a", b"x")
            async with blobs.open("a") as file:
                return await file.read()

    assert asyncio.run(program()) == b"x"


def test_threads_that_come_at_once_get_one_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERS_URL", "memory://")
    orders = holdall.open_repository("env:ORDERS_URL", Order)
    barrier = threading.Barrier(8)

    def work(number: int) -> None:
        barrier.wait()
        orders.put(Order(f"o-{number}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert orders.scan().count() == 8
