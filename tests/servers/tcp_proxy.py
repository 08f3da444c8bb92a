"""
A proxy that does harm to the bytes between a client and a server, whatever they mean.

    with TcpProxy("redis://127.0.0.1:6379") as proxy:
        client = redis.Redis.from_url(proxy.address)
        proxy.answers = Fault(cut_after=5)  # each connection ends after five more bytes from the server
        proxy.requests = Fault(drop=True)  # the server never gets what clients send
        proxy.refuse()  # no new connections
        proxy.cut()  # the present ones are reset
        proxy.heal()

A fault stays until another takes its place, or `heal`. Positions count, in each connection and direction, the bytes
since the fault was set. `holdall.testing.proxy` is its like for HTTP.
"""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from typing_extensions import Self

_HOST = "127.0.0.1"
_SECONDS = 5
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Fault:
    """
    What happens to bytes on their way.

    Attributes:
        delay: Seconds for which each chunk waits.
        drop: They never arrive, and the connection stays.
        cut_after: After so many the connection is reset on both sides.
        flip: The position of a byte that arrives with all its bits turned.
    """

    delay: float = 0
    drop: bool = False
    cut_after: int | None = None
    flip: int | None = None

    def ends(self, passed: int) -> bool:
        """Return whether so many bytes are the last."""
        return self.cut_after is not None and passed >= self.cut_after

    def of(self, chunk: bytes, passed: int) -> bytes:
        """Return what arrives of a chunk that comes after so many bytes."""
        arriving = bytearray(b"" if self.drop else chunk)
        if self.flip is not None and 0 <= self.flip - passed < len(arriving):
            arriving[self.flip - passed] ^= 0xFF
        return bytes(arriving if self.cut_after is None else arriving[: max(0, self.cut_after - passed)])


class _Link:
    """A client's connection and the one to the server for it, with a thread for each direction."""

    def __init__(self, proxy: TcpProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._sockets = (client, server)
        self._is_cut = False
        for each in self._sockets:
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._last_closes = threading.Barrier(2, action=self._close)
        self.threads = [
            threading.Thread(target=self._carry, args=way, daemon=True)
            for way in (("requests", client, server), ("answers", server, client))
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def cut(self, how: int = socket.SHUT_RD) -> None:
        """Have both threads find the end of what they read, and both connections reset thereafter."""
        self._is_cut = True
        for each in self._sockets:
            with suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                each.shutdown(how)

    def _carry(self, way: str, source: socket.socket, sink: socket.socket) -> None:
        try:
            self._carry_all(way, source, sink)
            if not self._is_cut:
                sink.shutdown(socket.SHUT_WR)
        except OSError:
            self.cut()
        self._last_closes.wait()

    def _carry_all(self, way: str, source: socket.socket, sink: socket.socket) -> None:
        seen, passed = None, 0
        while not self._is_cut and (chunk := source.recv(65536)):
            fault: Fault = getattr(self._proxy, way)
            if fault is not seen:
                seen, passed = fault, 0
            self._proxy.closing.wait(fault.delay)
            sink.sendall(fault.of(chunk, passed))
            passed += len(chunk)
            if fault.ends(passed):
                self.cut()

    def _close(self) -> None:
        for each in self._sockets:
            each.close()


class TcpProxy:
    """
    Forwards a port of the loopback device to a server.

    Attributes:
        requests: What happens to the bytes of clients.
        answers: What happens to the bytes of the server.
        port: The proxy's own, which stays the same.
        accepted: How many connections clients have made.
    """

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._links: list[_Link] = []
        self._listener: socket.socket | None = None
        self._accepting: threading.Thread | None = None
        self.closing = threading.Event()
        self.port = self.accepted = 0
        self.heal()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.refuse()
        self.closing.set()
        for link in self._links:
            link.cut(socket.SHUT_RDWR)
            for thread in link.threads:
                thread.join()

    @property
    def address(self) -> str:
        """The server's address with the proxy's port."""
        user, at, _ = self._target.netloc.rpartition("@")
        return self._target._replace(netloc=f"{user}{at}{self._target.hostname}:{self.port}").geturl()

    def heal(self) -> None:
        """Let connections and bytes pass again."""
        self.requests, self.answers = Fault(), Fault()
        if self._listener is None:
            self._listener = socket.create_server((_HOST, self.port))
            self.port = self._listener.getsockname()[1]
            self._accepting = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
            self._accepting.start()

    def cut(self) -> None:
        """Reset the connections that there are."""
        for link in self._links:
            link.cut()

    def refuse(self) -> None:
        """Have the system refuse new connections; those that there are stay."""
        if self._listener is not None and self._accepting is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._accepting.join()
            self._listener.close()
            self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                self.accepted += 1
                self._link(client)

    def _link(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection((self._target.hostname or _HOST, self._target.port or 0), _SECONDS)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        # Known before a byte passes, so that a cut after an answer finds it.
        self._links.append(_Link(self, client, server))
        self._links[-1].start()
