"""A record type as the engine sees it: `Model`, made from a class, or from a `Schema` about a class."""

from __future__ import annotations

import re
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .._frozen import frozen, replace
from ..errors import InvalidArgument, ModelError
from . import kinds
from .annotations import Unreadable, read
from .families import Family, dict_family, family_of
from .kinds import UNSET, Kind, Portable
from .markers import Index, Mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")


class Schema(Generic[T]):
    """
    Says of a class what its markers would say, for classes one does not own, and how it lies in the store.

    Args:
        cls: The record class, or `dict`.
        partition: The field that is the partition key (or the whole key).
        sort: The field that is the sort key.
        expires: The field that says when a record ends.
        revision: The field that holds the revision.
        unique: Fields whose values no two records share.
        indexes: Secondary indexes by name, beside those in the class body.
        names: Names in the store by field name, where they differ.
        fields: The annotations of the fields; needed for `dict`, and it overrides those of a class.
        table: The default table name; else the URL's, else the class's name in snake_case.
    """

    __slots__ = ("cls", "expires", "fields", "indexes", "names", "partition", "revision", "sort", "table", "unique")

    def __init__(
        self,
        cls: type[T],
        *,
        partition: str | None = None,
        sort: str | None = None,
        expires: str | None = None,
        revision: str | None = None,
        unique: Sequence[str] = (),
        indexes: Mapping[str, Index] | None = None,
        names: Mapping[str, str] | None = None,
        fields: Mapping[str, Any] | None = None,
        table: str | None = None,
    ) -> None:
        self.cls = cls
        self.partition = partition
        self.sort = sort
        self.expires = expires
        self.revision = revision
        self.unique = tuple(unique)
        self.indexes = dict(indexes or {})
        self.names = dict(names or {})
        self.fields = dict(fields or {})
        self.table = table

    def marks(self) -> dict[str, set[Mark]]:
        """Return the marks by field name."""
        single = {
            Mark.PARTITION: self.partition,
            Mark.SORT: self.sort,
            Mark.EXPIRES: self.expires,
            Mark.REVISION: self.revision,
        }
        found: dict[str, set[Mark]] = {name: {Mark.UNIQUE} for name in self.unique}
        for mark, name in single.items():
            if name is not None:
                found.setdefault(name, set()).add(mark)
        return found


@frozen(eq=False)
class Field:
    """One field: its name in the class, its name in the store, its kind, and what a missing value means."""

    name: str
    stored: str
    kind: Kind
    optional: bool
    required: bool
    marks: frozenset[Mark] = frozenset()

    def lower(self, value: Any) -> Portable:
        """Return the portable form; None where the field is unset (also for an empty set)."""
        if value is None or value is UNSET:
            if self.optional or (not self.required and value is UNSET):
                return None
            raise kinds.BadValue(f"expected {self.kind.describe()}, got None")
        lowered = self.kind.lower(value)
        return None if kinds.is_set(lowered) and not lowered else lowered

    def lift(self, value: Portable) -> Any:
        """Return the program's value; `UNSET` where the class's own default is meant."""
        return self.kind.lift(value) if value is not None else self.missing()

    def missing(self) -> Any:
        """Return what an unset value reads as: None, an empty set, or `UNSET` for the class's default."""
        if self.optional:
            return None
        if isinstance(self.kind, kinds.SetOf):
            return self.kind.make(())
        if self.required:
            raise kinds.BadValue("the value is missing, and the field is neither optional nor has a default")
        return UNSET


@frozen(eq=False)
class IndexSpec:
    """A key that queries may use: the table's own (`name` is None) or a secondary index."""

    name: str | None
    partition: Field
    sort: Field | None
    projected: frozenset[str] | None = None
    """Names of the fields it carries; None means all."""

    @property
    def keys(self) -> tuple[Field, ...]:
        return (self.partition,) if self.sort is None else (self.partition, self.sort)


class Model(Generic[T]):
    """A checked record type. Made once per open repository."""

    def __init__(self, schema: Schema[T] | type[T], spilled: Sequence[str] = ()) -> None:
        self.schema: Schema[T] = schema if isinstance(schema, Schema) else Schema(schema)
        self.cls: type[T] = self.schema.cls
        if not isinstance(self.cls, type):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers err
            raise ModelError(f"a repository is opened on a record class or a Schema, not on {kinds.show(self.cls)}")
        self.name = self.cls.__name__ if self.cls is not dict else self.schema.table or "dict"
        self.family = self._family()
        self.fields = self._read_fields()
        self.by_name = {field.name: field for field in self.fields}
        self._check_names()
        self.partition = self._one(Mark.PARTITION)
        self.sort = self._maybe(Mark.SORT)
        self.expires = self._maybe(Mark.EXPIRES)
        self.revision = self._maybe(Mark.REVISION)
        self.uniques = tuple(field for field in self.fields if Mark.UNIQUE in field.marks)
        self._check_keys()
        self.key = IndexSpec(None, self.partition, self.sort)
        self.indexes = tuple(self._index(index) for index in self._declared_indexes())
        self._check_indexes()
        self.spilled = frozenset(self._spilled(name).stored for name in spilled)
        self._key_values = attrgetter(*[field.name for field in self.key.keys])
        self._whole: set[type] = set()
        self._extras = getattr(self.cls, "model_config", {}).get("extra") == "allow"

    @property
    def table(self) -> str:
        """The table's name where neither the URL nor the schema gives one."""
        return self.schema.table or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.name).lower()

    def field(self, name: str) -> Field:
        """
        Return the field of that name.

        Raises:
            InvalidArgument: There is none; the message names the nearest.
        """
        try:
            return self.by_name[name]
        except KeyError:
            raise InvalidArgument(f"{self.name} has no field {name!r}{did_you_mean(name, self.by_name)}") from None

    def read(self, record: Any) -> Mapping[str, Any]:
        """
        Return a record's values by field name.

        Raises:
            InvalidArgument: It is not a record of this type, or a dict has a field that is not declared.
        """
        if not self.is_record(record):
            raise InvalidArgument(f"expected a {self.name}, got {kinds.show(record)}")
        values = self.family.read(record)
        if self.family.mapping:
            for name in values:
                self.field(name)
        return values

    def value_of(self, record: Any, field: Field) -> Any:
        """Return one field's value of a record; None where a dict lacks it."""
        return record.get(field.name) if self.family.mapping else getattr(record, field.name)

    def key_values(self, record: Any) -> tuple[Any, ...]:
        """Return the values of a record's key fields; None for what a dict lacks."""
        if self.family.mapping:
            return tuple([record.get(field.name) for field in self.key.keys])
        values = self._key_values(record)
        return (values,) if self.sort is None else values

    def check_whole(self, record: Any) -> None:
        """
        Check that a record has no fields beside the declared ones, since they would be lost.

        Raises:
            InvalidArgument: It is of a subclass with more fields, or a pydantic model with extra ones.
        """
        cls = record.__class__
        if cls is not self.cls and not self.family.mapping and cls not in self._whole:
            names = [declared.name for declared in family_of(cls).fields if declared.name not in self.by_name]
            if names:
                raise InvalidArgument(f"the {cls.__name__} has the fields {', '.join(names)}, which {self.name} lacks; "
                                      f"they would be lost, so open the repository with {cls.__name__}")
            self._whole.add(cls)
        if self._extras and getattr(record, "__pydantic_extra__", None):
            raise InvalidArgument(f"the {self.name} has extra fields, which would be lost; declare them")

    def is_record(self, value: object) -> bool:
        """Return whether the value is a record of this type."""
        return isinstance(value, dict if self.family.mapping else self.cls)

    def _family(self) -> Family:
        if self.cls is dict:
            if not self.schema.fields:
                raise ModelError("Schema(dict) needs fields={name: type, ...}, since a dict declares none")
            return dict_family(self.schema.fields)
        return family_of(self.cls)

    def _read_fields(self) -> tuple[Field, ...]:
        marks = self.schema.marks()
        declared = [replace(d, annotation=self.schema.fields.get(d.name, d.annotation)) for d in self.family.fields]
        self._check_mentioned([*marks, *self.schema.names, *self.schema.fields], [d.name for d in declared])
        return read_fields(self.name, declared, marks, self.schema.names, self.family.mapping, (self.cls,))

    def _check_mentioned(self, mentioned: Sequence[str], known: Sequence[str]) -> None:
        for name in mentioned:
            if name not in known:
                raise ModelError(f"{self.name}: the Schema names the field {name!r}, which the class lacks"
                                 + did_you_mean(name, known))

    def _check_names(self) -> None:
        stored: dict[str, str] = {}
        for field in self.fields:
            if not field.stored:
                raise ModelError(f"{self.name}.{field.name}: its name in the store is empty")
            if field.stored in stored:
                raise ModelError(f"{self.name}: {stored[field.stored]} and {field.name} would both be stored as "
                                 f"{field.stored!r}; give them different names")
            stored[field.stored] = field.name

    def _maybe(self, mark: Mark) -> Field | None:
        found = [field for field in self.fields if mark in field.marks]
        if len(found) > 1:
            names = " and ".join(field.name for field in found)
            raise ModelError(f"{self.name} has more than one {mark.value} field: {names}; keep one")
        return found[0] if found else None

    def _one(self, mark: Mark) -> Field:
        field = self._maybe(mark)
        if field is None:
            raise ModelError(f"{self.name} has no key: mark a field as Partition[...] or Key[...], "
                             "or give Schema(..., partition=...)")
        return field

    def _check_keys(self) -> None:
        for field in (self.partition, self.sort):
            if field is None:
                continue
            self._check_key_kind(field, "a key")
            if field.optional:
                raise ModelError(f"{self.name}.{field.name} is a key, so it can't be None; drop `| None`")
            if field.marks & {Mark.EXPIRES, Mark.REVISION} or {Mark.PARTITION, Mark.SORT} <= field.marks:
                raise ModelError(f"{self.name}.{field.name} has two roles that exclude each other")
        for field in self.uniques:
            self._check_key_kind(field, "unique")
        if self.revision is not None and not (isinstance(self.revision.kind, kinds.Str) and self.revision.optional):
            raise ModelError(f"{self.name}.{self.revision.name}: a revision is `str | None`")

    def _check_key_kind(self, field: Field, role: str) -> None:
        if len(field.kind.types) != 1 or not field.kind.types <= {"str", "number", "bytes"}:
            raise ModelError(f"{self.name}.{field.name} can't be {role}: {field.kind.describe()} has no order on "
                             "every store; use str, a number, bytes, a date or time, UUID or an Enum")

    def _check_indexes(self) -> None:
        names = [index.name for index in self.indexes]
        for index in self.indexes:
            if names.count(index.name) > 1:
                raise ModelError(f"{self.name} has two indexes of the name {index.name!r}; give them different ones")
            if index.partition is index.sort:
                raise ModelError(f"{self.name}: the index {index.name!r} has {index.partition.name} twice; once is it")

    def _spilled(self, name: str) -> Field:
        field = self.field(name)
        if not isinstance(field.kind, (kinds.Str, kinds.Bytes)):
            raise InvalidArgument(f"{self.name}.{name} is {field.kind.describe()}; only str and bytes can be spilled, "
                                  "so keep other values as JSON in one of them")
        if field in self.key.keys or field.marks or any(field in index.keys for index in self.indexes):
            raise InvalidArgument(f"{self.name}.{name} has a role, as a key, an index's key, unique, the expiry or the "
                                  "revision; only a field without one can be spilled")
        return field

    def _declared_indexes(self) -> list[tuple[str, Index]]:
        found: dict[str, Index] = {}
        for cls in reversed(self.cls.__mro__):
            found.update({name: value for name, value in vars(cls).items() if isinstance(value, Index)})
        found.update(self.schema.indexes)
        return list(found.items())

    def _index(self, named: tuple[str, Index]) -> IndexSpec:
        name, index = named
        partition = self._index_field(name, index.partition)
        sort = None if index.sort is None else self._index_field(name, index.sort)
        spec = IndexSpec(index.name or name, partition, sort)
        if not index.keys_only and index.include is None:
            return spec
        included = {self._index_member(name, field).name for field in index.include or ()}
        keys = {field.name for field in (*self.key.keys, *spec.keys)}
        return IndexSpec(spec.name, partition, sort, frozenset(keys | included))

    def _index_member(self, index: str, name: str) -> Field:
        if name not in self.by_name:
            raise ModelError(f"{self.name}.{index}: the index names the field {name!r}, which the class lacks"
                             + did_you_mean(name, self.by_name))
        return self.by_name[name]

    def _index_field(self, index: str, name: str) -> Field:
        field = self._index_member(index, name)
        self._check_key_kind(field, f"a key of the index {index}")
        if isinstance(field.kind, (kinds.EnumMember, kinds.Choice)) and {"", b""} & set(field.kind.portables()):
            raise ModelError(f"{self.name}.{name} has an empty value among its members, but it is a key of the index "
                             f"{index}, which takes no empty value")
        return field


def read_fields(
    owner: str,
    declared: Sequence[Any],
    marks: Mapping[str, set[Mark]],
    names: Mapping[str, str],
    mapping: bool,
    within: tuple[type, ...],
) -> tuple[Field, ...]:
    """Return the fields of a class, or of a nested one; `within` are the classes it is in, itself the last."""
    fields: list[Field] = []
    for one in declared:
        extra = marks.get(one.name, set())
        annotation = kinds_annotation(one.annotation, extra)
        try:
            found = read(annotation, partial(nested_kind, within=within))
        except Unreadable as error:
            raise ModelError(f"{owner}.{one.name}: {error}") from None
        required = one.required and not (mapping and found.optional)
        fields.append(Field(one.name, names.get(one.name, one.name), found.kind, found.optional, required,
                            found.marks | frozenset(extra)))
    return tuple(fields)


def kinds_annotation(annotation: Any, marks: set[Mark]) -> Any:
    """Return an annotation as if it carried those marks itself."""
    from typing import Annotated

    for mark in marks:
        annotation = Annotated[annotation, mark]
    return annotation


def nested_kind(cls: type, *, within: tuple[type, ...]) -> Kind:
    """
    Return the kind of a nested record class.

    Raises:
        ModelError: It holds itself.
    """
    if cls in within:
        raise ModelError(f"{cls.__name__} holds itself, to no known depth; keep the inner ones as records of their "
                         "own, or as dict[str, Any]")
    family = family_of(cls)
    fields = read_fields(cls.__name__, family.fields, {}, {}, family.mapping, (*within, cls))
    return kinds.Nested(cls.__name__, fields, family.build, family.read, dict if family.mapping else cls)


def did_you_mean(name: str, known: Mapping[str, Any] | Sequence[str]) -> str:
    """Return the end of a message that names the nearest known name, or the known names."""
    # Imported here: only a mistake needs it.
    import difflib

    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(sorted(known))}"
