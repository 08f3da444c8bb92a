"""What conditions say of a key field: its values, or one range, as a key condition can express it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import drivers
from .._frozen import frozen
from .._model.kinds import BadValue, Portable, is_number
from .base import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._model.schema import Field
    from ..drivers import KeyPart, Leaf, SortRange, Test


class Nothing(Exception):
    """The conditions contradict each other, so no record fits."""


@frozen
class SortChoice:
    """What a key condition on the sort key says, the terms it stands for, and what it leaves to a filter."""

    values: tuple[KeyPart, ...] | None = None
    range: SortRange | None = None
    used: tuple[Test, ...] = ()
    left_over: tuple[Test, ...] = ()

    def ranges(self, *, descending: bool) -> list[SortRange | None]:
        """Return the ranges to read, in the order of the query."""
        if self.values is None:
            return [self.range]
        exact: list[SortRange | None] = [drivers.SortRange("=", (v.value,), (v.portable,)) for v in self.values]
        return exact[::-1] if descending else exact


def key_values(terms: Sequence[Test], key: Field) -> tuple[tuple[KeyPart, ...], tuple[Test, ...]]:
    """
    Return the values that `=` and `in` give a key field, sorted and distinct, and the terms used.

    Raises:
        Nothing: They contradict each other.
    """
    used = tuple(leaf for leaf in _on(terms, key) if leaf.op in ("=", "in"))
    if not used:
        return (), ()
    found: dict[Any, KeyPart] | None = None
    for leaf in used:
        here = {canonical(p): drivers.KeyPart(v, canonical(p))
                for v, p in zip(leaf.values, leaf.portable, strict=True) if _possible(key, p)}
        found = here if found is None else {p: part for p, part in found.items() if p in here}
    if not found:
        raise Nothing
    return tuple(found[p] for p in sorted(found)), used


def _possible(key: Field, operand: Portable) -> bool:
    """Return whether a key can have this value: not an empty one, nor 2.5 where the field is an int."""
    if operand in ("", b""):
        return False
    try:
        return not is_number(operand) or bool(key.kind.lower(key.kind.lift(operand)) == operand)
    except BadValue:
        return False


def choose_sort(terms: Sequence[Test], key: Field) -> SortChoice:
    """
    Return what the conditions say of a sort key, as one key condition.

    `>=` and `<=` become one BETWEEN; a strict bound beside another bound is read inclusively and the edge left to a
    filter, since a key condition holds one operator only.

    Raises:
        Nothing: They contradict each other.
    """
    on_key = [leaf for leaf in _on(terms, key) if leaf.op in _USABLE]
    values, _ = key_values(terms, key)
    if values:
        rest = tuple(term for term in on_key if term.op not in ("=", "in"))
        return SortChoice(values, None, tuple(on_key), rest)
    prefix = next((leaf for leaf in on_key if leaf.op == "startswith" and leaf.portable[0] not in ("", b"")), None)
    if prefix is not None:
        rest = tuple(term for term in on_key if term is not prefix)
        return SortChoice(None, drivers.SortRange("startswith", prefix.values, prefix.portable), tuple(on_key), rest)
    return _bounded([leaf for leaf in on_key if leaf.op != "startswith"], tuple(on_key))


_USABLE = frozenset({"=", "in", "<", "<=", ">", ">=", "between", "startswith"})


def _on(terms: Sequence[Test], key: Field) -> list[Leaf]:
    leaves = (term for term in terms if isinstance(term, drivers.Leaf))
    return [leaf for leaf in leaves if leaf.path == (key.stored,) and not leaf.size]


@frozen
class _Bound:
    value: Any
    portable: Any
    strict: bool
    leaf: Leaf


def _bounded(leaves: Sequence[Leaf], used: tuple[Leaf, ...]) -> SortChoice:
    lows = [_Bound(leaf.values[0], leaf.portable[0], leaf.op == ">", leaf) for leaf in leaves
            if leaf.op in (">", ">=", "between") and leaf.portable[0] not in ("", b"")]
    highs = [_Bound(leaf.values[-1], leaf.portable[-1], leaf.op == "<", leaf) for leaf in leaves
             if leaf.op in ("<", "<=", "between")]
    low = max(lows, key=lambda b: (b.portable, b.strict), default=None)
    high = min(highs, key=lambda b: (b.portable, not b.strict), default=None)
    if high is not None and high.portable in ("", b""):
        raise Nothing
    if low is None or high is None:
        return SortChoice(None, _one_sided(low, high), used)
    if low.portable > high.portable or (low.portable == high.portable and (low.strict or high.strict)):
        raise Nothing
    edges = tuple(drivers.Leaf(b.leaf.path, ">" if b is low else "<", b.leaf.kind, b.leaf.operand_kind, (b.value,),
                               (b.portable,)) for b in (low, high) if b.strict)
    both = drivers.SortRange("between", (low.value, high.value), (low.portable, high.portable))
    return SortChoice(None, both, used, edges)


def _one_sided(low: _Bound | None, high: _Bound | None) -> SortRange | None:
    if low is not None:
        return drivers.SortRange(">" if low.strict else ">=", (low.value,), (low.portable,))
    if high is not None:
        return drivers.SortRange("<" if high.strict else "<=", (high.value,), (high.portable,))
    return None
