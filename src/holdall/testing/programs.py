"""Hypothesis strategies of programs for the differential test; third parties may reuse them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

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
)

if TYPE_CHECKING:
    Drawn = st.SearchStrategy[Any]

_NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
_EAST = timezone(timedelta(hours=9))



def weighted(*choices: tuple[int, Drawn]) -> Drawn:
    """Return one of several strategies, each as often as its weight says; it shrinks to the first."""
    places = st.sampled_from([place for place, (weight, _) in enumerate(choices) for _ in range(weight)])

    # Not a flatmap, whose repr would hold every strategy inside it.
    @st.composite
    def chosen(draw: st.DrawFn) -> Any:
        return draw(choices[draw(places)][1])

    return chosen()


groups = st.sampled_from(["a", "b"])
ranks = st.integers(-1, 3)
keys = st.tuples(groups, ranks)
texts = st.sampled_from(["x", "y", "xy", "X", "é", "x "])
cities = st.sampled_from(["x", "", "Ö", "x%"])
counts = st.integers(0, 3)
amounts = st.sampled_from([Decimal(text) for text in ("0", "1", "1.5", "-0.25", "10", "2.50")])
labels = st.sampled_from(["p", "q", "r"])
instants = st.sampled_from([_NOON, _NOON.astimezone(_EAST), _NOON + timedelta(microseconds=1), _NOON - timedelta(1)])
codes = st.sampled_from(["k", "K", "l"])
spots = st.builds(Spot, st.none() | cities, st.integers(0, 2))

FIELDS: dict[str, Drawn] = {
    "name": texts,
    "amount": amounts,
    "count": counts,
    "tags": st.sets(labels),
    "steps": st.lists(st.integers(0, 3), max_size=3),
    "spot": spots,
    "at": instants,
    "expires": st.integers(1, 40),
}


def values(*, unique: bool, key: Drawn = keys, empty_names: bool = True) -> Drawn:
    """Return strategies of a record's values; some of them have an empty key of an index, which is refused."""
    optional = dict(FIELDS)
    if empty_names:
        optional["name"] = weighted((30, texts), (1, st.just("")))
    if unique:
        optional["code"] = codes

    def whole(given: tuple[Any, dict[str, Any]]) -> dict[str, Any]:
        (group, rank), rest = given
        return {"group": group, "rank": rank, **{name: value for name, value in rest.items() if value is not None}}

    mostly = {name: weighted((1, st.none()), (4, strategy)) for name, strategy in optional.items()}
    return st.tuples(key, st.fixed_dictionaries(mostly)).map(whole)


def _ordered(path: tuple[str | int, ...], operand: Drawn) -> Drawn:
    one = st.builds(lambda op, value: Is(path, op, (value,)), st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), operand)
    several = st.lists(operand, max_size=3).map(tuple)
    among = st.builds(lambda op, found: Is(path, op, (found,)), st.sampled_from(["in_", "not_in"]), several)
    between = st.tuples(operand, operand).map(lambda pair: Is(path, "between", tuple(sorted(pair))))
    return one | among | between


def _text(path: tuple[str | int, ...], operand: Drawn) -> Drawn:
    parts = st.sampled_from(["startswith", "contains"])
    return _ordered(path, operand) | st.builds(lambda op, value: Is(path, op, (value,)), parts, operand)


def _null(*path: str | int) -> Drawn:
    return st.sampled_from([Is(path, "is_null"), Is(path, "is_set")])


def _sized(path: str, part: Drawn) -> Drawn:
    size = st.builds(lambda op, n: Is((path,), f"size {op}", (n,)), st.sampled_from(["==", ">", "<="]), st.integers(0, 2))
    return size | part.map(lambda value: Is((path,), "contains", (value,)))


numbers = counts | amounts | st.sampled_from([0.5, 1.5, 2.0])
leaves = st.one_of(
    _text(("name",), texts), _ordered(("amount",), numbers), _ordered(("count",), numbers), _sized("tags", labels),
    _sized("steps", counts), _ordered(("at",), instants), _text(("spot", "city"), cities),
    _ordered(("spot", "floor"), counts), _ordered(("steps", 0), counts), _null("name"), _null("amount"), _null("tags"),
    _null("spot"), _null("spot", "city"), _null("steps", 1), _null("at"), _null("expires"),
)  # fmt: skip


def _joined(inner: Drawn) -> Drawn:
    both = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return both.map(And) | both.map(Or) | inner.map(Not)


tests: Drawn = st.recursive(leaves, _joined, max_leaves=4)
whens = weighted((2, st.none()), (1, tests), (1, tests.map(Not)))
carries = st.sampled_from([0, 0, 1, 1, 1, 2, 3])


def _do(path: tuple[str | int, ...], op: str, *operands: Drawn) -> Drawn:
    return st.tuples(*operands).map(lambda given: Do(path, op, given))


def _several(path: str, op: str, item: Drawn) -> Drawn:
    return st.lists(item, min_size=1, max_size=2).map(lambda given: Do((path,), op, tuple(given)))


def _basic(name: str, operand: Drawn) -> list[Drawn]:
    return [_do((name,), "set", operand), _do((name,), "set_if_absent", operand), _do((name,), "remove")]


CHANGES: dict[str, Drawn] = {
    "name": st.one_of(_basic("name", texts)),
    "amount": st.one_of(*_basic("amount", amounts), _do(("amount",), "add", amounts | counts)),
    "count": st.one_of(*_basic("count", counts), _do(("count",), "add", counts)),
    "tags": st.one_of(
        _do(("tags",), "set", st.sets(labels)), _do(("tags",), "remove"), _several("tags", "add_to", labels),
        _several("tags", "discard_from", labels),
    ),
    "at": st.one_of(_basic("at", instants)),
    "expires": st.one_of(_do(("expires",), "set", st.integers(1, 60)), _do(("expires",), "remove")),
    "steps": st.one_of(
        _do(("steps",), "set", FIELDS["steps"]), _several("steps", "append", counts), _several("steps", "prepend", counts),
        _do(("steps",), "remove"),
    ),
    "spot": st.one_of(_do(("spot",), "set", spots), _do(("spot",), "remove")),
}  # fmt: skip
INSIDE: dict[str, Drawn] = {
    "steps": st.one_of(
        _do(("steps", 0), "set", counts), _do(("steps", 1), "remove"), _do(("steps", 5), "set", counts),
        _do(("steps", 0), "add", counts), _do(("steps", 4), "remove"),
    ),
    "spot": st.one_of(
        _do(("spot", "city"), "set", cities), _do(("spot", "city"), "remove"), _do(("spot", "floor"), "add", counts),
        _do(("spot", "city"), "set_if_absent", cities), _do(("spot", "floor"), "set", counts),
    ),
}  # fmt: skip


def changes(*, unique: bool = False, inside: bool = True) -> Drawn:
    """Return strategies of the changes of an update, one a field at most."""
    by_field = {**CHANGES, "code": st.one_of(_basic("code", codes))} if unique else CHANGES
    names = st.lists(st.sampled_from(sorted(by_field)), min_size=1, max_size=3, unique=True)

    def of(name: str) -> Drawn:
        return by_field[name] | INSIDE[name] if inside and name in INSIDE else by_field[name]

    return names.flatmap(lambda chosen: st.tuples(*map(of, chosen)))


_RANK = ("rank",)
_group = groups.map(lambda group: Is(("group",), "==", (group,)))
_rank_tests = st.lists(_ordered(_RANK, ranks) | st.builds(Not, _ordered(_RANK, ranks)), max_size=2)
_limits = st.none() | st.integers(1, 4)
_filters = weighted((3, st.just([])), (2, tests.map(lambda test: [test])), (1, st.lists(tests, max_size=2)))


def _where(*parts: Drawn) -> Drawn:
    return st.tuples(*parts).map(lambda given: tuple(one for part in given for one in (part if isinstance(part, list)
                                                                                        else [part])))


_whats = st.sampled_from(["all", "all", "all", "count", "exists", "first"])
by_key = st.builds(
    Query, _where(_group, _rank_tests, _filters), st.just("key"), st.just("rank"), st.sampled_from(["rank", "-rank"]),
    _limits, _whats | st.just("fields"),
)  # fmt: skip
by_keys = st.builds(
    Query, _where(st.just(Is(("group",), "in_", (("b", "a", "c"),))), _rank_tests, _filters), st.just("key"), st.just(""),
    st.none(), _limits, _whats,
)  # fmt: skip
by_name = st.builds(
    Query,
    _where(texts.map(lambda name: Is(("name",), "==", (name,))), st.lists(_ordered(("count",), numbers), max_size=1), _filters),
    st.just("by_name"), st.just("count"), st.sampled_from(["count", "-count"]), _limits, _whats,
)  # fmt: skip
by_amount = st.builds(
    Query, _where(_group, st.lists(_ordered(("amount",), numbers), max_size=2), _filters), st.just("by_amount"),
    st.just("amount"), st.sampled_from(["amount", "-amount"]), _limits, _whats,
)  # fmt: skip
scans = st.builds(Query, _where(_filters), st.just("scan"), st.just(""), st.none(), _limits, _whats)
refused = st.sampled_from([
    Query((Is(("count",), "==", (1,)),), "refused"),
    Query((Is(("name",), ">", ("x",)),), "refused"),
    Query((Is(("group",), "==", ("a",)),), "refused", order="at"),
    Query((), "refused"),
])  # fmt: skip


def _found(*, unique: bool) -> Drawn:
    changing = changes(inside=False)
    where = _where(_group, _rank_tests, _filters)
    update = st.builds(lambda tests_, dos: Query(tests_, order="rank", what="update", changes=dos), where, changing)
    return st.builds(lambda tests_: Query(tests_, what="delete"), where) | update


def _pages() -> Drawn:
    slots = st.integers(0, 1)
    query = st.builds(
        Query, _where(_group, weighted((3, st.just([])), (1, _filters))), st.just("key"), st.just("rank"), st.sampled_from(["rank", "-rank"]),
        st.integers(1, 2),
    )  # fmt: skip
    return st.builds(Page, slots, query)


def _batch(*, unique: bool) -> Drawn:
    # What a batch does to unique values depends on the order of its records, which is nobody's promise.
    one = values(unique=unique).map(lambda given: (given,))
    many = st.lists(values(unique=False), max_size=6).map(tuple)
    return st.builds(PutMany, one | many)


def _transactions() -> Drawn:
    plain = values(unique=False, empty_names=False)
    parts = st.one_of(
        st.builds(Create, plain), st.builds(Put, plain, carries), st.builds(Replace, plain, carries, whens),
        st.builds(Update, keys, changes(inside=False), carries, whens), st.builds(Delete, keys, carries, whens, st.booleans()),
        st.builds(Check, keys, carries, whens),
    )  # fmt: skip
    return st.builds(Transaction, st.lists(parts, min_size=1, max_size=3).map(tuple))


def steps(*, unique: bool = False, transactions: bool = True) -> st.SearchStrategy[Step]:
    """Return strategies of one step."""
    record = values(unique=unique)
    writes = [
        st.builds(Create, record), st.builds(Put, record, carries), st.builds(Replace, record, carries, whens),
        st.builds(_update, keys, changes(unique=unique), carries, whens, st.none() | record),
        st.builds(Delete, keys, carries, whens, st.booleans()),
    ]  # fmt: skip
    reads = [
        st.builds(Get, keys, st.sampled_from(["get", "require", "exists"])),
        st.builds(GetMany, st.lists(keys, max_size=5).map(tuple)), by_key, by_keys, by_name, by_amount, scans, refused,
    ]  # fmt: skip
    batches = [
        _batch(unique=unique), st.builds(DeleteMany, st.lists(keys, max_size=3).map(tuple)),
        st.builds(UpdateMany, st.lists(keys, max_size=3).map(tuple), changes(inside=False), whens), _found(unique=unique),
    ]  # fmt: skip
    whole = _transactions() if transactions else st.one_of(writes)
    # The first is what a step shrinks to.
    return weighted(
        (1, st.builds(Advance, st.integers(1, 12))), (8, st.one_of(writes)), (8, st.one_of(reads)), (4, st.one_of(batches)),
        (3, _pages()), (3, whole),
    )  # fmt: skip



def _update(key: Any, dos: Any, carry: int, when: Test | None, create: dict[str, Any] | None) -> Update:
    made = None if create is None else {**create, "group": key[0], "rank": key[1]}
    return Update(key, dos, carry, when, made)


def programs(*, unique: bool = False, transactions: bool = True, most: int = 25) -> st.SearchStrategy[Program]:
    """
    Return strategies of programs.

    Args:
        unique: The records are `Claim`s, with a unique field, instead of `Thing`s.
        transactions: Let programs have them.
        most: At most so many steps.
    """
    filled = st.lists(st.builds(Put, values(unique=unique)), min_size=2, max_size=6)
    following = st.lists(steps(unique=unique, transactions=transactions), min_size=min(8, most), max_size=most)
    return st.tuples(filled, following).map(lambda parts: (*parts[0], *parts[1]))
