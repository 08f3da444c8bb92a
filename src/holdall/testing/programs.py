"""Hypothesis strategies of programs for the differential test; third parties may reuse them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from .steps import (
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
    Key,
    Not,
    Or,
    Page,
    Program,
    Put,
    PutMany,
    Query,
    Replace,
    Spot,
    Step,
    Test,
    Transaction,
    Update,
    UpdateMany,
    Values,
)

Strategy = st.SearchStrategy[Any]
Path = tuple[str | int, ...]

_NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
_EAST = timezone(timedelta(hours=9))

groups = st.sampled_from(["a", "a", "b"])
ranks = st.integers(-1, 4)
keys = st.tuples(groups, ranks)
texts = st.sampled_from(["x", "y", "xy", "X", "é", "x "])
cities = st.sampled_from(["x", "", "Ö", "x%"])
counts = st.integers(0, 3)
amounts = st.sampled_from([Decimal(text) for text in ("0", "1", "1.5", "-0.25", "10", "2.50")])
numbers = counts | amounts | st.sampled_from([0.5, 1.5, 2.0])
labels = st.sampled_from(["p", "q", "r"])
instants = st.sampled_from([_NOON, _NOON.astimezone(_EAST), _NOON + timedelta(microseconds=1), _NOON - timedelta(1)])
codes = st.sampled_from(["k", "K", "l", "m", "k ", "é"])
spots = st.builds(Spot, st.none() | cities, st.integers(0, 2))
lists = st.lists(counts, max_size=3)
carries = st.sampled_from([1, 1, 1, 0, 0, 2, 3])

FIELDS: dict[str, Strategy] = {
    "name": texts, "amount": amounts, "count": counts, "tags": st.sets(labels), "steps": lists, "spot": spots,
    "at": instants, "expires": st.integers(1, 40), "code": codes,
}  # fmt: skip


@st.composite
def values(draw: st.DrawFn, *, unique: bool = False, key: Key | None = None) -> Values:
    """Draw the values of a record; a few have an empty name, which is the key of an index, and so refused."""
    group, rank = draw(keys) if key is None else key
    given: Values = {"group": group, "rank": rank}
    for name, strategy in FIELDS.items():
        if (unique or name != "code") and draw(st.integers(0, 4)):
            given[name] = draw(strategy)
    if draw(st.integers(0, 30)) == 30:
        given["name"] = ""
    return given


@st.composite
def comparisons(draw: st.DrawFn, path: Path, operand: Strategy, extra: tuple[str, ...] = ()) -> Test:
    """Draw a comparison of what has an order."""
    op = draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "between", "in_", "not_in", *extra]))
    if op in ("in_", "not_in"):
        return Is(path, op, (tuple(draw(st.lists(operand, max_size=3))),))
    if op == "between":
        low, high = sorted((draw(operand), draw(operand)))
        return Is(path, op, (low, high))
    return Is(path, op, (draw(operand),))


@st.composite
def measures(draw: st.DrawFn, name: str, item: Strategy) -> Test:
    """Draw a test of a list or set: its size, or what it holds."""
    op = draw(st.sampled_from(["contains", "size ==", "size >", "size <="]))
    return Is((name,), op, (draw(item if op == "contains" else st.integers(0, 2)),))


@st.composite
def absences(draw: st.DrawFn) -> Test:
    """Draw a test of whether something is there."""
    places: list[Path] = [("name",), ("amount",), ("tags",), ("spot",), ("spot", "city"), ("steps", 1), ("at",)]
    return Is(draw(st.sampled_from(places)), draw(st.sampled_from(["is_null", "is_set"])))


_PARTS = ("startswith", "contains")
leaves: Strategy = st.one_of(
    comparisons(("name",), texts, _PARTS), comparisons(("spot", "city"), cities, _PARTS),
    comparisons(("amount",), numbers), comparisons(("count",), numbers), comparisons(("at",), instants),
    comparisons(("spot", "floor"), counts),
    comparisons(("steps", 0), counts), measures("tags", labels), measures("steps", counts), absences(),
)  # fmt: skip


@st.composite
def joined(draw: st.DrawFn, part: Strategy) -> Test:
    """Draw a condition made of others."""
    how = draw(st.sampled_from(["not", "and", "or"]))
    if how == "not":
        return Not(draw(part))
    parts = tuple(draw(st.lists(part, min_size=2, max_size=3)))
    return And(parts) if how == "and" else Or(parts)


conditions: Strategy = st.recursive(leaves, joined, max_leaves=4)
whens = st.none() | conditions
filters = st.one_of(st.just([]), st.lists(conditions, max_size=2))

_BASIC = ("set", "set_if_absent", "remove")
CHANGES: dict[str, tuple[tuple[str, ...], Strategy]] = {
    "name": (_BASIC, texts), "amount": ((*_BASIC, "add"), amounts), "count": ((*_BASIC, "add"), counts),
    "at": (_BASIC, instants), "tags": (("set", "remove", "add_to", "discard_from"), labels),
    "steps": (("set", "remove", "append", "prepend"), counts), "expires": (("set", "remove"), st.integers(1, 60)),
    "spot": (("set", "remove"), spots), "code": (_BASIC, codes),
}  # fmt: skip
"""The changes of each field, and what they take."""
INSIDE: list[tuple[Path, tuple[str, ...], Strategy]] = [
    (("steps", 0), ("set", "add"), counts), (("steps", 1), ("remove",), counts),
    (("steps", 5), ("set", "remove"), counts),
    (("spot", "city"), _BASIC, cities), (("spot", "floor"), ("set", "add"), counts),
]  # fmt: skip
_MANY = {"add_to", "discard_from", "append", "prepend"}


@st.composite
def change_of(draw: st.DrawFn, path: Path, ops: tuple[str, ...], value: Strategy) -> Do:
    """Draw a change of one field."""
    op = draw(st.sampled_from(ops))
    if op == "remove":
        return Do(path, op)
    if op in _MANY:
        return Do(path, op, tuple(draw(st.lists(value, min_size=1, max_size=2))))
    whole = {"tags": st.sets(labels), "steps": lists}.get(str(path[0])) if len(path) == 1 else None
    return Do(path, op, (draw(value if whole is None else whole),))


@st.composite
def changes(draw: st.DrawFn, *, unique: bool = False, inside: bool = True) -> tuple[Do, ...]:
    """Draw the changes of an update, one a field at most, also of places inside fields."""
    known = sorted(CHANGES) if unique else sorted(set(CHANGES) - {"code"})
    names = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
    dos: list[Do] = []
    for name in names:
        places = [((name,), *CHANGES[name]), *(place for place in INSIDE if inside and place[0][0] == name)]
        dos.append(draw(change_of(*places[draw(st.integers(0, len(places) - 1))])))
    return tuple(dos)


_ASKED = ["all", "all", "all", "count", "exists", "first"]
_ORDERS: dict[str, list[str | None]] = {
    "rank": ["rank", "-rank"], "amount": ["amount", "-amount"], "count": ["count", "-count"], "": [None],
}  # fmt: skip


@st.composite
def in_group(draw: st.DrawFn, sort: str = "rank") -> tuple[Test, ...]:
    """Draw the conditions of a query by group, with ranges of the sort field, and filters."""
    operand = ranks if sort == "rank" else numbers
    ranges = draw(st.lists(comparisons((sort,), operand), max_size=2))
    negated = [Not(one) if sort == "rank" and draw(st.integers(0, 3)) == 3 else one for one in ranges]
    return (Is(("group",), "==", (draw(groups),)), *negated, *draw(filters))


@st.composite
def queries(draw: st.DrawFn) -> Query:
    """Draw a query by the key or by an index, a scan, or one that is refused."""
    via = draw(st.sampled_from(["key", "key", "keys", "by_name", "by_amount", "scan", "refused"]))
    if via == "refused":
        return draw(st.sampled_from(REFUSED))
    if via == "key":
        where, sort, asked = draw(in_group()), "rank", [*_ASKED, "fields"]
    elif via == "by_amount":
        where, sort, asked = draw(in_group("amount")), "amount", _ASKED
    elif via == "by_name":
        ranges = draw(st.lists(comparisons(("count",), numbers), max_size=1))
        where, sort, asked = (Is(("name",), "==", (draw(texts),)), *ranges, *draw(filters)), "count", _ASKED
    else:
        several = [Is(("group",), "in_", (("b", "a", "c"),)), *draw(in_group())[1:]]
        where, sort, asked = tuple(several if via == "keys" else draw(filters)), "", _ASKED
    limit = draw(st.none() | st.integers(1, 4))
    found = "key" if via == "keys" else via
    return Query(where, found, sort, draw(st.sampled_from(_ORDERS[sort])), limit, draw(st.sampled_from(asked)))


REFUSED = [
    Query((Is(("count",), "==", (1,)),), "refused"),
    Query((Is(("name",), ">", ("x",)),), "refused"),
    Query((Is(("group",), "==", ("a",)),), "refused", order="at"),
    Query((), "refused"),
]


@st.composite
def by_query(draw: st.DrawFn) -> Query:
    """Draw a change or a removal by query."""
    if draw(st.booleans()):
        return Query(draw(in_group()), order="rank", what="update", changes=draw(changes(inside=False)))
    return Query(draw(in_group()), what="delete")


@st.composite
def pages(draw: st.DrawFn) -> Page:
    """Draw a page of a query in total order."""
    where = (Is(("group",), "==", (draw(groups),)), *(draw(filters) if draw(st.integers(0, 2)) == 2 else ()))
    order = draw(st.sampled_from(_ORDERS["rank"]))
    return Page(0, Query(where, "key", "rank", order, draw(st.integers(1, 2))))


@st.composite
def batches(draw: st.DrawFn, *, unique: bool = False) -> Step:
    """Draw a step for many records."""
    verb = draw(st.sampled_from(["put", "delete", "update"]))
    if verb != "put":
        several = tuple(draw(st.lists(keys, max_size=3)))
        if verb == "delete":
            return DeleteMany(several)
        return UpdateMany(several, draw(changes(inside=False)), draw(whens))
    # What a batch does to unique values depends on the order of its records, which is nobody's promise.
    if unique and draw(st.booleans()):
        return PutMany((draw(values(unique=True)),))
    return PutMany(tuple(draw(st.lists(values(), max_size=6))))


@st.composite
def writes(draw: st.DrawFn, *, unique: bool = False, inside: bool = True) -> Any:
    """Draw a step that writes one record."""
    verb = draw(st.sampled_from(["create", "put", "replace", "update", "delete"]))
    if verb == "create":
        return Create(draw(values(unique=unique)))
    if verb == "put":
        return Put(draw(values(unique=unique)), draw(carries))
    if verb == "replace":
        return Replace(draw(values(unique=unique)), draw(carries), draw(whens))
    key = draw(keys)
    if verb == "delete":
        return Delete(key, draw(carries), draw(whens), draw(st.booleans()))
    create = draw(values(unique=unique, key=key)) if inside and draw(st.booleans()) else None
    return Update(key, draw(changes(unique=unique, inside=inside)), draw(carries), draw(whens), create)


@st.composite
def transactions(draw: st.DrawFn) -> Transaction:
    """Draw a transaction; its changes are such as any stored record takes."""
    checks = st.builds(Check, keys, carries, whens)
    return Transaction(tuple(draw(st.lists(writes(inside=False) | checks, min_size=1, max_size=3))))


@st.composite
def steps(draw: st.DrawFn, *, unique: bool = False, whole: bool = True) -> Step:
    """Draw one step; `whole` lets it be a transaction."""
    kinds: dict[str, Strategy] = {
        "advance": st.builds(Advance, st.integers(1, 12)),
        "get": st.builds(Get, keys, st.sampled_from(["get", "require", "exists"])),
        "get_many": st.builds(GetMany, st.lists(keys, max_size=5).map(tuple)),
        "write": writes(unique=unique), "query": queries(), "pages": pages(), "batch": batches(unique=unique),
        "by_query": by_query(), "transaction": transactions() if whole else writes(unique=unique),
    }  # fmt: skip
    weights = {"write": 8, "query": 6, "pages": 4, "batch": 3, "transaction": 3, "get": 2, "by_query": 2}
    # The first is what a step shrinks to.
    found: Step = draw(kinds[draw(st.sampled_from([kind for kind in kinds for _ in range(weights.get(kind, 1))]))])
    return found


@st.composite
def programs(draw: st.DrawFn, *, unique: bool = False, transactions: bool = True, most: int = 25) -> Program:
    """
    Draw a program: some records, and then what is done to them.

    Args:
        draw: Given by Hypothesis.
        unique: The records are `Claim`s, with a unique field, instead of `Thing`s.
        transactions: Let programs have them.
        most: At most so many steps after the first records.
    """
    puts = st.builds(Put, values(unique=unique))
    first = st.lists(puts, min_size=4, max_size=9, unique_by=lambda put: (put.values["group"], put.values["rank"]))
    rest = st.lists(steps(unique=unique, whole=transactions), min_size=min(8, most), max_size=most)
    return (*draw(first), *draw(rest))
