"""Configuration, as a checker sees it."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import assert_type

import holdall
from holdall import AsyncConfig, Config, Parameter, Secret


@dataclass
class Settings:
    port: int


def blocking(config: Config) -> None:
    assert_type(holdall.open_config("memory://"), Config)
    assert_type(holdall.open_config(["env:///SHOP_", "memory://"], require={"versions"}), Config)
    assert_type(config.get("a"), str | None)
    assert_type(config.get("a", default=5), str | int)
    assert_type(config.get("a", int), int | None)
    assert_type(config.get("a", int, 5), int)
    assert_type(config.get("a", list[str]), list[str] | None)
    assert_type(config.get("a", Secret), Secret | None)
    assert_type(config.require("a"), str)
    assert_type(config.require("a", int), int)
    assert_type(config.secret("a"), Secret)
    assert_type(config.secret("a").reveal(), str)
    assert_type(config.load(Settings), Settings)
    assert_type(config.load(Settings, "below"), Settings)
    assert_type(config.put("a", Secret("x"), kms_key="alias/a", tags={"a": "b"}), Parameter)
    assert_type(config.list("a"), list[Parameter])
    assert_type(config.history("a"), list[Parameter])
    assert_type(config.refresh(), frozenset[str])
    assert_type(config.age, float | None)
    config.get(5)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    config.put("a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def asynchronous(config: AsyncConfig) -> None:
    assert_type(holdall.open_async_config("memory://"), AsyncConfig)
    assert_type(await config.get("a"), str | None)
    assert_type(await config.get("a", int, 5), int)
    assert_type(await config.require("a", int), int)
    assert_type(await config.secret("a"), Secret)
    assert_type(await config.load(Settings), Settings)
    assert_type(await config.list(), list[Parameter])
    async with config as same:
        assert_type(same, AsyncConfig)
