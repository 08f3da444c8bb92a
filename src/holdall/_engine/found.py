"""
Update and delete by query: explicit, in windows, each record under the query's own conditions.

A record that ceases to answer the query between being read and being written is passed over.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from ..errors import BatchError, BatchFailure, BudgetExceeded, ConditionFailed, HoldallError, InvalidArgument, NotFound
from ..expressions import All
from ..io import iter_async
from .resolve import resolve_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from .queries import Execution
    from .records import Records

    Job = Callable[[Any, Any], Coroutine[Any, Any, Any]]

_WINDOW = 100


async def delete_found(execution: Execution[Any]) -> int:
    """
    Delete the records that answer a query, and return how many.

    Raises:
        BatchError: Some were not deleted.
    """

    async def job(key: Any, when: Any) -> None:
        await execution.base.delete(key, when, must_exist=True)

    return await _each(execution, "delete", job)


async def update_found(execution: Execution[Any], changes: Sequence[Any]) -> int:
    """
    Change the records that answer a query, and return how many.

    Raises:
        BatchError: Some were not changed.
        InvalidArgument: A change would move records within what the query has yet to read.
    """
    _check_stays(execution, changes)

    async def job(key: Any, when: Any) -> None:
        await execution.base.update(key, changes, when, None)

    return await _each(execution, "update", job)


def _check_stays(execution: Execution[Any], changes: Sequence[Any]) -> None:
    plan, base = execution.plan, execution.base
    changed = {change.path[0] for change in resolve_changes(base.model, changes, base.capabilities)}
    moving = [plan.index.sort, plan.index.partition if len(plan.branches) > 1 else None]
    for field in moving:
        if field is not None and field.stored in changed:
            raise InvalidArgument(
                f"the update changes {field.name}, by which the query reads, so it could meet a record twice; collect "
                "the keys first and use update_many(keys, ...)"
            )


async def _each(execution: Execution[Any], verb: str, job: Job) -> int:
    base, asked = execution.base, execution.asked
    names = tuple(field.name for field in base.model.key.keys)
    when = All(asked.conditions) if asked.conditions else None
    failures: list[BatchFailure] = []
    done, numbers, window = 0, count(), list[Any]()
    spent: BudgetExceeded | None = None
    try:
        async for row in iter_async(execution.of_keys().blocks()):
            window.append(tuple(row[name] for name in names))
            if len(window) == _WINDOW:
                done += await _run(base, window, when, job, failures, numbers)
                window = []
                if failures:
                    break
    except BudgetExceeded as error:
        spent = error  # Its token goes on behind what has been read, so that must be done first.
    done += await _run(base, window, when, job, failures, numbers)
    if failures:
        raise BatchError(
            f"{verb} by query: {len(failures)} records failed and {done} were done; the first failure: "
            f"{failures[0].error.message}. Run it again for those and the ones not reached",
            failures=failures, rest=iter(()), done=done, operation=verb, backend=base.capabilities.name,
        )  # fmt: skip
    if spent is not None:
        raise spent
    return done


async def _run(
    base: Records[Any], keys: Sequence[Any], when: Any, job: Job, failures: list[BatchFailure], numbers: count[int]
) -> int:
    jobs = [_one(key, when, job, failures, next(numbers)) for key in keys]
    return sum(await base.io.gather(jobs, parallel=base.capabilities.parallel))


async def _one(key: Any, when: Any, job: Job, failures: list[BatchFailure], number: int) -> int:
    try:
        await job(key, when)
    except (ConditionFailed, NotFound):
        return 0
    except HoldallError as error:
        failures.append(BatchFailure(number, key if len(key) > 1 else key[0], key, error))
        return 0
    return 1
