"""Lists: in the order of UTF-8, by prefix, with common prefixes, in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ...errors import InvalidArgument, InvalidToken
from .base import BlobKit

if TYPE_CHECKING:
    from ...blobs.store import BlobStore
    from .base import BlobStores

KEYS = ["a", "b/1", "b/2", "b/c/3", "b-", "b0", "c", "é", "\uffee", "🚀", "z/1"]


def fill(blobs: BlobStore, keys: list[str]) -> None:
    for key in keys:
        blobs.put(key, key)


def keys_of(found: Any) -> list[str]:
    return [info.key for info in found]


class ListTests(BlobKit):
    """Listing."""

    def test_an_empty_store_has_an_empty_list(self, blobs: BlobStore) -> None:
        assert blobs.list().all() == []
        assert blobs.list(delimiter="/").prefixes() == []
        page = blobs.list().page()
        assert (list(page.items), list(page.prefixes), page.token) == ([], [], None)
        assert blobs.list().first() is None

    def test_keys_come_in_the_order_of_their_utf_8(self, blobs: BlobStore) -> None:
        fill(blobs, KEYS)
        assert keys_of(blobs.list()) == sorted(KEYS, key=str.encode)
        first = blobs.list().first()
        assert first is not None
        assert first.key == "a"

    def test_a_list_tells_size_etag_and_time(self, blobs: BlobStore) -> None:
        told = blobs.put("a", b"four", metadata={"x": "y"})
        (found,) = blobs.list()
        assert (found.size, found.etag, found.modified.utcoffset()) == (4, told.etag, told.modified.utcoffset())
        assert (found.content_type, dict(found.metadata), found.checksum) == (None, {}, None)

    @pytest.mark.parametrize(("prefix", "expected"), [
        ("b", ["b-", "b/1", "b/2", "b/c/3", "b0"]), ("b/", ["b/1", "b/2", "b/c/3"]), ("b/c", ["b/c/3"]),
        ("b/1", ["b/1"]), ("b/1x", []), ("x", []), ("é", ["é"]),
    ])  # fmt: skip
    def test_a_prefix_chooses(self, blobs: BlobStore, prefix: str, expected: list[str]) -> None:
        fill(blobs, KEYS)
        assert keys_of(blobs.list(prefix)) == expected

    def test_start_after_leaves_out_what_comes_before(self, blobs: BlobStore) -> None:
        fill(blobs, KEYS)
        assert keys_of(blobs.list("b", start_after="b/1")) == ["b/2", "b/c/3", "b0"]
        assert keys_of(blobs.list("b", start_after="b/1z")) == ["b/2", "b/c/3", "b0"]
        assert keys_of(blobs.list(start_after="🚀")) == []
        assert keys_of(blobs.list("b/", start_after="a")) == ["b/1", "b/2", "b/c/3"]

    def test_a_delimiter_folds_what_lies_below(self, blobs: BlobStore) -> None:
        fill(blobs, KEYS)
        listing = blobs.list(delimiter="/")
        assert keys_of(listing) == sorted(["a", "b-", "b0", "c", "é", "\uffee", "🚀"], key=str.encode)
        assert blobs.list(delimiter="/").prefixes() == ["b/", "z/"]
        assert keys_of(blobs.list("b/", delimiter="/")) == ["b/1", "b/2"]
        assert blobs.list("b/", delimiter="/").prefixes() == ["b/c/"]
        assert blobs.list("b", delimiter="/").prefixes() == ["b/"]

    def test_a_delimiter_is_any_text(self, blobs: BlobStore) -> None:
        fill(blobs, ["oneabctwo", "oneabcthree", "one\\two", "two"])
        assert blobs.list(delimiter="abc").prefixes() == ["oneabc"]
        assert keys_of(blobs.list(delimiter="abc")) == ["one\\two", "two"]
        assert blobs.list(delimiter="\\").prefixes() == ["one\\"]

    @pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
    @pytest.mark.parametrize("delimiter", [None, "/"])
    def test_pages_of_any_size_give_the_same(self, blobs: BlobStore, limit: int, delimiter: str | None) -> None:
        keys = [*KEYS, "b/c-", "b/c/4", "b/c0"]
        fill(blobs, keys)
        found: list[str] = []
        prefixes: list[str] = []
        token: str | None = None
        for _ in range(100):
            page = blobs.list("b", delimiter=delimiter, limit=limit).page(token)
            assert len(page.items) + len(page.prefixes) <= limit
            found += keys_of(page)
            prefixes += page.prefixes
            token = page.token
            if token is None:
                break
        assert token is None
        assert found == keys_of(blobs.list("b", delimiter=delimiter))
        assert prefixes == ([] if delimiter is None else blobs.list("b", delimiter=delimiter).prefixes())

    def test_a_page_goes_on_whatever_came_and_went_in_between(self, blobs: BlobStore) -> None:
        fill(blobs, ["a", "b", "c", "d"])
        page = blobs.list(limit=2).page()
        assert keys_of(page) == ["a", "b"]
        fill(blobs, ["aa", "bb"])
        blobs.delete("b")
        blobs.delete("c")
        assert keys_of(blobs.list(limit=2).page(page.token)) == ["bb", "d"]

    def test_a_token_serves_another_store_that_is_opened_on_the_same_url(
        self, stores: BlobStores, blobs: BlobStore
    ) -> None:
        fill(blobs, ["a", "b", "c"])
        token = blobs.list(limit=1).page().token
        other = stores.open()
        assert len(keys_of(other.list(limit=1).page(token))) == (0 if self.lacking("shared") else 1)

    @pytest.mark.parametrize("token", ["", "x", "AAAA", "é", 7, b"x"], ids=repr)
    def test_a_damaged_token_is_refused(self, blobs: BlobStore, token: Any) -> None:
        with pytest.raises(InvalidToken):
            blobs.list().page(token)

    def test_a_token_of_another_list_is_refused(self, blobs: BlobStore) -> None:
        fill(blobs, ["a", "b"])
        token = blobs.list(limit=1).page().token
        with pytest.raises(InvalidToken, match="another list"):
            blobs.list("a", limit=1).page(token)

    def test_a_limit_ends_the_list(self, blobs: BlobStore) -> None:
        fill(blobs, KEYS)
        assert keys_of(blobs.list(limit=3)) == ["a", "b-", "b/1"]

    def test_more_blobs_than_a_request_gives_are_all_listed(self, blobs: BlobStore) -> None:
        keys = [f"n/{number:04}" for number in range(1005)]
        for key in keys:
            blobs.put(key, b"")
        assert keys_of(blobs.list()) == keys
        assert blobs.delete_prefix("n/") == 1005

    @pytest.mark.parametrize(("wrong", "says"), [
        ({"prefix": 7}, "prefix="), ({"delimiter": ""}, "delimiter="), ({"delimiter": 1}, "delimiter="),
        ({"start_after": b"x"}, "start_after="), ({"limit": 0}, "limit="), ({"limit": True}, "limit="),
    ], ids=str)  # fmt: skip
    def test_a_wrong_list_is_refused(self, blobs: BlobStore, wrong: Any, says: str) -> None:
        with pytest.raises(InvalidArgument, match=says):
            blobs.list(**wrong)

    def test_common_prefixes_need_a_delimiter(self, blobs: BlobStore) -> None:
        with pytest.raises(InvalidArgument, match="delimiter="):
            blobs.list().prefixes()
