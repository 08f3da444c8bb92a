"""
Any blob store as a filesystem of fsspec, for what reads and writes by it: pandas, pyarrow, Dask, Zarr.

    fs = holdall.fs(blobs)
    pandas.read_csv("holdall://2026/may.csv", storage_options={"store": "file:///var/tmp/reports"})

It needs the package fsspec (extra `fsspec`). Folders are what keys say: there is none without a blob below it.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ..errors import ConfigError, InvalidArgument, NotFound
from ..opening import open_blobs

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from datetime import datetime

    from ..blob_drivers import BlobInfo
    from .files import BlobWriter
    from .store import BlobStore

    class AbstractFileSystem:
        """What is used of fsspec's class, which says nothing of its types."""

        def __init__(self, **options: Any) -> None: ...
        @classmethod
        def _strip_protocol(cls, path: Any) -> Any: ...
        def isdir(self, path: str) -> bool: ...
        def isfile(self, path: str) -> bool: ...
        def ukey(self, path: str) -> str: ...
        def expand_path(self, path: Any, recursive: bool = False, maxdepth: int | None = None) -> list[str]: ...

else:
    try:
        from fsspec.spec import AbstractFileSystem
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(
            "holdall.fs needs the package 'fsspec': pip install 'holdall[fsspec]'", name=missing.name
        ) from missing

Entry = dict[str, Any]


def fs(store: BlobStore | str) -> BlobFileSystem:
    """
    Return an fsspec filesystem over a blob store, whose paths are the keys.

    Args:
        store: The store, or its URL. One that is given by URL can be sent to other processes, as Dask does.

    Raises:
        ConfigError: The URL is wrong.
    """
    return BlobFileSystem(store, skip_instance_cache=not isinstance(store, str))


@contextmanager
def _as_files(path: str) -> Generator[None, None, None]:
    """Raise what programs expect of files."""
    try:
        yield
    except NotFound as error:
        raise FileNotFoundError(path) from error


class BlobFileSystem(AbstractFileSystem):
    """
    A blob store as a filesystem.

    Args:
        store: The store, or its URL.
    """

    protocol = "holdall"
    root_marker = ""

    def __init__(self, store: BlobStore | str | None = None, **options: Any) -> None:
        super().__init__(**options)
        if store is None:
            raise ConfigError("a filesystem of holdall needs a store: storage_options={'store': 'file:///dir'}")
        self.store: BlobStore = open_blobs(store) if isinstance(store, str) else store

    @property
    def fsid(self) -> str:
        """What is equal for two filesystems on one store."""
        return f"holdall-{self.store.capabilities.name}-{id(self.store)}"

    def info(self, path: str, **_: Any) -> Entry:
        """
        Return what is known of a file or folder.

        Raises:
            FileNotFoundError: There is neither.
        """
        path = self._strip_protocol(path)
        found = self.store.info(path) if path else None
        if found is not None:
            return _file(found)
        if path and self.store.list(f"{path}/", limit=1).first() is None:
            raise FileNotFoundError(path)
        return _folder(path)

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        """
        Return what lies in a folder, or the file itself.

        Raises:
            FileNotFoundError: There is neither.
        """
        path = self._strip_protocol(path)
        prefix = f"{path}/" if path else ""
        found = self._within(prefix)
        if not found and path:
            found = [self.info(path)]
        return found if detail else [entry["name"] for entry in found]

    def _within(self, prefix: str) -> list[Entry]:
        found: list[Entry] = []
        token: str | None = None
        while True:
            page = self.store.list(prefix, delimiter="/").page(token)
            # A key that ends with the slash is the folder itself, as some consoles make it.
            found += [_file(info) for info in page if info.key != prefix]
            found += [_folder(one.rstrip("/")) for one in page.prefixes if one.rstrip("/") != prefix.rstrip("/")]
            token = page.token
            if token is None:
                return sorted(found, key=lambda entry: str(entry["name"]))

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """Return a file, or a part of it; negative places count from its end."""
        path = self._strip_protocol(path)
        with _as_files(path):
            if (start or 0) < 0 or (end or 0) < 0:
                start, end, _step = slice(start, end).indices(int(self.info(path)["size"]))
                end = max(start, end)
            return self.store.require(path, start=start, end=end) if not _is_nothing(start, end) else b""

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **options: Any) -> None:
        """Write a file; `mode="create"` only where there is none."""
        self.store.put(self._strip_protocol(path), value, if_absent=mode == "create", **options)

    def _open(
        self, path: str, mode: str = "rb", block_size: Any = None, autocommit: bool = True, cache_options: Any = None,  # noqa: ARG002 - as fsspec calls it
        **options: Any,
    ) -> Any:  # fmt: skip
        if mode == "rb":
            with _as_files(path):
                return self.store.open(path)
        if mode not in ("wb", "xb"):
            raise InvalidArgument(f"a blob is opened by 'rb', 'wb' or 'xb', got {mode!r}")
        if mode == "xb" and self.store.exists(path):
            raise FileExistsError(path)
        writer = self.store.open(path, "wb", if_absent=mode == "xb", **options)
        return writer if autocommit else _Deferred(writer)

    def rm_file(self, path: str) -> None:
        """
        Remove a file.

        Raises:
            FileNotFoundError: There is none.
        """
        path = self._strip_protocol(path)
        with _as_files(path):
            self.store.delete(path, must_exist=True)

    def rm(self, path: Any, recursive: bool = False, maxdepth: int | None = None) -> None:
        """Remove files, or all that lies in folders."""
        paths = self.expand_path(path, recursive=recursive, maxdepth=maxdepth)
        if not recursive and len(paths) == 1:
            self.rm_file(paths[0])
            return
        self.store.delete_many([one for one in paths if one])

    def cp_file(self, path1: str, path2: str, **_: Any) -> None:
        """Copy a file; a folder has nothing to be copied."""
        source, target = self._strip_protocol(path1), self._strip_protocol(path2)
        if self.store.exists(source):
            self.store.copy(source, target)
        elif not self.isdir(source):
            raise FileNotFoundError(source)

    def created(self, path: str) -> datetime:
        """Return when a file was written."""
        return self.modified(path)

    def modified(self, path: str) -> datetime:
        """Return when a file was written."""
        found: datetime = self.info(path)["LastModified"]
        return found

    def checksum(self, path: str) -> int:
        """Return a number that changes with the file."""
        return int(self.ukey(path), 16)

    def mkdir(self, path: str, create_parents: bool = True, **_: Any) -> None:
        """Do nothing: a folder is there when something is in it."""

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        """Do nothing: a folder is there when something is in it."""

    def rmdir(self, path: str) -> None:
        """Do nothing: a folder is gone when nothing is in it."""


class _ByUrl(BlobFileSystem):
    """Blobs of a store that a path names: `holdall+SCHEME://name/key`."""

    def __init__(
        self, store: BlobStore | str | None = None, name: str = "", parameters: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:  # fmt: skip
        scheme = str(self.protocol).partition("+")[2]
        query = f"?{urlencode(parameters)}" if parameters else ""
        super().__init__(store or f"{scheme}://{name}{query}", name=name, parameters=parameters, **options)

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        several: Any = path
        if isinstance(path, list):
            return [cls._strip_protocol(one) for one in several]
        text = str(path)
        if text.startswith(f"{cls.protocol}://"):
            text = text.removeprefix(f"{cls.protocol}://").partition("/")[2]
        return text.rstrip("/")

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, Any]:
        return {"name": path.partition("://")[2].partition("/")[0]}


class MemoryFileSystem(_ByUrl):
    """The blobs of `memory://name`: `holdall+memory://name/key`."""

    protocol = "holdall+memory"


class S3FileSystem(_ByUrl):
    """The blobs of a bucket: `holdall+s3://bucket/key`; `parameters=` are those of the store's URL."""

    protocol = "holdall+s3"


def _is_nothing(start: int | None, end: int | None) -> bool:
    return end is not None and end <= (start or 0)


def _file(info: BlobInfo) -> Entry:
    return {"name": info.key, "size": info.size, "type": "file", "ETag": info.etag, "LastModified": info.modified}


def _folder(path: str) -> Entry:
    return {"name": path, "size": 0, "type": "directory"}


class _Deferred(io.BufferedIOBase):
    """A writer whose blob is made by `commit()`, as transactions of fsspec do."""

    def __init__(self, writer: BlobWriter) -> None:
        self._writer = writer

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return self._writer.write(data)

    def tell(self) -> int:
        return self._writer.tell()

    def commit(self) -> None:
        self._writer.close()

    def discard(self) -> None:
        self._writer.abort()
