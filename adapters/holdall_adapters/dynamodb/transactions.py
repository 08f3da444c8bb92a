"""All-or-nothing write sets, with the guards of unique fields."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from holdall.drivers import Guard, TransactionRefused, Write, WriteRefused
from holdall.errors import HoldallError, Throttled, TooLarge

from .._aws.errors import Refused
from .errors import error_of, rule_of
from .wire.changes import NOTHING_ODD, Assumed, assume
from .writes import FALSE_CONDITION, Seen, action, contended, is_lost_path, seen_item, stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .guards import Guards
    from .service import Service

_TRIES = 4
_MAX_BYTES = 4 * 1024 * 1024
_MAX_LOST = 100


class Part(NamedTuple):
    """One part of a transaction: its place in the caller's list, and what is assumed to be stored for it."""

    place: int
    service: Service
    guards: Guards
    what: Write | Guard
    assumed: Assumed = NOTHING_ODD
    owners: tuple[Any, ...] = ()
    """Who may hold a value that is taken, beside nobody."""

    @property
    def releases(self) -> bool:
        return isinstance(self.what, Guard) and self.what.verb == "release"

    def entry(self) -> dict[str, Any]:
        """Return the part as the service takes it."""
        if isinstance(self.what, Write):
            name, params = action(self.service, self.what, self.assumed)
            return {name: params}
        params = self.guards.release(self.what) if self.releases else self.guards.take(self.what, self.owners)
        name = "Delete" if self.releases else "Put"
        return {name: {"TableName": self.service.table, **params}}


async def transact(service: Service, parts: Sequence[Part], token: str | None) -> None:
    """
    Do all or nothing.

    Raises:
        TransactionRefused: Nothing was written, with a reason per part.
        Throttled: Nothing was written, since others hold the items for now.
        TooLarge: The transaction has more than 4 MB.
    """
    count = len(parts)
    # What was changed and then lost is repeated as it was: what is stored since may be of its own making.
    lost = None if token is None else service.lost.pop(token, None)
    first, parts = lost or (0, _without_swaps(parts, count))
    for attempt in range(first, _TRIES):
        try:
            # A transaction that is changed needs another token, yet the same one whenever it is changed so.
            parts = await _tried(service, parts, token if attempt == 0 else _derived(token, parts), count)
        except HoldallError:
            if token is not None and attempt > 0:
                _remember(service, token, attempt, parts)
            raise
        if not parts:
            return
    raise contended(service)


async def _tried(service: Service, parts: Sequence[Part], token: str | None, count: int) -> Sequence[Part]:
    """Send the transaction; return the parts as they are to be tried again, none where it is done."""
    params: dict[str, Any] = {"TransactItems": _entries(parts)}
    if token is not None:
        params["ClientRequestToken"] = token
    try:
        await service.attempt("TransactWriteItems", params)
    except Refused as refused:
        if refused.code.startswith("IdempotentParameterMismatch"):
            # The engine's tokens stand for what is written, so it is done: only the clock in a condition differs.
            return ()
        return await _learn(service, parts, refused, count)
    return ()


def _remember(service: Service, token: str, attempt: int, parts: Sequence[Part]) -> None:
    while len(service.lost) >= _MAX_LOST:
        del service.lost[next(iter(service.lost))]
    service.lost[token] = (attempt, parts)


def _entries(parts: Sequence[Part]) -> list[dict[str, Any]]:
    entries = [part.entry() for part in parts]
    size = sum(_size(part, params) for part, entry in zip(parts, entries, strict=True) for params in entry.values())
    if size > _MAX_BYTES:
        raise TooLarge(f"the transaction has {size} bytes, DynamoDB takes {_MAX_BYTES}, and a transaction is never "
                       "split", backend="dynamodb")
    return entries


def _size(part: Part, params: Mapping[str, Any]) -> int:
    size = part.service.form.size
    if "Item" in params:
        return size(params["Item"])
    return size(params["Key"]) + size(params.get("ExpressionAttributeValues", {}))


def _derived(token: str | None, parts: Sequence[Part]) -> str | None:
    if token is None:
        return None
    shape = repr([(part.place, sorted(map(repr, part.assumed.nulls)), sorted(map(repr, part.assumed.missing)))
                  for part in parts])
    # The service takes up to 36 characters.
    return hashlib.sha256(f"{token}{shape}".encode()).hexdigest()[:32]


def _without_swaps(parts: Sequence[Part], count: int) -> list[Part]:
    """
    Return the parts with one part a guard: a value that one record gives up and another takes changes its owner.

    Raises:
        TransactionRefused: Two records take one value, or one takes it before the other gives it up.
    """
    kept: dict[Any, Part] = {}
    for part in parts:
        if isinstance(part.what, Write):
            kept[part.place] = part
            continue
        key = (part.service.table, repr(part.guards.key(part.what.field, part.what.value)))
        before = kept.get(key)
        if before is None:
            kept[key] = part if part.releases else part._replace(owners=(part.what.owner,))
        elif before.releases and isinstance(before.what, Guard):
            kept[key] = part._replace(owners=(part.what.owner, before.what.owner))
        else:
            taken = part if not part.releases else before
            assert isinstance(taken.what, Guard)
            raise TransactionRefused(_at(count, {taken.place: WriteRefused(None, taken.what.field.name)}))
    return list(kept.values())


def _at(count: int, reasons: Mapping[int, WriteRefused | HoldallError]) -> list[WriteRefused | HoldallError | None]:
    return [reasons.get(place) for place in range(count)]


async def _learn(service: Service, parts: Sequence[Part], refused: Refused, count: int) -> list[Part]:
    """
    Return the parts as they are to be tried again, where the refusal came from having assumed something else.

    Raises:
        TransactionRefused: The refusal stands.
        Throttled: Others hold the items for now.
    """
    if len(refused.reasons) != len(parts):
        raise service.meaning(refused, "TransactWriteItems") from refused.native
    again: list[Part] = []
    reasons: dict[int, WriteRefused | HoldallError] = {}
    for part, said in zip(parts, refused.reasons, strict=True):
        better, reason = await _judge(part, said)
        if reason is not None:
            reasons[part.place] = reason
        if better is not None:
            again.append(better)
    if not reasons:
        return again
    if all(isinstance(reason, Throttled) for reason in reasons.values()):
        throttled = next(iter(reasons.values()))
        raise throttled from refused.native
    raise TransactionRefused(_at(count, reasons)) from refused.native


async def _judge(part: Part, said: Mapping[str, Any]) -> tuple[Part | None, WriteRefused | HoldallError | None]:
    """Return the part for another try (None: it is not needed), and why there can't be one."""
    code, message = said.get("Code") or "None", said.get("Message") or ""
    if code == "None":
        return part, None
    if code in FALSE_CONDITION and not isinstance(part.what, Write):
        # A release of what is another's by now has nothing to do.
        return (None, None) if part.releases else (part, WriteRefused(None, part.what.field.name))
    if not isinstance(part.what, Write) or (code not in FALSE_CONDITION and not is_lost_path(message, part.what)):
        return part, _error(part, code, message)
    return await _judge_write(part, part.what, code, message, said.get("Item"))


async def _judge_write(
    part: Part, write: Write, code: str, message: str, item: Mapping[str, Any] | None
) -> tuple[Part | None, WriteRefused | HoldallError | None]:
    false = code in FALSE_CONDITION
    seen = await seen_item(part.service, write, item) if false else Seen(await stored(part.service, write.key))
    found = assume(write.changes, seen.item)
    if found != part.assumed or seen.later:
        return part._replace(assumed=found), None
    return part, WriteRefused(seen.item) if false else _error(part, code, message)


def _error(part: Part, code: str, message: str) -> HoldallError:
    throttled = rule_of(code, message, 400).error is Throttled
    operation = "TransactWriteItems" if throttled else f"{next(iter(part.entry()))}Item"
    return error_of(Refused(code, message, 400, None), part.service.asked(operation))
