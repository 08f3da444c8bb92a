"""Which values of a record go into blobs, and what stands in their place. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import drivers
from ..._model.kinds import BadValue, Str
from .markers import PREFIX, Marker, folder_of, marker_of, read_marker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..._model.kinds import Kind
    from ..._model.schema import Field
    from ...drivers import Form, Item, Shortcut
    from ..blobs.store import Blobs


_WORTH = 256
"""A shorter value is not moved to make a record fit: its marker would be as long."""


class SpilledField:
    """A field whose values go into blobs where they have more than `over` bytes (a text, as UTF-8)."""

    def __init__(self, field: Field, blobs: Blobs, over: int, form: Form, table: str) -> None:
        self.field = field
        self.stored = field.stored
        self.blobs = blobs
        self.over = over
        self.text = isinstance(field.kind, Str)
        self.folder = folder_of(table, field.stored)
        self._encode = form.encoder(field.kind)
        self._decode = form.decoder(field.kind)
        self._null = form.is_null

    def content(self, item: Item) -> bytes | None:
        """Return the bytes of a stored value; None where there is none, or not one of the field's kind."""
        value = self.value(item)
        return value.encode() if isinstance(value, str) else value

    def marker(self, item: Item | None) -> Marker | None:
        """Return the marker in an item as it lies in the store, None where there is none."""
        return None if item is None else read_marker(self.value(item))

    def large(self, content: bytes) -> bool:
        """Return whether the bytes go into a blob: there are many, or a reader would take them for a marker."""
        return len(content) > self.over or content.startswith(PREFIX.encode())

    def marked(self, marker: Marker) -> Any:
        """Return the stored form of a marker."""
        return self._encode(self.of_marker(marker))

    def whole(self, content: bytes) -> Any:
        """Return the stored form of what a blob holds."""
        return self._encode(content.decode() if self.text else content)

    def of_marker(self, marker: Marker) -> Any:
        """Return a marker as a value of the field."""
        return str(marker) if self.text else str(marker).encode()

    def unset(self, item: Item | None) -> bool:
        """Return whether an item has no value of the field."""
        encoded = None if item is None else item.get(self.stored)
        return encoded is None or (self.value(item) is None and self._is_null(encoded))

    def unchanged(self, item: Item | None) -> drivers.Test:
        """Return the test that what was read is still there: the same marker, some plain value, or none."""
        kind = self.field.kind
        if self.unset(item):
            return drivers.Leaf((self.stored,), "is_null", kind, kind)
        marker = self.marker(item)
        if marker is not None:
            claimed = self.of_marker(marker)
            return drivers.Leaf((self.stored,), "=", kind, kind, (claimed,), (claimed,))
        prefix = PREFIX if self.text else PREFIX.encode()
        return drivers.Leaf((self.stored,), "not_startswith", kind, kind, (prefix,), (prefix,))

    def value(self, item: Item) -> Any:
        """Return a stored value as it lies; None where there is none, or not one of the field's kind."""
        encoded = item.get(self.stored)
        try:
            return None if encoded is None else self._decode(encoded)
        except BadValue:  # It is read as it lies, and refused where the record is made of it.
            return None

    def _is_null(self, encoded: Any) -> bool:
        try:
            return self._null(encoded)
        except BadValue:
            return False


class Large:
    """The values of one write that go into blobs: bytes and marker of each field."""

    def __init__(self) -> None:
        self.contents: dict[SpilledField, tuple[bytes, Marker]] = {}

    def add(self, field: SpilledField, content: bytes) -> Marker:
        """Add a value and return its marker."""
        marker = marker_of(content, field.folder)
        self.contents[field] = (content, marker)
        return marker


def lightened(
    item: Item, fields: Sequence[SpilledField], most: int | None, size: Callable[[Item], int]
) -> tuple[Item, Large]:
    """
    Return an item with markers for its large values, and those values.

    Where it is over the backend's limit even so, its largest values follow until it fits.
    """
    contents = {field: content for field in fields if (content := field.content(item)) is not None}
    large, light = Large(), dict(item)
    for field in sorted(contents, key=lambda field: len(contents[field]), reverse=True):
        content = contents[field]
        if field.large(content) or (most is not None and len(content) > _WORTH and size(light) > most):
            light[field.stored] = field.marked(large.add(field, content))
    return light, large


def lightened_changes(
    changes: Sequence[drivers.Change], fields: Mapping[str, SpilledField]
) -> tuple[tuple[drivers.Change, ...], Large]:
    """Return changes that set markers in the place of large values, and those values."""
    large = Large()
    light: list[drivers.Change] = []
    for change in changes:
        field = fields.get(str(change.path[0]))
        content = change.portable.encode() if isinstance(change.portable, str) else change.portable
        if field is not None and isinstance(content, bytes) and field.large(content):
            value = field.of_marker(large.add(field, content))
            light.append(drivers.Change(change.path, change.op, change.kind, value, value))
        else:
            light.append(change)
    return tuple(light), large


class SpillingForm:
    """The form of the store, in which a record is as large as what is left of it."""

    def __init__(self, form: Form, fields: Sequence[SpilledField], most: int | None) -> None:
        self._form = form
        self._fields = fields
        self._most = most
        self.shortcut: Callable[[Kind], Shortcut | None] = form.shortcut
        self.encoder = form.encoder
        self.decoder = form.decoder
        self.is_null = form.is_null

    @property
    def checks_numbers(self) -> bool:
        return self._form.checks_numbers

    def size(self, item: Item) -> int:
        light, _ = lightened(item, self._fields, self._most, self._form.size)
        return self._form.size(light)
