"""One proxy before each server, for all tests of the folder."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from holdall.testing.proxy import FaultProxy

from .bench import Bench

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Keep urllib3 from writing a traceback for each head that is cut."""
    caplog.set_level(logging.ERROR, "urllib3.connection")


@pytest.fixture(scope="session")
def proxies() -> Iterator[Callable[[str], FaultProxy]]:
    """Give the proxy before an address; one for the whole session, since each has a client of its own."""
    with ExitStack() as stack:
        found: dict[str, FaultProxy] = {}

        def before(endpoint: str) -> FaultProxy:
            if endpoint not in found:
                found[endpoint] = stack.enter_context(FaultProxy(endpoint))
            return found[endpoint]

        yield before


@pytest.fixture(params=["lean", "boto3"])
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bench_on(
    proxies: Callable[[str], FaultProxy], aws_environment: None, client: str
) -> Iterator[Callable[..., Bench[Any]]]:
    """Open benches, which are dropped after the test."""
    opened: list[Bench[Any]] = []

    def open_bench(endpoint: str, model: type[Any], **options: str) -> Bench[Any]:
        proxy = proxies(endpoint)
        proxy.clear()
        opened.append(Bench(endpoint, proxy, model, client, **options))
        return opened[-1]

    yield open_bench
    for bench in opened:
        bench.proxy.clear()
        bench.close()
