"""HTTP for the lean client on an event loop, by aiohttp: one session for each loop."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from holdall.aio import TIMEOUTS
from holdall.deadlines import remaining
from holdall.errors import HoldallError

from . import tls
from .aio_loops import LoopShared
from .errors import BadAnswer, Lost, Unreached
from .http import IDLE, PATIENCE
from .protocol import Answer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from holdall.io import Io

    from .connection import Connection
    from .endpoints import Endpoint
    from .http import Request

_WHOLE = 1 << 20
"""Bytes of a body that aiohttp takes as they are; it complains of larger ones that are no file."""
_SLOWEST = 65536
"""Bytes a second at which a body has come to nothing: aiohttp has no bound for each piece that it sends."""
_sessions = LoopShared()
_UNREACHED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class Sessions:
    """Transport for one repository; the session is shared by all that connect alike on the loop."""

    def __init__(self, io: Io, connection: Connection, ca_bundle: str | None) -> None:
        self._io = io
        self._ca_bundle = ca_bundle
        self._connect, self._read = connection.connect_timeout, connection.read_timeout
        self._key = (connection.kept, ca_bundle)
        self._urls: dict[str, URL] = {}
        self._usual = self._timeout(self._read * PATIENCE)

    def dial(self, endpoint: Endpoint) -> Callable[[Request], Any]:
        url, secure = endpoint._replace(path="").url, self._context if endpoint.tls else None

        async def exchange(request: Request) -> Answer:
            session = await _sessions.get(self._io, self._key, self, self._manager)
            try:
                # Paths of blobs are as many as blobs, and are not kept.
                asked = url + request.path
                where = self._url(asked) if request.wait is None else URL(asked, encoded=True)
                return await self._exchange(session, where, request, secure)
            except HoldallError:
                raise
            except _UNREACHED as error:
                raise Unreached(f"no connection to {endpoint.authority}") from error
            except aiohttp.ClientPayloadError as error:
                raise BadAnswer("the answer was cut short") from error
            except (aiohttp.ClientError, OSError, *TIMEOUTS, ValueError) as error:
                raise Lost("the connection broke before the answer was whole") from error

        return exchange

    async def _exchange(
        self, session: Any, url: URL, request: Request, secure: Callable[[], ssl.SSLContext] | None
    ) -> Answer:
        body: Any = request.body
        answer = await session.request(
            request.method, url, data=io.BytesIO(body) if len(body) > _WHOLE else body, headers=request.headers,
            allow_redirects=False, timeout=self._time_for(request), ssl=True if secure is None else secure(),
            skip_auto_headers=("Content-Type",),
        )  # fmt: skip
        if request.stream and answer.status < 300:
            return Answer(answer.status, _lower(answer), AioStream(answer))
        async with answer:
            read: bytes = await answer.read()
            # Its headers are found under names of any case.
            return Answer(answer.status, answer.headers if request.wait is None else _lower(answer), read)

    def _time_for(self, request: Request) -> aiohttp.ClientTimeout:
        left = remaining()
        if request.wait is not None:
            # A stream is read later, when another deadline may be in force: then whoever reads it waits by that.
            longest = request.wait + len(request.body) / _SLOWEST
            total = None if request.stream else longest if left is None else max(0.001, min(left, longest))
            return aiohttp.ClientTimeout(total=total, sock_connect=self._connect, sock_read=request.wait)
        return self._usual if left is None else self._timeout(max(0.001, min(left, self._read * PATIENCE)))

    def _url(self, text: str) -> URL:
        # Made once: there are as many as paths of operations.
        found = self._urls.get(text)
        if found is None:
            found = self._urls[text] = URL(text, encoded=True)
        return found

    def _timeout(self, total: float) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=total, sock_connect=self._connect, sock_read=self._read)

    def _context(self) -> ssl.SSLContext:
        return tls.context(self._ca_bundle)

    def _manager(self) -> Any:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE)
        return aiohttp.ClientSession(
            connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
        )  # fmt: skip

    async def close(self) -> None:
        await _sessions.leave(self._io, self._key, self)


def _lower(answer: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


class AioStream:
    """The body of an answer that is read as it comes."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def read(self, size: int) -> bytes:
        """
        Return some of the next bytes, `size` at most; none at the end.

        Raises:
            BadAnswer: The answer ended too early.
            Lost: The connection broke, or nothing came for too long.
        """
        try:
            data: bytes = await self._answer.content.read(size)
        except aiohttp.ClientPayloadError as error:
            raise BadAnswer("the answer was cut short") from error
        except (aiohttp.ClientError, OSError, *TIMEOUTS) as error:
            raise Lost("the connection broke before the answer was whole") from error
        return data

    def drop(self) -> None:
        """Give up what is left, without waiting for anything."""
        self._answer.close()

    async def close(self) -> None:
        """Give up what is left. Fine to do twice."""
        self.drop()
