"""Batches of unconditional puts and deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall.drivers import BatchWritten
from holdall.errors import HoldallError, InvalidArgument, Throttled, Unavailable

from .wire.keys import identity
from .writes import write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdall.drivers import Write

    from .service import Service


async def write_batch(service: Service, writes: Sequence[Write]) -> BatchWritten:
    """Do unconditional puts and deletes of different keys; where one of them is invalid, do the others alone."""
    if not writes:
        return BatchWritten()
    try:
        answer = await service.call("BatchWriteItem", {"RequestItems": {service.table: [_request(w) for w in writes]}})
    except InvalidArgument:
        # The service refuses the batch whole, without saying for which of its items.
        return await _one_by_one(service, writes)
    return BatchWritten(_left(service, writes, answer["UnprocessedItems"]))


def _request(write: Write) -> dict[str, Any]:
    if write.verb == "put":
        return {"PutRequest": {"Item": write.item}}
    return {"DeleteRequest": {"Key": write.key.item}}


def _left(service: Service, writes: Sequence[Write], unprocessed: Mapping[str, Any]) -> list[int]:
    fields = service.model.key.keys
    places = {write.key.portable: i for i, write in enumerate(writes)}
    left: list[int] = []
    for requests in unprocessed.values():
        for request in requests:
            item = request["PutRequest"]["Item"] if "PutRequest" in request else request["DeleteRequest"]["Key"]
            left.append(places[identity(item, fields)])
    return sorted(left)


async def _one_by_one(service: Service, writes: Sequence[Write]) -> BatchWritten:
    jobs = [_outcome(service, one) for one in writes]
    outcomes = await service.io.gather(jobs, parallel=service.capabilities.parallel)
    again = [i for i, error in enumerate(outcomes) if isinstance(error, (Throttled, Unavailable))]
    failed = {i: error for i, error in enumerate(outcomes) if error is not None and i not in again}
    return BatchWritten(again, failed)


async def _outcome(service: Service, one: Write) -> HoldallError | None:
    try:
        await write(service, one)
    except HoldallError as error:
        return error
    return None
