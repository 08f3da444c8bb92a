"""Errors as values."""

from __future__ import annotations

import copy
import pickle

import holdall


def test_an_error_with_parts_can_go_to_another_process() -> None:
    error = holdall.TransactionFailed("nothing was written", reasons=[None, holdall.NotFound("gone")], key=("a", 1))
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.key, again.reasons[0], again.reasons[1].code) == (
        "nothing was written", ("a", 1), None, "not_found")  # fmt: skip


def test_an_error_that_is_an_os_error_too_can_be_copied() -> None:
    again = copy.copy(holdall.AlreadyExists("taken", field="email", operation="create"))
    assert (again.message, again.field, again.operation) == ("taken", "email", "create")
