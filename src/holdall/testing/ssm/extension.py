"""
A server that speaks the protocol of AWS's Parameters and Secrets Lambda extension, for tests.

    with serving({"/shop/fee": "7", "/shop/token": ("SecureString", "t", 3)}, token="session") as extension:
        os.environ["PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"] = str(extension.port)

Sources: the AWS Systems Manager User Guide ("Using Parameter Store parameters in AWS Lambda functions"), and published
records of what the extension really answers. Only parameters are served, no secrets.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Generator

Value = str | tuple[str, str, int]
"""A parameter's value, or its type, value and version."""
Values = Mapping[str, Value] | Callable[[str], Value | None]
"""By name, or by name:label or name:version for one that is selected; a function returns None for what isn't there."""

_PATH = "/systemsmanager/parameters/get"
_HEADER = "X-Aws-Parameters-Secrets-Token"
_ARN = "arn:aws:ssm:us-east-1:111122223333:parameter/"
_CHANGED = "2026-01-01T00:00:00.000Z"


class _Refused(Exception):
    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status)
        self.status, self.body = status, body


class Extension:
    """
    A running server.

    Attributes:
        port: The port that it listens on.
        url: Its address.
        requests: Path, query and token (None without one) of each request, in order.
        ready: Whether it serves, as the extension does once the function's initialization is over.
        fail_with: The status that it answers each request with, None for the right one.
        explains: Whether the answer 400 has the error of Parameter Store as JSON. The extension was seen to say the
            same sentence of all errors instead, of a name that isn't there too; False gives that.
    """

    def __init__(self, values: Values, token: str, port: int = 0) -> None:
        self._find = values if callable(values) else values.get
        self._token = token
        self.requests: list[tuple[str, dict[str, str], str | None]] = []
        self.ready = True
        self.fail_with: int | None = None
        self.explains = True
        self._server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"extension": self}))
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def serve(self) -> None:
        """Answer until `close` is called."""
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, target: str, token: str | None) -> tuple[int, bytes]:
        """Return status and body for a request."""
        path, _, text = target.partition("?")
        query = parse_qsl(text, keep_blank_values=True)
        self.requests.append((path, dict(query), token))
        try:
            self._admit(path, token)
            return 200, json.dumps({"Parameter": self._parameter(query), "ResultMetadata": {}}).encode()
        except _Refused as refused:
            return refused.status, refused.body

    def _admit(self, path: str, token: str | None) -> None:
        if self.fail_with is not None:
            raise _Refused(self.fail_with, b"ordered by the test")
        if not self.ready:
            raise _Refused(400, b"not ready to serve traffic, please wait")
        if not hmac.compare_digest((token or "").encode(), self._token.encode()):
            raise _Refused(401, b"the token is missing or wrong")
        if path != _PATH:
            raise _Refused(404, b"404 page not found")

    def _parameter(self, query: list[tuple[str, str]]) -> dict[str, Any]:
        given = dict(query)
        name = re.sub(r"^arn:[^/]*:parameter(?=/)", "", given.get("name", ""))
        # Of version and label, the first one counts.
        selector = next((value for key, value in query if key in ("version", "label")), None)
        kind, value, version = self._found(name, selector)
        if kind == "SecureString" and given.get("withDecryption") != "true":
            value = _hidden(value)
        return {
            "ARN": _ARN + name.lstrip("/"), "DataType": "text", "LastModifiedDate": _CHANGED, "Name": name,
            "Selector": None if selector is None else f":{selector}", "SourceResult": None, "Type": kind,
            "Value": value, "Version": version,
        }  # fmt: skip

    def _found(self, name: str, selector: str | None) -> tuple[str, str, int]:
        found = self._find(name)
        if found is None:
            raise self._refused("ParameterNotFound")
        if selector is not None and selector != str(_whole(found)[2]):
            found = self._find(f"{name}:{selector}")
        if found is None:
            raise self._refused("ParameterVersionNotFound")
        return _whole(found)

    def _refused(self, error: str) -> _Refused:
        if self.explains:
            return _Refused(400, json.dumps({"__type": error, "message": error}).encode())
        return _Refused(400, b"an unexpected error occurred while executing request")


class _Handler(BaseHTTPRequestHandler):
    extension: Extension
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        status, body = self.extension.answer(self.path, self.headers.get(_HEADER))
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if body.startswith(b"{") else "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class has it
        """Say nothing."""


def _whole(value: Value) -> tuple[str, str, int]:
    return ("String", value, 1) if isinstance(value, str) else value


def _hidden(value: str) -> str:
    # As what KMS encrypts begins; reversed, so that no test finds the value by decoding.
    return base64.b64encode(b"\x01\x02\x02\x00x" + value.encode()[::-1]).decode()


@contextmanager
def serving(values: Values, *, token: str, port: int = 0) -> Generator[Extension, None, None]:
    """Serve parameters on a port of this machine (0: a free one) for the length of a block."""
    extension = Extension(values, token, port)
    thread = threading.Thread(target=extension.serve, daemon=True)
    thread.start()
    try:
        yield extension
    finally:
        extension.close()
        thread.join()
