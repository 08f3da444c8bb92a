"""Requests to a bucket that others send."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from holdall._frozen import replace

from .._aws.presigning import Signing, presigned

if TYPE_CHECKING:
    from holdall.blob_drivers import PresignAsked, Presigned

    from .bucket import Bucket


async def presign(bucket: Bucket, asked: PresignAsked) -> Presigned:
    """
    Return a request that anybody can send.

    Raises:
        AccessDenied: There are no keys to sign with.
        InvalidArgument: A form can't have the key.
    """
    identity = await bucket.identity()
    signing = Signing(identity.credentials, identity.region, int(time.time()))
    whole = replace(asked, key=bucket.prefix + asked.key)
    return presigned(signing, identity.endpoint, bucket.name, whole, own=identity.own)
