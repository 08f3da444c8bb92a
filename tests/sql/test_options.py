"""URLs of database servers: read whole, and refused before anything is sent."""

from __future__ import annotations

import ssl
import sys
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
import trustme

import holdall
from holdall.urls import parse_url
from holdall_adapters.sql import iam, tls
from holdall_adapters.sql.options import Options
from tests.sqlite.models import Plain

if TYPE_CHECKING:
    from pathlib import Path

HOST = "db.cluster-x.eu-west-1.rds.amazonaws.com"


def options(text: str) -> Options:
    return Options.from_url(parse_url(text))


def test_what_is_ours_is_kept_from_the_driver() -> None:
    found = options("postgresql://u:p@h:6543/shop?table=t&timeout=3&pool_size=2&application_name=shop&tls=require")
    assert (found.table, found.timeout, found.pool_size, found.tls) == ("t", 3.0, 2, "require")
    assert found.url.drivername == "postgresql+psycopg"
    assert found.url.port == 6543
    assert dict(found.url.query) == {"application_name": "shop"}


def test_one_connection_is_kept_in_lambda_and_five_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    assert options("mysql://h/d").pool_size == 5
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "shop")
    assert options("mysql://h/d").pool_size == 1


def test_certificates_are_checked_but_on_this_machine() -> None:
    assert options("postgresql://h/d").tls == "verify"
    assert options("postgresql://localhost/d").tls == options("mysql://127.0.0.1/d").tls == "off"
    assert options("postgresql://h/d?sslmode=disable").tls is None
    assert options("postgresql://h/d?tls=driver").tls is None


def test_a_replica_is_the_same_database_at_another_address() -> None:
    found = options(f"postgresql://u@{HOST}/shop?replica=ro.{HOST}:5433")
    assert found.replica is not None
    assert (found.replica.host, found.replica.port, found.replica.database) == (f"ro.{HOST}", 5433, "shop")


WRONG = {
    "postgresql://h/d?tabel=x": "unknown parameter 'tabel'; did you mean 'table'",
    "postgresql://h/d?table=": "'table' is empty",
    "postgresql://h/d?timeout=0": "'timeout' is wrong",
    "postgresql://h/d?timeout=soon": "'timeout' is wrong",
    "postgresql://h/d?pool_size=0": "'pool_size' is wrong",
    "postgresql://h/d?tls=maybe": "'tls' is wrong: expected one of verify, require, off",
    "postgresql://h/d?iam=perhaps": "'iam' is wrong",
    "postgresql://h/d?replica=h:x": "'replica' is wrong",
    "postgresql://h:port/d": "expected postgresql://user:password@host:port/database",
    "postgresql+nosuch://h/d": "SQLAlchemy knows no driver",
    "postgresql+asyncpg://h/d": "is for asyncio: open it with open_async_repository",
    "postgresql+pg8000://h/d": "doesn't know how the driver 'pg8000'",
    "mysql://h/d?table=holdall_transactions": "is holdall's own",
    "mysql://h/d?iam=true&tls=off": "iam=true sends a token, so it needs TLS",
}


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_url_is_refused_when_it_is_opened(url: str) -> None:
    with pytest.raises(holdall.ConfigError, match=WRONG[url]):
        holdall.open_repository(url, Plain)


def test_a_password_is_in_no_message() -> None:
    with pytest.raises(holdall.ConfigError) as caught:
        holdall.open_repository("postgresql://u:hush-hush@h/d?table=", Plain)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "package"), [("postgresql://localhost/d", "psycopg"), ("mysql://localhost/d", "pymysql")]
)
def test_a_driver_that_is_not_installed_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, url: str, package: str
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(holdall.ConfigError, match=f"pip install 'holdall\\[{url.partition(':')[0]}\\]'"):
        holdall.open_repository(f"{url}?timeout=17", Plain)


def arguments(text: str) -> dict[str, Any]:
    return tls.arguments(options(text))


def test_drivers_of_libpq_are_told_by_sslmode() -> None:
    assert arguments("postgresql://h/d") == {"sslmode": "verify-full", "sslrootcert": "system"}
    assert arguments("postgresql+psycopg2://h/d?ca=/rds.pem")["sslrootcert"] == "/rds.pem"
    assert arguments("postgresql://h/d?tls=require") == {"sslmode": "require"}
    assert arguments("postgresql://h/d?tls=off") == {"sslmode": "disable"}
    assert arguments("postgresql://h/d?tls=driver") == {}


@pytest.mark.parametrize("scheme", ["postgresql+asyncpg", "mysql+pymysql", "mysql+aiomysql"])
def test_other_drivers_are_given_a_context(scheme: str, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(path)
    checked = arguments(f"{scheme}://h/d?ca={path}")["ssl"]
    assert (checked.verify_mode, checked.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert len(checked.get_ca_certs()) == 1
    assert arguments(f"{scheme}://h/d?tls=require")["ssl"].verify_mode == ssl.CERT_NONE
    assert not arguments(f"{scheme}://h/d?tls=off").get("ssl")


def test_a_file_of_certificates_that_is_not_there_is_named() -> None:
    with pytest.raises(holdall.ConfigError, match=r"'/none\.pem' can't be read"):
        arguments("mysql://h/d?ca=/none.pem")


def test_a_token_is_used_for_some_minutes_and_then_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    minted: list[tuple[str, int, str]] = []

    def mint(*asked: Any) -> str:
        minted.append(asked)
        return f"token-{len(minted)}"

    now = [1000.0]
    monkeypatch.setattr(iam.time, "time", lambda: now[0])
    tokens = iam.Tokens(sa.make_url(f"postgresql://me@{HOST}/shop"), mint)
    assert [tokens.current(), tokens.current()] == ["token-1", "token-1"]
    now[0] += 601
    assert tokens.current() == "token-2"
    now[0] -= 5000  # a clock that was set back tells nothing
    assert tokens.current() == "token-3"
    assert set(minted) == {(HOST, 5432, "me")}


def test_a_token_is_signed_for_the_address_and_the_region_that_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x"}.items():
        monkeypatch.setenv(name, value)
    token = iam.minted(HOST, 3306, "me")
    assert token.startswith(f"{HOST}:3306/?")
    assert "Action=connect" in token
    assert "DBUser=me" in token
    assert "eu-west-1%2Frds-db%2Faws4_request" in token


def test_the_token_is_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    def connect(**named: Any) -> Any:
        given.update(named)
        import psycopg

        raise psycopg.OperationalError("no such host")

    monkeypatch.setattr(iam, "minted", lambda *_: "a-token")
    repository = holdall.open_repository(
        f"postgresql://me@{HOST}/shop?iam=true&timeout=18", Plain, retry=holdall.RetryPolicy(attempts=1)
    )
    monkeypatch.setattr(repository.native.engine.dialect.loaded_dbapi, "connect", lambda *_, **named: connect(**named))
    with pytest.raises(holdall.Unavailable):
        repository.get("a")
    assert given["password"] == "a-token"
    assert given["sslmode"] == "verify-full"
