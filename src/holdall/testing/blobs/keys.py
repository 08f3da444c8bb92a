"""Keys: any text, each a blob of its own, and none leaves the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...errors import InvalidArgument
from .base import BlobKit

if TYPE_CHECKING:
    from ...blobs.store import BlobStore

PLAIN = [
    "a", "a/b/c.txt", "with space", "ünïcödé/日本語/🚀", "quotes'\"`", "percent%20%", "plus+amp&eq=q?x#y",
    "back\\slash", "a:b*c<d>e|f", "UPPER", "upper", ".hidden", "dot.", "..more", "tilde~", "(brackets)[x]{y}",
    "comma,semi;", "0digit",
    "x" * 255, "é" * 127,
]  # fmt: skip
ODD = [
    "../x", "../../etc/passwd", "a/../b", "a/./b", "./a", "..", ".", "/lead", "//lead", "a//b", "a///b", "trail/", "/",
    "a/..", "%2e%2e/x", "%00", "%holdall/x", "a/%-", "\\..\\x", "nul", "tab\tx", "line\nx", "bell\x07", "del\x7f", "b ",
    " b",
]  # fmt: skip
ASCII = [chr(code) for code in range(1, 128)]


def _flat(keys: list[str]) -> list[list[str]]:
    """Return the keys in groups, in none of which one lies below another."""
    groups: list[list[str]] = []
    for key in keys:
        fits = (group for group in groups if not any(_is_below(key, one) or _is_below(one, key) for one in group))
        group = next(fits, None)
        if group is None:
            groups.append([key])
        else:
            group.append(key)
    return groups


def _is_below(key: str, other: str) -> bool:
    return key.startswith(other + "/")


class KeyTests(BlobKit):
    """Keys as they are given."""

    def _kept(self, blobs: BlobStore, keys: list[str], *, nested: bool = False) -> None:
        for group in [keys] if nested else _flat(keys):
            self._kept_together(blobs, group)

    def _kept_together(self, blobs: BlobStore, keys: list[str]) -> None:
        for key in keys:
            blobs.put(key, key)
        for key in keys:
            assert blobs.get(key) == key.encode()
            found = blobs.info(key)
            assert found is not None
            assert found.key == key
        assert [info.key for info in blobs.list()] == sorted(keys)
        assert blobs.delete_many(keys) == len(keys)
        assert blobs.list().all() == []

    def test_any_text_is_a_key(self, blobs: BlobStore) -> None:
        self._kept(blobs, PLAIN)

    @pytest.mark.needs("odd_keys")
    def test_keys_that_look_like_paths_are_keys(self, blobs: BlobStore) -> None:
        self._kept(blobs, ODD)

    @pytest.mark.needs("odd_keys")
    def test_every_ascii_character_may_be_in_a_key(self, blobs: BlobStore) -> None:
        self._kept(blobs, [f"c{character}x" for character in ASCII if character != "/"])

    @pytest.mark.needs("long_keys")
    def test_a_key_may_be_long(self, blobs: BlobStore) -> None:
        self._kept(blobs, ["k" * 1024, "k" * 200, "k" * 201, "k" * 200 + "/x", "é" * 512, "a/" * 400 + "b",
                           "k" * 200 + "-x", "k" * 200 + "z", "%" * 1000])  # fmt: skip

    @pytest.mark.needs("nested_keys")
    def test_a_key_may_lie_below_another(self, blobs: BlobStore) -> None:
        self._kept(blobs, ["fd", "fd/x", "fd/x/y"], nested=True)

    def test_a_key_below_another_is_refused_where_the_store_declares_it(self, blobs: BlobStore) -> None:
        if not self.lacking("nested_keys"):
            return
        blobs.put("fd", b"x")
        with pytest.raises(InvalidArgument, match="below"):
            blobs.put("fd/x", b"y")
        blobs.put("other/x", b"y")
        with pytest.raises(InvalidArgument, match="below"):
            blobs.put("other", b"x")
        assert [info.key for info in blobs.list()] == ["fd", "other/x"]
        assert blobs.get("fd/x") is None
        assert blobs.get("other") is None
        blobs.delete("fd/x")
        blobs.delete("other")

    def test_keys_that_differ_in_case_or_form_are_two(self, blobs: BlobStore) -> None:
        self._kept(blobs, ["a", "A", "é", "e\u0301"])

    @pytest.mark.parametrize("key", ["", "a\0b", "x" * 1025, "é" * 513, "\ud800", None, 7, b"bytes"],
                             ids=lambda key: repr(key)[:12])
    def test_what_is_no_key_is_refused(self, blobs: BlobStore, key: object) -> None:
        wrong: str = key  # type: ignore[assignment]  # on purpose
        for verb in (lambda: blobs.put(wrong, b"x"), lambda: blobs.get(wrong), lambda: blobs.delete(wrong),
                     lambda: blobs.info(wrong), lambda: blobs.copy("a", wrong), lambda: blobs.copy(wrong, "a"),
                     lambda: blobs.open(wrong, "wb")):  # fmt: skip
            with pytest.raises(InvalidArgument, match=r"key|source"):
                verb()
