"""The world's airports behind API Gateway: the records, and a handler that answers questions about them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import holdall
from holdall import AsyncRepository, F, Index, Page, Partition, Repository, Revision, Schema, Sort

from .settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Store = Repository["Airport"] | AsyncRepository["Airport"]
    Event = Mapping[str, Any]


@dataclass
class Airport:
    """An airport. Most questions begin with its country; elevation is in feet."""

    country: Partition[str]
    icao: Sort[str]
    name: str
    zone: str
    elevation: float
    latitude: float
    longitude: float
    iata: str | None = None
    city: str = ""
    region: str = ""
    twin: str | None = None
    revision: Revision = None

    by_iata = Index("iata")
    by_zone = Index("zone", "elevation")


# The table's own names, where they differ.
AIRPORTS = Schema(Airport, names={"zone": "tz", "region": "subd", "latitude": "lat", "longitude": "lon"})
settings = load_settings()
airports = holdall.open_repository(settings.store, AIRPORTS, cache=settings.cache)


def handler(event: Event, context: Any, store: Repository[Airport] = airports) -> dict[str, Any]:
    """Answer an API Gateway event (HTTP API, payload 2.0)."""
    try:
        with holdall.deadline(context):
            return reply(ROUTES[event["routeKey"]](store, event))
    except (holdall.HoldallError, ValueError, TypeError) as error:
        return refusal(error)


async def async_handler(event: Event, context: Any, store: AsyncRepository[Airport]) -> dict[str, Any]:
    """Answer the same from asyncio: each route is one call of the store, and here it is awaited."""
    try:
        with holdall.deadline(context):
            return reply(await ROUTES[event["routeKey"]](store, event))
    except (holdall.HoldallError, ValueError, TypeError) as error:
        return refusal(error)


FILTERS: dict[str, Callable[[str], Any]] = {
    "country": lambda text: F.country.in_(text.split(",")),
    "icao": lambda text: F.icao.in_(text.split(",")),
    "from": lambda text: F.icao >= text,
    "to": lambda text: F.icao <= text,
    "prefix": lambda text: F.icao.startswith(text),
    "iata": lambda text: F.iata == text,
    "zone": lambda text: F.zone == text,
    "above": lambda text: F.elevation > float(text),
    "below": lambda text: F.elevation < float(text),
    "name": lambda text: F.name.contains(text),
    "city": lambda text: F.city == text,
}


def find(store: Store, event: Event) -> Any:
    asked = dict(event.get("queryStringParameters") or {})
    order, limit, after = asked.pop("order", None), int(asked.pop("limit", 10)), asked.pop("after", None)
    if unknown := asked.keys() - FILTERS.keys():
        raise ValueError(f"unknown parameters: {', '.join(sorted(unknown))}")
    return store.query(*(FILTERS[name](text) for name, text in asked.items()), order=order, limit=limit).page(after)


def change(store: Store, event: Event) -> Any:
    changes = [F[name].set(value) for name, value in body(event).items()]
    return store.update(key(event), *changes, when=F.revision == event["headers"].get("if-match", ""))


def replace(store: Store, event: Event) -> Any:
    return store.replace(Airport(*key(event), **body(event), revision=event["headers"].get("if-match")))


def make_twins(store: Store, event: Event) -> Any:
    one, other = body(event)
    both = store.transaction()
    both.update(tuple(one), F.twin.set(other[1]))
    both.update(tuple(other), F.twin.set(one[1]))
    return both.commit()


ROUTES: dict[str, Callable[[Store, Event], Any]] = {
    "GET /airports": find,
    "POST /airports": lambda store, event: store.put_many(Airport(**each) for each in body(event)),
    "DELETE /airports": lambda store, event: store.delete_many(tuple(each) for each in body(event)),
    "GET /airports/{country}/{icao}": lambda store, event: store.require(key(event)),
    "PATCH /airports/{country}/{icao}": change,
    "PUT /airports/{country}/{icao}": replace,
    "DELETE /airports/{country}/{icao}": lambda store, event: store.delete(key(event), must_exist=True),
    "POST /twins": make_twins,
}
STATUS = {"not_found": 404, "already_exists": 409, "conflict": 409, "transaction_failed": 409, "condition_failed": 412,
          "access_denied": 500, "corrupt_record": 500, "resource_missing": 500, "closed": 500,
          "unsupported": 501, "throttled": 503, "unavailable": 503, "timeout": 504}  # fmt: skip


def key(event: Event) -> tuple[str, str]:
    return event["pathParameters"]["country"], event["pathParameters"]["icao"]


def body(event: Event) -> Any:
    return json.loads(event.get("body") or "null")


def reply(result: Any) -> dict[str, Any]:
    if isinstance(result, Airport):
        return as_json(200, shown(result), etag=result.revision)
    if isinstance(result, Page):
        return as_json(200, {"items": [shown(each) for each in result], "next": result.token})
    return {"statusCode": 204} if result is None else as_json(200, {"written": result})


def refusal(error: Exception) -> dict[str, Any]:
    code = error.code if isinstance(error, holdall.HoldallError) else "invalid_argument"
    return as_json(STATUS.get(code, 400), {"error": code, "message": str(error)})


def shown(airport: Airport) -> dict[str, Any]:
    return {name: value for name, value in asdict(airport).items() if name != "revision"}


def as_json(status: int, content: Any, **headers: Any) -> dict[str, Any]:
    return {"statusCode": status, "headers": {"content-type": "application/json", **headers},
            "body": json.dumps(content, ensure_ascii=False)}  # fmt: skip
