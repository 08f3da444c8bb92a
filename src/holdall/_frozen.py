"""
Frozen value classes: what `@dataclass(frozen=True)` gives, without its price at a cold start.

The standard decorator imports `inspect` and compiles six methods a class, 2 ms each on a Lambda's processor, before
the first line of the program runs. Here `__init__` alone is compiled, and that when the first object is made.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object) -> Callable[[T], T]:
        return lambda decorator: decorator


T = TypeVar("T")


@overload
def frozen(cls: type[T], /) -> type[T]: ...
@overload
def frozen(*, eq: bool) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True)
def frozen(cls: type[T] | None = None, /, *, eq: bool = True) -> Any:
    """
    Make a class a frozen value: its annotations are its fields, what is assigned to them their defaults.

    Args:
        cls: The class.
        eq: Objects are equal where their fields are; otherwise each is equal to itself only.
    """
    return functools.partial(_made, eq=eq) if cls is None else _made(cls, eq=eq)


def field_names(cls: Any) -> tuple[str, ...]:
    """Return the names of the fields of a frozen class."""
    names: tuple[str, ...] = cls.__match_args__
    return names


def replace(value: T, /, **changes: Any) -> T:
    """Return a copy of a frozen value, some of its fields changed."""
    return type(value)(**{**_fields(value), **changes})


def _made(cls: Any, *, eq: bool) -> Any:
    setattr(cls, "__match_args__", tuple(cls.__annotations__))  # noqa: B010 - mypy takes an assignment for a mistake
    cls.__init__ = _LazyInit(cls)
    cls.__replace__ = replace
    cls.__setattr__ = cls.__delattr__ = _refuse
    if eq:
        cls.__eq__, cls.__hash__ = _equal, _hash
    if cls.__repr__ is object.__repr__:
        cls.__repr__ = _repr
    return cls


class _LazyInit:
    """Stands for `__init__` until it is asked for, by the first object or by `inspect`."""

    def __init__(self, cls: Any) -> None:
        self._cls = cls

    def __get__(self, instance: Any, owner: Any) -> Any:
        made = _compiled(self._cls)
        self._cls.__init__ = made
        return made.__get__(instance, owner)


def _compiled(cls: Any) -> Any:
    names = field_names(cls)
    defaults: dict[str, Any] = {name: vars(cls)[name] for name in names if name in vars(cls)}
    parameters = ", ".join(f"{name}=defaults[{name!r}]" if name in defaults else name for name in names)
    # Into the dict, since `__setattr__` refuses, and `object.__setattr__` takes twice as long.
    lines = [f"def __init__(self, {parameters}):", " own = self.__dict__"]
    lines += [f" own[{name!r}] = {name}" for name in names]
    scope: dict[str, Any] = {"defaults": defaults}
    # Only names of the classes of this package are in the text.
    exec("\n".join(lines), scope)  # noqa: S102 - see the line above
    made = scope["__init__"]
    made.__qualname__, made.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
    return made


def _refuse(self: Any, name: str, *_: object) -> NoReturn:
    raise AttributeError(f"{type(self).__name__} is frozen: {name!r} can't be changed")


def _fields(value: Any) -> dict[str, Any]:
    return {name: value.__dict__[name] for name in value.__match_args__}


def _equal(self: Any, other: object) -> bool:
    return _fields(self) == _fields(other) if type(self) is type(other) else NotImplemented


def _hash(self: Any) -> int:
    return hash((self.__class__, *_fields(self).values()))


def _repr(self: Any) -> str:
    return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in _fields(self).items())})"
