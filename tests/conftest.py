"""
Real servers, safe credentials and the strict request validator, for every test that asks for a server.

A test that has one of the endpoint fixtures among its arguments (also through another fixture) gets the mark `server`;
`-m "not server"` leaves those tests out, and no server is started then. What is asked for late, by
`request.getfixturevalue`, has to be marked by hand. A server that can't be had fails its tests; it never skips them.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from botocore.httpsession import URLLib3Session

from holdall.testing.data_api import serving
from holdall.testing.dynamodb import Recorder, TableDescription, watching
from holdall.testing.s3 import HttpRequest, check
from holdall.testing.ssm import RequestRefused
from holdall.testing.ssm import watching as watching_ssm
from holdall_adapters._aws.http import Request
from holdall_adapters._aws.rest_xml import client as rest_client
from tests.servers import SERVERS, ServerMissing, Session, answers_http
from tests.servers.private import PrivateServer
from tests.servers.running import SESSION_VARIABLE
from tests.servers.tcp_proxy import TcpProxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytest_plugins = ["holdall.testing.plugin"]

OWN_VARIABLE = "HOLDALL_TEST_DYNAMODB_ENDPOINT"
OWN = os.environ.get(OWN_VARIABLE)
OWN_MYSQL = os.environ.get("HOLDALL_TEST_MYSQL_URL")
"""The URL of a MySQL server of the user's, as mysql://user:password@host:port/database."""
OWN_S3 = os.environ.get("HOLDALL_TEST_S3_ENDPOINT")
"""The address of an S3 server of the user's, whose credentials and region come from AWS's own variables."""
OWN_S3_LACKS = [name for name in os.environ.get("HOLDALL_TEST_S3_LACKS", "").split(",") if name]
_ENDPOINTS = {
    "dynalite_endpoint", "ministack_endpoint", "own_endpoint", "dynamodb_endpoint", "dynamodb_endpoints",
    "postgresql_address", "mariadb_address", "own_mysql_address", "postgresql_api", "mariadb_api",
    "versitygw_endpoint", "own_s3_endpoint", "moto_endpoint",
    "valkey_address", "valkey_cluster_address", "redis_address", "memcached_address",
    "private_valkey", "private_memcached",
}  # fmt: skip
_session: list[Session] = []
_tables: dict[str, TableDescription] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Begin the session of the servers, which the workers find through the environment."""
    config.addinivalue_line("markers", "server: needs a real server; set by the fixtures that give one")
    if SESSION_VARIABLE not in os.environ:
        _session.append(Session.begin())
        os.environ[SESSION_VARIABLE] = str(_session[0].folder)


def pytest_unconfigure() -> None:
    """End the servers that this session started."""
    while _session:
        del os.environ[SESSION_VARIABLE]
        _session.pop().end()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that ask for a server, before marks are selected by."""
    for item in items:
        if _ENDPOINTS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.server)


@pytest.fixture(scope="session")
def dynalite_endpoint() -> str:
    """Give the address of dynalite: DynamoDB without transactions and TTL."""
    return _address("dynalite")


@pytest.fixture(scope="session")
def ministack_endpoint() -> str:
    """Give the address of ministack: DynamoDB with transactions, less exact than dynalite."""
    return _address("ministack")


@pytest.fixture(scope="session")
def moto_endpoint() -> str:
    """Give the address of moto: Parameter Store."""
    return _address("moto")


@pytest.fixture(scope="session")
def postgresql_address() -> str:
    """Give the address of PostgreSQL."""
    return _address("postgresql")


@pytest.fixture(scope="session")
def mariadb_address() -> str:
    """Give the address of MariaDB."""
    return _address("mariadb")


@pytest.fixture(scope="session")
def versitygw_endpoint() -> str:
    """Give the address of versitygw, which speaks S3's protocol."""
    return _address("versitygw")


@pytest.fixture(scope="session")
def valkey_address() -> str:
    """Give the address of Valkey, whose default user needs no password; see `tests.servers` for the others."""
    return _address("valkey")


@pytest.fixture(scope="session")
def valkey_cluster_address() -> str:
    """Give the address of one node of a cluster of Valkey."""
    return _address("valkey-cluster")


@pytest.fixture(scope="session")
def redis_address() -> str:
    """Give the address of Redis behind TLS; its query names the file of the certificate authority, `ca`."""
    return _address("redis")


@pytest.fixture(scope="session")
def memcached_address() -> str:
    """Give the address of memcached."""
    return _address("memcached")


@pytest.fixture
def private_valkey() -> Iterator[Callable[[], PrivateServer]]:
    """Give a function that starts a Valkey of the test's own, which the test may pause, kill and start again."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(_private("valkey"))


@pytest.fixture
def private_memcached() -> Iterator[Callable[[], PrivateServer]]:
    """Give a function that starts a memcached of the test's own, as `private_valkey` does."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(_private("memcached"))


@pytest.fixture
def tcp_proxy() -> Iterator[Callable[[str], TcpProxy]]:
    """Give a function that puts a proxy before an address, which can harm, hold and cut what it carries."""
    with ExitStack() as stack:
        yield lambda address: stack.enter_context(TcpProxy(address))


@pytest.fixture(scope="session")
def own_s3_endpoint() -> str:
    """Give the address of the user's own S3 server, for tests that are made only where there is one."""
    assert OWN_S3 is not None
    return OWN_S3


@pytest.fixture(scope="session")
def postgresql_api(postgresql_address: str) -> Iterator[str]:
    """Give the address of the Data API over PostgreSQL."""
    with serving(postgresql_address) as api:
        yield api.url


@pytest.fixture(scope="session")
def mariadb_api(mariadb_address: str) -> Iterator[str]:
    """Give the address of the Data API over MariaDB."""
    with serving(mariadb_address) as api:
        yield api.url


@pytest.fixture(scope="session")
def own_mysql_address() -> str:
    """Give the address of the user's own MySQL, for tests that are made only where there is one."""
    assert OWN_MYSQL is not None
    return OWN_MYSQL


@pytest.fixture(scope="session")
def dynamodb_endpoints(dynalite_endpoint: str, ministack_endpoint: str) -> dict[str, str]:
    """Give the addresses of all DynamoDB servers by name; `own` is the user's, where the environment gives one."""
    found = {"dynalite": dynalite_endpoint, "ministack": ministack_endpoint}
    return found if OWN is None else {**found, "own": OWN}


@pytest.fixture(scope="session", params=["dynalite", "ministack", *([] if OWN is None else ["own"])])
def dynamodb_endpoint(request: pytest.FixtureRequest) -> str:
    """Give the address of each DynamoDB server in turn."""
    name: str = request.param
    return _address(name) if name != "own" else _own()


@pytest.fixture(scope="session")
def own_endpoint() -> str:
    """Give the address of the user's own server or AWS region, for tests that are made only where there is one."""
    return _own()


def _own() -> str:
    if OWN is None:
        pytest.fail(f"{OWN_VARIABLE} gives no address", pytrace=False)
    if not answers_http(OWN):
        pytest.fail(f"no server answers at {OWN}, which {OWN_VARIABLE} gives", pytrace=False)
    return OWN


def _address(name: str) -> str:
    try:
        return Session.of_tests().address(SERVERS[name])
    except ServerMissing as error:
        problem = str(error)
    hint = f"Give a running one in {SERVERS[name].variable}, or leave such tests out with -m 'not server'."
    pytest.fail(f"{problem}\n{hint}", pytrace=False)


def _private(kind: str) -> PrivateServer:
    try:
        return PrivateServer(kind)
    except ServerMissing as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(autouse=True)
def aws_environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the developer's own AWS settings away from tests with a server, and give false credentials instead."""
    if request.node.get_closest_marker("server") is not None and not _is_own(request):
        use_safe_settings(monkeypatch)


def use_safe_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the developer's own settings of AWS away, proxies among them, and give false credentials instead."""
    for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name, value in _AWS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def strict_dynamodb(request: pytest.FixtureRequest, aws_environment: None) -> Iterator[Recorder]:
    """
    Validate every DynamoDB request of a test with a server, and give the recorder of them.

    A request that the service would refuse raises there and then. A program that swallows the error fails the test at
    its end all the same; a test that means to see it clears `refused`.
    """
    recorder = Recorder(_tables)
    if request.node.get_closest_marker("server") is None:
        yield recorder
        return
    with watching(recorder):
        yield recorder
    assert not recorder.refused, f"the service would refuse {len(recorder.refused)} requests: {recorder.refused[0]}"


@pytest.fixture(autouse=True)
def strict_ssm(request: pytest.FixtureRequest) -> Iterator[list[RequestRefused]]:
    """
    Check every request to Parameter Store of a test with such a server, and give the errors of those refused.

    As with `strict_dynamodb`, a program that swallows one fails its test, and a test that means it clears the list.
    """
    if not {"moto_endpoint", "ministack_endpoint"} & set(request.fixturenames):
        yield []
        return
    with watching_ssm() as refused:
        yield refused
    assert not refused, f"the service would refuse {len(refused)} requests: {refused[0]}"


@pytest.fixture(autouse=True)
def strict_s3(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check every S3 request of a test with an S3 server against the service's own rules, before it is sent."""
    if "versitygw_endpoint" in request.fixturenames:
        watch_s3(monkeypatch)


def watch_s3(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the requests of the lean client and of botocore checked."""
    send = URLLib3Session.send

    def checked(method: str, path: str, headers: dict[str, str], body: Any, **more: Any) -> Request:
        check(HttpRequest(method, path, headers, bytes(body)))
        return Request(method, path, headers, body, **more)

    def sent(session: Any, prepared: Any) -> Any:
        if "x-amz-content-sha256" in prepared.headers:
            headers = {name: _text(value) for name, value in prepared.headers.items()}
            target = prepared.url.partition("://")[2].partition("/")[2]
            check(HttpRequest(prepared.method, f"/{target}", headers, _body_of(prepared.body)))
        return send(session, prepared)

    monkeypatch.setattr(rest_client, "Request", checked)
    monkeypatch.setattr(URLLib3Session, "send", sent)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _body_of(body: Any) -> bytes:
    if not hasattr(body, "read"):
        return b"" if body is None else body.encode() if isinstance(body, str) else bytes(body)
    place = body.tell()
    try:
        return bytes(body.read())
    finally:
        body.seek(place)


def _is_own(request: pytest.FixtureRequest) -> bool:
    callspec = getattr(request.node, "callspec", None)
    is_parameter = callspec is not None and callspec.params.get("dynamodb_endpoint") == "own"
    return is_parameter or bool({"own_endpoint", "own_s3_endpoint"} & set(request.node.fixturenames))


_AWS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": "127.0.0.1,localhost",
    "no_proxy": "127.0.0.1,localhost",
}
