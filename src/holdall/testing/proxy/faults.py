"""What can be done to a request and its answer."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .messages import Message, reply

if TYPE_CHECKING:
    import threading

    from .messages import Wire


class Exchange:
    """One request on its way, for a fault to deal with."""

    def __init__(
        self, request: Message, client: Wire, forward: Callable[[Message], Message], stop: threading.Event
    ) -> None:
        self.request = request
        self.client = client
        self.open = True
        """Whether the client's connection may be used for the next request."""
        self._forward = forward
        self._stop = stop

    def forward(self) -> Message:
        """Have the server do it, and return its answer."""
        return self._forward(self.request)

    def answer(self, data: bytes | Message) -> None:
        """Send the client an answer, or bytes that are none."""
        self.client.send(data.raw if isinstance(data, Message) else data)

    def hang_up(self, *, reset: bool = False) -> None:
        """End the client's connection."""
        self.open = False
        if reset:
            self.client.reset()
        else:
            self.client.close()

    def wait(self, seconds: float) -> None:
        """Wait, but no longer than the proxy lives."""
        self._stop.wait(seconds)


Fault = Callable[[Exchange], None]
"""Deals with an exchange in its own way."""


def cut(after: int, *, keep_length: bool = True, reset: bool = False) -> Fault:
    """
    Send so many bytes of the answer, head included, and hang up.

    Args:
        after: The bytes to send; all for a number beyond the last, all but so many for a negative one.
        keep_length: Leave the header Content-Length in (the count is of the answer without it otherwise).
        reset: Break the connection instead of closing it.
    """

    def fault(exchange: Exchange) -> None:
        found = exchange.forward()
        exchange.answer((found if keep_length else found.with_header("Content-Length", None)).raw[:after])
        exchange.hang_up(reset=reset)

    return fault


def drop(*, after: bool, reset: bool = False) -> Fault:
    """Hang up without an answer: after the server has done it, or before it hears of it."""

    def fault(exchange: Exchange) -> None:
        if after:
            exchange.forward()
        exchange.hang_up(reset=reset)

    return fault


def delay(seconds: float) -> Fault:
    """Answer late; the server does it at once."""

    def fault(exchange: Exchange) -> None:
        found = exchange.forward()
        exchange.wait(seconds)
        exchange.answer(found)

    return fault


def garble(body: bytes = b"<html>busy</html>") -> Fault:
    """Send another body, with the length and checksum of that."""

    def fault(exchange: Exchange) -> None:
        exchange.answer(exchange.forward().with_body(body))

    return fault


def edit(change: Callable[[Message], Message]) -> Fault:
    """Send the answer as `change` returns it."""

    def fault(exchange: Exchange) -> None:
        exchange.answer(change(exchange.forward()))

    return fault


def wrong_checksum() -> Fault:
    """Send the answer with a checksum of something else."""
    return edit(lambda answer: answer.with_header("x-amz-crc32", str(zlib.crc32(answer.body + b"?"))))


def refuse(status: int, code: str, *, after: bool = False, **details: Any) -> Fault:
    """Answer with an error of a JSON service: without asking the server, or after it has done it."""

    def fault(exchange: Exchange) -> None:
        if after:
            exchange.forward()
        exchange.answer(reply(status, {"__type": f"com.amazonaws#{code}", "message": "on order", **details}))

    return fault


def invent(status: int, content: Any, *, after: bool = False) -> Fault:
    """Answer with some JSON: without asking the server, or after it has done it."""

    def fault(exchange: Exchange) -> None:
        if after:
            exchange.forward()
        exchange.answer(reply(status, content))

    return fault
