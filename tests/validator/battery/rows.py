"""What a row of the battery is, the tables it is about, and short forms of the requests."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

RUN = secrets.token_hex(4)
MAIN, NUMERIC, PLAIN = f"battery-main-{RUN}", f"battery-numeric-{RUN}", f"battery-plain-{RUN}"
Params = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """
    One request, and what the service says to it.

    Attributes:
        name: The id of its test.
        refused: A part of the service's message, None if it accepts the request.
        lie: Why dynalite answers otherwise, None if it agrees.
        unjudged: Why dynalite is not asked, None if it is.
    """

    name: str
    operation: str
    params: Params
    refused: str | None = None
    lie: str | None = None
    unjudged: str | None = None


NO_TRANSACTIONS = "dynalite has no transactions"


def s(text: str) -> Params:
    return {"S": text}


def n(number: float | str) -> Params:
    return {"N": str(number)}


def key(pk: str = "p", sk: str = "s") -> Params:
    return {"pk": s(pk), "sk": s(sk)}


def put(table: str = MAIN, /, *, drop: str | None = None, **attributes: Any) -> Params:
    item = {**(key() if table == MAIN else {}), **attributes}
    if drop is not None:
        del item[drop]
    return {"TableName": table, "Item": item}


def update(expression: str, **placeholders: Any) -> Params:
    return {"TableName": MAIN, "Key": key(), "UpdateExpression": expression, **_bound(placeholders)}


def condition(expression: str, **placeholders: Any) -> Params:
    return {"TableName": MAIN, "Key": key(), "ConditionExpression": expression, **_bound(placeholders)}


def filtered(expression: str, **placeholders: Any) -> Params:
    return {"TableName": MAIN, "FilterExpression": expression, **_bound(placeholders)}


def query(expression: str, *, names: Params | None = None, index: str | None = None, **rest: Any) -> Params:
    """Return a query; `pk` and the like become #pk, which stands for them."""
    values = {f":{name}": rest.pop(name) for name in list(rest) if name.islower()}
    found = {"#pk": "pk", "#sk": "sk", "#g": "g", "#n": "n", "#a": "a"} if names is None else names
    text = expression + rest.get("FilterExpression", "") + rest.get("ProjectionExpression", "")
    bound = {name: attribute for name, attribute in found.items() if name in text or names is not None}
    return {
        "TableName": MAIN,
        "KeyConditionExpression": expression,
        **({"IndexName": index} if index else {}),
        **({"ExpressionAttributeNames": bound} if bound else {}),
        **({"ExpressionAttributeValues": values} if values else {}),
        **rest,
    }


def _bound(placeholders: Params) -> Params:
    """Return the placeholders as parameters: `a="x"` is #a for x, `v=s("x")` is :v for a string."""
    names = {f"#{name}": value for name, value in placeholders.items() if isinstance(value, str)}
    values = {f":{name}": value for name, value in placeholders.items() if not isinstance(value, str)}
    return {
        **({"ExpressionAttributeNames": names} if names else {}),
        **({"ExpressionAttributeValues": values} if values else {}),
    }


def nested(levels: int) -> Params:
    """Return a string within so many maps."""
    value = s("x")
    for _ in range(levels):
        value = {"M": {"m": value}}
    return value


def create_table(name: str, **types: str) -> Params:
    """Return a CreateTable of a table with these keys, the partition first."""
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes(**types),
        "KeySchema": schema(*types),
    }


def attributes(**types: str) -> list[Params]:
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]


def schema(*names: str) -> list[Params]:
    return [{"AttributeName": name, "KeyType": role} for name, role in zip(names, ("HASH", "RANGE"), strict=False)]


def index(name: str, *keys: str, projection: str = "ALL") -> Params:
    return {"IndexName": name, "KeySchema": schema(*keys), "Projection": {"ProjectionType": projection}}


TABLES: list[Params] = [
    {
        **create_table(MAIN, pk="S", sk="S"),
        "AttributeDefinitions": attributes(pk="S", sk="S", g="S", n="N"),
        "GlobalSecondaryIndexes": [index("by-g", "g", "n"), index("thin", "g", projection="KEYS_ONLY")],
        "LocalSecondaryIndexes": [index("local", "pk", "n", projection="KEYS_ONLY")],
    },
    create_table(NUMERIC, pk="N", sk="B"),
    create_table(PLAIN, pk="S"),
]
