"""
The families of classes that can be records, and what each says of its fields.

A family is recognised by what the class carries, so that none of the optional libraries is imported.
"""

from __future__ import annotations

import sys
import typing
from typing import TYPE_CHECKING, Any, cast

from .._frozen import frozen
from ..errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@frozen
class Declared:
    """A field as its class declares it. `required` is False where the class can do without a value."""

    name: str
    annotation: Any
    required: bool


@frozen
class Family:
    """How to read the records of a class and how to build one."""

    fields: tuple[Declared, ...]
    read: Callable[[Any], Mapping[str, Any]]
    build: Callable[[dict[str, Any]], Any]
    mapping: bool
    """True where records are dicts, read by item; else they are read by attribute."""
    make: Callable[..., Any] | None = None
    """What builds a record from keyword arguments; None where only `build` can."""
    parameters: Mapping[str, str] = {}
    """The keyword argument of each field, where there is `make`."""


def family_of(cls: type) -> Family:
    """
    Return how a class is read and built.

    Raises:
        ModelError: The class is of no family that holdall knows.
    """
    for recognised, describe in _FAMILIES:
        if recognised(cls):
            return describe(cls)
    raise ModelError(
        f"{cls.__name__} is not a record class: make it a dataclass, a pydantic model, an attrs class, "
        "a msgspec Struct or a TypedDict, or give Schema(dict, fields={...})"
    )


def is_record_class(cls: Any) -> bool:
    """Return whether `family_of` would accept it."""
    return isinstance(cls, type) and any(recognised(cls) for recognised, _ in _FAMILIES)


def hints_of(cls: type) -> dict[str, Any]:
    """
    Return the annotations of a class, resolved, with `Annotated` kept.

    Raises:
        ModelError: A name in an annotation can't be found, or an annotation is none.
    """
    try:
        # Without `localns`, so that a field named like its type, `date: date | None = None`, does not hide it.
        return typing.get_type_hints(cls, include_extras=True)
    except NameError as error:
        raise ModelError(
            f"{cls.__name__}: the annotation's name {error.name!r} can't be found; import it at the top of "
            f"{cls.__module__} (not only under TYPE_CHECKING), and declare the classes it names at module level"
        ) from error
    except (TypeError, AttributeError, SyntaxError) as error:
        raise ModelError(f"{cls.__name__}: an annotation can't be read: {error}") from error


def _attribute_reader(names: tuple[str, ...]) -> Callable[[Any], dict[str, Any]]:
    return lambda record: {name: getattr(record, name) for name in names}


def _attributes(
    fields: tuple[Declared, ...],
    build: Callable[[dict[str, Any]], Any],
    make: Callable[..., Any] | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Family:
    names = tuple(field.name for field in fields)
    return Family(fields, _attribute_reader(names), build, False, make, parameters or {name: name for name in names})


def _dataclass(cls: type) -> Family:
    # Imported here: it is slow, and a program that declares no dataclass doesn't need it.
    import dataclasses

    hints = hints_of(cls)
    missing = dataclasses.MISSING
    for name, hint in hints.items():
        if isinstance(hint, dataclasses.InitVar) and not hasattr(cls, name):
            raise ModelError(f"{cls.__name__}.{name} is an InitVar, which no record keeps, so a stored one can't be "
                             "made again; give it a default")
    fields = tuple(
        Declared(field.name, hints[field.name], field.default is missing and field.default_factory is missing)
        for field in dataclasses.fields(cast("Any", cls))
        if field.init
    )
    return _attributes(fields, lambda values: cls(**values), cls)


def _attrs(cls: type) -> Family:
    hints = hints_of(cls)
    attributes = [field for field in cast("Any", cls).__attrs_attrs__ if field.init]
    nothing = cast("Any", sys.modules["attr"]).NOTHING
    fields = tuple(Declared(field.name, hints.get(field.name, Any), field.default is nothing) for field in attributes)
    aliases = {field.name: getattr(field, "alias", None) or field.name.lstrip("_") for field in attributes}
    return _attributes(
        fields, lambda values: cls(**{aliases[name]: value for name, value in values.items()}), cls, aliases
    )


def _pydantic(cls: type) -> Family:
    model = cast("Any", cls)
    declared = model.model_fields
    # Of a generic model with its arguments only pydantic itself knows the annotations.
    generic = bool(model.__pydantic_generic_metadata__["args"])
    hints = {name: _annotation(info) for name, info in declared.items()} if generic else hints_of(cls)
    fields = tuple(Declared(name, hints[name], info.is_required()) for name, info in declared.items())
    by_name = bool(model.model_config.get("populate_by_name") or model.model_config.get("validate_by_name"))
    aliases = {} if by_name else {
        name: _input_name(cls, name, info.validation_alias or info.alias or name) for name, info in declared.items()
    }  # fmt: skip

    def build(values: dict[str, Any]) -> Any:
        named = values if by_name else {aliases[name]: value for name, value in values.items()}
        return model.model_validate(named)

    return _attributes(fields, build)


def _annotation(info: Any) -> Any:
    annotation = info.annotation
    for extra in info.metadata:
        annotation = typing.Annotated[annotation, extra]
    return annotation


def _input_name(cls: type, name: str, alias: Any) -> str:
    """Return a name that a pydantic model takes a field's value by: of an `AliasChoices` the first."""
    for choice in getattr(alias, "choices", (alias,)):
        if isinstance(choice, str):
            return choice
    raise ModelError(f"{cls.__name__}.{name} is read from inside another value, so a record can't be made of its own "
                     "fields; set populate_by_name=True")


def _msgspec(cls: type) -> Family:
    hints = hints_of(cls)
    struct = cast("Any", cls)
    names = struct.__struct_fields__
    optional = len(struct.__struct_defaults__)
    nodefault = cast("Any", sys.modules["msgspec"]).NODEFAULT
    first = len(names) - optional
    fields = tuple(
        Declared(name, hints[name], i < first or struct.__struct_defaults__[i - first] is nodefault)
        for i, name in enumerate(names)
    )
    return _attributes(fields, lambda values: cls(**values), cls)


def _typed_dict(cls: type) -> Family:
    hints = hints_of(cls)
    required = cast("Any", cls).__required_keys__
    # Under `from __future__ import annotations` the class itself does not see its NotRequired.
    fields = tuple(
        Declared(name, hint, name in required and getattr(typing.get_origin(hint), "_name", "") != "NotRequired")
        for name, hint in hints.items()
    )
    return Family(fields, _itself, _itself, mapping=True)


def _itself(values: Any) -> Any:
    return values


def _is_typed_dict(cls: type) -> bool:
    # typing.is_typeddict doesn't know those of typing_extensions.
    return dict in cls.__mro__ and hasattr(cls, "__required_keys__")


def dict_family(fields: Mapping[str, Any]) -> Family:
    """Return the family of plain dicts whose fields a `Schema` declares."""
    declared = tuple(Declared(name, annotation, required=True) for name, annotation in fields.items())
    return Family(declared, _itself, _itself, mapping=True)


_FAMILIES: tuple[tuple[Callable[[type], bool], Callable[[type], Family]], ...] = (
    (lambda cls: hasattr(cls, "model_fields") and hasattr(cls, "model_validate"), _pydantic),
    (lambda cls: hasattr(cls, "__attrs_attrs__"), _attrs),
    (lambda cls: hasattr(cls, "__struct_fields__"), _msgspec),
    (lambda cls: hasattr(cls, "__dataclass_fields__"), _dataclass),
    (_is_typed_dict, _typed_dict),
)
