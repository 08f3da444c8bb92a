"""
Functions around every call that a client of holdall's own makes to a service: for tests that look at requests, and for
tracing. Clients of an SDK have events of their own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

Answer = dict[str, Any]
Send = Callable[[str, Mapping[str, Any]], Awaitable[Answer]]
"""Makes a call, of an operation with its parameters in wire form, past the interceptors."""
Interceptor = Callable[[str, str, Mapping[str, Any], Send], Awaitable[Answer]]
"""Is given the service's name, the operation, its parameters and what makes the call; returns the answer."""

interceptors: list[Interceptor] = []
"""Those in force; the last one is the outermost."""


@contextmanager
def intercepting(interceptor: Interceptor) -> Generator[None]:
    """Have a function around all calls of the process within the block."""
    interceptors.append(interceptor)
    try:
        yield
    finally:
        interceptors.remove(interceptor)


async def intercepted(service: str, operation: str, params: Mapping[str, Any], send: Send) -> Answer:
    """Make a call through the interceptors."""
    for interceptor in tuple(interceptors):
        send = _around(interceptor, service, send)
    return await send(operation, params)


def _around(interceptor: Interceptor, service: str, send: Send) -> Send:
    async def through(operation: str, params: Mapping[str, Any]) -> Answer:
        return await interceptor(service, operation, params, send)

    return through
