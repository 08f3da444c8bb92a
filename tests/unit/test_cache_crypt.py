"""Encryption of what is cached."""

from __future__ import annotations

import builtins
from typing import Any

import pytest

from holdall import ConfigError, Secret
from holdall._engine.cache.crypt import Crypt

ONE, OTHER = Crypt(Secret("one")), Crypt(Secret("other"))


def test_a_body_comes_back_for_whom_knows_the_secret() -> None:
    assert Crypt(Secret("one")).open(ONE.close(b"body", b"about"), b"about") == b"body"


def test_a_body_is_none_with_another_secret() -> None:
    assert OTHER.open(ONE.close(b"body", b"about"), b"about") is None


def test_a_body_is_none_where_it_is_about_something_else() -> None:
    assert ONE.open(ONE.close(b"body", b"about"), b"another") is None


@pytest.mark.parametrize("body", [b"", b"short", bytes(12), bytes(27), bytes(100)])
def test_what_nobody_has_encrypted_is_none(body: bytes) -> None:
    assert ONE.open(body, b"about") is None


def test_the_same_body_is_never_encrypted_twice_in_the_same_way() -> None:
    assert ONE.close(b"body", b"") != ONE.close(b"body", b"")


def test_a_name_is_hidden_and_always_the_same() -> None:
    hidden = ONE.name("users/alice")
    assert hidden == Crypt(Secret("one")).name("users/alice")
    assert "alice" not in hidden
    assert len({hidden, ONE.name("users/bob"), OTHER.name("users/alice")}) == 3


def test_a_name_and_a_secret_may_have_any_characters() -> None:
    assert Crypt(Secret("\ud800")).name("\udfff") != ONE.name("\udfff")


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any) -> Any:
        if name.startswith("cryptography"):
            raise ModuleNotFoundError(name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ConfigError, match=r"holdall\[encryption\]"):
        Crypt(Secret("one"))
