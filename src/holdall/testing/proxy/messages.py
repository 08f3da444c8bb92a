"""HTTP messages as bytes, and connections that are read message by message."""

from __future__ import annotations

import json
import re
import select
import socket
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

_LINE = b"\r\n"
_END = b"\r\n\r\n"
_PIECE = 65536


@dataclass(frozen=True)
class Message:
    """An HTTP request or answer: the head with its empty line, and the body."""

    head: bytes
    body: bytes

    @property
    def raw(self) -> bytes:
        """All of its bytes."""
        return self.head + self.body

    def header(self, name: str) -> str | None:
        """Return a header's value."""
        found = re.search(rb"\r\n" + re.escape(name.encode()) + rb":[ \t]*([^\r]*)\r\n", self.head, re.IGNORECASE)
        return None if found is None else found[1].decode("latin-1").strip()

    def with_header(self, name: str, value: str | None) -> Message:
        """Return the message with another value of a header, or without it."""
        line = rb"\r\n" + re.escape(name.encode()) + rb":[^\r]*(?=\r\n)"
        head = re.sub(line, b"", self.head, flags=re.IGNORECASE)
        if value is not None:
            head = head[: -len(_LINE)] + f"{name}: {value}".encode() + _END
        return replace(self, head=head)

    def with_body(self, body: bytes) -> Message:
        """Return the message with another body, and the length and checksum that go with it."""
        found = replace(self, body=body).with_header("Content-Length", str(len(body)))
        checksum = self.header("x-amz-crc32")
        return found if checksum is None else found.with_header("x-amz-crc32", str(zlib.crc32(body)))


def reply(status: int, content: Any) -> Message:
    """Return an answer of a JSON service."""
    body = json.dumps(content).encode()
    head = (
        f"HTTP/1.1 {status} On-Order\r\nContent-Type: application/x-amz-json-1.0\r\n"
        f"x-amz-crc32: {zlib.crc32(body)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Message(head.encode(), body)


_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Broken(Exception):
    """A connection ended."""


class Wire:
    """One side's connection, read in whole messages."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._left = b""

    def read(self, *, bodiless: bool = False) -> Message:
        """
        Return the next message, without a body where it is an answer to HEAD.

        Raises:
            Broken: The connection ended before its end.
        """
        head = self._until(_END)
        message = Message(head, b"")
        if bodiless:
            return message
        if message.header("Expect") is not None:
            self.send(_CONTINUE)
            message = message.with_header("Expect", None)
            head = message.head
        if (message.header("Transfer-Encoding") or "").lower() == "chunked":
            return Message(head, self._chunks())
        return Message(head, self._exactly(int(message.header("Content-Length") or 0)))

    def has_ended(self) -> bool:
        """Return whether the other side has hung up, or says something unasked."""
        return bool(self._left) or bool(select.select([self._socket], [], [], 0)[0])

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._socket.sendall(data)

    def swallow(self) -> None:
        """Read, and answer nothing, until the other side gives up."""
        while self._socket.recv(_PIECE):
            pass

    def reset(self) -> None:
        """Close without the usual farewell."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def close(self) -> None:
        """Close; whoever waits to read or write is woken."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _chunks(self) -> bytes:
        # Kept as they came: an answer is passed on byte for byte.
        found = b""
        while True:
            line = self._until(_LINE)
            size = int(line.split(b";")[0], 16)
            found += line + self._exactly(size + len(_LINE))
            if size == 0:
                return found

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._left:
            self._more()
        found, self._left = self._left.split(mark, 1)
        return found + mark

    def _exactly(self, count: int) -> bytes:
        while len(self._left) < count:
            self._more()
        found, self._left = self._left[:count], self._left[count:]
        return found

    def _more(self) -> None:
        piece = self._socket.recv(_PIECE)
        if not piece:
            raise Broken
        self._left += piece
