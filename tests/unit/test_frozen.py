"""Frozen values behave as frozen dataclasses do."""

from __future__ import annotations

import inspect
import pickle

import pytest

from holdall import F
from holdall._frozen import field_names, frozen, replace
from holdall.drivers import Capabilities


@frozen
class Point:
    x: int
    y: int = 0


@frozen
class Place:
    x: int
    y: int = 0


@frozen(eq=False)
class Thing:
    value: object


def test_fields_are_given_by_position_or_name_and_have_defaults() -> None:
    assert (vars(Point(1)), vars(Point(y=2, x=1))) == ({"x": 1, "y": 0}, {"x": 1, "y": 2})


def test_a_field_that_is_lacking_or_unknown_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"Point.__init__\(\) missing 1 required positional argument: 'x'"):
        Point()  # type: ignore[call-arg]  # the error is the point
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        Point(1, z=1)  # type: ignore[call-arg]  # likewise


def test_a_field_can_not_be_changed_or_deleted() -> None:
    point = Point(1)
    with pytest.raises(AttributeError, match="Point is frozen: 'x' can't be changed"):
        point.x = 2  # type: ignore[misc]  # likewise
    with pytest.raises(AttributeError, match="Point is frozen"):
        del point.x
    assert point == Point(1)


def test_equal_fields_of_one_class_are_equal_and_hash_alike() -> None:
    assert {Point(1), Point(1, 0), Point(1, 1)} == {Point(1, 1), Point(1)}


def test_classes_of_the_same_fields_differ() -> None:
    points: list[object] = [Point(1), Place(1)]
    assert points[0] != points[1]
    assert len(set(points)) == 2


def test_without_eq_each_object_is_equal_to_itself_only() -> None:
    thing = Thing([])
    assert thing == thing  # noqa: PLR0124 - the point
    assert thing != Thing([])
    assert {thing}


def test_the_text_of_a_value_shows_its_fields() -> None:
    assert repr(Point(1)) == "Point(x=1, y=0)"


def test_a_copy_has_the_changes_and_the_rest() -> None:
    assert replace(Point(1, 2), x=5) == Point(5, 2)
    assert replace(Thing(1), value=2).value == 2


def test_the_signature_is_told_before_the_first_object_is_made() -> None:
    assert str(inspect.signature(Place)) == "(x, y=0)"


def test_values_are_pickled() -> None:
    condition = (F.status == "new") & ~F.lines[0].article.is_null()
    assert pickle.loads(pickle.dumps(condition)) == condition


def test_the_fields_of_a_class_are_told_in_order() -> None:
    assert field_names(Capabilities)[:2] == ("name", "transactions")
