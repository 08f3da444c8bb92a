"""A text that does not show itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, cast

from .errors import InvalidArgument

if TYPE_CHECKING:
    from collections.abc import Callable

_HIDDEN = "**********"


class Secret:
    """
    A text that is shown by `reveal()` alone: never by `repr`, `str`, formatting, logs, pickles or debuggers' variables.

    Two are equal where their texts are, which is compared in constant time. It can't be pickled or written as JSON;
    a copy of it is itself.

    Raises:
        InvalidArgument: It is made of something else than text.
    """

    __slots__ = ("_held",)

    def __init__(self, text: str) -> None:
        if not isinstance(cast("object", text), str):
            kind = type(text).__name__
            del text  # which a traceback with variables would show
            raise InvalidArgument(f"a Secret is made of text; got a value of type {kind}")
        # In a closure, since whatever walks attributes would find it.
        self._held: Callable[[], str] = lambda: text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._held()

    def __repr__(self) -> str:
        return f"Secret({_HIDDEN!r})"

    def __str__(self) -> str:
        return _HIDDEN

    def __format__(self, spec: str) -> str:
        return format(_HIDDEN, spec)

    def __eq__(self, other: object) -> bool:
        # Imported here: few programs compare secrets.
        from hmac import compare_digest

        return compare_digest(_bytes(self), _bytes(other)) if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash((Secret, self._held()))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, _: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret can't be pickled; pass the parameter's name on, and read it where it is needed")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Let a pydantic model have it as a field: made of text, or as it is."""
        from pydantic_core import core_schema as made

        text = made.no_info_after_validator_function(cls, made.str_schema())
        hidden = made.plain_serializer_function_ser_schema(str, when_used="json")
        either = made.union_schema([made.is_instance_schema(cls), text])
        return made.json_or_python_schema(text, either, serialization=hidden)


def _bytes(secret: Secret) -> bytes:
    return secret.reveal().encode("utf-8", "surrogatepass")
