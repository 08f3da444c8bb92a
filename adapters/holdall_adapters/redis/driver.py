"""The driver of caches in Redis and Valkey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall.cache_drivers import CacheFailed

from . import wire
from .errors import failed, is_lost, is_no_script, is_wrong_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdall.cache_drivers import Added, CacheCapabilities, Drop, Fence, Release, Swap
    from holdall.io import Io

    from .client import Client, Clients, Node
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
        client, direct = self._node(primary=primary)
        if len(keys) != 1:
            return await self._several(client, keys)
        try:
            if direct is not None:
                return (await direct.ask(self._io, "GET", keys[0]),)
            return (await self._io.call(client.execute_command, "GET", keys[0]),)
        except Exception as error:  # noqa: BLE001 - each is told apart by what follows
            return (await self._mended(client, keys[0], error),)

    async def _mended(self, client: Client, key: str, error: Exception) -> bytes | None:
        answers = await self._tried(client, [("GET", key)]) if is_lost(error) else [error]
        if is_wrong_type(answers[0]):
            await self.delete([key])
            return None
        found: bytes | None = _checked(answers)[0]
        return found

    async def _several(self, client: Client, keys: Sequence[str]) -> Sequence[bytes | None]:
        if not keys:
            return ()
        if not self._clients.cluster:
            found: list[bytes | None] = _checked(await self._sent(client, [("MGET", *keys)]))[0]
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

    def _node(self, *, primary: bool) -> Node:
        try:
            pair = self._clients.here()
        except CacheFailed:
            raise
        except Exception as error:
            raise failed(error) from error
        return pair.primary if primary else pair.reader

    async def _all(self, commands: list[Command]) -> list[Any]:
        """Return the answers of the primary to all commands."""
        if not commands:
            return []
        client = self._node(primary=True).client
        answers = await self._sent(client, commands)
        unknown = [at for at, answer in enumerate(answers) if is_no_script(answer)]
        if unknown:
            _replace(answers, unknown, await self._sent(client, [wire.in_full(commands[at]) for at in unknown]))
        return _checked(answers)

    async def _sent(self, client: Client, commands: list[Command]) -> list[Any]:
        """Return what is answered, errors among it."""
        answers = await self._tried(client, commands)
        lost = [at for at, answer in enumerate(answers) if is_lost(answer)]
        if lost:
            _replace(answers, lost, await self._tried(client, [commands[at] for at in lost]))
        return answers

    async def _tried(self, client: Client, commands: list[Command]) -> list[Any]:
        try:
            if len(commands) == 1:
                return [await self._io.call(client.execute_command, *commands[0])]
            pipeline = client.pipeline(transaction=False)
            for command in commands:
                pipeline.execute_command(*command)
            return await self._io.call(pipeline.execute, raise_on_error=False)
        except Exception as error:  # noqa: BLE001 - as a pipeline gives those of single commands
            return [error] * len(commands)


def _replace(answers: list[Any], places: list[int], others: list[Any]) -> None:
    for at, answer in zip(places, others, strict=True):
        answers[at] = answer


def _checked(answers: list[Any]) -> list[Any]:
    for answer in answers:
        if isinstance(answer, Exception):
            raise failed(answer) from answer
    return answers
