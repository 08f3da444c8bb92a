"""Requests, checked by the service's model before anything is done. Pure."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
import uuid
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ..._model.kinds import is_map
from .errors import ApiError, bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_SQL, _NAME, _ID = 65_536, 64, 192
_ARN = (11, 570)
_KINDS = ("isNull", "booleanValue", "longValue", "doubleValue", "stringValue", "blobValue", "arrayValue")


@dataclass(frozen=True)
class Hinted:
    """A text that a hint gives a type to: the value, and the hint."""

    value: Any
    hint: str


@dataclass(frozen=True)
class Asked:
    """A request. `sets` holds the values of each run of a batch, and one of a single statement."""

    operation: str
    sql: str = ""
    sets: Sequence[Mapping[str, Any]] = ({},)
    transaction: str | None = None
    database: str | None = None
    metadata: bool = False
    goes_on: bool = False
    as_json: bool = False
    decimals: str = "STRING"
    longs: str = "LONG"
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


def read(operation: str, body: Any) -> Asked:
    """
    Read a request.

    Raises:
        ApiError: It breaks a rule of the service's model.
    """
    if not is_map(body):
        raise bad_request("expected a JSON object")
    asked = body
    _check_arns(asked)
    ending = operation in ("CommitTransaction", "RollbackTransaction")
    for name, most in (("database", _NAME), ("schema", _NAME), ("transactionId", _ID)):
        _text(asked, name, most, required=ending and name == "transactionId")
    if "schema" in asked and not ending:
        raise ApiError("ValidationException", "The schema parameter isn't supported")
    if operation not in ("ExecuteStatement", "BatchExecuteStatement"):
        return Asked(operation, transaction=asked.get("transactionId"), database=asked.get("database"))
    return _statement(operation, asked)


def _statement(operation: str, asked: dict[str, Any]) -> Asked:
    batch = operation == "BatchExecuteStatement"
    none: list[Any] = [[]] if batch else []
    given: list[Any] = asked.get("parameterSets" if batch else "parameters") or none
    sets = [_values(one) for one in given] if batch else [_values(given)]
    options: dict[str, Any] = asked.get("resultSetOptions") or {}
    as_json = asked.get("formatRecordsAs", "NONE") == "JSON"
    return Asked(
        operation, _text(asked, "sql", _SQL, required=True), sets, asked.get("transactionId"), asked.get("database"),
        bool(asked.get("includeResultMetadata")), bool(asked.get("continueAfterTimeout")), as_json,
        options.get("decimalReturnType", "STRING"), options.get("longReturnType", "LONG"), options,
    )  # fmt: skip


def _check_arns(asked: dict[str, Any]) -> None:
    for name in ("resourceArn", "secretArn"):
        found = asked.get(name)
        if found is None:
            raise bad_request(f"Missing required parameter: {name}")
        if not isinstance(found, str) or not _ARN[0] <= len(found) <= _ARN[1]:
            raise bad_request(f"{name} must have from {_ARN[0]} to {_ARN[1]} characters")


def _text(asked: dict[str, Any], name: str, most: int, *, required: bool = False) -> str:
    found = asked.get(name, "")
    if required and not found:
        raise bad_request(f"Missing required parameter: {name}")
    if not isinstance(found, str) or len(found) > most:
        raise bad_request(f"{name} must be a text of at most {most} characters")
    return found


def _values(parameters: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in parameters:
        name = one.get("name")
        if not isinstance(name, str) or not name:
            raise bad_request("a parameter has no name")
        if name in found:
            raise bad_request(f"The parameter {name} is given twice")
        found[name] = _value(name, one.get("value") or {}, one.get("typeHint"))
    return found


def _value(name: str, value: dict[str, Any], hint: str | None) -> Any:
    kinds = [kind for kind in _KINDS if kind in value]
    if len(kinds) != 1:
        raise bad_request(f"The parameter {name} needs exactly one value")
    (kind,) = kinds
    if kind == "isNull":
        return None
    if kind == "arrayValue":
        raise ApiError("ValidationException", "Array parameters are not supported")
    if hint is not None:
        return _hinted(name, kind, value[kind], hint)
    return _READ[kind](name, value[kind])


def _boolean(name: str, value: Any) -> Any:
    return value if isinstance(value, bool) else _refuse(name, "booleanValue")


def _long(name: str, value: Any) -> Any:
    fits = isinstance(value, int) and not isinstance(value, bool) and -(1 << 63) <= value < 1 << 63
    return value if fits else _refuse(name, "longValue")


def _double(name: str, value: Any) -> Any:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if number else _refuse(name, "doubleValue")


def _string(name: str, value: Any) -> Any:
    return value if isinstance(value, str) else _refuse(name, "stringValue")


def _blob(name: str, value: Any) -> Any:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        return _refuse(name, "blobValue")


def _refuse(name: str, kind: str) -> Any:
    raise bad_request(f"The {kind} of the parameter {name} is of another type")


_READ: dict[str, Callable[[str, Any], Any]] = {
    "booleanValue": _boolean, "longValue": _long, "doubleValue": _double, "stringValue": _string, "blobValue": _blob,
}  # fmt: skip
_DATE, _TIME = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d:\d\d(\.\d{1,3})?"
_HINTS: dict[str, tuple[re.Pattern[str], Callable[[str], Any]]] = {
    "DATE": (re.compile(_DATE), dt.date.fromisoformat),
    "TIME": (re.compile(_TIME), lambda text: dt.time.fromisoformat(_milliseconds(text))),
    "TIMESTAMP": (re.compile(f"{_DATE} {_TIME}"), lambda text: dt.datetime.fromisoformat(_milliseconds(text))),
    "DECIMAL": (re.compile(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?"), Decimal),
    "UUID": (re.compile(r"[0-9a-fA-F-]{32,36}"), uuid.UUID),
    "JSON": (re.compile(r".*", re.DOTALL), str),
}


def _milliseconds(text: str) -> str:
    head, point, rest = text.partition(".")
    return f"{head}.{rest.ljust(3, '0')}" if point else head


def _hinted(name: str, kind: str, value: Any, hint: str) -> Hinted:
    if hint not in _HINTS:
        raise bad_request(f"The typeHint {hint} of the parameter {name} is not known")
    if kind != "stringValue" or not isinstance(value, str):
        raise bad_request(f"The typeHint {hint} needs a stringValue for the parameter {name}")
    form, parse = _HINTS[hint]
    if not form.fullmatch(value):
        raise bad_request(f'Cannot parse {"date or time" if hint in ("DATE", "TIME", "TIMESTAMP") else hint} "{value}"')
    try:
        return Hinted(parse(value), hint)
    except (ValueError, InvalidOperation):
        raise bad_request(f'Cannot parse {hint} "{value}"') from None
