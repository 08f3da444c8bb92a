"""Results in the form of the service. Pure."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from ..._model.kinds import is_map
from .errors import ApiError, bad_request, database_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .requests import Asked

_MOST, _MOST_AS_JSON = 1 << 20, 10 << 20
_DECIMALS = (2, 3)


class Column(NamedTuple):
    """A column of a result: its name, the database's own type, the name of the type, and its number in JDBC."""

    name: str
    kind: Any
    type_name: str
    jdbc: int


class Done(NamedTuple):
    """What a statement gave: columns and rows of fields (None for no query), rows changed, a generated key."""

    columns: Sequence[Column] | None
    rows: Sequence[Sequence[dict[str, Any]]] | None
    changed: int
    generated: int | None = None


def answer(asked: Asked, done: Done) -> dict[str, Any]:
    """
    Return the answer to ExecuteStatement.

    Raises:
        ApiError: It is over the service's limit.
    """
    generated: list[Any] = [{"longValue": done.generated}] if done.generated else []
    found: dict[str, Any] = {"numberOfRecordsUpdated": done.changed}
    if done.rows is None or done.columns is None:
        return {**found, "generatedFields": generated}
    if asked.as_json:
        return {**found, "formattedRecords": _as_json(done.columns, done.rows)}
    found["records"] = [[_shaped(asked, column, field) for column, field in zip(done.columns, row, strict=True)]
                        for row in done.rows]  # fmt: skip
    if asked.metadata:
        found["columnMetadata"] = [_metadata(column) for column in done.columns]
    if len(json.dumps(found["records"])) > _MOST:
        raise database_error("Database returned more than the allowed response size limit")
    return found


def batch_answer(done: Sequence[Done]) -> dict[str, Any]:
    """Return the answer to BatchExecuteStatement: what each set generated, and no counts."""
    return {"updateResults": [{"generatedFields": _generated(one)} for one in done]}


def _generated(done: Done) -> list[dict[str, Any]]:
    if done.rows:
        return list(done.rows[0])
    return [{"longValue": done.generated}] if done.generated else []


def _shaped(asked: Asked, column: Column, field: dict[str, Any]) -> dict[str, Any]:
    if "longValue" in field and asked.longs == "STRING":
        return {"stringValue": str(field["longValue"])}
    if column.jdbc in _DECIMALS and "stringValue" in field and asked.decimals == "DOUBLE_OR_LONG":
        number = Decimal(field["stringValue"])
        exponent: Any = number.as_tuple().exponent
        return {"longValue": int(number)} if exponent >= 0 else {"doubleValue": float(number)}
    return field


def _as_json(columns: Sequence[Column], rows: Sequence[Sequence[dict[str, Any]]]) -> str:
    names = [column.name for column in columns]
    if len(set(names)) < len(names):
        raise bad_request("The result has several columns of one name, which JSON can't hold")
    plain = [{name: _plain(field) for name, field in zip(names, row, strict=True)} for row in rows]
    text = json.dumps(plain, ensure_ascii=False)
    if len(text) > _MOST_AS_JSON:
        raise ApiError("BadRequestException", "Database returned more than the allowed response size limit")
    return text


def _plain(field: dict[str, Any]) -> Any:
    if "isNull" in field:
        return None
    (value,) = field.values()
    return next(iter(value.values())) if is_map(value) else value


def _metadata(column: Column) -> dict[str, Any]:
    return {
        "name": column.name, "label": column.name, "type": column.jdbc, "typeName": column.type_name, "schemaName": "",
        "tableName": "", "isAutoIncrement": False, "isSigned": True, "isCurrency": False, "isCaseSensitive": False,
        "nullable": 1, "precision": 0, "scale": 0, "arrayBaseColumnType": 0,
    }  # fmt: skip
