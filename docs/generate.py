"""
Writes the generated parts of the pages, from the code that they describe.

    python docs/generate.py

A part stands between `<!-- generated: kind name -->` and `<!-- end -->`. Kinds: "tree" and "errors" (of
`holdall.errors`), "capabilities" and "parameters" of a store's adapter, "blobs" (the capabilities of a blob store),
"config" (those of a source of parameters), "cache" (the options of every cache), "rights" that the verbs of a store
need, "pages" of a folder, "settings" of AWS that are "understood", "harmless" or "foreign" to the lean client.
"""

from __future__ import annotations

import inspect
import re
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import holdall
from holdall import errors
from holdall._engine.cache.settings import Settings
from holdall.blob_drivers import BlobCapabilities
from holdall.config_drivers import ConfigCapabilities
from holdall.drivers import Capabilities
from holdall_adapters._aws import choice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DOCS = Path(__file__).parent
_PART = re.compile(r"(<!-- generated: (\w+) ?(\w*) -->\n).*?(<!-- end -->)", re.DOTALL)
_ENTRY = re.compile(r"^    (\w+): (.*(?:\n      +.*)*)", re.MULTILINE)

STORES = {
    "memory": ("memory", "memory://"),
    "sqlite": ("sqlite", "sqlite://"),
    "postgresql": ("sql", "postgresql://localhost/shop"),
    "mysql": ("sql", "mysql://localhost/shop"),
    "aurora": ("aurora", "rds-data://shop/shop?region=eu-west-1"),
    "dynamodb": ("dynamodb", "dynamodb://tasks?region=eu-west-1"),
}
"""By the page's name: the adapter, and a URL to open. Nothing is sent by opening."""
BLOB_STORES = {"memory": ("memory", "memory://"), "files": ("files", "file:///tmp/blobs"), "s3": ("s3", "s3://bucket")}
"""The same for blobs."""

SOURCES = {
    "memory": ("memory", "memory://"),
    "environment": ("env", "env:///SHOP_"),
    "settings": ("files.config", "file:///etc/shop/settings.toml"),
    "ssm": ("ssm", "ssm:///shop/prod?region=eu-west-1"),
}
"""The same for configuration."""
CACHES = {"redis": ("redis", ""), "memcached": ("memcached", "")}
"""By the page's name: the adapter of a cache."""


@dataclass
class _Task:
    id: holdall.Key[str]


def render(page: str) -> str:
    """Return a page's text with its generated parts made anew."""
    return _PART.sub(lambda part: part[1] + _KINDS[part[2]](part[3]) + part[4], page)


def _tree(_: str) -> str:
    lines = (errors.__doc__ or "").splitlines()
    return "\n" + "\n".join(line for line in lines if line.startswith("    ")) + "\n\n"


def _errors(_: str) -> str:
    rows = (_error_row(cls) for cls in _below(errors.HoldallError) if not cls.__name__.startswith("_"))
    return _table(("error", "code", "retry", "carries", "raised"), rows)


def _below(cls: type[errors.HoldallError]) -> Iterator[type[errors.HoldallError]]:
    for sub in cls.__subclasses__():
        if sub.__module__ == errors.__name__:
            yield sub
            yield from _below(sub)


def _error_row(cls: type[errors.HoldallError]) -> tuple[str, ...]:
    own = inspect.signature(cls).parameters.keys() - inspect.signature(errors.HoldallError).parameters.keys()
    carries = [f"`{name}`" for name in inspect.signature(cls).parameters if name in own - {"details"}]
    text = _joined((cls.__doc__ or "").strip().partition("\n\n")[0]).removeprefix("Raised ")
    return f"`{cls.__name__}`", f"`{cls.code}`", cls.default_retry, ", ".join(carries), text


def _capabilities(store: str) -> str:
    with holdall.open_repository(STORES[store][1], _Task) as repository:
        values = repository.capabilities
    meanings = _entries(Capabilities.__doc__, "Attributes")
    rows = ((f"`{name}`", _value(getattr(values, name)), meanings[name]) for name in Capabilities.__annotations__)
    return _table(("capability", "here", "what it means"), rows)


def _blobs(store: str) -> str:
    with holdall.open_blobs(BLOB_STORES[store][1]) as blobs:
        values = blobs.capabilities
    meanings = _entries(BlobCapabilities.__doc__, "Attributes")
    rows = ((f"`{name}`", _value(getattr(values, name)), meanings[name]) for name in BlobCapabilities.__annotations__)
    return _table(("capability", "here", "what it means"), rows)


def _config(source: str) -> str:
    with holdall.open_config(SOURCES[source][1]) as config:
        values = config.capabilities
    meanings = _entries(ConfigCapabilities.__doc__, "Attributes")
    rows = ((f"`{name}`", _value(getattr(values, name)), meanings[name]) for name in ConfigCapabilities.__annotations__)
    return _table(("capability", "here", "what it means"), rows)


def _cache(_: str) -> str:
    usual, meanings = Settings(), _entries(Settings.__doc__, "Attributes")
    rows = ((f"`{name}`", f"{getattr(usual, name)}", meanings[name]) for name in Settings.__annotations__)
    return _table(("parameter", "by default", "meaning"), rows)


def _value(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "no limit", True: "yes", False: "no"}[value]
    return f"{value:,}" if isinstance(value, int) else f'"{value}"'


def _parameters(store: str) -> str:
    adapter: Any = import_module(f"holdall_adapters.{({**CACHES, **SOURCES, **BLOB_STORES, **STORES})[store][0]}")
    meanings = _entries(adapter.__doc__, "Parameters")
    return _table(("parameter", "meaning"), ((f"`{name}`", text) for name, text in meanings.items()))


def _rights(store: str) -> str:
    permissions: Any = import_module(f"holdall_adapters.{store}.permissions")
    rows = ((verb, *map(_codes, permissions.rights_of(verb))) for verb in permissions.VERBS)
    return _table(("verb", *permissions.PLACES), rows)


def _codes(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _settings(group: str) -> str:
    if group == "foreign":
        return _table(("variable", "means"), ((f"`{name}`", text) for name, (_, text) in choice.FOREIGN.items()))
    names = choice.UNDERSTOOD if group == "understood" else choice.HARMLESS
    return _table(("variable", "what it is" if group == "understood" else "why"),
                  ((f"`{name}`", text) for name, text in names.items()))


def _pages(folder: str) -> str:
    pages = sorted(page for page in (DOCS / folder).glob("*.md") if page.name != "README.md")
    titles = ((page.name, page.read_text().partition("\n")[0].removeprefix("# ")) for page in pages)
    return "\n" + "".join(f"- [{title}]({name})\n" for name, title in titles) + "\n"


def _entries(doc: str | None, section: str) -> dict[str, str]:
    """Return the entries of a docstring's last section: names with their texts."""
    entries = inspect.cleandoc(doc or "").partition(f"{section}:\n")[2]
    return {name: _joined(text) for name, text in _ENTRY.findall(entries)}


def _joined(text: str) -> str:
    return " ".join(text.split())


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [" | ".join(cell.replace("|", "\\|") for cell in line) for line in (heads, ("---",) * len(heads), *rows)]
    return "\n" + "".join(f"| {line} |\n" for line in lines) + "\n"


_KINDS: dict[str, Callable[[str], str]] = {
    "tree": _tree,
    "errors": _errors,
    "capabilities": _capabilities,
    "blobs": _blobs,
    "config": _config,
    "cache": _cache,
    "parameters": _parameters,
    "rights": _rights,
    "pages": _pages,
    "settings": _settings,
}


def main() -> int:
    """Write the parts; return 1 where a page has changed, so that a hook stops."""
    changed = 0
    for page in sorted(DOCS.glob("**/*.md")):
        text = page.read_text()
        if (new := render(text)) != text:
            page.write_text(new)
            changed = 1
    return changed


if __name__ == "__main__":
    sys.exit(main())
