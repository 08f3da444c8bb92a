"""The tests' own server answers as AWS's Parameters and Secrets Lambda extension does."""

from __future__ import annotations

import base64
import json
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from holdall.testing.ssm.extension import Extension, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = "/systemsmanager/parameters/get"
TOKEN = "session"
VALUES = {
    "/shop/fee": "7", "/shop/token": ("SecureString", "hunter2", 3), "/shop/token:live": ("SecureString", "old", 2),
    "/shop/cities": ("StringList", "Ulm,Bern", 1),
}  # fmt: skip


@pytest.fixture
def extension() -> Iterator[Extension]:
    with serving(VALUES, token=TOKEN) as found:
        yield found


def get(extension: Extension, path: str = PATH, token: str | None = TOKEN, **query: Any) -> tuple[int, Any]:
    """Return status and body, read as JSON where it is."""
    connection = HTTPConnection("127.0.0.1", extension.port)
    try:
        headers = {} if token is None else {"X-Aws-Parameters-Secrets-Token": token}
        connection.request("GET", f"{path}?{urlencode(query)}", headers=headers)
        response = connection.getresponse()
        body = response.read()
        is_json = response.headers["Content-Type"] == "application/json"
        return response.status, json.loads(body) if is_json else body.decode()
    finally:
        connection.close()


def parameter(extension: Extension, **query: Any) -> dict[str, Any]:
    status, body = get(extension, **query)
    assert status == 200
    found: dict[str, Any] = body["Parameter"]
    return found


def test_the_answer_is_that_of_get_parameter(extension: Extension) -> None:
    assert get(extension, name="/shop/fee") == (200, {
        "Parameter": {
            "ARN": "arn:aws:ssm:us-east-1:111122223333:parameter/shop/fee", "DataType": "text",
            "LastModifiedDate": "2026-01-01T00:00:00.000Z", "Name": "/shop/fee", "Selector": None, "SourceResult": None,
            "Type": "String", "Value": "7", "Version": 1,
        },
        "ResultMetadata": {},
    })  # fmt: skip


def test_a_value_has_its_own_type_and_version(extension: Extension) -> None:
    found = parameter(extension, name="/shop/cities")
    assert (found["Type"], found["Value"], found["Version"]) == ("StringList", "Ulm,Bern", 1)


def test_a_secure_string_is_decrypted_on_demand(extension: Extension) -> None:
    found = parameter(extension, name="/shop/token", withDecryption="true")
    assert (found["Type"], found["Value"], found["Version"]) == ("SecureString", "hunter2", 3)


@pytest.mark.parametrize("query", [{}, {"withDecryption": "false"}])
def test_a_secure_string_is_encrypted_otherwise(extension: Extension, query: dict[str, str]) -> None:
    value = parameter(extension, name="/shop/token", **query)["Value"]
    assert value.startswith("AQICAH")
    assert b"hunter2" not in base64.b64decode(value, validate=True)


def test_the_version_that_is_stored_is_found_by_its_number(extension: Extension) -> None:
    found = parameter(extension, name="/shop/token", version=3)
    assert (found["Version"], found["Selector"], found["Name"]) == (3, ":3", "/shop/token")


def test_another_version_is_found_by_its_label(extension: Extension) -> None:
    found = parameter(extension, name="/shop/token", label="live", withDecryption="true")
    assert (found["Value"], found["Version"], found["Selector"]) == ("old", 2, ":live")


def test_the_first_of_version_and_label_counts(extension: Extension) -> None:
    assert parameter(extension, name="/shop/token", version=3, label="live")["Version"] == 3
    assert parameter(extension, name="/shop/token", label="live", version=3)["Version"] == 2


def test_a_parameter_is_found_by_its_arn(extension: Extension) -> None:
    found = parameter(extension, name="arn:aws:ssm:eu-west-1:111122223333:parameter/shop/fee")
    assert (found["Name"], found["Value"]) == ("/shop/fee", "7")


def test_an_unknown_name_is_refused(extension: Extension) -> None:
    status, body = get(extension, name="/shop/other")
    assert (status, body["__type"]) == (400, "ParameterNotFound")


@pytest.mark.parametrize("query", [{"version": 9}, {"label": "other"}])
def test_an_unknown_version_is_refused(extension: Extension, query: dict[str, Any]) -> None:
    status, body = get(extension, name="/shop/fee", **query)
    assert (status, body["__type"]) == (400, "ParameterVersionNotFound")


def test_errors_are_all_alike_on_demand(extension: Extension) -> None:
    extension.explains = False
    assert get(extension, name="/shop/other") == (400, "an unexpected error occurred while executing request")


@pytest.mark.parametrize("token", [None, "", "other", "é"])
def test_without_the_token_nothing_is_told(extension: Extension, token: str | None) -> None:
    assert get(extension, token=token, name="/shop/fee")[0] == 401


def test_an_empty_token_is_a_token() -> None:
    with serving(VALUES, token="") as extension:
        assert get(extension, token="", name="/shop/fee")[0] == 200


def test_before_it_is_ready_it_says_so(extension: Extension) -> None:
    extension.ready = False
    assert get(extension, name="/shop/fee") == (400, "not ready to serve traffic, please wait")
    extension.ready = True
    assert get(extension, name="/shop/fee")[0] == 200


def test_it_fails_as_it_is_told_to(extension: Extension) -> None:
    extension.fail_with = 503
    assert [get(extension, name="/shop/fee")[0] for _ in range(2)] == [503, 503]
    extension.fail_with = None
    assert get(extension, name="/shop/fee")[0] == 200


def test_another_path_is_not_found(extension: Extension) -> None:
    assert get(extension, "/secretsmanager/get", secretId="x")[0] == 404


def test_requests_are_kept_those_that_fail_too(extension: Extension) -> None:
    get(extension, name="/shop/fee", withDecryption="true")
    get(extension, token=None, name="/shop/a b")
    assert extension.requests == [
        (PATH, {"name": "/shop/fee", "withDecryption": "true"}, TOKEN),
        (PATH, {"name": "/shop/a b"}, None),
    ]


def test_values_may_come_from_a_function() -> None:
    with serving({"/a": "1"}.get, token=TOKEN) as extension:
        assert parameter(extension, name="/a")["Value"] == "1"
        assert get(extension, name="/b")[0] == 400


def test_several_requests_share_a_connection(extension: Extension) -> None:
    connection = HTTPConnection("127.0.0.1", extension.port)
    for _ in range(2):
        connection.request("GET", f"{PATH}?name=%2Fshop%2Ffee", headers={"X-Aws-Parameters-Secrets-Token": TOKEN})
        assert json.loads(connection.getresponse().read())["Parameter"]["Value"] == "7"
        assert connection.sock is not None
    connection.close()
