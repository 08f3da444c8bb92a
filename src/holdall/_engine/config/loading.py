"""Settings classes out of a tree of raw values, with every problem at once. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ..._model.families import family_of
from ..._model.kinds.portable import is_map
from .scalars import Bad, Reader, found_of
from .trees import fold
from .typed import is_mapping, parsed, reader_of, record_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..._model.families import Declared, Family

MISSING = "it is missing"


class Wrong(NamedTuple):
    """Stands for what could not be made: all that is bad about it."""

    problems: Sequence[Bad]


@lru_cache(200)
def _described(cls: type) -> tuple[Family, bool]:
    # pydantic knows types that are not known here, and reads them itself.
    return family_of(cls), hasattr(cls, "__pydantic_core_schema__")


def names_of(cls: type, prefix: str = "") -> Iterator[str]:
    """Yield the names of the parameters that a settings class may be made of."""
    for field in _described(cls)[0].fields:
        name = f"{prefix}{field.name}"
        inner = record_of(field.annotation)
        yield name
        if inner is not None:
            yield from names_of(inner, f"{name}/")


def read_record(cls: type, raw: Any) -> Any:
    """Return an object of a settings class, or what is `Wrong`."""
    family, foreign = _described(cls)
    tree = parsed(raw, "{")
    if not is_map(tree):
        return Wrong([Bad(f"the fields of {cls.__name__}", f"got {found_of(raw)}")])
    spelled = {fold(name): name for name in tree}
    values: dict[str, Any] = {}
    wrong: list[Bad] = []
    for field in family.fields:
        name = field.name if field.name in tree else spelled.get(fold(field.name))
        if name is not None and tree[name] is not None:
            wrong += _read(field, tree[name], foreign, values)
        elif field.required:
            wrong += _missing(field, values, foreign)
    return Wrong(wrong) if wrong else _built(cls, family, values)


def _read(field: Declared, raw: Any, foreign: bool, values: dict[str, Any]) -> Sequence[Bad]:
    inner = record_of(field.annotation)
    value = reader_of(field.annotation, foreign=foreign).read(raw) if inner is None else read_record(inner, raw)
    wrong = [value] if isinstance(value, Bad) else value.problems if isinstance(value, Wrong) else []
    values[field.name] = value
    return [each.under(field.name) for each in wrong]


def _missing(field: Declared, values: dict[str, Any], foreign: bool) -> Sequence[Bad]:
    inner = record_of(field.annotation)
    reader = reader_of(field.annotation, foreign=foreign)
    if reader.read(None) is None and not is_mapping(field.annotation):  # None is a value of the type
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
    known = len(place) > 0 and place[0] in fields
    return reader_of(fields[place[0]], foreign=True).expected if known else f"a value for {cls.__name__}"


def _safe(words: str, texts: list[str]) -> str:
    """Return the words of a refusal, unless a value is among them."""
    return f": {words}" if words and not any(text in words for text in texts) else ""


def _texts(value: Any) -> Iterator[str]:
    if is_map(value):
        yield from _texts(list(value.values()))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in cast("list[Any]", value):
            yield from _texts(item)
    elif hasattr(value, "reveal"):
        yield value.reveal()
    elif value is not None and not isinstance(value, bool) and str(value):
        yield str(value)


def record_reader(cls: type) -> Reader:
    """Return what reads a record that is an item of a list, or a value of a dict."""

    def read(raw: Any) -> Any:
        value = read_record(cls, raw)
        return value.problems[0] if isinstance(value, Wrong) else value

    return Reader(f"the fields of {cls.__name__}", read)


def told(wrong: Iterable[tuple[str, Bad]]) -> list[str]:
    """Return the problems in words: name, expected type, and what came."""
    return [f"{name}: expected {each.expected}, but {each.found}" for name, each in wrong]
