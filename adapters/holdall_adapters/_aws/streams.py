"""The body of an answer that is read as it comes, from a connection that is given back at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import BadAnswer, Lost

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable


class Stream:
    """So many bytes that come over a connection."""

    def __init__(
        self, sock: socket.socket, ahead: bytes, length: int, bound: Callable[[socket.socket], None],
        give: Callable[[socket.socket], None],
    ) -> None:  # fmt: skip
        self._sock: socket.socket | None = sock
        self._ahead = ahead[:length]
        self._left = length
        self._bound = bound
        # More than was said is nobody's, and the connection of no use.
        self._give = give if len(ahead) <= length else _drop
        if not length:
            self._end()

    def read(self, size: int) -> bytes | bytearray:
        """
        Return the next bytes, `size` of them or what is left; none at the end.

        Raises:
            BadAnswer: The answer ended too early.
            Lost: The connection broke, or nothing came for too long.
        """
        wanted = min(size, self._left)
        if not wanted or self._sock is None:
            return b""
        data: bytes | bytearray
        if self._ahead:
            data, self._ahead = self._ahead[:wanted], self._ahead[wanted:]
            if len(data) < wanted:
                data = self._received(self._sock, wanted, data)
        else:
            data = self._received(self._sock, wanted)
        self._left -= wanted
        if not self._left:
            self._end()
        return data

    def _received(self, sock: socket.socket, wanted: int, ahead: bytes = b"") -> bytearray:
        buffer, filled = bytearray(wanted), len(ahead)
        view = memoryview(buffer)
        view[:filled] = ahead
        try:
            while filled < wanted:
                self._bound(sock)
                got = sock.recv_into(view[filled:])
                if not got:
                    raise BadAnswer("the answer was cut short")
                filled += got
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                raise Lost("the connection broke before the answer was whole") from error
            raise
        return buffer

    def _end(self) -> None:
        sock, self._sock = self._sock, None
        if sock is not None:
            self._give(sock)

    def drop(self) -> None:
        """Give up what is left, without waiting for anything."""
        self.close()

    def close(self) -> None:
        """Give up what is left. Fine to do twice."""
        sock, self._sock = self._sock, None
        if sock is not None:
            sock.close()


def _drop(sock: socket.socket) -> None:
    sock.close()
