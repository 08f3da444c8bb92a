"""The conformance tests of configuration, by topic."""

from .changes import ChangeTests as ChangeTests
from .listing import ListingTests as ListingTests
from .loading import LoadingTests as LoadingTests
from .reading import ReadingTests as ReadingTests
from .versions import VersionTests as VersionTests
from .writing import WritingTests as WritingTests


class ConfigConformance(ReadingTests, LoadingTests, WritingTests, ListingTests, VersionTests, ChangeTests):
    """
    All tests of configuration.

    Subclass it, override the fixture `config_url`, and say what the source `lacks`; for one that is only read also
    override `given`.
    """


__all__ = ["ConfigConformance"]
