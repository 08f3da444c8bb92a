"""The verbs for one record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from .. import drivers
from .._model.kinds import show
from ..errors import AlreadyExists, Conflict, CorruptRecord, HoldallError, InvalidArgument, NotFound, Throttled
from .apply import apply_changes
from .base import Base, both
from .resolve import resolve_changes, resolve_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._model.schema import Field
    from ..drivers import Item, KeyValue

T = TypeVar("T")
_REPEATABLE_CHANGES = frozenset({"set", "remove", "add_to", "discard_from", "set_if_absent"})


def _same_twice(change: drivers.Change) -> bool:
    """Return whether a change made twice is as if made once; at a place in a list the others move up, or it grows."""
    return change.op in _REPEATABLE_CHANGES and not isinstance(change.path[-1], int)


class Records(Base[T]):
    """Create, put, replace, update, get, delete."""

    async def create(self, record: T) -> T:
        with self.verb("create", record):
            write, revision = self.put_write(record, self.absent())
            return await self._created(write, revision)

    async def _created(self, write: drivers.Write, revision: str | None) -> T:
        stored = self._as_stored(write)
        try:
            await self.send(write, revision=revision, repeatable=True)
        except drivers.WriteRefused as refused:
            raise self._already(refused) from None
        return stored

    async def put(self, record: T) -> T:
        with self.verb("put", record):
            carried = self.carried_revision(record)
            write, revision = self.put_write(record, self.fence(carried))
            stored = self._as_stored(write)
            try:
                await self.send(write, revision=revision, repeatable=True)
            except drivers.WriteRefused as refused:
                self.raise_refused(refused, fenced=carried, when=False, absent_is=Conflict)
            return stored

    async def replace(self, record: T, when: Any = None) -> T:
        with self.verb("replace", record):
            carried = self.carried_revision(record)
            condition = both(self.present(), self.fence(carried), self.when_test(when))
            write, revision = self.put_write(record, condition)
            stored = self._as_stored(write)
            try:
                await self.send(write, revision=revision, repeatable=True)
            except drivers.WriteRefused as refused:
                self.raise_refused(refused, fenced=carried, when=when is not None)
            return stored

    async def update(self, target: Any, changes: Sequence[Any], when: Any, create: T | None) -> T:
        with self.verb("update", target):
            key = self.key_of(target)
            carried = self.carried_revision(target)
            while True:
                try:
                    return await self._update(key, changes, when, carried)
                except NotFound:
                    if create is None:
                        raise
                created = await self._create_changed(key, changes, create)
                if created is not None:
                    return created

    async def _update(self, key: KeyValue, changes: Sequence[Any], when: Any, carried: str | None) -> T:
        write, revision = self.update_write(key, changes, when, carried)
        try:
            written = await self.send(write, revision=revision, repeatable=self._can_repeat(write, carried))
        except drivers.WriteRefused as refused:
            self.raise_refused(refused, fenced=carried, when=when is not None)
        return self.codec.decode(written.item)

    async def _create_changed(self, key: KeyValue, changes: Sequence[Any], create: T) -> T | None:
        if self.key_of(create).portable != key.portable:
            raise InvalidArgument("create= has another key than the record to update")
        resolved = resolve_changes(self.model, changes, self.capabilities)
        revision = self.new_revision()
        # Not by way of a record, which would hold the class's default where a change unsets a field.
        base = self.codec.portable(self.codec.encode(create, revision))
        item = self.codec.from_portable(apply_changes(resolved, base))
        write = drivers.Write("put", key, item, condition=self.absent(), now=self.now())
        try:
            return await self._created(write, revision)
        except AlreadyExists as error:
            if error.field is not None:
                raise
            return None

    async def get(self, target: Any, consistent: bool) -> T | None:
        with self.verb("get", target):
            self.check_consistent(consistent)
            key = self.key_of(target)
            item = self.live(await self.fetch(key, consistent, None))
            return None if item is None else self.codec.decode(item)

    async def require(self, target: Any, consistent: bool) -> T:
        record = await self.get(target, consistent)
        if record is None:
            key = self.shown_key(self.key_of(target))
            raise NotFound(f"there is no such {self.model.name}", operation="require", key=key,
                           backend=self.capabilities.name)
        return record

    async def exists(self, target: Any, consistent: bool) -> bool:
        with self.verb("exists", target):
            self.check_consistent(consistent)
            key = self.key_of(target)
            expires = () if self.model.expires is None else (self.model.expires,)
            return self.live(await self.fetch(key, consistent, (*self.model.key.keys, *expires))) is not None

    async def fetch(self, key: KeyValue, consistent: bool, fields: tuple[Field, ...] | None) -> Item | None:
        """Return the item of a key, expired or not."""

        async def job(_: bool) -> Item | None:
            got = await self.driver.get([key], consistent=consistent, fields=fields)
            if got.unprocessed:
                raise Throttled("the backend leaves the key unprocessed")
            return got.items[0]

        return await self.retrying(job)

    async def fetch_all(
        self, keys: Sequence[KeyValue], consistent: bool, fields: tuple[Field, ...] | None = None
    ) -> list[Item | None]:
        """Return the items of at most `max_get` different keys, asking again for what was left unprocessed."""
        found: list[Item | None] = [None] * len(keys)
        waiting, stalled = list(range(len(keys))), 0
        while waiting:
            asked = [keys[i] for i in waiting]

            async def job(_: bool, asked: list[KeyValue] = asked) -> drivers.Got:
                return await self.driver.get(asked, consistent=consistent, fields=fields)

            got = await self.retrying(job)
            for place, item in zip(waiting, got.items, strict=True):
                found[place] = item if item is not None else found[place]
            left = [waiting[i] for i in got.unprocessed]
            stalled = await self.wait_for_rest(len(left), len(waiting), stalled)
            waiting = left
        return found

    async def delete(self, target: Any, when: Any, must_exist: bool) -> None:
        with self.verb("delete", target):
            key = self.key_of(target)
            carried = self.carried_revision(target)
            write = self.delete_write(key, when, carried, must_exist)
            try:
                await self.send(write, revision=None, repeatable=True)
            except drivers.WriteRefused as refused:
                self.raise_refused(refused, fenced=carried, when=when is not None)

    def put_write(
        self, record: T, condition: drivers.Test | None, revision: str | None = None
    ) -> tuple[drivers.Write, str | None]:
        """Return the write that stores a record whole, and its new revision."""
        if not self.model.is_record(record):
            raise InvalidArgument(f"expected a record of {self.model.name}, got {show(record)}")
        self.model.check_whole(record)
        revision = revision or self.new_revision()
        key = self._key(self.model.key_values(record))
        item = self.codec.encode(record, revision)
        return drivers.Write("put", key, item, condition=condition, now=self.now()), revision

    def update_write(
        self, key: KeyValue, changes: Sequence[Any], when: Any, carried: str | None, revision: str | None = None
    ) -> tuple[drivers.Write, str | None]:
        """Return the write that changes a record in place, and its new revision."""
        resolved = resolve_changes(self.model, changes, self.capabilities)
        revision = revision or self.new_revision()
        field = self.model.revision
        if revision is not None and field is not None:
            resolved = (*resolved, drivers.Change((field.stored,), "set", field.kind, revision, revision))
        condition = both(self.present(), self.fence(carried), self.when_test(when))
        write = drivers.Write("update", key, changes=resolved, condition=condition, wants_new=True, now=self.now())
        return write, revision

    def delete_write(self, key: KeyValue, when: Any, carried: str | None, must_exist: bool) -> drivers.Write:
        """Return the write that removes a record."""
        asked = both(self.fence(carried), self.when_test(when))
        condition = both(self.present(), asked) if must_exist else asked
        if condition is not None and not must_exist:
            condition = drivers.AnyOf((self.absent(), condition))
        return drivers.Write("delete", key, condition=condition, now=self.now())

    async def send(self, write: drivers.Write, *, revision: str | None, repeatable: bool) -> drivers.Written:
        """Do a write, with its guards where unique fields need them; see `Base.send`."""
        plain = super().send
        if not self.guarded:
            return await plain(write, revision=revision, repeatable=repeatable)
        # Imported here: few models have unique fields, and fewer stores need guards for them.
        from .unique import send_guarded

        return await send_guarded(self, write, lambda one: plain(one, revision=revision, repeatable=repeatable))

    def fence(self, carried: str | None) -> drivers.Test | None:
        """Return the test that what is stored is live and has the revision that a record carries, if it does."""
        return None if carried is None else both(self.unexpired(), self.revision_is(carried))

    def when_test(self, when: Any) -> drivers.Test | None:
        """Return the resolved `when=`."""
        return None if when is None else resolve_test(self.model, when, self.capabilities)

    def _as_stored(self, write: drivers.Write) -> T:
        """Return the record that a put stores; it is made before, so that none is stored that could not be read."""
        try:
            return self.codec.decode(write.item)
        except CorruptRecord as corrupt:
            raise InvalidArgument(f"the {self.model.name} could not be read back: {corrupt.message}") from corrupt

    def _can_repeat(self, write: drivers.Write, carried: str | None) -> bool:
        return carried is not None or all(_same_twice(change) for change in write.changes)

    def _already(self, refused: drivers.WriteRefused) -> HoldallError:
        if refused.field is not None:
            field = self.model.field(refused.field)
            return AlreadyExists(f"another {self.model.name} has the same {field.name}", field=field.name)
        return AlreadyExists(f"a record of {self.model.name} with this key is there already")

    async def invalidate(self, target: Any) -> None:
        with self.verb("invalidate", target):
            key = self.key_of(target)
            if self.tiers:
                driver: Any = self.driver
                await driver.invalidate(key)

    async def provision(self) -> None:
        async def job(_: bool) -> None:
            await self.driver.provision()

        with self.verb("provision"):
            await self.retrying(job)

    async def remove_orphans(self, older_than: Any, dry_run: bool) -> list[str]:
        # Imported here: few repositories spill, and these do it seldom.
        from .spill.orphans import remove_orphans

        return await remove_orphans(self, older_than, dry_run)

    async def close(self) -> None:
        if not self.closed:
            self.closed = True
            await self.driver.close()
