"""What the engine makes of lost answers: on the memory store, with a driver that loses them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import F
from holdall.io import BlockingIo
from holdall.testing import inject

from .bench import QUICK, Counter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdall import Repository


@pytest.fixture
def counters() -> Iterator[Repository[Counter]]:
    with holdall.open_repository("memory://", Counter, retry=QUICK) as found:
        found.provision()
        yield found


def denied() -> holdall.HoldallError:
    return holdall.AccessDenied("the credentials have expired meanwhile")


class SleepsLong(BlockingIo):
    """Wakes up later than it was asked to."""

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds + 0.2)


def test_what_can_not_be_told_is_not_tried_again(counters: Repository[Counter]) -> None:
    counters.put(Counter("1", 0))
    faults = inject(counters)
    faults.lose("write")
    with pytest.raises(holdall.Unavailable) as caught:
        counters.update("1", F.hits.set(1), when=F.hits == 0)
    assert caught.value.maybe_done
    assert caught.value.retry == "maybe"
    assert faults.count("write") == 2


def test_another_error_after_a_lost_answer_says_that_it_may_be_done(counters: Repository[Counter]) -> None:
    faults = inject(counters)
    faults.lose("write")
    faults.fail("write", denied)
    with pytest.raises(holdall.AccessDenied) as caught:
        counters.put(Counter("1"))
    assert caught.value.maybe_done


def test_an_error_without_a_lost_answer_says_that_it_is_not_done(counters: Repository[Counter]) -> None:
    inject(counters).fail("write", denied)
    with pytest.raises(holdall.AccessDenied) as caught:
        counters.put(Counter("1"))
    assert not caught.value.maybe_done


def test_a_deadline_that_passes_in_the_wait_after_a_lost_answer_says_that_it_may_be_done(
    counters: Repository[Counter],
) -> None:
    faults: Any = inject(counters)
    faults.lose("write")
    counters.engine.io = SleepsLong()
    with pytest.raises(holdall.Timeout) as caught, holdall.deadline(0.1):
        counters.put(Counter("1"))
    assert caught.value.maybe_done
    assert faults.count("write") == 1


def test_a_batch_left_undone_after_a_lost_answer_says_that_it_may_be_done(counters: Repository[Counter]) -> None:
    faults = inject(counters)
    faults.lose("write_batch")
    faults.leave("write_batch", range, times=9)
    with pytest.raises(holdall.BatchError) as caught:
        counters.put_many([Counter("1"), Counter("2")])
    assert [failure.error.maybe_done for failure in caught.value.failures] == [True, True]


def test_a_batch_left_undone_says_that_it_is_not_done(counters: Repository[Counter]) -> None:
    inject(counters).leave("write_batch", range, times=9)
    with pytest.raises(holdall.BatchError) as caught:
        counters.put_many([Counter("1"), Counter("2")])
    assert [failure.error.maybe_done for failure in caught.value.failures] == [False, False]
