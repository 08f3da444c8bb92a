"""holdall on SQLite, PostgreSQL and MariaDB beside SQLAlchemy's Core and ORM on tables of the same columns."""

from __future__ import annotations

import tempfile
import uuid
from typing import TYPE_CHECKING, Any

from tests.servers import ServerMissing

from .. import record
from ..distance import distant
from ..measure import interleaved, repeated
from ..relational.contenders import Core, Holdall, Orm, fill_and_check
from ..report import Row, rows_of
from ..servers import started

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..settings import Settings

BASE = "SQLAlchemy Core"
ONE_BY_ONE, AT_ONCE = "holdall put", "holdall put_many"
_CONTENDERS: dict[str, Callable[[str, str, str], Any]] = {BASE: Core, "SQLAlchemy ORM": Orm, "holdall": Holdall}


def run_on_sqlite(settings: Settings) -> list[Row]:
    """Measure on a file, whose tables lie side by side."""
    with tempfile.TemporaryDirectory() as folder:
        return _measured("sqlite", f"sqlite:///{folder}/bench.db", settings)


def run_on_postgresql(settings: Settings) -> list[Row]:
    """Measure over psycopg."""
    return _on_server("postgresql", "postgresql", "postgresql+psycopg", settings)


def run_on_mysql(settings: Settings) -> list[Row]:
    """Measure on MariaDB over PyMySQL."""
    return _on_server("mysql", "mariadb", "mysql+pymysql", settings)


def _on_server(section: str, server: str, scheme: str, settings: Settings) -> list[Row]:
    try:
        with started(server, settings) as address:
            url = f"{scheme}:{address.partition(':')[2]}"
            rows = _measured(section, url, settings)
            with distant(url) as far:
                return [*rows, *_many_from_afar(section, far, settings)]
    except ServerMissing as error:
        return [Row(section, "", "", more={"skipped": str(error)})]


def _measured(section: str, url: str, settings: Settings) -> list[Row]:
    run = uuid.uuid4().hex[:8]
    contenders: dict[str, Any] = {}
    try:
        for number, (name, make) in enumerate(_CONTENDERS.items()):
            contenders[name] = make(section, url, f"bench_{run}_{number}")
        large = settings.size(1000)
        for contender in contenders.values():
            fill_and_check(contender, (100, large))
        return _calls(section, contenders, large, settings) + _many(section, contenders["holdall"], settings)
    finally:
        for contender in contenders.values():
            contender.close()


def _calls(section: str, contenders: dict[str, Any], large: int, settings: Settings) -> list[Row]:
    order = record.order(1, 0)
    tasks: list[tuple[str, int, Callable[[Any], Callable[[], Any]]]] = [
        ("get", 40, lambda one: one.get),
        ("put", 40, lambda one: lambda: one.put(order)),
        ("query 100", 10, lambda one: lambda: one.query(100)),
        (f"query {large}", 2, lambda one: lambda: one.query(large)),
    ]
    rows: list[Row] = []
    for task, calls, verb in tasks:
        jobs = {name: repeated(verb(one)) for name, one in contenders.items()}
        timings = interleaved(jobs, rounds=settings.rounds(), calls=settings.calls(calls))
        rows += rows_of(section, task, timings, BASE)
    return rows


def _many_from_afar(section: str, url: str, settings: Settings) -> list[Row]:
    holdall = Holdall(section, url, f"bench_{uuid.uuid4().hex[:8]}")
    try:
        return _many(section, holdall, settings, ", half a ms away")
    finally:
        holdall.close()


def _many(section: str, holdall: Holdall, settings: Settings, where: str = "") -> list[Row]:
    orders = [record.order(2, number) for number in range(settings.size(10_000))]
    jobs = {
        ONE_BY_ONE: repeated(lambda: holdall.put_each(orders)),
        AT_ONCE: repeated(lambda: holdall.put_many(orders)),
    }
    timings = interleaved(jobs, rounds=settings.rounds(3), calls=1)
    return rows_of(section, f"put {len(orders)}{where}", timings, ONE_BY_ONE)
