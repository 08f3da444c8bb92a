"""
Guard items: each claims one value of a unique field, in the same table as the records. Pure.

A guard's key is made from the field's name and the value by a hash, so that any value makes a key of legal size, and
page tokens show none. No record may have such a key, and no read gives a guard to the program.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from holdall._model.kinds import portable_type
from holdall.errors import InvalidArgument

from .wire.conditions import Clause, Conditions
from .wire.names import Placeholders
from .wire.values import from_wire, number, number_text, to_wire

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from holdall._model.kinds import Portable
    from holdall._model.schema import Field, IndexSpec, Model
    from holdall.drivers import Guard, KeyValue

    from .wire.values import Wire

MARK = "holdall:unique"
_OWNER = "holdall:owner"
_VALUE = "holdall:value"
_PREFIX = "holdall#unique#"
_SORT: dict[str, Wire] = {"str": {"S": "holdall"}, "number": {"N": "0"}, "bytes": {"B": b"holdall"}}
# Numbers of 37 digits between -1E-91 and -1E-92: beyond any sensible record key.
_DIGITS = 10**36
_ZEROS = 91
_NEAREST, _FARTHEST = Decimal("-1E-93"), Decimal("-1E-90")


class Guards:
    """The guard items of one table."""

    def __init__(self, model: Model[Any]) -> None:
        self.needed = bool(model.uniques)
        self._model = model
        self._partition = model.key.partition
        self._type = next(iter(self._partition.kind.types))

    def key(self, field: Field, value: Portable) -> dict[str, Wire]:
        """Return the key of the guard of a value, in stored form."""
        digest = hashlib.sha256(_canonical([field.stored, *_typed(value)]).encode())
        key = {self._partition.stored: self._hashed(digest.hexdigest())}
        sort = self._model.key.sort
        return key if sort is None else {**key, sort.stored: _SORT[next(iter(sort.kind.types))]}

    def _hashed(self, digest: str) -> Wire:
        if self._type == "number":
            return {"N": f"-0.{'0' * _ZEROS}{_DIGITS + int(digest, 16) % (9 * _DIGITS)}"}
        return {"S": _PREFIX + digest} if self._type == "str" else {"B": (_PREFIX + digest).encode()}

    def is_guard(self, partition: Portable) -> bool:
        """Return whether a partition key, in portable form, is that of a guard."""
        if isinstance(partition, str):
            return partition.startswith(_PREFIX)
        if isinstance(partition, bytes):
            return partition.startswith(_PREFIX.encode())
        return bool(_FARTHEST < partition < _NEAREST)

    def hides(self, partition: Portable) -> bool:
        """Return whether what lies under a partition key is no record."""
        return self.needed and self.is_guard(partition)

    def refuse(self, key: KeyValue) -> None:
        """
        Refuse to write a record under a guard's key.

        Raises:
            InvalidArgument: It is one.
        """
        if self.hides(key.portable[0]):
            raise InvalidArgument(f"keys like this one are holdall's own, for the unique fields of {self._model.name}; "
                                  f"give {self._partition.name} another value")

    def records(self, items: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """Return the items that are records."""
        if not self.needed:
            return items
        return [item for item in items if not self._is_guard_item(item)]

    def _is_guard_item(self, item: Mapping[str, Any]) -> bool:
        return self.is_guard(from_wire(item[self._partition.stored]))

    def may_lie_in(self, index: IndexSpec) -> bool:
        """Return whether an index can hold guards: those have a record's key and expiry, and no other field of it."""
        own = {*self._model.key.keys, self._model.expires}
        return self.needed and index.name is not None and own.issuperset(index.keys)

    def take(self, guard: Guard, owners: Iterable[KeyValue]) -> dict[str, Any]:
        """Return the put that claims a value which nobody else holds, or one of these owners holds."""
        places = Placeholders()
        conditions = Conditions(places, self._partition.stored)
        owned = [self._owned(guard, owner, places) for owner in owners]
        condition = " OR ".join([conditions.exists(False).text, *owned, *self._ended(guard, places)])
        return {"Item": self._item(guard), "ConditionExpression": condition, **places.params()}

    def release(self, guard: Guard) -> dict[str, Any]:
        """Return the delete that gives up a value where its owner still holds it, or nobody does."""
        places = Placeholders()
        conditions = Conditions(places, self._partition.stored)
        condition = f"{conditions.exists(False).text} OR {self._owned(guard, guard.owner, places)}"
        key = self.key(guard.field, guard.value)
        return {"Key": key, "ConditionExpression": condition, **places.params()}

    def without(self, places: Placeholders) -> Clause:
        """Return the clause that an item is no guard."""
        return Conditions(places, self._partition.stored).lacks((MARK,))

    def _item(self, guard: Guard) -> dict[str, Wire]:
        item = {
            **self.key(guard.field, guard.value),
            MARK: {"S": guard.field.stored},
            _OWNER: {"S": _owner(guard.owner)},
            _VALUE: to_wire(guard.value),
        }
        if guard.expires is not None and self._model.expires is not None:
            item[self._model.expires.stored] = {"N": str(guard.expires)}
        return item

    def _owned(self, guard: Guard, owner: KeyValue, places: Placeholders) -> str:
        """Return that a guard is of this owner, and of this value in case two values had one hash."""
        value = f"{places.name(_VALUE)} = {places.value(to_wire(guard.value))}"
        return f"{places.name(_OWNER)} = {places.value({'S': _owner(owner)})} AND {value}"

    def _ended(self, guard: Guard, places: Placeholders) -> list[str]:
        expires = self._model.expires
        if expires is None:
            return []
        return [f"{places.name(expires.stored)} <= {places.value({'N': str(guard.now)})}"]


def _canonical(parts: Sequence[Any]) -> str:
    return json.dumps(parts, ensure_ascii=True, separators=(",", ":"))


def _typed(value: Portable) -> tuple[str, str]:
    if isinstance(value, bytes):
        return "bytes", value.hex()
    if isinstance(value, str):
        return "str", value
    return portable_type(value), number_text(number(str(Decimal(value).normalize() + 0)))


def _owner(key: KeyValue) -> str:
    return _canonical([list(_typed(value)) for value in key.portable])
