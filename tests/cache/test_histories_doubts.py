"""What a process knows better than the cache is never forgotten, not even while it is forgotten for each key."""

from __future__ import annotations

from typing import Any

from holdall._engine.cache.doubts import MOST, Doubts


class Watched(dict[str, int]):
    """Times of keys, of which one is asked for in the middle of everything."""

    def __init__(self, doubts: Doubts) -> None:
        super().__init__()
        self._doubts = doubts
        self.covered: list[bool] = []

    def clear(self) -> None:
        self.covered.append(self._doubts.covers("k", 1000))
        super().clear()
        self.covered.append(self._doubts.covers("k", 1000))


class Late(dict[str, int]):
    """Times of keys that are forgotten as soon as one of them is asked for."""

    def __init__(self, doubts: Doubts) -> None:
        super().__init__()
        self._doubts = doubts
        self._forgotten = False

    def get(self, key: str, default: Any = None) -> Any:
        if not self._forgotten:  # which itself asks for keys
            self._forgotten = True
            self._doubts.note(map(str, range(MOST + 1)), 1000)
        return super().get(key, default)


def test_a_doubt_lasts_while_those_of_all_keys_are_made_one() -> None:
    doubts = Doubts()
    doubts._since = watched = Watched(doubts)
    doubts.note(["k"], 1000)
    doubts.note(map(str, range(MOST)), 1000)
    assert watched.covered == [True, True]


def test_a_doubt_lasts_where_those_of_all_keys_are_made_one_as_it_is_asked_for() -> None:
    doubts = Doubts()
    doubts._since = Late(doubts)
    doubts._since["k"] = 1000
    assert doubts.covers("k", 1000)
