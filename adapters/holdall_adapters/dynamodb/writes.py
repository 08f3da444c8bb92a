"""Single writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall._engine.evaluate import evaluate
from holdall._frozen import frozen
from holdall.drivers import WriteRefused, Written
from holdall.errors import Throttled

from .._aws.errors import Refused
from .wire.changes import NOTHING_ODD, Assumed, assume, depends, update
from .wire.conditions import Conditions
from .wire.names import Placeholders
from .wire.values import from_wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdall.drivers import KeyValue, Write

    from .service import Service

_TRIES = 4
FALSE_CONDITION = frozenset({"ConditionalCheckFailedException", "ConditionalCheckFailed"})
_NO_PATH = "document path provided in the update expression is invalid"


def action(service: Service, write: Write, assumed: Assumed = NOTHING_ODD) -> tuple[str, dict[str, Any]]:
    """
    Return what a transaction calls this write, and its parameters.

    Raises:
        InvalidArgument: A change or condition can't be written so.
        TooLarge: They are over a limit of DynamoDB's expressions.
    """
    places = Placeholders()
    conditions = Conditions(places, service.key_name)
    params: dict[str, Any] = {"TableName": service.table}
    clauses: tuple[Any, ...] = ()
    if write.verb == "put":
        params["Item"] = write.item
    else:
        params["Key"] = write.key.item
    if write.verb == "update":
        expression, clauses = update(write.changes, assumed, places, conditions)
        if expression is not None:
            params["UpdateExpression"] = expression
    condition = conditions.condition(write.condition, *clauses)
    if condition is None and write.verb == "check":
        # A check needs some condition, so one that is always true.
        condition = places.expression(f"{conditions.exists(True).text} OR {conditions.exists(False).text}")
    if condition is not None:
        params["ConditionExpression"] = condition
        params["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    params.update(places.params())
    return _NAMES[write.verb], params


_NAMES = {"put": "Put", "update": "Update", "delete": "Delete", "check": "ConditionCheck"}


async def write(service: Service, write: Write) -> Written:
    """
    Do one write.

    Raises:
        WriteRefused: Its condition was false.
        Throttled: Other writers changed the item each time.
    """
    if write.verb == "check":
        return await _check(service, write)
    assumed = NOTHING_ODD
    for _ in range(_TRIES):
        name, params = action(service, write, assumed)
        if write.wants_new and write.verb == "update":
            params["ReturnValues"] = "ALL_NEW"
        try:
            answer = await service.attempt(f"{name}Item", params)
        except Refused as refused:
            assumed = await _learn(service, write, assumed, refused)
        else:
            return Written(answer.get("Attributes") if write.wants_new else None)
    raise contended(service)


async def _learn(service: Service, write: Write, assumed: Assumed, refused: Refused) -> Assumed:
    """
    Return what really is stored, where a refusal came from having assumed otherwise.

    Raises:
        WriteRefused: The write's own condition was false.
        HoldallError: What the refusal means else.
    """
    false = refused.code in FALSE_CONDITION
    if not false and not is_lost_path(refused.message, write):
        raise service.meaning(refused, f"{_NAMES[write.verb]}Item") from refused.native
    seen = await seen_item(service, write, refused.item) if false else Seen(await stored(service, write.key))
    found = assume(write.changes, seen.item)
    if found != assumed or seen.later:
        return found
    if false:
        raise WriteRefused(seen.item) from None
    raise service.meaning(refused, f"{_NAMES[write.verb]}Item") from refused.native


def is_lost_path(message: str, write: Write) -> bool:
    """Return whether a refusal may come from a removal of what is not there."""
    return write.verb == "update" and _NO_PATH in message and depends(write.changes)


def contended(service: Service) -> Throttled:
    """Return the error for an item that others change all the time."""
    return Throttled(f"other writers keep changing an item of {service.table}", backend="dynamodb")


@frozen
class Seen:
    """The item behind a refusal; `later` where it was read after it, and would not have been refused."""

    item: Mapping[str, Any] | None
    later: bool = False


async def seen_item(service: Service, write: Write, item: Mapping[str, Any] | None) -> Seen:
    """Return the item that made a condition false, read where the server did not send it with the refusal."""
    if item:
        service.returns_items = True
        return Seen(item)
    # Without an item the refusal says that there is none, if the server sends items at all and none is refused.
    if service.returns_items and not holds(write, None):
        return Seen(None)
    read = await stored(service, write.key)
    return Seen(read, holds(write, read))


def holds(write: Write, item: Mapping[str, Any] | None) -> bool:
    """Return whether a write's condition is true of an item in stored form."""
    portable = None if item is None else {name: from_wire(value) for name, value in item.items()}
    return write.condition is None or evaluate(write.condition, portable)


async def stored(service: Service, key: KeyValue) -> Mapping[str, Any] | None:
    """Return the item of a key as it is now."""
    answer = await service.call("GetItem", {"TableName": service.table, "Key": key.item, "ConsistentRead": True})
    return answer.get("Item") or None


async def _check(service: Service, write: Write) -> Written:
    item = await stored(service, write.key)
    if not holds(write, item):
        raise WriteRefused(item)
    return Written()
