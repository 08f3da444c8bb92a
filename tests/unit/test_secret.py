"""A secret shows itself by `reveal()` alone."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import pprint
import traceback
from dataclasses import dataclass
from typing import Any

import attrs
import msgspec
import pydantic
import pytest

from holdall import InvalidArgument, Secret

PLANTED = "hunter2-correct-horse"
SECRET = Secret(PLANTED)


@dataclass
class Login:
    user: str
    password: Secret


class Model(pydantic.BaseModel):
    password: Secret
    other: Secret | None = None


def test_a_secret_is_revealed() -> None:
    assert SECRET.reveal() == PLANTED
    assert Secret("").reveal() == ""


@pytest.mark.parametrize("shown", [
    repr(SECRET), str(SECRET), f"{SECRET}", f"{SECRET!r}", f"{SECRET:>40}", format(SECRET),
    "%s %r".__mod__((SECRET, SECRET)),
    "".join(map("{} {!r}".format, [SECRET], [SECRET])), repr([SECRET]), repr({"password": SECRET}),
    repr(Login("ada", SECRET)), repr(dataclasses.asdict(Login("ada", SECRET))), pprint.pformat({"a": [SECRET]}),
    repr(attrs.make_class("A", ["x"])(SECRET)), repr(msgspec.defstruct("M", ["x"])(SECRET)),
    repr(Model(password=SECRET)), str(Model(password=SECRET)),
])  # fmt: skip
def test_a_secret_is_not_in(shown: str) -> None:
    assert PLANTED not in shown
    assert "*****" in shown


def test_a_secret_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("x").info("%s %r %s", SECRET, SECRET, {"a": SECRET})
        logging.getLogger("x").warning(SECRET)
    assert len(caplog.records) == 2
    assert PLANTED not in caplog.text


def test_a_secret_is_not_among_its_attributes() -> None:
    assert not hasattr(SECRET, "__dict__")
    with pytest.raises(TypeError):
        vars(SECRET)
    held = {name: getattr(SECRET, name) for name in dir(SECRET) if not callable(getattr(SECRET, name))}
    assert PLANTED not in repr(held)
    assert PLANTED not in repr([getattr(SECRET, name) for name in Secret.__slots__])


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled(protocol: int) -> None:
    for value in (SECRET, Login("ada", SECRET)):
        with pytest.raises(TypeError, match="a Secret can't be pickled") as failed:
            pickle.dumps(value, protocol)
        assert PLANTED not in str(failed.value)


def test_a_copy_of_a_secret_is_itself() -> None:
    assert copy.copy(SECRET) is SECRET
    assert copy.deepcopy(SECRET) is SECRET
    assert copy.deepcopy({"a": [SECRET]})["a"][0] is SECRET
    assert dataclasses.asdict(Login("ada", SECRET))["password"] is SECRET
    assert dataclasses.replace(Login("ada", SECRET), user="bob").password is SECRET


def test_a_secret_is_no_json() -> None:
    with pytest.raises(TypeError, match="not JSON serializable") as failed:
        json.dumps({"a": SECRET})
    assert PLANTED not in str(failed.value)
    assert PLANTED not in json.dumps({"a": SECRET}, default=str)
    with pytest.raises(TypeError):
        msgspec.json.encode(SECRET)


def _fail(secret: Secret) -> None:
    login = Login("ada", secret)
    raise ValueError(f"no such user: {login}")


def test_a_secret_is_not_in_a_traceback_with_variables() -> None:
    try:
        _fail(SECRET)
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "login = " in shown
    assert PLANTED not in shown


@pytest.mark.parametrize("wrong", [PLANTED.encode(), None, 7, [PLANTED], SECRET], ids=lambda one: type(one).__name__)
def test_a_secret_is_made_of_text_and_what_else_came_is_not_shown(wrong: Any) -> None:
    def make(values: list[Any]) -> Secret:
        return Secret(values.pop())

    given = [wrong]
    with pytest.raises(InvalidArgument, match=f"made of text; got a value of type {type(wrong).__name__}") as failed:
        make(given)
    tail = failed.value.__traceback__
    while tail is not None and tail.tb_frame.f_code.co_name != "__init__":
        tail = tail.tb_next
    assert tail is not None
    assert PLANTED not in repr(tail.tb_frame.f_locals)


def test_secrets_are_equal_where_their_texts_are() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != Secret("aa")
    assert Secret("ä") == Secret("ä")
    assert Secret("\ud800") == Secret("\ud800")
    assert Secret("a") != "a"
    assert Secret("a").__eq__("a") is NotImplemented


def test_secrets_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr("hmac.compare_digest", lambda *both: compared.append(both) or True)
    assert Secret("a") == Secret("b")
    assert compared == [(b"a", b"b")]


def test_secrets_are_hashed_by_their_texts() -> None:
    assert hash(Secret("a")) == hash(Secret("a"))
    assert hash(Secret("a")) != hash("a")
    assert {Secret("a"): 1}[Secret("a")] == 1
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


def test_a_secret_can_not_be_changed_by_accident() -> None:
    with pytest.raises(AttributeError):
        SECRET.text = "x"  # type: ignore[attr-defined]


def test_a_model_of_pydantic_takes_a_secret_as_text_and_as_it_is() -> None:
    assert Model(password=PLANTED).password == SECRET  # type: ignore[arg-type]
    assert Model(password=SECRET).password is SECRET
    assert Model.model_validate_json(json.dumps({"password": PLANTED})).password == SECRET
    assert Model.model_validate({"password": PLANTED}, strict=True).password == SECRET


def test_a_model_of_pydantic_writes_a_secret_hidden() -> None:
    model = Model(password=SECRET)
    assert PLANTED not in model.model_dump_json()
    assert model.model_dump_json() == '{"password":"**********","other":null}'
    assert PLANTED not in repr(model.model_dump())
    assert PLANTED not in repr(model.model_dump(mode="json"))


def test_a_model_of_pydantic_refuses_what_is_no_text() -> None:
    for wrong in (7, None, ["x"]):
        with pytest.raises(pydantic.ValidationError):
            Model(password=wrong)  # type: ignore[arg-type]


def test_a_model_of_pydantic_tells_the_schema_of_a_secret() -> None:
    assert Model.model_json_schema()["properties"]["password"]["type"] == "string"
    assert Model.model_json_schema(mode="serialization")["properties"]["password"]["type"] == "string"


def test_an_error_of_pydantic_about_another_field_does_not_show_a_secret() -> None:
    with pytest.raises(pydantic.ValidationError) as failed:
        Model(password=SECRET, other=7)  # type: ignore[arg-type]
    assert PLANTED not in str(failed.value)
