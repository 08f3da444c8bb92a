"""
Records in Aurora through the Data API: over HTTPS, without a connection and without a VPC.

    rds-data://arn:aws:rds:eu-west-1:123456789012:cluster:shop/database?secret=arn:aws:secretsmanager:...
    rds-data://shop/database?region=eu-west-1

The cluster is named by its ARN, or by its name, which is looked up on first use by boto3 (the role needs
`rds:DescribeDBClusters` for that).

Parameters:
    secret: The ARN of the secret with the database's user and password; by default the one that RDS manages for a
        cluster that is named by its name.
    dialect: "postgresql" or "mysql", as the cluster is; "postgresql" by default.
    table: The table; by default the record class's name in snake_case.
    region: The AWS region; by default that of the ARN, or of the environment.
    endpoint: The address of another server, for tests.
    profile: A profile of the AWS configuration.
    client: "lean", "boto3" or "auto"; see the page about the client in use.
    insecure: "true" allows an endpoint without TLS on another machine.
    connect_timeout: Seconds to wait for a connection; 1 by default.
    read_timeout: Seconds to wait for a statement's answer; 30 by default, and never past the deadline.
    parallel: Requests that may run at once; 8 by default.
"""

from .driver import open_records as open_records

__all__ = ["open_records"]
