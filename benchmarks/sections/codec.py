"""Records to stored form and back, without any request."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from holdall import open_repository

from .. import record
from ..measure import interleaved
from ..report import Row, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..settings import Settings

_STORES = {
    "holdall dynamodb": "dynamodb://orders?region=us-east-1",
    "holdall sqlite": "sqlite://",
    "holdall memory": "memory://",
}


def run(settings: Settings) -> list[Row]:
    """Measure encoding and decoding one record."""
    codecs = {name: open_repository(url, record.Order).engine.codec for name, url in _STORES.items()}
    order = record.order(1, 0)
    items = {name: codec.encode(order) for name, codec in codecs.items()}
    for name, codec in codecs.items():
        assert codec.decode(items[name]) == order
    encoders: dict[str, Callable[[], Any]] = {
        "TypeSerializer": lambda: _boto_encode(PLAIN),
        "TypeSerializer from a record": lambda: _boto_encode_record(order),
        "by hand": lambda: _hand_encode(order),
    }
    decoders: dict[str, Callable[[], Any]] = {
        "TypeDeserializer": _boto_decode,
        "TypeDeserializer to a record": _boto_decode_record,
        "by hand": lambda: _hand_decode(WIRE),
    }
    assert all(encoder() == WIRE for encoder in encoders.values())
    assert _boto_decode_record() == _hand_decode(WIRE) == order
    encoders |= {name: lambda c=codec: c.encode(order) for name, codec in codecs.items()}  # type: ignore[misc]
    decoders |= {name: lambda c=codec, i=items[name]: c.decode(i) for name, codec in codecs.items()}  # type: ignore[misc]
    return [
        *_rows("encode", encoders, "TypeSerializer", settings),
        *_rows("decode", decoders, "TypeDeserializer", settings),
    ]


def _rows(task: str, contenders: dict[str, Callable[[], Any]], base: str, settings: Settings) -> list[Row]:
    jobs = {name: _repeat(function) for name, function in contenders.items()}
    return rows_of("codec", task, interleaved(jobs, rounds=settings.rounds(), calls=settings.calls(500)), base)


def _repeat(function: Callable[[], Any]) -> Callable[[int], None]:
    def job(calls: int) -> None:
        for _ in range(calls):
            function()

    return job


# boto3's pair knows no records, no float and no datetime. Alone it is given a dict with the Decimal and the text made
# beforehand, and gives the same back; "a record" is what a program must do around it to have what holdall does.
PLAIN = record.plain(1, 0)
WIRE = record.wire(1, 0)
_serializer, _deserializer = TypeSerializer(), TypeDeserializer()


def _boto_encode(plain: dict[str, Any]) -> Any:
    serialize = _serializer.serialize
    return {name: serialize(value) for name, value in plain.items()}


def _boto_encode_record(order: record.Order) -> Any:
    weight, placed = Decimal(repr(order.weight)), record.instant(order.placed)
    return _boto_encode({**vars(order), "weight": weight, "placed": placed})


def _boto_decode() -> Any:
    deserialize = _deserializer.deserialize
    return {name: deserialize(value) for name, value in WIRE.items()}


def _boto_decode_record() -> record.Order:
    found = _boto_decode()
    found["quantity"] = int(found["quantity"])
    found["weight"] = float(found["weight"])
    found["placed"] = record.parse_instant(found["placed"])
    found["digest"] = bytes(found["digest"])
    return record.Order(**found)


def _hand_encode(order: record.Order) -> Any:
    """The same without any check: what a program could write for this one class; nothing general gets below it."""
    return {
        "customer": {"S": order.customer},
        "id": {"S": order.id},
        "quantity": {"N": str(order.quantity)},
        "total": {"N": str(order.total)},
        "weight": {"N": repr(order.weight)},
        "paid": {"BOOL": order.paid},
        "placed": {"S": record.instant(order.placed)},
        "tags": {"L": [{"S": tag} for tag in order.tags]},
        "address": {"M": {name: {"S": value} for name, value in order.address.items()}},
        "digest": {"B": order.digest},
    }


def _hand_decode(item: Any) -> record.Order:
    return record.Order(
        item["customer"]["S"],
        item["id"]["S"],
        int(item["quantity"]["N"]),
        Decimal(item["total"]["N"]),
        float(item["weight"]["N"]),
        item["paid"]["BOOL"],
        record.parse_instant(item["placed"]["S"]),
        [tag["S"] for tag in item["tags"]["L"]],
        {name: value["S"] for name, value in item["address"]["M"].items()},
        item["digest"]["B"],
    )
