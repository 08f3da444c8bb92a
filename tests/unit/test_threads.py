"""How blocking batches share the threads of the process."""

from __future__ import annotations

import contextvars
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from holdall.io import BlockingIo, run_blocking

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

T = TypeVar("T")
IO = BlockingIo()
_WAIT = 10.0
"""Seconds after which a thread that doesn't come is missed."""


async def does(work: Callable[[], T]) -> T:
    return work()


def gathered(jobs: Sequence[Coroutine[Any, Any, T]], parallel: int = 4) -> list[T]:
    return run_blocking(IO.gather(jobs, parallel=parallel))


def names(many: int) -> set[str]:
    """Return the names of the threads of so many jobs that wait for each other."""
    met = threading.Barrier(many, timeout=_WAIT)

    def meet() -> str:
        met.wait()
        return threading.current_thread().name

    return set(gathered([does(meet) for _ in range(many)], many))


def test_the_calling_thread_works_beside_the_others() -> None:
    assert len(names(4)) == 4
    assert threading.current_thread().name in names(4)


def test_threads_are_kept_from_one_batch_to_the_next() -> None:
    names(4)
    before = threading.active_count()
    for _ in range(20):
        names(4)
    assert threading.active_count() == before


def test_results_come_in_the_order_of_the_jobs() -> None:
    assert gathered([does(lambda n=n: n * n) for n in range(50)]) == [n * n for n in range(50)]  # type: ignore[misc]  # a default of a lambda


def test_the_first_error_is_raised_when_every_job_has_ended() -> None:
    ended: list[int] = []

    async def job(number: int) -> None:
        ended.append(number)
        if number in {3, 7}:
            raise ValueError(number)

    with pytest.raises(ValueError, match=r"^3$"):
        gathered([job(number) for number in range(10)])
    assert sorted(ended) == list(range(10))


def test_an_interrupt_leaves_the_jobs_that_have_not_begun() -> None:
    begun: list[int] = []

    async def job(number: int) -> None:
        begun.append(number)
        if number == 0:
            raise KeyboardInterrupt
        met.wait()

    met = threading.Barrier(2, timeout=0.2)  # holds the second thread until the first has dropped the rest
    with pytest.raises(KeyboardInterrupt):
        gathered([job(number) for number in range(10)], 2)
    assert len(begun) <= 2


def test_batches_inside_batches_never_wait_for_a_thread_that_does_not_come() -> None:
    async def outer(number: int) -> int:
        return sum(await IO.gather([does(lambda: number) for _ in range(3)], parallel=3))

    assert gathered([outer(number) for number in range(300)], 200) == [3 * number for number in range(300)]


def test_each_job_has_the_callers_context_for_itself() -> None:
    seen: contextvars.ContextVar[int] = contextvars.ContextVar("seen", default=0)
    seen.set(1)

    def change() -> int:
        seen.set(seen.get() + 1)
        return seen.get()

    assert gathered([does(change) for _ in range(20)]) == [2] * 20
    assert seen.get() == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # which is what is tried
def test_a_forked_child_has_threads_of_its_own() -> None:
    names(4)
    child = os.fork()
    if not child:
        os._exit(0 if len(names(4)) == 4 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_batch_at_the_end_of_the_program_is_done_by_the_caller() -> None:
    program = """
import atexit
from holdall.io import BlockingIo, run_blocking

async def job(number):
    return number

def last():
    print(run_blocking(BlockingIo().gather([job(n) for n in range(5)], parallel=3)))

atexit.register(last)
last()
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.splitlines() == ["[0, 1, 2, 3, 4]"] * 2
    assert not ran.stderr
