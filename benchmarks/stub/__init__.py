"""
A canned DynamoDB: a process of its own that answers from prepared bytes, so that the client's cost is what is measured.

It checks nothing and keeps nothing; what a client sends is looked at by `last_request`, what it costs by the harness.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
"""Where `python -m benchmarks` is to be run."""


def _arguments(certificate: str | None, failing: bool) -> list[str]:
    return ["failing"] if failing else [] if certificate is None else [certificate]


@contextmanager
def running(certificate: str | None = None, *, failing: bool = False) -> Iterator[str]:
    """
    Start the stub on a free port of the loopback, and give its URL. It ends with this process, whatever happens.

    Args:
        certificate: A file of a key and its certificate; with it, the stub speaks TLS.
        failing: One request in twenty goes wrong.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.stub", *_arguments(certificate, failing)], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    try:
        scheme = "http" if certificate is None else "https"
        yield f"{scheme}://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def last_request(endpoint: str) -> tuple[str, Any, int]:
    """Return the operation and body of the stub's last request, and how many there were since the last look."""
    connection = http.client.HTTPConnection(endpoint.removeprefix("http://"))
    try:
        connection.request("POST", "/", b"", {"X-Amz-Target": "DynamoDB_20120810.LastRequest"})
        answer = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return answer["operation"], answer["body"], answer["requests"]
