"""A file imports only downwards, and the core knows neither adapters nor SDKs nor asyncio."""

from __future__ import annotations

import sys

from .source import ADAPTERS, CORE, KIT, Module, within

# Bottom first. A module belongs to the longest prefix that fits.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("holdall._version", "holdall._frozen", "holdall.errors"),
    ("holdall.credentials", "holdall.deadlines", "holdall.secret", "holdall.cache", "holdall.expressions",
     "holdall.pages", "holdall.blobs.pages", "holdall.blobs.transfers"),
    ("holdall._threads",),
    ("holdall.io", "holdall.aio"),
    ("holdall._model",),
    ("holdall.urls", "holdall.drivers", "holdall.blob_drivers", "holdall.cache_drivers", "holdall.config_drivers",
     "holdall.interception"),
    ("holdall._engine",),
    ("holdall.repository", "holdall.async_repository", "holdall.blobs", "holdall.config"),
    ("holdall.spill",),
    ("holdall.registry", "holdall.caching", "holdall.opening", "holdall.references"),
    ("holdall.blobs.fsspec", "holdall.config.settings"),
    ("holdall",),
)
RANKS = {name: rank for rank, names in enumerate(LAYERS) for name in names}
PORTS = RANKS["holdall.drivers"]
# What adapters may take from the engine: the meaning of conditions and changes, checks of values, and the wait between
# tries. All but the last are pure.
LENT = {
    "holdall._engine.attempts.pause",
    "holdall._engine.blobs.checksums.Checksum",
    "holdall._engine.decide.decide",
    "holdall._engine.evaluate.evaluate",
    "holdall._engine.limits.check_number",
    "holdall._engine.planner.leaves_of",
    "holdall._engine.resolve.check_key_size",
}


def ours(module: Module) -> set[str]:
    return {name for name in module.loads() if within(name, "holdall")}


def rank(name: str) -> int:
    return RANKS[max((layer for layer in RANKS if within(name, layer)), key=len)]


def test_a_module_of_the_core_imports_only_downwards() -> None:
    upwards = {(one.name, name) for one in CORE for name in ours(one) if rank(name) > rank(one.name)}
    assert upwards == set()


def test_the_core_imports_the_standard_library_only() -> None:
    loads = {(module.name, name.partition(".")[0]) for module in CORE for name in module.loads()}
    foreign = {(module, root) for module, root in loads if root not in {*sys.stdlib_module_names, "holdall"}}
    # What a program may ask for: a bar, a filesystem of fsspec's, a source of settings, a field of pydantic's, and a
    # cache that is encrypted.
    assert foreign == {
        ("holdall.blobs.transfers", "tqdm"), ("holdall.blobs.fsspec", "fsspec"),
        ("holdall.config.settings", "pydantic_settings"), ("holdall.secret", "pydantic_core"),
        ("holdall._engine.cache.crypt", "cryptography"),
    }  # fmt: skip


def test_what_stands_upon_other_packages_is_imported_by_nobody() -> None:
    foreign = ("holdall.blobs.fsspec", "holdall.config.settings")
    imports = [module.name for module in CORE if any(within(name, *foreign) for name in module.loads())]
    assert imports == []


def test_only_aio_imports_asyncio() -> None:
    assert [module.name for module in CORE if _touches(module, "asyncio")] == ["holdall.aio"]


def test_what_waits_for_the_callers_own_alone_imports_aio() -> None:
    # Files of the caller's, and URLs in parameters, are read in threads; only programs with asyncio load it.
    imports = [module.name for module in CORE if any(within(name, "holdall.aio") for name in module.loads())]
    assert imports == ["holdall.blobs.async_store", "holdall.references"]


def test_the_core_does_not_know_the_kit() -> None:
    assert [module.name for module in CORE if any(within(name, "holdall.testing") for name in module.loads())] == []


def test_adapters_import_ports_and_what_is_below_them_and_what_the_engine_lends() -> None:
    assert {name for module in ADAPTERS for name in ours(module) if rank(name) > PORTS} == LENT


def test_the_kit_imports_no_adapter_but_by_url() -> None:
    assert {name for module in KIT for name in module.loads() if within(name, "holdall_adapters")} == set()


def _touches(module: Module, package: str) -> bool:
    return any(within(name, package) for name in module.loads())
