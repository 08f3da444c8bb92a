"""`python -m benchmarks.stub [certificate | failing]`: prints its port, and runs until its standard input is closed."""

from __future__ import annotations

import asyncio
import ssl
import sys

from .failing import FailingConnection
from .server import Connection


def _context(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()
    how = sys.argv[1] if sys.argv[1:] else ""
    connection = FailingConnection if how == "failing" else Connection
    context = _context(how) if how not in ("", "failing") else None
    server = await loop.create_server(connection, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop.add_reader(sys.stdin, closed.set)
    await closed.wait()


if __name__ == "__main__":
    asyncio.run(_serve())
