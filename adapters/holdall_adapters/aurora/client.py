"""The Data API as the clients need to know it, a cluster as a database, and its transactions."""

from __future__ import annotations

import base64
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from holdall import deadlines
from holdall._engine.attempts import pause
from holdall.errors import HoldallError, Unavailable

from .._aws.errors import Refused
from .._aws.failures import failure_of
from .._aws.services import Service
from .._sql.session import BACK, DONE, SAVE, Contended, Missing, Prepared
from .errors import RESUMING, Asked, error_of
from .fields import parameter, stored
from .flavors import ApiMysql

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence

    from holdall.io import Io

    from .._aws.client import Calls
    from .._sql.flavor import Flavor
    from .._sql.session import Mode, Row, Session
    from .clusters import Clusters

T = TypeVar("T")
_OPERATIONS = {
    "ExecuteStatement": "/Execute", "BatchExecuteStatement": "/BatchExecute", "BeginTransaction": "/BeginTransaction",
    "CommitTransaction": "/CommitTransaction", "RollbackTransaction": "/RollbackTransaction",
}  # fmt: skip
_RETURNED = {
    "BeginTransaction": ("transactionId",), "CommitTransaction": ("transactionStatus",),
    "RollbackTransaction": ("transactionStatus",), "BatchExecuteStatement": ("updateResults",),
}  # fmt: skip
_SETS = 1000
"""Sets of values that one request of a batch holds."""
_PATIENCE = 60.0
_BETWEEN = 2.0
"""Seconds: for how long a cluster that resumes is waited for without a deadline, and between two looks at it."""
_SERIALIZABLE = Prepared("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", ())
_VERSION = Prepared("SELECT VERSION()", ())


def _returned(operation: str, _: Mapping[str, Any]) -> tuple[str, ...]:
    return _RETURNED.get(operation, ("numberOfRecordsUpdated",))


SERVICE = Service(
    name="rds-data",
    title="the Data API",
    protocol="rest-json",
    target="",
    operations=_OPERATIONS,
    plain=frozenset(_OPERATIONS),
    returned=_returned,
    kinds={"records": list, "updateResults": list, "numberOfRecordsUpdated": int, "transactionId": str},
)


class Cluster:
    """One database of a cluster, as a `Database`."""

    def __init__(self, calls: Calls, io: Io, clusters: Clusters, database: str, flavor: Flavor) -> None:
        self._calls = calls
        self._io = io
        self._clusters = clusters
        self._database = database
        self._flavor = flavor
        self._learnt = not isinstance(flavor, ApiMysql)

    @property
    def identity(self) -> object:
        return ("rds-data", self._clusters.identity, self._database)

    @property
    def native(self) -> Any:
        """The SDK's client."""
        return self._calls.native

    @property
    def client(self) -> str:
        """Which client is in use, and why."""
        return self._calls.described

    async def run(self, work: Callable[[Session], Coroutine[Any, Any, T]], mode: Mode) -> T:
        if not self._learnt:
            await self._learn()
        writing = mode not in ("eventual", "read")
        if mode in ("eventual", "read", "statement", "batch"):
            return await work(ApiSession(self, None, writing))
        return await self._transaction(work, mode)

    async def _learn(self) -> None:
        assert isinstance(self._flavor, ApiMysql)
        ((version,),) = await ApiSession(self, None, False).rows(_VERSION, ())
        self._flavor.learn(str(version))
        self._learnt = True

    async def _transaction(self, work: Callable[[Session], Coroutine[Any, Any, T]], mode: Mode) -> T:
        number = (await self.call("BeginTransaction", {}, writing=False))["transactionId"]
        session = ApiSession(self, number, writing=False)
        try:
            if mode == "serializable" and not isinstance(self._flavor, ApiMysql):
                # MySQL's transactions have begun already; what they read under a lock is theirs until they end.
                await session.run(_SERIALIZABLE, ())
            result = await work(session)
        except BaseException:
            await self._roll_back(number)
            raise
        await self.call("CommitTransaction", {"transactionId": number}, writing=True)
        return result

    async def _roll_back(self, number: str) -> None:
        try:
            await self.call("RollbackTransaction", {"transactionId": number}, writing=False)
        except (HoldallError, Missing):
            # What went wrong before it counts; the service ends what nobody uses.
            return

    async def call(self, operation: str, params: Mapping[str, Any], *, writing: bool) -> dict[str, Any]:
        """
        Send a request about the cluster, and wait for one that resumes.

        Raises:
            HoldallError: What a refusal or failure means.
        """
        names = await self._clusters.found()
        ending = operation in ("CommitTransaction", "RollbackTransaction")
        where = {} if ending else {"database": self._database}
        asked = Asked(operation, names["resourceArn"], writing)
        began = time.monotonic()
        while True:
            try:
                return await self._calls.call(operation, {**names, **where, **params})
            except Refused as refused:
                if refused.code == RESUMING and self._may_wait(began):
                    await pause(self._io, _BETWEEN)
                    continue
                raise error_of(refused, asked) from refused.native
            except Exception as error:
                failure = failure_of(error, asked)
                if failure is None:
                    raise
                raise failure from error

    def _may_wait(self, began: float) -> bool:
        left = deadlines.remaining()
        return time.monotonic() - began < _PATIENCE if left is None else left > _BETWEEN

    def missing(self) -> str | None:
        return None

    async def release(self) -> None:
        await self._calls.close()


class ApiSession:
    """A transaction, or statements each by itself, as a `Session`."""

    def __init__(self, cluster: Cluster, transaction: str | None, writing: bool) -> None:
        self._cluster = cluster
        self._within = {} if transaction is None else {"transactionId": transaction}
        self._writing = writing

    async def rows(self, statement: Prepared, values: Sequence[Any]) -> Sequence[Row]:
        answer = await self._execute(statement, values)
        return [[stored(field) for field in row] for row in _decoded(answer.get("records", ()))]

    async def run(self, statement: Prepared, values: Sequence[Any]) -> int:
        met: int = (await self._execute(statement, values))["numberOfRecordsUpdated"]
        return met

    async def run_many(self, statement: Callable[[int], Prepared], values: Sequence[Sequence[Any]]) -> None:
        one = statement(1)
        for begin in range(0, len(values), _SETS):
            sets = [_parameters(one, row) for row in values[begin : begin + _SETS]]
            await self._call("BatchExecuteStatement", {"sql": one.text, "parameterSets": sets})

    @asynccontextmanager
    async def part(self) -> AsyncGenerator[None, None]:
        await self.run(SAVE, ())
        try:
            yield
        except Exception:
            await self.run(BACK, ())
            raise
        await self.run(DONE, ())

    async def _execute(self, statement: Prepared, values: Sequence[Any]) -> dict[str, Any]:
        return await self._call("ExecuteStatement", {
            "sql": statement.text, "parameters": _parameters(statement, values)})  # fmt: skip

    async def _call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return await self._cluster.call(operation, {**params, **self._within}, writing=self._writing)
        except Unavailable as error:
            if self._within and not error.maybe_done:
                # Nothing of a transaction is done before it is committed, so it may be run again whole.
                raise Contended(error.message, backend="aurora") from error.__cause__
            raise


def _parameters(statement: Prepared, values: Sequence[Any]) -> list[dict[str, Any]]:
    bound: Mapping[str, Any] = statement.bind(values) if statement.names else {}
    return [parameter(name, value) for name, value in bound.items()]


def _decoded(records: Sequence[Sequence[dict[str, Any]]]) -> Sequence[Sequence[dict[str, Any]]]:
    for row in records:
        for field in row:
            content: Any = field.get("blobValue")
            if isinstance(content, str):
                field["blobValue"] = base64.b64decode(content)
    return records
