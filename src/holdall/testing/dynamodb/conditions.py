"""Condition, filter and key condition expressions (developer guide: comparison operator and function reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import refuse
from .lexer import COMPARATORS
from .parser import CONDITION_FUNCTIONS, Parser
from .syntax import Between, Call, Comparison, Condition, Group, In, Logical, Not, Operand, Path, Value
from .values import TYPES, scalar

if TYPE_CHECKING:
    from .scope import Scope

_MAX_OPTIONS = 100
_ORDERED = ("S", "N", "B")
_NEED_PATH = ("attribute_exists", "attribute_not_exists", "attribute_type")
_FIRST = {"begins_with": ("S", "B"), "size": tuple(set(TYPES) - {"N", "BOOL", "NULL"})}
_SECOND = {"attribute_type": ("S",), "begins_with": ("S", "B"), "contains": TYPES}


def parse_condition(expression: str, label: str, scope: Scope) -> Condition:
    """
    Return the tree of a condition, filter or key condition.

    Raises:
        RequestRefused: It is not of the grammar, or an operand is not one that its operator takes.
    """
    parser = ConditionParser(expression, label, scope)
    try:
        condition = parser.either()
    except RecursionError:
        refuse(f"Invalid {label}: The expression is nested too deeply")
    parser.expect_end()
    return condition


class ConditionParser(Parser):
    """OR binds least, then AND, then NOT."""

    functions = CONDITION_FUNCTIONS

    def either(self) -> Condition:
        """Return conditions joined by OR, or the only one."""
        found = [self._both()]
        while self.token.is_word("OR"):
            self.advance()
            found.append(self._both())
        return found[0] if len(found) == 1 else Logical("OR", tuple(found))

    def _both(self) -> Condition:
        found = [self._negated()]
        while self.token.is_word("AND"):
            self.advance()
            found.append(self._negated())
        return found[0] if len(found) == 1 else Logical("AND", tuple(found))

    def _negated(self) -> Condition:
        if not self.token.is_word("NOT"):
            return self._group() if self.token.is_symbol("(") else self._test()
        self.advance()
        return Not(self._negated())

    def _group(self) -> Condition:
        self.expect("(")
        inner = self.either()
        self.expect(")")
        if isinstance(inner, Group):
            self.refuse("The expression has redundant parentheses;")
        return Group(inner)

    def _test(self) -> Condition:
        left = self.operand()
        self._check_arguments(left)
        if self.token.is_symbol(*COMPARATORS):
            return self._comparison(left)
        if self.token.is_word("BETWEEN"):
            return self._between(left)
        if self.token.is_word("IN"):
            return self._in(left)
        return self._function(left)

    def _function(self, left: Operand) -> Call:
        if not isinstance(left, Call):
            self.fail()
        if left.name == "size":
            self._refuse_use(left)
        return left

    def _comparison(self, left: Operand) -> Comparison:
        operator = self.advance().text
        right = self._right()
        self._check_operands(operator, left, right)
        if operator not in ("=", "<>"):
            self._check_ordered(operator, left, right)
        return Comparison(operator, left, right)

    def _between(self, operand: Operand) -> Between:
        self.advance()
        low = self._right()
        if not self.token.is_word("AND"):
            self.fail()
        self.advance()
        high = self._right()
        self._check_operands("BETWEEN", operand, low, high)
        self._check_ordered("BETWEEN", operand, low, high)
        self._check_bounds(low, high)
        return Between(operand, low, high)

    def _in(self, operand: Operand) -> In:
        self.advance()
        self.expect("(")
        options = [self._right()]
        while self.accept(","):
            options.append(self._right())
        self.expect(")")
        if len(options) > _MAX_OPTIONS:
            self.refuse(f"The IN operator is provided with too many operands; number of operands: {len(options)}")
        self._check_operands("IN", operand, *options)
        return In(operand, tuple(options))

    def _right(self) -> Operand:
        operand = self.operand()
        self._check_arguments(operand)
        return operand

    def _check_operands(self, operator: str, first: Operand, *others: Operand) -> None:
        for operand in (first, *others):
            if isinstance(operand, Call) and operand.name != "size":
                self._refuse_use(operand)
        if isinstance(first, Path) and first in others:
            self.refuse(
                "The first operand must be distinct from the remaining operands for this operator or function; "
                f"operator: {operator}, first operand: {first}"
            )
        if any(isinstance(operand, Call) for operand in (first, *others)):
            self._check_literals(operator, ("N",), first, *others)

    def _check_ordered(self, operator: str, *operands: Operand) -> None:
        self._check_literals(operator, _ORDERED, *operands)

    def _check_literals(self, name: str, allowed: tuple[str, ...], *operands: Operand) -> None:
        for operand in operands:
            if isinstance(operand, Value) and operand.type not in allowed:
                self.refuse_type(name, operand.type)

    def _check_bounds(self, low: Operand, high: Operand) -> None:
        if not (isinstance(low, Value) and isinstance(high, Value)):
            return
        shown = f"lower bound operand: {low}, upper bound operand: {high}"
        if low.type != high.type:
            self.refuse(f"The BETWEEN operator requires same data type for lower and upper bounds; {shown}")
        lowest: Any = scalar(low.content)
        if lowest > scalar(high.content):
            self.refuse(
                f"The BETWEEN operator requires upper bound to be greater than or equal to lower bound; {shown}"
            )

    def _check_arguments(self, operand: Operand) -> None:
        if not isinstance(operand, Call):
            return
        for argument in operand.arguments:
            if isinstance(argument, Call):
                self._check_nested(operand, argument)
        if operand.name in _NEED_PATH and not isinstance(operand.arguments[0], Path):
            self.refuse(f"Operator or function requires a document path; operator or function: {operand.name}")
        self._check_literals(operand.name, _FIRST.get(operand.name, TYPES), operand.arguments[0])
        if len(operand.arguments) > 1:
            self._check_second(operand, operand.arguments[1])

    def _check_nested(self, outer: Call, inner: Call) -> None:
        if inner.name != "size" or outer.name != "contains":
            self._refuse_use(inner)
        self._check_arguments(inner)

    def _check_second(self, call: Call, second: Operand) -> None:
        self._check_literals(call.name, _SECOND[call.name], second)
        if call.name == "attribute_type":
            self._check_type_name(second)
        if call.arguments[0] == second:
            self.refuse(
                "The first operand must be distinct from the remaining operands for this operator or function; "
                f"operator: {call.name}, first operand: {second}"
            )

    def _check_type_name(self, second: Operand) -> None:
        if not isinstance(second, Value) or second.content["S"] not in TYPES:
            self.refuse(f"Invalid attribute type name found; type: {second}, valid types: {{{','.join(TYPES)}}}")

    def _refuse_use(self, call: Call) -> None:
        self.refuse(f"The function is not allowed to be used this way in an expression; function: {call.name}")
