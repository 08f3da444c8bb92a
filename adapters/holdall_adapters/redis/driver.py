"""The driver of caches in Redis and Valkey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import wire
from .errors import code, failed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdall.cache_drivers import Added, CacheCapabilities, Drop, Fence, Release, Swap
    from holdall.io import Io

    from .client import Client, Clients
    from .wire import Command


class RedisDriver:
    """One server or cluster."""

    def __init__(self, io: Io, clients: Clients, capabilities: CacheCapabilities) -> None:
        self._io = io
        self._clients = clients
        self.capabilities = capabilities

    @property
    def native(self) -> Any:
        return self._clients.native

    async def get(self, keys: Sequence[str], *, primary: bool) -> Sequence[bytes | None]:
        try:
            pair = self._clients.here()
            client = pair.primary if primary else pair.reader
            if len(keys) == 1:
                return (await self._io.call(client.execute_command, "GET", keys[0]),)
            return await self._several(client, keys)
        except Exception as error:
            if len(keys) == 1 and is_wrong_type(error):
                await self.delete(keys)
                return (None,)
            raise failed(error) from error

    async def _several(self, client: Client, keys: Sequence[str]) -> Sequence[bytes | None]:
        if not keys:
            return ()
        if not self._clients.cluster:
            found: Sequence[bytes | None] = await self._io.call(client.execute_command, "MGET", *keys)
            return found
        answers = await self._sent(client, [("GET", key) for key in keys])
        await self.delete([key for key, answer in zip(keys, answers, strict=True) if is_wrong_type(answer)])
        return _checked([None if is_wrong_type(answer) else answer for answer in answers])

    async def add(self, added: Sequence[Added]) -> Sequence[bool]:
        return [bool(answer) for answer in await self._all([wire.add(one) for one in added])]

    async def swap(self, swaps: Sequence[Swap]) -> Sequence[bool]:
        return [bool(answer) for answer in await self._all([wire.swap(one) for one in swaps])]

    async def drop(self, drops: Sequence[Drop]) -> None:
        await self._all([wire.drop(one) for one in drops])

    async def delete(self, keys: Sequence[str]) -> None:
        together = keys and not self._clients.cluster
        await self._all([("DEL", *keys)] if together else [("DEL", key) for key in keys])

    async def fence(self, keys: Sequence[str], fence: Fence) -> None:
        await self._all([wire.fence(key, fence) for key in keys])

    async def release(self, releases: Sequence[Release], fence: Fence) -> None:
        await self._all([wire.release(one, fence) for one in releases])

    async def close(self) -> None:
        try:
            await self._clients.close(self._io)
        except Exception as error:
            raise failed(error) from error

    async def _all(self, commands: list[Command]) -> list[Any]:
        """Return the answers of the primary to all commands."""
        if not commands:
            return []
        try:
            client = self._clients.here().primary
            answers = await self._sent(client, commands)
            unknown = [at for at, answer in enumerate(answers) if is_no_script(answer)]
            if unknown:
                again = await self._sent(client, [wire.in_full(commands[at]) for at in unknown])
                _replace(answers, unknown, again)
            return _checked(answers)
        except Exception as error:
            raise failed(error) from error

    async def _sent(self, client: Client, commands: list[Command]) -> list[Any]:
        """Return what is answered, errors among it."""
        if len(commands) == 1:
            try:
                return [await self._io.call(client.execute_command, *commands[0])]
            except Exception as error:  # noqa: BLE001 - as a pipeline gives it
                return [error]
        answers = await self._together(client, commands)
        lost = [at for at, answer in enumerate(answers) if is_lost(answer)]
        if lost:
            again = await self._together(client, [commands[at] for at in lost])
            _replace(answers, lost, again)
        return answers

    async def _together(self, client: Client, commands: list[Command]) -> list[Any]:
        pipeline = client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return await self._io.call(pipeline.execute, raise_on_error=False)


def _replace(answers: list[Any], places: list[int], others: list[Any]) -> None:
    for at, answer in zip(places, others, strict=True):
        answers[at] = answer


def _checked(answers: list[Any]) -> list[Any]:
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return answers


def is_wrong_type(answer: object) -> bool:
    """Return whether the server refuses since what is there is no string."""
    return code(answer) == "WRONGTYPE"


def is_no_script(answer: object) -> bool:
    """Return whether the server refuses since it does not know the script."""
    return type(answer).__name__ == "NoScriptError"


def is_lost(answer: object) -> bool:
    """Return whether a connection of a cluster turned out to be stale, which some of its clients don't mend."""
    return type(answer).__name__ == "ConnectionError"
