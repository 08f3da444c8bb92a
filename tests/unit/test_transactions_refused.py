"""What a transaction refuses when it is committed, on the memory store."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import holdall
from holdall import Key


@dataclass
class Note:
    id: Key[str]


def test_a_transaction_refuses_to_write_through_a_closed_repository() -> None:
    first = holdall.open_repository("memory://closed-in-transaction", Note)
    second = holdall.open_repository("memory://closed-in-transaction?table=other", Note)
    transaction = first.transaction()
    transaction.on(second).put(Note("a"))
    second.close()
    with pytest.raises(holdall.ClosedError):
        transaction.commit()
    assert not second.native
