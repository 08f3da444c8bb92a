"""Random programs do with spilled fields what they do without, and leave no blob that nothing claims."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import holdall
from holdall import F
from tests.unit.spilled import Doc, Spilling

ids = st.sampled_from("abc")
texts = st.none() | st.sampled_from(["", "short", "x" * 21, "ä" * 11, "holdall:blob:1:", "y" * 40])
raws = st.none() | st.sampled_from([b"", b"r" * 21, b"holdall:blob:1:x"])
shelves = st.sampled_from("st")
docs = st.builds(Doc, ids, shelves, texts, raws)
changes = st.lists(
    st.one_of(
        texts.filter(lambda text: text is not None).map(F.body.set), st.just(F.body.remove()),
        texts.filter(lambda text: text is not None).map(F.body.set_if_absent),
        raws.filter(lambda raw: raw is not None).map(F.raw.set_if_absent), st.just(F.raw.remove()),
        shelves.map(F.shelf.set),
    ), min_size=1, max_size=2, unique_by=lambda change: change.path,
)  # fmt: skip
whens = st.none() | st.sampled_from([F.body.is_set(), F.raw.is_null(), F.shelf == "s"])
writes = st.one_of(
    st.tuples(st.sampled_from(["create", "put", "replace"]), docs),
    st.tuples(st.just("update"), ids, changes, whens), st.tuples(st.just("delete"), ids, whens),
)  # fmt: skip
steps = st.one_of(
    writes, st.tuples(st.just("put_many"), st.lists(docs, max_size=4)),
    st.tuples(st.just("delete_many"), st.lists(ids, max_size=3)),
    st.tuples(st.just("stale"), ids, texts), st.tuples(st.just("delete_found"), shelves),
    st.tuples(st.just("transaction"), st.lists(writes, max_size=3)),
)  # fmt: skip
ports = st.sampled_from(["write", "write_batch", "transact"])
faults = st.tuples(st.sampled_from(["fail", "lose", "lost"]), ports | st.sampled_from(["put", "delete"]))


class Player:
    """Carries programs out on one repository."""

    def __init__(self, repository: Any) -> None:
        self.docs = repository
        self._stale: dict[str, Doc] = {}

    def play(self, name: str, *arguments: Any) -> Any:
        try:
            return _plain(getattr(self, name)(*arguments))
        except holdall.HoldallError as error:
            return type(error).__name__, error.key

    def create(self, doc: Doc) -> Any:
        return self.docs.create(_new(doc))

    def put(self, doc: Doc) -> Any:
        return self.docs.put(_new(doc))

    def replace(self, doc: Doc) -> Any:
        return self.docs.replace(_new(doc))

    def update(self, key: str, given: list[Any], when: Any) -> Any:
        return self.docs.update(key, *given, when=when)

    def delete(self, key: str, when: Any) -> Any:
        return self.docs.delete(key, when=when)

    def put_many(self, given: list[Doc]) -> Any:
        return self.docs.put_many(map(_new, given))

    def delete_many(self, keys: list[str]) -> Any:
        return self.docs.delete_many(keys)

    def delete_found(self, shelf: str) -> Any:
        return self.docs.query(F.shelf == shelf).delete()

    def stale(self, key: str, text: str | None) -> Any:
        """Write what was read at the last such step, by its revision."""
        held, self._stale[key] = self._stale.get(key), self.docs.get(key)
        if held is not None:
            held.body = text
            return self.docs.put(held)
        return None

    def transaction(self, given: list[Any]) -> Any:
        with self.docs.transaction() as transaction:
            for name, *arguments in given:
                if name == "update":
                    transaction.update(arguments[0], *arguments[1], when=arguments[2])
                elif name == "delete":
                    transaction.delete(arguments[0], when=arguments[1])
                else:
                    getattr(transaction, name)(_new(arguments[0]))


def _new(doc: Doc) -> Doc:
    return Doc(doc.id, doc.shelf, doc.body, doc.raw)


def _plain(result: Any) -> Any:
    return _new(result) if isinstance(result, Doc) else result


def everything(repository: Any) -> list[Doc]:
    return sorted((_new(doc) for doc in repository.scan()), key=lambda doc: doc.id)


def claimed(spilling: Spilling) -> set[str]:
    """Return the keys of the blobs that records claim."""
    bare = holdall.Repository(spilling.docs.engine)
    bare.engine.driver = spilling.docs.engine.driver.inner  # type: ignore[attr-defined]  # a driver over another
    values = [value for doc in bare.scan() for value in (doc.body, doc.raw) if value]
    bare.engine.driver = spilling.over
    texts = [value.decode() if isinstance(value, bytes) else value for value in values]
    return {text.split(":", 5)[-1] for text in texts if text.startswith("holdall:blob:1:")}


@given(st.lists(steps, max_size=12))
def test_spilled_and_plain_repositories_do_the_same(program: list[Any]) -> None:
    spilling = Spilling()
    plain, other = Player(holdall.open_repository("memory://", Doc)), Player(spilling.docs)
    for step in program:
        assert other.play(*step) == plain.play(*step), step
        assert everything(spilling.docs) == everything(plain.docs)
        assert {*spilling.keys()} == claimed(spilling)


@given(st.lists(steps | faults, max_size=15))
@settings(deadline=None)
def test_whatever_fails_every_record_is_whole(program: list[Any]) -> None:
    spilling = Spilling()
    player = Player(spilling.docs)
    for name, *arguments in program:
        if name in ("fail", "lose", "lost"):
            (port,) = arguments
            target: Any = spilling.faults if port in ("put", "delete") else spilling.store
            target.fail(port) if name == "fail" else target.lose(port, applied=name == "lose")
        else:
            player.play(name, *arguments)
            everything(spilling.docs)
            assert {*spilling.keys()} >= claimed(spilling)
