"""The verbs of configuration, written once for every source and both shells."""

from __future__ import annotations

import time
from types import UnionType
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_origin

from ..._frozen import replace
from ..._model.kinds.portable import is_map
from ...config_drivers import ConfigCapabilities, Entry
from ...errors import ConfigError, HoldallError, InvalidArgument, NotFound, Unsupported
from ..verb import Verb
from .layer import NEVER
from .loading import MISSING as IS_MISSING
from .loading import Wrong, check, names_of, read_given, read_record, told
from .scalars import Bad
from .trees import fold, merged, tree_of
from .typed import is_mapping, reader_of, record_of
from .values import check_new, check_version, new_value

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from ...cache import CacheStats
    from ...config_drivers import Parameter
    from .layer import Layer

    Listener = Callable[[frozenset[str]], object]
    Parameters = list[Parameter]
    Told = tuple[frozenset[str], list[Exception]]


T = TypeVar("T")


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = _Missing()
_UNIONS = (Union, UnionType)
_COROUTINE = 0x80


class Configuration:
    """Parameters of several sources in layers, the first of which counts."""

    def __init__(self, layers: Sequence[Layer], clock: Callable[[], float] | None = None) -> None:
        self.layers = tuple(layers)
        self.closed = False
        self.capabilities = _together([layer.driver.capabilities for layer in layers])
        self._folded = self.capabilities.folded
        self._clock = clock or time.time
        self._values: dict[tuple[str, Any], Any] = {}
        self._since, self._until = NEVER, -NEVER
        self._listeners: list[tuple[str, Listener]] = []

    @property
    def cache_stats(self) -> tuple[CacheStats, ...]:
        """What the caches in front of the sources have done, the nearest first."""
        tiers = {id(tier): tier for layer in self.layers for tier in getattr(layer.driver, "tiers", ())}
        return tuple(tier.stats for tier in tiers.values())

    @property
    def title(self) -> str:
        """What it is, in words."""
        return "configuration"

    def words_of(self, target: object) -> object:
        """Return the name of what a verb is about."""
        return target

    def verb(self, operation: str, name: object = None) -> Verb:
        """
        Return the block in which a verb runs.

        Raises:
            ClosedError: (on entering) the configuration is closed.
        """
        return Verb(self, operation, name)

    def cached(self, name: str, kind: Any) -> Any:
        """Return the value that was read before and still serves; else MISSING."""
        try:
            return self._values.get((name, kind), MISSING) if self._since <= self._clock() < self._until else MISSING
        except TypeError:  # an annotation that can't be hashed
            return MISSING

    async def get(self, name: str, kind: Any, default: Any) -> Any:
        with self.verb("get", name):
            value = await self._value(name, kind)
            return default if value is MISSING else value

    async def require(self, name: str, kind: Any) -> Any:
        with self.verb("require", name):
            value = await self._value(name, kind)
            if value is MISSING:
                raise NotFound(f"there is no parameter {name!r} in {self.sources}")
            return value

    async def _value(self, name: str, kind: Any) -> Any:
        found = self.cached(name, kind)
        if found is not MISSING:
            return found
        values = self._values  # another dict after a write or a refresh meanwhile, which this value may be older than
        found = await self._read(self._checked(name), kind)
        if isinstance(found, Wrong):
            raise self._refusal(found, name)
        # A union has no order as a key, and a record can be changed.
        if found is not MISSING and get_origin(kind) not in _UNIONS and record_of(kind) is None:
            _keep(values, (name, kind), found)
        return found

    async def _read(self, name: str, kind: Any) -> Any:
        """Return a value, what is `Wrong` about it, or MISSING. Frames that raise don't see what was read."""
        check(kind)
        cls = record_of(kind)
        if cls is None and not is_mapping(kind):
            entry = await self._entry(name)
            found: Any = MISSING if entry is None else reader_of(kind).read(entry.value)
            return Wrong([found]) if isinstance(found, Bad) else found
        names = [name] if cls is None else [name, *names_of(cls, f"{name}/")]
        tree = (await self._tree(names, record=cls is not None)).get_at(name)
        if tree is MISSING:
            return MISSING
        found = reader_of(kind).read(tree) if cls is None else read_record(cls, tree)
        return Wrong([found]) if isinstance(found, Bad) else found

    async def _entry(self, name: str) -> Entry | None:
        """Return a parameter of the first source that has it. The others behind it are not asked."""
        for layer in self.layers:
            entries = await self._current(layer, [name])
            entry = entries.get(layer.key(name))
            if entry is not None and entry.value is not None:
                return entry
        return None

    async def _tree(self, names: Iterable[str], *, record: bool) -> _Tree:
        """
        Return what all sources have together; of those that are asked name by name, these names.

        For a record, names that fold alike are one, so that the first source counts however it spells them.
        """
        folded = record or self._folded
        listed = list(names)
        # All are read before a value is taken out, so that a source that can't be read has none in its traceback.
        asked = [*listed, *(name.replace("_", "-") for name in listed if "_" in name)] if folded else listed
        read = [(layer, await self._current(layer, asked)) for layer in self.layers]
        tree: dict[str, Any] = {}
        for layer, entries in read:
            wanted = {layer.key(name) for name in asked}
            values = {
                name: entry.value for name, entry in entries.items()
                if entry.value is not None and (name in wanted or layer.gives(name))
            }  # fmt: skip
            tree = merged(tree, tree_of(values, branches_first=record), folded=folded)
        return _Tree(tree, folded)

    async def _current(self, layer: Layer, names: Iterable[str]) -> Mapping[str, Entry]:
        try:
            return await layer.current(names)
        finally:
            self._renew()
            _, errors = self._tell(layer)
            if errors:
                raise errors[0]

    def _renew(self) -> None:
        """Work out anew until when values serve without a look at the sources."""
        read = [layer for layer in self.layers if layer.fetched is not None]
        until = min((layer.due for layer in read), default=-NEVER)
        if until != self._until:
            self._values = {}
            self._since = max((layer.fetched or 0.0 for layer in read), default=NEVER)
            self._until = until

    def _refusal(self, wrong: Wrong, name: str) -> ConfigError:
        problems = told(("/".join((*filter(None, [name]), *each.path)) or "all", each) for each in wrong.problems)
        missing = all(each.found == IS_MISSING for each in wrong.problems)
        where = f" in {self.sources}" if missing else ""
        if len(problems) == 1:
            return ConfigError(f"{problems[0]}{where}", problems=problems)
        lines = "".join(f"\n  {problem}" for problem in problems)
        return ConfigError(f"{len(problems)} parameters are wrong{where}:{lines}", problems=problems)

    @property
    def sources(self) -> str:
        """The sources, in words."""
        return ", ".join(layer.driver.source for layer in self.layers)

    def _checked(self, name: Any) -> str:
        if not isinstance(name, str) or not name or not name.isprintable():
            raise InvalidArgument("a parameter is named by a printable text such as 'db/port', which is not empty")
        checked: str = name
        for layer in self.layers:
            layer.driver.check_name(name, write=False)
            checked = layer.driver.canonical(checked)
        return checked

    async def load(self, cls: type, prefix: str) -> Any:
        with self.verb("load", prefix or None):
            prefix = self._checked(prefix.rstrip("/")) if prefix else ""
            found = await self._loaded(cls, prefix, read_record)
            if isinstance(found, Wrong):
                raise self._refusal(found, prefix)
            return found

    async def _loaded(self, cls: type, prefix: str, read: Callable[[type, Any], Any]) -> Any:
        check(cls)
        tree = await self._tree(names_of(cls, f"{prefix}/" if prefix else ""), record=True)
        found = tree.get_at(prefix) if prefix else tree.tree
        return read(cls, {} if found is MISSING else found)

    async def given(self, cls: type, prefix: str) -> dict[str, Any]:
        """Return the values of the fields of a class that the sources have, those of classes inside as dicts."""
        with self.verb("load", prefix or None):
            prefix = self._checked(prefix.rstrip("/")) if prefix else ""
            found = await self._loaded(cls, prefix, read_given)
            if isinstance(found, Wrong):
                raise self._refusal(found, prefix)
            values: dict[str, Any] = found
            return values

    async def put(
        self, name: str, value: Any, kms_key: str | None, tags: Mapping[str, str] | None, if_absent: bool,
        if_version: int | None,
    ) -> Parameter:  # fmt: skip
        with self.verb("put", name):
            name = self._checked(name)
            layer = self._writable(name)
            new = new_value(name, value, kms_key, tags, if_absent, if_version)
            check_new(name, new, layer.driver.capabilities)
            known = layer.entries.get(layer.key(name))
            if known is not None and known.about.kind == "SecureString" != new.kind:
                raise InvalidArgument(f"{name!r} is a SecureString; give the new value as Secret(...)")
            # A put that is sent twice makes two versions of one value, so after a lost answer the caller decides.
            about = await self._written(layer, lambda: layer.driver.put(name, new), repeatable=False)
            layer.wrote(name, Entry(new.text, about))
            self._values = {}
            return about

    async def delete(self, name: str, if_version: int | None) -> None:
        with self.verb("delete", name):
            name = self._checked(name)
            layer = self._writable(name)
            check_version("delete", name, if_version)
            if if_version is not None and not layer.driver.capabilities.versions:
                raise Unsupported(f"{layer.driver.capabilities.name} has no versions")
            await self._written(layer, lambda: layer.driver.delete(name, if_version), repeatable=if_version is None)
            layer.wrote(name, None)
            self._values = {}

    async def _written(self, layer: Layer, job: Callable[[], Awaitable[T]], *, repeatable: bool) -> T:
        try:
            return await layer.ask(job, repeatable=repeatable)
        except HoldallError as error:
            if error.maybe_done:
                layer.doubt()
                self._renew()
            raise

    def _writable(self, name: str) -> Layer:
        for layer in self.layers:
            if layer.driver.capabilities.writable:
                layer.driver.check_name(name, write=True)
                return layer
        raise Unsupported(f"none of the sources can be written to: {self.sources}")

    async def list(self, prefix: str) -> Parameters:
        with self.verb("list", prefix or None):
            found: dict[str, Parameter] = {}
            for layer in reversed(self.layers):
                for about in await self._listed(layer, prefix):
                    if about.name.startswith(prefix):
                        key = fold(about.name) if self._folded else about.name
                        found[key] = replace(about, source=layer.driver.source)
            return sorted(found.values(), key=lambda about: about.name)

    async def _listed(self, layer: Layer, prefix: str) -> Sequence[Parameter]:
        if not layer.driver.capabilities.whole:
            return await layer.ask(lambda: layer.driver.listed(prefix))
        entries = await self._current(layer, ())
        return [entry.about for name, entry in entries.items() if entry.value is not None and layer.gives(name)]

    async def history(self, name: str) -> Parameters:
        with self.verb("history", name):
            name = self._checked(name)
            layer = self._with("versions", name)
            found = await layer.ask(lambda: layer.driver.history(name))
            return [replace(about, source=layer.driver.source) for about in found]

    async def label(self, name: str, labels: Sequence[str], version: int | None) -> None:
        with self.verb("label", name):
            name = self._checked(name)
            layer = self._with("labels", name)
            layer.driver.check_name(name, write=True)
            await layer.ask(lambda: layer.driver.label(name, version, labels))
            layer.forget_versions(name)
            self._values = {}

    def _with(self, capability: str, name: str) -> Layer:
        for layer in self.layers:
            if getattr(layer.driver.capabilities, capability):
                layer.driver.check_name(name, write=False)
                return layer
        raise Unsupported(f"none of the sources has {capability}: {self.sources}")

    async def refresh(self) -> frozenset[str]:
        with self.verb("refresh"):
            errors: list[Exception] = []
            for layer in self.layers:
                try:
                    await layer.renewed()
                except HoldallError as error:
                    errors.append(error)
            self._renew()
            # All are read before anybody is told, since a listener may raise.
            told = [self._tell(layer) for layer in self.layers]
            errors += [error for _, raised in told for error in raised]
            if errors:
                raise errors[0]
            return frozenset[str]().union(*(names for names, _ in told))

    def on_change(self, listener: Listener, prefix: str) -> Callable[[], None]:
        """Have a function told of changes; return what ends it."""
        code = getattr(listener, "__code__", None)
        if not callable(listener) or (code is not None and code.co_flags & _COROUTINE):
            raise InvalidArgument("on_change takes a plain function of one argument, the set of names that changed")
        listening = (prefix, listener)
        self._listeners.append(listening)
        return lambda: self._listeners.remove(listening) if listening in self._listeners else None

    def _tell(self, layer: Layer) -> Told:
        """
        Tell listeners of the names whose value has changed, and that no source before hides.

        Return all names that have changed, and what listeners raised.
        """
        names = layer.take_changes()
        if not names:
            return names, []
        self._values = {}
        before = self.layers[: self.layers.index(layer)]
        seen = {name for name in names if not any(each.key(name) in each.entries for each in before)}
        errors: list[Exception] = []
        for prefix, listener in tuple(self._listeners):
            told_of = frozenset(name for name in seen if name.startswith(prefix))
            try:
                if told_of:
                    listener(told_of)
            except Exception as error:  # noqa: BLE001 - raised when the others were told
                errors.append(error)
        return names, errors

    @property
    def native(self) -> Any:
        """What lies below the first source that has something."""
        return next((found for each in self.layers if (found := each.driver.native) is not None), None)

    @property
    def age(self) -> float | None:
        """Seconds since the oldest of what is served was read; None where nothing was."""
        refreshed = [each for each in self.layers if each.driver.freshness.max_age is not None]
        ages = [self._clock() - each.fetched for each in refreshed or self.layers if each.fetched is not None]
        return max(0.0, *ages) if ages else None

    @property
    def stale(self) -> bool:
        """Whether something that is served is older than it should be."""
        now = self._clock()
        return any(layer.is_stale(now) for layer in self.layers)

    @property
    def failure(self) -> HoldallError | None:
        """What the last attempt to read one of the sources ended with; None where all went well."""
        return next((layer.failure for layer in self.layers if layer.failure is not None), None)

    async def close(self) -> None:
        self.closed = True
        self._values, self._until = {}, -NEVER
        for layer in self.layers:
            await layer.driver.close()


def _keep(values: dict[tuple[str, Any], Any], key: tuple[str, Any], value: Any) -> None:
    try:
        hash(value)  # else it may be changed
        values[key] = value
    except TypeError:  # also of an annotation that can't be hashed
        return


class _Tree:
    """Values as dicts in dicts."""

    def __init__(self, tree: dict[str, Any], folded: bool) -> None:
        self.tree = tree
        self._folded = folded

    def get_at(self, name: str) -> Any:
        """Return what is at a path; MISSING where nothing is."""
        place: Any = self.tree
        for step in name.split("/"):
            place = self._at(place, step) if is_map(place) else MISSING
        return place

    def _at(self, place: dict[str, Any], step: str) -> Any:
        if step in place or not self._folded:
            return place.get(step, MISSING)
        return next((value for name, value in place.items() if fold(name) == fold(step)), MISSING)


def _together(all_of: Sequence[ConfigCapabilities]) -> ConfigCapabilities:
    """Return what several sources can do together: what one of them can."""
    flags = ("writable", "versions", "labels", "tags", "folded")
    first = next((each for each in all_of if each.writable), all_of[0])
    able = {flag: any(getattr(each, flag) for each in all_of) for flag in flags}
    return replace(first, name="+".join(dict.fromkeys(each.name for each in all_of)), **able)

