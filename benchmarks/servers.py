"""Servers for one section of a run, installed and started as the tests do."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.servers import SERVERS, ServerMissing, Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .settings import Settings


@contextmanager
def started(name: str, settings: Settings) -> Iterator[str]:
    """
    Give the address of a server: the one in the environment, or one that ends with the section.

    A database keeps what was committed, as it does in production, though the tests' own never wait for a disk.

    Raises:
        ServerMissing: It can't be installed or started here, or it would have to be for a smoke run.
    """
    server = SERVERS[name]
    if settings.quick and server.variable not in os.environ:
        raise ServerMissing(f"a smoke run starts no server, and {server.variable} names none")
    os.environ["HOLDALL_TEST_DURABLE"] = "1"
    session = Session.begin()
    try:
        yield session.address(server)
    finally:
        session.end()
