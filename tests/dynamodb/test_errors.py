"""Every error that DynamoDB or botocore can raise has its place in our tables, and none shows a value."""

from __future__ import annotations

import inspect

import botocore.exceptions
import botocore.parsers
import botocore.session
import pytest

from holdall import errors
from holdall._frozen import replace
from holdall_adapters._aws.errors import BadAnswer, Refused
from holdall_adapters._aws.failures import FAILURES, failure_of
from holdall_adapters.dynamodb.errors import CODES, INVALID, Asked, error_of

from .fakes import Member, Order, Scripted, driver_of, refused, repository_of

ASKED = Asked("PutItem", "orders", ("customer", "id"), None, "eu-west-1")
MODEL = botocore.session.get_session().get_service_model("dynamodb")
SHAPES = [shape.name for shape in MODEL.error_shapes]
EXCEPTIONS = [
    cls
    for _, cls in inspect.getmembers(botocore.exceptions, inspect.isclass)
    if issubclass(cls, Exception) and not issubclass(cls, Warning) and cls.__module__ == "botocore.exceptions"
]
# Those that the service sends of itself, and the codes of the reasons of a transaction.
COMMON = [
    "AccessDeniedException", "IncompleteSignatureException", "InternalFailure", "InvalidSignatureException",
    "MissingAuthenticationTokenException", "ServiceUnavailable", "UnrecognizedClientException", "ValidationException",
    "SerializationException", "UnknownOperationException", "ExpiredTokenException", "ConditionalCheckFailed",
    "ItemCollectionSizeLimitExceeded", "TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError",
    "ValidationError", "DuplicateItem",
]  # fmt: skip


@pytest.mark.parametrize("name", [*SHAPES, *COMMON])
def test_every_error_of_the_service_is_in_the_table(name: str) -> None:
    assert name in CODES


@pytest.mark.parametrize("cls", EXCEPTIONS)
def test_every_exception_of_botocore_is_in_the_table(cls: type[Exception]) -> None:
    assert cls.__name__ in FAILURES


# aioboto3 pins a botocore that lacks these.
NEWER = {
    "LoginAuthorizationCodeError",
    "LoginError",
    "LoginInsufficientPermissions",
    "LoginRefreshRequired",
    "LoginTokenLoadError",
    "UnknownTokenProviderError",
}


def test_the_table_of_failures_names_what_botocore_has_only() -> None:
    known = {cls.__name__ for cls in EXCEPTIONS} | {botocore.parsers.ResponseParserError.__name__}
    assert set(FAILURES) <= known | NEWER


def test_every_rule_makes_its_error() -> None:
    for rule in [*CODES.values(), *(rule for _, rule in INVALID)]:
        code = next((code for code, one in CODES.items() if one is rule), "ValidationException")
        words = next((part for part, one in INVALID if one is rule), "")
        error = error_of(refused(code, words), ASKED)
        assert type(error) is rule.error
        assert "{" not in error.message
        assert (error.backend, error.request_id) == ("dynamodb", "request-1")


MEANINGS: dict[str, tuple[str, str, int, type[errors.HoldallError]]] = {
    "throttled": ("ProvisionedThroughputExceededException", "", 400, errors.Throttled),
    "request limit": ("RequestLimitExceeded", "", 400, errors.Throttled),
    "a single write in a transaction's way": ("TransactionConflictException", "", 400, errors.Throttled),
    "in progress": ("TransactionInProgressException", "", 400, errors.Throttled),
    "other body": ("IdempotentParameterMismatchException", "", 400, errors.InvalidArgument),
    "no table": ("ResourceNotFoundException", "", 400, errors.ResourceMissing),
    "no index": ("ValidationException", "The table does not have the specified index: x", 400, errors.ResourceMissing),
    "denied": ("AccessDeniedException", "", 400, errors.AccessDenied),
    "10 GB": ("ItemCollectionSizeLimitExceededException", "", 400, errors.TooLarge),
    "400 KB": ("ValidationException", "Item size has exceeded the maximum allowed size", 400, errors.TooLarge),
    "grown": ("ValidationException", "Item size to update has exceeded the maximum allowed size", 400, errors.TooLarge),
    "other key": ("ValidationException", "The provided key element does not match the schema", 400, errors.ConfigError),
    "no path": ("ValidationException", "The document path provided in the update expression is invalid for update", 400,
                errors.InvalidArgument),
    "wrong operand": ("ValidationException", "An operand in the update expression has an incorrect data type", 400,
                      errors.InvalidArgument),
    "overflow": ("ValidationException", "Number overflow. Attempting to store a number", 400, errors.InvalidArgument),
    "start key": ("ValidationException", "The provided starting key is invalid", 400, errors.InvalidToken),
    "unknown operation": ("UnknownOperationException", "", 400, errors.Unsupported),
    "500": ("InternalServerError", "", 500, errors.Unavailable),
    "unknown code, 503": ("Hiccup", "", 503, errors.Unavailable),
    "unknown code, 429": ("Hiccup", "", 429, errors.Throttled),
    "unknown code, 400": ("Hiccup", "", 400, errors.InvalidArgument),
    "body cut, 400": ("400", "", 400, errors.Unavailable),
    "body cut, 500": ("500", "", 500, errors.Unavailable),
    "no code": ("", "", 400, errors.Unavailable),
}  # fmt: skip


@pytest.mark.parametrize("name", MEANINGS)
def test_a_refusal_means(name: str) -> None:
    code, message, status, expected = MEANINGS[name]
    assert type(error_of(refused(code, message, status), ASKED)) is expected


@pytest.mark.parametrize(("operation", "status", "done"), [
    ("PutItem", 500, True), ("TransactWriteItems", 503, True), ("GetItem", 500, False), ("PutItem", 400, False),
])  # fmt: skip
def test_only_a_write_that_failed_inside_the_service_may_be_done(operation: str, status: int, done: bool) -> None:
    error = error_of(refused(str(status), "", status), replace(ASKED, operation=operation))
    assert error.maybe_done is done


def test_a_denial_names_the_action_and_the_resource() -> None:
    message = error_of(refused("AccessDeniedException"), ASKED).message
    assert "dynamodb:PutItem" in message
    assert "arn:aws:dynamodb:eu-west-1:*:table/orders" in message


def test_a_denial_of_an_index_names_it() -> None:
    asked = replace(ASKED, operation="Query", index_name="by_status", region=None)
    message = error_of(refused("AccessDeniedException"), asked).message
    assert "arn:aws:dynamodb:*:*:table/orders/index/by_status" in message


def test_a_denial_is_read_from_what_iam_says() -> None:
    words = "User: arn:a is not authorized to perform: dynamodb:ConditionCheckItem on resource: arn:aws:x because"
    message = error_of(refused("AccessDeniedException", words), ASKED).message
    assert "allow the action dynamodb:ConditionCheckItem on arn:aws:x" in message


def test_a_denied_transaction_names_the_actions_of_its_parts() -> None:
    message = error_of(refused("AccessDeniedException"), replace(ASKED, operation="TransactWriteItems")).message
    assert "dynamodb:PutItem, UpdateItem, DeleteItem or ConditionCheckItem" in message


def test_a_table_given_by_its_arn_is_named_by_it() -> None:
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
    assert f"on {arn}" in error_of(refused("AccessDeniedException"), replace(ASKED, table=arn)).message


def test_a_wrong_key_is_named_by_table_and_fields() -> None:
    words = "The provided key element does not match the schema"
    message = error_of(refused("ValidationException", words), ASKED).message
    assert "orders" in message
    assert "customer, id" in message


def test_the_words_of_the_service_stay_in_the_cause() -> None:
    secret = "The parameter cannot be converted to a numeric value: hush"
    orders = repository_of(Order, Scripted(refused("ValidationException", secret)))
    with pytest.raises(errors.InvalidArgument) as caught:
        orders.put(Order("c", "1"))
    assert "hush" not in str(caught.value)
    assert isinstance(caught.value.__cause__, Refused)
    assert caught.value.__cause__.message == secret


@pytest.mark.parametrize(("name", "sent"), [
    ("EndpointConnectionError", False), ("ConnectTimeoutError", False), ("ProxyConnectionError", False),
    ("ReadTimeoutError", True), ("ConnectionClosedError", True), ("HTTPClientError", True), ("SSLError", True),
])  # fmt: skip
def test_a_lost_answer_may_be_of_a_write_that_was_done(name: str, sent: bool) -> None:
    error = getattr(botocore.exceptions, name)(endpoint_url="x", error="e", proxy_url="p")
    meant = failure_of(error, ASKED)
    assert isinstance(meant, errors.Unavailable)
    assert meant.maybe_done is sent
    read = failure_of(error, replace(ASKED, operation="Query"))
    assert read is not None
    assert not read.maybe_done


def test_missing_credentials_are_a_denial_that_says_where_to_put_them() -> None:
    meant = failure_of(botocore.exceptions.NoCredentialsError(), ASKED)
    assert isinstance(meant, errors.AccessDenied)
    assert "AWS_PROFILE" in meant.message


def test_a_missing_region_is_a_setting() -> None:
    meant = failure_of(botocore.exceptions.NoRegionError(), ASKED)
    assert isinstance(meant, errors.ConfigError)
    assert "?region=" in meant.message


def test_a_bad_answer_is_a_lost_one() -> None:
    meant = failure_of(BadAnswer("short"), ASKED)
    assert isinstance(meant, errors.Unavailable)
    assert meant.maybe_done


def test_a_subclass_that_is_not_known_means_what_its_parent_does() -> None:
    class Newer(botocore.exceptions.ReadTimeoutError):
        pass

    Newer.__module__ = "botocore.exceptions"
    assert isinstance(failure_of(Newer(endpoint_url="x"), ASKED), errors.Unavailable)


def test_what_is_not_botocores_is_not_taken_for_it() -> None:
    class ReadTimeoutError(Exception):
        pass

    assert failure_of(ReadTimeoutError(), ASKED) is None
    with pytest.raises(ZeroDivisionError):
        repository_of(Order, Scripted(ZeroDivisionError())).get(("c", "1"))


def test_an_exception_from_within_botocores_parser_is_a_bad_answer() -> None:
    parser = botocore.parsers.JSONParser()
    try:
        parser.parse({"body": b"[1]", "status_code": 200, "headers": {}}, MODEL.shape_for("GetItemOutput"))
    except AttributeError as error:
        assert isinstance(failure_of(error, ASKED), errors.Unavailable)
    else:
        pytest.fail("the parser took a list for an object")


@pytest.mark.parametrize("model", [Order, Member])
def test_no_table_is_said_by_every_verb(model: type) -> None:
    missing = refused("ResourceNotFoundException")
    store = repository_of(model, Scripted(*[missing] * 4))
    key = ("c", "1") if model is Order else "a"
    for verb in (store.get, store.delete, store.exists):
        with pytest.raises(errors.ResourceMissing, match="orders"):
            verb(key)


def test_the_native_client_is_given() -> None:
    calls = Scripted()
    assert driver_of(Order, calls).native is calls.native
