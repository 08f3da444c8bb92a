"""The conformance kit itself: its tests, its plugin, its faulty driver."""

from __future__ import annotations

import inspect
from collections import Counter

from holdall.testing import RecordConformance


def test_no_test_of_the_kit_hides_another() -> None:
    classes = [cls for cls in inspect.getmro(RecordConformance) if cls.__module__.startswith("holdall.testing")]
    names = Counter(name for cls in classes for name in vars(cls) if name.startswith("test_"))
    assert [name for name, times in names.items() if times > 1] == []


def test_the_classes_of_the_kit_carry_no_marks_which_all_tests_would_inherit() -> None:
    assert not hasattr(RecordConformance, "pytestmark")
