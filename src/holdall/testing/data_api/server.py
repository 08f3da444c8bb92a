"""The server: routes, headers, and what each operation does."""

from __future__ import annotations

import json
import re
import secrets
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from .errors import ApiError, bad_request
from .faults import Fault, Faults
from .names import check_given, placed
from .requests import Asked, read
from .results import answer, batch_answer
from .transactions import Transactions

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

ROUTES = {
    "/Execute": "ExecuteStatement",
    "/BatchExecute": "BatchExecuteStatement",
    "/BeginTransaction": "BeginTransaction",
    "/CommitTransaction": "CommitTransaction",
    "/RollbackTransaction": "RollbackTransaction",
}
_MOST = 4 << 20
_TIMEOUT = 45.0
_SIGNED = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/,]+/\d{8}/[^/,]+/rds-data/aws4_request, ?"
                     r"SignedHeaders=[a-z0-9;-]+, ?Signature=[0-9a-f]{64}")  # fmt: skip


class DataApi:
    """
    The service over one database.

    Attributes:
        url: Where it answers.
        transactions: Those that are open.
        timeout: Seconds that a statement may take.
        calls: The operations that were asked for, in order.
    """

    def __init__(self, database: Any, port: int = 0) -> None:
        self._database = database
        self._faults = Faults()
        self._idle: dict[str | None, list[Any]] = {}
        self._lock = threading.Lock()
        self.transactions = Transactions()
        self.timeout = _TIMEOUT
        self.calls: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"api": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def serve(self) -> None:
        """Answer until `close` is called."""
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Stop, and roll back what is open."""
        self._server.shutdown()
        self._server.server_close()
        self.transactions.close()
        for connection in [one for kept in self._idle.values() for one in kept]:
            connection.close()

    def order(self, kind: Any, *, on: str | None = None, times: int = 1, skip: int = 0) -> None:
        """Make a fault; see `Fault`."""
        self._faults.order(Fault(kind, on, times, skip))

    def calm(self) -> None:
        """Make no more faults."""
        self._faults.clear()

    def order_document(self, document: Any) -> None:
        """Make the fault that a document describes."""
        self._faults.order(Fault.read(document))

    def done(self, operation: str, body: Any) -> tuple[dict[str, Any], bool]:
        """
        Do an operation, and return the answer, and whether it is to be lost.

        Raises:
            ApiError: It is refused.
        """
        self.calls.append(operation)
        asked = read(operation, body)
        lost = self._faults.next(operation)
        return _OPERATIONS[operation](self, asked), lost

    def begin(self, asked: Asked) -> dict[str, Any]:
        connection = self._database.connect(asked.database, self.timeout)
        self._database.begin(connection)
        return {"transactionId": self.transactions.begin(connection, asked.database)}

    def commit(self, asked: Asked) -> dict[str, Any]:
        connection = self.transactions.end(str(asked.transaction))
        try:
            if self._database.is_aborted(connection):
                raise ApiError("DatabaseErrorException", "Transaction has been aborted due to an error from a previous "
                               "call; SQLState: 25P02")  # fmt: skip
            self._database.end(connection, commit=True)
        finally:
            connection.close()
        return {"transactionStatus": "Transaction Committed"}

    def roll_back(self, asked: Asked) -> dict[str, Any]:
        connection = self.transactions.end(str(asked.transaction))
        try:
            self._database.end(connection, commit=False)
        finally:
            connection.close()
        return {"transactionStatus": "Rollback Complete"}

    def execute(self, asked: Asked) -> dict[str, Any]:
        statement = placed(asked.sql, mysql=self._database.mysql)
        (values,) = asked.sets
        check_given(statement, set(values))
        with self._connection(asked) as connection:
            return answer(asked, self._database.run(connection, statement.text, values))

    def execute_batch(self, asked: Asked) -> dict[str, Any]:
        statement = placed(asked.sql, mysql=self._database.mysql)
        for values in asked.sets:
            check_given(statement, set(values))
        with self._connection(asked) as connection:
            # Without a transaction, each is one by itself, and those before a failure stay.
            return batch_answer([self._database.run(connection, statement.text, values) for values in asked.sets])

    @contextmanager
    def _connection(self, asked: Asked) -> Generator[Any, None, None]:
        if asked.transaction:
            with self.transactions.used(asked.transaction, asked.database) as connection:
                yield connection
            return
        with self._lock:
            kept = self._idle.setdefault(asked.database, [])
            connection = kept.pop() if kept else None
        if connection is None:
            connection = self._database.connect(asked.database, self.timeout)
        try:
            yield connection
        except ApiError:
            connection.close()
            raise
        with self._lock:
            kept.append(connection)


_OPERATIONS: dict[str, Callable[[DataApi, Asked], dict[str, Any]]] = {
    "ExecuteStatement": DataApi.execute,
    "BatchExecuteStatement": DataApi.execute_batch,
    "BeginTransaction": DataApi.begin,
    "CommitTransaction": DataApi.commit,
    "RollbackTransaction": DataApi.roll_back,
}


class _Handler(BaseHTTPRequestHandler):
    api: DataApi
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            found, lost = self._found(body)
        except ApiError as error:
            self._send(error.status, {"message": error.message}, error.name)
            return
        if lost:
            self.close_connection = True
            return
        self._send(200, found)

    def _found(self, body: bytes) -> tuple[dict[str, Any], bool]:
        if self.path == "/_faults":
            self.api.order_document(_document(body))
            return {}, False
        if self.path == "/ExecuteSql":
            raise bad_request("This API is deprecated and not available. Use ExecuteStatement API instead")
        if self.path not in ROUTES:
            raise ApiError("UnknownOperationException", f"no such operation: {self.path}", 404)
        if not _SIGNED.fullmatch(self.headers.get("Authorization") or "") or not self.headers.get("X-Amz-Date"):
            raise ApiError("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
        if len(body) > _MOST:
            raise bad_request("Request is too large: at most 4 MiB")
        return self.api.done(ROUTES[self.path], _document(body))

    def _send(self, status: int, document: dict[str, Any], error: str | None = None) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", secrets.token_hex(16))
        if error is not None:
            self.send_header("x-amzn-ErrorType", error)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class has it
        """Say nothing: statements may hold what is secret."""


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise ApiError("SerializationException", "the body is no JSON") from None


def database_of(url: str) -> Any:
    """
    Return the database of a URL.

    Raises:
        ValueError: It is of another kind.
    """
    scheme = url.partition("://")[0]
    if scheme == "postgresql":
        from .postgresql import Postgresql

        return Postgresql(url)
    if scheme in ("mysql", "mariadb"):
        from .mysql import Mysql

        return Mysql(url)
    raise ValueError(f"expected postgresql:// or mysql://, got {scheme}://")


@contextmanager
def serving(url: str, port: int = 0) -> Generator[DataApi, None, None]:
    """Serve a database on a port of this machine (0: a free one) for the length of a block."""
    api = DataApi(database_of(url), port)
    thread = threading.Thread(target=api.serve, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        api.close()
        thread.join()
