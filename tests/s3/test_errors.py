"""Every refusal of S3 has its place in our table, and none shows the service's own words."""

from __future__ import annotations

import botocore.session
import pytest

from holdall import errors
from holdall_adapters._aws.errors import Refused
from holdall_adapters.s3.client import SERVICE
from holdall_adapters.s3.errors import CODES, Asked, error_of
from holdall_adapters.s3.permissions import ACTIONS, VERBS, rights_of

ASKED = Asked("PutObject", "shop", "receipts/")
MODEL = botocore.session.get_session().get_service_model("s3")
# Those that the documentation has and the model has not.
COMMON = ["AccessDenied", "InternalError", "SlowDown", "ServiceUnavailable", "RequestTimeout", "SignatureDoesNotMatch",
          "InvalidAccessKeyId", "ExpiredToken", "RequestTimeTooSkewed", "PreconditionFailed", "EntityTooLarge",
          "MetadataTooLarge", "KeyTooLongError", "PermanentRedirect", "ConditionalRequestConflict", "OperationAborted",
          "NotImplemented", "InvalidRange", "BadDigest", "NoSuchVersion"]  # fmt: skip


@pytest.mark.parametrize("name", [*(shape.name for shape in MODEL.error_shapes), *COMMON])
def test_every_error_of_the_service_is_in_the_table(name: str) -> None:
    assert name in CODES


def refused(code: str, status: int = 400, region: str | None = None) -> Refused:
    return Refused(code, "the service's words", status, "request-1", region=region)


@pytest.mark.parametrize("code", CODES)
def test_every_rule_makes_its_error(code: str) -> None:
    error = error_of(refused(code), ASKED)
    assert type(error) is CODES[code].error
    assert "{" not in error.message
    assert "words" not in error.message.replace("own words", "")
    assert (error.backend, error.request_id) == ("s3", "request-1")


def test_a_denial_names_the_action_and_the_resource() -> None:
    message = error_of(refused("AccessDenied", 403), ASKED).message
    assert "s3:PutObject on arn:aws:s3:::shop/receipts/*" in message
    listed = error_of(refused("AccessDenied", 403), Asked("ListObjectsV2", "shop", "receipts/")).message
    assert "s3:ListBucket on arn:aws:s3:::shop " in listed


def test_another_region_is_named() -> None:
    error = error_of(refused("PermanentRedirect", 301, "eu-west-1"), ASKED)
    assert isinstance(error, errors.ConfigError)
    assert "(eu-west-1)" in error.message


UNKNOWN = {
    429: errors.Throttled, 503: errors.Throttled, 500: errors.Unavailable, 302: errors.ConfigError,
    409: errors.InvalidArgument,
}  # fmt: skip


@pytest.mark.parametrize("status", UNKNOWN)
def test_an_unknown_code_is_told_by_its_status(status: int) -> None:
    error = error_of(refused("Surprise", status), ASKED)
    assert type(error) is UNKNOWN[status]
    assert error.maybe_done is (status == 500)


def test_rights_cover_every_operation() -> None:
    assert set(ACTIONS) == set(SERVICE.operations)
    in_use = {operation for operations in VERBS.values() for operation in operations}
    # A copy in parts sends what a put in parts does, and this.
    assert in_use | {"UploadPartCopy"} == set(SERVICE.operations)
    assert rights_of("`list`") == (["s3:ListBucket"], [])
