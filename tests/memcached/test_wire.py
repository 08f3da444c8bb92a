"""For how long things lie in memcached, and how nodes are named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdall.cache_drivers import CacheFailed
from holdall_adapters.memcached.wire import expiry, nodes_of, portions

DAY = 86_400
NOW = 1_800_000_000.25
HEAD = b"CONFIG cluster 0 100\r\n"


@pytest.mark.parametrize(("seconds", "wanted"), [
    (1.0, 2), (0.05, 2), (59.2, 61), (60, 61), (30 * DAY - 1, 30 * DAY),
    (30 * DAY, 1_800_000_001 + 30 * DAY + 1), (400 * DAY, 1_800_000_001 + 400 * DAY + 1),
])  # fmt: skip
def test_an_expiry_is_in_whole_seconds_and_beyond_thirty_days_an_instant(seconds: float, wanted: int) -> None:
    assert expiry(seconds, NOW) == wanted


def test_what_would_end_beyond_the_protocols_numbers_never_ends() -> None:
    assert expiry(10_000 * DAY, NOW) == 0


@given(st.floats(-10, 1e9), st.floats(0, 2e9))
def test_nothing_ends_at_once_or_before_its_time(seconds: float, now: float) -> None:
    found = expiry(seconds, now)
    assert found >= 0
    if found > 30 * DAY:
        assert found >= now + seconds
    elif found:
        # The server's second may be nearly over when the command comes.
        assert found - 1 >= seconds or found == 1


def test_many_keys_are_asked_for_in_portions_of_less_than_16_kb() -> None:
    keys = ["k" * 250] * 200
    parts = list(portions(keys))
    assert [key for part in parts for key in part] == keys
    assert all(len("gets " + " ".join(part)) < 16_000 for part in parts)
    assert list(portions([])) == []


def test_nodes_are_read_from_the_endpoints_answer() -> None:
    nodes = b"a.0001.cache|10.0.0.1|11211 a.0002.cache|10.0.0.2|11212 |10.0.0.3|11213\n"
    found = nodes_of(iter((HEAD, b"12\n", nodes)))
    assert found == [("a.0001.cache", 11211), ("a.0002.cache", 11212), ("10.0.0.3", 11213)]


@pytest.mark.parametrize(("head", "version", "nodes"), [
    (b"", b"", b""), (b"ERROR\r\n", b"", b""), (HEAD, b"\r\n", b"END\r\n"), (HEAD, b"12\n", b"\n"),
    (HEAD, b"12\n", b"a|b\n"), (HEAD, b"12\n", b"a|10.0.0.1|port\n"), (HEAD, b"12\n", b"\xff|10.0.0.1|1\n"),
])  # fmt: skip
def test_another_answer_is_none(head: bytes, version: bytes, nodes: bytes) -> None:
    with pytest.raises((CacheFailed, ValueError)):
        nodes_of(iter((head, version, nodes)))
