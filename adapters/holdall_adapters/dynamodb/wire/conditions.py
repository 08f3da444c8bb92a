"""
Conditions as expressions.

DynamoDB's own `<>`, NOT and `contains` are true of missing fields and of fields of other types, where holdall's are
not; so those are guarded by `attribute_type`. `holdall._engine.evaluate` is the reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from holdall import drivers
from holdall._frozen import frozen
from holdall._model import kinds
from holdall._model.kinds import portable_type
from holdall.errors import InvalidArgument

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from holdall.drivers import Leaf, Test

    from .names import Placeholders

_MAX_OPERANDS = 100
_LETTERS: dict[str, tuple[str, ...]] = {
    "str": ("S",),
    "number": ("N",),
    "bytes": ("B",),
    "bool": ("BOOL",),
    "list": ("L",),
    "map": ("M",),
    "set": ("SS", "NS", "BS"),
}
_SIZED = frozenset({"list", "map", "set", "bytes"})
_ORDERED = frozenset({"str", "number", "bytes"})


@frozen
class Clause:
    """A piece of an expression; `level` says how its outermost operator binds."""

    text: str
    level: int


_OR, _AND, _NOT, _ATOM = 1, 2, 3, 4
TRUE: Final = Clause("", _ATOM)
FALSE: Final = Clause("-", _ATOM)
"""Both are folded away: an expression can't say them without naming a field."""


def all_of(clauses: Iterable[Clause]) -> Clause:
    """Return the conjunction."""
    kept = [clause for clause in clauses if clause is not TRUE]
    if any(clause is FALSE for clause in kept):
        return FALSE
    return _joined(kept, " AND ", _AND) if kept else TRUE


def any_of(clauses: Iterable[Clause]) -> Clause:
    """Return the disjunction."""
    kept = [clause for clause in clauses if clause is not FALSE]
    if any(clause is TRUE for clause in kept):
        return TRUE
    return _joined(kept, " OR ", _OR) if kept else FALSE


def _joined(clauses: Sequence[Clause], word: str, level: int) -> Clause:
    if len(clauses) == 1:
        return clauses[0]
    return Clause(word.join(c.text if c.level >= level else f"({c.text})" for c in clauses), level)


def _not(clause: Clause) -> Clause:
    return Clause(f"NOT {clause.text}" if clause.level >= _ATOM else f"NOT ({clause.text})", _NOT)


class Conditions:
    """Writes tests with the placeholders of one request; `key` is the partition field's name in the store."""

    def __init__(self, places: Placeholders, key: str) -> None:
        self._places = places
        self._key = key

    def condition(self, test: Test | None, *more: Clause) -> str | None:
        """
        Return the condition of a write, None where it is always true.

        Raises:
            TooLarge: It is over a limit of DynamoDB's expressions.
        """
        clause = all_of([TRUE if test is None else self.clause(test), *more])
        if clause is FALSE:
            self._places.loose = True
            clause = all_of([self.exists(True), self.exists(False)])
        self._places.loose |= clause is TRUE
        return None if clause is TRUE else self._places.expression(clause.text)

    def filter(self, test: Test | None, *more: Clause) -> str | bool:
        """
        Return the filter of a read, or True or False where it is always that.

        Raises:
            TooLarge: It is over a limit of DynamoDB's expressions.
        """
        # What is filtered is there, which a filter can't ask anyway: it must not name a key field.
        clause = all_of([TRUE if test is None else self.clause(_of_items(test)), *more])
        if clause is TRUE or clause is FALSE:
            self._places.loose = True
            return clause is TRUE
        return self._places.expression(clause.text)

    def exists(self, present: bool) -> Clause:
        """Return the clause that the item is there, or is not."""
        return self.has((self._key,)) if present else self.lacks((self._key,))

    def has(self, path: tuple[str | int, ...]) -> Clause:
        """Return the clause that something is at a path, if only a null."""
        return Clause(f"attribute_exists({self._places.path(path)})", _ATOM)

    def lacks(self, path: tuple[str | int, ...]) -> Clause:
        """Return the clause that nothing is at a path."""
        return Clause(f"attribute_not_exists({self._places.path(path)})", _ATOM)

    def null(self, path: tuple[str | int, ...]) -> Clause:
        """Return the clause that a null is at a path."""
        return self._type(self._places.path(path), "NULL")

    def not_null(self, path: tuple[str | int, ...]) -> Clause:
        """Return the clause that no null is at a path."""
        return _not(self.null(path))

    def clause(self, test: Test) -> Clause:
        """Return a test as a clause."""
        if isinstance(test, (drivers.All, drivers.AnyOf)):
            parts = [self.clause(part) for part in test.parts]
            self._places.loose |= any(part is TRUE or part is FALSE for part in parts)
            return all_of(parts) if isinstance(test, drivers.All) else any_of(parts)
        if isinstance(test, drivers.Exists):
            return self.exists(test.present)
        return self._leaf(test)

    def _leaf(self, leaf: Leaf) -> Clause:
        if leaf.op == "is_null":
            return any_of([self.lacks(leaf.path), self.null(leaf.path)])
        if leaf.op == "is_set":
            return all_of([self.has(leaf.path), self.not_null(leaf.path)])
        path = self._places.path(leaf.path)
        if leaf.size:
            guard = self._types(path, [kind for kind in leaf.kind.types if kind in _SIZED], leaf.kind)
            return all_of([guard, self._compared(leaf, f"size({path})", guarded=True)])
        if leaf.op in ("contains", "not_contains"):
            return self._contains(leaf, path)
        return self._compared(leaf, path, guarded=False)

    def _value(self, portable: Any) -> str:
        return self._places.operand(portable)

    def _type(self, path: str, letter: str) -> Clause:
        return Clause(f"attribute_type({path}, {self._places.value({'S': letter})})", _ATOM)

    def _types(self, path: str, types: Iterable[str], kind: kinds.Kind | None = None) -> Clause:
        """Return the clause that what is at a path is of one of these portable types."""
        letters = [letter for name in sorted(set(types)) for letter in _letters(name, kind)]
        return any_of([self._type(path, letter) for letter in letters])

    def _compared(self, leaf: Leaf, left: str, *, guarded: bool) -> Clause:
        op, types = leaf.op, {portable_type(operand) for operand in leaf.portable}
        if op in ("in", "not_in"):
            return self._in(leaf, left, types, guarded=guarded)
        if op == "!=":
            unequal = Clause(f"{left} <> {self._value(leaf.portable[0])}", _ATOM)
            return unequal if guarded else all_of([self._types(left, types), unequal])
        if op in ("startswith", "not_startswith"):
            return self._starts(leaf, left, types)
        _check_ordered(op, types)
        if op in _COMPARATORS:
            return Clause(f"{left} {_COMPARATORS[op]} {self._value(leaf.portable[0])}", _ATOM)
        return FALSE if len(types) > 1 else self._between(leaf, left)

    def _between(self, leaf: Leaf, left: str) -> Clause:
        low, high = (self._value(operand) for operand in leaf.portable)
        if leaf.op == "between":
            return Clause(f"{left} BETWEEN {low} AND {high}", _ATOM)
        return any_of([Clause(f"{left} < {low}", _ATOM), Clause(f"{left} > {high}", _ATOM)])

    def _starts(self, leaf: Leaf, left: str, types: set[Any]) -> Clause:
        prefix = leaf.portable[0]
        if not isinstance(prefix, (str, bytes)):
            raise InvalidArgument(f"startswith() takes a string or bytes, not a value of type {type(prefix).__name__}")
        if not prefix:
            return self._types(left, types) if leaf.op == "startswith" else FALSE
        begins = Clause(f"begins_with({left}, {self._value(prefix)})", _ATOM)
        return begins if leaf.op == "startswith" else all_of([self._types(left, types), _not(begins)])

    def _in(self, leaf: Leaf, left: str, types: set[Any], *, guarded: bool) -> Clause:
        values = list(dict.fromkeys(self._value(operand) for operand in leaf.portable))
        chunks = [values[i : i + _MAX_OPERANDS] for i in range(0, len(values), _MAX_OPERANDS)]
        found = any_of([Clause(f"{left} IN ({', '.join(chunk)})", _ATOM) for chunk in chunks])
        if len(values) == 1:
            found = Clause(f"{left} = {values[0]}", _ATOM)
        if leaf.op == "in":
            return found
        guard = TRUE if guarded else self._types(left, types or leaf.operand_kind.types - {"null"})
        return guard if found is FALSE else all_of([guard, _not(found)])

    def _contains(self, leaf: Leaf, path: str) -> Clause:
        part = leaf.portable[0]
        value = self._value(part)
        found = Clause(f"contains({path}, {value})", _ATOM)
        is_text = isinstance(part, str)
        if is_text and not part:
            found = any_of([self._type(path, "S"), found])
        if leaf.op == "contains" and not isinstance(part, bytes):
            return found
        # DynamoDB also finds bytes in bytes, and what is missing does not contain anything.
        holders = ["list", "set"] + (["str"] if is_text else [])
        guard = self._types(path, [kind for kind in holders if kind in leaf.kind.types], leaf.kind)
        return all_of([guard, found if leaf.op == "contains" else _not(found)])


def _letters(name: str, kind: kinds.Kind | None) -> tuple[str, ...]:
    """Return the type letters of a portable type, fewer where the kind says of what its sets are."""
    if name == "set" and isinstance(kind, kinds.SetOf):
        return tuple(_LETTERS[one][0] + "S" for one in kind.item.types)
    return _LETTERS[name]


def _of_items(test: Test) -> Test:
    """Return the test with `Exists` decided for an item that is there."""
    if isinstance(test, drivers.Exists):
        return drivers.All(()) if test.present else drivers.AnyOf(())
    if isinstance(test, (drivers.All, drivers.AnyOf)):
        return type(test)(tuple(_of_items(part) for part in test.parts))
    return test


def _check_ordered(op: str, types: set[Any]) -> None:
    if op != "=" and types - _ORDERED:
        raise InvalidArgument(f"DynamoDB orders strings, numbers and bytes only, so {op} can't take a value of type "
                              f"{', '.join(sorted(types - _ORDERED))}")


_COMPARATORS = {"=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
