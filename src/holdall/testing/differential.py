"""
The differential test: random programs on the oracle and on a backend, sync and async, agree on every result.

    class TestMine(ProgramConformance):
        @pytest.fixture
        def store_url(self, tmp_path): ...

`HOLDALL_TEST_EXAMPLES=5000` runs so many programs instead of `examples`, other ones each time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import singledispatchmethod
from typing import TYPE_CHECKING, Any, ClassVar, cast

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st

from .. import errors
from .judging import Judge
from .oracle import Oracle
from .programs import programs
from .records.base import RecordKit
from .steps import (
    START,
    Advance,
    Check,
    Claim,
    Create,
    Delete,
    DeleteMany,
    Do,
    Get,
    GetMany,
    Page,
    Put,
    PutMany,
    Query,
    Replace,
    Thing,
    Transaction,
    Update,
    UpdateMany,
    change,
    condition,
)
from .stores import Stores

if TYPE_CHECKING:
    from ..expressions import Change
    from ..repository import Repository
    from .steps import Key, Program, Step, Values

# Programs are large and slow by nature.
_NO_CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
_MORE = "HOLDALL_TEST_EXAMPLES"


@dataclass
class Paged:
    """A page as it came: its records and whether more follow."""

    items: list[Thing]
    finished: bool


class World:
    """A backend's side of a program."""

    def __init__(self, stores: Stores, model: type[Thing], oracle: Oracle) -> None:
        self.model = model
        self.oracle = oracle
        self.things: Repository[Thing] = stores.open(model, clock=lambda: float(oracle.now))
        self.pages: dict[int, tuple[Query, str | None]] = {}

    @singledispatchmethod
    def do(self, step: Step) -> Any:
        """
        Do one step, and return what it gave.

        Raises:
            HoldallError: It failed.
        """
        raise NotImplementedError(type(step).__name__)

    def _record(self, values: Values, carry: int = 0) -> Thing:
        given = dict(values)
        if "expires" in given:
            given["expires"] += START
        revision = self.oracle.carried((given["group"], given["rank"]), carry)
        return self.model(**given, revision=revision)

    def _target(self, key: Key, carry: int) -> Key | Thing:
        """Return a key, or a record where it is to carry a revision."""
        carried = self.oracle.carried(key, carry)
        return key if carried is None else self.model(*key, revision=carried)

    @do.register(Create)
    def _create(self, step: Create) -> Thing:
        return self.things.create(self._record(step.values))

    @do.register(Put)
    def _put(self, step: Put) -> Thing:
        return self.things.put(self._record(step.values, step.carry))

    @do.register(Replace)
    def _replace(self, step: Replace) -> Thing:
        return self.things.replace(self._record(step.values, step.carry), **_when(step))

    @do.register(Update)
    def _update(self, step: Update) -> Thing:
        create = None if step.create is None else self._record(step.create)
        target = self._target(step.key, step.carry)
        return self.things.update(target, *_changes(step.changes), **_when(step), create=create)

    @do.register(Delete)
    def _delete(self, step: Delete) -> None:
        self.things.delete(self._target(step.key, step.carry), **_when(step), must_exist=step.must_exist)

    @do.register(Get)
    def _get(self, step: Get) -> Any:
        return getattr(self.things, step.verb)(step.key)

    @do.register(GetMany)
    def _get_many(self, step: GetMany) -> list[Thing | None]:
        return list(self.things.get_many(step.keys))

    @do.register(PutMany)
    def _put_many(self, step: PutMany) -> int:
        return self.things.put_many(self._record(values) for values in step.records)

    @do.register(DeleteMany)
    def _delete_many(self, step: DeleteMany) -> int:
        return self.things.delete_many(step.keys)

    @do.register(UpdateMany)
    def _update_many(self, step: UpdateMany) -> int:
        return self.things.update_many(step.keys, *_changes(step.changes), **_when(step))

    def _asked(self, step: Query) -> Any:
        where, things = [condition(test) for test in step.where], cast("Any", self.things)
        options: dict[str, Any] = {"limit": step.limit}
        if step.what == "fields":
            options["fields"] = FIELDS
        if step.via == "scan":
            return things.scan(*where, **options)
        return things.query(*where, order=step.order, **options)

    @do.register(Query)
    def _query(self, step: Query) -> Any:
        asked = self._asked(step)
        if step.what == "update":
            return asked.update(*_changes(step.changes))
        return getattr(asked, "all" if step.what == "fields" else step.what)()

    @do.register(Page)
    def _page(self, step: Page) -> Paged:
        query, token = self.pages.pop(step.slot, (step.query, None))
        page = self._asked(query).page(after=token)
        if page.token is not None:
            self.pages[step.slot] = (query, page.token)
        return Paged(list(page), page.token is None)

    @do.register(Transaction)
    def _transaction(self, step: Transaction) -> list[Thing | None]:
        with self.things.transaction() as tx:
            return [self._part(tx, part) for part in step.parts]

    def _part(self, tx: Any, part: Any) -> Thing | None:
        if isinstance(part, Create):
            return cast("Thing", tx.create(self._record(part.values)))
        if isinstance(part, Put):
            return cast("Thing", tx.put(self._record(part.values, part.carry)))
        if isinstance(part, Replace):
            return cast("Thing", tx.replace(self._record(part.values, part.carry), **_when(part)))
        target = self._target(part.key, part.carry)
        if isinstance(part, Update):
            tx.update(target, *_changes(part.changes), **_when(part))
        elif isinstance(part, Delete):
            tx.delete(target, **_when(part), must_exist=part.must_exist)
        else:
            tx.check(target, **_when(part))
        return None

    @do.register(Advance)
    def _advance(self, step: Advance) -> None:
        """The oracle moves the clock that both read."""


FIELDS = ["rank", "name", "count", "tags", "spot"]


def _when(step: Replace | Update | Delete | UpdateMany | Check) -> dict[str, Any]:
    return {"when": None if step.when is None else condition(step.when)}


def _changes(dos: Sequence[Do]) -> list[Change]:
    return [change(replace(do, values=tuple(START + one for one in do.values)) if do.path == ("expires",) else do)
            for do in dos]


def run(program: Program, stores: Stores, model: type[Thing], page: int | None = None) -> None:
    """
    Run a program on a new table and on the oracle.

    Args:
        program: The steps.
        stores: Where to open the table.
        model: `Thing` or `Claim`.
        page: How many items a native page may examine.

    Raises:
        AssertionError: They do not agree.
    """
    oracle = Oracle(model)
    world, judge = World(stores, model, oracle), Judge(oracle)
    if page is not None:
        stores.faults(world.things).page = page
    for number, step in enumerate(program):
        try:
            given: Any = world.do(step)
        except errors.HoldallError as error:
            given = error
        try:
            judge.judge(f"step {number}, {step}", step, given)
        except AssertionError as error:
            whole = "\n".join(f"    {one}," for one in program[: number + 1])
            raise AssertionError(f"{error}\n\nprogram = [\n{whole}\n]") from None


class Listing:
    """A program that Hypothesis does not print by itself, for which it would take minutes; the error shows it."""

    def __init__(self, program: Program) -> None:
        self.program = program


@st.composite
def _listed(draw: st.DrawFn, strategy: st.SearchStrategy[Program]) -> Listing:
    return Listing(draw(strategy))


class ProgramConformance(RecordKit):
    """
    The differential test as tests to subclass.

    Attributes:
        examples: How many programs each test runs.
        steps: How many steps a program has at most.
        shrink: Look for the shortest program that shows a fault.
    """

    examples: ClassVar[int] = 40
    steps: ClassVar[int] = 25
    shrink: ClassVar[bool] = True

    @pytest.mark.parametrize("kind", ["sync", "async"])
    def test_programs_agree_with_the_oracle(self, store_url: Callable[[str], str], kind: str) -> None:
        self._run(store_url, Thing, kind)

    @pytest.mark.needs("unique")
    @pytest.mark.parametrize("kind", ["sync", "async"])
    def test_programs_with_a_unique_field_agree_with_the_oracle(
        self, store_url: Callable[[str], str], kind: str
    ) -> None:
        self._run(store_url, Claim, kind)

    def _run(self, store_url: Callable[[str], str], model: type[Thing], kind: str) -> None:
        more = os.environ.get(_MORE)
        strategy = programs(unique=model is Claim, transactions=not self.lacking("transactions"), most=self.steps)

        @settings(
            max_examples=int(more or self.examples), derandomize=more is None, deadline=None, database=None,
            suppress_health_check=_NO_CHECKS, report_multiple_bugs=False, verbosity=Verbosity.quiet,
            phases=[Phase.generate, *([Phase.shrink] if self.shrink else [])],
        )  # fmt: skip
        @given(_listed(strategy), st.sampled_from([None, 1, 2, 3]))
        def agrees(listing: Listing, page: int | None) -> None:
            stores = Stores(self, store_url, asynchronous=kind == "async")
            try:
                run(listing.program, stores, model, page)
            finally:
                stores.close()

        agrees()
