"""Engines: shared by file, given by the caller, closed by whom they belong to."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

import holdall
from holdall import F
from holdall_adapters.sqlite import client as clients

from .models import Opened, Order, Plain, order

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/shop.db"


@pytest.fixture
def engine() -> Iterator[sa.Engine]:
    engine = sa.create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    yield engine
    engine.dispose()


def test_repositories_of_one_file_share_an_engine(url: str) -> None:
    with holdall.open_repository(url, Plain) as plains, holdall.open_repository(url, Order) as orders:
        assert plains.native.engine is orders.native.engine


def test_the_last_one_to_close_closes_the_engine(opened: Opened, url: str) -> None:
    plains, orders = opened(url, Plain), opened(url, Order)
    plains.put(Plain("a"))
    pool = plains.native.engine.pool
    plains.close()
    orders.put(order())
    assert plains.native.engine.pool is pool
    orders.close()
    assert not [store for store in clients._stores.values() if store.engine is plains.native.engine]
    assert plains.native.engine.pool is not pool


def test_a_closed_file_can_be_opened_again(url: str) -> None:
    for value in range(3):
        with holdall.open_repository(url, Plain) as plains:
            plains.put(Plain(str(value)))
            assert plains.count() == value + 1


def test_databases_in_memory_are_private() -> None:
    with holdall.open_repository("sqlite://", Plain) as one, holdall.open_repository("sqlite://", Plain) as other:
        one.put(Plain("a"))
        assert other.count() == 0


def test_repositories_of_one_file_share_a_transaction(url: str) -> None:
    with holdall.open_repository(url, Plain) as plains, holdall.open_repository(url, Order) as orders:
        with plains.transaction() as tx:
            tx.put(Plain("a"))
            tx.on(orders).put(order())
        assert (plains.count(), orders.count()) == (1, 1)


def test_repositories_of_two_files_do_not(url: str, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path}/other.db"
    with (
        holdall.open_repository(url, Plain) as plains,
        holdall.open_repository(other, Order) as orders,
        pytest.raises(holdall.InvalidArgument),
        plains.transaction() as tx,
    ):
        tx.on(orders).put(order())


def test_an_engine_of_the_caller_s_is_used_and_left_open(engine: sa.Engine) -> None:
    with holdall.open_repository("sqlite://", Plain, client=engine) as plains:
        plains.put(Plain("a", 1))
        assert plains.native.engine is engine
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT value FROM plain")).scalar() == 1


def test_repositories_on_one_engine_share_a_transaction(opened: Opened, engine: sa.Engine) -> None:
    plains = opened("sqlite://", Plain, client=engine)
    orders = opened("sqlite://", Order, client=engine)
    with plains.transaction() as tx:
        tx.put(Plain("a"))
        tx.on(orders).put(order())
    assert (plains.count(), orders.count()) == (1, 1)


def test_an_engine_and_a_url_of_one_file_share_a_transaction(url: str) -> None:
    engine = sa.create_engine(url)
    with (
        holdall.open_repository(url, Plain, client=engine) as plains,
        holdall.open_repository(url, Order) as orders,
        plains.transaction() as tx,
    ):
        tx.put(Plain("a"))
        tx.on(orders).put(order())
    engine.dispose()


def test_conditions_on_documents_work_on_connections_that_were_open_before(opened: Opened, engine: sa.Engine) -> None:
    engine.connect().close()
    orders = opened("sqlite://", Order, client=engine)
    orders.put_many([order(1, tags={"x"}), order(2)])
    assert [one.id for one in orders.scan(F.tags.contains("x"))] == ["o-001"]


@pytest.mark.parametrize("how", ["events", "autocommit"])
def test_an_engine_that_begins_by_itself_can_be_used(url: str, how: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT" if how == "autocommit" else None)
    if how == "events":
        sa.event.listen(engine, "connect", lambda native, _: setattr(native, "isolation_level", None))
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with holdall.open_repository("sqlite://", Plain, client=engine) as plains:
        plains.put(Plain("a", 1))
        assert plains.update("a", F.value.add(1)).value == 2
        with engine.connect() as connection:
            assert connection.execute(sa.text("SELECT value FROM plain")).scalar() == 2
    engine.dispose()


@pytest.mark.parametrize(
    ("client", "says"),
    [
        (object(), "got object"),
        (sa.create_engine("sqlite:///elsewhere.db"), "names another file"),
        (sa.create_mock_engine("sqlite://", executor=lambda *_: None), "got MockConnection"),
    ],
)
def test_a_client_that_does_not_fit_is_refused(url: str, client: object, says: str) -> None:
    with pytest.raises(holdall.ConfigError, match=says):
        holdall.open_repository(url, Plain, client=client)


def test_an_engine_of_a_database_in_memory_must_be_one_database_for_all_threads(url: str) -> None:
    with pytest.raises(holdall.ConfigError, match="poolclass=StaticPool"):
        holdall.open_repository("sqlite://", Plain, client=sa.create_engine("sqlite://"))


def test_an_engine_may_name_its_file_by_a_uri(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///file:{tmp_path}/my%20shop.db?mode=rwc&uri=true")
    with holdall.open_repository(f"sqlite:///{tmp_path}/my%20shop.db?create=false", Plain, client=engine) as plains:
        with pytest.raises(holdall.ResourceMissing):
            plains.get("a")
        plains.provision()
        plains.put(Plain("a"))
    engine.dispose()
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".db"] == ["my shop.db"]


def test_a_transaction_on_the_native_engine_can_be_rolled_back(url: str) -> None:
    with holdall.open_repository(url, Plain) as plains:
        plains.put(Plain("a", 1))
        native = plains.native
        with pytest.raises(ZeroDivisionError), native.engine.begin() as connection:
            connection.execute(sa.update(native.table).values(value=2))
            raise ZeroDivisionError
        assert plains.require("a").value == 1


def test_the_table_is_there_for_sqlalchemy(url: str) -> None:
    with holdall.open_repository(url, Plain) as plains:
        plains.put_many([Plain("a", 1), Plain("b", 2)])
        native = plains.native
        with native.engine.connect() as connection:
            total = connection.execute(sa.select(sa.func.sum(native.table.c.value))).scalar()
    assert total == 3


def test_a_transaction_s_token_is_known_to_the_next_process(url: str) -> None:
    for _ in range(2):
        with holdall.open_repository(url, Plain) as plains:
            if plains.get("a") is None:
                plains.put(Plain("a"))
            with plains.transaction(token="once") as tx:
                tx.update("a", F.value.add(1))
            assert plains.require("a").value == 1


def test_old_tokens_are_forgotten(url: str) -> None:
    with holdall.open_repository(url, Plain) as plains:
        with plains.transaction(token="once") as tx:
            tx.put(Plain("a"))
        with closing(plains.native.engine.raw_connection()) as connection:
            connection.cursor().execute("UPDATE holdall_transactions SET committed = committed - 600")
            connection.commit()
        with plains.transaction(token="twice") as tx:
            tx.update("a", F.value.add(1))
        with plains.transaction(token="once") as tx:
            tx.update("a", F.value.add(1))
        assert plains.require("a").value == 2
