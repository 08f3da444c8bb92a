"""Every page runs: no snippet in the README or the documentation is left out."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import sqlalchemy as sa

import holdall
from tests.docs.blocks import EVALUATORS, run_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
_FENCE = re.compile(r"^ *```(.*)$", re.MULTILINE)
_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"dynamodb://([\w.-]+)")
_BUCKET = re.compile(r"s3://([\w-]+)")
_SERVERS = {"postgresql", "mysql"}
"""Pages that need a database server."""
_CACHES = {"redis", "memcached"}
"""Pages that need a cache server."""
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def _each(pages: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", pages, ids=[page.relative_to(ROOT).as_posix() for page in pages])


def _languages(page: Path) -> list[str]:
    return _FENCE.findall(page.read_text())[::2]


def _tables(page: Path) -> set[str]:
    """Return the DynamoDB tables that the page's snippets open."""
    return {name for block in _PYTHON.findall(page.read_text()) for name in _TABLE.findall(block)}


@pytest.fixture(autouse=True)
def variables() -> Iterator[None]:
    """Take away what pages set in the environment."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]


@pytest.fixture
def dynamodb(ministack_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[set[str]], None]]:
    """Lead boto3 to the test server, and give what names the tables to drop before and after."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", ministack_endpoint)
    client, named = boto3.client("dynamodb"), set[str]()

    def drop(names: set[str]) -> None:
        named.update(names)
        for name in names & set(client.list_tables()["TableNames"]):
            client.delete_table(TableName=name)

    yield drop
    drop(named)


def _buckets(page: Path) -> set[str]:
    """Return the buckets that the page's snippets open."""
    return {name for block in _PYTHON.findall(page.read_text()) for name in _BUCKET.findall(block)}


@pytest.fixture
def buckets(versitygw_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[set[str]], None]:
    """Lead to the test server, and give what empties the named buckets, and makes those that are not there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", versitygw_endpoint)

    def empty(names: set[str]) -> None:
        for name in names:
            with holdall.open_blobs(f"s3://{name}") as blobs:
                blobs.provision()
                blobs.delete_many(info.key for info in blobs.list())

    return empty


def _reads_parameters(page: Path) -> bool:
    """Return whether the page's snippets open Parameter Store."""
    return any("ssm://" in block for block in _PYTHON.findall(page.read_text()))


@pytest.fixture
def parameters(moto_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lead to the test server, and remove what the page put there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", moto_endpoint)
    client = boto3.client("ssm")
    pages: Any = client.get_paginator("describe_parameters")

    def remove() -> None:
        for name in [each["Name"] for page in pages.paginate() for each in page["Parameters"]]:
            if name.startswith("/shop/"):
                client.delete_parameter(Name=name)

    remove()
    yield
    remove()


@pytest.fixture
def own_database(postgresql_address: str, mariadb_address: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of an empty database of the kind that the page is about."""
    scheme = Path(request.node.callspec.params["page"]).stem
    address = sa.make_url(postgresql_address if scheme == "postgresql" else mariadb_address)
    driver = {"postgresql": "psycopg", "mysql": "pymysql"}[scheme]
    server = sa.create_engine(address.set(drivername=f"{scheme}+{driver}"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text("DROP DATABASE IF EXISTS pages"))
        connection.execute(sa.text("CREATE DATABASE pages"))
    yield address.set(drivername=scheme, database="pages").render_as_string(hide_password=False)
    server.dispose()


@pytest.mark.server
def test_the_page_on_aurora_runs_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgresql_address: str, postgresql_api: str
) -> None:
    monkeypatch.chdir(tmp_path)
    cluster, secret = "arn:aws:rds:r:123456789012:cluster:shop", "arn:aws:secretsmanager:r:123456789012:secret:shop"
    table = f"page_{secrets.token_hex(4)}"
    url = f"rds-data://{cluster}/postgres?secret={secret}&endpoint={postgresql_api}&table={table}"
    monkeypatch.setenv("ORDERS", url)
    page = ROOT / "docs" / "stores" / "aurora.md"
    try:
        assert run_page(page) == len(_languages(page))
    finally:
        engine = sa.create_engine(postgresql_address.replace("://", "+psycopg://"))
        sa.Table(table, sa.MetaData()).drop(engine, checkfirst=True)
        engine.dispose()


@_each([page for page in PAGES if page.stem in _SERVERS])
def test_the_page_on_a_database_server_runs_as_it_is_written(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_database: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORDERS", own_database)
    assert run_page(page) == len(_languages(page))


@_each([page for page in PAGES if page.stem in _CACHES])
def test_the_page_on_a_cache_runs_as_it_is_written(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, valkey_address: str, memcached_address: str
) -> None:
    monkeypatch.chdir(tmp_path)
    address = {"redis": valkey_address, "memcached": memcached_address}[page.stem]
    monkeypatch.setenv("CACHE", f"{address}?prefix=page-{secrets.token_hex(4)}")
    assert run_page(page) == len(_languages(page))


_EMBEDDED = [page for page in PAGES if not _tables(page) and not _buckets(page) and not _reads_parameters(page)]


@pytest.mark.xdist_group("pages on Parameter Store")  # which has one path for all of them
@_each([page for page in PAGES if _reads_parameters(page)])
def test_the_page_on_parameter_store_runs_as_it_is_written(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parameters: None
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_page(page) == len(_languages(page))


@_each([page for page in _EMBEDDED if page.stem not in {*_SERVERS, *_CACHES, "aurora"}])
def test_the_page_runs_as_it_is_written(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_page(page) == len(_languages(page))


@_each([page for page in PAGES if _tables(page)])
def test_the_page_on_dynamodb_runs_as_it_is_written(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dynamodb: Callable[[set[str]], None],
    buckets: Callable[[set[str]], None],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    dynamodb(_tables(page))
    buckets(_buckets(page))
    assert run_page(page) == len(_languages(page))


@_each([page for page in PAGES if _buckets(page) and not _tables(page)])
def test_the_page_on_s3_runs_as_it_is_written(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, buckets: Callable[[set[str]], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    buckets(_buckets(page))
    assert run_page(page) == len(_languages(page))


@_each(PAGES)
def test_every_block_of_the_page_is_of_a_language_that_is_run(page: Path) -> None:
    assert set(_languages(page)) <= EVALUATORS.keys()


@_each(PAGES)
def test_the_links_of_the_page_lead_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text()) if "://" not in link]
    lost = [link for link in links if not _exists(page, link)]
    assert lost == []


def _exists(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = page if not path else (page.parent / path).resolve()
    if not target.exists():
        return False
    return not anchor or anchor in {_anchor(line) for line in target.read_text().splitlines() if line.startswith("#")}


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lstrip("#").strip().lower()).replace(" ", "-")
