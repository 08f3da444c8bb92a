"""
What programs must give: the semantics of the design pages over plain dicts of a program's own values.

It shares no code with the engine, on purpose: where the two differ, one of them is wrong.
"""

from __future__ import annotations

import copy
from dataclasses import MISSING, dataclass, fields
from functools import partial, singledispatchmethod
from typing import TYPE_CHECKING, Any

from .meaning import Impossible, Row, changed, stored, true
from .steps import (
    START,
    Advance,
    Check,
    Create,
    Delete,
    DeleteMany,
    Get,
    GetMany,
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
    from collections.abc import Callable, Sequence

    from .steps import Do, Key, Step, Values



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

    @singledispatchmethod
    def do(self, step: Step) -> Any:
        """
        Do one step, and return what it must give: rows for records.

        Raises:
            Refused: It must fail.
        """
        raise NotImplementedError(type(step).__name__)

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
        return true(test, row)

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
            if value is MISSING and callable(field.default_factory):
                value = field.default_factory()
            if field.name != "revision" and value is not None and not (isinstance(value, set) and not value):
                row[field.name] = stored(field.name, value)
        return _sound(row)

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

    @do.register(Create)
    def _create(self, step: Create) -> Row:
        row, key = self._row(step.values), _key(step.values)
        if self.live(key) is not None:
            raise Refused("already_exists", field=None)
        return self._store(key, row)

    @do.register(Put)
    def _put(self, step: Put) -> Row:
        row, key = self._row(step.values), _key(step.values)
        carried = self.carried(key, step.carry)
        if carried is not None and self.live(key) is None:
            raise Refused("conflict", current=None)
        self._fence(self.live(key), carried)
        return self._store(key, row)

    @do.register(Replace)
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

    @do.register(Update)
    def _update(self, step: Update) -> Row:
        if self.live(step.key) is None and step.create is not None:
            return self._store(step.key, _changed(self._row(step.create), step.changes))
        row = self._must(step.key, self.carried(step.key, step.carry), step.when)
        return self._store(step.key, _changed(row, step.changes))

    @do.register(Delete)
    def _delete(self, step: Delete) -> None:
        row = self.live(step.key)
        if row is None and step.must_exist:
            raise Refused("not_found")
        if row is not None:
            self._fence(row, self.carried(step.key, step.carry))
            self._when(row, step.when)
            del self.rows[step.key]

    @do.register(Check)
    def _check(self, step: Check) -> None:
        self._must(step.key, self.carried(step.key, step.carry), step.when)

    @do.register(Get)
    def _get(self, step: Get) -> Row | bool | None:
        row = self.live(step.key)
        if step.verb == "require" and row is None:
            raise Refused("not_found")
        return row is not None if step.verb == "exists" else row

    @do.register(GetMany)
    def _get_many(self, step: GetMany) -> list[Row | None]:
        return [self.live(key) for key in step.keys]

    @do.register(PutMany)
    def _put_many(self, step: PutMany) -> int | Several:
        return self._each([partial(self._put, Put(values)) for values in step.records])

    @do.register(DeleteMany)
    def _delete_many(self, step: DeleteMany) -> int | Several:
        return self._each([partial(self._delete, Delete(key)) for key in step.keys])

    @do.register(UpdateMany)
    def _update_many(self, step: UpdateMany) -> int | Several:
        return self._each([partial(self._update, Update(key, step.changes, 0, step.when)) for key in step.keys])

    def _each(self, jobs: Sequence[Callable[[], Any]]) -> int | Several:
        failures: list[tuple[int, str]] = []
        for index, job in enumerate(jobs):
            try:
                job()
            except Refused as refused:
                failures.append((index, refused.code))
        done = len(jobs) - len(failures)
        return Several(failures, done) if failures else done

    @do.register(Query)
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

    @do.register(Transaction)
    def _transaction(self, step: Transaction) -> list[Row | None] | Rolled:
        keys = [part.key if isinstance(part, (Update, Delete, Check)) else _key(part.values) for part in step.parts]
        if len(set(keys)) < len(keys):
            raise Refused("invalid_argument")
        before = dict(self.rows)
        reasons: list[str | None] = []
        rows: list[Row | None] = []
        for part in step.parts:
            try:
                row = self.do(part)
                reasons.append(None)
                rows.append(row if isinstance(part, (Create, Put, Replace)) else None)
            except Refused as refused:
                reasons.append(refused.code)
        if any(reasons):
            self.rows = before
            if "invalid_argument" in reasons:
                raise Refused("invalid_argument")
            return Rolled(reasons)
        return rows

    @do.register(Advance)
    def _advance(self, step: Advance) -> None:
        self.now += step.seconds


_INDEXES = {"by_name": ("name", "count"), "by_amount": ("amount",)}


def _key(values: Values) -> Key:
    return values["group"], values["rank"]


def _sound(row: Row) -> Row:
    """Refuse an empty key of an index."""
    if row.get("name") == "":
        raise Refused("invalid_argument")
    return row


def _changed(row: Row, dos: Sequence[Do]) -> Row:
    try:
        return _sound({**changed(row, dos), "revision": Stamp()})
    except Impossible:
        raise Refused("invalid_argument") from None
