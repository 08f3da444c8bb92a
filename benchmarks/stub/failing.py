"""The stub, but one request in twenty goes wrong, in turn in each of the ways below."""

from __future__ import annotations

import itertools
import random

from .replies import reply
from .server import Connection

RATE = 0.05
_CHANCE = random.Random(11)
_THROTTLED = b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}'
_FAILED = b'{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}'


def _error(status: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


class FailingConnection(Connection):
    """One client's connection."""

    _faults = itertools.cycle(("cut", "closed", "garbage", "failed", "throttled"))

    def _answer(self, head: bytes, body: bytes) -> None:
        if _CHANCE.random() >= RATE:
            super()._answer(head, body)
            return
        fault = next(self._faults)
        if fault == "failed":
            self._transport.write(_error(b"500 Error", _FAILED))
        elif fault == "throttled":
            self._transport.write(_error(b"400 Bad Request", _THROTTLED))
        else:
            answer = reply("GetItem", body)
            self._transport.write({"cut": answer[:-7], "closed": b"", "garbage": b"HTTP/1.1 200 OK\r\n\r\n<"}[fault])
            self._transport.close()
