"""Every error of SQLAlchemy and of the databases' drivers has its place in the tree."""

from __future__ import annotations

import inspect
from typing import Any

import psycopg
import pymysql
import pytest
from sqlalchemy import exc

import holdall
from holdall.errors import HoldallError
from holdall_adapters._sql.meanings import BY_NUMBER, BY_STATE
from holdall_adapters._sql.session import Contended, Missing, Taken
from holdall_adapters.sql.errors import BY_CLASS, original, translate


def _classes(module: Any, *bases: type[BaseException]) -> list[type[BaseException]]:
    return [cls for cls in vars(module).values() if inspect.isclass(cls) and issubclass(cls, bases)]


PSYCOPG = sorted(set(_classes(psycopg.errors, psycopg.Error)), key=lambda cls: cls.__name__)
PYMYSQL = _classes(pymysql.err, pymysql.err.Error, pymysql.err.Warning)
WRAPPING = _classes(exc, exc.SQLAlchemyError)


@pytest.mark.parametrize("cls", PSYCOPG)
def test_each_class_of_psycopg_has_a_meaning(cls: type[BaseException]) -> None:
    assert isinstance(translate(cls("secret")), (HoldallError, Missing))
    assert "secret" not in str(translate(cls("secret")))


@pytest.mark.parametrize("cls", PYMYSQL)
def test_each_class_of_pymysql_has_a_meaning(cls: type[BaseException]) -> None:
    assert isinstance(translate(cls(99999, "secret")), HoldallError)


@pytest.mark.parametrize("cls", WRAPPING)
def test_each_class_of_sqlalchemy_has_a_meaning(cls: type[BaseException]) -> None:
    assert isinstance(translate(cls.__new__(cls)), HoldallError)


STATES = {
    "42P01": Missing, "42703": Missing, "23505": Taken, "23502": holdall.InvalidArgument, "40001": Contended,
    "40P01": Contended, "55P03": holdall.Throttled, "57014": holdall.Timeout, "57P01": holdall.Unavailable,
    "53300": holdall.Throttled, "08006": holdall.Unavailable, "28P01": holdall.AccessDenied,
    "42501": holdall.AccessDenied, "3D000": holdall.ConfigError, "22003": holdall.TooLarge, "22001": holdall.TooLarge,
    "54000": holdall.TooLarge, "22021": holdall.InvalidArgument, "25006": holdall.Unavailable,
    "42601": holdall.ConfigError, "0A000": holdall.ConfigError, "XX000": holdall.Unavailable,
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_a_sqlstate_has_its_meaning(state: str) -> None:
    error: Any = psycopg.DatabaseError("text")
    error.sqlstate = state
    assert type(translate(error)) is STATES[state]


NUMBERS = {
    1146: Missing, 1054: Missing, 1062: Taken, 1048: Taken, 1213: Contended, 1020: Contended, 1205: holdall.Throttled,
    1040: holdall.Throttled, 2006: holdall.Unavailable, 2013: holdall.Unavailable, 1045: holdall.AccessDenied,
    1049: holdall.ConfigError, 1406: holdall.TooLarge, 1264: holdall.TooLarge, 1366: holdall.InvalidArgument,
    1452: holdall.InvalidArgument, 4025: holdall.InvalidArgument, 1969: holdall.Timeout, 3024: holdall.Timeout,
    1290: holdall.Unavailable,
}  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_of_mysql_has_its_meaning(number: int) -> None:
    assert type(translate(pymysql.err.OperationalError(number, "text"))) is NUMBERS[number]


def test_each_entry_of_the_tables_makes_an_error() -> None:
    for make in (*BY_STATE.values(), *BY_NUMBER.values(), *BY_CLASS.values()):
        assert isinstance(make("x"), (HoldallError, Missing))


def test_what_sqlalchemy_wraps_is_judged_by_the_driver_s_own_error() -> None:
    native = pymysql.err.OperationalError(1213, "Deadlock found")
    wrapped = exc.OperationalError("SELECT", {}, native)
    assert original(wrapped) is native
    assert type(translate(wrapped)) is Contended
