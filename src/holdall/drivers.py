"""
The ports: what an adapter implements. The engine does everything else.

A driver serves one table for one `Model`. It sees *items* in its own stored form, made and read by the `Form` that it
gives, keyed by the names in the store; conditions and changes that the engine has resolved and checked against the
model; and an `Io`, the only thing it may await. It raises errors of `holdall.errors` only.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, runtime_checkable

from ._frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from ._model.kinds import Kind, Portable
    from ._model.schema import Field, IndexSpec, Model
    from .credentials import Credentials
    from .errors import HoldallError
    from .expressions import ChangeOp, LeafOp, Step

Item = Any
"""A record in a driver's stored form: a mapping from stored names to stored values."""


@frozen
class Capabilities:
    """
    What a backend can do, and its limits. None means no limit.

    Attributes:
        name: The adapter's name, as in `HoldallError.backend`.
        transactions: All-or-nothing write sets.
        unique: "native" (the driver refuses a second value) or "guards" (the engine keeps a guard item a value).
        consistent_reads: `consistent=True` on reads by the table's key.
        consistent_index_reads: `consistent=True` on reads through a secondary index.
        filters_keys: The backend can filter by the key fields of the index in use; else the engine does.
        segments: Scans can run in parallel segments.
        metered: Reads are paid in read units, so `explain()` estimates them.
        idempotency_tokens: A transaction repeated under its token is applied once.
        returns_updated: An update gives the record as it is afterwards; else a statement of its own reads it before, in
            the same transaction, as `explain()` says.
        parallel: How many requests at once are worth it.
        max_get: Keys in one `get`.
        max_batch: Writes in one `write_batch`.
        max_transaction: Writes in one transaction.
        max_item_bytes: Size of an item as `Form.size` counts it.
        max_partition_bytes: Size of a partition key.
        max_sort_bytes: Size of a sort key.
        max_depth: Levels of lists and dicts in each other.
        max_digits: Significant digits of a number.
        max_exponent: Greatest power of ten of a number's first digit.
        min_exponent: Least power of ten of it.
        int_bits: Width of an `int` field, sign included.
    """

    name: str
    transactions: bool = True
    unique: Literal["native", "guards"] = "native"
    consistent_reads: bool = True
    consistent_index_reads: bool = True
    filters_keys: bool = True
    segments: bool = False
    metered: bool = False
    idempotency_tokens: bool = True
    returns_updated: bool = True
    parallel: int = 1
    max_get: int | None = None
    max_batch: int | None = None
    max_transaction: int | None = None
    max_item_bytes: int | None = None
    max_partition_bytes: int | None = None
    max_sort_bytes: int | None = None
    max_depth: int | None = None
    max_digits: int | None = 38
    max_exponent: int = 125
    min_exponent: int = -130
    int_bits: int | None = None


class Shortcut(NamedTuple):
    """
    The commonest values of a kind as Python expressions, which the engine writes into the code it compiles for a class.

    Attributes:
        when: A test of `value`, the program's, under which `encode` is right; None for always (of a whole number of 32
            bits, or of a Decimal whose `text` has no exponent and less than 38 digits).
        encode: The stored value, from `value` (and `text` of a Decimal). None: no shortcut.
        decode: The program's value, from `stored`; raises KeyError, TypeError or ValueError where the shortcut is not
            for it.
        length: At least a fourth of the bytes that a collection counts, known after `when`; None of other kinds.
        names: What the expressions call, by name.
    """

    when: str | None
    encode: str | None
    decode: str | None
    length: str | None = None
    names: Mapping[str, Any] = MappingProxyType({})


class Form(Protocol):
    """
    How values of each kind lie in a store. Pure; the engine composes and caches what it gives.

    Both directions may take the short way for values that are right at a glance, and leave the rest to
    `kind.lower` and `kind.lift`, which raise `BadValue`.
    """

    def shortcut(self, kind: Kind, /) -> Shortcut | None:
        """Return the shortcut of a kind; none is needed."""
        ...

    @property
    def checks_numbers(self) -> bool:
        """Return whether the encoders refuse numbers over the backend's limits themselves, so that nobody else need."""
        ...

    def encoder(self, kind: Kind) -> Callable[[Any], Any]:
        """Return a function from a program's value (not None) to the stored value, or to None for an unset one."""
        ...

    def decoder(self, kind: Kind) -> Callable[[Any], Any]:
        """Return a function from a stored value (not None) to the program's value."""
        ...

    def is_null(self, stored: Any) -> bool:
        """Return whether a stored value that is present means null."""
        ...

    def size(self, item: Item) -> int:
        """Return an item's size in bytes, as the store counts it."""
        ...


@frozen
class Leaf:
    """
    A comparison, resolved: `path` in stored names, `kind` of what is there, operands both ways.

    `kind` is the kind at the path (the element's for "contains" on a collection: see `operand_kind`).
    """

    path: tuple[Step, ...]
    op: LeafOp
    kind: Kind
    operand_kind: Kind
    values: tuple[Any, ...] = ()
    """The operands as the program's values."""
    portable: tuple[Portable, ...] = ()
    """The operands in portable form."""
    size: bool = False


@frozen
class All:
    """True where every part is; no parts: true."""

    parts: tuple[Test, ...]


@frozen
class AnyOf:
    """True where some part is; no parts: false."""

    parts: tuple[Test, ...]


@frozen
class Exists:
    """True where the item is there at all (`present` False: where it is not)."""

    present: bool


Test = Leaf | All | AnyOf | Exists
"""A condition, resolved. Semantics: DESIGN of conditions in `docs/design/`; `_engine/evaluate.py` is the reference."""


@frozen
class Change:
    """A change, resolved: `value` in the program's form, `portable` in portable form, both of `kind`."""

    path: tuple[Step, ...]
    op: ChangeOp
    kind: Kind
    value: Any = None
    portable: Portable = None


@frozen
class KeyValue:
    """A record's key: the program's values, their portable and their stored form."""

    values: tuple[Any, ...]
    portable: tuple[Portable, ...]
    item: Item
    """The key fields only, in stored form."""


@frozen
class Write:
    """
    One write, atomic by itself.

    "put" stores `item` whole; "update" makes `changes` (on a missing item it would create one: the engine always adds
    `Exists(True)` unless it wants that); "delete" removes; "check" only tests.
    """

    verb: Literal["put", "update", "delete", "check"]
    key: KeyValue
    item: Item | None = None
    changes: tuple[Change, ...] = ()
    condition: Test | None = None
    wants_new: bool = False
    """The caller wants the item as it is after an update."""
    now: int = 0
    """Seconds since 1970: what expires at or before it counts as absent, for unique fields too."""


@frozen
class Guard:
    """
    A claim on the value of a unique field, for drivers whose capability `unique` is "guards".

    "take" fails with `AlreadyExists` where another live owner holds the value; "release" removes the claim.
    """

    verb: Literal["take", "release"]
    field: Field
    value: Any
    owner: KeyValue
    expires: int | None = None
    now: int = 0


@frozen
class Written:
    """What became of a write: `item` after an update where wanted."""

    item: Item | None = None


class WriteRefused(Exception):
    """
    Raised by a driver when a write's condition was false. `current` is the item as stored, None where there is none.

    `field` names the unique field when that was the reason.
    """

    def __init__(self, current: Item | None = None, field: str | None = None) -> None:
        super().__init__("the write's condition was false")
        self.current = current
        self.field = field


class TransactionRefused(Exception):
    """Raised by a driver when a transaction was rolled back: one reason per part, None for a part that was fine."""

    def __init__(self, reasons: Sequence[WriteRefused | HoldallError | None]) -> None:
        super().__init__("the transaction was rolled back")
        self.reasons = tuple(reasons)


@frozen
class SortRange:
    """What a query asks of the sort key: one operator, of those that a key condition knows."""

    op: Literal["=", "<", "<=", ">", ">=", "between", "startswith"]
    values: tuple[Any, ...]
    portable: tuple[Portable, ...]


@frozen
class Read:
    """
    One page of a query (`partition` given) or of a scan.

    A driver returns items in the order of the index's sort key (ties by the table's key), begins after `after`, and
    examines at most `limit` of them where given. A record that lacks a key field of an index is not in it.
    """

    index: IndexSpec
    partition: KeyPart | None = None
    sort: SortRange | None = None
    filter: Test | None = None
    descending: bool = False
    fields: tuple[Field, ...] | None = None
    after: Mapping[str, Any] | None = None
    """Where to begin: the index's and the table's key fields by stored name, in portable form."""
    limit: int | None = None
    consistent: bool = False
    count_only: bool = False
    segment: tuple[int, int] | None = None
    """(this one, of how many)."""
    cached: float | None = None
    """For how many seconds a cache in front may keep what is read; a store has no use for it."""


@frozen
class KeyPart:
    """The value of the partition field of an index."""

    value: Any
    portable: Portable


@frozen
class PageOfItems:
    """
    What a `Read` gave: `items` (none for `count_only`), `count` of them, `examined` before the filter.

    `after` is where the next page begins, None where there is no more.
    """

    items: Sequence[Item]
    count: int
    examined: int
    after: Mapping[str, Any] | None
    read_units: float | None = None


@frozen
class Got:
    """What `get` gave: items in the order of the keys, None for a missing one; `unprocessed` positions to ask again."""

    items: Sequence[Item | None]
    unprocessed: Sequence[int] = ()


@frozen
class BatchWritten:
    """What `write_batch` did: positions to try again, and errors of positions that need not be tried."""

    unprocessed: Sequence[int] = ()
    failed: Mapping[int, HoldallError] = MappingProxyType({})


class RecordDriver(Protocol):
    """One table of one backend, for one model."""

    @property
    def capabilities(self) -> Capabilities:
        """What the backend can do, and its limits."""
        ...

    @property
    def form(self) -> Form:
        """How values lie in the store."""
        ...

    @property
    def store(self) -> object:
        """What must be equal for two drivers to share a transaction."""
        ...

    @property
    def table(self) -> str:
        """The name of the table, which no other table of the store has."""
        ...

    @property
    def native(self) -> Any:
        """The SDK's own client, engine or table."""
        ...

    async def get(self, keys: Sequence[KeyValue], *, consistent: bool, fields: tuple[Field, ...] | None) -> Got:
        """Read items by key: at most `max_get` keys, all different."""
        ...

    async def write(self, write: Write) -> Written:
        """
        Do one write.

        Raises:
            WriteRefused: Its condition was false.
        """
        ...

    async def write_batch(self, writes: Sequence[Write]) -> BatchWritten:
        """Do unconditional puts and deletes of different keys, at most `max_batch`, each atomic by itself."""
        ...

    async def transact(self, parts: Sequence[tuple[RecordDriver, Write | Guard]], token: str | None) -> None:
        """
        Do all writes or none; the drivers in `parts` are of the same `store`.

        Raises:
            TransactionRefused: Nothing was written.
        """
        ...

    async def read(self, read: Read) -> PageOfItems:
        """Return one page."""
        ...

    async def provision(self) -> None:
        """Make the table, its indexes and its expiry, where they are not there."""
        ...

    async def close(self) -> None:
        """Give back what the driver opened itself."""
        ...


@runtime_checkable
class Connected(Protocol):
    """An optional port: a driver that has a choice of clients."""

    @property
    def client(self) -> str | None:
        """Which client the driver uses, and why; None where it has no choice after all."""
        ...


@runtime_checkable
class Wrapping(Protocol):
    """An optional port: a driver over a driver, which does something around transactions."""

    inner: RecordDriver
    """The driver below."""

    async def around(
        self, parts: Sequence[tuple[RecordDriver, Write | Guard]],
        send: Callable[[Sequence[tuple[RecordDriver, Write | Guard]]], Coroutine[Any, Any, None]],
    ) -> None:  # fmt: skip
        """Let `send` do all parts or none, the drivers of this kind among them replaced by those below them."""
        ...


@frozen
class Opening:
    """What an adapter's opener is given beside the URL."""

    model: Model[Any]
    asynchronous: bool = False
    client: Any = None
    """The caller's own SDK client or engine, which stays the caller's to close."""
    credentials: Credentials | None = None
    """Keys of the caller's own, for stores of AWS."""
