"""The benchmarks run, and leave nothing out. Never how long anything takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.xdist_group("benchmarks")  # they run once, and the tests look at what was found
OURS = {"holdall sync", "holdall async", "holdall by boto3"}
CLIENTS = {"boto3 client", "boto3 resource", "PynamoDB", "aiodynamo", "pydynox", *OURS}
CALLS = {"get", "put", "conditional put", "update", "query 100", "query 200", "batch get 200", "batch put 200"}
PEERS_OR_SERVERS = ("PynamoDB", "pydynox", "aiodynamo", "Core", "one by one", "aurora-data-api", "chunk of 1,000",
                    "on S3", "Powertools", "Valkey")  # fmt: skip
BEHIND_CACHES = {"holdall", "holdall on sqlite"}
THREADED = {"boto3 client", "holdall sync", "holdall by boto3"}


def run(folder: Path, *arguments: str, **variables: str) -> dict[str, Any]:
    found = folder / "found.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--json", str(found), *arguments]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(found.read_text())
    return read


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return run(tmp_path_factory.mktemp("benchmarks"))


@pytest.fixture(scope="module")
def ran_on_servers(
    tmp_path_factory: pytest.TempPathFactory, postgresql_address: str, mariadb_address: str
) -> dict[str, Any]:
    return run(
        tmp_path_factory.mktemp("benchmarks"), *(f"--only={name}" for name in ("postgresql", "mysql", "data-api")),
        HOLDALL_TEST_POSTGRESQL=postgresql_address, HOLDALL_TEST_MARIADB=mariadb_address,
    )


@pytest.fixture(scope="module")
def ran_on_caches(
    tmp_path_factory: pytest.TempPathFactory, valkey_address: str, memcached_address: str
) -> dict[str, Any]:
    return run(
        tmp_path_factory.mktemp("benchmarks"), "--only=cache",
        HOLDALL_TEST_VALKEY=valkey_address, HOLDALL_TEST_MEMCACHED=memcached_address,
    )


def rows(ran: dict[str, Any], section: str) -> list[dict[str, Any]]:
    return [row for row in ran["rows"] if row["section"] == section]


def test_every_client_is_there_or_said_not_to_be_installed(ran: dict[str, Any]) -> None:
    found = rows(ran, "calls on the stub")
    skipped = {row["name"]: row["more"]["skipped"] for row in found if row["more"]}
    assert {row["name"] for row in found} == CLIENTS
    assert all(reason.startswith("not installed: ") for reason in skipped.values())
    assert not {"boto3 client", "holdall sync", "holdall async"} & set(skipped)


def test_every_client_has_every_call(ran: dict[str, Any]) -> None:
    timed = [row for row in rows(ran, "calls on the stub") if not row["more"]]
    clients = {row["name"] for row in timed}
    wanted = {(call, name) for call in CALLS for name in clients}
    wanted |= {("batch get 200, 8 threads", name) for name in THREADED}
    assert {(row["task"], row["name"]) for row in timed} == wanted


def test_the_codec_is_measured_on_every_store_and_beside_boto3(ran: dict[str, Any]) -> None:
    stores = {"holdall dynamodb", "holdall sqlite", "holdall memory", "by hand"}
    theirs = {"TypeSerializer", "TypeSerializer from a record"}, {"TypeDeserializer", "TypeDeserializer to a record"}
    found = {(row["task"], row["name"]) for row in rows(ran, "codec")}
    assert found == {
        (task, name) for task, peers in zip(("encode", "decode"), theirs, strict=True) for name in stores | peers
    }


def test_cold_starts_and_streams_are_measured(ran: dict[str, Any]) -> None:
    cold = {row["task"] for row in rows(ran, "cold start") if row["name"].startswith("holdall")}
    streams = {(row["task"].split()[0], row["name"]) for row in rows(ran, "memory of a stream")}
    assert cold == {"import", "import, open, get", "the same over TLS"}
    assert streams == {(verb, name) for verb in ("query", "put_many") for name in ("sqlite", "dynamodb")}


RELATIONAL = {
    *((task, name) for task in ("get", "put", "query 100", "query 20")
      for name in ("SQLAlchemy Core", "SQLAlchemy ORM", "holdall")),
    ("put 200", "holdall put"), ("put 200", "holdall put_many"),
}  # fmt: skip


def test_sqlite_is_measured_beside_sqlalchemy(ran: dict[str, Any]) -> None:
    assert {(row["task"], row["name"]) for row in rows(ran, "sqlite")} == RELATIONAL


@pytest.mark.parametrize("section", ["postgresql", "mysql"])
def test_servers_are_measured_beside_sqlalchemy(ran_on_servers: dict[str, Any], section: str) -> None:
    away = {("put 200, half a ms away", name) for name in ("holdall put", "holdall put_many")}
    assert {(row["task"], row["name"]) for row in rows(ran_on_servers, section)} == RELATIONAL | away


def test_the_data_api_is_measured_where_its_peer_is_installed(ran_on_servers: dict[str, Any]) -> None:
    *queries, batch = rows(ran_on_servers, "data-api")
    assert (batch["task"], batch["more"]) == ("batch put 200", {"requests": 1, "chunks": 1})
    if find_spec("aurora_data_api") is None:
        assert [row["more"] for row in queries] == [{"skipped": "not installed: aurora_data_api"}]
    else:
        assert {row["name"] for row in queries} == {"aurora-data-api", "aurora-data-api to a record", "holdall"}


def test_a_smoke_run_starts_no_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOLDALL_TEST_MARIADB", raising=False)
    (row,) = rows(run(tmp_path, "--only=mysql"), "mysql")
    assert "a smoke run starts no server" in row["more"]["skipped"]


def test_a_failing_server_is_weathered_with_nothing_that_grows(ran: dict[str, Any]) -> None:
    (row,) = rows(ran, "soak")
    before, after = row["more"]["open files"]
    assert row["more"]["right"] == row["more"]["calls"] == 4000
    # At most one connection a thread, and some that were just closed.
    assert after <= before + 16


def test_configuration_is_measured_beside_a_dict_and_its_cold_load_counted(ran: dict[str, Any]) -> None:
    found = rows(ran, "config")
    names = {row["name"] for row in found if row["task"] == "cached get"}
    assert names == {"a dict and the time", "holdall", "holdall as int", "holdall secret", "Powertools"}
    assert [row["more"] for row in found if row["task"] == "cold load of 40"] == [{"requests": 4}]


def test_a_smoke_run_measures_the_caches_that_need_no_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VALKEY", "MEMCACHED"):
        monkeypatch.delenv(f"HOLDALL_TEST_{name}", raising=False)
    found = rows(run(tmp_path, "--only=cache"), "cache")
    assert {row["name"] for row in found if not row["more"]} == {"a dict and the time", *BEHIND_CACHES}
    assert [row["name"] for row in found if "a smoke run starts no server" in row["more"].get("skipped", "")] == [
        "valkey", "memcached",
    ]  # fmt: skip


def test_caches_are_measured_beside_their_clients(ran_on_caches: dict[str, Any]) -> None:
    found = {(row["task"], row["name"]): row["more"] for row in rows(ran_on_caches, "cache")}
    hits = {"hit in the process": {"a dict and the time"}, "hit on memcached": {"pymemcache"},
            "hit": {"redis-py", *(["dogpile.cache"] if find_spec("dogpile") else [])},
            "hit, asyncio": {"redis-py", *(["cashews", "cashews get"] if find_spec("cashews") else [])}}  # fmt: skip
    assert set(found) == {
        *((task, name) for task, theirs in hits.items() for name in theirs | BEHIND_CACHES),
        *(("hits of 100 at once", name) for name in ("redis-py", "holdall")),
        *(("put", name) for name in ("no cache", "holdall", "holdall, replaced")),
        *((f"cold key, 20 {kind}", "holdall") for kind in ("threads", "tasks")),
        *(("get without its cache", name) for name in BEHIND_CACHES),
    }
    assert all(found[f"cold key, 20 {kind}", "holdall"]["reads"] >= 1 for kind in ("threads", "tasks"))
    lacking = {name for name in ("dogpile", "cashews") if find_spec(name) is None}
    assert not [target for target in ran_on_caches["targets"]
                if "Valkey" in target["promise"] and target["verdict"] == "not measured"
                and not any(name in target["promise"] for name in lacking)]  # fmt: skip


def test_every_target_is_judged(ran: dict[str, Any]) -> None:
    assert len(ran["targets"]) == 65
    assert {target["verdict"] for target in ran["targets"]} <= {"pass", "FAIL", "not measured"}
    unmeasured = {target["promise"] for target in ran["targets"] if target["verdict"] == "not measured"}
    assert all(promise.endswith(PEERS_OR_SERVERS) for promise in unmeasured)
