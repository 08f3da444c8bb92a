"""The short way for plain values, as text for the functions that are compiled for a class: `one` is the value."""

from __future__ import annotations

from holdall._frozen import frozen
from holdall._model import kinds


@frozen
class Inline:
    """Where the test `when` is true of `one`, `encode` is its attribute value; `decode` takes one back."""

    when: str
    encode: str
    decode: str


SHORTCUTS: dict[type[kinds.Kind], Inline] = {
    kinds.Str: Inline("one.__class__ is str and one.isascii()", '{"S": one}', 'one["S"]'),
    kinds.Bool: Inline("one.__class__ is bool", '{"BOOL": one}', 'one["BOOL"]'),
    kinds.Int: Inline("one.__class__ is int and -(10**36) < one < 10**36", '{"N": str(one)}', 'int(one["N"])'),
    kinds.Float: Inline(
        "one.__class__ is float and 1e-4 <= abs(one) < 1e16", '{"N": repr(one)}', 'float(one["N"])'
    ),
}
