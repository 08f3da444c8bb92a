"""HTTP/1.1 with keep-alive, as little of it as the clients need."""

from __future__ import annotations

import asyncio
import json
import re
from typing import cast

from .replies import reply

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TARGET = re.compile(rb"\r\nx-amz-target: *DynamoDB_\d+\.(\w+)", re.IGNORECASE)


class _Seen:
    """What was asked last, and how often, over all connections."""

    operation = ""
    body = b"null"
    requests = 0

    @classmethod
    def note(cls, operation: str, body: bytes) -> None:
        cls.operation, cls.body, cls.requests = operation, body, cls.requests + 1

    @classmethod
    def report(cls) -> bytes:
        seen = {"operation": cls.operation, "body": json.loads(cls.body), "requests": cls.requests}
        cls.requests = 0
        return json.dumps(seen).encode()


class Connection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            length = _LENGTH.search(head)
            stop = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < stop:
                return
            body, self._buffer = self._buffer[end + 4 : stop], self._buffer[stop:]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        target = _TARGET.search(head)
        operation = target[1].decode() if target else ""
        if operation == "LastRequest":
            self._transport.write(reply("LastRequest", _Seen.report()))
            return
        _Seen.note(operation, body)
        self._transport.write(reply(operation, body))
