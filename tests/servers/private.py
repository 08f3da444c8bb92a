"""
A server of one test's own, which the test may stop, pause and kill.

    with PrivateServer("valkey") as server:
        server.pause()  # it keeps its connections, and answers nothing
        server.resume()
        server.kill()  # connections are reset, and what it held is lost
        server.start()  # on the same port
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

from .answering import ask_memcached, ask_redis
from .catalogue import SERVERS
from .installing import ServerMissing, install
from .ports import free_ports

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

_START_SECONDS = 10
_TRIES = 3
_FLUSH: dict[str, Callable[[str], str]] = {
    "valkey": lambda address: ask_redis(address, "FLUSHALL"),
    "memcached": lambda address: ask_memcached(address, "flush_all"),
}


class _Running(NamedTuple):
    process: subprocess.Popen[bytes]
    guard: subprocess.Popen[bytes]


class PrivateServer:
    """One process of Valkey or memcached, on a port that it keeps; leaving its block ends it."""

    def __init__(self, kind: str) -> None:
        self._server = SERVERS[kind]
        self._flush = _FLUSH[kind]
        self._folder = install(self._server)
        self._running: _Running | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._running is not None:
            self.kill()

    @property
    def address(self) -> str:
        """Its address, as that of the shared server of its kind."""
        return self._server.address(self.port)

    def start(self) -> None:
        """
        Start it, empty, and wait until it answers.

        Raises:
            ServerMissing: It ended at once, or does not answer.
        """
        assert self._running is None, "it runs already"
        if self.port:
            return self._start()
        for tries in range(1, _TRIES + 1):
            (self.port,) = free_ports(1)
            try:
                return self._start()
            except ServerMissing:
                # Somebody else may have taken the port; once it has been given to clients, it may not change.
                if tries == _TRIES:
                    raise
        return None

    def stop(self) -> None:
        """End it as an administrator does: it closes its connections."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, also when it is paused."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Have it do nothing; the system goes on to accept connections and bytes for it."""
        pid = self._process.pid
        os.kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED)

    def resume(self) -> None:
        """Have it go on, with what came in the meantime."""
        self._process.send_signal(signal.SIGCONT)

    def flush(self) -> None:
        """Have it forget all values."""
        self._flush(self.address)

    @property
    def _process(self) -> subprocess.Popen[bytes]:
        assert self._running is not None, "it does not run"
        return self._running.process

    def _start(self) -> None:
        process = subprocess.Popen(
            self._server.command(self._folder, self.port),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **self._server.environment(self.port)},
        )
        self._running = _Running(process, _guard(process.pid))
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.answers(self.address):
            if process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerMissing(f"{self._server.name} does not answer at {self.address}")
            time.sleep(0.005)

    def _end(self, how: signal.Signals) -> None:
        assert self._running is not None, "it does not run"
        (process, guard), self._running = self._running, None
        # The guard first, which must not kill another process that gets the same number.
        guard.kill()
        guard.communicate()
        process.send_signal(how)
        process.send_signal(signal.SIGCONT)
        process.wait()


def _guard(pid: int) -> subprocess.Popen[bytes]:
    """Have a process killed when this one ends, however it does: then the pipe that the guard reads from closes."""
    command = ["sh", "-c", f"read line; kill -9 {pid} 2>/dev/null"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)
