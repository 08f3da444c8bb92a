"""`python -m benchmarks.stub`: prints its port, and runs until its standard input is closed."""

from __future__ import annotations

import asyncio
import sys

from .server import Connection


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()
    server = await loop.create_server(Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop.add_reader(sys.stdin, closed.set)
    await closed.wait()


if __name__ == "__main__":
    asyncio.run(_serve())
