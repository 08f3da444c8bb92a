"""SQLite through aiosqlite: engines that are awaited, each on its loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

import holdall

from .models import Plain

if TYPE_CHECKING:
    from pathlib import Path


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/shop.db"


async def stored(plains: Any, number: int) -> None:
    await plains.put(Plain(f"p-{number}", number))


def test_native_is_an_engine_that_is_awaited(tmp_path: Path) -> None:
    async def program() -> int:
        async with holdall.open_async_repository(url(tmp_path), Plain) as plains:
            await stored(plains, 1)
            native = plains.native
            assert isinstance(native.engine, AsyncEngine)
            async with native.engine.connect() as connection:
                return len((await connection.execute(sa.select(native.table))).all())

    assert asyncio.run(program()) == 1


def test_the_callers_own_engine_is_used_and_left_open(tmp_path: Path) -> None:
    async def program() -> list[Plain]:
        engine = create_async_engine(url(tmp_path))
        async with holdall.open_async_repository("sqlite://", Plain, client=engine) as plains:
            await stored(plains, 1)
        async with holdall.open_async_repository("sqlite://", Plain, client=engine) as plains:
            found: list[Plain] = await plains.scan().all()
        await engine.dispose()
        return found

    assert asyncio.run(program()) == [Plain("p-1", 1)]


def test_an_awaited_engine_is_refused_by_a_blocking_repository(tmp_path: Path) -> None:
    engine = create_async_engine(url(tmp_path))
    with pytest.raises(holdall.ConfigError, match="open_async_repository"):
        holdall.open_repository("sqlite://", Plain, client=engine)


def test_many_tasks_write_to_one_file(tmp_path: Path) -> None:
    async def program() -> int:
        async with holdall.open_async_repository(url(tmp_path), Plain) as plains:
            await plains.provision()
            await asyncio.gather(*[stored(plains, number) for number in range(50)])
            return await plains.count()

    assert asyncio.run(program()) == 50


def test_a_statement_ends_at_the_deadline(tmp_path: Path) -> None:
    async def program() -> None:
        async with holdall.open_async_repository(url(tmp_path), Plain) as plains:
            await plains.put_many(Plain(f"p-{number}", number) for number in range(3000))
            with holdall.deadline(0.0001):
                await plains.scan().all()

    with pytest.raises(holdall.Timeout):
        asyncio.run(program())
