"""The conformance tests of records, by topic."""

from .answers import AnswerTests as AnswerTests
from .batches import BatchTests as BatchTests
from .changes import ChangeTests as ChangeTests
from .conditions import ConditionTests as ConditionTests
from .expiry import ExpiryTests as ExpiryTests
from .lifecycle import LifecycleTests as LifecycleTests
from .limits import LimitTests as LimitTests
from .pages import PageTests as PageTests
from .queries import QueryTests as QueryTests
from .races import RaceTests as RaceTests
from .refusals import RefusalTests as RefusalTests
from .revisions import RevisionTests as RevisionTests
from .spilled import SpilledTests as SpilledTests
from .stored import StoredTests as StoredTests
from .transactions import TransactionTests as TransactionTests
from .unique import UniqueTests as UniqueTests
from .values import ValueTests as ValueTests
from .verbs import VerbTests as VerbTests


class RecordConformance(
    VerbTests,
    ValueTests,
    ConditionTests,
    ChangeTests,
    QueryTests,
    PageTests,
    BatchTests,
    AnswerTests,
    RevisionTests,
    ExpiryTests,
    UniqueTests,
    TransactionTests,
    RaceTests,
    LifecycleTests,
    SpilledTests,
    StoredTests,
    RefusalTests,
    LimitTests,
):
    """All tests of records. Subclass it, override the fixture `store_url`, and say what the backend `lacks`."""


__all__ = ["RecordConformance"]
