"""Presigned URLs and forms, sent over HTTP as anybody would send them."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from ...errors import InvalidArgument, TooLarge, Unsupported
from .base import BlobKit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...blob_drivers import Presigned
    from ...blobs.store import BlobStore

_KEYS = ("a", "Rechnungen/Mai 2026 (ä).txt", "a+b&c=d%20e#f?g", "a//b", "~'()*!,;:@$ .x", "\U0001d11e/\u20ac")
_BOUNDARY = "holdall-boundary-7f3a"


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def sent(presigned: Presigned, data: bytes | None = None, url: str | None = None, **headers: str) -> Answer:
    """Send a presigned request, changed as `url` and `headers` (with "_" for "-") say."""
    changed = {name.replace("_", "-").title(): value for name, value in headers.items()}
    request = urllib.request.Request(
        url or presigned.url, data, {**presigned.headers, **changed}, method=presigned.method
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return Answer(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, dict(error.headers), error.read())


def posted(form: Presigned, data: bytes, **changed: str) -> Answer:
    """Send a form with a file, some of its fields changed."""
    fields = {**form.fields, **changed}
    parts = [f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
             for name, value in fields.items()]  # fmt: skip
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'.encode()
    body = b"".join([*parts, head, data, f"\r\n--{_BOUNDARY}--\r\n".encode()])
    return sent(form, body, content_type=f"multipart/form-data; boundary={_BOUNDARY}")


class PresignedTests(BlobKit):
    """Presigned requests."""

    @pytest.mark.needs("presigned")
    @pytest.mark.parametrize("key", _KEYS)
    def test_a_url_gives_puts_and_removes_one_blob(self, blobs: BlobStore, key: str) -> None:
        put = blobs.presign(key, "put")
        assert (put.method, dict(put.headers), dict(put.fields)) == ("PUT", {}, {})
        assert sent(put, b"bytes").status == 200
        assert blobs.get(key) == b"bytes"
        got = sent(blobs.presign(key))
        assert (got.status, got.body) == (200, b"bytes")
        assert sent(blobs.presign(key, "delete")).status == 204
        assert not blobs.exists(key)
        assert sent(blobs.presign(key)).status == 404

    @pytest.mark.needs("presigned")
    @pytest.mark.parametrize("key", _KEYS)
    def test_a_form_stores_one_blob(self, blobs: BlobStore, key: str) -> None:
        form = blobs.presign(key, "post", content_type="image/png")
        assert (form.method, dict(form.headers)) == ("POST", {})
        assert posted(form, b"bytes").status == 204
        info = blobs.info(key)
        assert info is not None
        assert (info.size, info.content_type) == (5, "image/png")

    @pytest.mark.needs("presigned")
    def test_a_form_without_a_media_type_has_that_of_the_key(self, blobs: BlobStore) -> None:
        assert posted(blobs.presign("a.pdf", "post"), b"x").status == 204
        info = blobs.info("a.pdf")
        assert info is not None and info.content_type == "application/pdf"

    @pytest.mark.needs("presigned")
    def test_a_put_of_another_media_type_is_refused(self, blobs: BlobStore) -> None:
        put = blobs.presign("a", "put", content_type="image/png")
        assert dict(put.headers) == {"Content-Type": "image/png"}
        assert sent(put, b"x", content_type="text/html").status == 403
        assert not blobs.exists("a")
        assert sent(put, b"x").status == 200
        info = blobs.info("a")
        assert info is not None and info.content_type == "image/png"

    @pytest.mark.needs("presigned")
    @pytest.mark.parametrize("size", [0, 5])
    def test_a_put_of_another_size_is_refused(self, blobs: BlobStore, size: int) -> None:
        put = blobs.presign("a", "put", size=size)
        assert dict(put.headers) == {"Content-Length": str(size)}
        for wrong in (size + 1, 1):
            assert sent(put, b"x" * wrong, content_length=str(wrong)).status == 403
        assert not blobs.exists("a")
        assert sent(put, b"x" * size).status == 200
        assert blobs.get("a") == b"x" * size

    @pytest.mark.needs("presigned")
    def test_a_form_of_a_size_out_of_bounds_is_refused(self, blobs: BlobStore) -> None:
        form = blobs.presign("a", "post", min_size=2, max_size=4)
        for wrong in (b"x", b"x" * 5):
            assert posted(form, wrong).status == 400
        assert not blobs.exists("a")
        for right in (b"xx", b"xxxx"):
            assert posted(form, right).status == 204
            assert blobs.get("a") == right

    @pytest.mark.needs("presigned")
    @pytest.mark.parametrize("changed", [{"key": "b"}, {"Content-Type": "text/html"}], ids=str)
    def test_a_form_that_was_changed_is_refused(self, blobs: BlobStore, changed: dict[str, str]) -> None:
        form = blobs.presign("a", "post", content_type="image/png")
        assert posted(form, b"x", **changed).status == 403
        assert posted(form, b"x", policy=form.fields["policy"].replace("A", "B", 1)).status in (400, 403)
        assert blobs.list().all() == []

    @pytest.mark.needs("presigned")
    def test_a_url_that_was_changed_is_refused(self, blobs: BlobStore) -> None:
        blobs.put("mine", b"x")
        blobs.put("other", b"y")
        get = blobs.presign("mine", expires=60)
        for url in (get.url.replace("/mine?", "/other?"), get.url.replace("Expires=60", "Expires=600"),
                    get.url + "&response-content-type=text%2Fhtml"):  # fmt: skip
            assert url != get.url
            assert sent(get, url=url).status == 403
        assert sent(blobs.presign("mine", "put"), b"z", url=get.url).status == 403
        assert blobs.get("mine") == b"x"

    @pytest.mark.needs("presigned")
    def test_what_has_expired_is_refused(self, blobs: BlobStore) -> None:
        blobs.put("a", b"x")
        get, form = blobs.presign("a", expires=1), blobs.presign("b", "post", expires=1)
        time.sleep(2.5)
        assert (sent(get).status, posted(form, b"x").status) == (403, 403)

    @pytest.mark.needs("presigned")
    def test_it_says_until_when_it_is_good(self, blobs: BlobStore) -> None:
        end = datetime.now(timezone.utc) + timedelta(seconds=60)
        for made in (blobs.presign("a", expires=60), blobs.presign("a", "post", expires=60)):
            assert abs((made.expires_at - end).total_seconds()) < 10

    @pytest.mark.needs("presigned")
    @pytest.mark.parametrize("name", ["May.pdf", 'Übersicht "Mai" 50%.pdf'])
    def test_a_browser_keeps_what_it_gets_under_a_name(self, blobs: BlobStore, name: str) -> None:
        blobs.put("a", b"x")
        answer = sent(blobs.presign("a", download_as=name))
        assert (answer.status, answer.body) == (200, b"x")
        shown = answer.headers["Content-Disposition"]
        assert shown.startswith("attachment; filename=")
        assert name == "May.pdf" or "filename*=UTF-8''%C3%9Cbersicht%20%22Mai%22%2050%25.pdf" in shown

    @pytest.mark.needs("presigned", "versions")
    def test_a_url_of_a_version_gives_that(self, blobs: BlobStore) -> None:
        first = blobs.put("a", b"one").version
        blobs.put("a", b"two")
        assert sent(blobs.presign("a", version=first)).body == b"one"
        assert sent(blobs.presign("a", "delete", version=first)).status == 204
        assert [blobs.get("a"), blobs.get("a", version=first)] == [b"two", None]

    @pytest.mark.needs("presigned")
    def test_what_is_shown_of_it_lets_nobody_in(self, blobs: BlobStore) -> None:
        url, form = blobs.presign("a"), blobs.presign("a", "post")
        assert "ignature" not in repr(url)
        assert url.url.partition("?")[2] not in repr(url)
        assert all(value not in repr(form) for name, value in form.fields.items() if name != "key")

    @pytest.mark.needs("presigned")
    @pytest.mark.parametrize(("method", "options", "says"), [
        ("head", {}, "'get', 'put', 'delete' or 'post'"), (None, {}, "'get', 'put'"),
        ("get", {"expires": 0}, "1 to 604800"), ("get", {"expires": 604_801}, "1 to 604800"),
        ("get", {"expires": 1.5}, "whole number"), ("get", {"expires": True}, "whole number"),
        ("put", {"size": -1}, "size="), ("put", {"size": (5 << 30) + 1}, "5368709120"),
        ("post", {"max_size": (5 << 30) + 1}, "5368709120"), ("post", {"min_size": -1}, "min_size="),
        ("post", {"min_size": 3, "max_size": 2}, "more than max_size=2"),
        ("post", {"size": 1}, "min_size= and max_size="), ("put", {"max_size": 1}, "exact size="),
        ("get", {"content_type": "text/plain"}, "'put' and 'post'"), ("put", {"content_type": "text"}, "media type"),
        ("put", {"download_as": "x"}, "for 'get'"), ("put", {"version": "x"}, "'get' and 'delete'"),
        ("get", {"download_as": ""}, "May.pdf"), ("get", {"download_as": "a\r\nb"}, "May.pdf"),
        ("get", {"download_as": "../a"}, "without folders"), ("get", {"download_as": 7}, "May.pdf"),
    ], ids=str)  # fmt: skip
    def test_what_can_t_be_signed_is_refused(self, blobs: BlobStore, method: Any, options: Any, says: str) -> None:
        if "version" in options and self.lacking("versions"):
            return
        with pytest.raises(InvalidArgument, match=says):
            blobs.presign("a", method, **options)

    @pytest.mark.needs("presigned")
    def test_a_key_that_no_blob_has_is_refused(self, blobs: BlobStore) -> None:
        with pytest.raises(InvalidArgument, match="empty"):
            blobs.presign("")
        with pytest.raises(TooLarge):
            blobs.presign("x" * 4000)

    def test_presigning_is_refused_where_the_store_declares_it(self, blobs: BlobStore) -> None:
        if self.lacking("presigned"):
            with pytest.raises(Unsupported, match="serve what get"):
                blobs.presign("a")
