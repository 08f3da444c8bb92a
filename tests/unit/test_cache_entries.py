"""What is kept of a value: it comes back as it was, or not at all."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdall import Secret
from holdall._engine.cache import entries
from holdall._engine.cache.crypt import Crypt
from holdall._engine.cache.entries import ABSENT, ID_BYTES, MARKED, Entry, EntryForm
from holdall.cache_drivers import VALUE

SHAPE = b"12345678"
CRYPT = Crypt(Secret("a secret"))
FORMS = {
    "plain": EntryForm(SHAPE, 1 << 40),
    "compressed": EntryForm(SHAPE, 0),
    "encrypted": EntryForm(SHAPE, 1 << 40, CRYPT),
    "both": EntryForm(SHAPE, 0, CRYPT),
}
BODY = b"body" * 40

forms = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
whole = st.builds(
    Entry, st.sampled_from((0, ABSENT, MARKED, ABSENT | MARKED)), st.integers(0, 2**53), st.integers(0, 2**32 - 1),
    st.integers(1, 2**32 - 1), st.binary(max_size=300) | st.binary(max_size=3).map(lambda part: part * 400),
)  # fmt: skip


def entry(body: bytes = BODY, flags: int = 0) -> Entry:
    return Entry(flags, 1_000, 20, 5_000, body)


def same(read: Entry | None, written: Entry) -> bool:
    own = ABSENT | MARKED
    return read is not None and read._replace(flags=read.flags & own) == written


@forms
@given(written=whole, key=st.text(st.characters(max_codepoint=0x2FFF), max_size=20))
@settings(max_examples=60, deadline=None)
def test_an_entry_comes_back_as_it_was(form: EntryForm, written: Entry, key: str) -> None:
    assert same(form.read(key, form.write(key, written)), written)


@forms
def test_an_entry_begins_as_a_value_and_as_no_other(form: EntryForm) -> None:
    one, other = form.write("k", entry()), form.write("k", entry())
    assert one[:1] == VALUE
    assert one[:ID_BYTES] != other[:ID_BYTES]


@forms
def test_an_entry_of_which_a_bit_is_changed_is_none(form: EntryForm) -> None:
    raw = form.write("k", entry())
    for at in range(len(raw)):
        for bit in (1, 128):
            assert form.read("k", raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :]) is None, at


@forms
def test_an_entry_that_was_cut_or_goes_on_is_none(form: EntryForm) -> None:
    raw = form.write("k", entry())
    assert [at for at in range(len(raw)) if form.read("k", raw[:at]) is not None] == []
    assert form.read("k", raw + b"\0") is None


@forms
@given(raw=st.binary(max_size=200))
@settings(max_examples=50, deadline=None)
def test_any_bytes_are_no_entry(form: EntryForm, raw: bytes) -> None:
    assert form.read("k", VALUE + raw) is None


@forms
def test_an_entry_under_another_key_is_none(form: EntryForm) -> None:
    raw = form.write("k", entry())
    assert form.read("l", raw) is None
    assert form.read("", raw) is None


def test_an_entry_of_another_shape_is_none() -> None:
    raw = FORMS["plain"].write("k", entry())
    assert EntryForm(b"another1", 1 << 40).read("k", raw) is None


@pytest.mark.parametrize(("writer", "reader"), [("plain", "encrypted"), ("encrypted", "plain"), ("both", "compressed")])
def test_an_entry_is_none_where_only_one_side_encrypts(writer: str, reader: str) -> None:
    assert FORMS[reader].read("k", FORMS[writer].write("k", entry())) is None


def test_an_entry_that_another_secret_has_encrypted_is_none() -> None:
    raw = FORMS["encrypted"].write("k", entry())
    assert EntryForm(SHAPE, 1 << 40, Crypt(Secret("another"))).read("k", raw) is None


def test_what_is_encrypted_can_not_be_read() -> None:
    assert BODY[:8] in FORMS["plain"].write("k", entry())
    assert BODY[:8] not in FORMS["encrypted"].write("k", entry())


def test_a_head_that_is_put_before_another_body_is_none() -> None:
    # With a check that fits: without the secret nobody makes one body out of two.
    form = FORMS["encrypted"]
    one, other = form.write("k", entry(b"one")), form.write("k", entry(b"two"))
    size = entries._HEAD.size
    head, body = one[: entries._UNCHECKED.size], other[size:]
    forged = head + entries._CHECK.pack(entries._check("k", head, body)) + body
    assert form.read("k", forged) is None


def test_a_body_is_compressed_where_it_is_over_the_limit_and_gets_smaller() -> None:
    form = EntryForm(SHAPE, 100)
    plain = len(form.write("k", entry(b"")))
    assert len(form.write("k", entry(b"a" * 100))) == plain + 100
    assert len(form.write("k", entry(b"a" * 1_000))) < plain + 100
    noise = bytes(range(256))
    assert len(form.write("k", entry(noise))) == plain + 256


def test_what_would_become_too_large_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "_MOST_INFLATED", 1_000)
    form = FORMS["compressed"]
    assert same(form.read("k", form.write("k", entry(b"a" * 999))), entry(b"a" * 999))
    assert form.read("k", form.write("k", entry(b"a" * 1_001))) is None


def test_what_ends_in_the_middle_of_its_compression_is_none() -> None:
    assert entries._inflated(zlib.compress(BODY)[:-5]) is None
    assert entries._inflated(b"no zlib") is None


def test_an_entry_ends_when_its_life_is_over() -> None:
    assert entry().ends == 6_000
