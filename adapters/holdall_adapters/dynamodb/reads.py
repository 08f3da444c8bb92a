"""Gets, queries and scans."""

from __future__ import annotations

from dataclasses import replace
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
    if read.count_only and guards.may_lie_in(read.index):
        # Guards in the index can't be told by a filter everywhere, so the items are counted here.
        page = await _page(service, guards, replace(read, count_only=False, fields=service.model.key.keys))
        return replace(page, items=())
    return await _page(service, guards, read)


async def _page(service: Service, guards: Guards, read: Read) -> PageOfItems:
    places = Placeholders()
    conditions = Conditions(places, service.key_name)
    hidden = [guards.without(places)] if guards.needed and read.partition is None else []
    passing = conditions.filter(read.filter, *hidden)
    if passing is False:
        return _EMPTY
    params = _range(service, read, places)
    if passing is not True:
        params["FilterExpression"] = passing
    if read.fields is not None and not read.count_only:
        needed = (*read.fields, *read.index.keys, *service.model.key.keys)
        params["ProjectionExpression"] = projection(needed, places)
    params.update(places.params())
    answer = await service.call("Scan" if read.partition is None else "Query", params, read.index.name)
    return _page_of(guards, read, answer)


def _range(service: Service, read: Read, places: Placeholders) -> dict[str, Any]:
    params: dict[str, Any] = {"TableName": service.table}
    if read.partition is not None:
        params["KeyConditionExpression"] = key_condition(read, places, service.capabilities)
    if read.index.name is not None:
        params["IndexName"] = read.index.name
    elif read.consistent or service.options.consistent:
        params["ConsistentRead"] = True
    if read.descending and read.partition is not None:
        params["ScanIndexForward"] = False
    if read.after is not None:
        params["ExclusiveStartKey"] = start_key(read.after)
    if read.limit is not None:
        params["Limit"] = read.limit
    if read.count_only:
        params["Select"] = "COUNT"
    if read.segment is not None:
        params["Segment"], params["TotalSegments"] = read.segment
    if service.options.meter:
        params["ReturnConsumedCapacity"] = "TOTAL"
    return params


def _page_of(guards: Guards, read: Read, answer: Mapping[str, Any]) -> PageOfItems:
    items = guards.records(answer.get("Items", ()))
    consumed: Mapping[str, Any] = answer.get("ConsumedCapacity") or {}
    return PageOfItems(
        items,
        answer["Count"] if read.count_only else len(items),
        answer.get("ScannedCount", answer["Count"]),
        last_key(answer.get("LastEvaluatedKey")),
        consumed.get("CapacityUnits"),
    )
