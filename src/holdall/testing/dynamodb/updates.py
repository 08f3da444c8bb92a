"""Update expressions (developer guide: update expressions)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import refuse
from .parser import UPDATE_FUNCTIONS, Parser
from .syntax import Action, Arithmetic, Call, Operand, Path, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from .scope import Scope

_CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")
_ALLOWED = {"ADD": ("N", "SS", "NS", "BS"), "DELETE": ("SS", "NS", "BS")}
_SHOWN = {"S": "STRING", "N": "NUMBER", "B": "BINARY", "M": "MAP", "L": "LIST", "BOOL": "BOOLEAN"}


def parse_update(expression: str, label: str, scope: Scope) -> list[Action]:
    """
    Return the actions of an UpdateExpression.

    Raises:
        RequestRefused: It is not of the grammar, a clause is there twice, an operand is of a wrong type, or two
            actions touch overlapping paths.
    """
    parser = UpdateParser(expression, label, scope)
    try:
        actions = parser.clauses()
    except RecursionError:
        refuse(f"Invalid {label}: The expression is nested too deeply")
    parser.check_overlap([action.path for action in actions])
    return actions


class UpdateParser(Parser):
    """Reads the clauses, each of which may be there once."""

    functions = UPDATE_FUNCTIONS

    def clauses(self) -> list[Action]:
        """
        Return the actions of all clauses.

        Raises:
            RequestRefused: Something else than a clause comes, or a clause for the second time.
        """
        found: list[Action] = []
        seen: set[str] = set()
        while self.token.kind != "end":
            clause = self._clause(seen)
            seen.add(clause)
            found += self._actions(clause)
        return found

    def _clause(self, seen: set[str]) -> str:
        if not self.token.is_word(*_CLAUSES):
            self.fail()
        clause = self.advance().text.upper()
        if clause in seen:
            self.refuse(f'The "{clause}" section can only be used once in an update expression;')
        return clause

    def _actions(self, clause: str) -> list[Action]:
        readers: dict[str, Callable[[], Action]] = {"SET": self._set, "REMOVE": self._remove}
        read = readers.get(clause, lambda: self._typed(clause))
        found = [read()]
        while self.accept(","):
            found.append(read())
        return found

    def _set(self) -> Action:
        path = self.path()
        self.expect("=")
        return Action("SET", path, self._sum())

    def _remove(self) -> Action:
        return Action("REMOVE", self.path())

    def _typed(self, clause: str) -> Action:
        path, value = self.path(), self.value()
        if value.type not in _ALLOWED[clause]:
            self.refuse(
                f"Incorrect operand type for operator or function; operator: {clause}, operand type: "
                f"{_SHOWN.get(value.type, value.type)}, typeSet: ALLOWED_FOR_{clause}_OPERAND"
            )
        return Action(clause, path, value)

    def _sum(self) -> Operand:
        left = self._term()
        if not self.token.is_symbol("+", "-"):
            return left
        operator = self.advance().text
        right = self._term()  # and no third one: a sum is not an operand
        for operand in (left, right):
            self._check_number(operator, operand)
        return Arithmetic(operator, left, right)

    def _term(self) -> Operand:
        if self.accept("("):
            inner = self._term()
            self.expect(")")
            return inner
        operand = self.operand()
        self._check_call(operand)
        return operand

    def _check_number(self, operator: str, operand: Operand) -> None:
        if isinstance(operand, Value) and operand.type != "N":
            self.refuse_type(operator, operand.type)
        if isinstance(operand, Call):
            if operand.name == "list_append":
                self.refuse_type(operator, "L")
            self._check_number(operator, operand.arguments[1])

    def _check_call(self, operand: Operand) -> None:
        if not isinstance(operand, Call):
            return
        for argument in operand.arguments:
            self._check_call(argument)
        if operand.name == "if_not_exists":
            self._check_if_not_exists(operand)
        else:
            self._check_list_append(operand)

    def _check_if_not_exists(self, call: Call) -> None:
        if not isinstance(call.arguments[0], Path):
            self.refuse("Operator or function requires a document path; operator or function: if_not_exists")

    def _check_list_append(self, call: Call) -> None:
        for argument in call.arguments:
            if isinstance(argument, Call) and argument.name == "if_not_exists":
                given = argument.arguments[1]
            else:
                given = argument
            if isinstance(given, Value) and given.type != "L":
                self.refuse_type("list_append", given.type)


def stored_literals(action: Action) -> list[Value]:
    """Return the literals that an action may store as they are at its own path."""
    value = action.value
    if isinstance(value, Call) and value.name == "if_not_exists":
        value = value.arguments[1]
    return [value] if isinstance(value, Value) and action.clause in ("SET", "ADD") else []
