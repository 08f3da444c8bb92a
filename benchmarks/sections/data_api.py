"""holdall on the Data API beside the package aurora-data-api and boto3's client, over PostgreSQL."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from contextlib import contextmanager
from datetime import datetime, timezone
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import boto3

from holdall import Credentials, open_repository
from holdall.testing.data_api import serving
from tests.servers import ServerMissing

from .. import record
from ..measure import interleaved, repeated
from ..peers.base import CREDENTIALS, REGION
from ..relational.contenders import read
from ..relational.tables import NAMES
from ..report import Row, rows_of
from ..servers import started
from ..stub import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..settings import Settings

SECTION = "data-api"
BASE = "aurora-data-api"
SIZE = 100
_CLUSTER = f"arn:aws:rds:{REGION}:123456789012:cluster:bench"
_SECRET = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:bench"
_SETS = 1000
"""Sets of values that a request of a batch holds at most."""


class _Theirs:
    """One transaction for all its statements, as a connection of that package has; rows come as tuples."""

    def __init__(self, client: Any, database: str, name: str) -> None:
        import aurora_data_api

        self._connection = aurora_data_api.connect(
            aurora_cluster_arn=_CLUSTER, secret_arn=_SECRET, database=database, rds_data_client=client
        )
        self._statement = f'SELECT {", ".join(NAMES)} FROM "{name}" WHERE customer = :customer ORDER BY id'

    def query(self) -> Any:
        with self._connection.cursor() as cursor:
            cursor.execute(self._statement, {"customer": f"c-{SIZE}"})
            return cursor.fetchall()

    def query_records(self) -> Any:
        return [_order(*row) for row in self.query()]


def _order(customer: str, number: str, quantity: int, total: Any, weight: float, paid: bool, placed: str,
           tags: str, address: str, digest: bytes) -> record.Order:  # fmt: skip
    at = datetime.fromisoformat(placed).replace(tzinfo=timezone.utc)
    return record.Order(
        customer, number, quantity, total, weight, paid, at, json.loads(tags), json.loads(address), digest
    )


class _Ours:
    def __init__(self, endpoint: str, database: str, name: str) -> None:
        self.orders = open_repository(
            f"rds-data://{_CLUSTER}/{database}?secret={_SECRET}&dialect=postgresql&table={name}&region={REGION}"
            f"&endpoint={endpoint}", record.Order, credentials=Credentials(*CREDENTIALS),
        )  # fmt: skip

    def query(self) -> Any:
        return list(self.orders.query(record.partition(SIZE)))


def run(settings: Settings) -> list[Row]:
    """Measure a query of 100, and count the requests of a batch."""
    try:
        with started("postgresql", settings) as address:
            return _measured(address, settings)
    except ServerMissing as error:
        return [Row(SECTION, "", "", more={"skipped": str(error)})]


def _measured(address: str, settings: Settings) -> list[Row]:
    name = f"bench_{uuid.uuid4().hex[:8]}"
    database = address.rpartition("/")[2]
    with open_repository(f"postgresql+psycopg:{address.partition(':')[2]}?table={name}", record.Order) as orders:
        orders.provision()
        try:
            orders.put_many(record.order(SIZE, number) for number in range(SIZE))
            return [*_queries(address, database, name, settings), _batch(address, database, name, settings)]
        finally:
            orders.native.table.drop(orders.native.engine)


def _queries(address: str, database: str, name: str, settings: Settings) -> list[Row]:
    if find_spec("aurora_data_api") is None:
        return [Row(SECTION, "", BASE, more={"skipped": "not installed: aurora_data_api"})]
    with _process(address) as endpoint:
        return _measured_queries(endpoint, database, name, settings)


def _measured_queries(endpoint: str, database: str, name: str, settings: Settings) -> list[Row]:
    client = boto3.client(
        "rds-data", region_name=REGION, endpoint_url=endpoint,
        aws_access_key_id=CREDENTIALS[0], aws_secret_access_key=CREDENTIALS[1],
    )  # fmt: skip
    theirs, ours = _Theirs(client, database, name), _Ours(endpoint, database, name)
    for found in (ours.query(), theirs.query_records()):
        assert [record.normal(read(one)) for one in found] == [record.expected(SIZE, i) for i in range(SIZE)]
    verbs = {BASE: theirs.query, f"{BASE} to a record": theirs.query_records, "holdall": ours.query}
    jobs = {name: repeated(verb) for name, verb in verbs.items()}
    timings = interleaved(jobs, rounds=settings.rounds(), calls=settings.calls(10))
    ours.orders.close()
    return rows_of(SECTION, f"query {SIZE}", timings, BASE)


def _batch(address: str, database: str, name: str, settings: Settings) -> Row:
    """Count requests: their number is the promise, whatever they take."""
    count = settings.size(10_000)
    with serving(address) as api:
        ours = _Ours(api.url, database, name)
        ours.orders.get(("c-1", "none"))  # what a first call looks for
        before = len(api.calls)
        ours.orders.put_many(record.order(2, number) for number in range(count))
        requests = len(api.calls) - before
        ours.orders.close()
    return Row(SECTION, f"batch put {count}", "holdall", more={"requests": requests, "chunks": -(-count // _SETS)})


@contextmanager
def _process(address: str) -> Iterator[str]:
    """Run the server in a process of its own, so that what it costs counts for nobody."""
    command = [sys.executable, "-m", "holdall.testing.data_api", "--postgres", address]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip().partition("=")[2]
        finally:
            process.terminate()
