"""What the parsers of all expressions share: tokens, paths, values and function calls; and projections."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NoReturn

from .errors import refuse
from .lexer import Token, tokens_of
from .syntax import Call, Operand, Path

if TYPE_CHECKING:
    from .scope import Scope
    from .syntax import Value

_MAX_DEPTH = 32
CONDITION_FUNCTIONS = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
}
UPDATE_FUNCTIONS = {"if_not_exists": 2, "list_append": 2}


class Parser:
    """Reads an expression from left to right; `label` is the parameter it came in."""

    functions: dict[str, int] = {}  # noqa: RUF012 - replaced, never changed

    def __init__(self, expression: str, label: str, scope: Scope) -> None:
        self.label = label
        self._scope = scope
        self._tokens = tokens_of(expression, label)
        self._position = 0
        scope.begin()

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self._tokens[self._position]

    def advance(self) -> Token:
        """Return the next token, and go past it."""
        token = self.token
        self._position += 1
        return token

    def accept(self, symbol: str) -> bool:
        """Return whether the next token is this symbol, and go past it then."""
        found = self.token.is_symbol(symbol)
        self._position += found
        return found

    def expect(self, symbol: str) -> None:
        """
        Go past a symbol.

        Raises:
            RequestRefused: The next token is another.
        """
        if not self.accept(symbol):
            self.fail()

    def expect_end(self) -> None:
        """
        Check that nothing is left.

        Raises:
            RequestRefused: Something is.
        """
        if self.token.kind != "end":
            self.fail()

    def fail(self) -> NoReturn:
        """
        Refuse the next token.

        Raises:
            RequestRefused: Always.
        """
        near = " ".join(token.text for token in self._tokens[max(0, self._position - 1) : self._position + 2])
        self.refuse(f'Syntax error; token: "{self.token.text}", near: "{near}"')

    def refuse(self, message: str) -> NoReturn:
        """
        Refuse the expression.

        Raises:
            RequestRefused: Always.
        """
        refuse(f"Invalid {self.label}: {message}")

    def path(self) -> Path:
        """
        Return the document path that comes next.

        Raises:
            RequestRefused: There is none, or it has more than 32 elements.
        """
        elements: list[str | int] = [self._name()]
        while self.token.is_symbol(".", "["):
            elements.append(self._name() if self.advance().text == "." else self._subscript())
        if len(elements) > _MAX_DEPTH:
            self.refuse(f"The document path has too many nesting elements; nesting levels: {len(elements)}")
        return Path(tuple(elements))

    def value(self) -> Value:
        """
        Return the literal that comes next.

        Raises:
            RequestRefused: There is none, or it is not defined.
        """
        if self.token.kind != "value":
            self.fail()
        return self._scope.value(self.advance().text, self.label)

    def operand(self) -> Operand:
        """
        Return the path, literal or function call that comes next.

        Raises:
            RequestRefused: There is none.
        """
        if self.token.kind == "value":
            return self.value()
        return self.call() if self.at_call() else self.path()

    def at_call(self) -> bool:
        """Return whether a function's name and a parenthesis come next."""
        return self.token.kind == "word" and self._tokens[self._position + 1].is_symbol("(")

    def call(self) -> Call:
        """
        Return the function call that comes next.

        Raises:
            RequestRefused: The function is unknown, not allowed here, or called with a wrong number of operands.
        """
        name = self.advance().text
        self._check_function(name)
        self.expect("(")
        arguments = [self.operand()]
        while self.accept(","):
            arguments.append(self.operand())
        self.expect(")")
        if len(arguments) != self.functions[name]:
            self.refuse(
                "Incorrect number of operands for operator or function; operator or function: "
                f"{name}, number of operands: {len(arguments)}"
            )
        return Call(name, tuple(arguments))

    def refuse_type(self, name: str, kind: str) -> NoReturn:
        """
        Refuse the type of a literal.

        Raises:
            RequestRefused: Always.
        """
        self.refuse(
            f"Incorrect operand type for operator or function; operator or function: {name}, operand type: {kind}"
        )

    def check_overlap(self, paths: list[Path]) -> None:
        """
        Check that no two paths are, or lie within, each other, and that none is taken both as a list and a map.

        Raises:
            RequestRefused: Two do.
        """
        for one, two in combinations(paths, 2):
            problem = _collision(one, two)
            if problem:
                self.refuse(
                    f"Two document paths {problem} with each other; must remove or rewrite one of these paths; "
                    f"path one: {one}, path two: {two}"
                )

    def _name(self) -> str:
        if self.token.kind == "name":
            return self._scope.name(self.advance().text, self.label)
        if self.token.kind != "word":
            self.fail()
        return self._scope.bare(self.advance().text, self.label)

    def _subscript(self) -> int:
        if self.token.kind != "number":
            self.fail()
        index = int(self.advance().text)
        self.expect("]")
        return index

    def _check_function(self, name: str) -> None:
        if name in self.functions:
            return
        if name in CONDITION_FUNCTIONS or name in UPDATE_FUNCTIONS:
            where = "update" if name in CONDITION_FUNCTIONS else "condition"
            self.refuse(f"The function is not allowed in {_ARTICLES[where]} {where} expression; function: {name}")
        self.refuse(f"Invalid function name; function: {name}")


_ARTICLES = {"update": "an", "condition": "a"}


def parse_projection(expression: str, label: str, scope: Scope) -> list[Path]:
    """
    Return the paths of a ProjectionExpression.

    Raises:
        RequestRefused: It is no list of paths, or two of them overlap.
    """
    parser = Parser(expression, label, scope)
    paths = [parser.path()]
    while parser.accept(","):
        paths.append(parser.path())
    parser.expect_end()
    parser.check_overlap(paths)
    return paths


def _collision(one: Path, two: Path) -> str | None:
    for left, right in zip(one.elements, two.elements, strict=False):
        if isinstance(left, int) != isinstance(right, int):
            return "conflict"
        if left != right:
            return None
    return "overlap"
