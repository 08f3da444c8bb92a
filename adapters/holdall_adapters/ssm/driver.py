"""The port of configuration over Parameter Store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall._frozen import replace
from holdall.config_drivers import ConfigCapabilities, Parameter
from holdall.errors import Unavailable, Unsupported

from . import writes
from .client import open_calls
from .extension import Extension, Unserved
from .options import Options
from .schema import (
    ADVANCED_BYTES,
    HISTORY_PAGE,
    PAGE,
    check_labels,
    check_readable,
    check_writable,
    is_arn,
    split,
)
from .service import Service
from .wire import batches, full_name, matched, read_entry, shown_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdall.config_drivers import ConfigDriver, ConfigOpening, Entry, Freshness, NewValue
    from holdall.io import Io
    from holdall.urls import Url

    from .._aws.client import Calls


def open_config(url: Url, opening: ConfigOpening) -> tuple[ConfigDriver, Io]:
    """
    Open the parameters below a path. Nothing is sent, and no client is made, before the first call.

    Raises:
        ConfigError: The URL is wrong, or the package that the connection needs is not installed.
    """
    options = Options.from_url(url, opening.credentials)
    calls, io = open_calls(options.connection, opening)
    extension = Extension(options.connection, opening) if options.extension else None
    return ParameterStore(calls, io, options, extension), io


class ParameterStore:
    """The parameters below one path."""

    def __init__(self, calls: Calls, io: Io, options: Options, extension: Extension | None) -> None:
        self._service = Service(calls, io)
        self._io = io
        self._options = options
        self._extension = extension
        self._capabilities = ConfigCapabilities(
            "ssm", writable=True, versions=True, labels=True, tags=True, whole=not options.by_name,
            max_value_bytes=ADVANCED_BYTES,
        )  # fmt: skip

    @property
    def capabilities(self) -> ConfigCapabilities:
        return self._capabilities

    @property
    def freshness(self) -> Freshness:
        return self._options.freshness

    @property
    def source(self) -> str:
        base = self._options.base
        return f"ssm://{base}" if base else "ssm:///"

    @property
    def native(self) -> Any:
        return self._service.native()

    def _full(self, name: str) -> str:
        return full_name(self._options.base, name)

    def check_name(self, name: str, *, write: bool) -> None:
        (check_writable if write else check_readable)(name, self._full(name))

    def is_special(self, name: str) -> bool:
        return name.startswith(("/", "arn:")) or split(name)[1] != ""

    def canonical(self, name: str) -> str:
        return shown_name(self._options.base, name)

    async def load(self) -> Mapping[str, Entry]:
        found = await self._below(self._options.base or "/", decrypt=True)
        return {entry.about.name: entry for entry in found}

    async def listed(self, prefix: str) -> Sequence[Parameter]:
        if is_arn(self._options.base):
            raise Unsupported("what is below an ARN can't be listed; list it in the account that shares it")
        # No further up than it must be, for the rights.
        folder = self._full(prefix).rpartition("/")[0] if "/" in prefix else self._options.base
        return [entry.about for entry in await self._below(folder or "/", decrypt=False)]

    async def _below(self, path: str, *, decrypt: bool) -> list[Entry]:
        params = {"Path": path, "Recursive": True, "WithDecryption": decrypt, "MaxResults": PAGE}
        return await self._paged("GetParametersByPath", params, path, None) or []

    async def _paged(
        self, operation: str, params: Mapping[str, Any], place: str, name: str | None
    ) -> list[Entry] | None:
        """Return what all pages have, under one name or under each its own; None for no such parameter."""
        found: list[Entry] = []
        token: str | None = None
        seen: set[str] = set()
        while True:
            more = {} if token is None else {"NextToken": token}
            page = await self._page(operation, {**params, **more}, place, name)
            if page is None:
                return None
            entries, token = page
            found += entries
            if token is None:
                return found
            if token in seen:
                raise Unavailable("Parameter Store gave the token of a page twice", backend="ssm")
            seen.add(token)

    async def _page(
        self, operation: str, params: Mapping[str, Any], place: str, name: str | None
    ) -> tuple[list[Entry], str | None] | None:
        """Return one page, which may have fewer parameters than it could, or none; and the token of the next."""
        answer = await writes.if_there(self._service, operation, params, place)
        if answer is None:
            return None
        base = self._options.base
        found = [read_entry(name or shown_name(base, each["Name"]), each, self.source) for each in answer["Parameters"]]
        return found, answer.get("NextToken") or None

    async def fetch(self, names: Sequence[str]) -> Mapping[str, Entry]:
        full = {self._full(name): name for name in names}
        found, left = ({}, list(full)) if self._extension is None else await self._by_extension(list(full))
        jobs = [self._batch(batch) for batch in batches(left)]
        for answered in await self._io.gather(jobs, parallel=self._options.connection.parallel):
            found.update(answered)
        return {full[each]: entry for each, entry in found.items()}

    async def _batch(self, batch: list[str]) -> dict[str, Entry]:
        answer = await self._service.call("GetParameters", {"Names": batch, "WithDecryption": True}, batch[0])
        found = matched(batch, answer["Parameters"])
        missing: set[str] = set(answer.get("InvalidParameters") or ())
        lost = [name for name in batch if name not in found and name not in missing]
        if lost and len(found) < len(answer["Parameters"]):
            del answer, found
            raise Unavailable(f"Parameter Store answers with other parameters than {lost[0]!r}", backend="ssm")
        return {name: read_entry(self._shown(name), each, self.source) for name, each in found.items()}

    def _shown(self, full: str) -> str:
        return shown_name(self._options.base, split(full)[0])

    async def _by_extension(self, names: list[str]) -> tuple[dict[str, Entry], list[str]]:
        """Return what the extension has, and the names that Parameter Store itself is to be asked for."""
        assert self._extension is not None
        found: dict[str, Entry] = {}
        left: list[str] = []
        for place, name in enumerate(names):
            try:
                parameter = await self._extension.get(name)
            except Unserved as unserved:
                left.append(name)
                if not unserved.there:
                    return found, left + names[place + 1 :]
                continue
            if parameter is not None:
                found[name] = read_entry(self._shown(name), parameter, self.source)
        return found, left

    async def put(self, name: str, new: NewValue) -> Parameter:
        key = new.key or (self._options.kms_key if new.kind == "SecureString" else None)
        return await writes.put(self._service, name, self._full(name), replace(new, key=key), self.source)

    async def delete(self, name: str, version: int | None) -> bool:
        return await writes.delete(self._service, self._full(name), version)

    async def history(self, name: str) -> Sequence[Parameter]:
        full = self._full(name)
        params = {"Name": full, "WithDecryption": False, "MaxResults": HISTORY_PAGE}
        found = await self._paged("GetParameterHistory", params, full, name) or []
        return sorted((entry.about for entry in found), key=lambda about: about.version or 0)

    async def label(self, name: str, version: int | None, labels: Sequence[str]) -> None:
        check_labels(tuple(labels))
        await writes.label(self._service, self._full(name), version, labels)

    async def close(self) -> None:
        await self._service.calls.close()
        if self._extension is not None:
            await self._extension.close()
