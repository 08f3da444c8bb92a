"""GetItem, Query and Scan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .conditions import parse_condition
from .errors import refuse, refuse_value
from .keyconditions import check_key_condition
from .keys import check_key, check_scalar_keys, check_start_key
from .parser import parse_projection
from .shapes import as_integer, check_integer
from .syntax import paths_of
from .values import scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .scope import Scope
    from .syntax import Path
    from .tables import TableDescription

_MAX_SEGMENTS = 1_000_000


def check_get(params: Mapping[str, Any], table: TableDescription, scope: Scope) -> None:
    """
    Check a GetItem.

    Raises:
        RequestRefused: Its key or projection is not legal.
    """
    check_key(table, params["Key"])
    check_projection(params, table, scope)


def check_query(params: Mapping[str, Any], table: TableDescription, scope: Scope) -> None:
    """
    Check a Query.

    Raises:
        RequestRefused: Its key condition, filter, page or projection is not legal.
    """
    keys = table.keys_of(params.get("IndexName"))
    condition = parse_condition(params["KeyConditionExpression"], "KeyConditionExpression", scope)
    equal = check_key_condition(condition, keys, table.types)
    filtered = _check_page(params, table, scope)
    _check_no_keys(keys.names, filtered)
    start = params.get("ExclusiveStartKey", equal)
    if any(scalar(start[name]) != scalar(equal[name]) for name in equal):
        refuse("The provided starting key is outside query boundaries based on provided conditions")


def check_scan(params: Mapping[str, Any], table: TableDescription, scope: Scope) -> None:
    """
    Check a Scan.

    Raises:
        RequestRefused: Its filter, page, projection or segment is not legal.
    """
    _check_page(params, table, scope)
    check_integer(params, "TotalSegments", 1, _MAX_SEGMENTS)
    check_integer(params, "Segment", 0, _MAX_SEGMENTS - 1)
    for given, wanted in (("Segment", "TotalSegments"), ("TotalSegments", "Segment")):
        if given in params and wanted not in params:
            refuse(
                f"The {wanted} parameter is required but was not present in the request when {given} parameter is "
                "present"
            )
    if "Segment" in params and as_integer(params["Segment"], "Segment") >= params["TotalSegments"]:
        refuse(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: "
            f"{params['Segment']} is not less than TotalSegments: {params['TotalSegments']}"
        )


def check_projection(params: Mapping[str, Any], table: TableDescription, scope: Scope) -> list[Path]:
    """
    Return the paths of the ProjectionExpression, none if there is none.

    Raises:
        RequestRefused: It is not legal.
    """
    if "ProjectionExpression" not in params:
        return []
    paths = parse_projection(params["ProjectionExpression"], "ProjectionExpression", scope)
    check_scalar_keys(table, paths)
    return paths


def _check_page(params: Mapping[str, Any], table: TableDescription, scope: Scope) -> list[Path]:
    check_integer(params, "Limit", 1)
    filtered = _filtered(params, scope)
    check_scalar_keys(table, filtered)
    projected = check_projection(params, table, scope)
    _check_select(params)
    _check_index(params, table, filtered, projected)
    if "ExclusiveStartKey" in params:
        check_start_key(table, table.keys_of(params.get("IndexName")), params["ExclusiveStartKey"])
    return filtered


def _filtered(params: Mapping[str, Any], scope: Scope) -> list[Path]:
    if "FilterExpression" not in params:
        return []
    return list(paths_of(parse_condition(params["FilterExpression"], "FilterExpression", scope)))


def _check_select(params: Mapping[str, Any]) -> None:
    select, projects = params.get("Select"), "ProjectionExpression" in params
    if projects and select not in (None, "SPECIFIC_ATTRIBUTES"):
        what = "only the Count" if select == "COUNT" else select
        refuse(f"Cannot specify the ProjectionExpression when choosing to get {what}")
    if select == "SPECIFIC_ATTRIBUTES" and not projects:
        refuse("Must specify the ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
    if select == "ALL_PROJECTED_ATTRIBUTES" and "IndexName" not in params:
        refuse("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")


def _check_index(
    params: Mapping[str, Any], table: TableDescription, filtered: list[Path], projected: list[Path]
) -> None:
    if "IndexName" not in params:
        return
    index = table.index(params["IndexName"])
    if not index.is_global:
        return
    if params.get("ConsistentRead"):
        refuse("Consistent reads are not supported on global secondary indexes")
    if index.projected is None:
        return
    if params.get("Select") == "ALL_ATTRIBUTES":
        refuse_value(
            "Select type ALL_ATTRIBUTES is not supported for global secondary index "
            f"{index.name} because its projection type is not ALL"
        )
    _check_projected(index.name, "does not project", projected, index.projected)
    _check_projected(index.name, "does not project one or more filter attributes:", filtered, index.projected)


def _check_projected(index: str, problem: str, paths: list[Path], projected: frozenset[str]) -> None:
    absent = sorted({path.top for path in paths} - projected)
    if absent:
        refuse_value(f"Global secondary index {index} {problem} [{', '.join(absent)}]")


def _check_no_keys(names: Iterable[str], filtered: list[Path]) -> None:
    tops = {path.top for path in filtered}
    for name in names:
        if name in tops:
            refuse(
                "Filter Expression can only contain non-primary key attributes: Primary key attribute: " + name
            )
