"""
Blobs in Amazon S3, and in servers that speak its protocol.

    s3://bucket?region=eu-west-1
    s3://bucket/receipts?region=eu-west-1          keys are kept below receipts/
    s3://bucket?endpoint=http://127.0.0.1:9000&region=us-east-1

Credentials come from AWS's own chain, or from `credentials=`, never from the URL. Nothing is sent before the first
call.

Parameters:
    region: The bucket's AWS region; by default that of the environment.
    endpoint: The URL of another server that speaks S3's protocol; buckets are named in the path there.
    profile: A profile of the AWS configuration files.
    client: "lean", "boto3", or "auto" (by default): the lean client where it understands all settings, else boto3.
    insecure: "true" allows an endpoint that is `http://` on another machine.
    connect_timeout: Seconds to wait for a connection; by default 1.
    read_timeout: Seconds to wait for each piece of an answer; by default 10.
    parallel: How many parts of one blob are sent or fetched at once; by default 8.
    sse: How the bucket encrypts what is put: "AES256", "aws:kms" or "aws:kms:dsse"; by default as the bucket says.
    kms_key: The identifier or ARN of the KMS key, with sse=aws:kms.
    storage_class: Of what is put, such as "STANDARD_IA"; by default STANDARD.
    versions: "true" says that the bucket keeps versions, which `version=` reads; `provision()` turns them on.
    lacks: What the server at `endpoint` can't do, as names of capabilities with commas between, such as
        "conditional_copies": then it is refused before anything is sent.
"""

from .driver import open_blobs as open_blobs

__all__ = ["open_blobs"]
