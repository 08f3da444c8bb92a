"""The example application: the same answers, byte for byte, on every store, sync and async."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import sqlalchemy as sa

import holdall
from examples.airports import app, data, demo, questions, settings, sheets
from holdall.testing.data_api import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from examples.airports.questions import Answer

    Ask = Callable[[str, Sequence[app.Airport]], list[Answer]]
    Table = Callable[[str], str]


@pytest.fixture(scope="module")
def airports() -> list[app.Airport]:
    return data.load_airports(data.PART)


@pytest.fixture(scope="module")
def expected(airports: list[app.Airport]) -> list[Answer]:
    return interview("memory://", airports)


def interview(url: str, airports: Sequence[app.Airport], cache: str | None = None) -> list[Answer]:
    with holdall.open_repository(url, app.AIRPORTS, cache=cache) as store:
        store.provision()
        store.put_many(airports)
        return questions.ask_all(lambda event, context: app.handler(event, context, store))


def interview_async(url: str, airports: Sequence[app.Airport], cache: str | None = None) -> list[Answer]:
    async def program() -> list[Answer]:
        async with holdall.open_async_repository(url, app.AIRPORTS, cache=cache) as store:
            await store.provision()
            await store.put_many(airports)
            return await questions.ask_all_async(lambda event, context: app.async_handler(event, context, store))

    return asyncio.run(program())


@pytest.fixture(params=[interview, interview_async], ids=["sync", "async"])
def ask(request: pytest.FixtureRequest) -> Ask:
    chosen: Ask = request.param
    return chosen


@pytest.fixture
def table() -> Iterator[Table]:
    """Give what makes the URL of a new table on a DynamoDB server; the tables are dropped at the end."""
    made: list[tuple[str, str]] = []

    def url(endpoint: str) -> str:
        made.append((endpoint, f"airports-{secrets.token_hex(6)}"))
        return f"dynamodb://{made[-1][1]}?endpoint={endpoint}"

    yield url
    for endpoint, name in made:
        boto3.client("dynamodb", endpoint_url=endpoint).delete_table(TableName=name)


def as_bytes(answers: Sequence[Answer]) -> bytes:
    return "\n".join(f"{answer.title}\t{answer.status}\t{answer.body}" for answer in answers).encode()


def test_sheets_in_files_answer_as_in_memory(tmp_path: Path, airports: list[app.Airport]) -> None:
    answers = []
    for url in ("memory://", f"file://{tmp_path}/sheets?fsync=false"):
        with holdall.open_blobs(url) as store:
            assert sheets.draw(store, airports) == 2 * len(airports)
            answers.append(sheets.ask_all(store))
    assert answers[0] == answers[1]
    texts = dict(answers[0])
    assert texts["its line with the dot"] == "['<circle cx=\"-21.9406\" cy=\"-64.13\" r=\"2\" fill=\"#c00\"/>']"
    assert texts["the countries"] == "['CH/', 'IS/', 'LK/', 'NP/']"
    assert texts["one that is not there"] == "None"
    assert (tmp_path / "sheets/CH/LSZH.svg").read_text().startswith("<svg")


def test_the_settings_name_the_stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f'store = "sqlite:///{tmp_path}/a.db"\nsheets = "memory://"\n')
    assert settings.load_settings() == settings.Settings()
    monkeypatch.setenv("AIRPORTS_CONFIG", f"file://{file}")
    monkeypatch.setenv("AIRPORTS_SHEETS", "memory://own")
    assert settings.load_settings() == settings.Settings(f"sqlite:///{tmp_path}/a.db", "memory://own")
    monkeypatch.setenv("AIRPORTS_CACHE", "process://")
    assert settings.load_settings().cache == "process://"


def test_the_demonstration_takes_its_stores_from_parameter_store(
    moto_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"ssm:///airports-{secrets.token_hex(6)}?endpoint={moto_endpoint}"
    with holdall.open_config(url) as config:
        config.put("store", f"sqlite:///{tmp_path}/airports.db")
        config.put("sheets", f"file://{tmp_path}/sheets?fsync=false")
    assert demo.main(["memory://", "--blobs", "memory://", "--config", url, "--part"]) == 0
    assert (tmp_path / "airports.db").exists()
    assert (tmp_path / "sheets/CH/LSZH.svg").exists()
    assert "sqlite:" in capsys.readouterr().out


def test_sheets_on_s3_answer_as_in_memory(versitygw_endpoint: str, airports: list[app.Airport]) -> None:
    answers = []
    for url in ("memory://", f"s3://sheets-{secrets.token_hex(6)}?endpoint={versitygw_endpoint}&lacks=nested_keys"):
        with holdall.open_blobs(url) as store:
            store.provision()
            sheets.draw(store, airports)
            answers.append(sheets.ask_all(store))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("interview_by", [interview, interview_async], ids=["sync", "async"])
@pytest.mark.parametrize("number", [0, 1, 2], ids=["process", "valkey", "memcached"])
def test_a_cache_in_front_changes_no_answer(
    interview_by: Any, number: int, valkey_address: str, memcached_address: str, airports: list[app.Airport],
    expected: list[Answer],
) -> None:  # fmt: skip
    cache = ["process://", valkey_address, memcached_address][number]
    prefix = f"airports-{secrets.token_hex(6)}"
    assert as_bytes(interview_by("memory://", airports, f"{cache}?prefix={prefix}")) == as_bytes(expected)


def test_the_demonstration_asks_with_and_without_a_cache(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["memory://", "--blobs", "memory://", "--cache", "process://", "--part"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("equal, all") == 2
    assert "memory:// behind process://" in printed


def test_memory_answers_async_as_sync(airports: list[app.Airport], expected: list[Answer]) -> None:
    assert as_bytes(interview_async("memory://", airports)) == as_bytes(expected)


def test_aiosqlite_answers_as_memory(tmp_path: Path, airports: list[app.Airport], expected: list[Answer]) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/airports.db"
    assert as_bytes(interview_async(url, airports)) == as_bytes(expected)


@pytest.mark.parametrize("url", ["sqlite:///{}/airports.db", "sqlite://"], ids=["file", "memory"])
def test_sqlite_answers_as_memory(
    ask: Ask, url: str, tmp_path: Path, airports: list[app.Airport], expected: list[Answer]
) -> None:
    assert as_bytes(ask(url.format(tmp_path), airports)) == as_bytes(expected)


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_a_database_server_answers_as_memory(
    ask: Ask, scheme: str, postgresql_address: str, mariadb_address: str, airports: list[app.Airport],
    expected: list[Answer],
) -> None:  # fmt: skip
    address = postgresql_address if scheme == "postgresql" else mariadb_address
    table = f"airports_{secrets.token_hex(4)}"
    try:
        assert as_bytes(ask(f"{address}?table={table}", airports)) == as_bytes(expected)
    finally:
        driver = {"postgresql": "psycopg", "mysql": "pymysql"}[scheme]
        engine = sa.create_engine(address.replace("://", f"+{driver}://"))
        sa.Table(table, sa.MetaData()).drop(engine, checkfirst=True)
        engine.dispose()


CLUSTER = "arn:aws:rds:eu-west-1:123456789012:cluster:airports"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:airports"


@pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
def test_the_data_api_answers_as_memory(
    ask: Ask, dialect: str, postgresql_address: str, mariadb_address: str, airports: list[app.Airport],
    expected: list[Answer],
) -> None:  # fmt: skip
    address, driver = {"postgresql": (postgresql_address, "psycopg"), "mysql": (mariadb_address, "pymysql")}[dialect]
    table = f"airports_{secrets.token_hex(4)}"
    engine = sa.create_engine(address.replace("://", f"+{driver}://"))
    with serving(address) as api:
        url = (f"rds-data://{CLUSTER}/{engine.url.database}?secret={SECRET}&dialect={dialect}&table={table}"
               f"&endpoint={api.url}&read_timeout=60")  # fmt: skip
        try:
            assert as_bytes(ask(url, airports)) == as_bytes(expected)
        finally:
            sa.Table(table, sa.MetaData()).drop(engine, checkfirst=True)
            engine.dispose()


def test_dynamodb_answers_as_memory(
    ask: Ask, table: Table, ministack_endpoint: str, airports: list[app.Airport], expected: list[Answer]
) -> None:
    assert as_bytes(ask(table(ministack_endpoint), airports)) == as_bytes(expected)


def test_dynamodb_without_transactions_answers_the_rest_as_memory(
    ask: Ask, table: Table, dynalite_endpoint: str, airports: list[app.Airport], expected: list[Answer]
) -> None:
    answers = ask(table(dynalite_endpoint), airports)
    refused = [answer.title for answer in answers if answer.status == 501]
    assert refused == ["a transaction", "a transaction that must fail"]
    of_transactions = {*refused, "what it wrote"}
    assert as_bytes([each for each in answers if each.title not in of_transactions]) == as_bytes(
        [each for each in expected if each.title not in of_transactions]
    )


def test_no_question_is_answered_by_a_defect_of_the_server(expected: list[Answer]) -> None:
    assert [answer for answer in expected if answer.status in (500, 501, 503)] == []


def test_the_whole_world_gives_the_answers_of_the_part(expected: list[Answer]) -> None:
    assert as_bytes(interview("memory://", data.load_airports())) == as_bytes(expected)


def test_the_questions_leave_the_store_as_they_found_it_but_for_one_record(airports: list[app.Airport]) -> None:
    store = holdall.open_repository("memory://", app.AIRPORTS)
    store.put_many(airports)
    questions.ask_all(lambda event, context: app.handler(event, context, store))
    before = {(one.country, one.icao): app.shown(one) for one in airports}
    after = {(one.country, one.icao): app.shown(one) for one in store.scan()}
    assert {key for key in before | after if before.get(key) != after.get(key)} == {("IS", "BIRK")}


def test_the_demonstration_tells_that_the_answers_are_equal(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["memory://", "memory://other", "--part"]) == 0
    assert capsys.readouterr().out.count("equal, all") == 2


def test_the_demonstration_tells_which_answers_differ() -> None:
    right = demo.Report("memory://a", 1, 0.0, [questions.Answer("by key", 200, "{}")], 0.0)
    wrong = demo.Report("memory://b", 1, 0.0, [questions.Answer("by key", 404, "{}")], 0.0)
    verdicts = list(demo.stores_table([right, wrong]).columns[4].cells)
    assert verdicts == ["[green]equal, all 1", "[red]differ: by key"]


def test_the_demonstration_reports_a_wrong_url_without_a_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["memroy://", "--part"]) == 2
    assert "did you mean 'memory'" in capsys.readouterr().out
