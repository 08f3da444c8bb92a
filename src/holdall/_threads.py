"""
One small pool of threads for the process, which blocking batches share.

The thread that asks works, too, so a batch that asks another batch can never wait for a thread that doesn't come.
Imported only by the first batch that is large enough.
"""

from __future__ import annotations

import contextvars
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from concurrent.futures import Future

    _Job = tuple[int, Coroutine[Any, Any, "T"], contextvars.Context]

T = TypeVar("T")
_MOST = 64
"""Threads of the pool. They begin as they are needed, and wait without cost."""


class _Shared:
    """The pool of this process; a child that was forked has none of its parent's threads, so it begins anew."""

    def __init__(self) -> None:
        self._forget()
        if hasattr(os, "register_at_fork"):  # not on Windows, which can't fork
            os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._lock = Lock()
        self._pool: ThreadPoolExecutor | None = None

    def helpers(self, work: Callable[[], None], most: int) -> list[Future[None]]:
        """Have up to that many threads do the same work; fewer where the interpreter is ending."""
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(_MOST, thread_name_prefix="holdall")
        started: list[Future[None]] = []
        try:
            for _ in range(most):
                started.append(self._pool.submit(work))  # noqa: PERF401 - those that did start are kept
        except RuntimeError:  # "cannot schedule new futures after interpreter shutdown": then the caller does it all
            return started
        return started


_SHARED = _Shared()


class _Round(Generic[T]):
    """Jobs that several threads take in turn."""

    def __init__(self, jobs: Sequence[Coroutine[Any, Any, T]], run: Callable[[Coroutine[Any, Any, T]], T]) -> None:
        # Each job has a context of its own, since one context can't be entered by two threads.
        self._left = deque((place, job, contextvars.copy_context()) for place, job in enumerate(jobs))
        self._run = run
        self.done: dict[int, T] = {}
        self.failed: dict[int, BaseException] = {}

    def work(self) -> None:
        """Do one job after another until none is left."""
        while (taken := self._next()) is not None:
            place, job, context = taken
            try:
                self.done[place] = context.run(self._run, job)
            except BaseException as error:  # noqa: BLE001 - raised where all of them are awaited
                self.failed[place] = error
                if not isinstance(error, Exception):  # the user's interrupt: nothing more is begun
                    self._drop()

    def _next(self) -> _Job[T] | None:
        try:
            return self._left.popleft()
        except IndexError:
            return None

    def _drop(self) -> None:
        while (job := self._next()) is not None:
            job[1].close()

    def results(self) -> list[T]:
        """Return the results in order, or raise the error of the first job that failed, an interrupt before all."""
        for place in sorted(self.failed, key=lambda place: (isinstance(self.failed[place], Exception), place)):
            raise self.failed[place]
        return [self.done[place] for place in range(len(self.done))]


def gather(
    jobs: Sequence[Coroutine[Any, Any, T]], parallel: int, run: Callable[[Coroutine[Any, Any, T]], T]
) -> list[T]:
    """
    Return what the jobs give, in order: run by the calling thread and by up to `parallel - 1` others.

    All of them are run to their end, also where one fails; then the first error is raised.
    """
    asked = _Round(jobs, run)
    helpers = _SHARED.helpers(asked.work, min(parallel, len(jobs)) - 1)
    asked.work()
    for helper in helpers:
        if not helper.cancel():  # one that has not begun has nothing left to do
            helper.result()
    return asked.results()
