"""How keys lie in a folder: each on a path of its own, within it."""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdall_adapters.files.wire import LONGEST, MORE, OWN, parts_of, read

keys = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=40) | st.lists(
    st.sampled_from(["", ".", "..", "a", "b.", "c ", "%", "%00", "%41", "é", "x" * 210, "%" * 90, "con:", "\\"]),
    min_size=1,
).map("/".join).filter(bool)  # fmt: skip


def back(names: list[str]) -> str:
    """Return the key of a path."""
    text = ""
    for name in names:
        part = read(name)
        assert part is not None
        text += part + ("" if name.endswith(MORE) else "/")
    return text.removesuffix("/")


@given(keys)
def test_a_path_stands_for_one_key(key: str) -> None:
    assert back(parts_of(key)) == key


@given(keys)
def test_a_path_stays_in_the_folder(key: str) -> None:
    names = parts_of(key)
    assert not {"", ".", ".."} & set(names)
    assert all("/" not in name and "\0" not in name and "\\" not in name for name in names)
    assert posixpath.normpath(posixpath.join("/root", *names)).startswith("/root/")
    assert PurePosixPath("/root", *names).parts == ("/", "root", *names)
    assert all(len(name.encode()) <= LONGEST + len(MORE) for name in names)


@given(keys)
def test_no_key_lies_in_our_own_folder(key: str) -> None:
    assert parts_of(key)[0] != OWN


@pytest.mark.parametrize(("key", "path"), [
    ("reports/2026/may.pdf", "reports/2026/may.pdf"), ("ünï/日本", "ünï/日本"), ("a//b", "a/%00/b"), ("../x", ".%2E/x"),
    ("a/.", "a/%2E"), ("100%", "100%25"), ("a:b", "a%3Ab"), ("end.", "end%2E"), (".hidden", ".hidden"),
])  # fmt: skip
def test_plain_keys_are_their_own_paths(key: str, path: str) -> None:
    assert "/".join(parts_of(key)) == path


@pytest.mark.parametrize("name", ["%", "%2", "a%41", "a%3a", "b.", OWN, "%FF"])
def test_names_that_no_key_is_written_as_stand_for_none(name: str) -> None:
    assert read(name) is None
