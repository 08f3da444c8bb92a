"""Every refusal of Parameter Store has its place in our table, and none shows the service's own words."""

from __future__ import annotations

from typing import Any

import botocore.exceptions
import botocore.session
import pytest

from holdall import errors
from holdall._frozen import replace
from holdall_adapters._aws.errors import BadAnswer, Lost, NoCredentials, Unreached
from holdall_adapters._aws.failures import failure_of
from holdall_adapters.ssm.client import SERVICE
from holdall_adapters.ssm.errors import CODES, Asked, error_of
from holdall_adapters.ssm.permissions import DECRYPTS, VERBS, rights_of

from .fakes import Scripted, config_of, refused

READ = Asked("GetParameters", "/shop/a", "eu-west-1")
WRITE = replace(READ, operation="PutParameter")
MODEL = botocore.session.get_session().get_service_model("ssm")
SHAPES = sorted({
    shape.name for operation in SERVICE.operations for shape in MODEL.operation_model(operation).error_shapes
})  # fmt: skip
# Those that the service sends of itself, whatever the operation.
COMMON = [
    "AccessDeniedException", "ExpiredTokenException", "IncompleteSignature", "InternalFailure", "InternalServerError",
    "InvalidClientTokenId", "InvalidSignatureException", "MissingAuthenticationToken", "NotAuthorized", "OptInRequired",
    "RequestExpired", "ServiceUnavailable", "SerializationException", "ThrottlingException",
    "UnknownOperationException", "UnrecognizedClientException", "ValidationError", "ValidationException",
]  # fmt: skip


@pytest.mark.parametrize("name", [*SHAPES, *COMMON])
def test_every_error_of_the_service_is_in_the_table(name: str) -> None:
    assert name in CODES


def test_the_model_knows_every_operation_in_use() -> None:
    assert set(SERVICE.operations) <= set(MODEL.operation_names)
    assert len(SHAPES) > 20


@pytest.mark.parametrize("asked", [READ, WRITE], ids=["read", "write"])
@pytest.mark.parametrize("code", CODES)
def test_every_rule_makes_its_error(code: str, asked: Asked) -> None:
    error = error_of(refused(code, "the service says hush"), asked)
    assert type(error) is CODES[code].error
    assert "{" not in error.message
    assert "hush" not in error.message
    assert (error.backend, error.request_id) == ("ssm", "request-1")


MEANINGS: dict[str, tuple[str, int, type[errors.HoldallError]]] = {
    "throttled": ("ThrottlingException", 400, errors.Throttled),
    "updates": ("TooManyUpdates", 400, errors.Throttled),
    "denied": ("AccessDeniedException", 400, errors.AccessDenied),
    "expired": ("ExpiredTokenException", 400, errors.AccessDenied),
    "no key": ("InvalidKeyId", 400, errors.ConfigError),
    "not there": ("ParameterNotFound", 400, errors.NotFound),
    "no version": ("ParameterVersionNotFound", 400, errors.NotFound),
    "taken": ("ParameterAlreadyExists", 400, errors.AlreadyExists),
    "other kind": ("HierarchyTypeMismatchException", 400, errors.InvalidArgument),
    "too many": ("ParameterLimitExceeded", 400, errors.TooLarge),
    "too many versions": ("ParameterMaxVersionLimitExceeded", 400, errors.TooLarge),
    "pattern": ("ParameterPatternMismatchException", 400, errors.InvalidArgument),
    "invalid": ("ValidationException", 400, errors.InvalidArgument),
    "unknown operation": ("UnknownOperationException", 400, errors.Unsupported),
    "500": ("InternalServerError", 500, errors.Unavailable),
    "unknown code, 503": ("Hiccup", 503, errors.Unavailable),
    "unknown code, 429": ("Hiccup", 429, errors.Throttled),
    "unknown code, 400": ("Hiccup", 400, errors.InvalidArgument),
    "unknown code, 307": ("Hiccup", 307, errors.ConfigError),
    "body cut, 400": ("400", 400, errors.Unavailable),
    "body cut, 500": ("500", 500, errors.Unavailable),
    "no code": ("", 400, errors.Unavailable),
}


@pytest.mark.parametrize("name", MEANINGS)
def test_a_refusal_means(name: str) -> None:
    code, status, expected = MEANINGS[name]
    assert type(error_of(refused(code, status=status), READ)) is expected


@pytest.mark.parametrize(("operation", "status", "done"), [
    ("PutParameter", 500, True), ("DeleteParameter", 503, True), ("LabelParameterVersion", 500, True),
    ("AddTagsToResource", 502, True), ("PutParameter", 400, False), ("GetParameter", 500, False),
    ("GetParameters", 503, False), ("GetParametersByPath", 500, False), ("GetParameterHistory", 500, False),
])  # fmt: skip
@pytest.mark.parametrize("code", ["InternalServerError", "Hiccup", "500"])
def test_only_a_write_that_failed_inside_the_service_may_be_done(
    operation: str, status: int, done: bool, code: str
) -> None:
    assert error_of(refused(code, status=status), replace(READ, operation=operation)).maybe_done is done


def test_a_throttled_write_was_not_done_whatever_the_status() -> None:
    assert not error_of(refused("ThrottlingException", status=503), WRITE).maybe_done


def test_the_wait_that_the_service_asks_for_is_told() -> None:
    assert error_of(refused("ThrottlingException", retry_after=2.5), READ).retry_after == 2.5


def test_a_denial_names_the_action_and_the_resource() -> None:
    message = error_of(refused("AccessDeniedException"), WRITE).message
    assert "ssm:PutParameter on arn:aws:ssm:eu-west-1:*:parameter/shop/a," in message
    assert "kms:Encrypt" in message
    assert "kms:Decrypt" in error_of(refused("AccessDeniedException"), READ).message


def test_a_denial_of_everything_below_a_path_names_the_path_and_what_is_below() -> None:
    asked = Asked("GetParametersByPath", "/shop", None)
    arn = "arn:aws:ssm:*:*:parameter/shop"
    assert f"on {arn} and {arn}/*" in error_of(refused("AccessDeniedException"), asked).message


def test_a_denial_of_a_shared_parameter_names_its_arn() -> None:
    arn = "arn:aws:ssm:eu-west-1:999988887777:parameter/team/port"
    assert f"on {arn}," in error_of(refused("AccessDeniedException"), replace(READ, place=arn)).message


def says(action: str, resource: str, user: str = "arn:aws:sts::1:assumed-role/fn") -> str:
    return (f"User: {user} is not authorized to perform: {action} on resource: {resource} because no identity-based "
            f"policy allows the {action} action")  # fmt: skip


KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PARAMETER = "arn:aws:ssm:eu-west-1:111122223333:parameter/shop/kms/key"


def test_a_denial_is_read_from_what_iam_says() -> None:
    message = error_of(refused("AccessDeniedException", says("ssm:GetParameters", PARAMETER)), READ).message
    assert f"allow the action ssm:GetParameters on {PARAMETER}," in message


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"])
@pytest.mark.parametrize("asked", [READ, WRITE], ids=["read", "write"])
def test_a_denial_of_kms_names_its_action_and_the_key(action: str, asked: Asked) -> None:
    error = error_of(refused("AccessDeniedException", says(action, KEY)), asked)
    assert type(error) is errors.AccessDenied
    assert f"KMS refuses {KEY}: allow {action} on it" in error.message
    assert "/shop/a" in error.message


@pytest.mark.parametrize(("resource", "user"), [
    (PARAMETER, "arn:aws:sts::1:assumed-role/fn"), ("arn:aws:ssm:x:1:parameter/a", "arn:aws:iam::1:user/kms"),
])  # fmt: skip
def test_what_is_only_called_kms_is_no_denial_of_kms(resource: str, user: str) -> None:
    message = error_of(refused("AccessDeniedException", says("ssm:GetParameters", resource, user)), READ).message
    assert "KMS refuses" not in message
    assert f"ssm:GetParameters on {resource}" in message


@pytest.mark.parametrize("words", [
    "The ciphertext refers to a customer master key that does not exist, or you are not allowed to access.",
    "User: x is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because ...",
    "Access denied (Service: AWSKMS; Status Code: 400)",
])
def test_a_key_that_is_not_told_is_recognised_as_kmss(words: str) -> None:
    message = error_of(refused("AccessDeniedException", words), READ).message
    assert "KMS refuses the key of a SecureString: allow kms:Decrypt" in message


def test_a_denial_of_a_secret_of_secrets_manager_names_its_action() -> None:
    words = says("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:1:secret:db-x")
    message = error_of(refused("AccessDeniedException", words), READ).message
    assert "the action secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:1:secret:db-x," in message


def test_the_words_of_the_service_about_what_is_no_secret_are_in_the_cause() -> None:
    with pytest.raises(errors.InvalidArgument) as caught:
        config_of(Scripted(refused("ValidationException", "it says hush"))).put("a", "x")
    assert "hush" not in str(caught.value)
    cause: Any = caught.value.__cause__
    assert cause.message == "it says hush"


LOST: dict[str, tuple[Exception, bool]] = {
    "unreached": (Unreached("x"), False), "lost": (Lost("x"), True), "garbled": (BadAnswer("x"), True),
    "no connection of botocore": (botocore.exceptions.EndpointConnectionError(endpoint_url="x"), False),
    "no answer to botocore": (botocore.exceptions.ReadTimeoutError(endpoint_url="x"), True),
}  # fmt: skip


@pytest.mark.parametrize("name", LOST)
def test_a_lost_answer_may_be_of_a_write_that_was_done(name: str) -> None:
    error, sent = LOST[name]
    written, read = failure_of(error, WRITE), failure_of(error, READ)
    assert isinstance(written, errors.Unavailable)
    assert isinstance(read, errors.Unavailable)
    assert (written.maybe_done, read.maybe_done) == (sent, False)
    assert "Parameter Store" in written.message


@pytest.mark.parametrize("error", [NoCredentials("x"), botocore.exceptions.NoCredentialsError()])
def test_missing_credentials_are_a_denial_that_says_what_would_be_allowed(error: Exception) -> None:
    meant = failure_of(error, READ)
    assert isinstance(meant, errors.AccessDenied)
    assert "ssm:GetParameters" in meant.message


def test_what_is_no_failure_of_a_client_is_raised_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        config_of(Scripted(ZeroDivisionError())).get("a")


def test_rights_cover_every_operation() -> None:
    assert {operation for operations in VERBS.values() for operation in operations} == set(SERVICE.operations)
    assert set(SERVICE.operations) >= DECRYPTS
    assert rights_of("`put` with tags") == ([], ["ssm:AddTagsToResource", "ssm:PutParameter"])
