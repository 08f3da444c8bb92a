"""The trees that the parsers make; names and values are already resolved in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Path:
    """A document path: attribute names, and positions in lists."""

    elements: tuple[str | int, ...]

    @property
    def top(self) -> str:
        """The attribute of the item in which the path begins."""
        return str(self.elements[0])

    def __str__(self) -> str:
        return "[" + ", ".join(f"[{part}]" if isinstance(part, int) else part for part in self.elements) + "]"


@dataclass(frozen=True, eq=False)
class Value:
    """A literal: one of ExpressionAttributeValues."""

    placeholder: str
    content: Mapping[str, Any]

    @property
    def type(self) -> str:
        """Its type, such as "S"."""
        return next(iter(self.content))

    def __str__(self) -> str:
        shown = self.content[self.type]
        return f"AttributeValue: {{{self.type}:{shown}}}"


@dataclass(frozen=True, eq=False)
class Call:
    """A function and its arguments."""

    name: str
    arguments: tuple[Operand, ...]


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """Two operands of an update, joined by + or -."""

    operator: str
    left: Operand
    right: Operand


Operand = Path | Value | Call | Arithmetic


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two operands and a comparator."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, eq=False)
class Between:
    """An operand and its two bounds."""

    operand: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True, eq=False)
class In:
    """An operand and what it may equal."""

    operand: Operand
    options: tuple[Operand, ...]


@dataclass(frozen=True, eq=False)
class Logical:
    """Conditions joined by AND or OR."""

    operator: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, eq=False)
class Not:
    """A negated condition."""

    condition: Condition


@dataclass(frozen=True, eq=False)
class Group:
    """A condition in parentheses."""

    condition: Condition


Condition = Comparison | Between | In | Logical | Not | Group | Call


@dataclass(frozen=True, eq=False)
class Action:
    """One action of an update: `clause` is SET, REMOVE, ADD or DELETE."""

    clause: str
    path: Path
    value: Operand | None = None


def paths_of(node: Condition | Operand) -> Iterator[Path]:
    """Yield every document path in a condition or operand."""
    if isinstance(node, Path):
        yield node
    for child in _children(node):
        yield from paths_of(child)


def _children(node: Condition | Operand) -> tuple[Condition | Operand, ...]:  # noqa: PLR0911  # one of each kind
    match node:
        case Comparison():
            return (node.left, node.right)
        case Between():
            return (node.operand, node.low, node.high)
        case In():
            return (node.operand, *node.options)
        case Logical():
            return node.conditions
        case Not() | Group():
            return (node.condition,)
        case Call():
            return node.arguments
        case Arithmetic():
            return (node.left, node.right)
        case _:
            return ()
