"""Whether what a backend gave is what the oracle expects: exactly, or one of several answers that are right."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .. import errors
from .oracle import Refused, Rolled, Several, Stamp
from .steps import Create, Get, GetMany, Page, Put, Query, Replace, Transaction, Update

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .meaning import Row
    from .oracle import Oracle
    from .steps import Key, Step, Thing

_RECORDS = (Create, Put, Replace, Update, Get)


@dataclass
class _Slot:
    """An open page: how the query goes on behind `after`, and how the rows were when the page was given."""

    query: Query
    after: int | None
    then: dict[Key, Row] = field(default_factory=dict[Any, Any])


class Judge:
    """Compares, step by step, and learns the revisions that the backend gave."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self._stamps: set[str] = set()
        self._slots: dict[int, _Slot] = {}

    def judge(self, words: str, step: Step, given: Any) -> None:
        """
        Let the oracle do a step, and compare.

        Raises:
            AssertionError: What the backend gave is not what it must give.
        """
        if isinstance(step, Page):
            self._paged(words, step, given)
            return
        try:
            expected = self.oracle.do(step)
        except Refused as refused:
            self._failed(words, refused, given)
            return
        if isinstance(expected, Several):
            self._in_part(words, expected, given)
        elif isinstance(expected, Rolled):
            self._rolled(words, expected, given)
        else:
            assert not isinstance(given, Exception), f"{words}: expected {_shown(expected)}, got {given!r}"
            self._went(words, step, expected, given)

    def _went(self, words: str, step: Step, expected: Any, given: Any) -> None:
        if isinstance(step, Query):
            self._queried(words, step, expected, given)
        elif isinstance(step, (GetMany, Transaction)):
            assert len(given) == len(expected), f"{words}: {len(expected)} expected, got {len(given)}"
            for row, record in zip(expected, given, strict=True):
                self._same(words, row, record)
        elif isinstance(step, _RECORDS):
            self._same(words, expected, given)
        else:
            assert given == expected, f"{words}: expected {expected!r}, got {given!r}"

    def _same(self, words: str, row: Any, record: Any) -> None:
        """Compare a record with a row; the revision must be the one of the write that gave it."""
        if row is None or isinstance(row, bool):
            assert record is row, f"{words}: expected {row!r}, got {record!r}"
            return
        expected = self.oracle.record(row)
        assert record is not None, f"{words}: expected {expected!r}, got None"
        assert replace(record, revision=None) == expected, f"{words}: expected {expected!r}, got {record!r}"
        self._stamped(words, row["revision"], record.revision)
        self.oracle.saw((record.group, record.rank), record.revision)

    def _stamped(self, words: str, stamp: Stamp, revision: str | None) -> None:
        assert revision, f"{words}: a record without revision"
        if stamp.text is None:
            assert revision not in self._stamps, f"{words}: a revision that another write gave"
            self._stamps.add(revision)
            stamp.text = revision
        assert stamp.text == revision, f"{words}: a revision that the write did not give"

    def _failed(self, words: str, refused: Refused, given: Any) -> None:
        code = getattr(given, "code", None)
        assert code == refused.code, f"{words}: expected the error {refused.code}, got {given!r}"
        if "field" in refused.details:
            assert given.field == refused.details["field"], f"{words}: the field at fault is {given.field}"
        if "current" in refused.details:
            self._same(f"{words}, current", refused.details["current"], given.current)

    def _in_part(self, words: str, expected: Several, given: Any) -> None:
        assert isinstance(given, errors.BatchError), f"{words}: expected {expected}, got {given!r}"
        failures = [(one.index, one.error.code) for one in given.failures]
        assert (failures, given.done) == (expected.failures, expected.done), f"{words}: expected {expected}"
        assert list(given.rest) == [], f"{words}: something was not tried"

    def _rolled(self, words: str, expected: Rolled, given: Any) -> None:
        assert isinstance(given, errors.TransactionFailed), f"{words}: expected {expected}, got {given!r}"
        reasons = [None if one is None else one.code for one in given.reasons]
        assert reasons == expected.reasons, f"{words}: expected {expected}, got {reasons}"

    def _queried(self, words: str, query: Query, found: list[Row], given: Any) -> None:
        most = len(found) if query.limit is None else min(query.limit, len(found))
        counts = {"count": most, "update": len(found), "delete": len(found), "exists": bool(found)}
        if query.what in counts:
            assert given == counts[query.what], f"{words}: expected {counts[query.what]}, got {given}"
        elif query.what == "fields":
            wanted = [self._fields(row, given[0] if given else {}) for row in found[:most]]
            assert given == wanted, f"{words}: expected {wanted}, got {given}"
        elif query.what == "first":
            self._records(words, replace(query, limit=1), found, [] if given is None else [given])
        else:
            self._records(words, query, found, given)

    def _fields(self, row: Row, names: dict[str, Any]) -> dict[str, Any]:
        """Return a row's fields as a query with `fields=` gives them: None, or an empty set, for an unset one."""
        record = self.oracle.record(row)
        return {name: getattr(record, name) if name in row or name == "tags" else None for name in names}

    def _records(self, words: str, query: Query, found: list[Row], given: Sequence[Thing]) -> None:
        most = len(found) if query.limit is None else min(query.limit, len(found))
        by_key = {(row["group"], row["rank"]): row for row in found}
        keys = [(record.group, record.rank) for record in given]
        assert len(keys) == most, f"{words}: {most} records expected, got {len(keys)}"
        assert len(set(keys)) == len(keys), f"{words}: a record came twice"
        assert set(keys) <= set(by_key), f"{words}: {set(keys) - set(by_key)} should not have come"
        if query.sort:
            # Records that are equal in the sort key of an index come in any order.
            order = [by_key[key][query.sort] for key in keys]
            assert order == [row[query.sort] for row in found[:most]], f"{words}: the order is wrong: {order}"
        for key, record in zip(keys, given, strict=True):
            self._same(words, by_key[key], record)

    def _paged(self, words: str, step: Page, given: Any) -> None:
        slot = self._slots.pop(step.slot, None) or _Slot(step.query, None, dict(self.oracle.rows))
        assert not isinstance(given, Exception), f"{words}: expected a page, got {given!r}"
        rows = [row for row in self.oracle.answers(slot.query) if self._behind(slot, row["rank"])]
        self._page(words, slot, rows, given)
        if not given.finished:
            after = given.items[-1].rank if given.items else slot.after
            self._slots[step.slot] = _Slot(slot.query, after, dict(self.oracle.rows))

    def _behind(self, slot: _Slot, rank: int) -> bool:
        if slot.after is None:
            return True
        return rank < slot.after if (slot.query.order or "").startswith("-") else rank > slot.after

    def _page(self, words: str, slot: _Slot, rows: list[Row], page: Any) -> None:
        """What was written since the last page may come or not, all else must, in order, until the page is full."""
        limit = slot.query.limit or len(rows)
        assert len(page.items) <= limit, f"{words}: {len(page.items)} records on a page of {limit}"
        assert page.finished or len(page.items) == limit, f"{words}: a short page that is not the last"
        waiting = list(rows)
        for record in page.items:
            passed: list[Row] = []
            while waiting and waiting[0]["rank"] != record.rank:
                passed.append(waiting.pop(0))
            assert waiting, f"{words}: {record!r} should not have come here"
            self._same(words, waiting.pop(0), record)
            self._may_lack(words, slot, passed)
        if page.finished:
            self._may_lack(words, slot, waiting)

    def _may_lack(self, words: str, slot: _Slot, rows: Sequence[Row]) -> None:
        for row in rows:
            old = slot.then.get((row["group"], row["rank"]))
            assert old is not row, f"{words}: the record of rank {row['rank']} is lost"


def _shown(expected: Any) -> str:
    return repr({**expected, "revision": ...} if expected.__class__ is dict else expected)
