"""
HTTP/1.1 over kept connections, for a client that blocks.

Not `http.client`: it takes headers that were cut short for whole ones, and reading them costs it as much as the rest of
a call. What is read here is strict: an answer is whole by its own account, or it is none.
"""

from __future__ import annotations

import os
import select
import socket
import time
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

from holdall.deadlines import remaining

from . import tls
from .errors import BadAnswer, Lost, Unreached
from .heads import Head, read_head
from .protocol import Answer
from .streams import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .endpoints import Endpoint

_PIECE = 65536
_JOINED = 65536
"""A body of so many bytes is sent together with the head; a larger one is not copied."""
_LONGEST_HEAD = 65536
_STEP = 262144
_LARGE = 1 << 20
"""A body of so many bytes is sent when the service has said that it takes it, where it may wait as long as it does."""
_LEAVE = 1.0
"""Seconds to wait for that; then it is sent all the same."""
_CONTINUE = 100
_END = b"\r\n\r\n"
_EXPECT = b"Expect: 100-continue\r\n"
_BODILESS = frozenset({"GET", "HEAD", "DELETE"})
_DIGITS, _STREAMED_DIGITS = 9, 13
IDLE = 20.0
"""Seconds after which an unused connection is not trusted: middle boxes forget some without a word."""
PATIENCE = 10
"""How many times the read timeout a whole answer may take."""


class Request(NamedTuple):
    """
    A request, its headers complete but for the length of the body.

    Attributes:
        stream: The body of an answer that accepts it is read later, as it comes.
        wait: Seconds to wait for each piece, on both ways, while the whole may take as long as it does; None for the
            connection's own, with a bound on the whole.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | bytearray | memoryview
    stream: bool = False
    wait: float | None = None


class Timeouts(NamedTuple):
    """Seconds to wait for a connection, and for each piece of an answer."""

    connect: float
    read: float


class _Clock:
    """How long one exchange may still wait: by its timeouts, and by the deadline in force."""

    def __init__(self, timeouts: Timeouts, wait: float | None = None) -> None:
        left = remaining()
        self.timeouts = timeouts if wait is None else timeouts._replace(read=wait)
        longest = timeouts.read * PATIENCE if wait is None else inf
        self.end = time.monotonic() + (longest if left is None else min(left, longest))

    def to_connect(self) -> float:
        """Return the seconds to wait for a connection."""
        return self._at_most(self.timeouts.connect)

    def to_read(self) -> float:
        """Return the seconds to wait for the next piece."""
        return self._at_most(self.timeouts.read)

    def _at_most(self, seconds: float) -> float:
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for this answer is over")
        return min(left, seconds)


class _Kept(NamedTuple):
    """A connection that is not in use, and since when, by two clocks: a restored process has lost time on one."""

    sock: socket.socket
    since: float
    wall: float


class Pool:
    """Connections to one address, shared by all threads of the process."""

    def __init__(self, endpoint: Endpoint, ca_bundle: str | None, timeouts: Timeouts, keep: int) -> None:
        self._endpoint = endpoint
        self._ca_bundle = ca_bundle
        self._timeouts = timeouts
        self._keep = keep
        self._kept: list[_Kept] = []
        self._pid = os.getpid()

    def exchange(self, request: Request) -> Answer:
        """
        Send a request, and return its answer.

        Raises:
            Unreached: The service has not got the request.
            Lost: It may have got it, but gave no whole answer.
        """
        clock = _Clock(self._timeouts, request.wait)
        message = _head_of(request)
        while True:
            kept = self._take()
            sock = kept or self._connect(clock)
            try:
                early = _send(sock, message, request.body, clock)
            except OSError as error:
                sock.close()
                if kept is None:
                    raise Unreached("the connection broke before the request was sent") from error
                continue  # It was not whole, so the service has not acted on it.
            except BaseException:
                sock.close()
                raise
            return self._answer(sock, request, early, clock)

    def close(self) -> None:
        """Close what is not in use."""
        kept, self._kept = self._kept, []
        for one in kept:
            one.sock.close()

    def _answer(self, sock: socket.socket, request: Request, early: bytes | None, clock: _Clock) -> Answer:
        whole, streamed = False, False
        try:
            head, left = _final_head(sock, early or b"", clock, request)
            if request.stream and head.status < 300 and head.length is not None:
                stream = Stream(sock, left, head.length, self._waiter(request), self._give if head.keep else _close)
                streamed = True
                return Answer(head.status, head.headers, stream)
            answer, left = _receive(sock, head, left, clock)
            # What was answered before the body was sent leaves the connection in the middle of a request.
            whole = head.keep and not left and early is None
        except OSError as error:
            raise Lost("the connection broke before the answer was whole") from error
        finally:
            if not streamed:  # Else it is the stream's.
                (self._give if whole else _close)(sock)
        return answer

    def _waiter(self, request: Request) -> Callable[[socket.socket], None]:
        """Return what bounds each step of a stream anew, since the program may take its time between them."""
        return lambda sock: _bound(sock, _Clock(self._timeouts, request.wait))

    def _take(self) -> socket.socket | None:
        """Return a connection that seems to be alive."""
        if self._pid != os.getpid():
            self._leave_to_parent()
        while self._kept:
            try:
                one = self._kept.pop()
            except IndexError:  # Another thread was faster.
                return None
            if _age(one) < IDLE and not _has_news(one.sock):
                return one.sock
            one.sock.close()
        return None

    def _give(self, sock: socket.socket) -> None:
        if len(self._kept) < self._keep and self._pid == os.getpid():
            self._kept.append(_Kept(sock, time.monotonic(), time.time()))
        else:
            sock.close()

    def _leave_to_parent(self) -> None:
        """After a fork: close this process's copies, which leaves the parent's connections as they are."""
        kept, self._kept, self._pid = self._kept, [], os.getpid()
        for one in kept:
            # Not by the TLS layer, which might say farewell for the parent.
            os.close(one.sock.detach())

    def _connect(self, clock: _Clock) -> socket.socket:
        host, port = self._endpoint.host, self._endpoint.port
        try:
            # As bytes: for a text Python would load the rules of international names, a millisecond at a cold start.
            name: Any = host.encode()
            sock = socket.create_connection((name, port), clock.to_connect())
        except OSError as error:
            raise Unreached(f"no connection to {self._endpoint.authority}") from error
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if not self._endpoint.tls:
                return sock
            sock.settimeout(clock.to_connect())
            return tls.context(self._ca_bundle).wrap_socket(sock, server_hostname=host)
        except OSError as error:
            sock.close()
            raise Unreached(f"no secure connection to {self._endpoint.authority}") from error
        except BaseException:
            sock.close()
            raise


def _head_of(request: Request) -> bytes:
    lines = "".join([f"{name}: {value}\r\n" for name, value in request.headers.items()])
    length = f"Content-Length: {len(request.body)}\r\n" if request.method not in _BODILESS or len(request.body) else ""
    expect = _EXPECT.decode() if len(request.body) >= _LARGE and request.wait is not None else ""
    return f"{request.method} {request.path} HTTP/1.1\r\n{lines}{length}{expect}\r\n".encode("latin-1")


def _send(sock: socket.socket, head: bytes, body: bytes | bytearray | memoryview, clock: _Clock) -> bytes | None:
    """Send a request; return what was answered instead of a leave to send its body, None where all was sent."""
    _bound(sock, clock)
    if len(body) <= _JOINED:
        sock.sendall(head + body)
        return None
    sock.sendall(head)
    if _EXPECT in head and (early := _told(sock, clock)):
        return early
    rest = memoryview(body)
    for start in range(0, len(rest), _STEP):
        # Each piece has its own time: what takes long as a whole is not stuck.
        _bound(sock, clock)
        sock.sendall(rest[start : start + _STEP])
    return None


def _told(sock: socket.socket, clock: _Clock) -> bytes:
    """Wait for 100 (Continue), but not for long (RFC 9110, section 10.1.1); return any other answer's beginning."""
    sock.settimeout(min(clock.to_read(), _LEAVE))
    came = b""
    while True:
        while _END not in came:
            try:
                piece = sock.recv(_PIECE)
            except TimeoutError:
                if came:
                    raise
                return b""
            if not piece:
                raise ConnectionResetError("the connection ended before the body was sent")
            came += piece
        head, _, left = came.partition(_END)
        status = read_head(head).status
        if status >= 200:
            return came
        if status == _CONTINUE:
            return left
        came = left  # Others of its kind come before it (RFC 9110, section 15.2).


def _bound(sock: socket.socket, clock: _Clock) -> None:
    """Bound the next step on a connection. To set what is set already would cost a system call."""
    seconds = clock.to_read()
    if sock.gettimeout() != seconds:
        sock.settimeout(seconds)


def _receive(sock: socket.socket, head: Head, left: bytes, clock: _Clock) -> tuple[Answer, bytes]:
    """Return the answer of a head, and what came after it unasked."""
    body: bytes | bytearray
    if head.length is None:
        body, left = _chunks(sock, left, clock)
    elif len(left) >= head.length:
        body, left = left[: head.length], left[head.length :]
    else:
        body, left = _exactly(sock, left, head.length, clock), b""
    return Answer(head.status, head.headers, body), left


def _final_head(sock: socket.socket, left: bytes, clock: _Clock, request: Request) -> tuple[Head, bytes]:
    longest = _STREAMED_DIGITS if request.stream else _DIGITS
    while True:
        text, left = _until(sock, left, b"\r\n\r\n", clock)
        head = read_head(text, bodiless=request.method == "HEAD", longest=longest)
        if head.status >= 200:
            return head, left
        # 100 (Continue) and its like come before the answer (RFC 9110, section 15.2).


def _until(sock: socket.socket, left: bytes, mark: bytes, clock: _Clock) -> tuple[bytes, bytes]:
    while (end := left.find(mark)) < 0:
        if len(left) > _LONGEST_HEAD:
            raise BadAnswer("the answer's head has no end")
        left += _more(sock, clock)
    return left[:end], left[end + len(mark) :]


def _exactly(sock: socket.socket, left: bytes, length: int, clock: _Clock) -> bytearray:
    # Straight into its place: a page has a megabyte.
    body = bytearray(length)
    body[: len(left)] = left
    view, filled = memoryview(body), len(left)
    while filled < length:
        _bound(sock, clock)
        got = sock.recv_into(view[filled:])
        if not got:
            raise BadAnswer(f"the answer has {filled} bytes of {length}")
        filled += got
    return body


def _chunks(sock: socket.socket, left: bytes, clock: _Clock) -> tuple[bytes, bytes]:
    found: list[bytes] = []
    while True:
        line, left = _until(sock, left, b"\r\n", clock)
        size = line.partition(b";")[0].strip()
        if not size or size.strip(b"0123456789abcdefABCDEF") or len(size) > 8:
            raise BadAnswer("a chunk of the answer has no length")
        length = int(size, 16)
        if length == 0:
            return b"".join(found), _without_trailer(sock, left, clock)
        while len(left) < length + 2:
            left += _more(sock, clock)
        if left[length : length + 2] != b"\r\n":
            raise BadAnswer("a chunk of the answer has another length than it says")
        found.append(left[:length])
        left = left[length + 2 :]


def _without_trailer(sock: socket.socket, left: bytes, clock: _Clock) -> bytes:
    while True:
        line, left = _until(sock, left, b"\r\n", clock)
        if not line:
            return left


def _more(sock: socket.socket, clock: _Clock) -> bytes:
    _bound(sock, clock)
    piece = sock.recv(_PIECE)
    if not piece:
        raise BadAnswer("the answer was cut short")
    return piece


def _age(kept: _Kept) -> float:
    return max(time.monotonic() - kept.since, time.time() - kept.wall)


def _close(sock: socket.socket) -> None:
    sock.close()


def _has_news(sock: socket.socket) -> bool:
    """Return whether a connection that should be silent has something to say: its end, or what nobody asked for."""
    if hasattr(select, "poll"):
        # Unlike select, it takes any number of open files.
        poll = select.poll()
        poll.register(sock, select.POLLIN | select.POLLHUP | select.POLLERR)
        return bool(poll.poll(0))
    return bool(select.select([sock], [], [], 0)[0])
