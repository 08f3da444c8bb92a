"""What the engine asks of a driver that presigns."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall._frozen import replace
from holdall.blob_drivers import PresignAsked, Presigned
from holdall.testing.stores import bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdall import BlobStore

END = datetime(2026, 5, 4, tzinfo=timezone.utc)


class Presigning:
    """Stands for a driver, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[PresignAsked] = []

    async def presign(self, asked: PresignAsked) -> Presigned:
        self.asked.append(asked)
        return Presigned(f"https://h/{asked.key}?X-Amz-Signature=secret", "GET", {}, {"policy": "secret"}, END)


@pytest.fixture
def driver() -> Presigning:
    return Presigning()


@pytest.fixture
def blobs(driver: Presigning) -> Iterator[BlobStore]:
    with holdall.open_blobs("memory://") as store:
        engine: Any = bare(store).engine
        engine.capabilities = replace(engine.capabilities, presigned=True)
        engine.driver.presign = driver.presign
        yield store


def test_a_form_is_always_asked_for_with_a_media_type_and_a_bound(blobs: BlobStore, driver: Presigning) -> None:
    blobs.presign("a.pdf", "post")
    blobs.presign("a", "post", min_size=1, max_size=7)
    assert driver.asked == [
        PresignAsked("post", "a.pdf", 3600, "application/pdf", max_size=5 << 30),
        PresignAsked("post", "a", 3600, "application/octet-stream", min_size=1, max_size=7),
    ]


def test_a_url_is_asked_for_with_what_was_said_only(blobs: BlobStore, driver: Presigning) -> None:
    blobs.presign("a.pdf", expires=604_800, download_as="b.pdf")
    blobs.presign("a.pdf", "put", expires=1, size=0)
    blobs.presign("a.pdf", "put", content_type="text/csv", size=5 << 30)
    blobs.presign("a.pdf", "delete")
    assert driver.asked == [
        PresignAsked("get", "a.pdf", 604_800, download_as="b.pdf"),
        PresignAsked("put", "a.pdf", 1, size=0),
        PresignAsked("put", "a.pdf", 3600, "text/csv", size=5 << 30),
        PresignAsked("delete", "a.pdf", 3600),
    ]


@pytest.mark.parametrize(("method", "options"), [
    ("list", {}), (["get"], {}), ("get", {"expires": 604_801}), ("get", {"size": 1}), ("post", {"size": 1}),
    ("delete", {"download_as": "x"}), ("get", {"download_as": "a/b"}), ("put", {"size": 1.0}),
    ("post", {"min_size": 2, "max_size": 1}), ("put", {"content_type": "x"}),
], ids=str)  # fmt: skip
def test_what_can_t_be_signed_is_not_asked_for(
    blobs: BlobStore, driver: Presigning, method: Any, options: dict[str, Any]
) -> None:
    with pytest.raises(holdall.InvalidArgument):
        blobs.presign("a", method, **options)
    assert driver.asked == []


def test_a_version_is_refused_by_a_store_without_versions(blobs: BlobStore, driver: Presigning) -> None:
    with pytest.raises(holdall.Unsupported, match="versions"):
        blobs.presign("a", version="x")
    assert driver.asked == []


def test_what_is_presigned_shows_no_secret(blobs: BlobStore) -> None:
    made = blobs.presign("a")
    assert "secret" in made.url
    assert repr(made) == ("Presigned('https://h/a?...', 'GET', headers={}, fields={'policy': '...'}, "
                          "expires_at=2026-05-04T00:00:00+00:00)")  # fmt: skip
    assert "secret" not in str(made)
