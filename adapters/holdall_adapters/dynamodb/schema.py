"""The table, its indexes and its time to live: as data, and made where they are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall import deadlines
from holdall._engine.attempts import pause
from holdall.errors import ConfigError, ResourceMissing, Timeout, Unsupported

from .._aws.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdall._model.schema import IndexSpec, Model

    from .service import Service

_TYPES = {"str": "S", "number": "N", "bytes": "B"}
_FIRST_POLL, _POLL = 0.01, 0.5
_PATIENCE = 600.0


def table(model: Model[Any], name: str) -> dict[str, Any]:
    """Return the parameters of CreateTable for a record class; billing is by request."""
    found: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _key_schema(model.key),
        "AttributeDefinitions": _attributes((model.key, *model.indexes)),
    }
    if model.indexes:
        found["GlobalSecondaryIndexes"] = [index(model, spec) for spec in model.indexes]
    return found


def index(model: Model[Any], spec: IndexSpec) -> dict[str, Any]:
    """Return the description of a global secondary index."""
    return {"IndexName": spec.name, "KeySchema": _key_schema(spec), "Projection": _projection(model, spec)}


def time_to_live(model: Model[Any], name: str) -> dict[str, Any] | None:
    """Return the parameters of UpdateTimeToLive, None for a record class without expiry."""
    if model.expires is None:
        return None
    wanted = {"Enabled": True, "AttributeName": model.expires.stored}
    return {"TableName": name, "TimeToLiveSpecification": wanted}


def _key_schema(spec: IndexSpec) -> list[dict[str, str]]:
    roles = zip(spec.keys, ("HASH", "RANGE"), strict=False)
    return [{"AttributeName": field.stored, "KeyType": role} for field, role in roles]


def _attributes(specs: Sequence[IndexSpec]) -> list[dict[str, str]]:
    fields = dict.fromkeys(field for spec in specs for field in spec.keys)
    return [{"AttributeName": f.stored, "AttributeType": _TYPES[next(iter(f.kind.types))]} for f in fields]


def _projection(model: Model[Any], spec: IndexSpec) -> dict[str, Any]:
    if spec.projected is None:
        return {"ProjectionType": "ALL"}
    keys = {field.name for field in (*model.key.keys, *spec.keys)}
    others = [field.stored for field in model.fields if field.name in spec.projected and field.name not in keys]
    if not others:
        return {"ProjectionType": "KEYS_ONLY"}
    return {"ProjectionType": "INCLUDE", "NonKeyAttributes": others}


async def provision(service: Service) -> None:
    """
    Make the table, its indexes and its time to live, where they are not there, and wait until they serve.

    Raises:
        ConfigError: The table is there with another key, or an index with another one.
        Timeout: The deadline passes first.
    """
    found = await _described(service)
    if found is None:
        await _create(service)
        found = await _active(service)
    _check_keys(service, found)
    await _add_indexes(service, await _active(service))
    await _enable_time_to_live(service)


async def _described(service: Service) -> Mapping[str, Any] | None:
    try:
        answer = await service.call("DescribeTable", {"TableName": service.table})
    except ResourceMissing:
        return None
    described: Mapping[str, Any] = answer["Table"]
    return described


async def _create(service: Service) -> None:
    try:
        await service.attempt("CreateTable", table(service.model, service.table))
    except Refused as refused:
        # Another process was faster.
        if refused.code != "ResourceInUseException":
            raise service.meaning(refused, "CreateTable") from refused.native


async def _active(service: Service) -> Mapping[str, Any]:
    """Return the table's description when it and its indexes serve."""
    waited = 0.0
    while True:
        deadlines.check()
        found = await _described(service)
        if found is not None and _serves(found):
            return found
        if waited >= _PATIENCE:
            raise Timeout(f"the table {service.table} is not active after {_PATIENCE:g} seconds", retry="maybe")
        # Servers of one's own are ready at once, AWS after seconds.
        wait = min(_POLL, max(_FIRST_POLL, waited))
        await pause(service.io, wait)
        waited += wait


def _serves(found: Mapping[str, Any]) -> bool:
    states = [found, *found.get("GlobalSecondaryIndexes", ())]
    return all(one.get("TableStatus", one.get("IndexStatus", "ACTIVE")) == "ACTIVE" for one in states)


def _check_keys(service: Service, found: Mapping[str, Any]) -> None:
    types = {one["AttributeName"]: one["AttributeType"] for one in found["AttributeDefinitions"]}
    have = {None: found["KeySchema"]}
    have |= {one["IndexName"]: one["KeySchema"] for one in found.get("GlobalSecondaryIndexes") or ()}
    have |= {one["IndexName"]: one["KeySchema"] for one in found.get("LocalSecondaryIndexes") or ()}
    for spec in (service.model.key, *service.model.indexes):
        if spec.name in have:
            _check_key(service, spec, _typed(have[spec.name], types))


def _typed(schema: Sequence[Mapping[str, str]], types: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {one["KeyType"]: (one["AttributeName"], types[one["AttributeName"]]) for one in schema}


def _check_key(service: Service, spec: IndexSpec, have: Mapping[str, tuple[str, str]]) -> None:
    wanted = _typed(_key_schema(spec), {one["AttributeName"]: one["AttributeType"] for one in _attributes([spec])})
    if have != wanted:
        where = f"table {service.table}" if spec.name is None else f"index {spec.name} of {service.table}"
        raise ConfigError(f"the {where} has the key {_words(have)}, but {service.model.name} declares "
                          f"{_words(wanted)}", backend="dynamodb")


def _words(key: Mapping[str, tuple[str, str]]) -> str:
    return ", ".join(f"{name} ({kind})" for name, kind in key.values())


async def _add_indexes(service: Service, found: Mapping[str, Any]) -> None:
    names = {one["IndexName"] for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
             for one in found.get(kind) or ()}
    have = {one["AttributeName"]: one for one in found["AttributeDefinitions"]}
    for spec in service.model.indexes:
        if spec.name not in names:
            have |= {one["AttributeName"]: one for one in _attributes([spec])}
            # DynamoDB makes one index at a time.
            await service.call("UpdateTable", {
                "TableName": service.table,
                "AttributeDefinitions": list(have.values()),
                "GlobalSecondaryIndexUpdates": [{"Create": {**index(service.model, spec), **_throughput(found)}}],
            })
            await _active(service)


def _throughput(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a new index of a table with provisioned capacity needs: as much as the table has."""
    capacity: Mapping[str, int] = found.get("ProvisionedThroughput") or {}
    units = {name: capacity.get(name, 0) for name in ("ReadCapacityUnits", "WriteCapacityUnits")}
    return {"ProvisionedThroughput": units} if all(units.values()) else {}


async def _enable_time_to_live(service: Service) -> None:
    wanted = time_to_live(service.model, service.table)
    if wanted is None:
        return
    try:
        if await _has_time_to_live(service, wanted["TimeToLiveSpecification"]["AttributeName"]):
            return
        await service.call("UpdateTimeToLive", wanted)
    except Unsupported:
        # Some emulators (dynalite) have no time to live. Records expire all the same, since every verb looks at their
        # end; what such a server lacks is only the clean-up.
        return


async def _has_time_to_live(service: Service, attribute: str) -> bool:
    answer = await service.call("DescribeTimeToLive", {"TableName": service.table})
    found = answer["TimeToLiveDescription"]
    if found.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
        return False
    if found.get("AttributeName") != attribute:
        raise ConfigError(f"the time to live of {service.table} is by {found.get('AttributeName')!r}, but "
                          f"{service.model.name} declares {attribute!r}", backend="dynamodb")
    return True
