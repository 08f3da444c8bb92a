"""
What stands for the engine of a store whose URL is kept elsewhere, such as in a parameter.

The URL is read on first use, and looked at again by each call: where it has changed, the next call goes to the store
that it names now. What has begun, such as a query or a transaction, ends on the store that it began on.
"""

from __future__ import annotations

from _thread import allocate_lock
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import ClosedError, ConfigError, Unsupported

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

_COROUTINE = 0x80


class Reference(Protocol):
    """Where a URL is kept."""

    def url(self) -> str:
        """
        Return the URL, as far as a blocking call may take.

        Raises:
            ConfigError: There is none, or what is there is no URL.
        """
        ...

    async def awaited_url(self) -> str:
        """Return the same, without blocking an event loop."""
        ...


class Indirect:
    """
    Stands for an engine: whatever it is asked for, the engine of the moment is asked.

    Args:
        reference: Where the URL is kept.
        make: Makes an engine for a URL.
        engine: The engine's class.
        asynchronous: The shell is for asyncio.
        known: What is known of the engine before there is one.
    """

    def __init__(
        self, reference: Reference, make: Callable[[str], Any], engine: type, *, asynchronous: bool,
        known: Mapping[str, Any],
    ) -> None:  # fmt: skip
        self.__dict__.update(known)
        self._reference = reference
        self._make = make
        self._class = engine
        self._asynchronous = asynchronous
        self._lock = allocate_lock()
        self._made: dict[str, Any] = {}
        """Every engine so far by its URL: an older one may still be in use, and another switch may go back to it."""
        self._closed = False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._class, name, None)
        code = getattr(method, "__code__", None)
        if self._asynchronous and code is not None and code.co_flags & _COROUTINE:
            return partial(self._awaited, name)
        return getattr(self.pinned, name)

    async def _awaited(self, name: str, *args: Any, **kwargs: Any) -> Any:
        self._check_open()
        engine = self._at(await self._reference.awaited_url())
        job: Awaitable[Any] = getattr(engine, name)(*args, **kwargs)
        return await job

    @property
    def is_reference(self) -> bool:
        """True: an engine has no such attribute."""
        return True

    @property
    def store(self) -> str:
        """What the store is, for `repr`, which reads nothing."""
        return str(self._reference)

    @property
    def pinned(self) -> Any:
        """The engine of the moment."""
        self._check_open()
        return self._at(self._reference.url())

    def _at(self, url: str) -> Any:
        found = self._made.get(url)
        if found is not None:
            return found
        with self._lock:
            self._check_open()
            if url not in self._made:
                self._made[url] = self._new(url)
            return self._made[url]

    def _new(self, url: str) -> Any:
        try:
            return self._make(url)
        except (ConfigError, Unsupported) as error:
            raise type(error)(f"the URL that {self._reference} holds: {error}") from error

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError(f"the store of {self._reference} is closed")

    async def close(self) -> None:
        """Close every engine that was made."""
        with self._lock:
            self._closed = True
            engines, self._made = list(self._made.values()), {}
        errors: list[Exception] = []
        for engine in engines:
            try:
                await engine.close()
            except Exception as error:  # noqa: BLE001 - raised when the others are closed
                errors.append(error)
        if errors:
            raise errors[0]
