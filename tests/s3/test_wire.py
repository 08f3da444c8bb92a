"""What lies between blobs and S3's parameters and answers."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdall.blob_drivers import Condition, Span
from holdall.errors import Unavailable
from holdall_adapters.s3 import wire

VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"])) | st.sampled_from(
    ["", " ", " a", "a ", "=?UTF-8?B?w6k=?=", "=?", "a\u00a0b", "José", "🚀"])  # fmt: skip


@given(VALUES)
def test_metadata_of_any_text_comes_back_out_of_plain_headers(value: str) -> None:
    sent = wire.metadata_to({"by": value})["by"]
    assert sent.isascii()
    assert sent == sent.strip()
    assert wire.metadata_from({"By": sent}) == {"by": value}


@pytest.mark.parametrize("value", ["=?UTF-8?Q?=C3=A9?=", "=?UTF-8?B?!?=", "=?UTF-8?B?//8=?=", "plain"])
def test_metadata_of_another_program_stays_as_it_is(value: str) -> None:
    assert wire.metadata_from({"by": value}) == {"by": value}


@pytest.mark.parametrize("text", ["crc32:3610a686", "crc64nvme:0123456789abcdef", f"sha256:{'ab' * 32}"])
def test_a_checksum_comes_back(text: str) -> None:
    params = wire.checksum_params(text)
    assert wire.checksum_from(params) == text


def test_a_checksum_of_parts_is_none_of_the_whole() -> None:
    assert wire.checksum_from({"ChecksumCRC32": "NhCmhg==-3"}) is None
    assert wire.checksum_from({"ChecksumSHA256": "NhCmhg==", "ChecksumType": "COMPOSITE"}) is None
    assert wire.whole_params(f"sha256:{'ab' * 32}") == {}


@pytest.mark.parametrize(("span", "expected"), [
    (Span(), None), (Span(5), "bytes=5-"), (Span(0, 5), "bytes=0-4"), (Span(2, 3), "bytes=2-2"),
    (Span(last=4), "bytes=-4"),
])  # fmt: skip
def test_a_part_is_a_range(span: Span, expected: str | None) -> None:
    assert wire.range_of(span) == expected


@pytest.mark.parametrize("span", [Span(last=0), Span(0, 0), Span(7, 7)])
def test_a_part_without_bytes_is_no_range(span: Span) -> None:
    assert wire.is_empty(span)


RIGHT: list[tuple[Span | None, dict[str, Any], int]] = [
    (None, {"ContentLength": 10}, 10),
    (Span(4, 6), {"ContentLength": 2, "ContentRange": "bytes 4-5/10"}, 10),
    (Span(4, 60), {"ContentLength": 6, "ContentRange": "bytes 4-9/10"}, 10),
    (Span(last=3), {"ContentLength": 3, "ContentRange": "bytes 7-9/10"}, 10),
    (Span(last=3), {"ContentLength": 0}, 0),
]
WRONG: list[tuple[Span, dict[str, Any]]] = [
    (Span(4, 6), {"ContentLength": 10}),
    (Span(4, 6), {"ContentLength": 2, "ContentRange": "bytes 0-1/10"}),
    (Span(4), {"ContentLength": 5, "ContentRange": "bytes 4-8/10"}),
]


@pytest.mark.parametrize(("span", "answer", "size"), RIGHT)
def test_the_size_of_the_whole_is_told(span: Span | None, answer: dict[str, Any], size: int) -> None:
    assert wire.size_of(answer, span) == size


@pytest.mark.parametrize(("span", "answer"), WRONG)
def test_another_part_than_was_asked_for_is_refused(span: Span, answer: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        wire.size_of(answer, span)


def test_conditions_are_headers() -> None:
    assert wire.condition_params(Condition()) == {}
    assert wire.condition_params(Condition(absent=True)) == {"IfNoneMatch": "*"}
    assert wire.condition_params(Condition(match='"e"')) == {"IfMatch": '"e"'}


def test_when_it_was_answered_is_the_server_s_date() -> None:
    answer = {"ResponseMetadata": {"HTTPHeaders": {"date": "Fri, 27 Nov 2026 20:00:20 GMT"}}}
    assert wire.answered_at(answer) == datetime(2026, 11, 27, 20, 0, 20, tzinfo=timezone.utc)
    assert wire.answered_at({}).tzinfo is timezone.utc


def test_the_version_null_is_none() -> None:
    assert [wire.version_of({"VersionId": version}) for version in ("null", "", "v")] == [None, None, "v"]
