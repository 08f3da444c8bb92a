"""The tokens of the expression language, and the limits that are checked on them (developer guide: limits)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from .errors import refuse
from .values import utf8

MAX_EXPRESSION = 4096
MAX_OPERATORS = 300
COMPARATORS = ("=", "<>", "<", "<=", ">", ">=")
_TOKEN = re.compile(
    r"\s*(?:(?P<name>#[A-Za-z0-9_]+)|(?P<value>:[A-Za-z0-9_]+)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<number>[0-9]+)"
    r"|(?P<symbol><>|<=|>=|[=<>()\[\],.+-]))"
)
_OPERATOR_WORDS = ("AND", "OR", "NOT", "IN", "BETWEEN")
_CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")


@dataclass(frozen=True)
class Token:
    """One token: `kind` is name, value, word, number, symbol or end."""

    kind: str
    text: str

    def is_word(self, *words: str) -> bool:
        """Return whether this is one of these keywords, in any case."""
        return self.kind == "word" and self.text.upper() in words

    def is_symbol(self, *symbols: str) -> bool:
        """Return whether this is one of these symbols."""
        return self.kind == "symbol" and self.text in symbols


def tokens_of(expression: str, label: str) -> list[Token]:
    """
    Return the tokens of an expression, and an end.

    Raises:
        RequestRefused: It is empty, has more than 4096 bytes or 300 operators, or holds a stray character.
    """
    size = len(utf8(expression))
    if not expression.strip():
        refuse(f"Invalid {label}: The expression can not be empty;")
    if size > MAX_EXPRESSION:
        refuse(
            f"Invalid {label}: Expression size has exceeded the maximum allowed size; expression size: {size}"
        )
    tokens = [*_split(expression, label), Token("end", "<EOF>")]
    _check_operators(tokens, label)
    return tokens


def _split(expression: str, label: str) -> list[Token]:
    found: list[Token] = []
    position, end = 0, len(expression.rstrip())
    while position < end:
        match = _TOKEN.match(expression, position)
        if match is None:
            refuse(f'Invalid {label}: Syntax error; token: "{expression[position:].strip()[:1]}"')
        kind = match.lastgroup or ""
        found.append(Token(kind, match[kind]))
        position = match.end()
    return found


def _check_operators(tokens: list[Token], label: str) -> None:
    is_update = tokens[0].is_word(*_CLAUSES)
    count = sum(_is_operator(token, after, is_update) for token, after in pairwise(tokens))
    count -= sum(token.is_word("BETWEEN") for token in tokens)  # their AND was counted too
    if count > MAX_OPERATORS:
        refuse(f"Invalid {label}: The expression contains too many operators; operator count: {count}")


def _is_operator(token: Token, after: Token, is_update: bool) -> bool:
    if token.is_word(*_OPERATOR_WORDS) or token.is_symbol("+", "-"):
        return True
    if token.is_symbol(*COMPARATORS):
        return not is_update
    return token.kind == "word" and after.is_symbol("(")
