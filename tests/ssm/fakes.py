"""A connection to a Parameter Store that is a dict, or that answers by a script; and configurations over it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from holdall._engine.attempts import RetryPolicy
from holdall._engine.config.engine import Configuration
from holdall._engine.config.layer import Layer
from holdall.config.store import Config
from holdall.io import BlockingIo
from holdall.testing.ssm import check
from holdall.urls import parse_url
from holdall_adapters._aws.errors import Refused
from holdall_adapters.ssm.driver import ParameterStore
from holdall_adapters.ssm.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

QUICK = RetryPolicy(attempts=3, first_wait=0.0, max_wait=0.0, throttled_wait=0.0)
ARN = "arn:aws:ssm:eu-west-1:111122223333:parameter"
"""What stands before a name that begins with a slash."""


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Scripted:
    """
    Answers each call, after the validator took it, with the next of the script, and after that from `values`.

    An exception in the script is raised, and a function is called with the parameters.
    """

    region = "eu-west-1"
    described = "scripted"

    def __init__(self, *script: Any, values: Mapping[str, str] | None = None) -> None:
        self.script = list(script)
        self.values = dict(values or {})
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.native = object()

    async def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        check(operation, params)
        self.calls.append((operation, copy.deepcopy(dict(params))))
        answer = self.script.pop(0) if self.script else self._stored(operation)
        if isinstance(answer, BaseException):
            raise answer
        return answer(params) if callable(answer) else answer  # type: ignore[no-any-return]  # a dict

    async def close(self) -> None:
        pass

    def _stored(self, operation: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
        return {"GetParametersByPath": self._by_path, "GetParameters": self._by_name}[operation]

    def _by_path(self, params: Mapping[str, Any]) -> dict[str, Any]:
        below = [name for name in sorted(self.values) if name.startswith(params["Path"].rstrip("/") + "/")]
        begin = int(params.get("NextToken", "0"))
        end = begin + params["MaxResults"]
        found = page(*(parameter(name, self.values[name]) for name in below[begin:end]))
        return {**found, "NextToken": f"{end}"} if end < len(below) else found

    def _by_name(self, params: Mapping[str, Any]) -> dict[str, Any]:
        there = [name for name in params["Names"] if name in self.values]
        found = [parameter(name.partition(":")[0], self.values[name]) for name in there]
        return {"Parameters": found, "InvalidParameters": [name for name in params["Names"] if name not in there]}

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]

    @property
    def params(self) -> dict[str, Any]:
        """Those of the last call."""
        return self.calls[-1][1]

    @property
    def names(self) -> list[list[str]]:
        """What each GetParameters asked for."""
        return [params["Names"] for operation, params in self.calls if operation == "GetParameters"]


def parameter(name: str, value: str = "x", **more: Any) -> dict[str, Any]:
    """Return a parameter as answers have it."""
    return {"Name": name, "Type": "String", "Value": value, "Version": 1, "LastModifiedDate": 1.7e9,
            "ARN": f"{ARN}{name}", "DataType": "text", **more}  # fmt: skip


def page(*parameters: Mapping[str, Any], token: str | None = None) -> dict[str, Any]:
    """Return one page of several."""
    return {"Parameters": list(parameters), **({} if token is None else {"NextToken": token})}


def refused(code: str, message: str = "", status: int = 400, **details: Any) -> Refused:
    return Refused(code, message, status, "request-1", **details)


def driver_of(calls: Scripted, url: str = "ssm:///shop") -> ParameterStore:
    return ParameterStore(calls, BlockingIo(), Options.from_url(parse_url(url)), None)


def config_of(calls: Scripted, url: str = "ssm:///shop", clock: Callable[[], float] | None = None) -> Config:
    """Return a configuration over a scripted connection, that does not wait between its tries."""
    clock = clock or Clock()
    return Config(Configuration([Layer(driver_of(calls, url), BlockingIo(), clock, QUICK)], clock))


def named(count: int, base: str = "/shop/") -> dict[str, str]:
    """Return so many parameters."""
    return {f"{base}p{number:02}": str(number) for number in range(count)}


def sizes(batches: Sequence[Sequence[str]]) -> list[int]:
    return sorted(map(len, batches), reverse=True)
