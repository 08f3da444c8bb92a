"""Checks of records with unique fields, in transactions on stores that keep those by guards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

import holdall
from holdall import F, Key, Unique, registry
from holdall.drivers import Capabilities
from holdall_adapters.memory.driver import MemoryDriver, open_records


@dataclass
class User:
    id: Key[str]
    email: Unique[str]


class Guarding(MemoryDriver):
    """A store without unique indexes."""

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities("memory", unique="guards")


def open_guarding(url: Any, opening: Any) -> Any:
    driver, io = open_records(url, opening)
    driver.__class__ = Guarding
    return driver, io


def test_a_check_of_a_missing_record_fails_with_its_reason_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._RECORDS._registered, "guarding", open_guarding)
    users = holdall.open_repository("guarding://", User)
    with pytest.raises(holdall.TransactionFailed) as caught, users.transaction() as transaction:
        transaction.check("u-1", when=F.email == "ada@example.org")
    assert [type(one) for one in caught.value.reasons] == [holdall.NotFound]
