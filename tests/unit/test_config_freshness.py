"""When a source is read anew, and what is served meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from holdall import AccessDenied, ConfigError, Throttled, Timeout, Unavailable
from holdall._engine.config.layer import Layer
from tests.unit.config_sources import THRICE, Clock, Source, down, opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have lifetimes and pauses be the longest that they can be."""
    monkeypatch.setattr("holdall._engine.config.layer._between", lambda _, most: most)


def test_a_source_is_read_once_while_it_is_fresh(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    assert source.loads == 0
    for _ in range(5):
        assert (config.get("a"), config.get("a", int), config.get("missing")) == ("1", 1, None)
        clock.now += 11
    assert (source.loads, source.fetches) == (1, [])


def test_a_source_is_read_anew_when_it_is_old(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    assert (config.get("a"), config.get("a", int)) == ("1", 1)
    source.values["a"] = "2"
    clock.now += 59.9
    assert (config.get("a"), config.get("a", int)) == ("1", 1)
    clock.now += 0.1
    assert (config.get("a", int), config.get("a")) == (2, "2")
    assert source.loads == 2
    assert config.age == 0


def test_a_source_that_is_never_old_is_read_once(clock: Clock) -> None:
    source = Source(max_age=None)
    config = opened(source, clock)
    assert config.get("a") == "1"
    clock.now += 1e9
    assert config.get("a") == "1"
    assert (source.loads, config.age, config.stale) == (1, 1e9, False)


def test_a_source_without_an_age_is_read_at_each_call(clock: Clock) -> None:
    source = Source(max_age=0.0)
    config = opened(source, clock)
    for number in range(1, 4):
        source.values["a"] = str(number)
        assert config.get("a", int) == number
        assert source.loads == number


def test_a_program_that_was_frozen_reads_anew(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    config.get("a")
    source.values["a"] = "2"
    clock.now += 8 * 3600
    assert config.get("a") == "2"


def test_a_clock_that_was_set_back_reads_anew(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    assert (config.get("a"), config.get("a", int)) == ("1", 1)
    source.values["a"] = "2"
    clock.now -= 3600
    assert (config.get("a", int), config.get("a")) == (2, "2")
    assert (source.loads, config.age) == (2, 0)
    config.get("a")
    assert source.loads == 2


def test_a_clock_that_was_set_back_while_the_source_is_down_makes_no_storm(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    config.get("a")
    source.failures = down(99)
    clock.now -= 3600
    for _ in range(10):
        assert config.get("a") == "1"
    assert source.loads == 2
    clock.now += 1
    assert config.age == 1


def test_what_was_read_last_is_served_while_the_source_is_down(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    config.get("a")
    source.values["a"] = "2"
    source.failures = down()
    clock.now += 60
    assert (config.stale, config.last_error) == (False, None)
    clock.now += 1
    assert config.get("a") == "1"
    assert (config.age, config.stale) == (61, True)
    assert str(config.last_error) == "it is down"
    assert isinstance(config.last_error, Unavailable)


def test_no_caller_waits_for_retries_where_it_can_be_served(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock, retry=THRICE)
    config.get("a")
    source.failures = down(9)
    clock.now += 61
    assert config.get("a") == "1"
    assert source.loads == 2


def test_a_source_that_is_down_is_tried_again_after_pauses_that_grow(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    config.get("a")
    source.failures = down(999)
    clock.now += 61
    tried: list[int] = []
    for second in range(200):
        before = source.loads
        assert (config.get("a"), config.get("a", int), config.get("b")) == ("1", 1, None)
        tried += [second] * (source.loads - before)
        clock.now += 1
    assert tried == [0, 2, 6, 14, 30, 62, 122, 182]


def test_a_source_that_is_up_again_is_served(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    config.get("a")
    source.values["a"] = "2"
    source.failures = down(2)
    clock.now += 61
    for seconds, value in ((0, "1"), (1, "1"), (1, "1"), (4, "2")):
        clock.now += seconds
        assert config.get("a") == value
    assert (config.stale, config.last_error, config.age) == (False, None, 0)
    source.failures = down()
    clock.now += 61
    config.get("a")
    clock.now += 2  # the pauses begin anew
    config.get("a")
    assert config.last_error is None


def test_an_error_comes_only_when_what_was_read_is_much_too_old(clock: Clock) -> None:
    source = Source(max_age=60.0, max_stale=100.0)
    config = opened(source, clock)
    config.get("a")
    source.failures = down(99)
    clock.now += 159
    assert config.get("a") == "1"
    clock.now += 1  # within the pause, which doesn't go beyond what is too old
    for verb in (lambda: config.get("a"), lambda: config.require("b"), lambda: config.get("a", int)):
        with pytest.raises(Unavailable) as failed:
            verb()
    assert (failed.value.operation, failed.value.key, failed.value.backend) == ("get", "a", "fake")
    assert source.loads == 3  # no storm of those that are refused, either
    source.failures = []
    clock.now += 60
    assert config.get("a") == "1"


def test_a_first_failure_is_raised_after_retries(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock, retry=THRICE)
    source.failures = down(3)
    with pytest.raises(Unavailable) as failed:
        config.get("a")
    assert (source.loads, failed.value.retry) == (3, "exhausted")
    assert (config.age, config.stale) == (None, False)
    assert config.get("a") == "1"


def test_a_first_failure_that_passes_is_not_seen(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock, retry=THRICE)
    source.failures = [Throttled("slow down"), Unavailable("it is down")]
    assert config.get("a") == "1"
    assert (source.loads, config.last_error) == (3, None)


def test_an_error_that_no_retry_mends_is_raised_at_once(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock, retry=THRICE)
    source.failures = [ConfigError("it is malformed")]
    with pytest.raises(ConfigError):
        config.get("a")
    assert source.loads == 1


def test_a_refresh_that_fails_is_raised_and_what_was_read_is_served_on(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock, retry=THRICE)
    config.get("a")
    source.failures = down(3)
    with pytest.raises(Unavailable) as failed:
        config.refresh()
    assert (failed.value.operation, source.loads) == ("refresh", 4)
    assert config.get("a") == "1"
    assert config.last_error is not None


def test_an_error_of_another_kind_leaves_the_source_usable(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    source.failures = [RuntimeError("a fault of the driver")]
    with pytest.raises(RuntimeError):
        config.get("a")
    assert config.get("a") == "1"


def test_a_write_during_a_refresh_is_not_lost(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    config.get("a")
    done: list[Any] = []

    def during() -> None:  # what is read was read before this
        source.during = lambda: None
        done.extend([config.put("a", "new"), config.put("b", "new"), config.delete("c")])

    source.values["c"] = "old"
    source.during = during
    clock.now += 61
    assert config.get("a") == "new"
    assert len(done) == 3
    assert (config.get("b"), config.get("c"), source.loads) == ("new", None, 2)


def test_a_write_while_a_value_is_made_is_not_hidden_by_the_value_before(clock: Clock) -> None:
    source = Source(max_age=None)
    config = opened(source, clock)
    config.get("other")

    @dataclass
    class Slow:
        x: str

        def __post_init__(self) -> None:
            if self.x == "old":
                config.put("a", '{"x": "new"}')

    source.values["a"] = '{"x": "old"}'
    config.refresh()
    assert config.get("a", Slow) == Slow("old")
    assert config.get("a", Slow) == Slow("new")


def test_lifetimes_are_shorter_by_chance(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    dues: list[float] = []
    for _ in range(50):
        config = opened(Source(max_age=100.0), clock)
        config.get("a")
        layer: Layer = config.engine.layers[0]
        dues.append(layer.due - clock.now)
    assert len(set(dues)) > 40
    assert 90 <= min(dues) < 94
    assert 96 < max(dues) <= 100


def test_pauses_are_shorter_by_chance(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    dues: set[float] = set()
    for _ in range(20):
        source = Source()
        config = opened(source, clock)
        config.get("a")
        source.failures = down()
        clock.now += 61
        config.get("a")
        dues.add(config.engine.layers[0].due - clock.now)
    assert len(dues) > 15
    assert min(dues) >= 1
    assert max(dues) <= 2


def test_a_listener_that_raises_loses_no_value(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    assert (config.get("a"), config.get("a", int)) == ("1", 1)
    told: list[frozenset[str]] = []

    def listener(names: frozenset[str]) -> None:
        told.append(names)
        raise LookupError("a fault of the listener")

    config.on_change(listener)
    source.values["a"] = "2"
    clock.now += 61
    with pytest.raises(LookupError):
        config.get("a", int)
    assert (config.get("a"), config.get("a", int), source.loads) == ("2", 2, 2)
    source.values["a"] = "3"
    with pytest.raises(LookupError):
        config.refresh()
    assert (config.get("a"), told) == ("3", [{"a"}, {"a"}])


def test_a_listener_may_read_the_configuration(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    config.get("a")
    seen: list[Any] = []
    config.on_change(lambda names: seen.append([config.get(name) for name in names]))
    source.values["a"] = "2"
    clock.now += 61
    config.get("missing")
    assert seen == [["2"]]


@dataclass
class Settings:
    a: str
    b: str = "default"
    c: str = "default"


def test_names_of_a_class_are_fetched_in_one_call(clock: Clock) -> None:
    source = Source(whole=False)
    config = opened(source, clock)
    assert config.load(Settings) == Settings("1")
    assert source.fetches == [["a", "b", "c"]]
    assert config.load(Settings) == Settings("1")
    assert (len(source.fetches), source.loads) == (1, 0)


def test_names_that_are_missing_are_remembered(clock: Clock) -> None:
    source = Source(whole=False)
    config = opened(source, clock)
    for _ in range(3):
        assert config.get("missing") is None
    assert source.fetches == [["missing"]]
    assert config.put("missing", "x").name == "missing"
    assert (config.get("missing"), source.fetches) == ("x", [["missing"]])


def test_names_that_are_made_up_are_not_all_remembered(clock: Clock) -> None:
    source = Source(whole=False)
    config = opened(source, clock)
    for number in range(1100):
        config.get(f"made/up/{number}")
    clock.now += 61
    assert config.get("a") == "1"
    assert max(len(names) for names in source.fetches) == 1000
    assert len(config.engine.layers[0].entries) <= 1000


def test_a_name_that_can_not_be_fetched_is_tried_again_at_the_next_call(clock: Clock) -> None:
    source = Source(whole=False)
    config = opened(source, clock)
    config.get("b")
    source.failures = down()
    with pytest.raises(Unavailable):
        config.get("a")
    assert config.get("a") == "1"


def test_a_name_that_can_no_longer_be_read_does_not_stop_the_others(clock: Clock) -> None:
    source = Source(whole=False)
    source.values["b"] = "1"
    config = opened(source, clock)
    assert (config.get("a"), config.get("b")) == ("1", "1")
    source.values["b"] = "2"
    clock.now += 61
    source.failures = [AccessDenied("no"), AccessDenied("no")]  # of both together, and of the first one alone
    assert (config.get("a"), config.get("b")) == ("1", "2")
    assert isinstance(config.last_error, AccessDenied)


def test_a_deadline_of_one_caller_is_no_failure_of_the_source(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    source.failures = [Timeout("over")]
    with pytest.raises(Timeout):
        config.get("a")
    assert (config.last_error, config.get("a")) == (None, "1")


def test_a_write_of_which_nobody_knows_is_looked_at_by_the_next_call(clock: Clock) -> None:
    source = Source()
    config = opened(source, clock)
    config.get("a")

    async def put(name: str, new: Any) -> Any:
        source.values[name] = new.text
        raise Unavailable("lost", maybe_done=True)

    source.put = put  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        config.put("a", 2)
    assert config.get("a") == "2"
