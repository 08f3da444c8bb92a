"""Whatever goes wrong is `CacheFailed`."""

from __future__ import annotations

import errno
import inspect
import ssl

import pytest
from pymemcache import exceptions
from pymemcache.exceptions import MemcacheError, MemcacheServerError, MemcacheUnknownError

from holdall.cache_drivers import Added, CacheFailed, Release, Swap
from holdall.testing.caches import fence_of, new_key
from holdall_adapters.memcached.errors import failure_of
from tests.memcached.opened import opened

OF_PYMEMCACHE = [kind for _, kind in inspect.getmembers(exceptions, inspect.isclass) if issubclass(kind, MemcacheError)]


@pytest.mark.parametrize(("error", "words"), [
    (TimeoutError(), "did not answer in time"),
    (ConnectionResetError(), "closed the connection"), (BrokenPipeError(), "closed the connection"),
    (ssl.SSLEOFError(), "closed the connection"),
    (ConnectionRefusedError(), "nobody answers"),
    (OSError(errno.EHOSTUNREACH, "no route"), "can't be reached"),
    (ssl.SSLCertVerificationError(), "not to be trusted"), (ssl.SSLError(), "does it speak TLS"),
    (MemcacheServerError(b"out of memory storing object"), "it says 'out of memory storing object'"),
    (KeyError("k"), "makes no sense"), (IndexError(), "makes no sense"), (ValueError(), "makes no sense"),
])  # fmt: skip
def test_an_error_says_what_it_means(error: Exception, words: str) -> None:
    assert words in str(failure_of(error))


@pytest.mark.parametrize("kind", OF_PYMEMCACHE)
def test_every_error_of_the_client_is_known_and_shows_no_key(kind: type[Exception]) -> None:
    assert len(OF_PYMEMCACHE) >= 7
    failure = failure_of(kind("Key is too long: 'secret'"))
    assert isinstance(failure, CacheFailed)
    assert "secret" not in str(failure)


def test_what_makes_no_sense_is_not_shown() -> None:
    assert "secret" not in str(failure_of(MemcacheUnknownError(b"secret")))


def test_what_is_too_large_for_the_server_is_a_failure_that_changes_nothing(memcached_address: str) -> None:
    large, key, other = b"V" * 2**20, new_key(), new_key()
    with opened(memcached_address) as cache:
        cache.put(key, b"Ltoken")
        cache.fence(other, fence=fence_of())
        with pytest.raises(CacheFailed, match="too large"):
            cache.add(Added(new_key(), large, 60))
        with pytest.raises(CacheFailed, match="too large"):
            cache.swap(Swap(key, b"L", large, 60))
        with pytest.raises(CacheFailed, match="too large"):
            cache.release(Release(other, large, 60), fence=fence_of())
        assert cache.at(key) == b"Ltoken"
        assert (cache.at(other) or b"")[:1] == b"F"


@pytest.mark.parametrize("key", ["", "with blank", "x" * 251, "line\r\nflush_all"])
def test_a_key_that_memcached_cannot_have_is_a_failure(memcached_address: str, key: str) -> None:
    with opened(memcached_address) as cache:
        cache.put("there", b"V")
        for _ in range(2):
            with pytest.raises(CacheFailed):
                cache.get(key)
        assert cache.at("there") == b"V"
