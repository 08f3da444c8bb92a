"""Settings classes of every family, made of parameters."""

import pickle
import traceback
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NotRequired, TypedDict

import attrs
import msgspec
import pydantic
import pytest

import holdall
from holdall import ConfigError, ModelError, Secret

PLANTED = "hunter2-correct-horse"


@dataclass
class DataDb:
    host: str
    port: int = 5432


@dataclass
class DataSettings:
    name: str
    db: DataDb
    rate: float | None
    hosts: list[str] = field(default_factory=list)
    debug: bool = False


class PydanticDb(pydantic.BaseModel):
    host: str
    port: int = 5432


class PydanticSettings(pydantic.BaseModel):
    name: str
    db: PydanticDb
    rate: float | None
    hosts: list[str] = []
    debug: bool = False


@attrs.define
class AttrsDb:
    host: str
    port: int = 5432


@attrs.define
class AttrsSettings:
    name: str
    db: AttrsDb
    rate: float | None
    hosts: list[str] = attrs.field(factory=list)
    debug: bool = False


class MsgspecDb(msgspec.Struct):
    host: str
    port: int = 5432


class MsgspecSettings(msgspec.Struct):
    name: str
    db: MsgspecDb
    rate: float | None
    hosts: list[str] = []
    debug: bool = False


class DictDb(TypedDict):
    host: str
    port: NotRequired[int]


class DictSettings(TypedDict):
    name: str
    db: DictDb
    rate: float | None
    hosts: NotRequired[list[str]]
    debug: NotRequired[bool]


FAMILIES = [
    (DataSettings, DataDb), (PydanticSettings, PydanticDb), (AttrsSettings, AttrsDb), (MsgspecSettings, MsgspecDb),
    (DictSettings, DictDb),
]  # fmt: skip
ALL = pytest.mark.parametrize(("cls", "inner"), FAMILIES, ids=["dataclass", "pydantic", "attrs", "msgspec", "dict"])


def having(values: dict[str, Any]) -> Any:
    config = holdall.open_config("memory://")
    for name, value in values.items():
        config.put(name, value)
    return config


def refused(config: Any, cls: Any, prefix: str = "") -> ConfigError:
    with pytest.raises(ConfigError) as failed:
        config.load(cls, prefix)
    return failed.value


def everything_shown(error: BaseException) -> str:
    told = traceback.TracebackException.from_exception(error, capture_locals=True).format()
    problems = getattr(error, "problems", ())
    return "\n".join([*told, str(error), repr(error), *problems, repr(vars(error)), repr(pickle.dumps(error))])


@ALL
def test_a_class_is_made_of_what_is_there(cls: Any, inner: Any) -> None:
    given = {"name": "shop", "db/host": "a", "db/port": "1", "rate": "0.5", "hosts": ["x", "y"], "debug": "true"}
    expected = cls(name="shop", db=inner(host="a", port=1), rate=0.5, hosts=["x", "y"], debug=True)
    assert having(given).load(cls) == expected
    assert having({f"a/b/{name}": value for name, value in given.items()}).load(cls, "a/b") == expected


@ALL
def test_a_class_has_its_defaults_and_none_where_it_may_be(cls: Any, inner: Any) -> None:
    assert having({"name": "shop", "db/host": "a"}).load(cls) == cls(name="shop", db=inner(host="a"), rate=None)


@ALL
def test_all_that_is_wrong_is_told_at_once(cls: Any, inner: Any) -> None:
    error = refused(having({"db/port": PLANTED, "rate": f"1 {PLANTED}", "debug": PLANTED}), cls)
    assert sorted(error.problems) == [
        "db/host: expected text, but it is missing", "db/port: expected int, but got other text",
        "debug: expected bool (true or false), but got other text", "name: expected text, but it is missing",
        "rate: expected float, but got other text",
    ]  # fmt: skip
    assert str(error).startswith("5 parameters are wrong:\n  ")
    assert PLANTED not in everything_shown(error)


@ALL
def test_a_class_that_is_there_as_json_or_not_at_all(cls: Any, inner: Any) -> None:
    config = having({"s": '{"name": "shop", "db": {"host": "a"}, "rate": 1}'})
    assert config.get("s", cls) == cls(name="shop", db=inner(host="a"), rate=1.0)
    assert config.get("missing", cls) is None
    assert having({"s": "text"}).get("missing", cls, 5) == 5


@pytest.mark.parametrize("spelled", ["max_size", "max-size", "max.size", "MAX_SIZE", "Max-Size"])
def test_names_fit_in_other_spellings(spelled: str) -> None:
    @dataclass
    class Settings:
        max_size: int

    assert having({spelled: 5}).load(Settings) == Settings(5)
    assert having({f"x/{spelled}": 5}).load(Settings, "x") == Settings(5)


def test_the_exact_name_goes_before_other_spellings() -> None:
    @dataclass
    class Settings:
        max_size: int

    assert having({"max-size": 1, "max_size": 2, "MAX_SIZE": 3}).load(Settings) == Settings(2)


def test_a_dict_that_may_be_none_is_none_where_nothing_is() -> None:
    @dataclass
    class Settings:
        limits: dict[str, int] | None
        db: DataDb | None

    assert having({}).load(Settings) == Settings(None, None)
    assert having({"limits/a": 1, "db/host": "x"}).load(Settings) == Settings({"a": 1}, DataDb("x"))


def test_what_must_be_there_is_told_as_missing_whatever_its_type() -> None:
    class Settings(pydantic.BaseModel):
        anything: Any
        limits: dict[str, int]
        password: pydantic.SecretStr
        url: pydantic.HttpUrl

    error = refused(having({}), Settings)
    assert [problem.split(":")[0] for problem in error.problems] == ["anything", "limits", "password", "url"]
    assert all(problem.endswith("it is missing") for problem in error.problems)


def test_a_class_inside_that_needs_nothing_is_made_of_its_defaults() -> None:
    @dataclass
    class Inner:
        size: int = 1

    @dataclass
    class Settings:
        inner: Inner

    assert having({}).load(Settings) == Settings(Inner())


def test_a_list_of_classes_is_made_of_json() -> None:
    @dataclass
    class Settings:
        dbs: list[DataDb]

    assert having({"dbs": '[{"host": "a"}, {"host": "b", "port": "1"}]'}).load(Settings) == Settings(
        [DataDb("a"), DataDb("b", 1)]
    )
    error = refused(having({"dbs": f'[{{"host": "a"}}, {{"port": "{PLANTED}"}}]'}), Settings)
    assert PLANTED not in everything_shown(error)


@dataclass
class Node:
    name: str
    child: "Node | None" = None


def test_a_class_that_is_inside_itself_is_made() -> None:
    assert having({"name": "a", "child/name": "b"}).load(Node) == Node("a", Node("b"))


def test_types_that_pydantic_alone_knows_are_its_own_to_read() -> None:
    class Settings(pydantic.BaseModel):
        url: pydantic.HttpUrl
        password: pydantic.SecretStr
        own: Secret
        price: Decimal

    given = {"url": "https://example.org", "password": PLANTED, "own": PLANTED, "price": "1.10"}
    settings = having(given).load(Settings)
    assert (str(settings.url), settings.password.get_secret_value()) == ("https://example.org/", PLANTED)
    assert (settings.own, settings.price) == (Secret(PLANTED), Decimal("1.10"))
    assert PLANTED not in repr(settings)
    error = refused(having({**given, "url": f"no url {PLANTED}"}), Settings)
    assert len(error.problems) == 1
    assert error.problems[0].startswith("url: expected ")
    assert PLANTED not in everything_shown(error)


def test_a_validator_of_pydantic_is_heard_without_the_value() -> None:
    class Settings(pydantic.BaseModel):
        size: int
        word: str

        @pydantic.field_validator("size")
        @classmethod
        def _small(cls, value: int) -> int:
            raise ValueError("it must be small")

        @pydantic.field_validator("word")
        @classmethod
        def _shows(cls, value: str) -> str:
            raise ValueError(f"{value} is a bad word")

    error = refused(having({"size": "98765", "word": PLANTED}), Settings)
    assert error.problems == (
        "size: expected int, but it is refused: Value error, it must be small",
        "word: expected text, but it is refused",
    )
    assert PLANTED not in everything_shown(error)


def test_bounds_of_pydantic_are_told() -> None:
    class Settings(pydantic.BaseModel):
        size: int = pydantic.Field(gt=5)

    assert "greater than 5" in str(refused(having({"size": "3"}), Settings))


def test_a_dataclass_that_refuses_is_heard_without_the_value() -> None:
    @dataclass
    class Settings:
        low: int
        high: int

        def __post_init__(self) -> None:
            if self.low > self.high:
                raise ValueError("low is over high")

    error = refused(having({"x/low": "22", "x/high": "11"}), Settings, "x")
    assert error.problems == ("x: expected Settings, but it is refused: low is over high",)
    assert "low is over high" in str(refused(having({"low": "22", "high": "11"}), Settings))


@pytest.mark.parametrize("form", [
    "{0}", "{0!r}", "'{0}'", "got <{0}>.", "{1}", "{2}", "{3}",
])  # fmt: skip
@pytest.mark.parametrize("planted", [PLANTED, f" {PLANTED}\n", f"it's \"{PLANTED}\" \\ ä\t"])
def test_a_refusal_that_shows_a_value_is_not_repeated(form: str, planted: str) -> None:
    @dataclass
    class Inner:
        password: str

    @dataclass
    class Settings:
        inner: Inner
        raw: bytes = b""

        def __post_init__(self) -> None:
            text = self.inner.password
            raise ValueError(form.format(text, text.strip(), text.upper(), self.inner))

    error = refused(having({"inner/password": planted, "raw": planted}), Settings)
    assert PLANTED.upper() not in everything_shown(error).upper()


def test_whatever_a_class_raises_is_a_refusal() -> None:
    @dataclass
    class Settings:
        a: str

        def __post_init__(self) -> None:
            raise KeyError(self.a)

    error = refused(having({"a": PLANTED}), Settings)
    assert "it is refused" in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None
    assert PLANTED not in everything_shown(error)


def test_a_type_that_can_not_be_read_is_told_before_anything_is_read() -> None:
    @dataclass
    class Item:
        z: complex

    @dataclass
    class Settings:
        password: str
        items: list[Item]

    config = having({"password": PLANTED, "items": f'[{{"z": "{PLANTED}"}}]'})
    for use in (lambda: config.load(Settings), lambda: config.get("items", list[Item]),
                lambda: config.get("items", dict[str, complex])):  # fmt: skip
        with pytest.raises(ConfigError, match="can be read from configuration") as failed:
            use()
        assert PLANTED not in everything_shown(failed.value)


def test_what_is_no_class_of_settings_is_refused() -> None:
    for wrong in (int, dict, object, list[int]):
        with pytest.raises((ModelError, ConfigError)):
            having({"a": PLANTED}).load(wrong)
