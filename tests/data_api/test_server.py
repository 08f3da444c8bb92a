"""The server over real databases, by boto3: every operation, its rules, and its faults."""

from __future__ import annotations

import datetime as dt
import secrets
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import botocore.config
import botocore.exceptions
import pytest

from holdall.testing.data_api import DataApi, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

ARNS = {"resourceArn": "arn:aws:rds:eu-west-1:1:cluster:shop", "secretArn": "arn:aws:secretsmanager:eu-west-1:1:s:x"}


@dataclass
class Caller:
    """The service, and boto3's client of it."""

    api: DataApi
    client: Any
    mysql: bool
    table: str

    def run(self, sql: str, *parameters: tuple[str, dict[str, Any]], **options: Any) -> Any:
        given = [{"name": name, **(value if "value" in value else {"value": value})} for name, value in parameters]
        return self.client.execute_statement(**ARNS, sql=sql, parameters=given, **options)

    def field(self, sql: str, *parameters: tuple[str, dict[str, Any]], **options: Any) -> Any:
        ((field,),) = self.run(sql, *parameters, **options)["records"]
        return field

    def begin(self) -> str:
        found: str = self.client.begin_transaction(**ARNS)["transactionId"]
        return found

    def commit(self, number: str) -> str:
        found: str = self.client.commit_transaction(**ARNS, transactionId=number)["transactionStatus"]
        return found

    def roll_back(self, number: str) -> str:
        found: str = self.client.rollback_transaction(**ARNS, transactionId=number)["transactionStatus"]
        return found


def _caller(url: str) -> Iterator[Caller]:
    with serving(url) as api:
        config = botocore.config.Config(retries={"total_max_attempts": 1})
        client = boto3.client("rds-data", endpoint_url=api.url, config=config)
        caller = Caller(api, client, url.startswith("mysql"), f"api_{secrets.token_hex(4)}")
        caller.run(f"CREATE TABLE {caller.table} (id varchar(40) PRIMARY KEY, n int)")
        try:
            yield caller
        finally:
            caller.run(f"DROP TABLE {caller.table}")
            client.close()


@pytest.fixture
def postgresql(postgresql_address: str) -> Iterator[Caller]:
    yield from _caller(postgresql_address)


@pytest.fixture
def mysql(mariadb_address: str) -> Iterator[Caller]:
    yield from _caller(mariadb_address)


@pytest.fixture(params=["postgresql", "mysql"])
def caller(request: pytest.FixtureRequest, postgresql_address: str, mariadb_address: str) -> Iterator[Caller]:
    yield from _caller(postgresql_address if request.param == "postgresql" else mariadb_address)


def refused(name: str, words: str = "") -> Any:
    return pytest.raises(botocore.exceptions.ClientError, match=rf"(?s)\({name}\).*{words}")


NEED_A_CAST = {
    "uuid": "12345678-1234-5678-1234-567812345678", "jsonb": "{}", "timestamptz": "2026-01-02", "date": "2026-01-02",
    "numeric": "1.5", "int": "1",
}  # fmt: skip


@pytest.mark.parametrize("kind", NEED_A_CAST)
def test_a_text_is_bound_as_text_so_that_other_types_need_a_cast(postgresql: Caller, kind: str) -> None:
    postgresql.run(f"ALTER TABLE {postgresql.table} ADD COLUMN v {kind}")
    insert = f"INSERT INTO {postgresql.table} (id, v) VALUES ('a', :v)"
    value = ("v", {"stringValue": NEED_A_CAST[kind]})
    with refused("DatabaseErrorException", 'column "v" is of type .* but expression is of type.*42804'):
        postgresql.run(insert, value)
    postgresql.run(insert.replace(":v", f":v::{kind}"), value)


HINTED = {
    "uuid": ("UUID", "12345678-1234-5678-1234-567812345678"), "jsonb": ("JSON", '{"a": 1}'),
    "timestamp": ("TIMESTAMP", "2026-01-02 03:04:05.006"), "date": ("DATE", "2026-01-02"),
    "time": ("TIME", "03:04:05.006"), "numeric": ("DECIMAL", "1.50"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HINTED)
def test_a_hint_gives_a_text_the_type_of_the_column(postgresql: Caller, kind: str) -> None:
    hint, text = HINTED[kind]
    postgresql.run(f"ALTER TABLE {postgresql.table} ADD COLUMN v {kind}")
    given = {"value": {"stringValue": text}, "typeHint": hint}
    postgresql.run(f"INSERT INTO {postgresql.table} (id, v) VALUES ('a', :v)", ("v", given))
    assert postgresql.field(f"SELECT v FROM {postgresql.table}") == {"stringValue": text}


FIELDS: dict[str, dict[str, Any]] = {
    "1::int2": {"longValue": 1}, "9007199254740993::int8": {"longValue": 9007199254740993},
    "0.1::float8": {"doubleValue": 0.1}, "1.50::numeric": {"stringValue": "1.50"}, "true": {"booleanValue": True},
    "'\\x00ff'::bytea": {"blobValue": b"\x00\xff"}, "null": {"isNull": True}, "'x'::text": {"stringValue": "x"},
    "'2026-01-02'::date": {"stringValue": "2026-01-02"}, "'03:04:05.5'::time": {"stringValue": "03:04:05.5"},
    "'2026-01-02 03:04:05.000001'::timestamp": {"stringValue": "2026-01-02 03:04:05.000001"},
    "'2026-01-02 03:04:05+02'::timestamptz": {"stringValue": "2026-01-02 01:04:05"},
    "'[1, 2]'::jsonb": {"stringValue": "[1, 2]"},
    "'12345678-1234-5678-1234-567812345678'::uuid": {"stringValue": "12345678-1234-5678-1234-567812345678"},
    "array[1, null, 3]::int4[]": {"arrayValue": {"longValues": [1, None, 3]}},
    "array['a', null, 'b,\"c']::text[]": {"arrayValue": {"stringValues": ["a", None, 'b,"c']}},
    "array[true]::bool[]": {"arrayValue": {"booleanValues": [True]}},
    "'{}'::int4[]": {"arrayValue": {"longValues": []}},
}  # fmt: skip


@pytest.mark.parametrize("sql", FIELDS)
def test_each_type_of_postgresql_comes_in_its_field(postgresql: Caller, sql: str) -> None:
    assert postgresql.field(f"SELECT {sql}") == FIELDS[sql]


@pytest.mark.parametrize(
    "sql", ["'regclass'::\"char\"", "interval '1 day'", "'pg_class'::regclass", "'{{1},{2}}'::int[]"]
)
def test_a_type_that_the_service_can_not_give_is_refused(postgresql: Caller, sql: str) -> None:
    with refused("UnsupportedResultException"):
        postgresql.run(f"SELECT {sql}")


MYSQL_FIELDS: dict[str, dict[str, Any]] = {
    "CAST(5 AS SIGNED)": {"longValue": 5}, "CAST(1.50 AS DECIMAL(10, 2))": {"stringValue": "1.50"},
    "CAST(0.1 AS DOUBLE)": {"doubleValue": 0.1}, "NULL": {"isNull": True}, "'x'": {"stringValue": "x"},
    "DATE '2026-01-02'": {"stringValue": "2026-01-02"}, "X'00ff'": {"blobValue": b"\x00\xff"},
    "TIMESTAMP '2026-01-02 03:04:05.000001'": {"stringValue": "2026-01-02 03:04:05.000001"},
    "TIME '03:04:05'": {"stringValue": "03:04:05"},
}  # fmt: skip


@pytest.mark.parametrize("sql", MYSQL_FIELDS)
def test_each_type_of_mysql_comes_in_its_field(mysql: Caller, sql: str) -> None:
    assert mysql.field(f"SELECT {sql}") == MYSQL_FIELDS[sql]


def test_a_boolean_of_mysql_is_a_tinyint_of_one_digit(mysql: Caller) -> None:
    mysql.run(f"ALTER TABLE {mysql.table} ADD COLUMN f tinyint(1), ADD COLUMN g tinyint")
    mysql.run(f"INSERT INTO {mysql.table} (id, f, g) VALUES ('a', 1, 1)")
    ((one, other),) = mysql.run(f"SELECT f, g FROM {mysql.table}")["records"]
    assert (one, other) == ({"booleanValue": True}, {"longValue": 1})


def test_a_missing_parameter_is_refused_and_one_too_many_is_not(caller: Caller) -> None:
    with refused("BadRequestException", "Cannot find parameter: b"):
        caller.run("SELECT :a, :b", ("a", {"longValue": 1}))
    assert caller.field("SELECT :a", ("a", {"longValue": 1}), ("b", {"longValue": 2})) == {"longValue": 1}


def test_a_write_says_how_many_rows_it_met_and_has_no_records(caller: Caller) -> None:
    for name in "ab":
        caller.run(f"INSERT INTO {caller.table} VALUES (:id, 1)", ("id", {"stringValue": name}))
    done = caller.run(f"UPDATE {caller.table} SET n = 1")
    assert (done["numberOfRecordsUpdated"], done["generatedFields"], "records" in done) == (2, [], False)
    assert caller.run(f"SELECT id FROM {caller.table} WHERE n = 5")["records"] == []


def test_a_batch_runs_each_set_and_gives_no_counts(caller: Caller) -> None:
    sets = [[{"name": "id", "value": {"stringValue": name}}] for name in "abc"]
    insert = f"INSERT INTO {caller.table} VALUES (:id, 1)"
    done = caller.client.batch_execute_statement(**ARNS, sql=insert, parameterSets=sets)
    assert done["updateResults"] == [{"generatedFields": []}] * 3
    with refused("DatabaseErrorException", "SQLState: 23"):
        caller.client.batch_execute_statement(**ARNS, sql=insert, parameterSets=[[{"name": "id", "value": {
            "stringValue": name}}] for name in "da"])  # fmt: skip
    assert caller.field(f"SELECT count(*) FROM {caller.table}") == {"longValue": 4}


def test_a_transaction_is_committed_or_rolled_back(caller: Caller) -> None:
    for end, count in ((caller.roll_back, 0), (caller.commit, 1)):
        number = caller.begin()
        caller.run(f"INSERT INTO {caller.table} VALUES ('a', 1)", transactionId=number)
        assert end(number) == ("Transaction Committed" if count else "Rollback Complete")
        assert caller.field(f"SELECT count(*) FROM {caller.table}") == {"longValue": count}


def test_a_transaction_that_ended_is_not_found(caller: Caller) -> None:
    number = caller.begin()
    caller.commit(number)
    with refused("TransactionNotFoundException", "is not found"):
        caller.run("SELECT 1", transactionId=number)
    with refused("NotFoundException"):
        caller.commit(number)
    with refused("NotFoundException"):
        caller.roll_back(number)


def test_a_transaction_that_nobody_uses_expires(caller: Caller) -> None:
    now = [0.0]
    caller.api.transactions.clock = lambda: now[0]
    number = caller.begin()
    caller.run(f"INSERT INTO {caller.table} VALUES ('a', 1)", transactionId=number)
    now[0] += 179
    caller.run("SELECT 1", transactionId=number)
    now[0] += 181
    with refused("TransactionNotFoundException"):
        caller.run("SELECT 1", transactionId=number)
    assert caller.field(f"SELECT count(*) FROM {caller.table}") == {"longValue": 0}


def test_a_transaction_ends_after_a_day_however_busy(caller: Caller) -> None:
    now = [0.0]
    caller.api.transactions.clock = lambda: now[0]
    number = caller.begin()
    for _ in range(600):
        now[0] += 150
        if now[0] > 86_400:
            break
        caller.api.transactions._open[number].used = now[0]
    with refused("TransactionNotFoundException"):
        caller.run("SELECT 1", transactionId=number)


def test_two_calls_on_one_transaction_at_once_are_refused(postgresql: Caller) -> None:
    number = postgresql.begin()
    slow = threading.Thread(target=postgresql.run, args=("SELECT pg_sleep(1)::text",), kwargs={"transactionId": number})
    slow.start()
    time.sleep(0.3)
    with refused("DatabaseErrorException", "still running a query"):
        postgresql.run("SELECT 1", transactionId=number)
    slow.join()
    postgresql.roll_back(number)


def test_a_transaction_that_failed_can_only_be_rolled_back(postgresql: Caller) -> None:
    number = postgresql.begin()
    with refused("DatabaseErrorException", "42P01"):
        postgresql.run("SELECT * FROM nosuch", transactionId=number)
    with refused("DatabaseErrorException", "25P02"):
        postgresql.run("SELECT 1", transactionId=number)
    with refused("DatabaseErrorException", "25P02"):
        postgresql.commit(number)


def test_another_database_than_the_transaction_s_is_refused(caller: Caller) -> None:
    name = "test" if caller.mysql else "postgres"
    number = caller.client.begin_transaction(**ARNS, database=name)["transactionId"]
    with refused("BadRequestException", "not the same as transaction"):
        caller.run("SELECT 1", transactionId=number, database="other")
    caller.roll_back(number)


def test_a_database_that_is_not_there_is_not_found(caller: Caller) -> None:
    with refused("DatabaseNotFoundException"):
        caller.run("SELECT 1", database="nosuch")


def test_a_statement_that_takes_too_long_is_stopped(caller: Caller) -> None:
    caller.api.timeout = 0.3
    with refused("StatementTimeoutException"):
        caller.run("SELECT SLEEP(3)" if caller.mysql else "SELECT pg_sleep(3)::text", database=(
            "test" if caller.mysql else "postgres"))  # fmt: skip


def test_a_request_over_4_mebibytes_is_refused(caller: Caller) -> None:
    with refused("BadRequestException", "4 MiB"):
        caller.run("SELECT :a", ("a", {"stringValue": "x" * (4 << 20)}))


@pytest.mark.parametrize(
    ("kind", "name"),
    [("resuming", "DatabaseResumingException"), ("throttled", "ThrottlingException"),
     ("denied", "AccessDeniedException"), ("unavailable", "DatabaseUnavailableException"),
     ("secret", "SecretsErrorException")],
)  # fmt: skip
def test_a_fault_on_order_refuses_and_passes(caller: Caller, kind: str, name: str) -> None:
    caller.api.order(kind, on="ExecuteStatement", times=2, skip=1)
    caller.run("SELECT 1")
    for _ in range(2):
        with refused(name):
            caller.run(f"INSERT INTO {caller.table} VALUES ('a', 1)")
    assert caller.field(f"SELECT count(*) FROM {caller.table}") == {"longValue": 0}


def test_a_lost_answer_is_of_what_was_done(caller: Caller) -> None:
    caller.api.order("lost")
    with pytest.raises(botocore.exceptions.ConnectionClosedError):
        caller.run(f"INSERT INTO {caller.table} VALUES ('a', 1)")
    assert caller.field(f"SELECT count(*) FROM {caller.table}") == {"longValue": 1}


def post(url: str, body: bytes, **headers: str) -> int:
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_a_fault_can_be_ordered_over_http(caller: Caller) -> None:
    assert post(f"{caller.api.url}/_faults", b'{"kind": "throttled"}') == 200
    with refused("ThrottlingException"):
        caller.run("SELECT 1")
    assert post(f"{caller.api.url}/_faults", b'{"kind": "nosuch"}') == 400


def test_a_request_without_a_signature_is_refused(caller: Caller) -> None:
    assert post(f"{caller.api.url}/Execute", b"{}") == 403
    assert post(f"{caller.api.url}/ExecuteSql", b"{}") == 400
    assert post(f"{caller.api.url}/Nosuch", b"{}") == 404


def test_the_program_serves_a_database_by_itself(mariadb_address: str) -> None:
    command = [sys.executable, "-m", "holdall.testing.data_api", "--mysql", mariadb_address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout is not None
            name, _, url = program.stdout.readline().strip().partition("=")
            assert name == "export AWS_ENDPOINT_URL_RDS_DATA"
            client = boto3.client("rds-data", endpoint_url=url)
            done = client.execute_statement(**ARNS, sql="SELECT CURRENT_DATE")
            client.close()
            dt.date.fromisoformat(done["records"][0][0]["stringValue"])
        finally:
            program.terminate()
