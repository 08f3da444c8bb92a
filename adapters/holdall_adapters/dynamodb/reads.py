"""Gets, queries and scans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall.drivers import Got, PageOfItems

from .wire.conditions import Conditions
from .wire.keys import identity, key_condition, last_key, projection, start_key
from .wire.names import Placeholders

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdall._model.schema import Field
    from holdall.drivers import KeyValue, Read

    from .guards import Guards
    from .service import Service

_EMPTY = PageOfItems((), 0, 0, None)
_ALL: dict[str, str] = {}


async def get(
    service: Service, keys: Sequence[KeyValue], *, consistent: bool, fields: tuple[Field, ...] | None
) -> Got:
    """Read items by key."""
    if not keys:
        return Got(())
    what = _what(service, fields)
    if consistent or service.options.consistent:
        what["ConsistentRead"] = True
    if len(keys) == 1:
        answer = await service.call("GetItem", {"TableName": service.table, "Key": keys[0].item, **what})
        return Got([answer.get("Item")])
    asked = {"Keys": [key.item for key in keys], **what}
    answer = await service.call("BatchGetItem", {"RequestItems": {service.table: asked}})
    return _got(service, keys, answer)


def _what(service: Service, fields: tuple[Field, ...] | None) -> dict[str, Any]:
    if fields is None:
        return {}
    places = Placeholders()
    return {"ProjectionExpression": projection((*service.model.key.keys, *fields), places), **places.params()}


def _got(service: Service, keys: Sequence[KeyValue], answer: Mapping[str, Any]) -> Got:
    key_fields = service.model.key.keys
    places = {key.portable: i for i, key in enumerate(keys)}
    items: list[Mapping[str, Any] | None] = [None] * len(keys)
    for found in answer["Responses"].values():
        for item in found:
            items[places[identity(item, key_fields)]] = item
    unprocessed: Mapping[str, Any] = answer.get("UnprocessedKeys") or {}
    left = [places[identity(key, key_fields)] for asked in unprocessed.values() for key in asked["Keys"]]
    return Got(items, sorted(left))


async def read(service: Service, guards: Guards, read: Read) -> PageOfItems:
    """Return one page of a query or scan."""
    if not read.count_only:
        return await _page(service, guards, read, read.fields)
    if not guards.may_lie_in(read.index):
        return await _page(service, guards, read, None, {"Select": "COUNT"})
    # No filter can tell guards in every index, so their keys are read and counted here.
    page = await _page(service, guards, read, ())
    return PageOfItems((), page.count, page.examined, page.after, page.read_units)


async def _page(
    service: Service, guards: Guards, read: Read, fields: tuple[Field, ...] | None, select: Mapping[str, str] = _ALL
) -> PageOfItems:
    places = Placeholders()
    conditions = Conditions(places, service.key_name)
    hidden = [guards.without(places)] if guards.needed and read.partition is None else []
    passing = conditions.filter(read.filter, *hidden)
    if passing is False:
        return _EMPTY
    params = {**_range(service, read, places), **select}
    if passing is not True:
        params["FilterExpression"] = passing
    if fields is not None:
        needed = (*fields, *read.index.keys, *service.model.key.keys)
        params["ProjectionExpression"] = projection(needed, places)
    params.update(places.params())
    answer = await service.call("Scan" if read.partition is None else "Query", params, read.index.name)
    return _page_of(guards, answer)


def _range(service: Service, read: Read, places: Placeholders) -> dict[str, Any]:
    params: dict[str, Any] = {"TableName": service.table, **_extent(read)}
    if read.partition is not None:
        params["KeyConditionExpression"] = key_condition(read, places, service.capabilities)
        if read.descending:
            params["ScanIndexForward"] = False
    if read.index.name is not None:
        params["IndexName"] = read.index.name
    elif read.consistent or service.options.consistent:
        params["ConsistentRead"] = True
    if service.options.meter:
        params["ReturnConsumedCapacity"] = "TOTAL"
    return params


def _extent(read: Read) -> dict[str, Any]:
    """Return where a page begins, and how far it goes."""
    params: dict[str, Any] = {}
    if read.after is not None:
        params["ExclusiveStartKey"] = start_key(read.after)
    if read.limit is not None:
        params["Limit"] = read.limit
    if read.segment is not None:
        params["Segment"], params["TotalSegments"] = read.segment
    return params


def _page_of(guards: Guards, answer: Mapping[str, Any]) -> PageOfItems:
    items = guards.records(answer["Items"]) if "Items" in answer else None
    consumed: Mapping[str, Any] = answer.get("ConsumedCapacity") or {}
    return PageOfItems(
        items or (),
        answer["Count"] if items is None else len(items),
        answer.get("ScannedCount", answer["Count"]),
        last_key(answer.get("LastEvaluatedKey")),
        consumed.get("CapacityUnits"),
    )
