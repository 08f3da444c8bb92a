"""
The port of configuration: what an adapter implements. The engine does everything else.

A driver serves one source of parameters. Its names are paths below the source's base, such as "db/port". It awaits
nothing but its `Io`, and raises errors of `holdall.errors` only; none of them shows a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from ._frozen import frozen
from .errors import Unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from .credentials import Credentials
    from .urls import Url

Kind = Literal["String", "StringList", "SecureString"]


@frozen
class ConfigCapabilities:
    """
    What a source of parameters can do.

    Attributes:
        name: The adapter's name, as in `HoldallError.backend`.
        writable: Parameters are put and deleted.
        atomic_versions: `if_version` is tested together with the write; else a write between is noticed only after.
        versions: What is replaced is kept as a version: `history`, and names such as "db/port:3".
        labels: Versions have labels: `label`, and names such as "db/port:blue".
        tags: Parameters have tags.
        folded: Names are the same in upper and lower case, and with "-" or "." instead of "_".
        whole: Everything below the base is read at once; otherwise only names that were asked for.
        max_value_bytes: Size of a value as UTF-8; None for no limit.
    """

    name: str
    writable: bool = False
    atomic_versions: bool = False
    versions: bool = False
    labels: bool = False
    tags: bool = False
    folded: bool = False
    whole: bool = True
    max_value_bytes: int | None = None


@frozen
class Parameter:
    """
    What is known of a parameter but for its value.

    Attributes:
        name: Its name below the base, such as "db/port".
        kind: "String", "StringList" or "SecureString".
        version: The number of its version, from 1; None where the source has none.
        modified: When it was written, in UTC; None where the source doesn't say.
        labels: Of this version; in `history` only.
        source: The source, such as "ssm:///shop/prod".
    """

    name: str
    kind: Kind
    version: int | None = None
    modified: datetime | None = None
    labels: tuple[str, ...] = ()
    source: str = ""


@frozen
class Entry:
    """A parameter with its value: text, or what a file of another form has (numbers, booleans, lists, dates, None)."""

    value: Any
    about: Parameter

    def __repr__(self) -> str:
        return f"Entry({self.about.name!r}, ...)"


@frozen
class NewValue:
    """
    What is put.

    Attributes:
        text: The value; that of a StringList with commas between.
        kind: How it is kept.
        key: The KMS key of a SecureString; None for the service's own.
        tags: Names and values; None leaves those that are there.
        absent: Only where there is no parameter of this name.
        version: Only where this is the version that is there.
    """

    text: str
    kind: Kind
    key: str | None = None
    tags: Mapping[str, str] | None = None
    absent: bool = False
    version: int | None = None

    def __repr__(self) -> str:
        return f"NewValue({self.kind!r}, ...)"


@frozen
class Freshness:
    """
    How long what was read serves, in seconds by the wall clock.

    Attributes:
        max_age: Then it is read anew, by the next call that needs it; None for never.
        max_stale: How long beyond it still serves while it can't be read anew.
    """

    max_age: float | None = None
    max_stale: float = 86_400.0


FRESHNESS = ("max_age", "max_stale")
"""What every URL of a source may say."""


def freshness_of(url: Url, max_age: float | None) -> Freshness:
    """
    Return what a source's URL says of how long its values serve; `max_age` is the usual one.

    Raises:
        ConfigError: It says something else than seconds, or "never" for `max_age`.
    """
    usual = Freshness(max_age)
    return Freshness(url.param("max_age", _age, max_age), url.param("max_stale", _seconds, usual.max_stale))


def _age(text: str) -> float | None:
    return None if text.lower() == "never" else _seconds(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e9:
        raise ValueError("expected seconds, such as 60")
    return seconds


class ConfigDriver(Protocol):
    """One source of parameters."""

    @property
    def capabilities(self) -> ConfigCapabilities:
        """What it can do."""
        ...

    @property
    def freshness(self) -> Freshness:
        """How long what was read serves."""
        ...

    @property
    def source(self) -> str:
        """What it is, for messages, such as "ssm:///shop/prod"."""
        ...

    @property
    def native(self) -> Any:
        """What lies below: the SDK's client; None for what has nothing of its own."""
        ...

    def check_name(self, name: str, *, write: bool) -> None:
        """
        Check a name before anything is sent.

        Raises:
            InvalidArgument: The source can't have a parameter of this name, or not write it.
        """
        ...

    def is_special(self, name: str) -> bool:
        """Return whether a name is none that `load` gives: of a version or label, or beyond the base."""
        ...

    def canonical(self, name: str) -> str:
        """Return the name below the base of what may also be named from the root."""
        ...

    async def load(self) -> Mapping[str, Entry]:
        """Return everything below the base. Asked only where it is `whole`."""
        ...

    async def listed(self, prefix: str) -> Sequence[Parameter]:
        """Return what is known of those whose names begin like that. Asked only where it isn't `whole`."""
        ...

    async def fetch(self, names: Sequence[str]) -> Mapping[str, Entry]:
        """Return the parameters of these names that are there."""
        ...

    async def put(self, name: str, new: NewValue) -> Parameter:
        """
        Write a parameter, and return what is known of it.

        Raises:
            AlreadyExists: `new.absent`, and there is one.
            Conflict: `new.version`, and there is another, or none.
        """
        ...

    async def delete(self, name: str, version: int | None) -> bool:
        """
        Remove a parameter, and return whether it was there.

        Raises:
            Conflict: `version`, and there is another, or none.
        """
        ...

    async def history(self, name: str) -> Sequence[Parameter]:
        """Return its versions, the oldest first; none where it is not there."""
        ...

    async def label(self, name: str, version: int | None, labels: Sequence[str]) -> None:
        """
        Move labels to a version, by default the newest.

        Raises:
            NotFound: There is no such parameter or version.
        """
        ...

    async def close(self) -> None:
        """Give back what was opened for this driver alone."""
        ...


class ReadOnly:
    """The half of `ConfigDriver` that is the same for all sources that are only read, and have nothing to close."""

    @property
    def native(self) -> Any:
        """What lies below: nothing."""
        return None

    def check_name(self, name: str, *, write: bool) -> None:
        """Do nothing: a name that the source can't have is simply not there."""

    def is_special(self, name: str) -> bool:  # noqa: ARG002 - the port's
        """Return False: there are neither versions nor other places."""
        return False

    def canonical(self, name: str) -> str:
        """Return the name."""
        return name

    async def listed(self, prefix: str) -> Sequence[Parameter]:  # noqa: ARG002 - the port's
        """Raise Unsupported: everything is loaded."""
        raise _only_read()

    async def put(self, name: str, new: NewValue) -> Parameter:  # noqa: ARG002 - the port's
        """Raise Unsupported."""
        raise _only_read()

    async def delete(self, name: str, version: int | None) -> bool:  # noqa: ARG002 - the port's
        """Raise Unsupported."""
        raise _only_read()

    async def history(self, name: str) -> Sequence[Parameter]:  # noqa: ARG002 - the port's
        """Raise Unsupported."""
        raise _only_read()

    async def label(self, name: str, version: int | None, labels: Sequence[str]) -> None:  # noqa: ARG002 - the port's
        """Raise Unsupported."""
        raise _only_read()

    async def close(self) -> None:
        """Do nothing."""


def _only_read() -> Unsupported:
    return Unsupported("the source is only read")


@frozen
class ConfigOpening:
    """
    What an adapter is told when it opens a source.

    Attributes:
        asynchronous: The shell is for asyncio.
        client: An SDK client of the caller's own, or None.
        credentials: An AWS key of the caller's own, or None.
    """

    asynchronous: bool = False
    client: Any = None
    credentials: Credentials | None = None
