"""The prepared answers."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

from ..record import to_json, wire, wire_key

PAGE = 4000
"""Records in a page: about 1 MB, as DynamoDB counts their size."""

_SIZE = re.compile(rb'"c-(\d+)"')
_NUMBER = re.compile(rb'"o-(\d+)"')
_TABLE = re.compile(rb'"TableName": *"([^"]+)"')
_BATCH_TABLE = re.compile(rb'"RequestItems": *\{ *"([^"]+)"')
_START = re.compile(rb'"ExclusiveStartKey": *\{[^}]*\}[^}]*\}')
_LIMIT = re.compile(rb'"Limit": *(\d+)')
_HEAD = (
    b"HTTP/1.1 %d OK\r\nServer: Server\r\nDate: Fri, 02 Jan 2026 03:04:05 GMT\r\n"
    b"Content-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\nConnection: keep-alive\r\n"
    b"x-amzn-RequestId: VJUNPGDOLTJDPLM1PRKSKUVH3BVV4KQNSO5AEMVJF66Q9ASUAAJG\r\nx-amz-crc32: %d\r\n\r\n"
)


def reply(operation: str, body: bytes) -> bytes:
    """Return the whole HTTP answer to a request."""
    if operation == "LastRequest":
        return _framed(body)
    if operation in ("GetItem", "UpdateItem"):
        return _one(operation, _table(body), _size(body), _number(body), b"ALL_NEW" in body, _metered(body))
    if operation == "Query":
        return _query(body)
    if operation == "BatchGetItem":
        return _framed(_batch_get(body))
    return _done(operation, _table(body), _metered(body))


@lru_cache(1000)
def _one(operation: str, table: str, size: int, number: int, wants_new: bool, metered: bool) -> bytes:
    item = item_json(table, size, number)
    if operation == "GetItem":
        return _framed(_closed(b'"Item":' + item, table, metered))
    return _framed(_closed(b'"Attributes":' + item if wants_new else b"", table, metered))


@lru_cache(100)
def _done(operation: str, table: str, metered: bool) -> bytes:
    if operation in ("PutItem", "DeleteItem"):
        return _framed(_closed(b"", table, metered))
    if operation == "BatchWriteItem":
        return _framed(b'{"UnprocessedItems":{}}')
    message = b'{"__type":"com.amazonaws.dynamodb.v20120810#ValidationException","message":"not prepared"}'
    return _framed(message, 400)


def _query(body: bytes) -> bytes:
    started = _START.search(body)
    start = _number(started[0]) + 1 if started else 0
    limit = _LIMIT.search(body)
    size = _size(_START.sub(b"", body))
    asked = (_table(body), size, start, int(limit[1]) if limit else PAGE, _metered(body))
    # What is streamed once only, to see the memory flat, is not kept here either.
    return _page(*asked) if size <= 10_000 else _page.__wrapped__(*asked)


@lru_cache(100)
def _page(table: str, size: int, start: int, limit: int, metered: bool) -> bytes:
    stop = min(start + min(limit, PAGE), size)
    items = b",".join(item_json(table, size, number) for number in range(start, stop))
    fields = b'"Count":%d,"Items":[%b],"ScannedCount":%d' % (stop - start, items, stop - start)
    if stop < size:
        fields += b',"LastEvaluatedKey":' + to_json(wire_key(size, stop - 1)).encode()
    return _framed(_closed(fields, table, metered))


def _batch_get(body: bytes) -> bytes:
    named = _BATCH_TABLE.search(body)
    table = named[1].decode() if named else ""
    numbers = [int(number) for number in _NUMBER.findall(body)]
    items = b",".join(_kept(table, _size(body), number) for number in numbers)
    return b'{"Responses":{"%b":[%b]},"UnprocessedKeys":{}}' % (table.encode(), items)


def item_json(table: str, size: int, number: int) -> bytes:
    """Return one record as DynamoDB sends it."""
    return to_json(wire(size, number, table)).encode()


_kept = lru_cache(50_000)(item_json)


def _closed(fields: bytes, table: str, metered: bool) -> bytes:
    used = b'"ConsumedCapacity":{"CapacityUnits":0.5,"TableName":"%b"}' % table.encode() if metered else b""
    return b"{%b}" % b",".join(part for part in (used, fields) if part)


def _framed(body: bytes, status: int = 200) -> bytes:
    return _HEAD % (status, len(body), zlib.crc32(body)) + body


def _metered(body: bytes) -> bool:
    return b'"TOTAL"' in body or b'"INDEXES"' in body


def _table(body: bytes) -> str:
    found = _TABLE.search(body)
    return found[1].decode() if found else ""


def _size(body: bytes) -> int:
    found = _SIZE.search(body)
    return int(found[1]) if found else 0


def _number(body: bytes) -> int:
    found = _NUMBER.search(body)
    return int(found[1]) if found else 0
