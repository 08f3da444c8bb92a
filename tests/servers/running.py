"""Starts and stops servers, for one session of the tests or until they are told to stop."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .catalogue import HOME, ROOT, SERVERS
from .installing import ServerMissing, install
from .locks import hold, is_held, locked
from .ports import free_ports

if TYPE_CHECKING:
    from .catalogue import Server

SESSION_VARIABLE = "HOLDALL_TEST_SERVERS"
_RUNS = HOME / "run"
_START_SECONDS = 30
_STOP_SECONDS = 10
_TRIES = 3
_KEPT_RUNS = 4
# A Popen that is collected while its process runs gives a warning, which the tests take for an error.
_keepers: list[subprocess.Popen[bytes]] = []


class Session:
    """A folder with the records and logs of the servers that were started together."""

    def __init__(self, folder: Path, lease: int | None = None) -> None:
        self.folder = folder
        self._lease = lease

    @classmethod
    def lasting(cls) -> Session:
        """Return the session of servers that stay until they are stopped."""
        return cls(_RUNS / "lasting")

    @classmethod
    def of_tests(cls) -> Session:
        """Return the session that the running tests belong to."""
        return cls(Path(os.environ[SESSION_VARIABLE]))

    @classmethod
    def begin(cls) -> Session:
        """Return a new session, whose servers end with this process at the latest."""
        _tidy()
        folder = _RUNS / f"tests-{os.getpid()}-{time.time_ns()}"
        return cls(folder, hold(folder / "lease"))

    def address(self, server: Server) -> str:
        """
        Return the address of a running server: the one in the environment, or ours, started if need be.

        Raises:
            ServerMissing: It can't be had.
        """
        given = os.environ.get(server.variable)
        if given is None:
            return self.start(server)
        if not server.answers(given):
            raise ServerMissing(f"no server answers at {given}, which {server.variable} gives")
        return given.rstrip("/")

    def start(self, server: Server) -> str:
        """
        Return the address of this session's server, after starting it if need be.

        Raises:
            ServerMissing: It can't be installed or started.
        """
        install(server)
        with locked(self.folder / f"{server.name}.lock"):
            return self.running(server) or self._start(server)

    def running(self, server: Server) -> str | None:
        """Return the address of this session's server, None if it does not run."""
        if not is_held(self.folder / f"{server.name}.alive"):
            return None
        record = self._record(server)
        return None if record is None else str(record["address"])

    def stop(self, server: Server) -> bool:
        """Stop this session's server; return whether it ran."""
        if self.running(server) is None:
            return False
        os.kill(cast("dict[str, Any]", self._record(server))["keeper"], signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while self.running(server) is not None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{server.name} does not stop; its log is {self.log(server)}")
            time.sleep(0.02)
        self._path(server).unlink()
        return True

    def end(self) -> None:
        """Stop all servers of this session."""
        ran = [self.stop(server) for server in SERVERS.values()]
        if self._lease is not None:
            os.close(self._lease)
        if not any(ran):
            shutil.rmtree(self.folder, ignore_errors=True)

    def log(self, server: Server) -> Path:
        """Return the file that a server writes to."""
        return self.folder / f"{server.name}.log"

    def _path(self, server: Server) -> Path:
        return self.folder / f"{server.name}.json"

    def _record(self, server: Server) -> dict[str, Any] | None:
        try:
            return cast("dict[str, Any]", json.loads(self._path(server).read_text()))
        except FileNotFoundError:
            return None

    def _start(self, server: Server) -> str:
        for _ in range(_TRIES):
            # Another process may take the port before the server does: then the next one.
            address = self._try(server, *free_ports(1))
            if address is not None:
                return address
        tail = self.log(server).read_text(errors="replace")[-2000:]
        raise ServerMissing(f"{server.name} was started but ended at once; the end of its log:\n{tail}")

    def _try(self, server: Server, port: int) -> str | None:
        command = [sys.executable, "-m", "tests.servers.keeper", server.name, str(port), str(self.folder)]
        with self.log(server).open("ab") as log:
            keeper = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT, start_new_session=True
            )
        _keepers.append(keeper)
        address = server.address(port)
        self._path(server).write_text(json.dumps({"keeper": keeper.pid, "address": address}))
        deadline = time.monotonic() + _START_SECONDS
        while keeper.poll() is None:
            if server.answers(address):
                return address
            if time.monotonic() > deadline:
                keeper.terminate()
                raise ServerMissing(f"{server.name} does not answer; its log is {self.log(server)}")
            time.sleep(0.02)
        return None


def _tidy() -> None:
    ended = [run for run in _RUNS.glob("tests-*") if not is_held(run / "lease")]
    for run in sorted(ended, key=lambda path: path.name.rpartition("-")[2])[:-_KEPT_RUNS]:
        shutil.rmtree(run, ignore_errors=True)
