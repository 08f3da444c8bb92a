"""What settings files say, by their endings: TOML, JSON, YAML and .env. Pure."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from holdall.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable


def reader_of(path: str) -> Callable[[str], Any] | None:
    """Return what reads a file of this name; None where its ending says nothing."""
    name = path.rpartition("/")[2]
    ending = ".env" if name.startswith(".env") else f".{name.rpartition('.')[2].lower()}"
    return _READERS.get(ending)


def check_installed(path: str) -> None:
    """
    Check that the package that reads a file of this name is there.

    Raises:
        ConfigError: It is not installed.
    """
    reader = reader_of(path)
    for read, load in _PACKAGES.items():
        if read is reader:
            load()


def _module(name: str, extra: str, what: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise ConfigError(f"{what} needs the package {error.name!r}: pip install 'holdall[{extra}]'") from error


def _toml_module() -> Any:
    try:
        return import_module("tomllib")
    except ModuleNotFoundError:  # Python 3.10
        return _module("tomli", "toml", "a TOML file")


def _yaml_module() -> Any:
    return _module("yaml", "yaml", "a YAML file")


def _dotenv_module() -> Any:
    return _module("dotenv", "dotenv", "a .env file")


def _toml(text: str) -> Any:
    return _toml_module().loads(text)


def _json(text: str) -> Any:
    import json

    return json.loads(text)


def _yaml(text: str) -> Any:
    yaml = _yaml_module()
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
    # Its own words show the text at fault, which may be a secret.
    raise ValueError("it is no YAML" if line is None else f"it is no YAML at line {line}")


def _dotenv(text: str) -> Any:
    import io

    found: dict[str, str | None] = _dotenv_module().dotenv_values(stream=io.StringIO(text), interpolate=False)
    # A line without "=" says nothing, and may be the rest of a value that was broken in two.
    return {name.lower().replace("__", "/"): value for name, value in found.items() if value is not None}


_READERS: dict[str, Callable[[str], Any]] = {
    ".toml": _toml, ".json": _json, ".yaml": _yaml, ".yml": _yaml, ".env": _dotenv,
}  # fmt: skip
_PACKAGES: dict[Callable[[str], Any], Callable[[], Any]] = {
    _toml: _toml_module, _yaml: _yaml_module, _dotenv: _dotenv_module,
}  # fmt: skip
ENDINGS = ".toml, .json, .yaml, .yml or .env"
