"""The shell of configuration for asyncio: the same, awaited. Each method is one statement over the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from .._engine.config.engine import MISSING
from ..secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from typing_extensions import Self

    from .._engine.config.engine import Configuration
    from ..cache import CacheStats
    from ..config_drivers import ConfigCapabilities, Parameter
    from ..errors import HoldallError

    Parameters = list[Parameter]

T = TypeVar("T")
D = TypeVar("D")


class AsyncConfig:
    """
    Parameters under names such as "db/port": what `open_async_config` returns.

    Open one for the process, at the top of the module: what was read serves until it is older than `max_age`, by the
    wall clock, and is then read anew by the next call.
    """

    def __init__(self, engine: Configuration) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return f"<AsyncConfig of {self._engine.sources}>"

    @property
    def capabilities(self) -> ConfigCapabilities:
        """What the sources can do together, and the limits of the one that is written to."""
        return self._engine.capabilities

    @property
    def native(self) -> Any:
        """What lies below the first source that has something: the SDK's client; None where none has."""
        return self._engine.native

    @property
    def engine(self) -> Configuration:
        """The engine, for what is built upon configuration."""
        return self._engine

    @property
    def age(self) -> float | None:
        """
        Seconds since the oldest of what is served was read, by the wall clock; None where nothing was read yet.

        Sources that are read once, such as the environment, don't count beside others.
        """
        return self._engine.age

    @property
    def stale(self) -> bool:
        """Whether something that is served is older than its `max_age`, as where it could not be read anew."""
        return self._engine.stale

    @property
    def last_error(self) -> HoldallError | None:
        """What the last attempt to read a source ended with, although callers were served; None where it went well."""
        return self._engine.failure

    @overload
    async def get(self, name: str) -> str | None: ...
    @overload
    async def get(self, name: str, type: type[T]) -> T | None: ...
    @overload
    async def get(self, name: str, type: type[T], default: D) -> T | D: ...
    @overload
    async def get(self, name: str, *, default: D) -> str | D: ...
    @overload
    async def get(self, name: str, type: Any, default: Any = None) -> Any: ...
    async def get(self, name: str, type: Any = str, default: Any = None) -> Any:  # noqa: A002 - as in argparse
        """
        Return a parameter of the first source that has it.

        Args:
            name: Such as "db/port"; where the source has versions also "db/port:3" and "db/port:label".
            type: What it is returned as: str, int, float, bool, Decimal, bytes, a date or time, timedelta, UUID, Path,
                `Secret`, an Enum, a Literal, a list, set, tuple or dict of those, or a record class. A dict or a record
                is made of JSON, or of the parameters below the name.
            default: What is returned where no source has it.

        Raises:
            ConfigError: It is there, but is none of this type.
            InvalidArgument: The name is none that the sources can have.
            HoldallError: A source can't be read, and what was read last, if anything, is too old.
        """
        return (
            found if (found := self._engine.cached(name, type)) is not MISSING
            else await self._engine.get(name, type, default)
        )  # fmt: skip

    @overload
    async def require(self, name: str) -> str: ...
    @overload
    async def require(self, name: str, type: type[T]) -> T: ...
    @overload
    async def require(self, name: str, type: Any) -> Any: ...
    async def require(self, name: str, type: Any = str) -> Any:  # noqa: A002 - see `get`
        """
        Return a parameter that must be there; see `get`.

        Raises:
            NotFound: No source has it.
        """
        return (
            found if (found := self._engine.cached(name, type)) is not MISSING
            else await self._engine.require(name, type)
        )  # fmt: skip

    async def secret(self, name: str) -> Secret:
        """
        Return a parameter that must be there, as a `Secret`, which shows itself by `reveal()` alone.

        Raises:
            NotFound: No source has it.
        """
        return cast(
            "Secret",
            found if (found := self._engine.cached(name, Secret)) is not MISSING
            else await self._engine.require(name, Secret),
        )  # fmt: skip

    async def load(self, cls: type[T], prefix: str = "") -> T:
        """
        Return a settings class made of the parameters that are named like its fields.

        A field whose type is a record class itself is made of the parameters below its name, such as "db/port". Names
        fit also with "-" or "." instead of "_", and in other capitals.

        Args:
            cls: A dataclass, a pydantic model (also of pydantic-settings), an attrs class, a msgspec Struct or a
                TypedDict.
            prefix: The path that the names are below.

        Raises:
            ConfigError: Parameters are missing or of another type. It tells all of them, by name and expected type,
                also in `.problems`; values are not shown.
            ModelError: The class is none of these.
        """
        return cast("T", await self._engine.load(cls, prefix))

    async def put(
        self, name: str, value: Any, *, kms_key: str | None = None, tags: Mapping[str, str] | None = None,
        if_absent: bool = False, if_version: int | None = None,
    ) -> Parameter:  # fmt: skip
        """
        Write a parameter to the first source that can be written to, and return what is known of it.

        Args:
            name: Its name.
            value: Text, a number, a boolean or a date; a list of texts, kept as a StringList; a dict, kept as JSON; or
                a `Secret`, kept encrypted as a SecureString.
            kms_key: The KMS key of a secret; by default that of the URL, or the service's own, also for a new version
                of what had another.
            tags: Names and values, where the source has tags; what is there of others stays.
            if_absent: Only where there is no parameter of this name.
            if_version: Only where this is the number of the version that is there.

        Raises:
            AlreadyExists: `if_absent`, and there is one.
            Conflict: `if_version`, and there is another version, or none. Where the source can't test it together with
                the write (`capabilities.atomic_versions`), `.maybe_done` says that another write came between and was
                replaced; `history` has it.
            InvalidArgument: The name or the value is none that the source takes.
            TooLarge: The value is larger than a parameter.
            Unsupported: No source can be written to, or it has no versions or tags.
        """
        return await self._engine.put(name, value, kms_key, tags, if_absent, if_version)

    async def delete(self, name: str, *, if_version: int | None = None) -> None:
        """
        Remove a parameter from the first source that can be written to; one that is not there is fine.

        Raises:
            Conflict: `if_version`, and there is another version, or none.
            Unsupported: No source can be written to, or it has no versions.
        """
        await self._engine.delete(name, if_version)

    async def list(self, prefix: str = "") -> Parameters:
        """Return what is known of the parameters whose names begin like that, in order; values are not in it."""
        return await self._engine.list(prefix)

    async def history(self, name: str) -> Parameters:
        """
        Return the versions of a parameter, the oldest first; none where it is not there.

        The value of one is read by its number: `get("db/port:3")`.

        Raises:
            Unsupported: No source has versions.
        """
        return await self._engine.history(name)

    async def label(self, name: str, *labels: str, version: int | None = None) -> None:
        """
        Move labels to a version of a parameter, by default the newest; `get("db/port:blue")` reads by one.

        Raises:
            InvalidArgument: A label is none that the source takes.
            NotFound: There is no such parameter or version.
            Unsupported: No source has labels.
        """
        await self._engine.label(name, labels, version)

    @property
    def cache_stats(self) -> tuple[CacheStats, ...]:
        """What the caches in front have done in this process, the nearest first; none where there is no cache."""
        return self._engine.cache_stats

    async def refresh(self) -> frozenset[str]:
        """
        Read all sources anew, whatever their age, and return the names whose values have changed.

        It goes past the caches in front, and puts right what they have.

        Raises:
            HoldallError: A source can't be read. What was read last is served on.
        """
        return await self._engine.refresh()

    def on_change(self, listener: Callable[[frozenset[str]], object], prefix: str = "") -> Callable[[], None]:
        """
        Have a function told which parameters have changed, and return what ends that.

        It is called with the set of their names, by the call that read them anew, before that returns; what it raises
        is raised there. Nothing watches in the background, and what this configuration itself writes is not told.

        Raises:
            InvalidArgument: The listener is no plain function.
        """
        return self._engine.on_change(listener, prefix)

    async def close(self) -> None:
        """Give back what was opened; afterwards every verb raises `ClosedError`."""
        await self._engine.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
