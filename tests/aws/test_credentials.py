"""Keys from a container's endpoint, the environment and code."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import holdall
from holdall.aio import ThreadIo
from holdall.io import BlockingIo, run_blocking
from holdall_adapters._aws.connection import Connection
from holdall_adapters._aws.credentials import ContainerKeys, EnvironmentKeys, container_endpoint
from holdall_adapters._aws.errors import NoCredentials
from holdall_adapters._aws.lean import Pools

from .common import THINGS, in_threads
from .scripted import Scripted, reply, scripted

DIAL = Pools(Connection(), None).dial
HOUR = 3600


def said(number: int = 1, ends_in: float = HOUR, **changes: Any) -> bytes:
    ends = dt.datetime.fromtimestamp(time.time() + ends_in, dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    keys = {"AccessKeyId": f"AKID{number}", "SecretAccessKey": f"secret{number}", "Token": "t", "Expiration": ends}
    return reply(json.dumps({**keys, **changes}).encode())


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    with scripted(said()) as server:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{server.endpoint}/keys?v=1")
        yield server


def current(keys: ContainerKeys) -> str:
    return run_blocking(keys.current(BlockingIo(), DIAL)).access_key_id


def test_keys_are_got_once_and_kept(agent: Scripted) -> None:
    keys = ContainerKeys()
    assert [current(keys) for _ in range(5)] == ["AKID1"] * 5
    assert len(agent.heads) == 1
    assert agent.heads[0].startswith(b"GET /keys?v=1 HTTP/1.1\r\n")


def test_the_token_goes_along_and_its_file_is_read_each_time(
    agent: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "plain")
    current(ContainerKeys())
    (tmp_path / "token").write_text("first")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(tmp_path / "token"))
    current(ContainerKeys())
    (tmp_path / "token").write_text("second")
    current(ContainerKeys())
    tokens = [head.partition(b"Authorization: ")[2].partition(b"\r\n")[0] for head in agent.heads]
    assert tokens == [b"plain", b"first", b"second"]


@pytest.mark.parametrize("token", ["a\nb", "a\r\nEvil: 1", ""])
def test_a_token_that_can_not_stand_in_a_header_is_refused(
    agent: Scripted, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", token)
    with pytest.raises(NoCredentials):
        current(ContainerKeys())
    assert agent.heads == []


def test_a_file_of_a_token_that_is_not_there_is_said(agent: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/no/such/token")
    with pytest.raises(NoCredentials, match="AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"):
        current(ContainerKeys())


def test_a_relative_address_is_that_of_the_agent() -> None:
    endpoint, path = container_endpoint({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x"})
    assert (endpoint.url, path) == ("http://169.254.170.2", "/v2/credentials/x")


@pytest.mark.parametrize(
    "url", ["http://169.254.170.23/v1", "http://[fd00:ec2::23]/v1", "https://any.test/x", "http://localhost:1/"]
)
def test_addresses_of_agents_and_with_tls_are_asked(url: str) -> None:
    container_endpoint({"AWS_CONTAINER_CREDENTIALS_FULL_URI": url})


@pytest.mark.parametrize("url", [
    "http://other.test/x", "http://10.0.0.1/x", "ftp://localhost/x", "", "http://localhost:x/", "http://localhost/a b",
    "http://169.254.169.254/x",
])  # fmt: skip
def test_other_addresses_are_told_nothing(url: str) -> None:
    with pytest.raises(NoCredentials):
        container_endpoint({"AWS_CONTAINER_CREDENTIALS_FULL_URI": url})


BAD = {
    "no JSON": reply(b"<html>"),
    "a list": reply(b"[]"),
    "no key": said(AccessKeyId=None),
    "a key with a line": said(SecretAccessKey="a\nb"),
    "an odd instant": said(Expiration="soon"),
    "expired": said(ends_in=-5),
    "not found": reply(b"", status="404 Not Found"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_gives_no_keys(name: str, agent: Scripted) -> None:
    agent.steps = [BAD[name]]
    with pytest.raises(NoCredentials):
        current(ContainerKeys())
    assert len(agent.heads) == 1


def test_an_agent_that_fails_is_asked_three_times(agent: Scripted) -> None:
    failed = reply(b"", status="500 Error")
    agent.steps = [failed, failed, said()]
    assert current(ContainerKeys()) == "AKID1"
    agent.steps = [failed]
    with pytest.raises(NoCredentials):
        current(ContainerKeys())
    assert len(agent.heads) == 6


def slow(number: int, ends_in: float = HOUR) -> Any:
    def answer(sock: socket.socket) -> None:
        time.sleep(0.5)
        sock.sendall(said(number, ends_in))

    return answer


def together(keys: ContainerKeys, count: int = 16) -> list[str]:
    found: list[str] = []
    in_threads(count, lambda: found.append(current(keys)))
    return found


def test_all_wait_for_the_first_keys_which_one_gets(agent: Scripted) -> None:
    agent.steps = [slow(1)]
    assert together(ContainerKeys()) == ["AKID1"] * 16
    assert len(agent.heads) == 1


def nearly_over(minutes: int) -> ContainerKeys:
    """Return keys that were got, and end in so many minutes."""
    now = [time.time()]
    keys = ContainerKeys(lambda: now[0])
    current(keys)
    now[0] += HOUR - minutes * 60
    return keys


def test_an_early_refresh_is_made_by_one_caller_while_the_others_use_the_old(agent: Scripted) -> None:
    keys = nearly_over(14)
    agent.steps = [slow(2, 2 * HOUR)]
    found = together(keys)
    assert sorted(found) == ["AKID1"] * 15 + ["AKID2"]
    assert len(agent.heads) == 2


def test_keys_that_are_nearly_over_are_waited_for(agent: Scripted) -> None:
    keys = nearly_over(9)
    agent.steps = [slow(2, 2 * HOUR)]
    assert together(keys) == ["AKID2"] * 16
    assert len(agent.heads) == 2


def test_an_early_refresh_that_fails_leaves_the_old_keys(agent: Scripted) -> None:
    keys = nearly_over(14)
    agent.steps = [reply(b"", status="404 Not Found")]
    assert [current(keys) for _ in range(3)] == ["AKID1"] * 3
    assert len(agent.heads) == 2


def test_tasks_share_one_request_too(agent: Scripted) -> None:
    agent.steps = [slow(1)]
    keys = ContainerKeys()

    async def run() -> list[str]:
        found = await asyncio.gather(*(keys.current(ThreadIo(), DIAL) for _ in range(8)))
        return [one.access_key_id for one in found]

    assert asyncio.run(run()) == ["AKID1"] * 8
    assert len(agent.heads) == 1


def test_refused_keys_are_got_anew_unless_others_did(agent: Scripted) -> None:
    keys = ContainerKeys()
    old = run_blocking(keys.current(BlockingIo(), DIAL))
    agent.steps = [said(2)]
    assert run_blocking(keys.renewed(BlockingIo(), DIAL, old))
    assert run_blocking(keys.renewed(BlockingIo(), DIAL, old))
    assert len(agent.heads) == 2


def test_the_deadline_bounds_the_wait_for_keys(agent: Scripted) -> None:
    agent.steps = [lambda sock: sock.recv(1)]
    began = time.monotonic()
    with pytest.raises(NoCredentials), holdall.deadline(0.3):
        current(ContainerKeys())
    assert time.monotonic() - began < 1.5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_fork_in_the_middle_of_a_refresh_does_not_hang(agent: Scripted) -> None:
    agent.steps = [slow(1)]
    keys = ContainerKeys()
    thread = threading.Thread(target=current, args=(keys,))
    thread.start()
    time.sleep(0.05)
    child = os.fork()
    if child == 0:
        os._exit(0 if current(keys) == "AKID1" else 1)
    assert os.waitpid(child, 0)[1] == 0
    thread.join()


def test_keys_of_the_environment_are_read_again_when_they_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "A")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    keys = EnvironmentKeys()
    old = run_blocking(keys.current(BlockingIo(), DIAL))
    assert not run_blocking(keys.renewed(BlockingIo(), DIAL, old))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "B")
    assert run_blocking(keys.current(BlockingIo(), DIAL)) == old
    assert run_blocking(keys.renewed(BlockingIo(), DIAL, old))


def test_a_repository_in_a_container_signs_with_its_keys(agent: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    from holdall_adapters._aws import lean

    monkeypatch.setattr(lean, "_container", ContainerKeys())
    monkeypatch.setattr(lean, "_states", {})
    with scripted(reply(b'{"Item":{"id":{"S":"a"}}}')) as server:
        url = f"dynamodb://things?region=eu-west-1&client=lean&endpoint={server.endpoint}"
        with holdall.open_repository(url, THINGS) as things:
            assert things.get("a") == {"id": "a"}
    assert b"Credential=AKID1/" in server.heads[0]
    assert b"X-Amz-Security-Token: t\r\n" in server.heads[0]


@pytest.mark.parametrize(
    "wrong", [{"access_key_id": ""}, {"secret_access_key": "a\nb"}, {"session_token": ""}, {"access_key_id": 5}]
)
def test_odd_keys_in_code_are_refused_when_they_are_given(wrong: dict[str, Any]) -> None:
    keys = holdall.Credentials(**{"access_key_id": "A", "secret_access_key": "s", **wrong})
    with pytest.raises(holdall.InvalidArgument, match=next(iter(wrong))):
        holdall.open_repository("dynamodb://things", THINGS, credentials=keys)
    with pytest.raises(holdall.InvalidArgument, match="credentials="):
        holdall.open_repository("dynamodb://things", THINGS, credentials="AKID")  # type: ignore[arg-type]
