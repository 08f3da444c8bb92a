"""From what a program says of fields to what a driver can carry out: names, kinds and operands checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import drivers, expressions
from .._model import kinds
from .._model.schema import did_you_mean
from ..errors import InvalidArgument, TooLarge
from .limits import check_portable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._model.schema import Field, Model
    from ..drivers import Capabilities

_NUMBERS = (kinds.Int, kinds.Float, kinds.DecimalNumber, kinds.AnyNumber, kinds.Number)
_ORDERED = frozenset({"<", "<=", ">", ">=", "between", "not_between"})


class Place:
    """Where a path leads: the path in stored names, the kind there, the path in words, whether it can't be unset."""

    __slots__ = ("kind", "needed", "stored", "words")

    def __init__(self, stored: tuple[expressions.Step, ...], kind: kinds.Kind, words: str, needed: bool) -> None:
        self.stored = stored
        self.kind = kind
        self.words = words
        self.needed = needed


def resolve_test(model: Model[Any], condition: object, capabilities: Capabilities) -> drivers.Test:
    """
    Resolve a condition.

    Raises:
        InvalidArgument: A field is unknown, an operator does not fit its type, or an operand is wrong.
    """
    if isinstance(condition, expressions.Leaf):
        return _leaf(model, condition, capabilities)
    if isinstance(condition, expressions.All):
        return drivers.All(tuple(resolve_test(model, part, capabilities) for part in condition.parts))
    if isinstance(condition, expressions.AnyOf):
        return drivers.AnyOf(tuple(resolve_test(model, part, capabilities) for part in condition.parts))
    hint = "; write F.field == value (F.field, not the class's own field)" if isinstance(condition, bool) else ""
    raise InvalidArgument(f"expected a condition such as F.status == 'new', got {kinds.show(condition)}{hint}")


def resolve_changes(
    model: Model[Any], changes: Sequence[object], capabilities: Capabilities
) -> tuple[drivers.Change, ...]:
    """
    Resolve the changes of an update.

    Raises:
        InvalidArgument: As for conditions; also a key or the revision is changed, or one place is changed twice.
    """
    resolved = tuple(_change(model, change, capabilities) for change in changes)
    if not resolved:
        raise InvalidArgument("update() needs at least one change, such as F.status.set('paid')")
    _check_overlap([change.path for change in resolved])
    return resolved


def place(model: Model[Any], path: tuple[expressions.Step, ...]) -> Place:
    """
    Follow a path through the model.

    Raises:
        InvalidArgument: A name on it is unknown, or a value on it has no inside.
    """
    first, *rest = path
    field = model.field(str(first))
    at = Place((field.stored,), field.kind, f"{model.name}.{field.name}", _is_needed(field))
    for step in rest:
        if isinstance(step, int) and step < 0:
            raise InvalidArgument(f"{at.words}: a position counts from 0, so there is no {step}")
        name, kind, needed = _inside(at.kind, step, at.words)
        words = at.words + (f"[{step}]" if isinstance(step, int) else f".{step}")
        at = Place((*at.stored, name), kind, words, needed)
    return at


def _is_needed(field: Field) -> bool:
    return not field.optional and field.required and not isinstance(field.kind, kinds.SetOf)


def _inside(kind: kinds.Kind, step: expressions.Step, words: str) -> tuple[expressions.Step, kinds.Kind, bool]:
    kind = kind.inner if isinstance(kind, kinds.Nullable) else kind
    if isinstance(kind, kinds.Anything):
        return step, kind, False
    if isinstance(kind, kinds.Nested) and isinstance(step, str):
        fields = {field.name: field for field in kind.fields}
        if step not in fields:
            raise InvalidArgument(f"{words} has no field {step!r}{did_you_mean(step, fields)}")
        return fields[step].stored, fields[step].kind, _is_needed(fields[step])
    if isinstance(kind, kinds.MapOf) and isinstance(step, str):
        return step, kind.value, False
    if isinstance(step, int) and isinstance(kind, kinds.ListOf):
        return step, kind.item, False
    if isinstance(step, int) and isinstance(kind, kinds.TupleOf) and step < len(kind.items):
        return step, kind.items[step], True
    raise InvalidArgument(f"{words} is {kind.describe()}: there is nothing at {step!r} inside it")


def _leaf(model: Model[Any], leaf: expressions.Leaf, capabilities: Capabilities) -> drivers.Leaf:
    at = place(model, leaf.path)
    if at.stored[0] in model.spilled and leaf.op not in ("is_null", "is_set"):
        raise InvalidArgument(f"{at.words} is spilled, so what is in it can't be tested where it lies, but by "
                              "is_null() and is_set(); keep what is to be tested in a field of its own")
    operand = _operand_kind(at, leaf)
    portable = tuple(_lower(operand, value, at.words, capabilities) for value in leaf.values)
    if leaf.op in ("between", "not_between") and _reversed(*portable):
        raise InvalidArgument(f"{at.words}: between() got its bounds in the wrong order; the lower one is first")
    kind = at.kind.inner if isinstance(at.kind, kinds.Nullable) else at.kind
    return drivers.Leaf(at.stored, leaf.op, kind, operand, leaf.values, portable, leaf.size)


def _reversed(low: Any, high: Any) -> bool:
    return kinds.portable_type(low) == kinds.portable_type(high) and bool(low > high)


def _operand_kind(at: Place, leaf: expressions.Leaf) -> kinds.Kind:
    kind = at.kind.inner if isinstance(at.kind, kinds.Nullable) else at.kind
    if leaf.size:
        _need(kind.types <= {"list", "set", "map", "bytes"} or isinstance(kind, kinds.Anything), at, "size()",
              "; the size of a string is not the same on every store, so keep it in a field")
        return kinds.Int()
    if leaf.op in ("is_null", "is_set"):
        return kind
    if leaf.op in ("contains", "not_contains"):
        return _element_kind(kind, at)
    if leaf.op in ("startswith", "not_startswith"):
        return _prefix_kind(kind, at)
    return _compared_kind(kind, at, leaf.op)


def _need(ok: bool, at: Place, what: str, mend: str = "") -> None:
    if not ok:
        raise InvalidArgument(f"{at.words} is {at.kind.describe()}, which {what} can't be used on{mend}")


def _element_kind(kind: kinds.Kind, at: Place) -> kinds.Kind:
    if isinstance(kind, (kinds.ListOf, kinds.SetOf)):
        item = kind.item.inner if isinstance(kind.item, kinds.Nullable) else kind.item
        return kinds.Number() if isinstance(item, _NUMBERS) else item
    _need(isinstance(kind, (kinds.Str, kinds.Anything, kinds.Union)), at, "contains()")
    return kind


def _prefix_kind(kind: kinds.Kind, at: Place) -> kinds.Kind:
    texts = isinstance(kind, (kinds.Str, kinds.Bytes, kinds.Anything, kinds.Union))
    _need(texts, at, "startswith()", "; compare with between() or >=")
    return kind


def _compared_kind(kind: kinds.Kind, at: Place, op: str) -> kinds.Kind:
    if isinstance(kind, _NUMBERS):
        return kinds.Number()
    scalar = frozenset({"str", "number", "bytes"} if op in _ORDERED else {"str", "number", "bytes", "bool"})
    mend = "; compare what is inside it, or use contains() or size()"
    _need(bool(kind.types & scalar), at, f"the operator {op}", mend if kind.types - {"bool"} else "")
    return kind


def _lower(kind: kinds.Kind, value: Any, words: str, capabilities: Capabilities) -> kinds.Portable:
    try:
        lowered = kind.lower(value)
        check_portable(lowered, capabilities)
    except kinds.BadValue as bad:
        raise InvalidArgument(f"{words}: {bad.problem}") from None
    return lowered


_COLLECTION_CHANGES = {"append": kinds.ListOf, "prepend": kinds.ListOf, "add_to": kinds.SetOf,
                       "discard_from": kinds.SetOf}  # fmt: skip


def _change(model: Model[Any], change: object, capabilities: Capabilities) -> drivers.Change:
    if not isinstance(change, expressions.Change):
        hint = "; F.x == y is a condition, F.x.set(y) a change" if isinstance(change, expressions.Condition) else ""
        raise InvalidArgument(f"expected a change such as F.status.set('paid'), got {kinds.show(change)}{hint}")
    at = place(model, change.path)
    field = model.field(str(change.path[0]))
    _check_changeable(model, field, at, change)
    kind = at.kind.inner if isinstance(at.kind, kinds.Nullable) else at.kind
    if change.op == "remove":
        return drivers.Change(at.stored, "remove", kind)
    _check_change_kind(kind, at, change)
    portable = _lower(kind, _collected(change), at.words, capabilities)
    if isinstance(portable, set) and not portable and change.op == "set":
        return drivers.Change(at.stored, "remove", kind)
    _check_index_key(model, field, portable, capabilities)
    return drivers.Change(at.stored, change.op, kind, _collected(change), portable)


def _collected(change: expressions.Change) -> Any:
    return list(change.value) if change.op in ("append", "prepend") else change.value


def _check_changeable(model: Model[Any], field: Field, at: Place, change: expressions.Change) -> None:
    if field in model.key.keys:
        raise InvalidArgument(f"{at.words} is part of the key and can't be changed; write a new record and delete "
                              "the old one, in one transaction if both must agree")
    if field is model.revision:
        raise InvalidArgument(f"{at.words} is the revision, which holdall writes itself")
    if change.op == "remove" and at.needed:
        raise InvalidArgument(f"{at.words} is neither optional nor has a default, so it can't be unset")


def _check_index_key(model: Model[Any], field: Field, portable: kinds.Portable, capabilities: Capabilities) -> None:
    if portable in ("", b"") and any(field in index.keys for index in model.indexes):
        raise InvalidArgument(f"{model.name}.{field.name} is a key of an index, which takes no empty value; "
                              "set None to take the record out of the index")
    longest = longest_index_key(model, field, capabilities)
    if longest is not None:
        check_key_size(field, portable, longest)


def longest_index_key(model: Model[Any], field: Field, capabilities: Capabilities) -> int | None:
    """Return how many bytes a field may have as a key of an index; None for any number, or where it is no such key."""
    limits = [capabilities.max_partition_bytes for index in model.indexes if field is index.partition]
    limits += [capabilities.max_sort_bytes for index in model.indexes if field is index.sort]
    return min((limit for limit in limits if limit is not None), default=None)


def _check_change_kind(kind: kinds.Kind, at: Place, change: expressions.Change) -> None:
    wanted = _COLLECTION_CHANGES.get(change.op)
    if wanted is not None:
        _need(isinstance(kind, (wanted, kinds.Anything)), at, f"{change.op}()")
    if change.op == "add":
        _need(isinstance(kind, (*_NUMBERS, kinds.Duration)), at, "add()")


def _check_overlap(paths: list[tuple[expressions.Step, ...]]) -> None:
    for i, path in enumerate(paths):
        for other in paths[i + 1 :]:
            short = min(len(path), len(other))
            if path[:short] == other[:short]:
                words = ".".join(map(str, path if len(path) == short else other))
                raise InvalidArgument(f"an update changes {words} twice; make it one change")


def check_key_size(field: Field, portable: kinds.Portable, limit: int | None) -> None:
    """
    Refuse a key value that is empty or over the backend's limit.

    Raises:
        InvalidArgument: It is empty.
        TooLarge: It is over the limit.
    """
    if portable in ("", b""):
        raise InvalidArgument(f"the key field {field.name} is empty, which no store takes as a key")
    if limit is None or not isinstance(portable, (str, bytes)):
        return
    size = len(portable.encode() if isinstance(portable, str) else portable)
    if size > limit:
        raise TooLarge(f"the key field {field.name} has {size} bytes; the backend's limit is {limit}")
