"""All-or-nothing write sets across repositories of one backend; never split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from .. import drivers
from .._frozen import frozen
from ..errors import (
    AlreadyExists,
    ClosedError,
    ConditionFailed,
    Conflict,
    HoldallError,
    InvalidArgument,
    NotFound,
    Throttled,
    TooLarge,
    TransactionFailed,
    Unsupported,
)
from .attempts import pause
from .base import both
from .commits import commit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .records import Records
    from .unique import Guarded

T = TypeVar("T")


@frozen
class Part:
    """One write of a transaction, and what is needed to say why it was refused."""

    records: Records[Any]
    write: drivers.Write
    carried: str | None
    when: drivers.Test | None
    creates: bool = False
    fenced_put: bool = False
    must_exist: bool = True


class WriteSet:
    """The parts of one transaction, collected and then committed once."""

    def __init__(self, home: Records[Any], token: str | None) -> None:
        if not home.capabilities.transactions:
            raise Unsupported(f"{home.capabilities.name} has no transactions", backend=home.capabilities.name)
        if token is not None and not 1 <= len(token) <= 36:
            raise InvalidArgument("a transaction's token has 1 to 36 characters")
        self._home = home
        self._token = token
        self._parts: list[Part] = []
        self._finished = False

    def create(self, records: Records[T], record: T) -> T:
        write, _ = records.put_write(record, records.absent(), self._revision(records))
        return self._put(records, Part(records, write, None, None, creates=True))

    def put(self, records: Records[T], record: T) -> T:
        carried = records.carried_revision(record)
        write, _ = records.put_write(record, records.fence(carried), self._revision(records))
        return self._put(records, Part(records, write, carried, None, fenced_put=True, must_exist=False))

    def replace(self, records: Records[T], record: T, when: Any) -> T:
        carried, test = records.carried_revision(record), records.when_test(when)
        condition = both(records.present(), records.fence(carried), test)
        write, _ = records.put_write(record, condition, self._revision(records))
        return self._put(records, Part(records, write, carried, test))

    def update(self, records: Records[Any], target: Any, changes: Sequence[Any], when: Any) -> None:
        carried = records.carried_revision(target)
        write, _ = records.update_write(records.key_of(target), changes, when, carried, self._revision(records))
        self._add(Part(records, write, carried, records.when_test(when)))

    def delete(self, records: Records[Any], target: Any, when: Any, must_exist: bool) -> None:
        carried = records.carried_revision(target)
        write = records.delete_write(records.key_of(target), when, carried, must_exist)
        self._add(Part(records, write, carried, records.when_test(when), must_exist=must_exist))

    def check(self, records: Records[Any], target: Any, when: Any) -> None:
        carried, test = records.carried_revision(target), records.when_test(when)
        condition = both(records.present(), records.fence(carried), test)
        write = drivers.Write("check", records.key_of(target), condition=condition, now=records.now())
        self._add(Part(records, write, carried, test))

    def _put(self, records: Records[T], part: Part) -> T:
        self._add(part)
        return records.codec.decode(part.write.item)

    def _revision(self, records: Records[Any]) -> str | None:
        """Return the revision of the next write: the same at each repetition of a token, else a random one."""
        if self._token is None or records.model.revision is None:
            return None
        # Imported here, as below: few programs give tokens.
        from .idempotency import repeated_revision

        return repeated_revision(self._token, len(self._parts))

    def _request_token(self) -> str | None:
        if self._token is None:
            return None
        from .idempotency import request_token

        return request_token(self._token, self._parts)

    def _add(self, part: Part) -> None:
        if self._token is not None:
            _check_repeatable(part.records)
        if self._finished:
            raise ClosedError("the transaction is already committed or given up")
        if part.records.driver.store != self._home.driver.store:
            raise InvalidArgument("the repositories of one transaction must be of one store")
        same = (part.records.driver.table, part.write.key.portable)
        if any((p.records.driver.table, p.write.key.portable) == same for p in self._parts):
            raise InvalidArgument("a transaction can't touch one record twice; make it one write",
                                  key=part.records.shown_key(part.write.key))
        limit = self._home.capabilities.max_transaction
        if limit is not None and len(self._parts) >= limit:
            raise TooLarge(f"a transaction of this backend takes {limit} writes at most, and is never split")
        self._parts.append(part)

    async def finish(self, *, failed: bool) -> None:
        """End the `with` block: commit, or after an error in it forget the parts."""
        if failed:
            self._finished = True
        elif not self._finished:
            await self.commit()

    async def commit(self) -> None:
        """
        Write everything or nothing.

        Raises:
            TransactionFailed: Nothing was written, with a reason per item.
        """
        with self._home.verb("transaction"):
            if self._finished:
                raise ClosedError("the transaction is already committed or given up")
            self._finished = True
            if not self._parts:
                return
            self._check_open()
            for failures in range(1, self._home.retry.attempts + 1):
                if await self._tried():
                    return
                await pause(self._home.io, self._home.retry.wait(failures))
            raise Throttled("other writers keep changing the records of this transaction", retry="exhausted")

    def _check_open(self) -> None:
        for part in self._parts:
            if part.records.closed:
                raise ClosedError(f"the {part.records.model.name} repository is closed")

    async def _tried(self) -> bool:
        """Commit, or return False where another writer came between what guards were worked out from and the write."""
        token = self._request_token()
        parts, owners = await self._prepared()
        try:
            await commit(self._home, parts, token)
        except drivers.TransactionRefused as refused:
            if self._raced(refused.reasons, owners):
                return False
            raise self._failed(refused.reasons, owners) from None
        return True

    def _raced(
        self, refusals: Sequence[drivers.WriteRefused | HoldallError | None], owners: Sequence[int]
    ) -> bool:
        """Return whether a fence of guards failed: the next reading tells what is the matter."""
        return any(
            isinstance(refusal, drivers.WriteRefused) and refusal.field is None and _has_guards(self._parts[owner])
            for owner, refusal in zip(owners, refusals, strict=False)
        )

    async def _prepared(self) -> tuple[list[tuple[drivers.RecordDriver, drivers.Write | drivers.Guard]], list[int]]:
        """Return what the driver is to do, and for each of it the part it belongs to."""
        parts: list[tuple[drivers.RecordDriver, drivers.Write | drivers.Guard]] = []
        owners: list[int] = []
        refusals: dict[int, drivers.WriteRefused] = {}
        for i, part in enumerate(self._parts):
            try:
                steps = await _steps(part)
            except drivers.WriteRefused as refused:
                refusals[i] = refused
                continue
            parts += [(part.records.driver, step) for step in steps]
            owners += [i] * len(steps)
        if refusals:
            await self._look_at_the_others(refusals)
            raise self._failed([*refusals.values()], [*refusals])
        limit = self._home.capabilities.max_transaction
        if limit is not None and len(parts) > limit:
            raise TooLarge(f"with the guards of its unique fields the transaction has {len(parts)} writes; this "
                           f"backend takes {limit}, and a transaction is never split")
        return parts, owners

    async def _look_at_the_others(self, refusals: dict[int, drivers.WriteRefused]) -> None:
        """Find out which parts without guards would have been refused too, since nothing is sent that would tell."""
        for i, part in enumerate(self._parts):
            if not _has_guards(part):
                try:
                    await _guarded(part)
                except drivers.WriteRefused as refused:
                    refusals[i] = refused

    def _failed(
        self, refusals: Sequence[drivers.WriteRefused | HoldallError | None], owners: Sequence[int]
    ) -> TransactionFailed:
        reasons: list[HoldallError | None] = [None] * len(self._parts)
        for owner, refusal in zip(owners, refusals, strict=False):
            reasons[owner] = reasons[owner] or reason_of(self._parts[owner], refusal)
        shown = next(i for i, reason in enumerate(reasons) if reason is not None)
        first = reasons[shown]
        assert first is not None
        return TransactionFailed(f"nothing was written; the first reason, item {shown}: {first.message}",
                                 reasons=reasons)


def _check_repeatable(records: Records[Any]) -> None:
    name = records.model.name
    if records.guarded:
        raise Unsupported(f"{name} has unique fields, for which this backend keeps guard items, so a transaction with "
                          "it can't be repeated under a token")
    if records.model.spilled:
        raise Unsupported(f"{name} has spilled fields, whose blobs have other keys each time, so a transaction with it "
                          "can't be repeated under a token")


def _has_guards(part: Part) -> bool:
    return part.records.guarded and part.write.verb != "check"


async def _guarded(part: Part) -> Guarded:
    from .unique import prepare

    return await prepare(part.records, part.write)


async def _steps(part: Part) -> list[drivers.Write | drivers.Guard]:
    if not _has_guards(part):
        return [part.write]
    guarded = await _guarded(part)
    return [guarded.write, *guarded.guards]


def reason_of(part: Part, reason: drivers.WriteRefused | HoldallError | None) -> HoldallError | None:
    """Return the error that a part would have raised by itself."""
    if reason is None or isinstance(reason, HoldallError):
        return reason
    records = part.records
    key = records.shown_key(part.write.key)
    try:
        if part.creates and reason.field is None:
            raise AlreadyExists(f"a record of {records.model.name} with this key is there already", key=key)
        absent_is = Conflict if part.fenced_put else NotFound
        records.raise_refused(reason, fenced=part.carried, when=part.when is not None, absent_is=absent_is)
    except (AlreadyExists, Conflict, NotFound, ConditionFailed) as error:
        error.key = key
        return error
