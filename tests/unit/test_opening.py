"""What is refused when a repository is opened."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import pytest

import holdall
from holdall import Key


@dataclass
class Order:
    id: Key[str]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (None, "got None; is the setting there"),
        ("", "got an empty text"),
        ("orders.db", "got text without ://"),
        (7, "got a value of type int"),
    ],
)
def test_what_is_no_url_is_refused(url: Any, words: str) -> None:
    with pytest.raises(holdall.ConfigError, match=words):
        holdall.open_repository(url, Order)


@pytest.mark.parametrize("model", [Order("a"), "Order", None])
def test_what_is_no_class_is_refused(model: Any) -> None:
    with pytest.raises(holdall.ModelError, match="opened on a record class or a Schema, not on"):
        holdall.open_repository("memory://", model)


def test_one_required_capability_as_text_is_refused() -> None:
    with pytest.raises(holdall.InvalidArgument, match=r"such as \{'transactions'\}"):
        holdall.open_repository("memory://", Order, require="transactions")


def test_an_adapter_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(holdall.ConfigError, match=r"pip install 'holdall\[dynamodb\]'"):
        holdall.open_repository("dynamodb://orders", Order)


@pytest.mark.parametrize(("secret", "words"), [("text", "a value of type str"), (b"", "empty bytes")])
def test_a_token_secret_that_is_none_is_refused(secret: Any, words: str) -> None:
    with pytest.raises(holdall.InvalidArgument, match=words):
        holdall.open_repository("memory://", Order, token_secret=secret)


def test_a_retry_policy_without_a_first_attempt_is_refused() -> None:
    with pytest.raises(holdall.InvalidArgument, match="1 attempt at least"):
        holdall.open_repository("memory://", Order, retry=holdall.RetryPolicy(attempts=0))
