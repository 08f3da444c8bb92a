"""PutItem, UpdateItem, DeleteItem, and the same within transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .conditions import parse_condition
from .errors import refuse_value
from .keys import check_index_keys, check_item, check_key, check_scalar_keys, check_update_size
from .syntax import paths_of
from .updates import parse_update, stored_literals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .keys import Identity
    from .scope import Scope
    from .syntax import Action
    from .tables import TableDescription


def check_put(params: Mapping[str, Any], table: TableDescription, scope: Scope) -> Identity:
    """
    Return which item a put writes.

    Raises:
        RequestRefused: Its item or condition is not legal.
    """
    found = check_item(table, params["Item"])
    _check_condition(params, table, scope)
    return found


def check_delete(params: Mapping[str, Any], table: TableDescription, scope: Scope) -> Identity:
    """
    Return which item a delete, or a condition check, is about.

    Raises:
        RequestRefused: Its key or condition is not legal.
    """
    found = check_key(table, params["Key"])
    _check_condition(params, table, scope)
    return found


def check_update(params: Mapping[str, Any], table: TableDescription, scope: Scope) -> Identity:
    """
    Return which item an update is about.

    Raises:
        RequestRefused: Its key, condition or actions are not legal.
    """
    found = check_key(table, params["Key"])
    _check_condition(params, table, scope)
    if "UpdateExpression" in params:
        actions = parse_update(params["UpdateExpression"], "UpdateExpression", scope)
        _check_actions(table, params["Key"], actions)
    return found


def _check_condition(params: Mapping[str, Any], table: TableDescription, scope: Scope) -> None:
    if "ConditionExpression" in params:
        condition = parse_condition(params["ConditionExpression"], "ConditionExpression", scope)
        check_scalar_keys(table, paths_of(condition))


def _check_actions(table: TableDescription, key: Mapping[str, Any], actions: list[Action]) -> None:
    stored: dict[str, Mapping[str, Any]] = {}
    for action in actions:
        if action.path.top in table.keys.names:
            refuse_value(f"Cannot update attribute {action.path.top}. This attribute is part of the key")
        for literal in stored_literals(action):
            if len(action.path.elements) == 1:
                check_index_keys(table, {action.path.top: literal.content})
                stored[action.path.top] = literal.content
    check_scalar_keys(table, [action.path for action in actions])
    check_update_size(key, stored)
