"""
What programs must give: the semantics of the design pages over plain dicts of a program's own values.

It shares no code with the engine, on purpose: where the two differ, one of them is wrong.
"""

from __future__ import annotations

import copy
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from .steps import (
    START,
    Advance,
    And,
    Check,
    Create,
    Delete,
    DeleteMany,
    Do,
    Get,
    GetMany,
    Is,
    Not,
    Or,
    Put,
    PutMany,
    Query,
    Replace,
    Spot,
    Test,
    Thing,
    Transaction,
    Update,
    UpdateMany,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .steps import Key, Step, Values

    Part = Create | Put | Replace | Update | Delete | Check

Row: TypeAlias = dict[str, Any]
"""A record as it is stored: its set fields by name, a nested record as a dict, `expires` as absolute seconds."""


class Stamp:
    """A revision that a write gave; its text is learnt when it is first seen."""

    def __init__(self) -> None:
        self.text: str | None = None


class Refused(Exception):
    """A verb that fails, with the code of the error, and what else the error says."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


@dataclass
class Several:
    """A batch that failed in part: the index and code of each item that was not written."""

    failures: list[tuple[int, str]]
    done: int


@dataclass
class Rolled:
    """A transaction that was rolled back: a code, or None, for each part."""

    reasons: list[str | None]


class Oracle:
    """One table, under a clock of its own."""

    def __init__(self, model: type[Thing]) -> None:
        self.model = model
        self.rows: dict[Key, Row] = {}
        self.now = START
        self.seen: dict[Key, list[str]] = {}

    def do(self, step: Step) -> Any:
        """
        Do one step, and return what it must give: rows for records.

        Raises:
            Refused: It must fail.
        """
        return _VERBS[type(step)](self, step)

    def live(self, key: Key) -> Row | None:
        """Return the row of a key, unless it has ended."""
        row = self.rows.get(key)
        return None if row is None or row.get("expires", self.now + 1) <= self.now else row

    def carried(self, key: Key, carry: int) -> str | None:
        """Return the revision that a record carries that was read so many reads ago."""
        seen = self.seen.get(key, [])
        return seen[-carry] if 0 < carry <= len(seen) else None

    def saw(self, key: Key, revision: str) -> None:
        """Note a revision that a verb returned."""
        self.seen.setdefault(key, []).append(revision)

    def record(self, row: Row) -> Thing:
        """Return a row as the program sees it, without its revision."""
        found: Row = {}
        for field in fields(self.model):
            if field.name in row and field.name != "revision":
                found[field.name] = copy.deepcopy(row[field.name])
        if "spot" in found:
            found["spot"] = Spot(**found["spot"])
        return self.model(**found)

    def true(self, test: Test, row: Row) -> bool:
        """Return whether a condition is true of a row."""
        return _true(test, row, negated=False)

    def answers(self, query: Query) -> list[Row]:
        """Return the live rows that answer a query, in its order where it has one."""
        found = [row for key in sorted(self.rows) if (row := self.live(key)) is not None]
        found = [row for row in found if all(name in row for name in _INDEXES.get(query.via, ()))]
        found = [row for row in found if all(self.true(test, row) for test in query.where)]
        if query.sort:
            found.sort(key=lambda row: row[query.sort], reverse=(query.order or "").startswith("-"))
        return found

    def _row(self, values: Values) -> Row:
        row: Row = {"revision": Stamp()}
        for field in fields(self.model):
            value = values.get(field.name, field.default)
            if value is MISSING and field.default_factory is not MISSING:
                value = field.default_factory()
            if field.name != "revision" and value is not None and not (isinstance(value, set) and not value):
                row[field.name] = _stored(field.name, value)
        if "" in (row.get("name"), row.get("code")):
            raise Refused("invalid_argument")
        return row

    def _claim(self, key: Key, row: Row) -> None:
        """Refuse a unique value that another live record holds."""
        code = row.get("code")
        for other in self.rows:
            holder = self.live(other)
            if code is not None and other != key and holder is not None and holder.get("code") == code:
                raise Refused("already_exists", field="code")

    def _store(self, key: Key, row: Row) -> Row:
        self._claim(key, row)
        self.rows[key] = row
        return row

    def _fence(self, row: Row | None, carried: str | None) -> None:
        if carried is not None and row is not None and row["revision"].text != carried:
            raise Refused("conflict", current=row)

    def _when(self, row: Row, when: Test | None) -> None:
        if when is not None and not self.true(when, row):
            raise Refused("condition_failed", current=row)

    def _create(self, step: Create) -> Row:
        row, key = self._row(step.values), _key(step.values)
        if self.live(key) is not None:
            raise Refused("already_exists", field=None)
        return self._store(key, row)

    def _put(self, step: Put) -> Row:
        row, key = self._row(step.values), _key(step.values)
        carried = self.carried(key, step.carry)
        if carried is not None and self.live(key) is None:
            raise Refused("conflict", current=None)
        self._fence(self.live(key), carried)
        return self._store(key, row)

    def _replace(self, step: Replace) -> Row:
        row, key = self._row(step.values), _key(step.values)
        self._must(key, self.carried(key, step.carry), step.when)
        return self._store(key, row)

    def _must(self, key: Key, carried: str | None, when: Test | None) -> Row:
        row = self.live(key)
        if row is None:
            raise Refused("not_found")
        self._fence(row, carried)
        self._when(row, when)
        return row

    def _update(self, step: Update) -> Row:
        if self.live(step.key) is None and step.create is not None:
            return self._store(step.key, _changed(self._row(step.create), step.changes))
        row = self._must(step.key, self.carried(step.key, step.carry), step.when)
        return self._store(step.key, _changed(row, step.changes))

    def _delete(self, step: Delete) -> None:
        row = self.live(step.key)
        if row is None and step.must_exist:
            raise Refused("not_found")
        if row is not None:
            self._fence(row, self.carried(step.key, step.carry))
            self._when(row, step.when)
            del self.rows[step.key]

    def _check(self, step: Check) -> None:
        self._must(step.key, self.carried(step.key, step.carry), step.when)

    def _get(self, step: Get) -> Row | bool | None:
        row = self.live(step.key)
        if step.verb == "require" and row is None:
            raise Refused("not_found")
        return row is not None if step.verb == "exists" else row

    def _get_many(self, step: GetMany) -> list[Row | None]:
        return [self.live(key) for key in step.keys]

    def _put_many(self, step: PutMany) -> int | Several:
        return self._each([lambda values=values: self._put(Put(values)) for values in step.records])

    def _delete_many(self, step: DeleteMany) -> int | Several:
        return self._each([lambda key=key: self._delete(Delete(key)) for key in step.keys])

    def _update_many(self, step: UpdateMany) -> int | Several:
        return self._each([lambda key=key: self._update(Update(key, step.changes, 0, step.when)) for key in step.keys])

    def _each(self, jobs: Sequence[Callable[[], Any]]) -> int | Several:
        failures: list[tuple[int, str]] = []
        for index, job in enumerate(jobs):
            try:
                job()
            except Refused as refused:
                failures.append((index, refused.code))
        done = len(jobs) - len(failures)
        return Several(failures, done) if failures else done

    def _query(self, query: Query) -> Any:
        if query.via == "refused":
            raise Refused("query_refused")
        found = self.answers(query)
        for row in found:
            if query.what == "delete":
                del self.rows[_key(row)]
            if query.what == "update":
                self._store(_key(row), _changed(row, query.changes))
        return found

    def _transaction(self, step: Transaction) -> list[Row | None] | Rolled:
        keys = [part.key if isinstance(part, (Update, Delete, Check)) else _key(part.values) for part in step.parts]
        if len(set(keys)) < len(keys):
            raise Refused("invalid_argument")
        before = dict(self.rows)
        reasons: list[str | None] = []
        rows: list[Row | None] = []
        for part in step.parts:
            try:
                row = _PARTS[type(part)](self, part)
                reasons.append(None)
                rows.append(row if isinstance(part, (Create, Put, Replace)) else None)
            except Refused as refused:
                reasons.append(refused.code)
        if any(reasons):
            self.rows = before
            return Rolled(reasons)
        return rows

    def _advance(self, step: Advance) -> None:
        self.now += step.seconds


_INDEXES = {"by_name": ("name", "count"), "by_amount": ("amount",)}
_VERBS: dict[type, Callable[[Oracle, Any], Any]] = {
    Create: Oracle._create, Put: Oracle._put, Replace: Oracle._replace, Update: Oracle._update, Delete: Oracle._delete,
    Get: Oracle._get, GetMany: Oracle._get_many, PutMany: Oracle._put_many, DeleteMany: Oracle._delete_many,
    UpdateMany: Oracle._update_many, Query: Oracle._query, Transaction: Oracle._transaction, Advance: Oracle._advance,
}  # fmt: skip
_PARTS: dict[type, Callable[[Oracle, Any], Any]] = {**_VERBS, Check: Oracle._check}


def _key(values: Values) -> Key:
    return values["group"], values["rank"]


def _stored(name: str, value: Any) -> Any:
    if name == "expires":
        return START + value
    if isinstance(value, Spot):
        return {"floor": value.floor} if value.city is None else {"city": value.city, "floor": value.floor}
    return copy.deepcopy(value)


def _at(row: Any, path: Iterable[str | int]) -> Any:
    for step in path:
        inside = (isinstance(step, str) and isinstance(row, dict)) or (isinstance(step, int) and isinstance(row, list))
        held = inside and (step in row if isinstance(step, str) else 0 <= step < len(row))
        row = row[step] if held else None
    return row


def _true(test: Test, row: Row, *, negated: bool) -> bool:
    if isinstance(test, Not):
        return _true(test.part, row, negated=not negated)
    if isinstance(test, And):
        return (any if negated else all)(_true(part, row, negated=negated) for part in test.parts)
    if isinstance(test, Or):
        return (all if negated else any)(_true(part, row, negated=negated) for part in test.parts)
    value = _at(row, test.path)
    if test.op in ("is_null", "is_set"):
        return (value is None) is ((test.op == "is_null") is not negated)
    # A comparison with what is not there is false, and so is its negation.
    return value is not None and _compared(test, value) is not negated


def _compared(test: Is, value: Any) -> bool:
    if test.op.startswith("size"):
        return _compared(Is((), test.op.removeprefix("size "), test.operands), len(value))
    return bool(_COMPARISONS[test.op](value, *map(_exact, test.operands)))


def _exact(operand: Any) -> Any:
    """A float is compared as the decimal it is written as."""
    return Decimal(repr(operand)) if isinstance(operand, float) else operand


_COMPARISONS: dict[str, Callable[..., Any]] = {
    "==": lambda value, other: value == other,
    "!=": lambda value, other: value != other,
    "<": lambda value, other: value < other,
    "<=": lambda value, other: value <= other,
    ">": lambda value, other: value > other,
    ">=": lambda value, other: value >= other,
    "between": lambda value, low, high: low <= value <= high,
    "in_": lambda value, among: value in tuple(among),
    "not_in": lambda value, among: value not in tuple(among),
    "startswith": lambda value, prefix: value.startswith(prefix),
    "contains": lambda value, part: part in value,
}


def _changed(row: Row, changes: Sequence[Do]) -> Row:
    """Return the row after the changes, all of which see it as it was."""
    after = copy.deepcopy({name: value for name, value in row.items() if name != "revision"})
    for do in changes:
        if do.op != "remove" and do.values != (None,):
            _give(after, do.path, _NEW[do.op](_at(row, do.path), *do.values))
    for do in sorted(changes, key=lambda do: str(do.path[-1]), reverse=True):
        if do.op == "remove" or do.values == (None,):
            _take(after, do.path)
    after["revision"] = Stamp()
    if "" in (after.get("name"), after.get("code")):
        raise Refused("invalid_argument")
    return after


def _give(after: Row, path: tuple[str | int, ...], value: Any) -> None:
    holder, last = (_at(after, path[:-1]), path[-1]) if len(path) > 1 else (after, path[0])
    if holder is None:
        raise Refused("invalid_argument")
    if path == ("expires",):
        value += START
    if isinstance(value, Spot):
        value = _stored("spot", value)
    if value == set():
        _take(after, path)
    elif isinstance(last, int) and last >= len(holder):
        holder.append(value)
    else:
        holder[last] = value


def _take(after: Row, path: tuple[str | int, ...]) -> None:
    holder, last = (_at(after, path[:-1]), path[-1]) if len(path) > 1 else (after, path[0])
    if holder is not None and _at(holder, [last]) is not None:
        del holder[last]


_NEW: dict[str, Callable[..., Any]] = {
    "set": lambda old, value: copy.deepcopy(value),
    "set_if_absent": lambda old, value: value if old is None else old,
    "add": lambda old, number: (old or 0) + number,
    "append": lambda old, *items: [*(old or []), *items],
    "prepend": lambda old, *items: [*items, *(old or [])],
    "add_to": lambda old, *items: (old or set()) | set(items),
    "discard_from": lambda old, *items: (old or set()) - set(items),
}
