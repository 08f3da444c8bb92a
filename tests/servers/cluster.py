"""
Runs a cluster of Valkey in the working directory: three masters, and a replica of the first.

    python -m tests.servers.cluster PROGRAM PORT

The first master has the port; the others have free ones, which the cluster tells its clients. It keeps its shape: the
replica takes over only when it is told to.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .answering import ask_redis
from .ports import free_ports

if TYPE_CHECKING:
    from collections.abc import Callable

_SLOTS = ("0 5460", "5461 10922", "10923 16383")
_SETTINGS = {
    "bind": "127.0.0.1",
    "cluster-enabled": "yes",
    "cluster-replica-no-failover": "yes",
    "repl-diskless-sync-delay": "0",
    "save": "",
    "appendonly": "no",
    "loglevel": "warning",
    "maxmemory": "64mb",
}


class Node(NamedTuple):
    """One server of the cluster."""

    process: subprocess.Popen[bytes]
    port: int
    bus: int

    def ask(self, command: str) -> str:
        """Return its answer to a command."""
        return ask_redis(f"redis://127.0.0.1:{self.port}", command)

    def shows(self, command: str, text: str) -> bool:
        """Return whether its answer to a command has a text."""
        try:
            return text in self.ask(command)
        except OSError:
            return False


class Cluster:
    """The nodes, which all end with the first that does, or at a signal."""

    def __init__(self) -> None:
        self._nodes: list[Node] = []
        self._told = False

    def run(self, program: str, port: int) -> None:
        """Start the nodes, join them, and wait for the end."""
        # Noted only: an error out of the handler might come between the start of a node and our knowing of it.
        signal.signal(signal.SIGTERM, self._note)
        try:
            ports = free_ports(7)
            for node, bus in zip((port, *ports[:3]), ports[3:], strict=True):
                self._nodes.append(_start(program, node, bus))
            if self._join():
                self._until(lambda: False)
        finally:
            self._end()

    def _note(self, *_: object) -> None:
        self._told = True

    def _join(self) -> bool:
        first, *_, replica = nodes = self._nodes
        if not self._until(lambda: all(node.shows("PING", "PONG") for node in nodes)):
            return False
        for one, other in permutations(nodes, 2):
            one.ask(f"CLUSTER MEET 127.0.0.1 {other.port} {other.bus}")
        if not self._until(lambda: all(_knows(node, len(nodes)) for node in nodes)):
            return False
        replica.ask(f"CLUSTER REPLICATE {first.ask('CLUSTER MYID')}")
        if not self._until(lambda: replica.shows("INFO replication", "master_link_status:up")):
            return False
        # Last, since a cluster that has all slots is one that tests may use.
        for node, slots in zip(nodes, _SLOTS, strict=False):
            node.ask(f"CLUSTER ADDSLOTSRANGE {slots}")
        return True

    def _until(self, is_so: Callable[[], bool]) -> bool:
        """Wait for something; return whether it came before the end did."""
        while not self._told and all(node.process.poll() is None for node in self._nodes):
            if is_so():
                return True
            time.sleep(0.02)
        return False

    def _end(self) -> None:
        for node in self._nodes:
            node.process.kill()
        for node in self._nodes:
            node.process.wait()


def _start(program: str, port: int, bus: int) -> Node:
    folder = Path.cwd() / "valkey-cluster.data" / str(port)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = {**_SETTINGS, "port": str(port), "cluster-port": str(bus), "dir": str(folder)}
    words = [word for name, value in settings.items() for word in (f"--{name}", value)]
    return Node(subprocess.Popen([program, *words]), port, bus)


def _knows(node: Node, count: int) -> bool:
    lines = node.ask("CLUSTER NODES").splitlines()
    return len(lines) == count and not any("handshake" in line for line in lines)


if __name__ == "__main__":
    Cluster().run(sys.argv[1], int(sys.argv[2]))
