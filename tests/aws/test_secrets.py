"""Secrets are in nothing that may be shown: no repr, error, traceback, log or explanation."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from typing import Any

import pytest

import holdall
from holdall import Credentials, F, RetryPolicy

from .common import THINGS
from .scripted import reply, scripted

SECRET, TOKEN = "wJalrXUtnFEMIsecret", "AQoDYXdzEPTtoken"
KEYS = Credentials("AKID", SECRET, TOKEN)


def url_of(endpoint: str, client: str = "lean") -> str:
    return f"dynamodb://things?region=us-east-1&client={client}&endpoint={endpoint}"


def hides(text: str) -> bool:
    return SECRET not in text and TOKEN not in text


def reached(thing: Any, depth: int = 5, seen: set[int] | None = None) -> set[str]:
    """Return the reprs of an object and of all that it holds."""
    seen = set() if seen is None else seen
    if id(thing) in seen or depth == 0 or isinstance(thing, (str, bytes, int, type)):
        return set()
    seen.add(id(thing))
    inner = thing if isinstance(thing, (list, tuple)) else list(getattr(thing, "__dict__", {}).values())
    inner = list(thing.values()) if isinstance(thing, dict) else inner
    holds = isinstance(thing, Credentials)
    return {repr(thing), str(thing)}.union(*(reached(one, depth - 1, seen) for one in ([] if holds else inner)))


@pytest.mark.parametrize("client", ["lean", "boto3"])
def test_nothing_of_a_repository_shows_them(client: str) -> None:
    with scripted(reply(b"{}")) as server:
        things = holdall.open_repository(url_of(server.endpoint, client), THINGS, credentials=KEYS)
        things.get("a")
        shown = reached(things)
        assert len(shown) > 20
        assert all(hides(text) for text in shown)
        assert hides(str(things.query(F.id == "a").explain()))
        things.close()
    assert hides(repr(KEYS))
    assert hides(str(KEYS))
    assert not hides(server.heads[0].decode())  # The token itself is sent.


ANSWERS = {
    "refused": reply(b'{"__type":"x#AccessDeniedException"}', status="400 Bad"),
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{<close>",
    "no HTTP": b"hello\r\n\r\n",
}


@pytest.mark.parametrize("client", ["lean", "boto3"])
@pytest.mark.parametrize("name", ANSWERS)
def test_no_error_shows_them(name: str, client: str, caplog: pytest.LogCaptureFixture) -> None:
    if client == "lean":
        caplog.set_level(logging.DEBUG)
    with scripted(ANSWERS[name]) as server, pytest.raises(holdall.HoldallError) as caught:
        once = RetryPolicy(attempts=1)
        with holdall.open_repository(url_of(server.endpoint, client), THINGS, credentials=KEYS, retry=once) as things:
            things.get("a")
    text = "".join(traceback.format_exception(caught.value))
    remade = pickle.loads(pickle.dumps(caught.value))
    assert all(map(hides, (text, repr(caught.value), str(caught.value), repr(remade), repr(copy.copy(caught.value)))))
    assert hides(caplog.text)


@pytest.mark.parametrize("more", ["verify=false", "ssl=false", "tls=0", "insecure_tls=true"])
def test_no_parameter_turns_verification_off(more: str) -> None:
    with pytest.raises(holdall.ConfigError, match="unknown parameter"):
        holdall.open_repository(f"dynamodb://things?region=us-east-1&{more}", THINGS)


@pytest.mark.parametrize("client", ["lean", "boto3", "auto"])
def test_an_endpoint_that_others_can_read_is_refused_unless_it_is_said(client: str) -> None:
    url = url_of("http://10.0.0.5:8000", client)
    with pytest.raises(holdall.ConfigError, match="insecure=true"):
        holdall.open_repository(url, THINGS, credentials=KEYS)
    with holdall.open_repository(f"{url}&insecure=true", THINGS, credentials=KEYS):
        pass


@pytest.mark.parametrize("host", ["localhost", "db.localhost", "127.0.0.1", "127.8.8.8", "[::1]"])
def test_a_server_of_the_same_machine_needs_no_tls(host: str) -> None:
    with holdall.open_repository(url_of(f"http://{host}:8000"), THINGS, credentials=KEYS):
        pass


@pytest.mark.parametrize("endpoint", [
    "http://127.0.0.1.evil.test", "http://user:pw@localhost", "http://localhost:0", "http://localhost:70000", "http://",
    "localhost", "http://localhost?x=1", "http://local%20host", "file:///x",
])  # fmt: skip
def test_an_odd_endpoint_is_refused(endpoint: str) -> None:
    with pytest.raises(holdall.ConfigError):
        holdall.open_repository(url_of(endpoint), THINGS, credentials=KEYS)


@pytest.mark.parametrize("region", ["a%0d%0ab", "a b", "eu-west-1/x", "eu%E9"])
def test_a_region_can_not_bring_a_header_with_it(region: str) -> None:
    url = f"dynamodb://things?region={region}&client=lean&endpoint=http://127.0.0.1:1"
    with pytest.raises(holdall.ConfigError, match="region"):
        holdall.open_repository(url, THINGS, credentials=KEYS)
