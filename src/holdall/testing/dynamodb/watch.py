"""
Puts a recorder under every DynamoDB client of the process, whoever makes it and whenever it was made.

The place is the client class's own step from parameters to a request: it runs once a call (not once a try), after the
handlers that turn a resource's Python values into the wire form. A client that is not botocore's calls
`Recorder.record(operation, params)` itself.
"""

from __future__ import annotations

import importlib.util
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ...interception import intercepting

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from ...interception import Interceptor, Send
    from .recorder import Recorder

_BUILD, _CALL = "_convert_to_request_dict", "_make_api_call"
_asking = ContextVar("asking", default=False)


@contextmanager
def watching(recorder: Recorder) -> Generator[Recorder]:
    """
    Record and validate the requests of all clients within the block: boto3's, aioboto3's and holdall's own.

    A table that the recorder doesn't know is looked up on the client's own server first; where that has none either,
    the request goes out unchecked, to fail there.
    """
    with ExitStack() as patches:
        patches.enter_context(_patched(_named("botocore.client", "BaseClient"), recorder, _blocking))
        patches.enter_context(intercepting(_lean(recorder)))
        if importlib.util.find_spec("aiobotocore") is not None:
            patches.enter_context(_patched(_named("aiobotocore.client", "AioBaseClient"), recorder, _awaiting))
        yield recorder


@contextmanager
def _patched(cls: Any, recorder: Recorder, wrap: Callable[..., tuple[Any, Any]]) -> Generator[None]:
    build, call = getattr(cls, _BUILD), getattr(cls, _CALL)
    new_build, new_call = wrap(build, call, recorder)
    setattr(cls, _BUILD, new_build)
    setattr(cls, _CALL, new_call)
    try:
        yield
    finally:
        setattr(cls, _BUILD, build)
        setattr(cls, _CALL, call)


def _blocking(build: Any, call: Any, recorder: Recorder) -> tuple[Any, Any]:
    def new_build(self: Any, api_params: Any, operation_model: Any, *args: Any, **kwargs: Any) -> Any:
        if _is_watched(self):
            for name in recorder.unknown(operation_model.name, api_params):
                _look_up(self, name)
            _record(recorder, operation_model.name, api_params)
        return build(self, api_params, operation_model, *args, **kwargs)

    def new_call(self: Any, operation_name: str, api_params: Any) -> Any:
        answer = call(self, operation_name, api_params)
        if _service(self) == "dynamodb":
            recorder.learn(operation_name, answer)
        return answer

    return new_build, new_call


def _awaiting(build: Any, call: Any, recorder: Recorder) -> tuple[Any, Any]:
    async def new_build(self: Any, api_params: Any, operation_model: Any, *args: Any, **kwargs: Any) -> Any:
        if _is_watched(self):
            for name in recorder.unknown(operation_model.name, api_params):
                await _look_up_async(self, name)
            _record(recorder, operation_model.name, api_params)
        return await build(self, api_params, operation_model, *args, **kwargs)

    async def new_call(self: Any, operation_name: str, api_params: Any) -> Any:
        answer = await call(self, operation_name, api_params)
        if _service(self) == "dynamodb":
            recorder.learn(operation_name, answer)
        return answer

    return new_build, new_call


def _lean(recorder: Recorder) -> Interceptor:
    async def through(service: str, operation: str, params: Mapping[str, Any], send: Send) -> dict[str, Any]:
        if service != "dynamodb" or _asking.get():
            return await send(operation, params)
        for name in recorder.unknown(operation, params):
            # A table that the server doesn't know, or won't tell of: the request itself will show it.
            with unwatched(), suppress(Exception):
                recorder.learn("DescribeTable", await send("DescribeTable", {"TableName": name}))
        _record(recorder, operation, params)
        answer = await send(operation, params)
        recorder.learn(operation, answer)
        return answer

    return through


def _record(recorder: Recorder, operation: str, params: Any) -> None:
    if recorder.unknown(operation, params):
        recorder.requests.append((operation, dict(params)))
    else:
        recorder.record(operation, params)


def _look_up(client: Any, name: str) -> None:
    with unwatched(), suppress(*_server_errors()):
        client.describe_table(TableName=name)


async def _look_up_async(client: Any, name: str) -> None:
    with unwatched(), suppress(*_server_errors()):
        await client.describe_table(TableName=name)


def _server_errors() -> tuple[type[Exception], ...]:
    # A table that the server doesn't know, or won't tell of: the request itself will show it.
    return _named("botocore.exceptions", "ClientError"), _named("botocore.exceptions", "BotoCoreError")


@contextmanager
def unwatched() -> Generator[None]:
    """Let the requests of this thread or task within the block pass without a record or check."""
    token = _asking.set(True)
    try:
        yield
    finally:
        _asking.reset(token)


def _named(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def _is_watched(client: Any) -> bool:
    return _service(client) == "dynamodb" and not _asking.get()


def _service(client: Any) -> str:
    name: str = client.meta.service_model.service_name
    return name
