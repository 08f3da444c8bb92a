"""Random programs give on every store what they give in memory."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import holdall
from holdall._frozen import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall import BlobStore

KEYS = ["a", "b/1", "b/2", "b-", "b0", "../x", "c//d", "é", "🚀", "k" * 300, "%41", "end.", "B/1"]
keys = st.sampled_from(KEYS)
contents = st.binary(max_size=40)
edges = st.none() | st.integers(0, 50)
metadata = st.dictionaries(st.sampled_from(["m", "n-1"]), st.text(st.characters(categories=["L", "Nd"])), max_size=2)


def _step(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.fixed_dictionaries(arguments).map(lambda given: (name, given))


steps = st.one_of(
    _step("put", key=keys, content=contents, metadata=metadata, if_absent=st.booleans()),
    _step("put_if_match", key=keys, content=contents, stale=st.booleans()),
    _step("write", key=keys, pieces=st.lists(contents, max_size=4), fails=st.booleans()),
    _step("get", key=keys, start=edges, end=edges), _step("last", key=keys, last=st.integers(0, 50)),
    _step("read", key=keys, place=st.integers(0, 50), size=st.integers(-1, 30)),
    _step("info", key=keys), _step("delete", key=keys, must_exist=st.booleans()),
    _step("delete_many", chosen=st.lists(keys, max_size=4)),
    _step("delete_prefix", prefix=st.sampled_from(["b", "c/"])),
    _step("copy", source=keys, key=keys, if_absent=st.booleans()), _step("move", source=keys, key=keys),
    _step("tags", key=keys, tags=st.dictionaries(st.sampled_from(["s", "t"]), st.text(max_size=3), max_size=2)),
    _step("list", prefix=st.sampled_from(["", "b", "b/", "c/", "zz"]), delimiter=st.sampled_from([None, "/", "-"]),
          limit=st.integers(1, 4)),
)  # fmt: skip


class Player:
    """Carries programs out on one store."""

    def __init__(self, store: BlobStore) -> None:
        # Parts so small that most of what is written goes in several.
        store.engine.capabilities = replace(store.engine.capabilities, part_bytes=16)
        self.store = store
        self._etags: dict[str, str] = {}

    def play(self, name: str, arguments: dict[str, Any]) -> Any:
        try:
            return getattr(self, name)(**arguments)
        except holdall.HoldallError as error:
            return type(error).__name__, error.key

    def _told(self, info: Any) -> Any:
        if info is None:
            return None
        self._etags[info.key] = info.etag
        return info.key, info.size, info.content_type, dict(info.metadata), info.checksum

    def put(self, key: str, content: bytes, metadata: dict[str, str], if_absent: bool) -> Any:
        return self._told(self.store.put(key, content, metadata=metadata, if_absent=if_absent))

    def put_if_match(self, key: str, content: bytes, stale: bool) -> Any:
        found = self.store.info(key)
        etag = "stale" if stale or found is None else found.etag
        return self._told(self.store.put(key, content, if_match=etag))

    def write(self, key: str, pieces: list[bytes], fails: bool) -> Any:
        try:
            with self.store.open(key, "wb") as file:
                for piece in pieces:
                    file.write(piece)
                if fails:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            return "given up"
        return self._told(file.info)

    def get(self, key: str, start: int | None, end: int | None) -> Any:
        return self.store.get(key, start=start, end=end)

    def last(self, key: str, last: int) -> Any:
        return self.store.get(key, last=last)

    def read(self, key: str, place: int, size: int) -> Any:
        with self.store.open(key) as file:
            file.seek(place)
            return file.read(size), file.tell()

    def info(self, key: str) -> Any:
        return self._told(self.store.info(key))

    def delete(self, key: str, must_exist: bool) -> Any:
        return self.store.delete(key, must_exist=must_exist)

    def delete_many(self, chosen: list[str]) -> Any:
        return self.store.delete_many(chosen)

    def delete_prefix(self, prefix: str) -> Any:
        return self.store.delete_prefix(prefix)

    def copy(self, source: str, key: str, if_absent: bool) -> Any:
        return self._told(self.store.copy(source, key, if_absent=if_absent))

    def move(self, source: str, key: str) -> Any:
        return self._told(self.store.move(source, key))

    def tags(self, key: str, tags: dict[str, str]) -> Any:
        self.store.set_tags(key, tags)
        return self.store.tags(key)

    def list(self, prefix: str, delimiter: str | None, limit: int) -> Any:
        pages: list[Any] = []
        token: str | None = None
        while True:
            page = self.store.list(prefix, delimiter=delimiter, limit=limit).page(token)
            pages.append(([(info.key, info.size) for info in page], list(page.prefixes)))
            token = page.token
            if token is None:
                return pages


def _files(folder: str) -> BlobStore:
    return holdall.open_blobs(f"file://{folder}/store?fsync=false")


def _versions(_: str) -> BlobStore:
    return holdall.open_blobs("memory://?versions=true")


@pytest.mark.parametrize("opened", [_files, _versions])
@given(program=st.lists(steps, min_size=1, max_size=25))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_program_gives_what_it_gives_in_memory(
    opened: Callable[[str], BlobStore], program: list[tuple[str, dict[str, Any]]]
) -> None:
    with tempfile.TemporaryDirectory() as folder, holdall.open_blobs("memory://") as memory, opened(folder) as other:
        players = Player(memory), Player(other)
        for name, arguments in program:
            expected, found = (player.play(name, arguments) for player in players)
            assert found == expected, (name, arguments)
        everything = [[(info.key, store.get(info.key)) for info in store.list()] for store in (memory, other)]
        assert everything[0] == everything[1]
        assert (list(memory.uploads()), list(other.uploads())) == ([], [])
