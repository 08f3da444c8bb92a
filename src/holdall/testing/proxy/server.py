"""The proxy itself: its connections, and the orders for them."""

from __future__ import annotations

import socket
import threading
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .faults import Exchange
from .messages import Broken, Message, Wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from .faults import Fault

_LONG = 30.0


@dataclass
class _Order:
    fault: Fault
    on: str | None
    times: int
    skip: int


class FaultProxy(AbstractContextManager["FaultProxy"]):
    """
    The proxy.

    Attributes:
        calls: The operations that were asked for, in order.
        last: By operation, the last answer of the server, for the places at which to cut the next.
    """

    def __init__(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        if parts.scheme != "http" or parts.hostname is None:
            raise ValueError(f"the proxy goes before an http:// address, not {endpoint}")
        self._server = (parts.hostname, parts.port or 80)
        self.calls: list[str] = []
        self.last: dict[str, Message] = {}
        self._orders: list[_Order] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._open: set[Wire] = set()
        self._holes: set[Wire] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._start(self._accept)

    def order(self, fault: Fault, *, on: str | None = None, times: int = 1, skip: int = 0) -> None:
        """Do this to the next `times` requests of an operation (None: of any), after leaving `skip` of them alone."""
        with self._lock:
            self._orders.append(_Order(fault, on, times, skip))

    def hole(self) -> None:
        """Swallow whatever comes on the connections that are open now; new ones work."""
        with self._lock:
            self._holes |= self._open

    def clear(self) -> None:
        """Forget orders that were not carried out, and what was seen."""
        with self._lock:
            self._orders.clear()
            self.calls.clear()

    def count(self, *operations: str) -> int:
        """Return how many requests there were, of some operations or of all."""
        with self._lock:
            return sum(not operations or call in operations for call in self.calls)

    @property
    def waiting(self) -> int:
        """How many orders are still to be carried out."""
        with self._lock:
            return sum(order.times for order in self._orders)

    def close(self) -> None:
        """Close all connections and end."""
        self._stop.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            open_now = list(self._open)
        for wire in open_now:
            wire.close()
        for thread in self._threads:
            thread.join(_LONG)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _start(self, job: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=job, args=arguments, daemon=True, name="holdall-fault-proxy")
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wire = Wire(connection)
            with self._lock:
                self._open.add(wire)
            self._start(self._serve, wire)

    def _serve(self, client: Wire) -> None:
        upstream = _Upstream(self._server)
        # The client or the proxy's owner hung up, or a fault did: no way to tell more on this connection.
        with suppress(Broken, OSError):
            while self._exchange(client, upstream):
                pass
        upstream.close()
        client.close()
        with self._lock:
            self._open.discard(client)
            self._holes.discard(client)

    def _exchange(self, client: Wire, upstream: _Upstream) -> bool:
        request = client.read()
        if client in self._holes:
            client.swallow()
            return False
        operation = (request.header("X-Amz-Target") or "").rpartition(".")[2]

        def forward(message: Message) -> Message:
            self.last[operation] = found = upstream.ask(message)
            return found

        exchange = Exchange(request, client, forward, self._stop)
        fault = self._next(operation)
        if fault is None:
            exchange.answer(exchange.forward())
        else:
            fault(exchange)
        return exchange.open

    def _next(self, operation: str) -> Fault | None:
        with self._lock:
            self.calls.append(operation)
            for order in self._orders:
                if order.on not in (None, operation) or order.times == 0:
                    continue
                if order.skip == 0:
                    order.times -= 1
                    return order.fault
                order.skip -= 1
        return None


class _Upstream:
    """The connection to the server, made on use, and again where the server has closed it meanwhile."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._wire: Wire | None = None

    def ask(self, request: Message) -> Message:
        # Looked at before, and not asked twice: nobody could tell what a server did that hung up later.
        if self._wire is None or self._wire.has_ended():
            self.close()
            connection = socket.create_connection(self._address, timeout=_LONG)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._wire = Wire(connection)
        return self._asked(self._wire, request)

    def _asked(self, wire: Wire, request: Message) -> Message:
        wire.send(request.raw)
        answer = wire.read(bodiless=request.head.startswith(b"HEAD "))
        if (answer.header("Connection") or "").lower() == "close":
            self.close()
        return answer

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None
