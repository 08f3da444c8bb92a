"""
Settings in a file: TOML, JSON, YAML or .env, by the file's ending.

    file:///etc/shop/settings.toml     a file named from the root
    file://./settings.toml             a file beside the working directory of the moment when it is opened

Tables and objects are paths: `port` of the table `[db]` is "db/port". Names of a .env file are as in the environment.

Parameters:
    optional: "true" takes a file that is not there for an empty one.
    max_age: Seconds that what was read serves; by default "never" is it read anew.
    max_stale: Seconds beyond it that it still serves while it can't be read anew; by default 86400, a day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall.config_drivers import ConfigCapabilities, Entry, Parameter, ReadOnly
from holdall.errors import AccessDenied, ConfigError, ResourceMissing, Unavailable
from holdall.io import BlockingIo

from .formats import check_installed, reader_of
from .options import ConfigOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from holdall.config_drivers import ConfigDriver, ConfigOpening, Freshness
    from holdall.io import Io
    from holdall.urls import Url


def open_config(url: Url, opening: ConfigOpening) -> tuple[ConfigDriver, Io]:
    """
    Open a file of settings. It is not read yet.

    Raises:
        ConfigError: The URL is wrong, or the package that reads such files is not installed.
    """
    options = ConfigOptions.from_url(url)
    check_installed(options.path)
    io: Io = BlockingIo()
    if opening.asynchronous:
        # Imported here: only asynchronous programs pay for asyncio.
        from holdall.aio import ThreadIo

        io = ThreadIo()
    return FileConfig(options, io), io


class FileConfig(ReadOnly):
    """The settings of one file."""

    def __init__(self, options: ConfigOptions, io: Io) -> None:
        self._options = options
        self._io = io
        self._capabilities = ConfigCapabilities("files", folded=options.folded)

    @property
    def capabilities(self) -> ConfigCapabilities:
        return self._capabilities

    @property
    def freshness(self) -> Freshness:
        return self._options.freshness

    @property
    def source(self) -> str:
        return f"file://{self._options.path}"

    async def load(self) -> Mapping[str, Entry]:
        # Without a name for the text, which a traceback with variables would show.
        return self._entries(await self._io.call(self._text))

    async def fetch(self, names: Sequence[str]) -> Mapping[str, Entry]:
        entries = await self.load()
        return {name: entries[name] for name in names if name in entries}

    def _text(self) -> str | None:
        path = self._options.path
        try:
            with open(path, encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs a cold start
                return file.read()
        except FileNotFoundError as error:
            if self._options.optional:
                return None
            raise ResourceMissing(f"there is no file {path!r}; with ?optional=true it may be missing") from error
        except PermissionError as error:
            raise AccessDenied(f"the file {path!r} may not be read") from error
        except UnicodeDecodeError:
            problem = ConfigError(f"the file {path!r} is not UTF-8")
        except OSError as error:
            raise Unavailable(f"the file {path!r} can't be read") from error
        raise problem  # here, since the error of the codec shows what is in the file

    def _entries(self, text: str | None) -> dict[str, Entry]:
        named, problem = ({}, None) if text is None else _parsed(self._options.path, text)
        if problem is not None:
            del text
            raise ConfigError(f"the file {self._options.path!r} can't be read: {problem}")
        return {name: Entry(value, Parameter(name, "String", source=self.source)) for name, value in named.items()}


def _parsed(path: str, text: str) -> tuple[dict[str, Any], str | None]:
    """Return what a file says by its names, and what is wrong with it without showing it."""
    read = reader_of(path)
    assert read is not None, "the URL was checked for it"
    try:
        found = read(text)
        if found is None or isinstance(found, dict):
            return dict(_leaves(found or {})), None  # pyright: ignore[reportUnknownArgumentType] - of any keys
    except RecursionError:
        return {}, "it is nested too deep"
    except ValueError as error:
        line = getattr(error, "lineno", None)
        own = str(error) if str(error).startswith("it is no") else None
        return {}, own or ("it is not well formed" if line is None else f"it is not well formed at line {line}")
    return {}, "there are no names at its top"


def _leaves(tree: dict[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}/")  # pyright: ignore[reportUnknownArgumentType] - of any keys
        else:
            yield f"{prefix}{name}", value
