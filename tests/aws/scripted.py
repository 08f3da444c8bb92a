"""A server that does, request by request, what a script says; connections are kept until the script ends them."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

CLOSE = b"<close>"
"""At the end of an answer: hang up after it."""
Step = bytes | Callable[[socket.socket], None]


class Scripted:
    """Each request takes the next step of the script, the last one for ever; `bodies` has what was asked."""

    def __init__(self, *steps: Step, context: ssl.SSLContext | None = None) -> None:
        self.steps = list(steps)
        self.bodies: list[bytes] = []
        self.heads: list[bytes] = []
        self.connections = 0
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def endpoint(self) -> str:
        return f"{'http' if self._context is None else 'https'}://127.0.0.1:{self.port}"

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """End all connections."""
        for sock in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError):
            if self._context is not None:
                sock = self._context.wrap_socket(sock, server_side=True)
            self.connections += 1
            self._open.append(sock)
            while self._answer(sock):
                pass
        sock.close()

    def _answer(self, sock: socket.socket) -> bool:
        head, body = _request(sock)
        if not head:
            return False
        with self._lock:
            self.heads.append(head)
            self.bodies.append(body)
            step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if callable(step):
            step(sock)
            return True
        sock.sendall(step.removesuffix(CLOSE))
        if step.endswith(CLOSE):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            return False
        return True


def _request(sock: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece:
            return b"", b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += sock.recv(65536)
    return head, body


@contextmanager
def scripted(*steps: Step, context: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    """Serve while the block runs."""
    server = Scripted(*steps, context=context)
    try:
        yield server
    finally:
        server.close()


def canned(answer: bytes) -> AbstractContextManager[Scripted]:
    """Serve one answer again and again, hanging up after each, while the block runs."""
    return scripted(answer + CLOSE)


def http(body: bytes, *headers: str, status: str = "200 OK", length: bool = True) -> bytes:
    """Return the answer of a JSON service after which the connection ends, with its length or without."""
    whole = reply(body, "Content-Type: application/x-amz-json-1.0", *headers, "Connection: close", status=status)
    return whole if length else whole.replace(b"\r\nContent-Length: %d" % len(body), b"")


def reply(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return an answer of HTTP."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
