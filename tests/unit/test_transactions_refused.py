"""What a transaction refuses when it is committed, on the memory store."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import holdall
from holdall import Key
from holdall._frozen import replace
from holdall.testing.faults import inject


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


def test_a_transaction_is_not_repeated_where_the_store_knows_no_tokens() -> None:
    notes = holdall.open_repository("memory://", Note)
    notes.engine.capabilities = replace(notes.engine.capabilities, idempotency_tokens=False)
    driver = inject(notes)
    driver.lose("transact")
    transaction = notes.transaction()
    transaction.put(Note("a"))
    with pytest.raises(holdall.Unavailable) as raised:
        transaction.commit()
    assert raised.value.maybe_done
    assert driver.count("transact") == 1
