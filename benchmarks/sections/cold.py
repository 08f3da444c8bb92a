"""What a cold start costs: imports, and everything up to the first answer, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import botocore
import trustme

from ..measure import Timing
from ..report import Row, rows_of
from ..stub import ROOT, running

if TYPE_CHECKING:
    from ..settings import Settings

_HEAD = "import sys, time; cpu, wall = time.process_time(), time.perf_counter(); endpoint = sys.argv[1]\n"
_TAIL = """
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
modules = len(sys.modules)
import json
from benchmarks.measure import peak_bytes
print(json.dumps([cpu, wall, peak_bytes() / 2**20, modules]))
"""
_RECORD = """
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
import holdall
@dataclass
class Order:
    customer: holdall.Partition[str]
    id: holdall.Sort[str]
    quantity: int
    total: Decimal
    weight: float
    paid: bool
    placed: datetime
    tags: list[str]
    address: dict[str, str]
    digest: bytes
orders = holdall.open_repository(%s, Order)
%s
found = orders.get(("c-1", "o-0000000"))
"""
_DYNAMODB = _RECORD % ("'dynamodb://orders?region=us-east-1&client=lean&endpoint=' + endpoint", "")
_BY_BOTO3 = _DYNAMODB.replace("client=lean", "client=boto3")
_BOTO = """
import boto3
client = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=endpoint)
found = client.get_item(TableName="orders", Key={"customer": {"S": "c-1"}, "id": {"S": "o-0000000"}})["Item"]
"""
_PYNAMODB = """
from pynamodb.models import Model
from pynamodb.attributes import *
class Order(Model):
    class Meta:
        table_name, region, host = "pynamodb-orders", "us-east-1", endpoint
    customer, id = UnicodeAttribute(hash_key=True), UnicodeAttribute(range_key=True)
    quantity, total, weight, paid = NumberAttribute(), NumberAttribute(), NumberAttribute(), BooleanAttribute()
    placed, tags, address = UTCDateTimeAttribute(), ListAttribute(), MapAttribute()
    digest = BinaryAttribute(legacy_encoding=False)
assert Order.get("c-1", "o-0000000").digest
"""
_PYDYNOX = """
from pydynox import DynamoDBClient
client = DynamoDBClient(region="us-east-1", access_key="test", secret_key="test", endpoint_url=endpoint)
assert client.sync_get_item("orders", {"customer": "c-1", "id": "o-0000000"})["digest"]
"""
_AIODYNAMO = """
import asyncio
import aiohttp
from aiodynamo.client import Client
from aiodynamo.credentials import Key, StaticCredentials
from aiodynamo.http.aiohttp import AIOHTTP
from yarl import URL
async def main():
    async with aiohttp.ClientSession() as session:
        client = Client(AIOHTTP(session), StaticCredentials(Key("test", "test")), "us-east-1", URL(endpoint))
        return await client.table("orders").get_item({"customer": "c-1", "id": "o-0000000"})
assert asyncio.run(main())["digest"]
"""
_IMPORTS = {
    "boto3": "import boto3",
    "holdall": "import holdall",
    "PynamoDB": "import pynamodb.models",
    "aiodynamo": "import aiodynamo.client, aiodynamo.http.aiohttp",
    "pydynox": "import pydynox",
    "sqlalchemy": "import sqlalchemy",
}
_FIRST_GETS = {
    "boto3 client": _BOTO,
    "holdall sync": _DYNAMODB,
    "holdall by boto3": _BY_BOTO3,
    "holdall memory": _RECORD % ("'memory://'", ""),
    "holdall sqlite": _RECORD % ("'sqlite://'", "orders.provision()"),
    "PynamoDB": _PYNAMODB,
    "aiodynamo": _AIODYNAMO,
    "pydynox": _PYDYNOX,
}


_OVER_TLS = {name: _FIRST_GETS[name] for name in ("boto3 client", "holdall sync", "holdall by boto3")}


def run(settings: Settings) -> list[Row]:
    """Measure everything."""
    with tempfile.TemporaryDirectory() as folder:
        code = None if settings.quick else folder
        with running() as endpoint:
            process = Process(endpoint, code)
            rows = [
                *_rows("import", _IMPORTS, "boto3", process, settings),
                *_rows("import, open, get", _FIRST_GETS, "boto3 client", process, settings),
            ]
        authority, certificate = _certificate(Path(folder))
        with running(certificate) as endpoint:
            process = Process(endpoint, code, AWS_CA_BUNDLE=authority)
            return rows + _rows("the same over TLS", _OVER_TLS, "boto3 client", process, settings)


def _certificate(folder: Path) -> tuple[str, str]:
    """Make an authority beside the usual ones, and a certificate of it for the stub; return their files."""
    made = trustme.CA()
    issued = made.issue_cert("127.0.0.1")
    authorities, certificate = folder / "authorities.pem", folder / "certificate.pem"
    usual = Path(botocore.__file__).with_name("cacert.pem")
    authorities.write_bytes(usual.read_bytes() + made.cert_pem.bytes())
    certificate.write_bytes(issued.private_key_pem.bytes() + b"".join(part.bytes() for part in issued.cert_chain_pems))
    return str(authorities), str(certificate)


class Process:
    """New processes, their byte code in one folder if given: what is installed has it, a checkout may not."""

    def __init__(self, endpoint: str, folder: str | None, **more: str) -> None:
        self._endpoint = endpoint
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
        self._environment = {**os.environ, **keys, **more}
        if folder is not None:
            # Compiling takes longer than a smoke run should.
            self._environment["PYTHONPYCACHEPREFIX"] = folder
            self._environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def missing(self, script: str) -> str | None:
        """Return the package that a script lacks."""
        error = self._run(script).stderr.strip().rpartition("\n")[2]
        return error.rpartition(" ")[2].strip("'") if error.startswith("ModuleNotFoundError") else None

    def measured(self, script: str) -> list[float]:
        """Return the seconds of CPU and of the clock, the memory and the number of modules that a script took."""
        ran = self._run(script)
        if ran.returncode:
            raise RuntimeError(ran.stderr)
        numbers: list[float] = json.loads(ran.stdout)
        return numbers

    def _run(self, script: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", _HEAD + script + _TAIL, self._endpoint]
        return subprocess.run(command, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False)


def _rows(task: str, scripts: dict[str, str], base: str, process: Process, settings: Settings) -> list[Row]:
    rows: list[Row] = []
    found: dict[str, list[list[float]]] = {}
    for name, script in scripts.items():
        # The first run also writes the byte code.
        missing = process.missing(script)
        if missing is None:
            found[name] = []
        else:
            rows.append(Row("cold start", task, name, more={"skipped": f"not installed: {missing}"}))
    for _ in range(1 if settings.quick else 9):
        for name, measured in found.items():
            measured.append(process.measured(scripts[name]))
    timings = {name: Timing(tuple(m[0] for m in of), tuple(m[1] for m in of)) for name, of in found.items()}
    for row in rows_of("cold start", task, timings, base):
        last = found[row.name]
        more = {"MB": round(median(m[2] for m in last), 1), "modules": int(last[-1][3])}
        rows.append(Row(**{**vars(row), "more": more}))
    return rows
