"""Values that are refused before they are stored, or kept exactly; and stored ones that a class refuses."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

import pytest

import holdall
from holdall import F, Key
from holdall.urls import parse_url


class Colour(str, enum.Enum):
    RED = "red"


class Right(enum.Flag):
    READ = 1
    WRITE = 2


@dataclass
class Size:
    width: int = 1

    def __post_init__(self) -> None:
        if self.width < 0:
            raise ValueError("too narrow")


@dataclass
class Thing:
    id: Key[str]
    colour: str = ""
    number: int = 0
    right: Right = Right.READ
    size: Size = field(default_factory=Size)
    notes: dict[str, int] = field(default_factory=dict[str, int])


@pytest.fixture(params=["memory://", "sqlite://"])
def things(request: pytest.FixtureRequest) -> holdall.Repository[Thing]:
    repository = holdall.open_repository(request.param, Thing)
    repository.provision()
    return repository


def test_a_member_of_a_str_enum_in_a_str_field_is_kept_by_its_value(things: holdall.Repository[Thing]) -> None:
    assert things.create(Thing("a", Colour.RED)).colour == "red"
    assert things.scan(F.colour == Colour.RED).count() == things.scan(F.colour == "red").count() == 1


def test_joined_members_of_a_flag_are_refused_before_they_are_stored(things: holdall.Repository[Thing]) -> None:
    with pytest.raises(holdall.InvalidArgument, match=r"Thing\.right"):
        things.create(Thing("a", right=Right.READ | Right.WRITE))
    assert things.get("a") is None


def test_a_nested_record_that_its_class_refuses_is_corrupt(things: holdall.Repository[Thing]) -> None:
    things.create(Thing("a"))
    with pytest.raises(holdall.CorruptRecord) as raised:
        things.update("a", F.size.width.set(-5))
    assert raised.value.field == "size"


def test_a_number_of_thousands_of_digits_is_refused(things: holdall.Repository[Thing]) -> None:
    with pytest.raises(holdall.InvalidArgument):
        things.create(Thing("a", number=10**5000))
    with pytest.raises(holdall.InvalidArgument):
        things.scan(F.number == 10**5000)


def test_a_sum_that_the_store_can_not_hold_is_refused_where_a_record_is_created() -> None:
    things = holdall.open_repository("sqlite://", Thing)
    things.provision()
    with pytest.raises(holdall.InvalidArgument, match=r"Thing\.number"):
        things.update("a", F.number.add(1), create=Thing("a", number=2**63 - 1))


def test_a_key_of_a_dict_that_is_no_unicode_text_is_refused(things: holdall.Repository[Thing]) -> None:
    with pytest.raises(holdall.InvalidArgument, match=r"Thing\.notes"):
        things.create(Thing("a", notes={"\ud800": 1}))


def test_a_url_without_a_sound_host_is_refused() -> None:
    with pytest.raises(holdall.ConfigError):
        parse_url("memory://[x")


def test_a_corrupt_record_met_by_a_query_is_named_by_its_key() -> None:
    things = holdall.open_repository("memory://", Thing)
    things.put(Thing("a"))
    things.native["a",]["number"] = "text"
    with pytest.raises(holdall.CorruptRecord) as raised:
        things.scan().all()
    assert (raised.value.key, raised.value.field) == ("a", "number")
