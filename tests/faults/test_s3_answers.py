"""An answer of S3 that is cut, dropped or refused is never "not there", "empty", "done" or one's own conflict."""

from __future__ import annotations

import gc
import secrets
import warnings
from typing import TYPE_CHECKING

import pytest

import holdall
from holdall import RetryPolicy
from holdall.testing.proxy import FaultProxy, Message, cut, drop, edit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RETRY = RetryPolicy(attempts=4, first_wait=0.001, max_wait=0.002)
PART = 5 << 20
LARGE = bytes(2 * PART + 1)
EMPTY = Message(b"HTTP/1.1 200 OK\r\n\r\n", b"")
PLACES = [0, 9, 40, 120, 200, 300, 400, -1, -40]
HOW: dict[str, dict[str, bool]] = {"closed": {}, "reset": {"reset": True}, "without-length": {"keep_length": False}}


# botocore breaks off over an answer without a length, and leaves its connection to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Collect what botocore has left before another test is blamed for it."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def proxy(versitygw_endpoint: str, proxies: Callable[[str], FaultProxy]) -> Iterator[FaultProxy]:
    found = proxies(versitygw_endpoint)
    found.clear()
    yield found
    found.clear()


@pytest.fixture
def blobs(proxy: FaultProxy, client: str) -> Iterator[holdall.BlobStore]:
    url = f"s3://faults-{secrets.token_hex(6)}?endpoint={proxy.url}&region=us-east-1&client={client}"
    with holdall.open_blobs(url, retry=RETRY) as store:
        store.provision()
        store.put("a/1", b"one", metadata={"by": "me"})
        store.put("a/2", b"two")
        yield store


@pytest.mark.parametrize("how", HOW)
def test_a_list_that_is_cut_anywhere_is_whole(blobs: holdall.BlobStore, proxy: FaultProxy, how: str) -> None:
    for place in PLACES:
        proxy.order(cut(place, **HOW[how]))
        assert [info.key for info in blobs.list()] == ["a/1", "a/2"]
        assert proxy.waiting == 0


@pytest.mark.parametrize("how", HOW)
def test_what_is_read_is_whole_or_read_again(blobs: holdall.BlobStore, proxy: FaultProxy, how: str) -> None:
    for place in PLACES:
        proxy.order(cut(place, **HOW[how]))
        assert blobs.get("a/1") == b"one"


@pytest.mark.parametrize("how", ["closed", "reset"])
def test_what_is_known_of_a_blob_is_whole(blobs: holdall.BlobStore, proxy: FaultProxy, how: str) -> None:
    for place in PLACES[:-2]:
        proxy.order(cut(place, **HOW[how]))
        info = blobs.info("a/1")
        assert info is not None
        assert (info.size, dict(info.metadata)) == (3, {"by": "me"})


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_put_whose_answer_is_lost_is_one_s_own(
    blobs: holdall.BlobStore, proxy: FaultProxy, after: bool, reset: bool
) -> None:
    proxy.order(drop(after=after, reset=reset))
    info = blobs.put("b", b"mine", if_absent=True)
    assert (info.size, blobs.get("b")) == (4, b"mine")
    with pytest.raises(holdall.AlreadyExists):
        blobs.put("b", b"more", if_absent=True)


def test_somebody_else_s_blob_is_not_taken_for_one_s_own(blobs: holdall.BlobStore, proxy: FaultProxy) -> None:
    blobs.put("b", b"theirs")
    proxy.order(drop(after=True))
    with pytest.raises((holdall.AlreadyExists, holdall.Unavailable)) as refused:
        blobs.put("b", b"mine", if_absent=True)
    assert isinstance(refused.value, holdall.AlreadyExists) or refused.value.maybe_done
    assert blobs.get("b") == b"theirs"


def test_a_removal_whose_answer_is_lost_is_done(blobs: holdall.BlobStore, proxy: FaultProxy) -> None:
    info = blobs.info("a/1")
    assert info is not None
    proxy.order(drop(after=True), on=None)
    blobs.delete("a/1", if_match=info.etag)
    assert not blobs.exists("a/1")


def test_a_removal_of_many_whose_answer_is_cut_is_done(blobs: holdall.BlobStore, proxy: FaultProxy) -> None:
    proxy.order(cut(150))
    assert blobs.delete_many(["a/1", "a/2"]) == 2
    assert list(blobs.list()) == []


def _refused(status: int, code: str) -> Callable[[Message], Message]:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>on order</Message></Error>".encode()

    def change(answer: Message) -> Message:
        found = answer.with_body(body)
        return Message(b"HTTP/1.1 %d X" % status + found.head[found.head.index(b"\r\n") :], body)

    return change


@pytest.mark.parametrize(("status", "code"), [(503, "SlowDown"), (500, "InternalError"), (503, "ServiceUnavailable")])
def test_a_service_that_is_busy_is_asked_again(
    blobs: holdall.BlobStore, proxy: FaultProxy, status: int, code: str
) -> None:
    proxy.order(edit(_refused(status, code)))
    assert blobs.get("a/1") == b"one"
    proxy.order(lambda exchange: exchange.answer(_refused(status, code)(EMPTY)))
    assert blobs.put("b", b"mine", if_absent=True).size == 4


def test_a_copy_that_fails_with_200_is_made_again(blobs: holdall.BlobStore, proxy: FaultProxy) -> None:
    class Count:
        seen = 0

    def second(answer: Message) -> Message:
        Count.seen += 1
        return _refused(200, "InternalError")(answer)

    # The source is looked at first; the next answer is that of the copy.
    proxy.order(edit(lambda answer: answer))
    proxy.order(edit(second))
    assert blobs.copy("a/1", "c").size == 3
    assert Count.seen == 1
    assert blobs.get("c") == b"one"


@pytest.mark.parametrize("skip", range(5))
def test_a_large_put_survives_any_lost_answer(blobs: holdall.BlobStore, proxy: FaultProxy, skip: int) -> None:
    engine = blobs.engine
    engine.capabilities = holdall._frozen.replace(engine.capabilities, part_bytes=PART, parallel=1)
    for _ in range(skip):
        proxy.order(edit(lambda answer: answer))
    proxy.order(drop(after=True))
    try:
        blobs.put("large", LARGE, if_absent=True)
    except holdall.Unavailable as error:
        # Of the answer to the beginning nobody knows which upload it was.
        assert skip == 0
        assert error.retry == "maybe"
        return
    assert blobs.get("large") == LARGE
    assert blobs.uploads() == []
