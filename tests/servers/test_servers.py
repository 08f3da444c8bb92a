"""The servers of the tests: shared, found, missed loudly, and gone with the session."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from .answering import answers_http
from .catalogue import ROOT, SERVERS
from .running import SESSION_VARIABLE

if TYPE_CHECKING:
    from pathlib import Path

_ASKS = """
import pathlib, time

def note(endpoint):
    pathlib.Path({notes!r}, str(time.time_ns())).write_text(endpoint)

def test_one(dynalite_endpoint): note(dynalite_endpoint); time.sleep({seconds})
def test_two(dynalite_endpoint): note(dynalite_endpoint); time.sleep({seconds})
def test_none(): pass
"""


class Inner:
    """A session of pytest within a test, on a file of its own beside the real conftest."""

    def __init__(self, folder: Path) -> None:
        self.notes = folder / "notes"
        self.notes.mkdir()
        self._conftest = folder / "conftest.py"
        self._conftest.write_text(f"from runpy import run_path\nglobals().update(run_path({str(_CONFTEST)!r}))\n")
        self._file = folder / "test_inner.py"

    def command(self, *options: str, seconds: float = 0) -> list[str]:
        self._file.write_text(_ASKS.format(notes=str(self.notes), seconds=seconds))
        plain = ["-p", "no:cacheprovider", "--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml")]
        return [sys.executable, "-m", "pytest", *plain, *options, str(self._file)]

    def run(self, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*options), capture_output=True, text=True, check=False, cwd=ROOT, env=_environment(**variables)
        )

    def endpoints(self) -> list[str]:
        return [path.read_text() for path in self.notes.iterdir()]


_CONFTEST = ROOT / "tests" / "conftest.py"


@pytest.fixture
def inner(tmp_path: Path) -> Inner:
    return Inner(tmp_path)


def _environment(**variables: str) -> dict[str, str]:
    ours = {SESSION_VARIABLE, *(server.variable for server in SERVERS.values())}
    bare = {name: value for name, value in os.environ.items() if name not in ours and not name.startswith("PYTEST_")}
    return {**bare, **variables}


def _is_gone(address: str, seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while answers_http(address):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_each_server_answers(dynamodb_endpoints: dict[str, str]) -> None:
    assert {name: answers_http(address) for name, address in dynamodb_endpoints.items()} == dict.fromkeys(
        dynamodb_endpoints, True
    )


def test_a_server_is_bound_to_the_loopback_interface(dynalite_endpoint: str) -> None:
    assert re.fullmatch(r"http://(127\.0\.0\.1|localhost):\d+", dynalite_endpoint)


def test_credentials_of_the_developer_are_out_of_reach(dynalite_endpoint: str) -> None:
    assert (os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_CONFIG_FILE"]) == ("test", os.devnull)


@pytest.mark.server
def test_one_server_serves_all_workers_and_ends_with_the_session(inner: Inner) -> None:
    done = inner.run("-n", "2")
    assert "3 passed" in done.stdout, done.stdout + done.stderr
    endpoints = inner.endpoints()
    assert len(endpoints) == 2
    assert len(set(endpoints)) == 1
    assert _is_gone(endpoints[0])


@pytest.mark.server
def test_a_server_does_not_outlive_a_session_that_was_killed(inner: Inner) -> None:
    session = subprocess.Popen(inner.command(seconds=60), stdout=subprocess.DEVNULL, cwd=ROOT, env=_environment())
    try:
        deadline = time.monotonic() + 30
        while not inner.endpoints():
            assert session.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        (endpoint,) = inner.endpoints()
        assert answers_http(endpoint)
    finally:
        session.send_signal(signal.SIGKILL)
        session.wait()
    assert _is_gone(endpoint)


def test_no_server_is_started_where_tests_with_one_are_left_out(inner: Inner) -> None:
    done = inner.run("-m", "not server", HOLDALL_TEST_DYNALITE="http://127.0.0.1:1")
    assert "1 passed, 2 deselected" in done.stdout, done.stdout + done.stderr


def test_a_server_that_can_not_be_had_fails_its_tests(inner: Inner) -> None:
    done = inner.run(HOLDALL_TEST_DYNALITE="http://127.0.0.1:1")
    assert "1 passed, 2 errors" in done.stdout, done.stdout + done.stderr
    assert "no server answers at http://127.0.0.1:1, which HOLDALL_TEST_DYNALITE gives" in done.stdout


def test_a_missing_tool_is_named() -> None:
    server = SERVERS["dynalite"]
    code = (
        "import dataclasses, pathlib; from tests.servers import *\n"
        f"pins = (pathlib.Path({__file__!r}),)\n"
        "try: install(dataclasses.replace(SERVERS['dynalite'], pins=pins))\n"
        "except ServerMissing as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT, env=_environment(PATH="")
    )
    assert done.stdout.startswith(f"{server.name} can't be installed: npm is not on the PATH"), done.stderr
