"""Every error of both packages, as what a driver raises."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
import redis
import valkey

import holdall
from holdall.cache_drivers import CacheFailed
from holdall.testing.caches import fence_of
from holdall_adapters._aws.errors import NoCredentials
from holdall_adapters.redis import errors
from holdall_adapters.redis.errors import failed, reason
from tests.redis.opened import opened

VALUE = "a-value-that-is-nobodys-business"
BASES = {"RedisError", "ValkeyError"}
"""What only its own classes are."""
NOT_OURS = {"DataError", "PubSubError", "WatchError", "LockError", "LockNotOwnedError", "ExecAbortError", "ModuleError",
            "NoSuchFieldsetError", "CrossSlotTransactionError", "InvalidPipelineStack",
            "IncorrectPolicyType"}  # fmt: skip
"""Of commands that are never sent, and of arguments that are never given."""


def errors_of(package: Any) -> list[type[Exception]]:
    found = vars(package.exceptions).values()
    return [each for each in found if isinstance(each, type) and issubclass(each, Exception)]


def made(error: type[Exception]) -> Exception:
    moved = {"AskError", "MovedError"} & {cls.__name__ for cls in error.__mro__}
    return error("1 127.0.0.1:1") if moved else error(VALUE)


@pytest.mark.parametrize("package", [redis, valkey])
def test_every_error_has_a_reason_without_a_word_of_the_server(package: Any) -> None:
    for error in errors_of(package):
        result = failed(made(error))
        assert isinstance(result, CacheFailed)
        assert str(result)
        assert VALUE not in str(result)


@pytest.mark.parametrize("package", [redis, valkey])
def test_every_error_that_can_come_is_in_the_table(package: Any) -> None:
    names = {error.__name__ for error in errors_of(package)} - BASES - NOT_OURS
    assert {name for name in names if name not in errors.NAMES} == set()


@pytest.mark.parametrize("package", [redis, valkey])
@pytest.mark.parametrize(("name", "words"), [
    ("ConnectionError", "the connection failed"), ("TimeoutError", "in time"), ("AuthenticationError", "let .* in"),
    ("NoPermissionError", "rights"), ("ReadOnlyError", "no writes"), ("OutOfMemoryError", "memory is full"),
    ("BusyLoadingError", "not ready"), ("ClusterDownError", "cluster is not whole"), ("NoScriptError", "script"),
    ("MasterDownError", "cluster is not whole"), ("ResponseError", "refuses the command"),
    ("InvalidResponse", "garbled"), ("DataError", "the client failed"),
])  # fmt: skip
def test_an_error_is_told_by_its_class(package: Any, name: str, words: str) -> None:
    error = failed(made(getattr(package.exceptions, name)))
    with pytest.raises(CacheFailed, match=words):
        raise error


@pytest.mark.parametrize(("text", "words"), [
    ("WRONGTYPE Operation against a key", "another program"), ("LOADING Redis is loading", "not ready"),
    ("BUSY Redis is busy running a script", "not ready"), ("MASTERDOWN Link with MASTER is down", "not ready"),
    ("READONLY You can't write", "no writes"), ("MISCONF Redis is configured", "no writes"),
    ("NOREPLICAS Not enough good replicas", "no writes"), ("OOM command not allowed", "memory is full"),
    ("NOAUTH Authentication required.", "let the client in"), ("WRONGPASS invalid", "let the client in"),
    ("NOPERM this user has no permissions", "rights"), ("CLUSTERDOWN Hash slot not served", "not whole"),
    ("CROSSSLOT Keys in request", "moving"), ("ERR something", "refuses the command"), ("", "refuses the command"),
])  # fmt: skip
def test_a_refusal_without_a_class_of_its_own_is_told_by_its_first_word(text: str, words: str) -> None:
    assert words in reason(redis.ResponseError(text))


@pytest.mark.parametrize(("error", "words"), [
    (OSError("x"), "the connection failed"), (ConnectionResetError(), "the connection failed"),
    (socket.gaierror(), "the connection failed"), (asyncio.TimeoutError(), "in time"),
    (holdall.Timeout("x"), "in time"), (NoCredentials("x"), "no usable AWS keys"), (ValueError("x"), "client failed"),
])  # fmt: skip
def test_what_else_a_call_can_end_with_has_a_reason(error: Exception, words: str) -> None:
    assert words in reason(error)


def test_the_clients_own_error_is_the_cause(valkey_address: str) -> None:
    with opened(f"{valkey_address}/9999") as cache:
        for use in (lambda: cache.at("k"), lambda: cache.get("k", "l"), lambda: cache.delete("k"),
                    lambda: cache.fence("k", "l", fence=fence_of())):  # fmt: skip
            with pytest.raises(CacheFailed) as caught:
                use()
            assert isinstance(caught.value.__cause__, redis.RedisError)
