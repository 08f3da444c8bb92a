"""The conformance tests of blobs, by topic."""

from .conditions import ConditionTests as ConditionTests
from .contents import ContentTests as ContentTests
from .copies import CopyTests as CopyTests
from .failures import FailureTests as FailureTests
from .files import FileTests as FileTests
from .keys import KeyTests as KeyTests
from .lists import ListTests as ListTests
from .presigned import PresignedTests as PresignedTests
from .refusals import RefusalTests as RefusalTests
from .removals import RemovalTests as RemovalTests
from .resuming import ResumingTests as ResumingTests
from .transfers import TransferTests as TransferTests
from .versions import VersionTests as VersionTests


class BlobConformance(
    ContentTests,
    FileTests,
    KeyTests,
    ListTests,
    RemovalTests,
    CopyTests,
    TransferTests,
    ResumingTests,
    VersionTests,
    PresignedTests,
    ConditionTests,
    FailureTests,
    RefusalTests,
):
    """All tests of blobs. Subclass it, override the fixture `store_url`, and say what the store `lacks`."""


__all__ = ["BlobConformance"]
