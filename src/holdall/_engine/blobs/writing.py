"""A blob on its way into the store: whole where it is small, else in parts, of which nobody sees any before the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ... import deadlines
from ...blob_drivers import Condition, Refused, UploadGone
from ...errors import HoldallError, TooLarge, Unavailable
from .checksums import Checksum, combined

if TYPE_CHECKING:
    from ...blob_drivers import BlobInfo, Bytes, NewBlob, ResumedUpload, ResumingDriver, Upload
    from .base import Base

_SAME_SIZE = 1000
"""Parts after which the size of parts doubles, so that 10,000 of them hold terabytes."""
_GRACE = 5.0
"""Seconds for removing what a failed upload left, whatever the deadline."""


class Writer:
    """
    One blob, written from its first byte to its last. What is written is kept until a part is full, no longer.

    Attributes:
        key: The blob's key.
        condition: What must be true for it to be made.
        resumes: What was sent is left where it fails, and an upload that was left so is gone on with.
        size: Bytes that were written.
    """

    def __init__(
        self, base: Base, key: str, new: NewBlob, condition: Condition, *, resumes: bool = False
    ) -> None:
        self._base = base
        self.key = key
        self._new = new
        self.condition = condition
        self._sum = Checksum(new.algorithm)
        self._sums: dict[int, tuple[int, str]] = {}
        """By number, the sizes and checksums of the parts that were sent, where those tell that of the whole."""
        self._part = bytearray()
        self._full: list[Bytes] = []
        self._parts = 0
        self._upload: Upload | None = None
        self._resumed: ResumedUpload | None = None
        self.resumes = resumes and base.capabilities.resumable_uploads
        self.size = 0

    @property
    def room(self) -> int:
        """How many bytes the part still takes that is being filled."""
        return self._part_bytes() - len(self._part)

    def _part_bytes(self) -> int:
        number = self._parts + len(self._full)
        return self._base.capabilities.part_bytes << (number // _SAME_SIZE)

    async def write(self, data: Bytes) -> None:
        """Take the next bytes, of any number."""
        if not self._sum.combines:
            self._sum.update(data)
        self.size += len(data)
        rest = memoryview(data).cast("B")
        while len(rest):
            taken = rest[: self.room]
            rest = rest[len(taken) :]
            if isinstance(data, bytes) and len(taken) == len(data) == self.room and not self._part:
                self._full.append(data)  # which nobody can change meanwhile
            else:
                self._part += taken
            if not self.room:
                self._full.append(self._part)
                self._part = bytearray()
            # One part is kept back, since a blob of one part is put whole.
            if len(self._full) > self._base.capabilities.parallel:
                kept = self._full.pop()
                await self._send(self._full)
                self._full = [kept]

    async def commit(self) -> BlobInfo:
        """
        Make the blob.

        Raises:
            Refused: The condition is false.
        """
        if self._part:
            self._full.append(self._part)
            self._part = bytearray()
        if self._upload is None and len(self._full) <= 1:
            return await self._put(self._full[0] if self._full else b"")
        await self._send(self._full)
        self._full = []
        return await self._complete()

    async def abort(self) -> None:
        """Remove what was sent. Nothing that goes wrong here is told: what went wrong before it counts."""
        self._full, self._part = [], bytearray()
        upload, self._upload = self._upload, None
        if upload is None or self.resumes:
            return
        with deadlines.extended(_GRACE):
            try:
                await self._base.retrying(lambda _: upload.abort())
            except HoldallError:
                # What can't be removed now is listed by `uploads()`.
                return

    def _text(self) -> str | None:
        """Return the checksum of the whole."""
        return combined([self._sums[number] for number in sorted(self._sums)]) if self._sums else self._sum.text()

    async def _put(self, data: Bytes) -> BlobInfo:
        if self._sum.combines:
            self._sum.update(data)

        async def job(maybe_done: bool) -> BlobInfo | Unavailable:
            try:
                return await self._base.driver.put(self.key, data, self._new, self._text(), self.condition)
            except Refused:
                if not maybe_done:
                    raise
                return await self._judge()

        return _told(await self._base.retrying(job))

    async def _judge(self) -> BlobInfo | Unavailable:
        """Return what is there, if it is what an earlier try of ours has written, whose answer was lost."""
        info, checksum = await self._base.driver.info(self.key, None), self._text()
        if info is not None and info.size == self.size and checksum is not None and info.checksum == checksum:
            return info
        return Unavailable("an answer was lost, and it can't be told whether the blob was written", maybe_done=True,
                           retry="maybe")

    async def _send(self, parts: list[Bytes]) -> None:
        if self._parts + len(parts) > self._base.capabilities.max_parts:
            raise TooLarge(f"the blob takes more than {self._base.capabilities.max_parts} parts")
        if self._upload is None:
            # Not again where the answer was lost: that would leave two.
            self._upload = await self._base.retrying(self._begin, repeatable=False)
        upload, first = self._upload, self._parts + 1
        jobs = [self._send_part(upload, first + i, part) for i, part in enumerate(parts)]
        await self._base.io.gather(jobs, parallel=self._base.capabilities.parallel)
        self._parts += len(parts)

    async def _begin(self, _: bool) -> Upload:
        if self.resumes:
            driver = cast("ResumingDriver", self._base.driver)
            self._resumed = await driver.resume(self.key, self._new)
            if self._resumed is not None:
                return self._resumed
        return await self._base.driver.begin(self.key, self._new)

    async def _send_part(self, upload: Upload, number: int, part: Bytes) -> None:
        # Here, so that the parts are summed up as they are sent, several at once.
        check = Checksum(self._new.algorithm if self._sum.combines else None)
        check.update(part)
        text = check.text()
        if text is not None:
            self._sums[number] = (len(part), text)
        if self._resumed is not None and self._resumed.there.get(number) == (len(part), text):
            self._resumed.keep(number)
            return
        try:
            await self._base.retrying(lambda _: upload.put(number, part, text))
        except UploadGone:
            raise _gone() from None

    async def _complete(self) -> BlobInfo:
        upload = self._upload
        assert upload is not None

        async def job(maybe_done: bool) -> BlobInfo | Unavailable:
            try:
                return await upload.complete(self._text(), self.condition)
            except (Refused, UploadGone) as error:
                if maybe_done:
                    return await self._judge()
                if isinstance(error, Refused):
                    raise
                raise _gone() from None

        done = _told(await self._base.retrying(job))
        self._upload = None
        return done if self._resumed is None else await self._as_asked(done)

    async def _as_asked(self, done: BlobInfo) -> BlobInfo:
        """Return the blob of a resumed upload, with what lies beside its bytes as it was asked for this time."""
        found = await self._base.retrying(lambda _: self._base.driver.info(self.key, None))
        if found is None or found.etag != done.etag:
            return done  # Another writer has been there since.
        if (found.content_type, found.metadata) == (self._new.content_type, self._new.metadata):
            return done
        new, condition = self._new, Condition(match=found.etag)
        try:
            return await self._base.retrying(lambda _: self._base.driver.copy(found, self.key, new, condition))
        except Refused:
            return done


def _gone() -> Unavailable:
    return Unavailable("the upload was removed by somebody else before it was completed")


def _told(done: BlobInfo | Unavailable) -> BlobInfo:
    if isinstance(done, Unavailable):
        raise done  # here, since another try would tell no more
    return done
