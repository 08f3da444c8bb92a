"""The client: made late, shared, remade after a fork; and what becomes of bad answers."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import boto3
import pytest

import holdall
from holdall_adapters._aws import boto
from holdall_adapters._aws.boto import check_answer, settings
from holdall_adapters._aws.connection import Connection
from holdall_adapters.dynamodb.client import SERVICE

from .common import ONCE, THINGS, in_threads
from .scripted import canned, http
from .test_bad_answers import BAD

if TYPE_CHECKING:
    from pathlib import Path



def open_at(endpoint: str, **options: Any) -> holdall.Repository[Any]:
    url = f"dynamodb://things?region=us-east-1&endpoint={endpoint}&read_timeout=1&client=boto3"
    return holdall.open_repository(url, THINGS, retry=ONCE, **options)


def shared_client(connection: Connection) -> Any:
    return boto.shared_client(SERVICE, connection)


def run(script: str, tmp_path: Path) -> str:
    """Run a script in a process of its own, and return what it prints."""
    file = tmp_path / "script.py"
    file.write_text(script)
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", file], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


PATH = f"import sys; sys.path[:0] = {[p for p in sys.path if p.endswith(('src', 'adapters'))]!r}\n"
OPEN = (
    PATH
    + """
import holdall
model = holdall.Schema(dict, partition="id", fields={"id": str}, table="things")
things = holdall.open_repository("dynamodb://things?region=us-east-1&endpoint=http://127.0.0.1:1&client=boto3", model)
"""
)


def test_opening_loads_neither_boto3_nor_asyncio(tmp_path: Path) -> None:
    script = OPEN + "print([name for name in ('boto3', 'botocore', 'asyncio') if name in sys.modules])"
    assert run(script, tmp_path) == "[]"


def test_a_process_shares_one_client_and_a_fork_makes_its_own(tmp_path: Path) -> None:
    script = (
        OPEN
        + """
import os
other = holdall.open_repository("dynamodb://others?region=us-east-1&endpoint=http://127.0.0.1:1&client=boto3", model)
before = things.native
assert other.native is before
read, write = os.pipe()
if os.fork() == 0:
    os.write(write, f"{things.native is before} {things.native is other.native}".encode())
    os._exit(0)
os.wait()
print(os.read(read, 100).decode(), things.native is before)
"""
    )
    assert run(script, tmp_path) == "False True True"


def test_other_settings_make_another_client() -> None:
    one, two = (
        Connection("us-east-1", "http://127.0.0.1:1"),
        Connection("us-east-1", "http://127.0.0.1:1", read_timeout=5.0),
    )
    assert shared_client(one) is shared_client(Connection("us-east-1", "http://127.0.0.1:1"))
    assert shared_client(one) is not shared_client(two)


def test_many_threads_make_one_client() -> None:
    connection = Connection("us-east-1", "http://127.0.0.1:2")
    found: list[Any] = []
    in_threads(8, lambda: found.append(shared_client(connection)))
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_botocore_does_not_retry_and_gives_up_soon() -> None:
    client = open_at("http://127.0.0.1:1").native
    config = client.meta.config
    assert config.retries["total_max_attempts"] == 1
    assert (config.connect_timeout, config.read_timeout) == (1.0, 1.0)
    assert settings(Connection(parallel=50))["max_pool_connections"] == 50


def test_a_client_of_the_callers_own_is_used_as_it_is() -> None:
    own = boto3.client("dynamodb", region_name="us-east-1", endpoint_url="http://127.0.0.1:1")
    first, second = open_at("http://127.0.0.1:9", client=own), open_at("http://127.0.0.1:9", client=own)
    assert first.native is second.native is own
    first.close()
    listening = own.meta.events.emit(
        "after-call.dynamodb.GetItem", http_response=_Answer(), parsed={}, model=None, context={}
    )
    assert [handler for handler, _ in listening].count(check_answer) == 1
    own.close()


@pytest.mark.parametrize("kind", ["resource", "table", "other service", "no client"])
def test_what_is_no_client_of_dynamodb_is_refused(kind: str) -> None:
    resource: Any = boto3.resource("dynamodb", region_name="us-east-1")
    other = boto3.client("sts", region_name="us-east-1")
    own = {"resource": resource, "table": resource.Table("t"), "other service": other, "no client": object()}[kind]
    with pytest.raises(holdall.InvalidArgument, match="client="):
        open_at("http://127.0.0.1:1", client=own)
    resource.meta.client.close()
    other.close()


class _Answer:
    status_code = 200
    raw = None
    headers: dict[str, str] = {}  # never changed
    content = b"{}"


def test_a_missing_region_is_said_with_its_mend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    things = holdall.open_repository("dynamodb://things?connect_timeout=0.7&client=boto3", THINGS)
    for ask in (lambda: things.get("a"), lambda: things.native):
        with pytest.raises(holdall.ConfigError, match=r"\?region="):
            ask()


def test_an_unknown_profile_is_said() -> None:
    things = holdall.open_repository("dynamodb://things?region=us-east-1&profile=none-such", THINGS)
    with pytest.raises(holdall.ConfigError, match="ProfileNotFound"):
        things.get("a")


WHOLE = http(b'{"Item":{"id":{"S":"a"}}}')


def test_a_server_that_is_not_there_has_done_nothing() -> None:
    with pytest.raises(holdall.Unavailable, match="can't be reached") as caught:
        open_at("http://127.0.0.1:1").put({"id": "a"})
    assert not caught.value.maybe_done


@pytest.mark.parametrize("name", ["half a body", "no JSON", "a list"])
def test_a_client_of_the_callers_own_is_checked_too(name: str) -> None:
    with canned(BAD[name]) as server:
        own = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=server.endpoint)
        with pytest.raises(holdall.Unavailable):
            open_at(server.endpoint, client=own).get("a")
        own.close()


def test_a_request_id_is_kept() -> None:
    answer = http(b'{"__type":"x#AccessDeniedException"}', "x-amzn-requestid: R1", status="400 Bad Request")
    with canned(answer) as server, pytest.raises(holdall.AccessDenied) as caught:
        open_at(server.endpoint).get("a")
    assert caught.value.request_id == "R1"


def test_closing_one_repository_leaves_the_client_to_the_others() -> None:
    with canned(WHOLE) as server:
        first, second = open_at(server.endpoint), open_at(server.endpoint)
        first.close()
        assert second.get("a") == {"id": "a"}
