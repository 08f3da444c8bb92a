"""
Records in Amazon DynamoDB.

    dynamodb://orders?region=eu-west-1
    dynamodb://?region=eu-west-1                   the table is named like the record class, in snake_case
    dynamodb://orders?endpoint=http://127.0.0.1:8000&region=eu-west-1
    dynamodb://arn:aws:dynamodb:eu-west-1:123456789012:table/orders

Credentials come from AWS's own chain, or from `credentials=`, never from the URL. Nothing is sent before the first
call.

Parameters:
    region: The AWS region; by default that of the environment.
    endpoint: The URL of another server that speaks DynamoDB's protocol.
    profile: A profile of the AWS configuration files.
    client: "lean", "boto3", or "auto" (by default): the lean client where it understands all settings, else boto3.
    insecure: "true" allows an endpoint that is `http://` on another machine.
    consistent: "true" makes every read by the table's own key strongly consistent.
    connect_timeout: Seconds to wait for a connection; by default 1.
    read_timeout: Seconds to wait for an answer; by default 2.
    parallel: How many requests of one batch or scan are sent at once; by default 8.
    meter: "true" asks for the read units that each page costs.
"""

from .driver import open_records as open_records

__all__ = ["open_records"]
