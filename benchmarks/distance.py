"""A relay in a process of its own that puts a server as far away as one in the same region is, half a millisecond."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from .stub import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 0.00025
"""How long what is sent is on its way, in either direction."""


@contextmanager
def distant(url: str) -> Iterator[str]:
    """Give the URL of a server as it is reached from afar."""
    near = sa.make_url(url)
    command = [sys.executable, "-m", "benchmarks.distance", str(near.host), str(near.port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield near.set(port=int(process.stdout.readline())).render_as_string(hide_password=False)
        finally:
            process.terminate()


def _carry(source: socket.socket, target: socket.socket) -> None:
    while sent := source.recv(1 << 20):
        time.sleep(SECONDS)
        target.sendall(sent)
    target.shutdown(socket.SHUT_WR)


def _relay(host: str, port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            ends = server.accept()[0], socket.create_connection((host, port))
            for end in ends:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, target in (ends, ends[::-1]):
                threading.Thread(target=_carry, args=(source, target), daemon=True).start()


if __name__ == "__main__":
    _relay(sys.argv[1], int(sys.argv[2]))
