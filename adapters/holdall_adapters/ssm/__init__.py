"""
Parameters and secrets in AWS Systems Manager Parameter Store, and secrets of Secrets Manager by reference.

    ssm:///shop/prod?region=eu-west-1      those below /shop/prod; "db/port" is /shop/prod/db/port
    ssm:///?region=eu-west-1               named from the root; asked name by name
    ssm:///shop/prod?via=extension         through AWS's Parameters and Secrets Lambda extension

Names that begin with "/" are beyond the base, and so are ARNs of parameters that other accounts share; "db/port:3" is
a version and "db/port:blue" a label; "/aws/reference/secretsmanager/NAME" is a secret of Secrets Manager. SecureStrings
are decrypted. Credentials come from AWS's own chain, or from `credentials=`, never from the URL. Nothing is sent before
the first call.

Parameters:
    max_age: Seconds that what was read serves; by default 60. "never" reads once.
    max_stale: Seconds beyond it that it still serves while it can't be read anew; by default 86400, a day.
    by: "path" (by default) reads everything below the base at once, "name" what is asked for.
    kms_key: The KMS key of secrets that are put without one of their own: an identifier, alias or ARN. By default AWS's
        own, aws/ssm, also for a new version of what had another.
    via: "extension" asks the extension of the function first, and Parameter Store where that does not serve.
    region: The AWS region; by default that of the environment.
    endpoint: The URL of another server that speaks Parameter Store's protocol.
    profile: A profile of the AWS configuration files.
    client: "lean", "boto3", or "auto" (by default): the lean client where it understands all settings, else boto3.
    insecure: "true" allows an endpoint that is `http://` on another machine.
    connect_timeout: Seconds to wait for a connection; by default 1.
    read_timeout: Seconds to wait for an answer; by default 2.
    parallel: How many requests are sent at once; by default 8.
"""

from .driver import open_config as open_config

__all__ = ["open_config"]
