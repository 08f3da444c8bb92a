"""
Puts the rules under every client of the process, whoever makes it and whenever it was made.

The place is the client class's own step from parameters to a request, which runs once a call and not once a try.
"""

from __future__ import annotations

import importlib.util
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from ...interception import intercepting
from .errors import RequestRefused
from .rules import check

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from ...interception import Interceptor, Send

    _Check = Callable[[str, str, Mapping[str, Any]], None]

_BUILD = "_convert_to_request_dict"


@contextmanager
def watching() -> Generator[list[RequestRefused]]:
    """
    Check the requests of all clients within the block: boto3's, aioboto3's and holdall's own.

    One that the service would refuse raises there and then. Gives the list of those errors, so that one that a program
    swallows can still be found.
    """
    refused: list[RequestRefused] = []
    checked = _checking(refused)
    with ExitStack() as patches:
        patches.enter_context(intercepting(_lean(checked)))
        for package, name, wrap in _CLASSES:
            if importlib.util.find_spec(package) is not None:
                module = importlib.import_module(f"{package}.client")
                patches.enter_context(_patched(getattr(module, name), wrap, checked))
        yield refused


def _checking(refused: list[RequestRefused]) -> _Check:
    def checked(service: str, operation: str, params: Mapping[str, Any]) -> None:
        try:
            if service == "ssm":
                check(operation, params)
        except RequestRefused as error:
            refused.append(error)
            raise

    return checked


def _lean(checked: _Check) -> Interceptor:
    async def through(service: str, operation: str, params: Mapping[str, Any], send: Send) -> dict[str, Any]:
        checked(service, operation, params)
        return await send(operation, params)

    return through


@contextmanager
def _patched(cls: Any, wrap: Callable[[Any, _Check], Any], checked: _Check) -> Generator[None]:
    build = getattr(cls, _BUILD)
    setattr(cls, _BUILD, wrap(build, checked))
    try:
        yield
    finally:
        setattr(cls, _BUILD, build)


def _blocking(build: Any, checked: _Check) -> Any:
    def new_build(self: Any, api_params: Any, operation_model: Any, *args: Any, **kwargs: Any) -> Any:
        checked(self.meta.service_model.service_name, operation_model.name, api_params)
        return build(self, api_params, operation_model, *args, **kwargs)

    return new_build


def _awaiting(build: Any, checked: _Check) -> Any:
    async def new_build(self: Any, api_params: Any, operation_model: Any, *args: Any, **kwargs: Any) -> Any:
        checked(self.meta.service_model.service_name, operation_model.name, api_params)
        return await build(self, api_params, operation_model, *args, **kwargs)

    return new_build


_CLASSES = (("botocore", "BaseClient", _blocking), ("aiobotocore", "AioBaseClient", _awaiting))
