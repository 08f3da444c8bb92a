"""The conformance tests of records, by topic."""

from .verbs import VerbTests as VerbTests


class RecordConformance(
    VerbTests,
):
    """All tests of records. Subclass it, override the fixture `store_url`, and say what the backend `lacks`."""


__all__ = ["RecordConformance"]
