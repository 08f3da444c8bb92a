"""
Planning a query: which key or index serves it, what the backend filters, and what is filtered here.

The choice depends on the model and the conditions alone, not on the backend, so that a query refused in production
is refused in the first test on memory too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import drivers
from .._frozen import frozen, replace
from ..errors import QueryRefused
from .ranges import Nothing, SortChoice, choose_sort, key_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .._model.schema import Field, IndexSpec, Model
    from ..drivers import Capabilities, KeyPart, SortRange, Test


@frozen
class Branch:
    """One range to read: a partition, and what is asked of the sort key."""

    partition: KeyPart
    sort: SortRange | None = None


@frozen
class Plan:
    """How a query will be carried out."""

    index: IndexSpec
    branches: tuple[Branch, ...]
    gets: bool
    """Every branch is one record by its full key."""
    backend_filter: Test | None
    here_filter: Test | None
    descending: bool
    rejected: tuple[tuple[str, str], ...]
    """The other indexes, each with the reason why it was not taken."""
    scan: bool = False

    @property
    def filtered(self) -> bool:
        """Whether more items may be read than answer the query."""
        return self.backend_filter is not None or self.here_filter is not None


@frozen
class Wanted:
    """What a query asks, resolved."""

    terms: tuple[Test, ...]
    order: Field | None
    descending: bool
    fields: tuple[Field, ...] | None
    consistent: bool
    hidden: Test | None
    """The engine's own filter (expiry), which is part of no key range."""


def plan_query(model: Model[Any], wanted: Wanted, capabilities: Capabilities) -> Plan:
    """
    Choose the cheapest way to answer a query.

    Raises:
        QueryRefused: No key or index serves it.
    """
    wanted_terms = tuple(simplify(term) for term in wanted.terms)
    best: tuple[int, Plan] | None = None
    reasons: list[tuple[str, str]] = []
    for index in (model.key, *model.indexes):
        served = _serve(model, index, wanted, wanted_terms, capabilities)
        if isinstance(served, str):
            reasons.append((index_words(index), served))
        elif best is None or served[0] < best[0]:
            reasons += [] if best is None else [(index_words(best[1].index), f"{index_words(index)} reads less")]
            best = served
        else:
            reasons.append((index_words(index), f"{index_words(best[1].index)} reads no more"))
    if best is None:
        raise QueryRefused(_refused_as_consistent(model, wanted, wanted_terms, capabilities)
                           or _refusal(model, wanted, wanted_terms, reasons))
    plan = best[1]
    return Plan(plan.index, plan.branches, plan.gets, plan.backend_filter, plan.here_filter, plan.descending,
                tuple(reasons))


def plan_scan(model: Model[Any], wanted: Wanted, capabilities: Capabilities) -> Plan:
    """Return the plan that reads the whole table."""
    backend, here = _split(model.key, _with_hidden(wanted.terms, wanted), capabilities)
    return Plan(model.key, (), False, backend, here, False, (), scan=True)


def index_words(index: IndexSpec) -> str:
    """Return an index in words, for `explain()` and messages."""
    return "the table's key" if index.name is None else f"index {index.name}"


def simplify(term: Test) -> Test:
    """Turn `a == 1 | a == 2` on one field into `a in (1, 2)`, which keys can serve."""
    if not isinstance(term, drivers.AnyOf) or not term.parts:
        return term
    leaves = [part for part in term.parts if isinstance(part, drivers.Leaf) and part.op in ("=", "in")]
    if len(leaves) < len(term.parts) or any(leaf.path != leaves[0].path or leaf.size for leaf in leaves):
        return term
    first = leaves[0]
    values = tuple(value for leaf in leaves for value in leaf.values)
    portable = tuple(value for leaf in leaves for value in leaf.portable)
    return drivers.Leaf(first.path, "in", first.kind, first.operand_kind, values, portable)


def leaves_of(test: Test) -> Iterator[drivers.Leaf]:
    """Yield every comparison of a test."""
    if isinstance(test, drivers.Leaf):
        yield test
    elif isinstance(test, (drivers.All, drivers.AnyOf)):
        for part in test.parts:
            yield from leaves_of(part)


def _serve(
    model: Model[Any], index: IndexSpec, wanted: Wanted, terms: tuple[Test, ...], capabilities: Capabilities
) -> tuple[int, Plan] | str:
    problem = _unusable(model, index, wanted, terms, capabilities)
    if problem:
        return problem
    try:
        partitions, used = key_values(terms, index.partition)
        if not partitions:
            return f"no condition gives {index.partition.name} by = or in"
        sort = choose_sort(terms, index.sort) if index.sort is not None else SortChoice()
    except Nothing:
        return 0, Plan(index, (), False, None, None, wanted.descending, ())
    if wanted.order is not None and len(partitions) > 1:
        return f"several values of {index.partition.name} have no common order"
    rest = [term for term in terms if term not in used and term not in sort.used]
    backend, here = _split(index, _with_hidden([*rest, *sort.left_over], wanted), capabilities)
    ranges = sort.ranges(descending=wanted.descending)
    branches = tuple(Branch(part, one) for part in partitions for one in ranges)
    exact = index.sort is None or all(branch.sort is not None and branch.sort.op == "=" for branch in branches)
    gets = index.name is None and exact
    plan = Plan(index, branches, gets, None if gets else backend,
                _join([backend, here]) if gets else here, wanted.descending, ())
    return _cost(index, sort, gets), plan


def _cost(index: IndexSpec, sort: SortChoice, gets: bool) -> int:
    narrow = 1 if sort.values is not None else 2 if sort.range is not None else 3
    # An index that leaves out records without its sort field gives way to one that holds them all.
    partial = narrow == 3 and index.sort is not None and index.sort.optional
    return 0 if gets else narrow * 4 + (0 if index.name is None else 2) + partial


def _unusable(
    model: Model[Any], index: IndexSpec, wanted: Wanted, terms: Sequence[Test], capabilities: Capabilities
) -> str | None:
    if wanted.order is not None and (index.sort is None or wanted.order is not index.sort):
        return f"it is not ordered by {wanted.order.name}"
    if wanted.consistent and index.name is not None and not capabilities.consistent_index_reads:
        return "the backend reads indexes eventually consistent only, and consistent=True was asked"
    if index.projected is None:
        return None
    needed = {field.name for field in (model.fields if wanted.fields is None else wanted.fields)}
    by_stored = {field.stored: field.name for field in model.fields}
    tests = [*terms, *([] if wanted.hidden is None else [wanted.hidden])]
    needed |= {by_stored[str(leaf.path[0])] for term in tests for leaf in leaves_of(term)}
    lacking = sorted(needed - index.projected)
    return f"its projection lacks {', '.join(lacking)}" if lacking else None


def _with_hidden(terms: Sequence[Test], wanted: Wanted) -> list[Test]:
    return [*terms, *([] if wanted.hidden is None else [wanted.hidden])]


def _split(index: IndexSpec, terms: Sequence[Test], capabilities: Capabilities) -> tuple[Test | None, Test | None]:
    """Split what no key range expresses into the backend's filter and ours."""
    keys = {field.stored for field in index.keys}
    terms = [term for term in terms if term != drivers.All(())]
    ours = [term for term in terms if not capabilities.filters_keys and any(leaf.path[0] in keys
                                                                           for leaf in leaves_of(term))]
    return _join([term for term in terms if term not in ours]), _join(ours)


def _join(terms: Sequence[Test | None]) -> Test | None:
    given = tuple(term for term in terms if term is not None)
    return None if not given else given[0] if len(given) == 1 else drivers.All(given)


def _refused_as_consistent(
    model: Model[Any], wanted: Wanted, terms: tuple[Test, ...], capabilities: Capabilities
) -> str | None:
    """Return the refusal of a query that an index would serve but for `consistent=True`; None for another."""
    relaxed = replace(wanted, consistent=False)
    for index in model.indexes if wanted.consistent else ():
        if not isinstance(_serve(model, index, relaxed, terms, capabilities), str):
            return (f"{index_words(index)} would serve this query of {model.name}, but this backend reads indexes "
                    "eventually consistent only; drop consistent=True, or ask by the table's key")
    return None


def _refusal(
    model: Model[Any], wanted: Wanted, terms: Sequence[Test], reasons: Sequence[tuple[str, str]]
) -> str:
    by_stored = {field.stored: field for field in model.fields}
    tops = [leaf for leaf in terms if isinstance(leaf, drivers.Leaf) and len(leaf.path) == 1 and not leaf.size]
    equal = [by_stored[str(leaf.path[0])].name for leaf in tops if leaf.op in ("=", "in")]
    ranged = [by_stored[str(leaf.path[0])].name for leaf in tops if leaf.op in _RANGES]
    partition = next((name for name in equal if wanted.order is None or name != wanted.order.name), None)
    why = "; ".join(f"{index}: {reason}" for index, reason in reasons)
    others = [name for name in ([wanted.order.name] if wanted.order else []) + ranged + equal if name != partition]
    if partition is None:
        line = _index_line(model, "<a field given by = or in>", others[:1]) if others else ""
        return (f"no key or index serves this query of {model.name} ({why}). Give a partition key by = or in, or "
                f"read the whole table with scan(...){line and '; an index begins with such a field: ' + line}")
    return (f"no key or index serves this query of {model.name} ({why}). Add to the class: "
            + _index_line(model, partition, others[:1]))


def _index_line(model: Model[Any], partition: str, sort: Sequence[str]) -> str:
    taken = {index.name for index in model.indexes} | set(model.by_name)
    parts = [partition, *sort] if partition in model.by_name else [*sort]
    names = ["by_" + "_".join(parts[:1]), "by_" + "_".join(parts), "by_" + "_".join([*parts, "2"])]
    fields = ", ".join(f'"{part}"' for part in (partition, *sort))
    return f"{next(name for name in names if name not in taken)} = Index({fields})"


_RANGES = frozenset({"<", "<=", ">", ">=", "between", "startswith"})
