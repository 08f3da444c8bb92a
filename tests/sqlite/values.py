"""Random portable values."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**40), max_value=10**40).map(
    lambda number: number.normalize()
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**30), 10**30), decimals, texts, st.binary(max_size=8),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e100, max_value=1e100).map(lambda f: Decimal(repr(f))),
)  # fmt: skip
keys = st.one_of(texts, st.sampled_from(["$set", "$bytes", "$number", "$map", "$other"]))
sets = st.one_of(
    st.sets(texts, min_size=1, max_size=4), st.sets(st.integers(), min_size=1, max_size=4),
    st.sets(st.binary(max_size=3), min_size=1, max_size=4), st.sets(decimals, min_size=1, max_size=4),
    st.sets(st.one_of(texts, st.integers()), min_size=1, max_size=4),
)  # fmt: skip
documents = st.recursive(
    st.one_of(scalars, sets), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
)

