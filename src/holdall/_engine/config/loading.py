"""Settings classes out of a tree of raw values, with every problem at once. Pure."""

from __future__ import annotations

import typing
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ..._model.annotations import options_of, strip
from ..._model.families import family_of, is_record_class
from ..._model.kinds.portable import is_map
from .scalars import Bad, Reader, found_of
from .trees import fold
from .typed import parsed, reader_of, record_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..._model.families import Declared, Family

MISSING = "it is missing"
_SHORT = 3


class Wrong(NamedTuple):
    """Stands for what could not be made: all that is bad about it."""

    problems: Sequence[Bad]


@lru_cache(200)
def _described(cls: type) -> tuple[Family, bool]:
    # pydantic knows types that are not known here, and reads them itself.
    return family_of(cls), hasattr(cls, "__pydantic_core_schema__")


def check(annotation: Any) -> None:
    """
    Check that all of an annotation can be read, before there are values that the error's traceback would show.

    Raises:
        ConfigError: No value of a type in it can be read from configuration.
        ModelError: A class in it is declared wrongly.
    """
    try:
        _check(annotation, False, ())
    except TypeError:  # it can't be hashed
        _check.__wrapped__(annotation, False, ())


@lru_cache(500)
def _check(annotation: Any, foreign: bool, seen: tuple[type, ...]) -> None:
    cls = record_of(annotation)
    if cls is None:
        reader_of(annotation, foreign=foreign)
        for inner in typing.get_args(strip(annotation)[0]):
            if record_of(inner) is not None or typing.get_args(inner):
                _check(inner, foreign, seen)
    elif cls not in seen:
        family, foreign = _described(cls)
        for field in family.fields:
            _check(field.annotation, foreign, (*seen, cls))


def names_of(cls: type, prefix: str = "", seen: tuple[type, ...] = ()) -> Iterator[str]:
    """Yield the names of the parameters that a settings class may be made of; a class inside itself once."""
    for field in _described(cls)[0].fields:
        name = f"{prefix}{field.name}"
        inner = record_of(field.annotation)
        yield name
        if inner is not None and inner not in (cls, *seen):
            yield from names_of(inner, f"{name}/", (*seen, cls))


def read_record(cls: type, raw: Any) -> Any:
    """Return an object of a settings class, or what is `Wrong`."""
    family, foreign = _described(cls)
    given = _given(cls, raw)
    if isinstance(given, Wrong):
        return given
    values: dict[str, Any] = {}
    wrong: list[Bad] = []
    for field in family.fields:
        if field.name in given:
            wrong += _read(field, given[field.name], foreign, values)
        elif field.required:
            wrong += _missing(field, values, foreign)
    return Wrong(wrong) if wrong else _built(cls, family, values)


def read_given(cls: type, raw: Any) -> Any:
    """Return the values of the fields that are given, those of classes inside as dicts; or what is `Wrong`."""
    given = _given(cls, raw)
    if isinstance(given, Wrong):
        return given
    values: dict[str, Any] = {}
    wrong: list[Bad] = []
    for field in _described(cls)[0].fields:
        inner = record_of(field.annotation)
        if field.name in given and inner is not None:
            values[field.name] = found = read_given(inner, given[field.name])
            wrong += [each.under(field.name) for each in found.problems] if isinstance(found, Wrong) else []
        elif field.name in given:
            wrong += _read(field, given[field.name], True, values)
    return Wrong(wrong) if wrong else values


def _given(cls: type, raw: Any) -> dict[str, Any] | Wrong:
    """Return the raw values by the names of the fields, whose spelling may differ in a source."""
    tree = parsed(raw, "{")
    if not is_map(tree):
        return Wrong([Bad(f"the fields of {cls.__name__}", f"got {found_of(raw)}")])
    spelled = {fold(name): name for name in tree}
    names = {field.name: field.name if field.name in tree else spelled.get(fold(field.name))
             for field in _described(cls)[0].fields}  # fmt: skip
    return {field: tree[name] for field, name in names.items() if name is not None and tree[name] is not None}


def _read(field: Declared, raw: Any, foreign: bool, values: dict[str, Any]) -> Sequence[Bad]:
    inner = record_of(field.annotation)
    value = reader_of(field.annotation, foreign=foreign).read(raw) if inner is None else read_record(inner, raw)
    wrong = [value] if isinstance(value, Bad) else value.problems if isinstance(value, Wrong) else []
    values[field.name] = value
    return [each.under(field.name) for each in wrong]


def _missing(field: Declared, values: dict[str, Any], foreign: bool) -> Sequence[Bad]:
    inner = record_of(field.annotation)
    reader = reader_of(field.annotation, foreign=foreign)
    if options_of(strip(field.annotation)[0])[1]:  # None is a value of the type
        values[field.name] = None
        return []
    # Of a class inside, each name that is missing is told; one that needs none is made of its defaults.
    return _read(field, {}, foreign, values) if inner is not None else [
        Bad(reader.expected, MISSING, (field.name,))
    ]  # fmt: skip


def _built(cls: type, family: Family, values: dict[str, Any]) -> Any:
    try:
        return family.build(values)
    except Exception as error:  # noqa: BLE001 - whatever a class raises, its traceback would show what it was given
        found = _refusals(cls, error, list(_texts(values)))
    return Wrong(found)


def _refusals(cls: type, error: Exception, texts: list[str]) -> list[Bad]:
    """Return what a class says against its values, without the values themselves."""
    told = getattr(error, "errors", None)
    if not hasattr(cls, "__pydantic_core_schema__") or told is None:
        return [Bad(cls.__name__, f"it is refused{_safe(str(error), texts)}")]
    problems: list[dict[str, Any]] = told(include_input=False, include_url=False, include_context=False)
    return [
        Bad(_type_at(cls, each["loc"]), f"it is refused{_safe(each['msg'], texts)}", tuple(map(str, each["loc"])))
        for each in problems
    ]


def _type_at(cls: type, place: tuple[Any, ...]) -> str:
    fields = {field.name: field.annotation for field in _described(cls)[0].fields}
    name = next(iter(place), None)
    return reader_of(fields[name], foreign=True).expected if name in fields else f"a value for {cls.__name__}"


def _safe(words: str, texts: list[str]) -> str:
    """Return the words of a refusal, unless a value is among them; a shorter one is in many words, and no secret."""
    folded = words.casefold()
    shown = any(text.casefold() in folded for text in texts if len(text) > _SHORT)
    return f": {words}" if words and not shown else ""


def _texts(value: Any) -> Iterator[str]:
    if is_map(value):
        yield from _texts(list(value.values()))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in cast("list[Any]", value):
            yield from _texts(item)
    elif is_record_class(value.__class__):
        yield from _texts(dict(family_of(value.__class__).read(value)))
    elif value is not None and not isinstance(value, bool):
        reveal = getattr(value, "reveal", None) or getattr(value, "get_secret_value", None)
        text = str(reveal() if reveal else value.decode("utf-8", "replace") if isinstance(value, bytes) else value)
        # As a message may have it: bare, without spaces around, or by `repr`.
        yield from filter(None, (text.strip(), repr(text)[1:-1].strip()))


def record_reader(cls: type) -> Reader:
    """Return what reads a record that is an item of a list, or a value of a dict."""

    def read(raw: Any) -> Any:
        value = read_record(cls, raw)
        return value.problems[0] if isinstance(value, Wrong) else value

    return Reader(f"the fields of {cls.__name__}", read)


def told(wrong: Iterable[tuple[str, Bad]]) -> list[str]:
    """Return the problems in words: name, expected type, and what came."""
    return [f"{name}: expected {each.expected}, but {each.found}" for name, each in wrong]
