"""What AWS's Lambda extension has is read from it, and anything else from Parameter Store itself."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import Credentials, RetryPolicy, Secret
from holdall.interception import intercepting
from holdall.testing.ssm.extension import Extension, serving
from tests.aws.scripted import CLOSE, http, scripted

from .fakes import Scripted, refused
from .test_secrets import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOKEN = "session-token"
URL = "ssm:///shop?via=extension&region=us-east-1&client=lean&endpoint=http://127.0.0.1:9"
PORT = "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"
VALUES: dict[str, Any] = {
    "/shop/fee": "7", "/shop/token": ("SecureString", "hunter2", 3), "/shop/token:2": ("SecureString", "hunter1", 2),
    "/shop/token:live": ("SecureString", "hunter0", 1), "/shop/cities": ("StringList", "Ulm,Bern", 1), "/other/a": "x",
}  # fmt: skip


@pytest.fixture
def extension(monkeypatch: pytest.MonkeyPatch) -> Iterator[Extension]:
    """The extension, as a function finds it."""
    with serving(VALUES, token=TOKEN) as found:
        monkeypatch.setenv(PORT, str(found.port))
        monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
        yield found


@pytest.fixture
def store() -> Iterator[Scripted]:
    """Parameter Store itself, which has other values."""
    values = dict.fromkeys(["/shop/fee", "/shop/only", "/shop/token"], "store")
    found = Scripted(values={**values, "/shop/token:2": "old"})

    async def answer(service: str, operation: str, params: Mapping[str, Any], send: object) -> dict[str, Any]:
        assert service == "ssm"
        return await found.call(operation, params)

    with intercepting(answer):
        yield found


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def read(kind: str, *names: str, as_type: Any = str) -> list[Any]:
    """Return the values of parameters, read one after another."""
    options: dict[str, Any] = {"credentials": Credentials("k", "s"), "retry": RetryPolicy(attempts=1)}
    if kind == "sync":
        with holdall.open_config(URL, **options) as config:
            return [config.get(name, as_type) for name in names]

    async def program() -> list[Any]:
        async with holdall.open_async_config(URL, **options) as config:
            return [await config.get(name, as_type) for name in names]

    return asyncio.run(program())


def test_a_parameter_is_read_from_the_extension_alone(extension: Extension, store: Scripted, kind: str) -> None:
    assert read(kind, "fee", "fee", as_type=int) == [7, 7]
    assert extension.requests == [
        ("/systemsmanager/parameters/get", {"name": "/shop/fee", "withDecryption": "true"}, TOKEN)
    ]  # fmt: skip
    assert store.calls == []


def test_a_secret_is_decrypted(extension: Extension, store: Scripted, kind: str) -> None:
    assert read(kind, "token", as_type=Secret) == [Secret("hunter2")]
    assert store.calls == []


def test_a_list_is_read(extension: Extension, store: Scripted, kind: str) -> None:
    assert read(kind, "cities", as_type=list[str]) == [["Ulm", "Bern"]]


def test_versions_and_labels_are_read(extension: Extension, store: Scripted, kind: str) -> None:
    assert read(kind, "token:2", "token:live", "token:3") == ["hunter1", "hunter0", "hunter2"]
    asked = [tuple(query.get(key) for key in ("name", "version", "label")) for _, query, _ in extension.requests]
    assert asked == [("/shop/token", "2", None), ("/shop/token", None, "live"), ("/shop/token", "3", None)]
    assert store.calls == []


def test_names_beyond_the_base_and_arns_are_read(extension: Extension, store: Scripted, kind: str) -> None:
    arn = "arn:aws:ssm:eu-west-1:111122223333:parameter/other/a"
    assert read(kind, "/other/a", arn) == ["x", "x"]
    assert [query["name"] for _, query, _ in extension.requests] == ["/other/a", arn]


def test_what_the_extension_says_is_not_there_is_not_asked_for_again(
    extension: Extension, store: Scripted, kind: str
) -> None:
    assert read(kind, "none", "token:9") == [None, None]
    assert store.calls == []


def broken(extension: Extension, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the extension not serve."""
    if way == "not ready":
        extension.ready = False
    elif way == "refused":
        monkeypatch.setenv("AWS_SESSION_TOKEN", "another")
    elif way == "no token":
        monkeypatch.delenv("AWS_SESSION_TOKEN")
    else:
        extension.fail_with = int(way)


WAYS = ["not ready", "refused", "no token", "400", "404", "429", "500", "502", "503"]


@pytest.mark.parametrize("way", WAYS)
def test_where_the_extension_does_not_serve_parameter_store_is_asked(
    extension: Extension, store: Scripted, monkeypatch: pytest.MonkeyPatch, way: str, kind: str
) -> None:
    broken(extension, way, monkeypatch)
    assert read(kind, "fee") == ["store"]
    assert (len(extension.requests), store.names) == (1, [["/shop/fee"]])


def test_an_error_without_a_reason_is_asked_of_parameter_store(
    extension: Extension, store: Scripted, kind: str
) -> None:
    extension.explains = False
    assert read(kind, "only", "none", "fee") == ["store", None, "7"]
    assert store.names == [["/shop/only"], ["/shop/none"]]


def test_where_nothing_listens_parameter_store_is_asked(
    store: Scripted, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv(PORT, str(server.getsockname()[1]))
    assert read(kind, "fee", "only", "token:2") == ["store", "store", "old"]
    assert store.names == [["/shop/fee"], ["/shop/only"], ["/shop/token:2"]]


@pytest.mark.parametrize("port", ["", "none", "99999", "-1", "0"])
def test_a_port_that_is_none_is_as_if_nothing_listened(
    store: Scripted, monkeypatch: pytest.MonkeyPatch, port: str, kind: str
) -> None:
    monkeypatch.setenv(PORT, port)  # 2773 is expected to be free here
    assert read(kind, "fee") == ["store"]


ANSWERS = {
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{" + CLOSE,
    "no JSON": http(b"hunter2"),
    "another JSON": http(b'{"Parameter": "hunter2"}'),
    "a list": http(b"[]"),
    "without its value": http(b'{"Parameter": {"Name": "/shop/fee", "Version": 1}}'),
    "nothing": CLOSE,
    "no HTTP": b"hello\r\n\r\n" + CLOSE,
    "a redirection": http(b"", "Location: http://127.0.0.1:1/", status="302 Found"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_broken_answer_is_none(store: Scripted, monkeypatch: pytest.MonkeyPatch, name: str, kind: str) -> None:
    with scripted(ANSWERS[name]) as server:
        monkeypatch.setenv(PORT, str(server.port))
        assert read(kind, "fee") == ["store"]
    assert server.heads
    assert store.names == [["/shop/fee"]]


def test_several_names_are_asked_for_one_by_one_and_the_rest_together(extension: Extension, store: Scripted) -> None:
    extension.explains = False
    with holdall.open_config(URL, credentials=Credentials("k", "s")) as config:
        assert [config.get(name) for name in ("fee", "only", "token", "none")] == ["7", "store", "hunter2", None]
        extension.requests.clear()
        store.calls.clear()
        config.refresh()
    assert len(extension.requests) == 4
    assert store.names == [["/shop/only", "/shop/none"]]


def test_where_nothing_listens_it_is_tried_once_a_read(store: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(CLOSE) as server:
        monkeypatch.setenv(PORT, str(server.port))
        with holdall.open_config(URL, credentials=Credentials("k", "s")) as config:
            assert [config.get(name) for name in ("fee", "only")] == ["store", "store"]
            server.heads.clear()
            store.calls.clear()
            config.refresh()
    assert (len(server.heads), store.names) == (1, [["/shop/fee", "/shop/only"]])


def test_lists_and_writes_are_parameter_stores(extension: Extension, store: Scripted) -> None:
    with holdall.open_config(URL, credentials=Credentials("k", "s")) as config:
        assert [one.name for one in config.list()] == ["fee", "only", "token", "token:2"]
        assert config.get("fee") == "7"
        store.script = [{"Version": 4}]
        config.put("fee", 9)
        assert config.get("fee") == "9"
    assert (len(extension.requests), store.operations) == (1, ["GetParametersByPath", "PutParameter"])


def test_a_refusal_of_both_is_that_of_parameter_store(extension: Extension, store: Scripted, kind: str) -> None:
    extension.fail_with = 500
    store.script = [refused("AccessDeniedException")]
    with pytest.raises(holdall.AccessDenied, match=r"ssm:GetParameters on .*parameter/shop/fee") as caught:
        read(kind, "fee")
    assert TOKEN not in shown(caught.value)
