"""
The kit and the differential test on every store with a cache in front: it changes no result.

The memory store has all tests. Of the others the cache sees no more than the form in which they give records, and what
they refuse; so they have the tests that tell those, each in one of both shells, since what differs between the shells
is the client of the cache, which tests on memory have in both. Stores that fail on order are for one class, in
which they lie below the cache: above it they would prove what they prove without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from holdall.testing.differential import ProgramConformance
from holdall.testing.records import (
    AnswerTests,
    BatchTests,
    ChangeTests,
    ConditionTests,
    ExpiryTests,
    LifecycleTests,
    LimitTests,
    PageTests,
    QueryTests,
    RaceTests,
    RefusalTests,
    RevisionTests,
    SpilledTests,
    StoredTests,
    TransactionTests,
    UniqueTests,
    ValueTests,
    VerbTests,
)
from tests.conformance.backends import (
    AuroraMysql,
    AuroraPostgresql,
    Awaited,
    Blocking,
    Dynalite,
    Mariadb,
    Memory,
    Ministack,
    Postgresql,
    SqliteFile,
)
from tests.conformance.caches import (
    Encrypted,
    FaultsBelow,
    InMemcached,
    InProcess,
    InTwoTiers,
    InValkey,
    InValkeyCluster,
    Replacing,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


class StoredForm(VerbTests, ValueTests, StoredTests, RevisionTests, ExpiryTests, UniqueTests):
    """The tests in which the stored form of records and the errors of a store matter."""


class AllButAnswers(
    StoredForm, ConditionTests, ChangeTests, QueryTests, PageTests, BatchTests, TransactionTests, RaceTests,
    LifecycleTests, SpilledTests, RefusalTests, LimitTests,
):  # fmt: skip
    """The kit but for stores that fail on order."""


class TestMemoryInProcess(Blocking, InProcess, Memory, AllButAnswers):
    pass


class TestMemoryInValkey(Awaited, InValkey, Memory, AllButAnswers):
    pass


class TestMemoryInMemcached(Awaited, InMemcached, Memory, AllButAnswers):
    pass


class TestMemoryInTwoTiers(Blocking, Encrypted, InTwoTiers, Memory, AllButAnswers):
    pass


class TestMemoryReplacing(Blocking, Replacing, InMemcached, Memory, StoredForm, ChangeTests, BatchTests, RaceTests):
    pass


class TestFaultsOfMemory(
    Awaited, FaultsBelow, InProcess, Memory, AnswerTests, BatchTests, PageTests, UniqueTests, TransactionTests
):
    pass


class TestSqliteInCluster(
    Awaited, InValkeyCluster, SqliteFile, VerbTests, BatchTests, PageTests, TransactionTests, RaceTests
):
    """A request of several keys goes to several nodes."""


class TestSqlite(Blocking, InProcess, SqliteFile, StoredForm):
    lacks: ClassVar[Mapping[str, str]] = {"processes": "another process does not see the cache"}


class TestPostgresql(Awaited, InValkey, Postgresql, StoredForm):
    pass


class TestMariadb(Blocking, InMemcached, Mariadb, StoredForm):
    pass


class TestAuroraPostgresql(Blocking, InValkey, AuroraPostgresql, VerbTests, ValueTests):
    pass


class TestAuroraMysql(Awaited, InMemcached, AuroraMysql, VerbTests):
    pass


class TestDynalite(Awaited, InValkey, Dynalite, VerbTests):
    pass


class TestMinistack(Blocking, InTwoTiers, Ministack, StoredForm):
    pass


class TestProgramsOnMemory(Replacing, InValkey, Memory, ProgramConformance):
    examples = 20


class TestProgramsOnSqlite(InProcess, SqliteFile, ProgramConformance):
    examples = 8
